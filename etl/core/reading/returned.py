"""A fix-me workbook that came back: our own sheets and columns taken out again, its seal and row keys kept."""

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pyarrow as pa
from pydantic import ValidationError

from etl.core.reading.grids import Grid
from etl.core.reading.headings import SEARCHED_LINES
from etl.core.reading.seal import SHEET, Sealed, opened

Fault = Literal["seal", "programme", "period", "unit", "row_keys"]

_LIST_OF_SHEETS, _LONGEST_LIST = "xl/workbook.xml", 1_000_000

RULES: Mapping[Fault, str] = {
    "seal": "R31",
    "row_keys": "R31",
    "programme": "R32",
    "period": "R32",
    "unit": "R32",
}
"""What the reading finds in a workbook that is not in order."""


@dataclass(frozen=True)
class Returned:
    """What a returned workbook carries beside the unit's tables.

    `claims` is what its hidden sheet says, or None where that cannot be read; whether it is true, `wrong_with` tells.
    `row_keys`: sheet → row number → key; `said`: a warning's key → the explanation typed beside it.
    """

    text: str
    mark: str
    claims: Sealed | None
    row_keys: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)

    def keys_of(self, sheet: str) -> Mapping[int, str]:
        """The row keys of a sheet; of rows with the same key the first has it, the others are copies and new rows."""
        seen: set[str] = set()
        kept = {}
        for row, key in sorted(self.row_keys.get(sheet, {}).items()):
            if key not in seen:
                kept[row] = key
            seen.add(key)
        return kept


def is_fix_me(content: bytes) -> bool:
    """Whether the bytes are a workbook that carries our hidden sheet: a look at its list of sheets, no more."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            listed = archive.getinfo(_LIST_OF_SHEETS)
            return listed.file_size <= _LONGEST_LIST and f'"{SHEET}"'.encode() in archive.read(listed)
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        OSError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        zlib.error,
    ):
        return False  # a damaged archive is told about when it is read


def taken_apart(grids: Sequence[Grid]) -> tuple[tuple[Grid, ...], Returned | None]:
    """The grids of the unit's own sheets, and what came back beside them; None if the file is no fix-me workbook."""
    meta = next((grid for grid in grids if grid.sheet == SHEET), None)
    if meta is None:
        return tuple(grids), None
    cells = [line[0] or "" for line in meta.lines(0, 2)]
    text, mark = (*cells, "", "")[:2]
    claims = _claims(text)
    if claims is None:
        return tuple(grid for grid in grids if grid is not meta), Returned(text, mark, None)
    aside = {*claims.aside, SHEET}
    row_keys: dict[str, Mapping[int, str]] = {}
    kept = []
    for grid in (grid for grid in grids if grid.sheet not in aside):
        plain, row_keys[grid.sheet] = _without_our_columns(grid, claims)
        kept.append(plain)
    asked = next((grid for grid in grids if grid.sheet == claims.warnings_sheet), None)
    return tuple(kept), Returned(text, mark, claims, row_keys, _said(asked, claims) if asked else {})


def wrong_with(
    returned: Returned, secret: bytes, programme: str, period: str, unit_id: str | None,
    rows: Mapping[str, frozenset[str]],
) -> Fault | None:
    """Why a returned workbook is not taken, or None. `rows`: receipt → the keys of its rows, for those still known."""
    sealed = opened(returned.text, returned.mark, secret)
    if sealed is None:
        return "seal"
    if sealed.programme != programme:
        return "programme"
    if sealed.period != period:
        return "period"
    if unit_id is not None and sealed.unit_id != unit_id:
        return "unit"
    known: frozenset[str] = frozenset().union(
        *(rows.get(each.receipt_id, frozenset()) for each in sealed.tables.values())
    )
    missing = any(each.receipt_id and each.receipt_id not in rows for each in sealed.tables.values())
    found = {key for keys in returned.row_keys.values() for key in keys.values()}
    return "row_keys" if found - known and not missing else None


def _claims(text: str) -> Sealed | None:
    try:
        return Sealed.model_validate_json(text)
    except ValidationError:
        return None


def _without_our_columns(grid: Grid, claims: Sealed) -> tuple[Grid, dict[int, str]]:
    """The grid with the marks and the row keys blanked, and the keys by row number."""
    lines = grid.lines(0, SEARCHED_LINES)
    columns, keys = list(grid.columns), {}
    for number, line in enumerate(lines):
        if claims.key_heading not in line:
            continue
        ours = [
            line.index(heading) for heading in (claims.key_heading, claims.mark_heading) if heading in line
        ]
        values = grid.columns[ours[0]].slice(number + 1).to_pylist()
        rows = enumerate(values, number + 1 + grid.first_row)
        keys = {row: key.strip() for row, key in rows if key and key.strip()}
        for at in ours:
            columns[at] = pa.nulls(grid.height, pa.string())
        break
    return replace(grid, columns=tuple(columns)), keys


def _said(grid: Grid, claims: Sealed) -> dict[str, str]:
    """What was typed in the warnings sheet: the column before the keys, line by line."""
    lines: list[list[Any]] = grid.lines(0, grid.height)
    heading = next((line for line in lines[:SEARCHED_LINES] if claims.key_heading in line), None)
    if heading is None:
        return {}
    at = heading.index(claims.key_heading)
    pairs = [(line[at], line[at - 1]) for line in lines[lines.index(heading) + 1 :] if at]
    return {key.strip(): text.strip() for key, text in pairs if key and text and text.strip()}
