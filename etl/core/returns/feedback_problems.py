"""The first sheet of the fix-me workbook: what is wrong, as problems with their places and an example."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from etl.core.casts import NOT_FILLED
from etl.core.returns.faults import Fault, Group, Ranked, row_ranges, rows_of
from etl.core.returns.feedback_sheets import DataSheet, RuleTexts
from etl.core.returns.feedback_words import FeedbackWords

LONGEST_PLACES = 1_500  # what a reader may still be shown in one cell


@dataclass(frozen=True)
class Problem:
    """A line of the first sheet, as it is shown; `sheet` and `line`, `column` say where its link leads."""

    cells: tuple[str | int, ...]
    level: str
    sheet: str | None = None
    line: int = 0
    column: int = 0


def problems_of(
    ranking: Sequence[Ranked], groups: Sequence[Group], sheets: Mapping[str, DataSheet], texts: RuleTexts, words: FeedbackWords
) -> tuple[Problem, ...]:
    """What holds whole files, then what holds rows by worth, then warnings; each group once with all its places."""
    whole = [each for each in ranking if not each.group.key[0]]
    rest = [each for each in ranking if each.group.key[0]]
    asked = [Ranked(group, 0, 0.0) for group in groups if group.first.level == "warning"]
    return tuple(
        problem
        for number, each in enumerate((*whole, *rest, *asked), 1)
        for problem in _problem(number, each, sheets, texts, words)
    )


def _problem(
    number: int, each: Ranked, sheets: Mapping[str, DataSheet], texts: RuleTexts, words: FeedbackWords
) -> Iterator[Problem]:
    """One line a group; more where its places are too many for one cell."""
    fault, said = each.group.first, words.problems
    sentence, remedy = texts[fault.rule]
    sheet = sheets.get(fault.table or "")
    holds = fault.level != "warning"
    for part, place in enumerate(_places(each.group, words)):
        first = part == 0
        cells = (
            number, f"{said.levels[fault.level]} {said.problem.format(rule=fault.rule, sentence=sentence)}", remedy,
            sheet.name if sheet else fault.sheet, place, _example(fault, words) if first else "",
            len(each.group.faults) if first else "",
            said.freed.format(rows=each.freed) if first and holds and each.freed else "",
            f"{each.share:.0%}" if first and holds and fault.table else "",
        )
        if sheet is None:
            yield Problem(cells, fault.level)
            continue
        on_row = fault.row is not None and fault.level != "file"
        line = sheet.line_of(fault.row or 0) if on_row else sheet.heading_line
        at = next((c.index for c in sheet.columns if c.key == fault.column), sheet.columns[0].index)
        yield Problem(cells, fault.level, sheet.name, line, at)


def _places(group: Group, words: FeedbackWords) -> list[str]:
    """Where a group stands, column by column with all rows; cut into as many texts as a cell's length asks for."""
    said, texts = words.problems, [""]
    for faults in group.by_column():
        first = faults[0]
        rows = row_ranges(rows_of(faults)) if first.level != "file" else ""
        heading = (
            said.column.format(letter=first.letter, heading=first.heading) if first.letter else first.heading
        )
        files = "、".join(dict.fromkeys(said.file.format(name=fault.file) for fault in faults if fault.file and not fault.table))
        rest = said.rows.format(rows=rows) if rows else said.whole_table if first.table else files or said.whole_file
        pieces = f"{heading}{said.colon}{rest}" if heading else rest
        while pieces:
            room = LONGEST_PLACES - len(texts[-1])
            if room < len(pieces) and texts[-1] and len(pieces) < LONGEST_PLACES:
                texts.append("")
                continue
            cut = len(pieces) if len(pieces) <= room else pieces.rfind("、", 0, room) + 1 or room
            texts[-1] += ("\n" if texts[-1] else "") + pieces[:cut]
            pieces = pieces[cut:]
            if pieces:
                texts.append("")
    return texts


def _example(fault: Fault, words: FeedbackWords) -> str:
    said, asked = words.problems, fault.level == "warning"
    if fault.level == "file" or fault.row is None:
        compared = said.example_file_asked if asked else said.example_file
        form = compared if fault.expected else said.example_file_found
        form = said.example_file_expected if not fault.observed else form
        return (
            form.format(observed=fault.found, expected=fault.expected)
            if fault.observed or fault.expected
            else ""
        )
    compared = said.example_asked if asked else said.example
    form = compared if fault.expected else said.example_found
    form = said.example_blank if fault.observed in ("", NOT_FILLED) else form
    return form.format(row=fault.row, found=words.found_word(fault), observed=fault.found, expected=fault.expected)
