"""Read: raw files → text tables with addresses, and what is wrong with a file as such."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from etl.core.rows import NewFinding, NewReceipt, ReceiptRow
from etl.core.tables import FileFinding, Reading, read_file
from etl.edges.reading_rules import reading_levels
from etl.edges.store.receipts import (
    ReceiptReading,
    TextFile,
    current_texts,
    keep_readings,
    mark_superseded,
    receipts_of,
    texts_of,
)
from etl.edges.texts import TextFiles
from etl.stages.context import Context
from etl.stages.resting import resting_reading, rests_on_others
from etl.stages.returns import record_checking, record_superseded

Row = dict[str, Any]
READER_VERSION = 2
"""Raised when the reader comes to read a file otherwise: files are then read anew."""


def read(
    context: Context, batch_id: str | None, progress: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Read every receipt of a batch that has not been read under the layout in force; the rest stays as it is.

    Lost, once all others are read, for receipts of which the delivered bytes are gone and which still count.
    """
    unit_ids = context.unit_ids(batch_id)
    receipts, read_as = receipts_of(context.store, *context.key, unit_ids), _read_as(context)
    lost = _lost(context, texts_of(context.store, {receipt["receipt_id"] for receipt in receipts}))
    unread = [each for each in receipts if each["layout_digest"] != read_as or each["receipt_id"] in lost]
    gone = _gone(context, unread)
    unread = [each for each in unread if each["receipt_id"] not in gone]
    record_checking(context, unread)
    readings = read_receipts(context, unread, progress)
    mark_superseded(context.store, *context.key, unit_ids)
    record_superseded(context, unit_ids)
    if gone:
        _demand(context, [each for each in receipts_of(context.store, *context.key, unit_ids) if each["receipt_id"] in gone])
    return {
        "receipts": len(readings),
        "rows": sum(table["rows_in"] for reading in readings for table in reading.tables),
        "findings": sum(len(reading.findings) for reading in readings),
    }


def texts_in_force(context: Context, unit_ids: Iterable[str] | None = None) -> list[TextFile]:
    """The tables that count now, of all units or of some, each as the layout in force reads it.

    Whoever judges asks here: after an upgrade a form may have a column more, and what was read before lacks it. Such files
    are read anew from the bytes that were delivered, and so are those of which the text is lost, among them what a newer one
    rests on. What was never read is left to the stage.
    """
    ids = None if unit_ids is None else list(unit_ids)
    receipts, now = receipts_of(context.store, *context.key, ids), _read_as(context)
    lost = _lost(context, texts_of(context.store, [each["receipt_id"] for each in receipts]))
    outdated = [
        each for each in receipts if each["layout_digest"] not in (None, now) or each["receipt_id"] in lost
    ]
    gone = _gone(context, outdated)
    outdated = [each for each in outdated if _counts(each) or each["receipt_id"] not in gone]
    if outdated:
        _demand(context, outdated)
        read_receipts(context, outdated)
    return current_texts(context.store, *context.key, ids)


def read_receipts(
    context: Context, receipts: Sequence[NewReceipt], progress: Callable[[str], None] = lambda _: None
) -> list[ReceiptReading]:
    """Read receipts, given oldest first, and keep what came of them. Those that rest on others come after all others.

    One thread reads while this one packs what was read. A second reader would be no faster: half of reading is Python, and
    two threads that wait for each other's turn take a third more processor time.
    """
    layout = context.bundle.layout(context.period)
    resting: dict[str, tuple[bytes, Reading]] = {}

    def read_one(receipt: NewReceipt) -> Reading | None:
        content = context.landing.raw(receipt["sha256"])
        reading = read_file(content, receipt["file_name"], layout)
        progress(receipt["unit_code"])
        if rests_on_others(content, reading):
            resting[receipt["receipt_id"]] = content, reading
            return None
        return reading

    with ThreadPoolExecutor(max_workers=1) as pool:
        readings = _keep(context, zip(receipts, pool.map(read_one, receipts), strict=True))
    for receipt in (each for each in receipts if each["receipt_id"] in resting):
        reading = resting_reading(context, receipt["unit_id"], *resting[receipt["receipt_id"]])
        readings += _keep(context, [(receipt, reading)])
    return readings


def _keep(context: Context, found: Iterable[tuple[NewReceipt, Reading | None]]) -> list[ReceiptReading]:
    """Keep what came of receipts: their text tables in one file a record type, the rest in the store."""
    texts, readings = TextFiles(), []
    for receipt, reading in found:
        if reading is not None:
            for table in reading.tables:
                texts.add(table.table, receipt["receipt_id"], table.cells)
            readings.append(_receipt_reading(context, receipt, reading))
    paths = texts.keep(context.landing)
    for row in (table for reading in readings for table in reading.tables):
        row["text_path"] = paths[row["table_name"]]
    keep_readings(context.store, _read_as(context), readings)
    return readings


def _gone(context: Context, receipts: Sequence[ReceiptRow]) -> set[str]:
    """Those of some receipts of which the delivered bytes are gone from the landing."""
    raw_path = context.landing.raw_path
    gone = context.landing.gone(raw_path(each["sha256"]) for each in receipts)
    return {each["receipt_id"] for each in receipts if raw_path(each["sha256"]) in gone}


def _counts(receipt: ReceiptRow) -> bool:
    """Whether a receipt counts, or will once it is read: what was replaced does not, nor what waits until it is sent again."""
    return receipt["status"] not in ("superseded", "offered")


def _demand(context: Context, receipts: Iterable[ReceiptRow]) -> None:
    """Lost, with their units, if the bytes of receipts are gone that count, or will once they are read."""
    counting = [each for each in receipts if _counts(each)]
    context.landing.demand(
        {context.landing.raw_path(each["sha256"]): f"{each['period']} {each['unit_code']}" for each in counting}
    )


def _lost(context: Context, texts: Sequence[TextFile]) -> set[str]:
    """The receipts of those text tables that are gone from the landing."""
    gone = context.landing.gone(text.text_path for text in texts)
    return {text.receipt_id for text in texts if text.text_path in gone}


def _read_as(context: Context) -> str:
    return f"{READER_VERSION}-{context.bundle.layout(context.period).digest}"[:64]


def _receipt_reading(context: Context, receipt: NewReceipt, reading: Reading) -> ReceiptReading:
    batch_id = context.register.unit(receipt["unit_id"]).batch_id
    found = [_finding(receipt, finding, batch_id) for finding in reading.findings]
    return ReceiptReading(receipt["receipt_id"], _tables(receipt, reading), found)


def _tables(receipt: NewReceipt, reading: Reading) -> list[Row]:
    return [
        {
            "receipt_id": receipt["receipt_id"],
            "table_name": table.table,
            "sheet": table.sheet,
            "rows_in": table.rows_in,
            "rows_blank": table.rows_blank,
            "columns": {key: [place.heading, place.letter] for key, place in table.columns.items()},
        }
        for table in reading.tables
    ]


def _finding(receipt: NewReceipt, finding: FileFinding, batch_id: str) -> NewFinding:
    return {
        "programme": receipt["programme"],
        "period": receipt["period"],
        "unit_id": receipt["unit_id"],
        "stage": "read",
        "batch_id": batch_id,
        "receipt_id": receipt["receipt_id"],
        "subject_id": None,
        "table_name": None,
        "sheet": finding.sheet,
        "row_number": finding.row,
        "column_letter": finding.column,
        "heading": None,
        "column_key": None,
        "rule": finding.rule,
        "level": reading_levels()[finding.rule],
        "observed": finding.observed,
        "expected": finding.expected,
    }
