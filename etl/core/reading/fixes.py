"""Single values put right by a person: the record that is kept as the delivered bytes, and what it makes of a table."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError

MARK = "sanji-fix"
_BEGINS = f'{{"kind":"{MARK}"'.encode()
MOST_CELLS, LONGEST_VALUE = 10_000, 10_000


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fix(_Model):
    """One cell of a unit's current table and what should stand there; '' empties it."""

    table: str
    row: int
    column: str
    value: str = Field(max_length=LONGEST_VALUE)


class ChangedCell(Fix):
    """A fix with what stood there before."""

    before: str


class FixRecord(_Model):
    """Who changed which cells of which receipts, and why. `base`: table → the receipt whose text was changed."""

    kind: str = MARK
    programme: str
    period: str
    unit_id: str
    actor: str
    at: str
    reason: str
    base: Mapping[str, str]
    cells: tuple[ChangedCell, ...] = Field(min_length=1, max_length=MOST_CELLS)

    def content(self) -> bytes:
        """The bytes that are kept."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":")).encode()


def fix_record(content: bytes) -> FixRecord | None:
    """The record in these bytes, or None if they are another file."""
    if not content.startswith(_BEGINS):
        return None
    try:
        return FixRecord.model_validate_json(content)
    except ValidationError:
        return None


@dataclass(frozen=True)
class Misplaced:
    """A fix for a cell that is not there."""

    fix: Fix


def changed_cells(fixes: Sequence[Fix], tables: Mapping[str, pa.Table]) -> list[ChangedCell] | Misplaced:
    """The fixes that change something, each with the text before; Misplaced names the first whose cell is not there."""
    changed = []
    places = {name: _places(table) for name, table in tables.items()}
    for fix in fixes:
        table, at = tables.get(fix.table), places.get(fix.table, {}).get(fix.row)
        if table is None or at is None or fix.column not in table.column_names or fix.column == "row_number":
            return Misplaced(fix)
        before = table.column(fix.column)[at].as_py() or ""
        if before.strip() != fix.value.strip():
            changed.append(ChangedCell(**fix.model_dump(), before=before))
    return changed


def undone(made: Sequence[ChangedCell], table: pa.Table, row_of: Mapping[int, int]) -> int:
    """How many corrections a table would undo that was filled in before they were made: its cells hold what stood there before.

    `made`: the corrections, oldest first; `row_of`: the row of the table → the row that they name.
    """
    first: dict[tuple[int, str], str] = {}
    last: dict[tuple[int, str], str] = {}
    for cell in made:
        first.setdefault((cell.row, cell.column), cell.before.strip())
        last[cell.row, cell.column] = cell.value.strip()
    rows = table.column("row_number").to_pylist()
    texts = {name: table.column(name).to_pylist() for name in {column for _, column in last} & set(table.column_names)}
    held = {
        (row_of[row], name): (column[at] or "").strip()
        for name, column in texts.items() for at, row in enumerate(rows) if row in row_of
    }
    return sum(place in held and held[place] == first[place] != text for place, text in last.items())


def applied(table: pa.Table, cells: Sequence[ChangedCell]) -> pa.Table:
    """The table with the cells changed. A cell that is no longer there (the forms have changed) is left out.

    A row whose every cell was emptied is left out as well, as a blank line of a file is; the others keep their numbers.
    """
    places = _places(table)
    for column in sorted({cell.column for cell in cells} & set(table.column_names)):
        values = table.column(column).to_pylist()
        for cell in cells:
            if cell.column == column and cell.row in places:
                values[places[cell.row]] = cell.value.strip() or None
        table = table.set_column(table.column_names.index(column), column, pa.array(values, pa.string()))
    touched = {places[cell.row] for cell in cells if cell.row in places}
    texts = [table.column(name).to_pylist() for name in table.column_names if name != "row_number"]
    gone = {at for at in touched if all(column[at] is None for column in texts)}
    return table.filter(pa.array([at not in gone for at in range(table.num_rows)])) if gone else table


def _places(table: pa.Table) -> dict[int, int]:
    return {row: at for at, row in enumerate(table.column("row_number").to_pylist())}
