"""Returns: feedback, history, reminders"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'


def upgrade() -> None:
    op.create_table(
        "unit_events",
        sa.Column("event_number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("event_id", sa.String(length=24), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=True),
        sa.Column("period", sa.String(length=8), nullable=True),
        sa.Column("unit_id", sa.String(length=64), nullable=True),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("event_number", name=op.f("pk_unit_events")),
        sa.UniqueConstraint("event_id", name=op.f("uq_unit_events_event_id")),
        comment="The audit trail of each unit's return. Rows are added and never changed.",
    )
    with op.batch_alter_table("unit_events") as batch:
        batch.create_index(
            batch.f("ix_unit_events_programme_period_unit_id"), ["programme", "period", "unit_id"]
        )
    op.create_table(
        'returned_files',
        sa.Column('receipt_id', sa.String(length=24), nullable=False),
        sa.Column('kind', sa.String(length=16), nullable=False),
        sa.Column('channel', sa.String(length=16), nullable=False),
        sa.Column('actor', sa.String(length=64), nullable=False),
        sa.Column('state', sa.String(length=16), nullable=False),
        sa.Column('taken_at', sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(['receipt_id'], ['receipts.receipt_id'], name=op.f('fk_returned_files_receipt_id_receipts'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('receipt_id', name=op.f('pk_returned_files')),
        comment='Files sent to put a return right. What is only offered is judged and shown, and counts once it is taken.',
    )
