"""Findings of the reading that outlive the file: what a corrected version would otherwise pass over in silence.

A fix-me workbook shows a cell that held a formula's error as blank, and a row with too many cells as it was read. Sent back
untouched, neither would be noticed again: so a finding on a cell stays until that cell is changed.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from etl.core.inert import inert
from etl.core.reading.fixes import fix_record
from etl.core.reading.grids import FileFinding
from etl.core.reading.tables import Reading

REPEATED_COLUMN = "R17"  # shown blank in the workbook; stays until something is filled in


@dataclass(frozen=True)
class Base:
    """The table from which a corrected version was made, and the findings of the reading on its sheet."""

    sheet: str
    columns: Mapping[str, Sequence[str]]  # key → heading, letter
    cells: pa.Table
    findings: Sequence[FileFinding]

    def column_at(self, letter: str | None) -> str | None:
        """The key of the column with that letter."""
        return next((key for key, (_, at) in self.columns.items() if at == letter), None)


@dataclass(frozen=True)
class Corrected:
    """The corrected version. `rows`: row of the base → row here; `letters`: column key → letter here."""

    sheet: str
    letters: Mapping[str, str]
    cells: pa.Table
    rows: Mapping[int, int]


def rests_on_others(content: bytes, reading: Reading) -> bool:
    """Whether a file can be read to its end only after the receipts that it names."""
    return reading.returned is not None or fix_record(content) is not None


def carried_over(base: Base, corrected: Corrected, levels: Mapping[str, str]) -> Iterator[FileFinding]:
    """The base's findings that still hold of a workbook that came back, at their new places."""
    before, now = _by_row(base.cells), _by_row(corrected.cells)
    for finding in base.findings:
        key = base.column_at(finding.column)
        row = corrected.rows.get(finding.row) if finding.row is not None else None
        letter = corrected.letters.get(key or "")
        moved = replace(finding, sheet=corrected.sheet, row=row, column=letter)
        if levels[finding.rule] == "row" and finding.row is not None and row is not None:
            if _same(before[finding.row], now[row], key):
                yield moved
        elif finding.rule == REPEATED_COLUMN and key and _is_blank(corrected.cells, key):
            yield replace(moved, row=finding.row)


def still_said(base: Base, changed: Collection[tuple[int, str]]) -> list[FileFinding]:
    """The base's findings after single cells were changed: all but those on changed cells and on rows with one."""
    rows = {row for row, _ in changed}
    kept = []
    for finding in base.findings:
        key = base.column_at(finding.column)
        gone = (finding.row, key) in changed if key else finding.row in rows
        if not gone or finding.row is None:
            kept.append(finding)
    return kept


def _is_blank(cells: pa.Table, key: str) -> bool:
    return key in cells.column_names and cells.column(key).null_count == cells.num_rows


def _by_row(cells: pa.Table) -> dict[int, dict[str, str | None]]:
    return {line["row_number"]: line for line in cells.to_pylist()}


def _same(before: Mapping[str, str | None], now: Mapping[str, str | None], key: str | None) -> bool:
    """Whether a cell, or without a key the row, says what it said before (in the form in which it was shown)."""
    keys = [key] if key else [name for name in before if name != "row_number"]
    return all(inert(before.get(name) or "").strip() == (now.get(name) or "").strip() for name in keys)
