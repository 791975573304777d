"""One row of a unit's return as a form: the cells that the fix-me workbook opens for it, each with what stands there now."""

from collections.abc import Mapping
from dataclasses import dataclass

from etl.core.inert import inert
from etl.core.programmes.layout import TableLayout
from etl.core.reading.fixes import Fix
from etl.core.returns.entries import Entry, identifying
from etl.core.returns.feedback_sheets import DataSheet, Mark


@dataclass(frozen=True)
class RowField:
    """A cell that may be changed: its column, its text on one line and without what cannot be seen, what is wrong with it."""

    column: str
    heading: str
    value: str
    entry: Entry | None
    mark: Mark | None


@dataclass(frozen=True)
class RowForm:
    """The open cells of a row. `receipt_id`: the version it shows; in another the same number may be another row.

    `whole`: whether all that the row says may be changed, so that it can be taken away as well.
    """

    table: str
    row: int
    receipt_id: str
    names: str
    fields: tuple[RowField, ...]
    whole: bool

    def fixes(self, typed: Mapping[str, str]) -> list[Fix]:
        """What was changed: column → what stands in its field now, '' to empty the cell. A field left as it is says nothing."""
        before = {field.column: field.value for field in self.fields}
        return [
            Fix(table=self.table, row=self.row, column=column, value=text)
            for column, text in typed.items()
            if _in_a_field(text) != before[column]
        ]


def row_form(sheet: DataSheet, row: int, table: TableLayout) -> RowForm | None:
    """The form of a row of a sheet; None for a row that is not there or of which nothing is open.

    A column that stands twice is left out: which of the two is meant, only a workbook can say.
    """
    line = sheet.line_of(row)
    if sheet.receipt_id is None or line not in sheet.lines:
        return None
    at = sheet.lines.index(line)
    texts = {column.key: values[at] or "" for column, values in zip(sheet.columns, sheet.values, strict=True)}
    fields = tuple(
        RowField(column.key, column.heading, _in_a_field(texts[column.key]), column.entry, _mark(sheet, at, column.key))
        for column in sheet.columns
        if (column.opened or column.key in sheet.opened.get(at, ())) and not column.emptied
    )
    whole = {column for column, text in texts.items() if text} <= {field.column for field in fields}
    names = " ".join(_in_a_field(texts.get(column.key, "")) for column in identifying(table)[:2])
    return RowForm(sheet.table, row, sheet.receipt_id, names.strip(), fields, whole) if fields else None


def _mark(sheet: DataSheet, at: int, column: str) -> Mark | None:
    mark = sheet.marks.get((at, column))
    return mark and Mark(mark.level, inert(mark.note))


def _in_a_field(text: str) -> str:
    """A text as a field of a form holds it: harmless, its white space and line breaks single spaces."""
    return " ".join(inert(text).split())
