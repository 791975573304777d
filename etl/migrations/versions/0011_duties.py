"""What places and units owe beside their figures: plans, supervision, liaison visits"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "duty_records",
        sa.Column("record_id", sa.String(length=24), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("duty", sa.String(length=48), nullable=False),
        sa.Column("node_id", sa.String(length=128), nullable=False),
        sa.Column("done_on", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_duty_records")),
        comment="A duty of the programme done for a year: a plan made by a place or unit, a supervision or visit that it was given.",
    )
    op.create_index(op.f("ix_duty_records_programme_duty"), "duty_records", ["programme", "duty"])
