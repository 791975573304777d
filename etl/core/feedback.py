"""The fix-me workbook as a model: first sheet, the unit's own sheets with their marks, the sheet of warnings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from etl.core.entries import Openings, identifying
from etl.core.faults import Fault, Group, Ranked, groups_of, ranked, row_ranges, rows_of, worth_first
from etl.core.feedback_sheets import DataSheet, RuleTexts, Source, data_sheet, template_sheet
from etl.core.feedback_words import FeedbackWords
from etl.core.layout import Layout
from etl.core.seal import Sealed, SealedTable, keys_digest, row_key

LONGEST_PLACES = 1_500  # what a reader may still be shown in one cell
ENOUGH = 0.9  # the first step names the groups that bring back this share of the held rows


@dataclass(frozen=True)
class About:
    """Whose workbook it is, and how its rows stand."""

    programme: str
    programme_zh: str
    period: str
    period_zh: str
    unit_id: str
    unit_zh: str
    accepted: int
    held: int
    filed: bool


@dataclass(frozen=True)
class Problem:
    """A line of the first sheet, as it is shown; `sheet` and `line`, `column` say where its link leads."""

    cells: tuple[str | int, ...]
    level: str
    sheet: str | None = None
    line: int = 0
    column: int = 0


@dataclass(frozen=True)
class Question:
    """A line of the warnings sheet. `key` names the warning, or all equal ones, when the answer comes back."""

    cells: tuple[str | int, ...]
    key: str


@dataclass(frozen=True)
class Feedback:
    """The whole workbook."""

    about: About
    title: str
    steps: tuple[str, ...]
    summary: str
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]
    questions: tuple[Question, ...]
    sheets: tuple[DataSheet, ...]
    sealed: Sealed


def build_feedback(
    about: About, layout: Layout, sources: Sequence[Source], faults: Sequence[Fault], texts: RuleTexts,
    openings: Openings, words: FeedbackWords,
) -> Feedback:  # fmt: skip
    """The workbook of a unit. `texts`: rule → its sentence and remedy."""
    order = [table.key for table in layout.tables]
    sources = sorted(sources, key=lambda source: order.index(source.table.key))
    names = _sheet_names(layout, sources)
    shown = [source for source in sources if _is_shown(source, faults)]
    sheets = [_sheet(source, names, faults, texts, openings, words) for source in shown]
    filed = {source.table.key for source in sources}
    unread = any(fault.level == "file" and fault.table is None for fault in faults) or not about.filed
    if unread:
        empty = [table for table in layout.tables if table.key not in filed]
        sheets += [template_sheet(table, names[table.key]) for table in empty]
    groups = groups_of(faults)
    rows = {source.table.key: source.cells.column("row_number").to_pylist() for source in sources}
    ranking = ranked(groups, rows)
    by_table = {sheet.table: sheet for sheet in sheets}
    questions = _questions(groups, by_table, sources, texts, words)
    return Feedback(
        about=about,
        title=words.title.format(unit=about.unit_zh, period=about.period_zh, programme=about.programme_zh),
        steps=_steps(about, ranking, len([f for f in faults if f.level == "warning"]), unread, words),
        summary=words.summary.format(
            accepted=about.accepted, held=about.held, warnings=sum(f.level == "warning" for f in faults)
        ),
        notes=_notes(about, faults, sources, shown, names, words),
        problems=tuple(_problems(ranking, groups, by_table, texts, words)),
        questions=tuple(questions),
        sheets=tuple(sheets),
        sealed=_sealed(about, sheets, sources, words),
    )


def _is_shown(source: Source, faults: Sequence[Fault]) -> bool:
    """Tables with figures are checked against one another and always shown, ledgers only with a fault."""
    figures = any(column.indicator for column in source.table.columns)
    return figures or any(fault.table == source.table.key for fault in faults)


def _sheet_names(layout: Layout, sources: Sequence[Source]) -> dict[str, str]:
    """What each table's sheet is called: as the unit called it, unless that is taken or no name for a sheet."""
    own = {source.table.key: source.sheet for source in sources}
    names: dict[str, str] = {}
    for table in layout.tables:
        wanted = own.get(table.key, "")
        plain = "".join(sign for sign in wanted if sign.isprintable() and sign not in "[]:*?/\\'")[
            :31
        ].strip()
        fits = (
            plain and not plain.startswith("_") and plain.lower() not in {n.lower() for n in names.values()}
        )
        names[table.key] = plain if fits else table.sheet_names[0]
    return names


def _sheet(
    source: Source, names: Mapping[str, str], faults: Sequence[Fault], texts: RuleTexts, openings: Openings, words: FeedbackWords
) -> DataSheet:  # fmt: skip
    mine = [fault for fault in faults if fault.table == source.table.key]
    opened: frozenset[str] = frozenset()
    for fault in faults:
        if fault.table and fault.table != source.table.key:
            opened |= openings.in_other_tables(fault.table, fault.column).get(source.table.key, frozenset())
    return data_sheet(source, names[source.table.key], mine, texts, openings, opened, words)


def _steps(
    about: About, ranking: Sequence[Ranked], warnings: int, unread: bool, words: FeedbackWords
) -> tuple[str, str, str]:
    said = words.steps
    groups, rows, share = worth_first(ranking, ENOUGH)
    if unread:
        first = said.fix_unread if about.filed else said.fix_unfiled
    elif not ranking:
        first = said.fix_none
    elif not rows:
        first = said.fix_table
    else:
        word = words.unit_word({each.group.first.table or "" for each in ranking[:groups]})
        first = said.fix.format(groups=groups, rows=rows, share=f"{share:.0%}", unit_word=word)
    second = said.explain if warnings else said.explain_none
    return first, second.format(sheet=words.sheets.warnings, count=warnings), said.send


def _notes(
    about: About, faults: Sequence[Fault], sources: Sequence[Source], shown: Sequence[Source],
    names: Mapping[str, str], words: FeedbackWords,
) -> tuple[str, ...]:  # fmt: skip
    notes = [] if faults or not about.filed else [words.notes.none_left]
    for source in sources:
        name = names[source.table.key]
        if source not in shown:
            notes.append(words.notes.left_out.format(sheet=name, rows=source.cells.num_rows))
    notes += [
        words.notes.repeated_column.format(sheet=fault.sheet, heading=fault.heading)
        for fault in faults
        if fault.rule == "R17" and fault.table
    ]
    return tuple(dict.fromkeys(notes))


def _problems(
    ranking: Sequence[Ranked], groups: Sequence[Group], sheets: Mapping[str, DataSheet], texts: RuleTexts, words: FeedbackWords
) -> list[Problem]:  # fmt: skip
    """What holds whole files, then what holds rows by worth, then warnings; each group once with all its places."""
    whole = [each for each in ranking if not each.group.key[0]]
    rest = [each for each in ranking if each.group.key[0]]
    asked = [Ranked(group, 0, 0.0) for group in groups if group.first.level == "warning"]
    return [
        problem
        for number, each in enumerate((*whole, *rest, *asked), 1)
        for problem in _problem(number, each, sheets, texts, words)
    ]


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
        )  # fmt: skip
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
        rest = said.rows.format(rows=rows) if rows else said.whole_table if first.table else said.whole_file
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
            form.format(observed=fault.observed, expected=fault.expected)
            if fault.observed or fault.expected
            else ""
        )
    compared = said.example_asked if asked else said.example
    form = compared if fault.expected else said.example_found
    form = said.example_blank if not fault.observed else form
    return form.format(row=fault.row, observed=fault.observed, expected=fault.expected)


def _questions(
    groups: Sequence[Group], sheets: Mapping[str, DataSheet], sources: Sequence[Source], texts: RuleTexts,
    words: FeedbackWords,
) -> list[Question]:  # fmt: skip
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
            sheet = sheets.get(fault.table or "")
            cells = (
                len(found) + 1, sheet.name if sheet else fault.sheet, rows or fault.row or "", subject, fault.heading,
                words.problems.problem.format(rule=fault.rule, sentence=sentence), fault.observed, fault.expected, remedy,
            )  # fmt: skip
            found.append(Question(cells, key))
    return found


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


def _sealed(
    about: About, sheets: Sequence[DataSheet], sources: Sequence[Source], words: FeedbackWords
) -> Sealed:
    tables = {
        sheet.table: SealedTable(
            receipt_id=sheet.receipt_id or "", sheet=sheet.name, keys_digest=keys_digest(sheet.keys)
        )
        for sheet in sheets
    }
    return Sealed(
        programme=about.programme, period=about.period, unit_id=about.unit_id,
        receipts=tuple(sorted({source.receipt_id for source in sources})), tables=tables,
        aside=(words.sheets.first, words.sheets.warnings, words.sheets.lists), warnings_sheet=words.sheets.warnings,
        key_heading=words.cells.key_heading, mark_heading=words.cells.mark_heading,
    )  # fmt: skip
