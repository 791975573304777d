"""What the fix-me workbook lets into a cell, as xlsxwriter's data validation: drop-downs, bounds of numbers, a word on dates."""

from collections.abc import Sequence
from typing import Any

from xlsxwriter.utility import xl_range_abs

from etl.core.returns.entries import Entry
from etl.core.returns.feedback_words import FeedbackWords

_LONGEST_LIST = 255  # what a drop-down may hold in itself


class EntryRules:
    """The rules of one workbook, and the lists that its sheet of lists has to hold, one a column."""

    def __init__(self, words: FeedbackWords) -> None:
        self._words = words
        self.long_lists: list[Sequence[str]] = []

    def rule(self, entry: Entry) -> dict[str, Any]:
        """The options of `data_validation` for an entry."""
        said = self._words.cells
        rule: dict[str, Any] = {"ignore_blank": True, "error_title": said.entry_title}
        if entry.kind == "list":
            return {
                **rule,
                "validate": "list",
                "source": self._source(entry.words),
                "error_message": said.wrong_list,
            }
        if entry.kind == "date":
            # What is already written as text must stay as it is: dates are asked for, not enforced by a type.
            return {
                **rule,
                "validate": "any",
                "input_title": said.entry_title,
                "input_message": said.wrong_date,
            }
        both = entry.maximum is not None
        bounds = said.bounds["both" if both else "minimum" if entry.minimum is not None else "none"].format(
            minimum=f"{entry.minimum:g}", maximum=f"{entry.maximum:g}" if both else ""
        )
        message = said.wrong_number.format(kind=said.kinds[entry.kind], bounds=bounds)
        rule |= {"validate": "integer" if entry.kind == "whole" else "decimal", "error_message": message}
        if both:
            return {**rule, "criteria": "between", "minimum": entry.minimum, "maximum": entry.maximum}
        return {**rule, "criteria": ">=", "value": entry.minimum}

    def _source(self, choices: Sequence[str]) -> Any:
        if len(",".join(choices)) <= _LONGEST_LIST and not any("," in word for word in choices):
            return list(choices)
        if choices not in self.long_lists:
            self.long_lists.append(choices)
        column = self.long_lists.index(choices)
        return f"='{self._words.sheets.lists}'!{xl_range_abs(0, column, len(choices) - 1, column)}"
