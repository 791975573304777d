"""Ordinary and untidy files out of rows."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

Rows = Sequence[Sequence[Any]]


def workbook(sheets: dict[str, Rows], hidden: Sequence[str] = ()) -> bytes:
    """An XLSX of these sheets, each row from column A; None leaves a cell out."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                _put(sheet, number, column, value)
        if name in hidden:
            sheet.sheet_state = "hidden"
    return saved(book)


def _put(sheet: Worksheet, row: int, column: int, value: Any) -> None:
    if value is None:
        return
    cell = sheet.cell(row, column, value)
    # "=…" would become a formula; as text it is what an injection looks like. "#…" is an error value.
    if isinstance(cell, Cell) and isinstance(value, str) and value.startswith("="):
        cell.data_type = "s"


def formula_workbook(rows: Rows, formulas: dict[str, str]) -> bytes:
    """The same with formulas that were never calculated, by cell address."""
    book = openpyxl.load_workbook(io.BytesIO(workbook({"Sheet": rows})))
    for address, formula in formulas.items():
        book.active[address] = formula
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def delimited(rows: Rows, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(
        [["" if cell is None else cell for cell in row] for row in rows]
    )
    return out.getvalue().encode(encoding)
