"""What happened to the units' returns, and who did it."""

import sqlalchemy as sa

from etl.edges.store.schema.base import metadata, slice_key

unit_events = sa.Table(
    "unit_events",
    metadata,
    sa.Column("event_number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("event_id", sa.String(24), nullable=False, unique=True),
    *slice_key(),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("actor", sa.Text, nullable=False),  # an account, or the mailbox that answered; never a person's name
    sa.Column("event", sa.String(32), nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Index(None, "programme", "period", "unit_id"),
    comment="The audit trail of each unit's return. Rows are added and never changed.",
)

returned_files = sa.Table(
    "returned_files",
    metadata,
    sa.Column("receipt_id", sa.ForeignKey("receipts.receipt_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),  # workbook, file, fix
    sa.Column("channel", sa.String(16), nullable=False),  # command, page, mail, feed
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # offered, taken
    sa.Column("taken_at", sa.String(32)),
    comment="Files sent to put a return right. What is only offered is judged and shown, and counts once it is taken.",
)
