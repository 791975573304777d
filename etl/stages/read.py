"""Read: raw files → text tables with addresses, and what is wrong with a file as such."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from etl.core.tables import FileFinding, Reading, read_file
from etl.edges.reading_rules import reading_levels
from etl.edges.store.receipts import ReceiptReading, keep_readings, mark_superseded, receipts_of
from etl.stages.context import Context
from etl.stages.returns import record_checking, record_superseded

READER_VERSION = 1
"""Raised when the reader comes to read a file otherwise: files are then read anew."""


def read(
    context: Context, batch_id: str | None, progress: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Read every receipt of a batch that has not been read under the layout in force; the rest stays as it is.

    Files are read side by side in threads, since most of the time goes into libraries that let other threads run.
    """
    layout = context.bundle.layout(context.period)
    read_as = f"{READER_VERSION}-{layout.digest}"[:64]
    batches = {unit.unit_id: unit.batch_id for unit in context.register.units}
    unit_ids = context.unit_ids(batch_id)
    unread = [r for r in receipts_of(context.store, *context.key, unit_ids) if r["layout_digest"] != read_as]
    record_checking(context, unread)

    def read_one(receipt: dict[str, Any]) -> ReceiptReading:
        reading = read_file(context.landing.raw(receipt["sha256"]), receipt["file_name"], layout)
        found = [_finding(receipt, finding, batches[receipt["unit_id"]]) for finding in reading.findings]
        progress(receipt["unit_code"])
        return ReceiptReading(receipt["receipt_id"], _tables(context, receipt, reading), found)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        readings = list(pool.map(read_one, unread))
    keep_readings(context.store, read_as, readings)
    mark_superseded(context.store, *context.key, unit_ids)
    record_superseded(context, unit_ids)
    return {
        "receipts": len(readings),
        "rows": sum(table["rows_in"] for reading in readings for table in reading.tables),
        "findings": sum(len(reading.findings) for reading in readings),
    }


def _tables(context: Context, receipt: dict[str, Any], reading: Reading) -> list[dict[str, Any]]:
    return [
        {
            "receipt_id": receipt["receipt_id"],
            "table_name": table.table,
            "sheet": table.sheet,
            "rows_in": table.rows_in,
            "rows_blank": table.rows_blank,
            "columns": {key: [place.heading, place.letter] for key, place in table.columns.items()},
            "text_path": context.landing.keep_text(table.cells),
        }
        for table in reading.tables
    ]


def _finding(receipt: dict[str, Any], finding: FileFinding, batch_id: str) -> dict[str, Any]:
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
        "rule": finding.rule,
        "level": reading_levels()[finding.rule],
        "observed": finding.observed,
        "expected": finding.expected,
    }
