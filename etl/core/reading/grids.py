"""What every format is read into first: plain grids of text, and the findings about a file."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pyarrow as pa


@dataclass(frozen=True)
class FileFinding:
    """Something wrong with a file or a place in it. Level, sentence, remedy: ``expectations/reading.yaml``.

    ``row`` is the sheet's row (or the record of a CSV or JSON file) from 1, ``column`` a letter.
    """

    rule: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    observed: str = ""
    expected: str = ""


class Refusal(Exception):
    """Raised by a reader when the file cannot be read at all; ``read_file`` turns it into its finding."""

    def __init__(self, rule: str, observed: str = "", expected: str = "", row: int | None = None) -> None:
        super().__init__(rule)
        self.finding = FileFinding(rule, row=row, observed=observed, expected=expected)


@dataclass(frozen=True)
class Limits:
    """How much one file may cost. Sizes in bytes; ``sheet_cells`` is rows x columns in use."""

    file_size: int = 50_000_000
    json_size: int = 16_000_000
    unpacked_size: int = 300_000_000
    archive_members: int = 2_000
    sheets: int = 50
    columns: int = 1_000
    rows: int = 2_000_000
    sheet_cells: int = 20_000_000
    cell_size: int = 100_000
    findings_per_rule: int = 1_000


@dataclass(frozen=True)
class CellFault:
    """A cell whose value the file itself does not hold: an error value, a formula never calculated."""

    rule: str
    row: int
    column: int  # counted from 0 = A
    observed: str


@dataclass(frozen=True)
class Grid:
    """One sheet as text: equally long string columns, null where blank.

    ``first_row`` is the row number of the first line (0 when a JSON reader put the keys there),
    ``first_column`` the sheet column (0 = A) of the first array.
    """

    sheet: str
    columns: tuple[pa.Array, ...]
    hidden: bool = False
    first_row: int = 1
    first_column: int = 0
    typed: bool = False  # cells were numbers and days before they became text: a workbook
    faults: tuple[CellFault, ...] = field(default=())

    @property
    def height(self) -> int:
        """The number of lines, headings and titles included."""
        return len(self.columns[0]) if self.columns else 0

    def lines(self, start: int, count: int) -> list[list[str | None]]:
        """Up to ``count`` lines from line ``start`` (0-based) as lists of text."""
        parts = [column.slice(start, count).to_pylist() for column in self.columns]
        return [list(line) for line in zip(*parts, strict=True)]

    def letter(self, index: int) -> str:
        """The sheet letter of the column at ``index``.

        >>> Grid("s", (), first_column=1).letter(26)
        'AB'
        """
        return column_letter(self.first_column + index)


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL holds no NUL, UTF-8 no half of a pair


def storable(text: str) -> str:
    """``text`` with each character that no file or store can hold as U+FFFD.

    >>> storable("a\\x00b"), storable("\\ud800")
    ('a�b', '�')
    """
    return _UNSTORABLE.sub("\ufffd", text)


Grids = tuple[tuple[Grid, ...], tuple[FileFinding, ...]]
Reader = Callable[[bytes, Limits], Grids]


def column_letter(index: int) -> str:
    """The spreadsheet letter of a column counted from 0.

    >>> [column_letter(i) for i in (0, 25, 26, 701, 702)]
    ['A', 'Z', 'AA', 'ZZ', 'AAA']
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """The 0-based column of a spreadsheet letter, the reverse of ``column_letter``."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def shortened(text: str, length: int = 60) -> str:
    """``text`` on one line, cut for a finding."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"
