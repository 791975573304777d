"""Receipts and what was read out of them."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from etl.core.rows import NewFinding, NewReceipt, ReceiptRow
from etl.edges.store.findings import insert_findings
from etl.edges.store.queries import fetch_rows, of_period
from etl.edges.store.returned_files import turn
from etl.edges.store.schema import findings, receipt_tables, receipts
from etl.edges.store.writing import insert_new

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TextFile:
    """One table of one receipt as text in the landing."""

    receipt_id: str
    unit_id: str
    table_name: str
    sheet: str
    rows_in: int
    rows_blank: int
    columns: dict[str, list[str]]
    text_path: str


def receipt_id(programme: str, period: str, unit_id: str, sha256: str) -> str:
    """The id of a delivery: the same bytes of the same unit for the same period are the same receipt."""
    return hashlib.sha256("|".join((programme, period, unit_id, sha256)).encode()).hexdigest()[:24]


def add_receipts(store: sa.Engine, rows: Sequence[NewReceipt]) -> list[str]:
    """Keep new receipts and leave known ones as they are; gives back the ids of the new ones."""
    with store.begin() as connection:
        return insert_new(connection, receipts, rows)


def receipts_of(
    store: sa.Engine, programme: str, period: str, unit_ids: Iterable[str] | None = None
) -> list[ReceiptRow]:
    """The receipts of a period, or of some of its units, in the order in which they came, oldest first."""
    came = (receipts.c.arrived_at, receipts.c.file_name, receipts.c.receipt_id)
    return fetch_rows(store, _receipts(programme, period, unit_ids).order_by(*came), ReceiptRow)


def receipts_in_turn(
    store: sa.Engine, programme: str, period: str, unit_ids: Iterable[str] | None = None
) -> list[ReceiptRow]:
    """The same in the order in which they count: what was taken stands where it was taken, the newest last."""
    return fetch_rows(store, _receipts(programme, period, unit_ids).order_by(*turn(receipts)), ReceiptRow)


def _receipts(programme: str, period: str, unit_ids: Iterable[str] | None) -> sa.Select[Any]:
    statement = sa.select(receipts).where(of_period(receipts, programme, period))
    return statement if unit_ids is None else statement.where(receipts.c.unit_id.in_(list(unit_ids)))


@dataclass(frozen=True, slots=True)
class ReceiptReading:
    """What came out of one receipt: rows of `receipt_tables` and of `findings`."""

    receipt_id: str
    tables: Sequence[Row]
    findings: Sequence[NewFinding]


def keep_readings(store: sa.Engine, layout_digest: str, readings: Sequence[ReceiptReading]) -> None:
    """Replace what was read out of receipts, in one transaction: their tables, their findings, their status."""
    if not readings:
        return
    mine: sa.BindParameter[str] = sa.bindparam("receipt")
    with store.begin() as connection:
        ids = sorted(reading.receipt_id for reading in readings)
        mine_now = sa.select(receipts.c.receipt_id).where(receipts.c.receipt_id.in_(ids)).order_by(receipts.c.receipt_id)
        connection.execute(mine_now.with_for_update()).all()  # who reads the same receipt waits, and replaces what is there
        keys = [{"receipt": each} for each in ids]
        connection.execute(sa.delete(receipt_tables).where(receipt_tables.c.receipt_id == mine), keys)
        connection.execute(
            sa.delete(findings).where(findings.c.receipt_id == mine, findings.c.stage == "read"), keys
        )
        insert_findings(connection, [row for reading in readings for row in reading.findings])
        tables = [row for reading in readings for row in reading.tables]
        if tables:
            connection.execute(sa.insert(receipt_tables), tables)
        connection.execute(
            sa.update(receipts)
            .where(receipts.c.receipt_id == mine)
            .values(status=_AS_IT_STOOD, layout_digest=layout_digest),
            [
                {"receipt": reading.receipt_id, "new_status": "read" if reading.tables else "unreadable"}
                for reading in readings
            ],
        )


_NEW: sa.BindParameter[str] = sa.bindparam("new_status")
_READ_BEFORE = sa.or_(receipts.c.status == "current", receipts.c.status == "superseded")
_AS_IT_STOOD = sa.case(
    (receipts.c.status == "offered", receipts.c.status),  # read anew or not, it waits until somebody takes it
    (sa.and_(_READ_BEFORE, _NEW == "read"), receipts.c.status),
    else_=_NEW,
)


def current_texts(
    store: sa.Engine, programme: str, period: str, unit_ids: Iterable[str] | None = None
) -> list[TextFile]:
    """For each unit, or each of some, and table the newest readable receipt that carries it, in unit and table order.

    A file that is only offered does not count; one that was taken counts from then on.
    """
    statement = (
        sa.select(receipts.c.unit_id, receipt_tables)
        .join(receipt_tables, receipts.c.receipt_id == receipt_tables.c.receipt_id)
        .where(of_period(receipts, programme, period), receipts.c.status != "offered")
        .order_by(*turn(receipts))
    )
    if unit_ids is not None:
        statement = statement.where(receipts.c.unit_id.in_(list(unit_ids)))
    newest = {(text.unit_id, text.table_name): text for text in fetch_rows(store, statement, TextFile)}
    return [newest[key] for key in sorted(newest)]


def texts_of(store: sa.Engine, receipt_ids: Iterable[str]) -> list[TextFile]:
    """The text tables of some receipts, whether they count or not."""
    statement = (
        sa.select(receipts.c.unit_id, receipt_tables)
        .join(receipt_tables, receipts.c.receipt_id == receipt_tables.c.receipt_id)
        .where(receipts.c.receipt_id.in_(list(receipt_ids)))
        .order_by(receipts.c.receipt_id, receipt_tables.c.table_name)
    )
    return fetch_rows(store, statement, TextFile)


def mark_superseded(store: sa.Engine, programme: str, period: str, unit_ids: Iterable[str]) -> None:
    """Set the status of some units' readable receipts: current if any of their tables is the newest, else superseded.

    Only of these units: batches are read at the same time, and each knows only its own newest receipts for sure.
    """
    ids = list(unit_ids)
    current = {text.receipt_id for text in current_texts(store, programme, period, ids)}
    mine = sa.and_(of_period(receipts, programme, period), receipts.c.unit_id.in_(ids))
    with store.begin() as connection:
        for status, condition in (
            ("current", receipts.c.receipt_id.in_(current)),
            ("superseded", receipts.c.receipt_id.not_in(current)),
        ):
            readable = receipts.c.status.in_(["read", "current", "superseded"])
            connection.execute(sa.update(receipts).where(mine, readable, condition).values(status=status))
