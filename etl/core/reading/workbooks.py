"""XLSX and XLS bytes into grids of text, by fastexcel (calamine)."""

import fastexcel
import pyarrow as pa
import pyarrow.compute as pc

from etl.core.reading.grids import CellFault, FileFinding, Grid, Grids, Limits, Refusal, storable
from etl.core.reading.guard_xls import inspect_xls
from etl.core.reading.guard_zip import inspect_archive

_ERROR_TEXTS = {
    "Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!", "Num": "#NUM!", "Ref": "#REF!",
    "Value": "#VALUE!", "GettingData": "#GETTING_DATA",
}
_MIDNIGHT = " 00:00:00"
_NO_WORKSHEET = "not a valid worksheet"  # what the parser says of a sheet that is one chart


def read_xlsx(content: bytes, limits: Limits) -> Grids:
    """All sheets of an XLSX or XLSM workbook; macros are named (R07), never run."""
    facts = inspect_archive(content, limits)
    findings = (FileFinding("R07"),) if facts.macros else ()
    return _sheets(content, limits, facts.uncached), findings


def read_xls(content: bytes, limits: Limits) -> Grids:
    """All sheets of an XLS workbook of Excel 97 to 2003."""
    inspect_xls(content, limits)
    return _sheets(content, limits, {}), ()


def _sheets(content: bytes, limits: Limits, uncached: dict[str, tuple[CellFault, ...]]) -> tuple[Grid, ...]:
    """Grids of all sheets that hold a cell. Refusal R04 for whatever the parser cannot read."""
    try:
        book = fastexcel.read_excel(content)
        names = book.sheet_names
        if len(names) > limits.sheets:
            raise Refusal("R09", observed=f"{len(names)}", expected=f"{limits.sheets}")
        grids = [_sheet(book, name, limits, uncached.get(name, ())) for name in names]
    except fastexcel.FastExcelError as error:
        rule = "R05" if "password" in str(error).lower() else "R04"
        raise Refusal(rule) from error
    except BaseException as error:
        # A panic of the Rust parser (an index out of range on damaged bytes) has no class to import and
        # derives from BaseException. It is a property of the file; anything else is not ours to catch.
        if type(error).__name__ != "PanicException":
            raise
        raise Refusal("R04") from None
    return tuple(grid for grid in grids if grid.columns)


def _sheet(book: fastexcel.ExcelReader, name: str, limits: Limits, uncached: tuple[CellFault, ...]) -> Grid:
    try:
        sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string", whitespace_as_null=True)
    except fastexcel.FastExcelError as error:
        if _NO_WORKSHEET in str(error):
            return Grid(name, ())
        raise
    batch, errors = sheet.to_arrow_with_errors()
    first = min((column.absolute_index for column in sheet.selected_columns), default=0)
    faults = list(uncached)
    for cell in errors.errors[: limits.findings_per_rule + 1] if errors else ():
        row, column = cell.position
        kind = cell.detail.partition("Error(")[2].partition(")")[0]
        faults.append(CellFault("R23", row + 1, first + column, _ERROR_TEXTS.get(kind, "#ERROR")))
    columns = tuple(_tidy(column) for column in batch.columns)
    hidden = sheet.visible != "visible"
    return Grid(storable(name), columns, hidden=hidden, first_column=first, typed=True, faults=tuple(faults))


def _tidy(column: pa.Array) -> pa.Array:
    """Dates without a time of day as plain ISO days, NUL as U+FFFD; the text is otherwise as the parser gives it."""
    if column.null_count == len(column):
        return column.cast(pa.string())
    dated = pc.ends_with(column, _MIDNIGHT)
    if dated.true_count:
        shorter = pc.utf8_slice_codeunits(column, 0, 10)
        column = pc.if_else(dated, shorter, column)
    if pc.match_substring(column, "\0").true_count:  # written _x0000_ in XLSX, as it is in XLS
        column = pc.replace_substring(column, "\0", storable("\0"))
    return column.cast(pa.string())
