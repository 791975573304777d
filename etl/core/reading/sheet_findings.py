"""What is to be said about a sheet that was read: its headings and single cells."""

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from etl.core.reading.grids import FileFinding, Grid, Limits, shortened
from etl.core.reading.headings import HeadingMatch, Place, fold_heading

# A code that went through a number: 530122199001011328 or 5.3E+17. Excel keeps 15 digits.
_POWER_OF_TEN = r"^[0-9]+(?:\.[0-9]+)?[eE]\+?[0-9]+$"
_ONLY_WARNINGS = ("R18", "R28")  # nothing is held for them, so the first ones are enough
_MANY_DIGITS = r"^[0-9]{16,}$"


def heading_findings(grid: Grid, match: HeadingMatch) -> Iterator[FileFinding]:
    """R16 missing, R17 repeated, R18 unknown columns; R19 another unit than the layout's (E14)."""
    row = None if match.downward else grid.first_row + match.first_line
    at = FileFinding("", sheet=grid.sheet, row=row)
    for key, place in match.repeated:
        yield replace(_at_place(at, grid, place), rule="R17", observed=place.heading, expected=key)
    for column in match.table.columns:
        found = match.places.get(column.key)
        if found is None:
            if column.required:
                nearest = _nearest(column.headings, match.unknown)
                yield replace(at, rule="R16", observed=nearest, expected=column.headings[0])
            continue
        allowed = {fold_heading(word) for word in column.unit_words}
        if found.unit and allowed and found.unit not in allowed:
            shown = found.unit in fold_heading(found.heading)
            observed = found.heading if shown else f"{found.heading}（{found.unit}）"
            finding = replace(at, rule="R19", observed=observed, expected="、".join(column.unit_words))
            yield _at_place(finding, grid, found)
    for place in match.unknown:
        if match.downward or _holds_data(grid, match, place):
            yield replace(_at_place(at, grid, place), rule="R18", observed=shortened(place.heading))


def cell_findings(grid: Grid, match: HeadingMatch, cells: pa.Table, limits: Limits) -> Iterator[FileFinding]:
    """What single cells of the records have, at most ``limits.findings_per_rule`` of a kind, then R30.

    R13 a value beyond the headings, R23 and R24 cells without a value of their own, R25 cells too long,
    R28 spoilt codes; R29 when there are no records.
    """
    if not cells.num_rows:
        yield FileFinding("R29", sheet=grid.sheet)
        return
    counts: Counter[str] = Counter()
    for finding in _all_cell_findings(grid, match, cells, limits):
        counts[finding.rule] += 1
        if counts[finding.rule] <= limits.findings_per_rule:
            yield finding
    for rule, count in counts.items():
        if count > limits.findings_per_rule and rule not in _ONLY_WARNINGS:
            yield FileFinding("R30", grid.sheet, observed=f"{rule}: {count:,}")


def _all_cell_findings(
    grid: Grid, match: HeadingMatch, cells: pa.Table, limits: Limits
) -> Iterator[FileFinding]:
    yield from _beyond_headings(grid, match, cells)
    keys = {place.index + grid.first_column: key for key, place in match.places.items()}
    rows = set(cells.column("row_number").to_pylist()) if grid.faults else set()
    rows |= {place.line + grid.first_row for place in match.places.values() if place.line is not None}
    for fault in grid.faults:
        if fault.column in keys and fault.row in rows:
            letter = grid.letter(fault.column - grid.first_column)
            yield FileFinding(fault.rule, grid.sheet, fault.row, letter, observed=fault.observed)
    for column in match.table.columns:
        place = match.places.get(column.key)
        if place is None:
            continue
        array = cells.column(column.key)
        wrong = {"R25": _too_long(array, limits)}
        if column.type == "code":
            wrong["R28"] = _spoilt_codes(array, typed=grid.typed)
        for rule, lines in wrong.items():
            for line in lines:
                number = cells.column("row_number")[line].as_py()
                observed = shortened(array[line].as_py(), 24)
                yield FileFinding(rule, grid.sheet, number, grid.letter(place.index), observed)


def _beyond_headings(grid: Grid, match: HeadingMatch, cells: pa.Table) -> Iterator[FileFinding]:
    """Values in columns without a heading. In a CSV they mean that a row is shifted; in a workbook somebody's
    notes beside the table, worth one warning a column."""
    width = max(place.index for place in match.places.values()) + 1
    for index in match.unheaded if not match.downward else ():
        lines = _lines(pc.is_valid(grid.columns[index].slice(match.data_line)))
        numbers = pa.array([line + match.data_line + grid.first_row for line in lines], pa.int32())
        rows = numbers.filter(pc.is_in(numbers, value_set=cells.column("row_number"))).to_pylist()
        if rows and (grid.typed or index < width):
            yield FileFinding("R18", grid.sheet, rows[0], grid.letter(index))
        else:
            for row in rows:
                yield FileFinding("R13", grid.sheet, row, grid.letter(index), f"{index + 1}", f"{width}")


def _at_place(finding: FileFinding, grid: Grid, place: Place) -> FileFinding:
    row = finding.row if place.line is None else place.line + grid.first_row
    return replace(finding, row=row, column=grid.letter(place.index))


def _nearest(headings: Sequence[str], unknown: Sequence[Place]) -> str:
    """The unknown heading that looks most like one of the accepted ones, or nothing."""
    written = {fold_heading(place.heading): place.heading for place in unknown}
    for heading in headings:
        close = difflib.get_close_matches(fold_heading(heading), written, n=1, cutoff=0.5)
        if close:
            return shortened(written[close[0]])
    return ""


def _holds_data(grid: Grid, match: HeadingMatch, place: Place) -> bool:
    body = grid.columns[place.index].slice(match.data_line)
    return bool(body.null_count < len(body))


def _too_long(array: pa.ChunkedArray, limits: Limits) -> list[int]:
    if array.nbytes <= limits.cell_size:
        return []
    lengths = pc.binary_length(array)
    if (pc.max(lengths).as_py() or 0) <= limits.cell_size:
        return []
    return _lines(pc.greater(lengths, limits.cell_size))


def _spoilt_codes(array: pa.ChunkedArray, *, typed: bool) -> list[int]:
    """Lines whose code lost digits. Only a double nearest to some number ends as this one did, so a code of
    18 digits kept as text is suspected once in 64 times; it is a warning."""
    lines = []
    if any(pc.any(pc.match_substring(array, letter)).as_py() for letter in "eE"):  # a million codes have none, soon seen
        lines = _lines(pc.match_substring_regex(array, _POWER_OF_TEN))
    if typed:
        digits = _lines(pc.match_substring_regex(array, _MANY_DIGITS))
        lines += [line for line in digits if int(float(array[line].as_py())) == int(array[line].as_py())]
    return lines


def _lines(mask: pa.Array | pa.ChunkedArray) -> list[int]:
    indices: list[int] = pc.indices_nonzero(pc.fill_null(mask, False)).to_pylist()
    return indices
