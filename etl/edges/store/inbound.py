"""Mail that came in, each once: what it was and what came of it. A second copy is known by its id or its workbook."""

from typing import Any

import sqlalchemy as sa

from etl.edges.store.schema import inbound_mails
from etl.edges.store.writing import insert_new

Row = dict[str, Any]


def is_known(store: sa.Engine, inbound_id: str) -> bool:
    """Whether these very bytes have been taken up before."""
    statement = sa.select(inbound_mails.c.inbound_id).where(inbound_mails.c.inbound_id == inbound_id)
    with store.connect() as connection:
        return connection.scalar(statement) is not None


def is_replayed(store: sa.Engine, message_id: str, attachment_sha256: str | None) -> bool:
    """Whether a mail with this Message-ID, or with this workbook, was taken before."""
    same = inbound_mails.c.message_id == message_id if message_id else sa.false()
    if attachment_sha256:
        same = sa.or_(same, inbound_mails.c.attachment_sha256 == attachment_sha256)
    statement = sa.select(inbound_mails.c.inbound_id).where(same, inbound_mails.c.outcome == "taken").limit(1)
    with store.connect() as connection:
        return connection.scalar(statement) is not None


def record_inbound(store: sa.Engine, row: Row) -> None:
    """Keep what came of a mail; one that is there already stays as it is."""
    with store.begin() as connection:
        insert_new(connection, inbound_mails, [row])
