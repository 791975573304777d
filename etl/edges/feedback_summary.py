"""The sheets of the fix-me workbook that are lists: what to do and which problems there are, and what has to be explained."""

from collections.abc import Iterable, Sequence
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from etl.core.inert import inert
from etl.core.returns.feedback import Feedback
from etl.core.returns.feedback_words import FeedbackWords
from etl.core.text_width import lines_of
from etl.edges.feedback_formats import Formats

ALLOWED = dict.fromkeys(
    ("format_cells", "format_columns", "format_rows", "insert_rows", "delete_rows", "sort", "autofilter"),
    True,
)
"""What a locked sheet still lets one do."""
A4 = 9  # letter paper else
_COUNT = 11  # as wide as columns are at most that hold a number, or a number and its unit


def write_first_sheet(sheet: Any, feedback: Feedback, words: FeedbackWords, looks: Formats) -> None:
    """What to do in three lines, then every kind of fault once, the most worthwhile first."""
    said = words.problems
    last = len(said.headings) - 1
    for column, width in enumerate(said.widths):
        sheet.set_column(column, column, width)
    lines = [(feedback.title, looks.title, 30), *((step, looks.step, 34) for step in feedback.steps)]
    lines += [(note, looks.note, 22) for note in (feedback.summary, *feedback.notes)]
    for row, (text, look, height) in enumerate(lines):
        sheet.set_row(row, height)
        sheet.merge_range(row, 0, row, last, "", look)
        sheet.write_string(row, 0, inert(text), look)
    top = len(lines) + 1
    if feedback.problems:
        _strings(sheet, top, said.headings, looks.heading)
        sheet.repeat_rows(top)
    for row, problem in enumerate(feedback.problems, top + 1):
        _line(sheet, row, problem.cells, looks, said.widths)
        sheet.write_number(row, 0, int(problem.cells[0]), looks.number[problem.level])
        if problem.sheet:
            target = f"internal:'{problem.sheet}'!{xl_rowcol_to_cell(problem.line, problem.column)}"
            sheet.write_url(row, last, target, looks.link, said.go)
        else:
            sheet.write_blank(row, last, None, looks.plain)
    sheet.hide_gridlines(2)
    _one_page_wide(sheet)
    sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})
    sheet.activate()


def write_warnings(sheet: Any, feedback: Feedback, words: FeedbackWords, looks: Formats) -> None:
    """What has to be explained, and where to write it."""
    said = words.warnings
    for column, width in enumerate(said.widths):
        sheet.set_column(column, column, width)
    key, answer = len(said.headings), len(said.headings) - 1
    sheet.set_column(key, key, None, None, {"hidden": True})
    sheet.set_row(0, 30)
    _strings(sheet, 0, [*said.headings, words.cells.key_heading], looks.heading)
    for row, question in enumerate(feedback.questions, 1):
        _line(sheet, row, question.cells, looks, said.widths)
        sheet.write_blank(row, answer, None, looks.answer)
        sheet.write_string(row, key, question.key)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    _one_page_wide(sheet)
    sheet.protect("", ALLOWED)


def _one_page_wide(sheet: Any) -> None:
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)


def _strings(sheet: Any, row: int, texts: Iterable[str], look: Any) -> None:
    for column, text in enumerate(texts):
        sheet.write_string(row, column, text, look)


def _line(sheet: Any, row: int, cells: Sequence[str | int], looks: Formats, widths: Sequence[int]) -> None:
    """A row of wrapped texts, as high as the longest of them needs."""
    lines = [lines_of(str(value), max(1, width - 2), spare=1) for value, width in zip(cells, widths, strict=False)]
    sheet.set_row(row, min(400, 17 * max(lines) + 4))
    for column, (value, width) in enumerate(zip(cells, widths, strict=False)):
        look = looks.centred if isinstance(value, int) or width <= _COUNT else looks.plain
        if isinstance(value, int):
            sheet.write_number(row, column, value, look)
        else:
            sheet.write_string(row, column, inert(value), look)
