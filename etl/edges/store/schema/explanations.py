"""What people say about findings: explanations of warnings, waivers of held rows."""

import sqlalchemy as sa

from etl.edges.store.schema.base import metadata


def _bound_to() -> list[sa.Column[str]]:
    """What is bound: the id's parts in plain words, so that a row can be read without its finding."""
    return [
        sa.Column("programme", sa.String(64), nullable=False),
        sa.Column("unit_id", sa.String(128), nullable=False),
        sa.Column("subject_id", sa.Text, nullable=False),
        sa.Column("rule", sa.String(8), nullable=False),
        sa.Column("column_key", sa.String(96), nullable=False),
        sa.Column("observed", sa.Text, nullable=False),
    ]


explanations = sa.Table(
    "explanations",
    metadata,
    sa.Column("binding_id", sa.String(24), primary_key=True),
    *_bound_to(),
    sa.Column("period", sa.String(8), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Index(None, "programme"),
    comment="Why a value is right although a rule asks about it; holds while the value stays as it is.",
)

waivers = sa.Table(
    "waivers",
    metadata,
    sa.Column("binding_id", sa.String(24), primary_key=True),
    sa.Column("since_period", sa.String(8), primary_key=True),
    *_bound_to(),
    sa.Column("until_period", sa.String(8), nullable=False),  # included
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("tier", sa.String(32), nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("withdrawn_reason", sa.Text),
    sa.Column("withdrawn_by", sa.Text),
    sa.Column("withdrawn_at", sa.String(32)),
    sa.Index(None, "programme"),
    comment="A held row that counts as it is until a period, on the word of a tier.",
)
