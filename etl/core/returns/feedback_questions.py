"""The warnings sheet of the fix-me workbook: questions to explain, and the keys that bring each answer home."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from etl.core.reading.seal import row_key
from etl.core.returns.entries import identifying
from etl.core.returns.faults import Fault, Group, row_ranges, rows_of
from etl.core.returns.feedback_sheets import DataSheet, RuleTexts, Source
from etl.core.returns.feedback_words import FeedbackWords


@dataclass(frozen=True)
class Question:
    """A line of the warnings sheet. `key` names the warning, or all equal ones, when the answer comes back."""

    cells: tuple[str | int, ...]
    key: str


def questions_of(
    groups: Sequence[Group], sheets: Mapping[str, DataSheet], sources: Sequence[Source], texts: RuleTexts,
    words: FeedbackWords,
) -> tuple[Question, ...]:
    """One line a warning; where there are very many equal ones, one line for all of them."""
    receipts = {source.table.key: source.receipt_id for source in sources}
    subjects = {source.table.key: _subjects(source) for source in sources}
    found: list[Question] = []
    for faults in (each for group in groups if group.first.level == "warning" for each in group.by_column()):
        many = len(faults) > words.warnings.fold_above
        rows = words.warnings.many.format(rows=row_ranges(rows_of(faults)), count=len(faults)) if many else ""
        for fault in faults[:1] if many else faults:
            key = warning_keys(fault, receipts)[many]
            sentence, remedy = texts[fault.rule]
            subject = "" if many else subjects.get(fault.table or "", {}).get(fault.row or 0, "")
            observed = words.found_word(fault) + fault.found if fault.worked_out else fault.found
            sheet = sheets.get(fault.table or "")
            cells = (
                len(found) + 1, sheet.name if sheet else fault.sheet, rows or fault.row or "", subject, fault.heading,
                words.problems.problem.format(rule=fault.rule, sentence=sentence), observed, fault.expected, remedy,
            )
            found.append(Question(cells, key))
    return tuple(found)


def warning_keys(fault: Fault, receipts: Mapping[str, str]) -> tuple[str, str]:
    """What names a warning in the workbook: alone, and together with all that are equal to it."""
    receipt = receipts.get(fault.table or "", "")
    row = row_key(receipt, fault.row) if fault.row is not None and receipt else "-"
    start = "|".join((fault.table or "", fault.rule, fault.column or fault.letter or ""))
    return f"{start}|{row}", f"{start}|*"


def _subjects(source: Source) -> dict[int, str]:
    """Row number → what the row calls itself."""
    keys = [column.key for column in identifying(source.table)[:2] if column.key in source.columns]
    lists = [source.cells.column(key).to_pylist() for key in keys]
    rows = source.cells.column("row_number").to_pylist()
    return {row: " ".join(text for text in parts if text) for row, *parts in zip(rows, *lists, strict=True)}
