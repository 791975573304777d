"""Explanations, waivers"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("findings") as batch:
        batch.add_column(sa.Column("finding_key", sa.String(length=12), nullable=False, server_default=""))
        batch.add_column(sa.Column("subject_id", sa.String(length=64), nullable=True))
        batch.create_index(batch.f("ix_findings_finding_key"), ["finding_key"])
    op.create_table(
        "explanations",
        sa.Column("binding_id", sa.String(length=24), nullable=False),
        *_bound_to(),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("binding_id", name=op.f("pk_explanations")),
        comment="Why a value is right although a rule asks about it; holds while the value stays as it is.",
    )
    op.create_table(
        "waivers",
        sa.Column("binding_id", sa.String(length=24), nullable=False),
        sa.Column("since_period", sa.String(length=8), nullable=False),
        *_bound_to(),
        sa.Column("until_period", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("tier", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=64), nullable=True),
        sa.Column("withdrawn_at", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("binding_id", "since_period", name=op.f("pk_waivers")),
        comment="A held row that counts as it is until a period, on the word of a tier.",
    )
    for name in ("explanations", "waivers"):
        op.create_index(op.f(f"ix_{name}_programme"), name, ["programme"])


def _bound_to() -> list[sa.Column[str]]:
    return [
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("unit_id", sa.String(length=128), nullable=False),
        sa.Column("subject_id", sa.String(length=128), nullable=False),
        sa.Column("rule", sa.String(length=8), nullable=False),
        sa.Column("column_key", sa.String(length=96), nullable=False),
        sa.Column("observed", sa.Text(), nullable=False),
    ]
