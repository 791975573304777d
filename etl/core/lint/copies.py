"""The files beside the printed form, read back: the Word copy, the workbook, the body of the mail.

What the model says is held against the store elsewhere; here what a reader of each file sees is held against the model.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from etl.core.annual.sheets import annex_titles, groups_of, heading_of, year_tables
from etl.core.lint.claims import Fault
from etl.core.lint.numbers import DIGITS
from etl.core.lint.paper import Paper
from etl.core.lint.text import every_text
from etl.core.reports.cells import Cell, Sheet
from etl.core.reports.model import DISPATCH, Report
from etl.core.reports.sheets import annex_sheets, sheets_of

Table = Sequence[Sequence[object]]
"""Rows of cells as they were read: texts, numbers, None where nothing stands."""
_HEAD_ROWS = 2
"""Rows of a worksheet above the heads of its columns: title and note."""
_TILES, _ROWS_SHOWN = 4, 8
"""Headline figures, and rows of a long ranking, that the mail's HTML part shows."""
_MOVED_SHOWN = 10
"""Rows of an erratum that the mail shows, numbered."""


@dataclass(frozen=True)
class Copies:
    """What was read out of an edition's files; None for a file that it does not have.

    `word`: paragraphs and tables in their order. `workbook`: its worksheets. `mail`: its text part, the words of its HTML part.
    """

    word: tuple[Sequence[str], Sequence[Table]] | None = None
    workbook: Sequence[Table] | None = None
    mail: tuple[str, str] | None = None


def lint_copies(model: Paper, copies: Copies) -> list[Fault]:
    """What the Word copy, the workbook and the mail say otherwise than the model."""
    faults: list[Fault] = []
    if copies.word is not None:
        paragraphs, tables = copies.word
        faults += [*_prose(model, paragraphs), *_list_headings(model, paragraphs), *_word_tables(model, tables)]
    if copies.workbook is not None and model["kind"] == DISPATCH:
        faults += _workbook(model, copies.workbook)
    if copies.mail:
        faults += [*_mail(model, *copies.mail)]
    return faults


def _prose(model: Paper, paragraphs: Sequence[str]) -> Iterator[Fault]:
    """Every block must be a paragraph of the Word copy, in the same order, word for word; no other may tell a new number."""
    at = 0
    others: list[str] = []
    for number, block in enumerate(model["blocks"]):
        place = next((i for i in range(at, len(paragraphs)) if paragraphs[i].strip() == block["text"].strip()), None)
        if place is None:
            found = paragraphs[at] if at < len(paragraphs) else ""
            yield Fault("copy", f"docx/blocks/{number}", block["text"], found, block["text"])
        else:
            others += paragraphs[at:place]
            at = place + 1
    known = _numbers_of(model) | {str(number + 1) for number in range(len(_annexes(model)))}
    for paragraph in (*others, *paragraphs[at:]):
        for digits in set(DIGITS.findall(paragraph)) - known:
            yield Fault("copy", "docx/paragraphs", paragraph, digits)


def _list_headings(model: Paper, paragraphs: Sequence[str]) -> Iterator[Fault]:
    """Over every list of names and every place's part of it stands how many they are."""
    there = {" ".join(paragraph.split()) for paragraph in paragraphs}
    if model["kind"] == DISPATCH or model["kind"] == "erratum":
        return
    for at, listed in enumerate(model["lists"]):
        headings = [heading_of(listed, model), *(group["title"] for group in groups_of(listed, model) if group["title"])]
        for heading in headings:
            if " ".join(heading.split()) not in there:
                yield Fault("copy", f"docx/lists/{at}", heading, "", heading)


def _word_tables(model: Paper, tables: Sequence[Table]) -> Iterator[Fault]:
    wanted = list(_wanted_tables(model))
    yield from _counted("docx/tables", len(tables), len(wanted))
    for number, ((title, rows), table) in enumerate(zip(wanted, tables, strict=False)):
        place = f"docx/tables/{number + 1}"
        yield from _counted(place, len(table), len(rows))
        for row, (cells, read) in enumerate(zip(rows, table, strict=False)):
            yield from _counted(f"{place}/{row}", len(read), len(cells))
            for column, (text, found) in enumerate(zip(cells, read, strict=False)):
                if _plain(found) != _plain(text):
                    yield Fault("copy", f"{place}/{row}/{column}", title, _plain(found), _plain(text))


def _wanted_tables(model: Paper) -> Iterator[tuple[str, Sequence[Sequence[str]]]]:
    """Title and rows of every table of the Word copy: those of annexes with their heads, names in their columns."""
    if model["kind"] == DISPATCH:
        for sheet in (sheet for annex in model["annexes"] for sheet in annex_sheets(model, annex, on_paper=True)):
            yield sheet.title, _texts(sheet)
        return
    if model["kind"] == "erratum":
        return
    for key, title in annex_titles(model):
        for sheet in year_tables(model, key):
            yield title, _texts(sheet)
        if key == "lists":
            for listed in model["lists"]:
                yield from ((listed["zh"], group["rows"]) for group in groups_of(listed, model))


def _annexes(model: Paper) -> list[str]:
    """The annexes that a paper lists; an erratum has none, and one list of names is not listed."""
    if model["kind"] == "erratum" or model["kind"] == "naming" or model["kind"] == "recommendation":
        return []
    return model["annexes"]


def _texts(sheet: Sheet) -> list[list[str]]:
    return [[column.head for column in sheet.columns], *([cell.text for cell in row] for row in sheet.rows)]


def _workbook(model: Report, pages: Sequence[Table]) -> Iterator[Fault]:
    """Every cell of every annex; a number must be the one that its cell shows on paper."""
    wanted = sheets_of(model)
    yield from _counted("xlsx", len(pages), len(wanted) + 1)  # the last one holds the notes
    for sheet, page in zip(wanted, pages, strict=False):
        body = list(page)[_HEAD_ROWS:]
        yield from _counted(f"xlsx/{sheet.name}", len(body), len(sheet.rows) + 1)
        for number, (cells, read) in enumerate(zip(sheet.rows, body[1:], strict=False), start=1):
            for column, (cell, found) in enumerate(zip(cells, read, strict=False)):
                if not _shows(found, cell):
                    place = f"xlsx/{sheet.name}/{number}/{column + 1}"
                    yield Fault("copy", place, sheet.columns[column].head, _plain(found), cell.text)


def _shows(found: object, cell: Cell) -> bool:
    """Whether a cell of the workbook is what the paper shows there, to the paper's last place."""
    if cell.number is None:
        return _plain(found) == _plain(cell.text)
    digits = DIGITS.search(cell.text)
    if not isinstance(found, int | float) or isinstance(found, bool) or digits is None:
        return found is not None and not isinstance(found, str) and digits is None and found == cell.number
    value = abs(Decimal(str(found))) * (100 if cell.percent else 1)
    written = Decimal(digits[0].replace(",", ""))
    return abs(value - written) <= Decimal(1).scaleb(-len(digits[0].partition(".")[2]))


def _plain(value: object) -> str:
    return "" if value is None else " ".join(str(value).split())


def _counted(place: str, found: int, expected: int) -> Iterator[Fault]:
    if found != expected:
        yield Fault("copy", place, place, str(found), str(expected))


def _mail(model: Paper, plain: str, marked: str) -> Iterator[Fault]:
    """The text part has every block, the other every figure of its tiles; and neither a number that the model has not."""
    for number, block in enumerate(model["blocks"]):
        if block["text"] not in plain:
            yield Fault("copy", f"mail/txt/blocks/{number}", block["text"], "", block["text"])
    run_on = "".join(marked.split())
    for figure in model["headline"][:_TILES] if model["kind"] == DISPATCH else ():
        tile = "".join(f"{figure['tile']['number']}{figure['tile']['unit']}{figure['zh']}".split())
        if tile not in run_on:
            yield Fault("copy", f"mail/html/{figure['key']}", figure["zh"], "", figure["cell"])
    moved = model["rows"][:_MOVED_SHOWN] if model["kind"] == "erratum" else ()
    known = _numbers_of(model) | {str(number) for number, _ in enumerate(moved, start=1)}
    for part, body in (("txt", plain), ("html", marked)):
        for line in body.splitlines():
            for digits in DIGITS.findall(line):
                if digits not in known:
                    yield Fault("copy", f"mail/{part}", line.strip(), digits)


def _numbers_of(model: Paper) -> set[str]:
    """Every number in the model's texts, every count in it and the sums that the mail tells, as they may be written."""
    counts = [*_counts(model), 0]
    if model["kind"] == DISPATCH:
        ranked = [sum(row["rank"] is not None for row in group["rows"]) for group in model["ranking"]["groups"]]
        problems = sum(each["count"] for each in model["problems"])
        counts += [*(count - _ROWS_SHOWN for count in ranked), problems]
    texts = (number for _, text in every_text(model) for number in DIGITS.findall(text))
    return {*texts, *(str(count) for count in counts), *(f"{count:,}" for count in counts)}


def _counts(value: object) -> Iterator[int]:
    if isinstance(value, Mapping):
        value = value.values()
    if isinstance(value, Iterable) and not isinstance(value, str):
        for each in value:
            yield from _counts(each)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value
