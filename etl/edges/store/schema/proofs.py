"""What an edition was made from, and what the lint said of it."""

import sqlalchemy as sa

from etl.edges.store.schema.base import metadata


def _edition() -> sa.Column[str]:
    return sa.Column("edition_id", sa.ForeignKey("editions.edition_id", ondelete="CASCADE"), primary_key=True)


edition_inputs = sa.Table(
    "edition_inputs",
    metadata,
    _edition(),
    sa.Column("path", sa.Text, nullable=False),  # JSON in the landing, shared by the editions of one run
    comment="What an edition was made from: slices of its periods, digest of the programme, version of the code.",
)

edition_checks = sa.Table(
    "edition_checks",
    metadata,
    _edition(),
    sa.Column("faults", sa.Integer, nullable=False),
    comment="The last lint of an edition; with faults it does not leave.",
)

edition_faults = sa.Table(
    "edition_faults",
    metadata,
    _edition(),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("rule", sa.String(32), nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("sentence", sa.Text, nullable=False),
    sa.Column("found", sa.Text, nullable=False),
    sa.Column("expected", sa.Text, nullable=False),
    comment="What keeps an edition back: the sentence, what stands in it, what the store says.",
)
