"""The annexes as a workbook: numbers as numbers, names inert, native charts, frozen panes, ready to print."""

import datetime as dt
import io

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from etl.core.reports.cells import Cell, Sheet
from etl.core.reports.editions import digest_note
from etl.core.reports.model import Report
from etl.core.reports.sheets import sheets_of
from etl.core.text_width import lines_of

_FACE = "微软雅黑"
_INK, _MUTE, _RULE = "#1F2933", "#66717B", "#C8CDD2"
_RISE, _FALL, _OWN = "#1F5F99", "#B5121B", "#FDF1D3"
_HEAD_ROW = 2
_A4 = 9
_LONGEST_SHEET_NAME = 31
_NOT_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", "_"))
_MOST_CHARTED = 40
_LINE = 15.5
"""Points a line of text takes."""
_NOTES_WIDTH = 110


def annex_workbook(model: Report, issued_on: dt.date) -> bytes:
    """The workbook of a narrated dispatch: a sheet an annex table, and one of notes. The same model gives the same bytes."""
    sink = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(sink, options) as book:
        book.set_properties(
            {
                "title": model["labels"]["subject"],
                "author": model["head"]["organ"],
                "keywords": model["edition"].get("digest", ""),
                "created": dt.datetime.combine(issued_on, dt.time()),
            }
        )
        formats = _Formats(book)
        taken: set[str] = set()
        for sheet in sheets_of(model):
            _write_sheet(book, formats, sheet, _sheet_name(sheet.name, taken), model)
        _write_notes(book, formats, _sheet_name(model["labels"]["sheet_notes"], taken), model)
    return sink.getvalue()


class _Formats:
    """Cell formats by what they show, each made once."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self._made: dict[tuple[tuple[str, object], ...], Format] = {}

    def of(self, **properties: object) -> Format:
        base = {"font_name": _FACE, "font_size": 10, "font_color": _INK, "valign": "vcenter"}
        merged = {**base, **properties}
        key = tuple(sorted(merged.items()))
        if key not in self._made:
            self._made[key] = self.book.add_format(merged)
        return self._made[key]


def _sheet_name(wanted: str, taken: set[str]) -> str:
    """A name that Excel takes and no other sheet bears."""
    stem = wanted.translate(_NOT_IN_SHEET_NAMES)[: _LONGEST_SHEET_NAME - 3] or "-"
    name, number = stem, 1
    while name.lower() in taken:
        number += 1
        name = f"{stem}{number}"
    taken.add(name.lower())
    return name


def _write_sheet(
    book: Workbook, formats: _Formats, sheet: Sheet, name: str, model: Report
) -> None:
    page = book.add_worksheet(name)
    last = len(sheet.columns) - 1
    page.write_string(0, 0, sheet.title, formats.of(bold=True, font_size=14))
    page.write_string(1, 0, sheet.note, formats.of(font_color=_MUTE, font_size=9))
    head = formats.of(bold=True, text_wrap=True, top=2, bottom=1, valign="bottom")
    indented = formats.of(bold=True, text_wrap=True, top=2, bottom=1, valign="bottom", indent=1)
    right_head = formats.of(bold=True, text_wrap=True, top=2, bottom=1, valign="bottom", align="right")
    for at, column in enumerate(sheet.columns):
        left = indented if at else head
        page.write_string(_HEAD_ROW, at, column.head, right_head if column.align == "right" else left)
        page.set_column(at, at, column.width)
    page.set_row(_HEAD_ROW, _LINE * max(2, *(lines_of(column.head, column.width - 1) for column in sheet.columns)))
    for number, row in enumerate(sheet.rows):
        page.set_row(_HEAD_ROW + 1 + number, _LINE * _lines(row, sheet))
        for at, cell in enumerate(row):
            _write_cell(page, formats, _HEAD_ROW + 1 + number, at, cell, sheet, number)
    page.freeze_panes(_HEAD_ROW + 1, 2 if last > 1 else 1)
    page.autofilter(_HEAD_ROW, 0, _HEAD_ROW + len(sheet.rows), last)
    _set_up_print(page, model)
    page.print_area(0, 0, _HEAD_ROW + len(sheet.rows), last)
    if sheet.charted is not None and len(sheet.rows) > 1:
        _add_chart(book, page, sheet, name)


def _lines(row: tuple[Cell, ...], sheet: Sheet) -> int:
    """How many lines the row's longest text takes in its column."""
    return max(lines_of(cell.text, column.width - 1) for cell, column in zip(row, sheet.columns, strict=True))


def _write_cell(
    page: Worksheet, formats: _Formats, row: int, at: int, cell: Cell, sheet: Sheet, number: int
) -> None:
    align = sheet.columns[at].align
    shown: dict[str, object] = {"bottom": 1, "bottom_color": _RULE, "align": align}
    if align == "left":
        shown |= {"text_wrap": True, "indent": 1 if at else 0}  # apart from the number before it
    if number == sheet.own:
        shown["bg_color"] = _OWN
    if cell.good is not None:
        shown["font_color"] = _RISE if cell.good else _FALL
    if cell.number is None:
        page.write_string(row, at, cell.text, formats.of(**shown))
    else:
        page.write_number(row, at, cell.number, formats.of(**shown, num_format=_number_format(cell)))


def _number_format(cell: Cell) -> str:
    """How Excel shows the number: as the paper does. What is told with an arrow or a sign keeps it."""
    digits = "0" + ("." + "0" * cell.decimals if cell.decimals else "")
    body = f"{digits}%" if cell.percent else f"#,##{digits}"
    body += f'"{cell.after}"' if cell.after else ""
    if cell.text[:1] in ("▲", "▼", "＝"):
        return '"▲"0;"▼"0;"＝"'
    if cell.text[:1] in ("+", "−"):
        return f'"+"{body};"−"{body};{body}'
    return f'"≥"{body}' if cell.text[:1] == "≥" else body


def _set_up_print(page: Worksheet, model: Report) -> None:
    page.set_paper(_A4)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(_HEAD_ROW)
    page.set_margins(left=0.6, right=0.6, top=0.8, bottom=0.8)
    subject = model["labels"]["subject"].replace("&", "&&")
    page.set_header(f"&L&9 {subject}&R&9 {model['head']['number'].replace('&', '&&')}")
    page.set_footer(f"&L&8 {model['edition'].get('digest', '')}&C&9— &P —")
    page.hide_gridlines(2)


def _add_chart(book: Workbook, page: Worksheet, sheet: Sheet, name: str) -> None:
    """The charted column as bars beside the table, the first rows on top."""
    shown = min(len(sheet.rows), _MOST_CHARTED)
    first, end, names = _HEAD_ROW + 1, _HEAD_ROW + shown, 1 if sheet.charted == 2 else 0
    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": sheet.columns[sheet.charted or 0].head,
            "categories": [name, first, names, end, names],
            "values": [name, first, sheet.charted, end, sheet.charted],
            "fill": {"color": _RISE},
            "gap": 60,
            "data_labels": {"value": True, "font": {"size": 8, "name": _FACE}},
        }
    )
    chart.set_title(
        {"name": sheet.title, "name_font": {"size": 11, "name": _FACE, "color": _INK}, "overlay": False}
    )
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True, "num_font": {"size": 8, "name": _FACE}, "line": {"none": True}})
    chart.set_x_axis(
        {
            "num_font": {"size": 8, "name": _FACE},
            "major_gridlines": {"visible": True, "line": {"color": "#E2E5E8"}},
        }
    )
    chart.set_size({"width": 560, "height": 120 + 18 * shown})
    page.insert_chart(
        _HEAD_ROW, len(sheet.columns) + 1, chart, {"object_position": 2, "description": sheet.title}
    )


def _write_notes(book: Workbook, formats: _Formats, name: str, model: Report) -> None:
    page = book.add_worksheet(name)
    page.set_column(0, 0, _NOTES_WIDTH)
    page.write_string(0, 0, model["labels"]["notes_title"], formats.of(bold=True, font_size=14))
    lines = [*model["labels"]["notes"], digest_note(model["edition"], model["labels"])]
    for at, line in enumerate(filter(None, lines), start=1):
        page.set_row(at, _LINE * lines_of(line, _NOTES_WIDTH - 2))
        page.write_string(at, 0, line, formats.of(text_wrap=True, valign="top"))
    _set_up_print(page, model)
