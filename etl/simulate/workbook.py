"""Writes a unit's XLSX the way counties do: titles, merged two-line headings, notes, formulas, a forgotten hidden sheet."""

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from etl.core.programmes.layout import Layout
from etl.simulate.headings import Heading, flat
from etl.simulate.profile import names
from etl.simulate.wording import Cells, Style

_MADE_ON = dt.datetime(2018, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)  # the same bytes in every run


@dataclass(frozen=True)
class Place:
    """Where a table went: file, sheet, and the sheet row of its first record (written downwards: of its first figure)."""

    file: str
    sheet: str
    first_row: int

    def row(self, place: int | None) -> int | None:
        """The sheet row of a record."""
        return None if place is None else self.first_row + place


def write_book(  # noqa: PLR0913 - called once, with all that a made-up book differs in
    tables: Mapping[str, Cells], headings: Mapping[str, Sequence[Heading]], layout: Layout, style: Style,
    title: str, people: tuple[str, str], file: str, *, downward: bool, formulas: bool,
) -> tuple[bytes, dict[str, Place]]:
    """The workbook's bytes, and where each table's records stand."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"created": _MADE_ON})
    if style.hidden:
        sheet = book.add_worksheet("Sheet9")
        for row, text in enumerate(names()["rubbish"]):
            sheet.write(row, row % 3, text)
    places = {}
    for key, cells in tables.items():
        sheet_name = layout.table(key).sheet_names[0]
        sheet = book.add_worksheet(sheet_name)
        writer = _Sheet(book, sheet, style, f"{title}{names()['sheet_titles'][key]}", people)
        if downward and key == "unit_figures":
            first = writer.downward(cells, headings[key], layout)
        else:
            first = writer.table(cells, headings[key], formulas=formulas)
        places[key] = Place(file, sheet_name, first)
    if style.hidden:
        book.worksheets()[1].activate()
        book.worksheets()[1].set_first_sheet()
        book.worksheets()[0].hide()
    book.close()
    return buffer.getvalue(), places


class _Sheet:
    """One sheet while it is written."""

    def __init__(self, book: Any, sheet: Any, style: Style, title: str, people: tuple[str, str]) -> None:
        self.sheet, self.style, self.title, self.people = sheet, style, title, people
        self.bold = book.add_format(
            {"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True, "border": 1}
        )
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.boxed = book.add_format({"border": 1})

    def table(self, cells: Cells, headings: Sequence[Heading], *, formulas: bool) -> int:
        """Headings and records; gives back the sheet row of the first record."""
        offset = 1 if self.style.serial else 0
        line = self._top(len(headings) + offset)
        two = self.style.two_lines and any(heading.group for heading in headings)
        self._headings(line, headings, offset, two=two)
        first = line + (2 if two else 1)
        columns = [cells[heading.key] for heading in headings]
        for at, row in enumerate(zip(*columns, strict=True)):
            if offset:
                self.sheet.write_number(first + at, 0, at + 1)
            for column, value in enumerate(row, offset):
                self._cell(first + at, column, value)
        if formulas:
            self._formulas(cells, headings, first, offset)
        self._bottom(first + len(columns[0]), len(headings) + offset)
        return int(first) + 1

    def downward(self, cells: Cells, headings: Sequence[Heading], layout: Layout) -> int:
        """One record, a line a figure; gives back the sheet row of its first figure."""
        line = self._top(3)
        labels = names()["labels"]
        for column, word in enumerate((labels["indicator"], labels["unit"], labels["value"])):
            self.sheet.write(line, column, word, self.bold)
        units = {column.key: column.unit_words for column in layout.table("unit_figures").columns}
        for at, heading in enumerate(headings, line + 1):
            self.sheet.write(at, 0, flat(heading))
            self.sheet.write(at, 1, units[heading.key][0] if units[heading.key] else None)
            self._cell(at, 2, cells[heading.key][0])
        return int(line) + 2

    def _top(self, width: int) -> int:
        if not self.style.titled:
            return 0
        if width > 1:
            self.sheet.merge_range(0, 0, 0, width - 1, self.title, self.bold)
        else:
            self.sheet.write(0, 0, self.title, self.bold)
        self.sheet.write(1, 0, names()["notes_row"])
        return 2

    def _headings(self, line: int, headings: Sequence[Heading], offset: int, *, two: bool) -> None:
        if offset:
            self._tall(line, 0, names()["labels"]["serial"], two=two)
        for at, heading in enumerate(headings, offset):
            if two and heading.group:
                self.sheet.write(line + 1, at, heading.text, self.bold)
            else:
                self._tall(line, at, flat(heading), two=two)
        if two:
            self._groups(line, headings, offset)

    def _tall(self, line: int, column: int, text: str, *, two: bool) -> None:
        if two:
            self.sheet.merge_range(line, column, line + 1, column, text, self.bold)
        else:
            self.sheet.write(line, column, text, self.bold)

    def _groups(self, line: int, headings: Sequence[Heading], offset: int) -> None:
        at = 0
        while at < len(headings):
            end = at
            while (
                end + 1 < len(headings)
                and headings[at].group
                and headings[end + 1].group == headings[at].group
            ):
                end += 1
            if headings[at].group and end > at:
                self.sheet.merge_range(line, at + offset, line, end + offset, headings[at].group, self.bold)
            elif headings[at].group:
                self.sheet.write(line, at + offset, headings[at].group, self.bold)
            at = end + 1

    def _cell(self, line: int, column: int, value: object) -> None:
        if value is None:
            return
        if isinstance(value, dt.date):
            self.sheet.write_datetime(line, column, value, self.day)
        elif isinstance(value, str):
            self.sheet.write_string(line, column, value)
        else:
            self.sheet.write_number(line, column, value)

    def _formulas(self, cells: Cells, headings: Sequence[Heading], first: int, offset: int) -> None:
        """Totals whose parts follow them become sums, with the value that a spreadsheet would have kept."""
        for at, heading in enumerate(headings):
            parts = [
                n for n, part in enumerate(headings) if part.group and part.key.startswith(f"{heading.key}__")
            ]
            if heading.group or not parts:
                continue
            for row, value in enumerate(cells[heading.key]):
                if isinstance(value, int | float):
                    ends = [
                        xlsxwriter.utility.xl_rowcol_to_cell(first + row, n + offset)
                        for n in (parts[0], parts[-1])
                    ]
                    self.sheet.write_formula(
                        first + row, at + offset, f"=SUM({ends[0]}:{ends[1]})", None, value
                    )

    def _bottom(self, line: int, width: int) -> None:
        if self.style.blank_tail:
            for row in range(line, line + 15):
                for column in range(width):
                    self.sheet.write_blank(row, column, None, self.boxed)
        if self.style.footers:
            person, other = self.people
            for at, text in enumerate(names()["footer"], line + (1 if not self.style.blank_tail else 0)):
                self.sheet.write(at, 0, text.format(person=person, other=other))
