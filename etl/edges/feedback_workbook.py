"""The fix-me workbook as XLSX bytes, by xlsxwriter: everything that came from a file is written as text or number."""

import io
import re
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from etl.core.inert import inert
from etl.core.reading.seal import SHEET as META
from etl.core.reading.seal import seal
from etl.core.returns.feedback import Feedback
from etl.core.returns.feedback_sheets import DataSheet, Mark, SheetColumn
from etl.core.returns.feedback_words import FeedbackWords
from etl.core.text_width import digits_wide
from etl.edges.feedback_entries import EntryRules
from etl.edges.feedback_formats import Formats, kind_of
from etl.edges.feedback_summary import A4, ALLOWED, write_first_sheet, write_warnings

_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,13})(?:\.[0-9]{0,5}[1-9])?")  # comes back as the same text
_NUMBERS = ("whole", "number", "money", "share")
_MANY_CELLS = 200_000  # from here on rows go to disk as they are written
_OPTIONS = {
    "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": False,
    "default_date_format": "yyyy-mm-dd",
}


def feedback_bytes(feedback: Feedback, words: FeedbackWords, secret: bytes) -> bytes:
    """The workbook: the first sheet, the unit's sheets, the warnings, the lists, and the sealed sheet nobody sees."""
    cells = sum(len(sheet.lines) * len(sheet.columns) for sheet in feedback.sheets)
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {**_OPTIONS, **_memory(cells)}) as book:
        book.set_properties({"title": feedback.title, "author": words.author})
        writer = _Writer(book, feedback, words)
        write_first_sheet(book.add_worksheet(words.sheets.first), feedback, words, writer.formats)
        for sheet in feedback.sheets:
            writer.data_sheet(sheet)
        if feedback.questions:
            write_warnings(book.add_worksheet(words.sheets.warnings), feedback, words, writer.formats)
        writer.lists()
        writer.meta(secret)
    return buffer.getvalue()


def _memory(cells: int) -> dict[str, bool]:
    return {"constant_memory": True} if cells > _MANY_CELLS else {"in_memory": True}


class _Writer:
    """One workbook while it is written."""

    def __init__(self, book: Any, feedback: Feedback, words: FeedbackWords) -> None:
        self.book, self.feedback, self.words = book, feedback, words
        self.formats = Formats(book, words.problems.levels)
        self.entries = EntryRules(words)

    def data_sheet(self, data: DataSheet) -> None:
        """The unit's own sheet at its own addresses."""
        sheet, looks = self.book.add_worksheet(data.name), self.formats
        last = data.lines[-1] if data.lines else data.heading_line
        if data.heading_line:
            sheet.write_string(0, data.columns[0].index, self.words.cells.legend, looks.legend)
        sheet.set_row(data.heading_line, 48)
        for column, values in zip(data.columns, data.values, strict=True):
            self._heading(sheet, data.heading_line, column, values)
        sheet.write_string(data.heading_line, data.mark_column, self.words.cells.mark_heading, looks.heading)
        sheet.write_string(data.heading_line, data.key_column, self.words.cells.key_heading, looks.heading)
        sheet.set_column(data.mark_column, data.mark_column, 9)
        sheet.set_column(data.key_column, data.key_column, None, None, {"hidden": True})
        self._rows(sheet, data)
        for line in range(last + 1, last + 1 + data.spare_rows):
            for column in data.columns:
                sheet.write_blank(line, column.index, None, looks.cell["open", kind_of(column.type)])
        self._entries(sheet, data, last + data.spare_rows)
        sheet.freeze_panes(data.heading_line + 1, data.lead)
        if data.lines:
            left, right = (
                min(data.columns[0].index, data.mark_column),
                max(data.columns[-1].index, data.mark_column),
            )
            sheet.autofilter(data.heading_line, left, last, right)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.repeat_rows(data.heading_line)
        sheet.repeat_columns(0, data.lead - 1)
        sheet.protect("", ALLOWED)

    def _heading(self, sheet: Any, line: int, column: SheetColumn, values: Sequence[str | None]) -> None:
        look = self.formats.heading_fault if column.mark else self.formats.heading
        heading = inert(column.heading)
        sheet.set_column(column.index, column.index, _width(column, heading, values))
        sheet.write_string(line, column.index, heading, look)
        if column.mark:
            self._note(sheet, line, column.index, column.mark)

    def _rows(self, sheet: Any, data: DataSheet) -> None:
        looks, cut = self.formats.cell, self.words.cells.cut
        plan = [
            (column.index, column.key, column.type in _NUMBERS, kind_of(column.type), column.opened, values)
            for column, values in zip(data.columns, data.values, strict=True)
        ]
        nothing: frozenset[str] = frozenset()
        marked = {at for at, _ in data.marks}
        for at, line in enumerate(data.lines):
            opened, has_marks = data.opened.get(at, nothing), at in marked
            for index, key, number, kind, whole, values in plan:
                text, mark = values[at], data.marks.get((at, key)) if has_marks else None
                state = mark.level if mark else "open" if whole or key in opened else "locked"
                look = looks[state, kind]
                if text is None:
                    sheet.write_blank(line, index, None, self.formats.empty.get((state, kind), look))
                elif number and _PLAIN_NUMBER.fullmatch(text):
                    sheet.write_number(line, index, float(text), look)
                else:
                    sheet.write_string(line, index, inert(text, cut), look)
                if mark:
                    self._note(sheet, line, index, mark)
            if at in data.row_marks:
                sheet.write_string(line, data.mark_column, data.row_marks[at], self.formats.row_mark)
            sheet.write_string(line, data.key_column, data.keys[at])
        self._signs(sheet, data)

    def _signs(self, sheet: Any, data: DataSheet) -> None:
        """A sign before marked text: shown, and no part of it. Cells for codes stay of type text that way."""
        for column in data.columns:
            if kind_of(column.type) not in ("text", "name"):
                continue
            for level, look in self.formats.signed.items():
                lines = [
                    data.lines[at]
                    for (at, key), mark in data.marks.items()
                    if key == column.key and mark.level == level
                ]
                for first in range(0, len(lines), 1_000):
                    cells = " ".join(
                        xl_rowcol_to_cell(line, column.index) for line in lines[first : first + 1_000]
                    )
                    top = lines[first]
                    rule = {"type": "no_errors", "format": look, "multi_range": cells}
                    sheet.conditional_format(top, column.index, top, column.index, rule)

    def _note(self, sheet: Any, line: int, column: int, mark: Mark) -> None:
        text = inert(mark.note)
        lines = sum(1 + len(part) // 22 for part in text.split("\n"))
        size = {
            "width": 320,
            "height": min(20 + 19 * lines, 600),
            "font_size": 10,
            "author": self.words.author,
        }
        sheet.write_comment(line, column, text, size)

    def _entries(self, sheet: Any, data: DataSheet, last: int) -> None:
        for column in data.columns:
            if column.entry and last > data.heading_line:
                rule = self.entries.rule(column.entry)
                sheet.data_validation(data.heading_line + 1, column.index, last, column.index, rule)

    def lists(self) -> None:
        """Drop-down lists too long for a cell, on a sheet of their own."""
        if self.entries.long_lists:
            sheet = self.book.add_worksheet(self.words.sheets.lists)
            for row in range(max(map(len, self.entries.long_lists))):
                for column, choices in enumerate(self.entries.long_lists):
                    if row < len(choices):
                        sheet.write_string(row, column, choices[row])
            sheet.very_hidden()

    def meta(self, secret: bytes) -> None:
        """The sealed words: what the workbook is, and the seal over it."""
        sheet, text = self.book.add_worksheet(META), self.feedback.sealed.text()
        sheet.write_string(0, 0, text)
        sheet.write_string(1, 0, seal(text, secret))
        sheet.protect("")
        sheet.very_hidden()


_WIDEST = {"name": 52, "code": 34}  # of columns whose texts tell one row from another, and should be read whole


def _width(column: SheetColumn, heading: str, values: Sequence[str | None]) -> int:
    """Wide enough for what such a column holds, and for the heading on about three lines."""
    longest = max((digits_wide(text) for text in values if text), default=0)
    return max(
        {"name": 30, "code": 17, "text": 22, "date": 15}.get(column.type, 9),
        min(22, 2 * len(heading) // 3 + 4),
        min(_WIDEST.get(column.type, 20), longest + 3),
    )
