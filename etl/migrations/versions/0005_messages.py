"""Messages and their fate"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("message_key", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=128), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("node_id", sa.String(length=128), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("queued_at", sa.String(length=32), nullable=False),
        sa.Column("released_at", sa.String(length=32), nullable=True),
        sa.Column("claimed_at", sa.String(length=32), nullable=True),
        sa.Column("settled_at", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("message_key", name=op.f("pk_messages")),
        sa.UniqueConstraint(
            "kind", "subject_id", "recipient", "part", name=op.f("uq_messages_kind_subject_id_recipient_part")
        ),
        comment="Kind × subject × recipient (× part, where one mail would be too large): the same on every run.",
    )
    op.create_index(op.f("ix_messages_programme_period"), "messages", ["programme", "period"])
    op.create_table(
        "message_releases",
        sa.Column("message_key", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("released_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_key"],
            ["messages.message_key"],
            name=op.f("fk_message_releases_message_key"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("message_key", "person", name=op.f("pk_message_releases")),
        comment="Who let a message go; the programme says how many different persons it takes.",
    )
    op.create_table(
        "message_events",
        sa.Column("event_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("message_key", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_key"],
            ["messages.message_key"],
            name=op.f("fk_message_events_message_key"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_message_events")),
        comment="Every move of every message, appended only.",
    )
    op.create_index(op.f("ix_message_events_message_key"), "message_events", ["message_key"])
    op.create_table(
        "inbound_mails",
        sa.Column("inbound_id", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("message_key", sa.String(length=32), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("attachment_sha256", sa.String(length=64), nullable=True),
        sa.Column("read_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("inbound_id", name=op.f("pk_inbound_mails")),
        comment="Mail that came in, each once: a second copy of the same mail or workbook is a replay.",
    )
    op.create_index(op.f("ix_inbound_mails_message_id"), "inbound_mails", ["message_id"])
    op.create_index(op.f("ix_inbound_mails_attachment_sha256"), "inbound_mails", ["attachment_sha256"])
    _keep_deliveries()
    op.drop_table("deliveries")


def _keep_deliveries() -> None:
    """What the older ledger had written to the outbox goes on as queued: nothing of it had left by our hands.

    The older key stands in the Message-ID; what it did not know (size, subject) is empty.
    """
    op.execute(
        """
        INSERT INTO messages (message_key, kind, subject_id, recipient, part, parts, programme, period, node_id, office,
                              reason, message_id, subject, attachments, size, path, state, tries, queued_at)
        SELECT substr(d.message_id, 2, 32), 'edition', d.edition_id, d.recipient, 1, 1, e.programme, e.period, e.node_id,
               d.office, '', d.message_id, '', '[]', 0, e.programme || '/' || e.period || '/' || d.path, 'queued', 0,
               e.issued_on
        FROM deliveries d JOIN editions e ON e.edition_id = d.edition_id
        WHERE d.state = 'written'
        """
    )
