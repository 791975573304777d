"""The fix-me workbook as a model: what its first sheet says, the unit's own sheets, which problems and questions, its seal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from etl.core.programmes.layout import Layout
from etl.core.reading.seal import Sealed, SealedTable, keys_digest
from etl.core.returns.entries import Openings
from etl.core.returns.faults import Fault, Ranked, groups_of, ranked, worth_first
from etl.core.returns.feedback_problems import Problem, problems_of
from etl.core.returns.feedback_questions import Question, questions_of
from etl.core.returns.feedback_sheets import DataSheet, RuleTexts, Source, data_sheet, template_sheet
from etl.core.returns.feedback_words import FeedbackWords, StepPlaces
from etl.core.wording import within_quotes

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
class Feedback:
    """The whole workbook."""

    about: About
    title: str
    steps: tuple[str, ...]
    letter_steps: tuple[str, ...]  # the same, as the letter says them that brings the workbook
    summary: str
    notes: tuple[str, ...]
    faults: tuple[Fault, ...]  # what is listed, whatever it is called
    problems: tuple[Problem, ...]
    questions: tuple[Question, ...]
    sheets: tuple[DataSheet, ...]
    sealed: Sealed
    warnings: int  # of which equal ones may share a question


def build_feedback(
    about: About, layout: Layout, sources: Sequence[Source], faults: Sequence[Fault], texts: RuleTexts,
    openings: Openings, words: FeedbackWords, all_ledgers: bool = False,
) -> Feedback:
    """The workbook of a unit. `texts`: rule → its sentence and remedy. `all_ledgers`: also those without a fault."""
    order = [table.key for table in layout.tables]
    sources = sorted(sources, key=lambda source: order.index(source.table.key))
    names = _sheet_names(layout, sources)
    shown = [source for source in sources if all_ledgers or _is_shown(source, faults)]
    sheets = [_sheet(source, names, faults, texts, openings, words) for source in shown]
    filed = {source.table.key for source in sources}
    unread = any(fault.level == "file" and fault.table is None for fault in faults) or not about.filed
    if unread:
        empty = [table for table in layout.tables if table.key not in filed]
        sheets += [template_sheet(table, names[table.key]) for table in empty]
    groups = groups_of(faults)
    rows = {source.table.key: source.cells.column("row_number").to_pylist() for source in sources}
    ranking = ranked(groups, rows)
    warnings = sum(fault.level == "warning" for fault in faults)
    by_table = {sheet.table: sheet for sheet in sheets}
    return Feedback(
        about=about,
        title=words.title.format(unit=about.unit_zh, period=about.period_zh, programme=within_quotes(about.programme_zh)),
        steps=_steps(about, ranking, warnings, unread, words, words.steps.workbook),
        letter_steps=_steps(about, ranking, warnings, unread, words, words.steps.letter),
        summary=_summary(about, warnings, unread, words),
        notes=_notes(about, faults, sources, shown, names, words),
        faults=tuple(faults),
        problems=problems_of(ranking, groups, by_table, texts, words),
        questions=questions_of(groups, by_table, sources, texts, words),
        sheets=tuple(sheets),
        sealed=_sealed(about, sheets, sources, words),
        warnings=warnings,
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
) -> DataSheet:
    mine = [fault for fault in faults if fault.table == source.table.key]
    opened: frozenset[str] = frozenset()
    if not _is_shown(source, faults):  # a ledger that was asked for: whoever asks wants to write in it
        opened = frozenset(source.columns)
    for fault in faults:
        if fault.table and fault.table != source.table.key:
            opened |= openings.in_other_tables(fault.table, fault.column).get(source.table.key, frozenset())
    return data_sheet(source, names[source.table.key], mine, texts, openings, opened, words)


def _summary(about: About, warnings: int, unread: bool, words: FeedbackWords) -> str:
    said = words.summary
    if not about.filed:
        return said.unfiled
    if unread and not (about.accepted or about.held):
        return said.unread
    return (said.asked if warnings else said.plain).format(accepted=about.accepted, held=about.held, warnings=warnings)


def _steps(
    about: About, ranking: Sequence[Ranked], warnings: int, unread: bool, words: FeedbackWords, places: StepPlaces
) -> tuple[str, ...]:
    said = words.steps
    groups, rows, share = worth_first(ranking, ENOUGH)
    if unread:
        first = said.fix_unread if about.filed else said.fix_unfiled
    elif not ranking:
        first = "" if warnings else said.fix_none
    elif not rows:
        first = said.fix_table
    else:
        first = said.fix_all if share == 1 else said.fix
    word = words.unit_word({each.group.first.table or "" for each in ranking[:groups]})
    facts = {"groups": groups, "rows": rows, "share": f"{share:.0%}", "unit_word": word, **places.model_dump()}
    second = said.explain.format(sheet=words.sheets.warnings, count=warnings) if warnings else ""
    told = [step for step in (first.format(**facts), second, said.send) if step]
    return tuple(said.numbered.format(number=number, text=step) for number, step in zip(said.numbers, told, strict=False))


def _notes(
    about: About, faults: Sequence[Fault], sources: Sequence[Source], shown: Sequence[Source],
    names: Mapping[str, str], words: FeedbackWords,
) -> tuple[str, ...]:
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
    )
