"""The ledger of messages: whom we owe what, who let it go, what became of it, and the mail that came back."""

import sqlalchemy as sa

from etl.edges.store.schema.base import metadata

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("message_key", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),  # edition, erratum, feedback, answer, reminder
    sa.Column(
        "subject_id", sa.String(128), nullable=False
    ),  # the edition's id; for others what the letter is about
    sa.Column("recipient", sa.String(254), nullable=False),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("parts", sa.Integer, nullable=False),
    sa.Column("programme", sa.String(64), nullable=False),
    sa.Column("period", sa.String(8), nullable=False),
    sa.Column(
        "node_id", sa.String(128), nullable=False
    ),  # a node of the reporting tree, or the unit written to
    sa.Column("office", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),  # why this office is on the list
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("attachments", sa.JSON, nullable=False),  # file names
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("path", sa.Text, nullable=False),  # the .eml, below the outbox folder
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("last_error", sa.Text),
    sa.Column("queued_at", sa.String(32), nullable=False),
    sa.Column("released_at", sa.String(32)),
    sa.Column("claimed_at", sa.String(32)),
    sa.Column("settled_at", sa.String(32)),
    sa.UniqueConstraint("kind", "subject_id", "recipient", "part"),
    sa.Index(None, "programme", "period"),
    comment="Kind × subject × recipient (× part, where one mail would be too large): the same on every run.",
)

message_releases = sa.Table(
    "message_releases",
    metadata,
    sa.Column("message_key", sa.ForeignKey("messages.message_key", ondelete="CASCADE"), primary_key=True),
    sa.Column("person", sa.String(128), primary_key=True),
    sa.Column("automatic", sa.Boolean, nullable=False),
    sa.Column("released_at", sa.String(32), nullable=False),
    comment="Who let a message go; the programme says how many different persons it takes.",
)

message_events = sa.Table(
    "message_events",
    metadata,
    sa.Column("event_id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("message_key", sa.ForeignKey("messages.message_key", ondelete="CASCADE"), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("actor", sa.Text, nullable=False),  # a person's login, or the part of the program
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Index(None, "message_key"),
    comment="Every move of every message, appended only.",
)

inbound_mails = sa.Table(
    "inbound_mails",
    metadata,
    sa.Column("inbound_id", sa.String(64), primary_key=True),  # SHA-256 of the raw message
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),  # bounce, read_receipt, reply, unknown
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("message_key", sa.String(32)),  # the message of ours that it answers, if any
    sa.Column("outcome", sa.String(16), nullable=False),  # taken, noted, refused, ignored
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("attachment_sha256", sa.String(64)),
    sa.Column("read_at", sa.String(32), nullable=False),
    sa.Index(None, "message_id"),
    sa.Index(None, "attachment_sha256"),
    comment="Mail that came in, each once: a second copy of the same mail or workbook is a replay.",
)
