"""A unit's own sheets as they go back to it: own columns and rows at their own addresses, what is wrong marked."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from etl.core.programmes.layout import TableLayout
from etl.core.reading.grids import column_index, column_letter
from etl.core.reading.seal import row_key
from etl.core.returns.entries import Entry, Openings, entry_of, identifying
from etl.core.returns.faults import Fault
from etl.core.returns.feedback_words import FeedbackWords

SPARE_ROWS, TEMPLATE_ROWS = 20, 300
RuleTexts = Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Source:
    """A table as it was read: receipt, sheet, column key → (heading, letter), cells with their row numbers."""

    table: TableLayout
    receipt_id: str
    sheet: str
    columns: Mapping[str, Sequence[str]]
    cells: pa.Table


@dataclass(frozen=True)
class Mark:
    """What a cell carries: the heaviest level of its faults and the note that tells them all."""

    level: str
    note: str


@dataclass(frozen=True)
class SheetColumn:
    """A column at its own place (`index` from 0). `mark` is for the heading; `opened` frees the whole column."""

    index: int
    key: str
    heading: str
    type: str
    entry: Entry | None
    mark: Mark | None = None
    opened: bool = False
    emptied: bool = False


@dataclass(frozen=True)
class DataSheet:
    """One sheet to be written. Lines are counted from 0; `lines[i]` is where the i-th row goes."""

    name: str
    table: str
    receipt_id: str | None
    heading_line: int
    columns: tuple[SheetColumn, ...]
    lines: Sequence[int]
    values: Sequence[Sequence[str | None]]  # one a column
    keys: Sequence[str]
    marks: Mapping[tuple[int, str], Mark]  # (i, column key)
    opened: Mapping[int, frozenset[str]]  # i → column keys
    row_marks: Mapping[int, str]
    mark_column: int
    key_column: int
    spare_rows: int = SPARE_ROWS
    lead: int = 1  # columns that stay in view
    shift: int = 0  # how far rows had to move down from where they stood

    def line_of(self, row: int) -> int:
        """The line of one of the unit's row numbers."""
        return row - 1 + self.shift


def data_sheet(
    source: Source, name: str, faults: Sequence[Fault], texts: RuleTexts, openings: Openings,
    opened_columns: frozenset[str], words: FeedbackWords,
) -> DataSheet:
    """The sheet of a source with its faults marked. `opened_columns` are opened because of another table's fault."""
    rows: list[int] = source.cells.column("row_number").to_pylist()
    shift = max(0, 2 - rows[0]) if rows else 0  # a heading needs a line above the first row
    place = {row: at for at, row in enumerate(rows)}
    columns = _columns(source, faults, texts, opened_columns, words)
    by_cell = _by_cell(source.table, faults, place)
    last = max(column.index for column in columns)
    lead = {column.key for column in identifying(source.table)[:2]}
    values = [
        [None] * len(rows) if column.emptied or column.key not in source.columns
        else source.cells.column(column.key).to_pylist()
        for column in columns
    ]
    return DataSheet(
        name=name,
        table=source.table.key,
        receipt_id=source.receipt_id,
        heading_line=max(0, rows[0] - 2 + shift) if rows else 0,
        columns=columns,
        lines=[row - 1 + shift for row in rows],
        values=values,
        keys=[row_key(source.receipt_id, row) for row in rows],
        marks={cell: _mark(found, texts, words) for cell, found in by_cell.items()},
        opened=_opened(source.table.key, by_cell, openings),
        row_marks=_row_marks(by_cell, words),
        mark_column=0
        if all(column.index for column in columns)
        else last + 1,  # a serial number's place is free
        key_column=last + 2,
        spare_rows=0 if source.table.one_row else SPARE_ROWS,
        lead=max((column.index + 1 for column in columns if column.key in lead), default=1),
        shift=shift,
    )


def template_sheet(table: TableLayout, name: str) -> DataSheet:
    """An empty sheet with a table's own headings, to be filled."""
    columns = tuple(
        SheetColumn(index, column.key, column.headings[0], column.type, entry_of(column), opened=True)
        for index, column in enumerate(table.columns)
    )
    return DataSheet(
        name, table.key, None, 1, columns, [], [[] for _ in columns], [], {}, {}, {}, len(columns), len(columns) + 1,
        spare_rows=1 if table.one_row else TEMPLATE_ROWS, lead=1,
    )


def _columns(
    source: Source, faults: Sequence[Fault], texts: RuleTexts, opened: frozenset[str], words: FeedbackWords
) -> tuple[SheetColumn, ...]:
    """The unit's own columns in its own places, then the columns it lacks and has a fault in."""
    layout = {column.key: column for column in source.table.columns}
    letters = {key: letter for key, (_, letter) in source.columns.items()}
    if len(set(letters.values())) < len(letters):  # written downwards: all values stand in one column
        letters = {key: column_letter(index) for index, key in enumerate(source.columns)}
    whole: dict[str, list[Fault]] = defaultdict(list)
    for fault in faults:
        if fault.column in layout and fault.level == "file":
            whole[fault.column or ""].append(fault)
    found = []
    for key, letter in letters.items():
        column, doubtful = layout[key], any(fault.rule in _REPEATED for fault in whole[key])
        mark = _mark(whole[key], texts, words) if whole[key] else None
        found.append(
            SheetColumn(column_index(letter), key, source.columns[key][0], column.type, entry_of(column), mark,
                        opened=bool(whole[key]) or key in opened, emptied=doubtful)
        )
    found.sort(key=lambda column: column.index)
    lacking = {fault.column for fault in faults if fault.column in layout and fault.column not in letters}
    for index, key in enumerate(
        (key for key in layout if key in lacking), found[-1].index + 1 if found else 0
    ):
        mark = _mark(whole[key], texts, words) if whole[key] else None
        column = layout[key]
        found.append(
            SheetColumn(index, key, column.headings[0], column.type, entry_of(column), mark, opened=True)
        )
    return tuple(found)


_REPEATED = ("R17",)  # which of two equal columns is meant, only the unit can say


def _by_cell(
    table: TableLayout, faults: Iterable[Fault], place: Mapping[int, int]
) -> dict[tuple[int, str], list[Fault]]:
    """The faults of single cells; those of a row as a whole stand in its first identifying cell."""
    whole_row = identifying(table)[0].key
    keys = {column.key for column in table.columns}
    found: dict[tuple[int, str], list[Fault]] = defaultdict(list)
    for fault in faults:
        at = place.get(fault.row) if fault.row is not None else None
        if at is not None and fault.level != "file":
            column = fault.column if fault.column in keys else None
            found[at, column or whole_row].append(fault)
    return found


def _mark(faults: Sequence[Fault], texts: RuleTexts, words: FeedbackWords) -> Mark:
    level = "warning" if all(fault.level == "warning" for fault in faults) else "row"
    notes = []
    for fault in faults:
        sentence, remedy = texts[fault.rule]
        # What a warning is held against is nothing that should stand there.
        compared = words.cells.note_asked if fault.level == "warning" else words.cells.note
        form = compared if fault.expected else words.cells.note_without
        observed = fault.found or words.cells.blank
        notes.append(
            form.format(
                rule=fault.rule, sentence=sentence, found=words.found_word(fault), observed=observed,
                expected=fault.expected, remedy=remedy,
            )
        )
    return Mark(level, "\n\n".join(dict.fromkeys(notes)))


def _opened(
    table: str, by_cell: Mapping[tuple[int, str], Sequence[Fault]], openings: Openings
) -> dict[int, frozenset[str]]:
    opened: dict[int, frozenset[str]] = {}
    for at, column in by_cell:
        opened[at] = opened.get(at, frozenset()) | openings.in_row(table, column)
    return opened


def _row_marks(by_cell: Mapping[tuple[int, str], Sequence[Fault]], words: FeedbackWords) -> dict[int, str]:
    """What the mark column says of a row: ✗2 ⚠1."""
    order = list(words.problems.levels.values())  # the gravest first
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for (at, _), faults in by_cell.items():
        for fault in faults:
            sign = words.problems.levels[fault.level]
            counts[at][sign] = counts[at].get(sign, 0) + 1
    return {
        at: " ".join(f"{sign}{count}" for sign, count in sorted(signs.items(), key=lambda each: order.index(each[0])))
        for at, signs in counts.items()
    }
