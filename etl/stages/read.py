"""Read: raw files → text tables with addresses, and what is wrong with a file as such."""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from etl.core.reading.tables import FileFinding
from etl.core.rows import NewFinding, NewReceipt, ReceiptRow
from etl.edges.readers import FileRead, pack, read_files
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
from etl.progress import Progress, silent
from etl.stages.context import Context
from etl.stages.resting import resting_reading
from etl.stages.returns import record_checking, record_superseded

READER_VERSION = 2
"""Raised when the reader comes to read a file otherwise: files are then read anew."""


def read(
    context: Context, batch_id: str | None, progress: Progress = silent
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
    readings = read_receipts(context, unread, progress, _processes(batch_id))
    mark_superseded(context.store, *context.key, unit_ids)
    record_superseded(context, unit_ids)
    if gone:
        _demand(context, [each for each in receipts_of(context.store, *context.key, unit_ids) if each["receipt_id"] in gone])
    return {
        "receipts": len(readings),
        "rows": sum(table["rows_in"] for reading in readings for table in reading.tables),
        "findings": sum(len(reading.findings) for reading in readings),
    }


def _processes(batch_id: str | None) -> int:
    """All cores are for whoever reads a programme at once. Of batches several are read at a time, by Airflow, in whose tasks
    no further process can be started: it would begin as Airflow does, and a task does not have what that needs."""
    return 1 if batch_id else os.cpu_count() or 1


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
    context: Context,
    receipts: Sequence[NewReceipt],
    progress: Progress = silent,
    processes: int = 1,
) -> list[ReceiptReading]:
    """Read receipts, given oldest first, and keep what came of them. Those that rest on others come after all others."""
    layout = context.bundle.layout(context.period)
    by_id = {receipt["receipt_id"]: receipt for receipt in receipts}
    found = read_files(context.landing, layout, receipts, lambda _: progress(len(receipts)), processes)
    readings = _keep(context, by_id, [each for each in found if each.resting is None])
    for each in found:
        if each.resting is not None:
            reading = resting_reading(context, by_id[each.receipt_id]["unit_id"], *each.resting)
            readings += _keep(context, by_id, pack(context.landing, [(each.receipt_id, reading)]))
    return readings


def _keep(
    context: Context, receipts: Mapping[str, NewReceipt], found: Sequence[FileRead]
) -> list[ReceiptReading]:
    """Keep in the store what came of receipts."""
    readings = [_receipt_reading(context, receipts[each.receipt_id], each) for each in found]
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


def _receipt_reading(context: Context, receipt: NewReceipt, read: FileRead) -> ReceiptReading:
    batch_id = context.register.unit(receipt["unit_id"]).batch_id
    findings = [_finding(receipt, finding, batch_id) for finding in read.findings]
    return ReceiptReading(receipt["receipt_id"], read.tables, findings)


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
        "shown": None,
        "expected": finding.expected,
    }
