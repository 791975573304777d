"""Bytes of one delivered file into text tables whose every cell has an address: the stage "read"."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pyarrow as pa

from etl.core.programmes.layout import Layout
from etl.core.reading.formats import READERS, check_file, ending_findings, sniff
from etl.core.reading.grids import FileFinding, Grid, Limits, Refusal, shortened
from etl.core.reading.headings import HeadingIndex, HeadingMatch, find_headings
from etl.core.reading.returned import Returned, taken_apart
from etl.core.reading.set_aside import lines_set_aside
from etl.core.reading.sheet_findings import cell_findings, heading_findings

__all__ = ["ColumnPlace", "FileFinding", "Limits", "Reading", "TextTable", "read_file"]


NORMAL = Limits()


@dataclass(frozen=True)
class ColumnPlace:
    """Where a layout column was found: the heading as written, the sheet letter."""

    heading: str
    letter: str


@dataclass(frozen=True)
class TextTable:
    """One record type out of one sheet.

    ``cells``: ``row_number`` (int32, the sheet's row or the record of a CSV or JSON file, from 1), then a
    string column for each layout column in layout order, null when absent or blank. ``notes`` are the lines
    set aside (row number, what stood there); they and the blank lines make ``rows_blank``, so that always
    ``rows_in == len(cells) + rows_blank``.
    """

    table: str
    sheet: str
    cells: pa.Table
    columns: Mapping[str, ColumnPlace]
    rows_in: int
    rows_blank: int
    notes: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Reading:
    """What came out of one file: at most one table of each kind, and the findings about the file.

    ``returned`` is what a fix-me workbook carries beside its tables.
    """

    tables: tuple[TextTable, ...]
    findings: tuple[FileFinding, ...]
    returned: Returned | None = None


@dataclass(frozen=True)
class _Sheet:
    """A sheet read as a table, before it is known whether a better one holds the same table."""

    grid: Grid
    match: HeadingMatch
    table: TextTable
    findings: tuple[FileFinding, ...]

    def rank(self) -> tuple[bool, bool, int, int]:
        return (
            self.table.cells.num_rows > 0,
            not self.grid.hidden,
            self.match.score,
            self.table.cells.num_rows,
        )


def read_file(content: bytes, file_name: str, layout: Layout, limits: Limits = NORMAL) -> Reading:
    """The tables in a delivered file. A file that cannot be read is a finding, never an exception.

    The format is told by the content; ``file_name`` only warns when its ending says otherwise.
    """
    try:
        check_file(content, limits)
        file_format = sniff(content)
        grids, found = READERS[file_format](content, limits)
    except Refusal as refusal:
        return Reading((), (refusal.finding,))
    grids, returned = taken_apart(grids)
    reading = _reading(grids, layout, [*ending_findings(file_name, file_format), *found], limits)
    return replace(reading, returned=returned)


def _reading(grids: Sequence[Grid], layout: Layout, findings: list[FileFinding], limits: Limits) -> Reading:
    indexes = _indexes(layout)
    sheets: dict[str, list[_Sheet]] = {}
    for grid in grids:
        match = find_headings(grid, indexes)
        if match:
            sheets.setdefault(match.table.key, []).append(_read_sheet(grid, match, limits))
    if not sheets:
        names = "、".join(grid.sheet for grid in grids if grid.sheet)
        expected = "、".join(column.headings[0] for column in layout.tables[0].columns[:5])
        return Reading((), (*findings, FileFinding("R15", observed=shortened(names), expected=expected)))
    tables = []
    for table in layout.tables:
        candidates = sorted(sheets.get(table.key, ()), key=_Sheet.rank, reverse=True)
        if candidates:
            best, *others = candidates
            findings = _relevant(findings, best)
            findings.extend(best.findings)
            findings.extend(_left_out(best, others))
            tables.append(best.table)
    return Reading(tuple(tables), tuple(findings))


@lru_cache(maxsize=16)
def _indexes(layout: Layout) -> tuple[HeadingIndex, ...]:
    return tuple(HeadingIndex(table) for table in layout.tables)


def _relevant(findings: list[FileFinding], sheet: _Sheet) -> list[FileFinding]:
    """Without the findings on ragged lines of a CSV that are titles or notes, no records."""
    kept = set(sheet.table.cells.column("row_number").to_pylist()) if findings else set()
    return [finding for finding in findings if finding.rule != "R13" or finding.row in kept]


def _left_out(best: _Sheet, others: Sequence[_Sheet]) -> Iterator[FileFinding]:
    if best.grid.hidden:
        yield FileFinding("R22", sheet=best.grid.sheet)
    for other in others:
        rows = other.table.cells.num_rows
        if rows:
            rule = "R21" if other.grid.hidden else "R20"
            yield FileFinding(rule, sheet=other.grid.sheet, observed=f"{rows}", expected=best.grid.sheet)


def _read_sheet(grid: Grid, match: HeadingMatch, limits: Limits) -> _Sheet:
    table = _downward_table(grid, match) if match.downward else _table(grid, match)
    findings = (*heading_findings(grid, match), *cell_findings(grid, match, table.cells, limits))
    return _Sheet(grid, match, table, findings)


def _table(grid: Grid, match: HeadingMatch) -> TextTable:
    start = match.data_line
    mapped = [grid.columns[place.index].slice(start) for place in match.places.values()]
    notes = lines_set_aside(grid, match, mapped)
    height, filled = _filled(grid, start, mapped)
    keep = filled.copy()
    keep[list(notes)] = False
    lines = np.flatnonzero(keep)
    whole = len(lines) == height
    names = [column.key for column in match.table.columns]
    arrays = []
    for name in names:
        place = match.places.get(name)
        if place is None:
            arrays.append(pa.nulls(len(lines), pa.string()))
        else:
            array = grid.columns[place.index].slice(start, height)
            arrays.append(array if whole else array.take(pa.array(lines)))
    numbers = pa.array((lines + (grid.first_row + start)).astype(np.int32))
    return TextTable(
        table=match.table.key,
        sheet=grid.sheet,
        cells=pa.table([numbers, *arrays], names=["row_number", *names]),
        columns=_places(grid, match),
        rows_in=height,
        rows_blank=height - len(lines),
        notes=tuple((number + grid.first_row + start, text) for number, text in sorted(notes.items())),
    )


def _filled(grid: Grid, start: int, mapped: Sequence[pa.Array]) -> tuple[int, np.ndarray]:
    """(lines down to the last one that holds anything, which of them hold a value of the table)."""
    height = grid.height - start
    if any(array.null_count == 0 for array in mapped):
        return height, np.ones(height, dtype=bool)
    filled = np.zeros(height, dtype=bool)
    for array in mapped:
        filled |= array.is_valid().to_numpy(zero_copy_only=False)
    anything = filled.copy()
    for column in grid.columns:
        anything |= column.slice(start).is_valid().to_numpy(zero_copy_only=False)
    height = int(np.flatnonzero(anything)[-1]) + 1 if anything.any() else 0
    return height, filled[:height]


def _downward_table(grid: Grid, match: HeadingMatch) -> TextTable:
    """One record; its row number is that of its first figure. Each column's letter is the value column's."""
    first = min(place.line or 0 for place in match.places.values())
    values: dict[str, list[str | None]] = {}
    for column in match.table.columns:
        place = match.places.get(column.key)
        values[column.key] = [grid.columns[place.index][place.line].as_py() if place else None]
    rows = 1 if any(value[0] for value in values.values()) else 0
    arrays = [pa.array(value[:rows], pa.string()) for value in values.values()]
    number = pa.array([first + grid.first_row][:rows], pa.int32())
    return TextTable(
        table=match.table.key,
        sheet=grid.sheet,
        cells=pa.table([number, *arrays], names=["row_number", *values]),
        columns=_places(grid, match),
        rows_in=rows,
        rows_blank=0,
    )


def _places(grid: Grid, match: HeadingMatch) -> dict[str, ColumnPlace]:
    return {key: ColumnPlace(place.heading, grid.letter(place.index)) for key, place in match.places.items()}
