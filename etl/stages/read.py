"""Read: raw files → text tables with addresses, and what is wrong with a file as such."""

from collections.abc import Callable
from typing import Any

from etl.core.tables import FileFinding, Reading, read_file
from etl.edges.reading_rules import reading_levels
from etl.edges.store.receipts import keep_reading, mark_superseded, receipts_of
from etl.stages.context import Context

READER_VERSION = 1
"""Raised when the reader comes to read a file otherwise: files are then read anew."""


def read(
    context: Context, batch_id: str | None, progress: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Read every receipt of a batch that has not been read under the layout in force; the rest stays as it is."""
    layout = context.bundle.layout(context.period)
    read_as = f"{READER_VERSION}-{layout.digest}"[:64]
    rows = findings = count = 0
    batches = {unit.unit_id: unit.batch_id for unit in context.register.units}
    for receipt in receipts_of(context.store, *context.key, context.unit_ids(batch_id)):
        progress(receipt["unit_code"])
        if receipt["layout_digest"] == read_as:
            continue
        reading = read_file(context.landing.raw(receipt["sha256"]), receipt["file_name"], layout)
        tables = _tables(context, receipt, reading)
        found = [_finding(receipt, finding, batches[receipt["unit_id"]]) for finding in reading.findings]
        keep_reading(context.store, receipt, read_as, tables, found)
        count, rows, findings = count + 1, rows + sum(t["rows_in"] for t in tables), findings + len(found)
    mark_superseded(context.store, *context.key, context.unit_ids(batch_id))
    return {"receipts": count, "rows": rows, "findings": findings}


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
        "table_name": None,
        "sheet": finding.sheet,
        "row_number": finding.row,
        "column_letter": finding.column,
        "rule": finding.rule,
        "level": reading_levels()[finding.rule],
        "observed": finding.observed,
        "expected": finding.expected,
    }
