"""Files sent to put a return right: offered first, in force once they are taken."""

import datetime as dt

import sqlalchemy as sa

from etl.core.rows import NewReceipt
from etl.edges.feeds import CHINA
from etl.edges.store.schema import receipts, returned_files
from etl.edges.store.writing import insert_new


def offer(store: sa.Engine, receipt: NewReceipt, kind: str, channel: str, actor: str) -> None:
    """Keep a new receipt as one that is only offered; a known one stays as it is."""
    with store.begin() as connection:
        if not insert_new(connection, receipts, [{**receipt, "status": "offered"}]):
            return
        row = {"receipt_id": receipt["receipt_id"], "kind": kind, "channel": channel, "actor": actor}
        connection.execute(sa.insert(returned_files), {**row, "state": "offered", "taken_at": None})


def status_of(store: sa.Engine, receipt_id: str) -> str | None:
    """The status of a receipt; None if it was never received."""
    with store.connect() as connection:
        status: str | None = connection.scalar(
            sa.select(receipts.c.status).where(receipts.c.receipt_id == receipt_id)
        )
    return status


def fixes_of(store: sa.Engine, programme: str, period: str, unit_id: str) -> frozenset[str]:
    """The ids of a unit's receipts that are no files of its own but values put right on the page."""
    mine = {"programme": programme, "period": period, "unit_id": unit_id}
    statement = (
        sa.select(receipts.c.receipt_id)
        .join(returned_files, returned_files.c.receipt_id == receipts.c.receipt_id)
        .where(*(receipts.c[name] == value for name, value in mine.items()), returned_files.c.kind == "fix")
    )
    with store.connect() as connection:
        return frozenset(connection.scalars(statement))


def take(store: sa.Engine, receipt_id: str, kind: str, channel: str, actor: str, at: dt.datetime) -> None:
    """Let a file count from now on: one that is offered, or one that a newer one had replaced. One in force stays as it is."""
    row = {"kind": kind, "channel": channel, "actor": actor, "state": "taken"}
    row["taken_at"] = at.astimezone(CHINA).isoformat()
    mine = returned_files.c.receipt_id == receipt_id
    with store.begin() as connection:
        status = connection.scalar(
            sa.select(receipts.c.status).where(receipts.c.receipt_id == receipt_id).with_for_update()
        )
        if status not in ("offered", "superseded"):
            return
        connection.execute(sa.delete(returned_files).where(mine))
        connection.execute(sa.insert(returned_files), {"receipt_id": receipt_id, **row})
        connection.execute(
            sa.update(receipts).where(receipts.c.receipt_id == receipt_id).values(status="read")
        )
