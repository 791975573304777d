"""CSV bytes into one grid of text: encoding and delimiter are found out, ragged rows are kept."""

import csv
import io

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from etl.core.reading.grids import FileFinding, Grid, Grids, Limits, Refusal

_SAMPLE = 262_144  # bytes looked at for the delimiter and the width
_SAMPLE_ROWS = 40
_DELIMITERS = ",\t;"
_BLOCK = 1 << 22
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def read_csv(content: bytes, limits: Limits) -> Grids:
    """The file as one grid, as wide as the widest of its first rows.

    Raises ``Refusal``: R09 too many columns or rows, R10 encoding, R11 NUL bytes, R12 an open quote,
    R30 when so many rows have cells too many (R13) that the delimiter must be wrong.
    """
    text = utf8_of(content)
    delimiter, width = _shape(text, limits)
    _check_quotes(text, delimiter)
    ragged: list[tuple[int, str]] = []
    table = _parse(text, delimiter, width, ragged)
    rows = table.num_rows + len(ragged)
    if rows > limits.rows:
        raise Refusal("R09", observed=f"{rows:,}", expected=f"{limits.rows:,}")
    columns = [_without_blanks(column.combine_chunks()) for column in table.columns]
    findings: list[FileFinding] = []
    if ragged:
        columns, findings = _with_ragged(columns, ragged, delimiter)
    if len(findings) > limits.findings_per_rule:
        raise Refusal("R30", observed=f"R13: {len(findings):,}", row=findings[0].row)
    return (Grid("", tuple(columns)),), tuple(findings)


def utf8_of(content: bytes) -> bytes:
    """The content as UTF-8 without a byte order mark, from UTF-8, GB 18030 or (with a mark) UTF-16.

    Raises ``Refusal``: R10 when it is none of them, R11 when NUL bytes stand in it.
    """
    text = _decoded(content)
    at = text.find(b"\0")
    if at >= 0:
        raise Refusal("R11", observed=f"{text.count(bytes(1)):,}", row=text.count(b"\n", 0, at) + 1)
    return text


def _decoded(content: bytes) -> bytes:
    encoding = _UTF16.get(content[:2])
    if encoding:
        try:
            return content[2:].decode(encoding).encode()
        except UnicodeDecodeError as error:
            raise Refusal("R10", observed=f"{encoding} @{error.start}") from error
    body = content.removeprefix(b"\xef\xbb\xbf")
    try:
        body.decode()
    except UnicodeDecodeError:
        try:
            return body.decode("gb18030").encode()
        except UnicodeDecodeError as error:
            row = body.count(b"\n", 0, error.start) + 1
            raise Refusal("R10", observed=f"gb18030 @{error.start}", row=row) from error
    return body


def _shape(text: bytes, limits: Limits) -> tuple[str, int]:
    """The delimiter that cuts the first rows into most cells, and the most cells it cuts one into."""
    cut = text.find(b"\n", _SAMPLE)
    sample = text[: cut if cut >= 0 else len(text)]
    widths = {delimiter: _widths(sample, delimiter) for delimiter in _DELIMITERS}
    delimiter = max(_DELIMITERS, key=lambda each: sum(widths[each]) - len(widths[each]))
    width = max(widths[delimiter], default=1)
    if width > limits.columns:
        raise Refusal("R09", observed=f"{width:,}", expected=f"{limits.columns:,}")
    return delimiter, width


def _widths(sample: bytes, delimiter: str) -> list[int]:
    """How many cells the first rows have; fewer when a cell passes the csv module's 131,072 characters."""
    widths: list[int] = []
    try:
        for row in csv.reader(io.TextIOWrapper(io.BytesIO(sample), "utf-8", newline=""), delimiter=delimiter):
            widths.append(len(row))
            if len(widths) == _SAMPLE_ROWS:
                break
    except csv.Error:
        return widths  # a very long cell (R25 later) or an open quote (R12 next)
    return widths


def _check_quotes(text: bytes, delimiter: str) -> None:
    """Refuse a quote that is opened and never closed: everything behind it would be one cell.

    An odd number of quotes alone proves nothing: one inside a cell, as in 5"屏, is harmless.
    """
    if text.count(b'"') % 2 == 0:
        return
    rows = 0
    try:
        for _ in csv.reader(io.StringIO(text.decode(), newline=""), delimiter=delimiter, strict=True):
            rows += 1
    except csv.Error as error:
        raise Refusal("R12", row=rows + 1) from error


def _parse(text: bytes, delimiter: str, width: int, ragged: list[tuple[int, str]]) -> pa.Table:
    """All rows of exactly ``width`` cells; the others go to ``ragged`` with their row number from 1.

    The parser knows row numbers only without threads, so a file with a ragged row is read a second time.
    """
    numbers: list[int | None] = []

    def set_aside(row: pa_csv.InvalidRow) -> str:
        numbers.append(row.number)
        ragged.append((row.number or 0, row.text))
        return "skip"

    for threads, block in ((len(text) > _BLOCK, _BLOCK), (False, _BLOCK), (False, len(text) + 1)):
        numbers.clear()
        ragged.clear()
        try:
            table = _parse_once(text, delimiter, width, set_aside, threads=threads, block=block)
        except pa.ArrowInvalid as error:
            problem: pa.ArrowInvalid = error  # a row longer than the block: the last try has one block
            continue
        if None not in numbers:
            return table
    raise Refusal("R04") from problem


def _parse_once(
    text: bytes, delimiter: str, width: int, set_aside: object, *, threads: bool, block: int
) -> pa.Table:
    names = [str(index) for index in range(width)]
    return pa_csv.read_csv(
        pa.BufferReader(text),
        read_options=pa_csv.ReadOptions(column_names=names, use_threads=threads, block_size=block),
        parse_options=pa_csv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=b'"' in text,
            ignore_empty_lines=False,
            invalid_row_handler=set_aside,
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            check_utf8=False,
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            null_values=[""],
        ),
    )


def _without_blanks(column: pa.Array) -> pa.Array:
    """The column with cells of nothing but white space, U+3000 too, as null."""
    blank = pc.utf8_is_space(column)
    return pc.if_else(blank, None, column) if blank.true_count else column


def _with_ragged(
    columns: list[pa.Array], ragged: list[tuple[int, str]], delimiter: str
) -> tuple[list[pa.Array], list[FileFinding]]:
    """The columns with the ragged rows back in their places, and a finding for each cell row too long.

    A row too short is only filled up: programs that write CSV often leave empty cells at the end away.
    """
    width, findings = len(columns), []
    kept: list[list[str | None]] = []
    for number, source in ragged:
        row = next(csv.reader(io.StringIO(source, newline=""), delimiter=delimiter), [])
        beyond = sum(1 for cell in row[width:] if cell.strip())
        if beyond:
            findings.append(FileFinding("R13", row=number, observed=f"{len(row)}", expected=f"{width}"))
        cells = [cell if cell.strip() else None for cell in row[:width]]
        kept.append(cells + [None] * (width - len(cells)))
    places = pa.array([number - 1 for number, _ in ragged], pa.int64())
    total = len(columns[0]) + len(ragged)
    everywhere = pa.array(range(total), pa.int64())
    others = everywhere.filter(pc.invert(pc.is_in(everywhere, value_set=places)))
    order = pc.sort_indices(pa.concat_arrays([others, places]))
    restored = []
    for index, column in enumerate(columns):
        extra = pa.array([row[index] for row in kept], pa.string())
        restored.append(pa.concat_arrays([column, extra]).take(order))
    return restored, findings
