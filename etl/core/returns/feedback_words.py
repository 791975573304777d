"""The words of the fix-me workbook and of answers; the catalogue is templates/feedback/wording.zh-CN.yaml."""

from collections.abc import Mapping

from etl.core.programmes.indicators import Model
from etl.core.returns.faults import Fault


class SheetNames(Model):
    first: str
    warnings: str
    lists: str


class StepPlaces(Model):
    """What the steps call the list of faults and the empty sheets, from where they are read."""

    list: str
    blank: str


class StepWords(Model):
    numbered: str
    numbers: tuple[str, ...]
    workbook: StepPlaces
    letter: StepPlaces
    fix: str
    fix_all: str
    fix_none: str
    fix_table: str
    fix_unread: str
    fix_unfiled: str
    explain: str
    send: str


class SummaryWords(Model):
    unfiled: str
    unread: str
    asked: str
    plain: str


class NoteWords(Model):
    none_left: str
    left_out: str
    repeated_column: str


class FoundWords(Model):
    """What is shown as found was filed, or worked out of what was."""

    filed: str
    worked_out: str


class ProblemWords(Model):
    headings: tuple[str, ...]
    widths: tuple[int, ...]
    problem: str
    whole_file: str
    file: str
    whole_table: str
    column: str
    colon: str
    rows: str
    example: str
    example_asked: str
    example_blank: str
    example_found: str
    example_file: str
    example_file_asked: str
    example_file_found: str
    example_file_expected: str
    freed: str
    go: str
    levels: Mapping[str, str]


class WarningWords(Model):
    headings: tuple[str, ...]
    widths: tuple[int, ...]
    many: str
    fold_above: int


class CellWords(Model):
    mark_heading: str
    key_heading: str
    legend: str
    note: str
    note_asked: str
    note_without: str
    blank: str
    cut: str
    wrong_list: str
    wrong_number: str
    wrong_date: str
    entry_title: str
    kinds: Mapping[str, str]
    bounds: Mapping[str, str]


class RefusalWords(Model):
    seal: str
    unit: str
    unknown_unit: str
    period: str
    programme: str
    no_unit: str
    row_keys: str
    nothing_filled_in: str
    unreadable: str
    too_large: str
    fix_unknown: str
    fix_empty: str
    fix_reason: str


class StandingWords(Model):
    taken: str
    fixed: str
    same: str
    repeated: str
    more_held: str
    fewer_accepted: str
    not_fewer: str
    undoes: str
    fix_more_held: str
    fix_fewer_accepted: str
    fix_not_fewer: str
    superseded: str


class FeedbackWords(Model):
    """All of them."""

    sheets: SheetNames
    file_name: str
    author: str
    title: str
    summary: SummaryWords
    steps: StepWords
    unit_words: Mapping[str, str]
    notes: NoteWords
    found: FoundWords
    problems: ProblemWords
    warnings: WarningWords
    cells: CellWords
    refusals: RefusalWords
    standing: StandingWords

    def found_word(self, fault: Fault) -> str:
        """What to call what is shown as found."""
        return self.found.worked_out if fault.worked_out else self.found.filed

    def unit_word(self, tables: set[str]) -> str:
        """What held rows are called: by their own word when all are of one table."""
        only = next(iter(tables)) if len(tables) == 1 else ""
        return self.unit_words.get(only, self.unit_words["default"])
