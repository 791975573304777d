"""What may be typed into a column of the forms, and which cells may have to change to put a fault right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from etl.core.programmes.formula import parse_formula
from etl.core.programmes.indicators import IndicatorCatalogue
from etl.core.programmes.layout import Column, Layout, TableLayout
from etl.core.programmes.programme import Programme

KIND = "branch_kind"
"""The column that says whether a branch counts members at all: with a wrong kind, right counts of members are faults."""

EntryKind = Literal["list", "whole", "decimal", "date"]


@dataclass(frozen=True)
class Entry:
    """What a spreadsheet lets into a cell: a word of a list, a number between bounds, a date. No bound is None."""

    kind: EntryKind
    words: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


def entry_of(column: Column) -> Entry | None:
    """The entry rule of a column; None where any text is right."""
    if column.type == "yes_no":
        return Entry("list", _first_words(column.choices))
    if column.type == "choice":
        return Entry("list", tuple(column.choices)) if column.choices else None
    if column.type == "whole":
        return Entry("whole", minimum=0)
    if column.type in ("number", "money"):
        return Entry("decimal", minimum=0)
    if column.type == "share":
        return Entry("decimal", minimum=0, maximum=1)
    return Entry("date") if column.type == "date" else None


def _first_words(choices: Mapping[str, str]) -> tuple[str, ...]:
    """The first word of each meaning: 是 and 否, not √ and ×."""
    first: dict[str, str] = {}
    for word, meaning in choices.items():
        first.setdefault(meaning, word)
    return tuple(first.values())


class Openings:
    """Which columns may have to change for a fault: its own, and those that the rule compares it with."""

    def __init__(self, layout: Layout, programme: Programme, catalogue: IndicatorCatalogue) -> None:
        self._tables = {table.key: table for table in layout.tables}
        self._catalogue = catalogue
        self._formulas = [parse_formula(each.ratio).names for each in programme.thresholds.values()]

    def in_row(self, table: str, column: str | None) -> frozenset[str]:
        """The columns of the row to open for a fault of a column.

        A fault about whose row it is, or about the row as a whole, opens the row; so does any of a ledger.
        """
        layout = self._tables[table]
        found = next((each for each in layout.columns if each.key == column), None)
        if found is None or found.indicator is None:
            return frozenset(each.key for each in layout.columns)
        names = {found.indicator, *self._related(found.indicator)}
        opened = {each.key for each in layout.columns if each.key == column or each.indicator in names}
        if self._catalogue.indicators[found.indicator].of_members:
            opened |= {KIND} & {each.key for each in layout.columns}
        return frozenset(opened)

    def in_other_tables(self, table: str, column: str | None) -> dict[str, frozenset[str]]:
        """Columns of the unit's other tables that file the same figure: a total opens what it is the total of."""
        found = next((each for each in self._tables[table].columns if each.key == column), None)
        if found is None or found.indicator is None or not self._tables[table].one_row:
            return {}
        opened = {
            other.key: _same_figure(other, found) for other in self._tables.values() if other.key != table
        }
        return {key: columns for key, columns in opened.items() if columns}

    def _related(self, indicator: str) -> set[str]:
        """Indicators in a formula with this one: what it must equal, is part of or is worked out from, thresholds."""
        names: set[str] = set()
        for key, each in self._catalogue.indicators.items():
            texts = [text for text in (each.must_equal, each.formula, each.part_of) if text]
            together = {key, *(name for text in texts for name in parse_formula(text).names)}
            names |= together if indicator in together and texts else set()
        for formula in self._formulas:
            names |= set(formula) if indicator in formula else set()
        return names


def _same_figure(table: TableLayout, column: Column) -> frozenset[str]:
    return frozenset(
        each.key for each in table.columns if each.indicator == column.indicator and each.part == column.part
    )


def identifying(table: TableLayout) -> Sequence[Column]:
    """The columns that say which row it is: the required ones that hold no figure, or the first where none is required."""
    required = [column for column in table.columns if column.required and column.indicator is None]
    return required or table.columns[:1]
