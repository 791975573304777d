"""Files sent to put a return right: offered first, in force once they are taken."""

import datetime as dt
from typing import Any

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


def counts_since(receipt: sa.FromClause) -> sa.ColumnElement[str]:
    """Since when a receipt counts, of `receipts` or an alias of it: its arrival, or when it was taken after that.

    The same bytes again are the same receipt: what was replaced and is taken once more counts after what had replaced it.
    """
    taken = sa.select(returned_files.c.taken_at).where(returned_files.c.receipt_id == receipt.c.receipt_id)
    return sa.func.coalesce(taken.correlate(receipt).scalar_subquery(), receipt.c.arrived_at)


def turn(receipt: sa.FromClause) -> tuple[sa.ColumnElement[Any], ...]:
    """By which receipts follow one another: of two that carry the same table the later one counts."""
    return counts_since(receipt), receipt.c.file_name, receipt.c.receipt_id


def take(store: sa.Engine, receipt_id: str, kind: str, channel: str, actor: str, at: dt.datetime) -> None:
    """Let a file count from now on: one that is offered, or one that a newer one had replaced. One in force stays as it is.

    It comes after all of the unit's that counted so far, also after what was taken in the same second or bears a later hour.
    """
    row = {"kind": kind, "channel": channel, "actor": actor, "state": "taken"}
    mine = returned_files.c.receipt_id == receipt_id
    with store.begin() as connection:
        status = connection.scalar(
            sa.select(receipts.c.status).where(receipts.c.receipt_id == receipt_id).with_for_update()
        )
        if status not in ("offered", "superseded"):
            return
        row["taken_at"] = _after_all(connection, receipt_id, at).astimezone(CHINA).isoformat()
        connection.execute(sa.delete(returned_files).where(mine))
        connection.execute(sa.insert(returned_files), {"receipt_id": receipt_id, **row})
        connection.execute(
            sa.update(receipts).where(receipts.c.receipt_id == receipt_id).values(status="read")
        )


_JUDGED = ("read", "current", "superseded")


def _after_all(connection: sa.Connection, receipt_id: str, at: dt.datetime) -> dt.datetime:
    """The hour, or the second after the last since which anything of the unit that was read counts, if that is later.

    A file that is not read yet was no part of what was judged: its own hour says whether it comes after.
    """
    other = receipts.alias()
    whose = (receipts.c[name] == other.c[name] for name in ("programme", "period", "unit_id"))
    others = sa.select(counts_since(other)).join(receipts, sa.and_(*whose)).where(
        receipts.c.receipt_id == receipt_id, other.c.receipt_id != receipt_id, other.c.status.in_(_JUDGED),
    )
    hours = [dt.datetime.fromisoformat(since).replace(microsecond=0) for since in connection.scalars(others)]
    return max([at, *(hour + dt.timedelta(seconds=1) for hour in hours)])
