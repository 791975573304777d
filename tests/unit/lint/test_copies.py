"""Word copy, workbook and mail read back: as they are made they agree, and what is spoilt in one is found there."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from etl.core.lint.copies import Copies, lint_copies
from etl.edges.annex_workbook import annex_workbook
from etl.edges.copies import read_mail, read_word, read_workbook
from etl.edges.lint_files import fault_texts
from etl.edges.word import word_copy
from tests.support.linting import BUSY, Linted, busy, linted
from tests.unit.lint.test_edition import NASTY, SHAPES
from tests.unit.reports.invented_report import invented

DAY = dt.date(2018, 8, 2)


def _read(report: Linted) -> Copies:
    model = report.model
    word, book = word_copy(model, DAY, None), annex_workbook(model, DAY)
    return Copies(read_word(word), read_workbook(book), read_mail(model))


@pytest.mark.parametrize("shape", SHAPES)
def test_copies_as_they_are_made_agree(shape: str) -> None:
    size, how, node, edition = SHAPES[shape]
    report = linted(invented(*size, **how), node, **edition)
    assert lint_copies(report.model, _read(report)) == []


@pytest.mark.parametrize("names", [(), NASTY])
def test_copies_of_busy_units_agree(names: tuple[str, ...]) -> None:
    report = linted(busy(invented(6, missing=0.2, **({"names": names} if names else {}))), settings=BUSY)
    assert lint_copies(report.model, _read(report)) == []


@dataclass
class Spoilt:
    """What is read out of the copies, as lists that a test may change."""

    paragraphs: list[str]
    tables: list[list[list[object]]]
    pages: list[list[list[object]]]
    mail: list[str]


def _last_paragraph(read: Spoilt) -> None:
    last = max(at for at, text in enumerate(read.paragraphs) if text.endswith("。"))
    read.paragraphs[last] = read.paragraphs[last].replace("。", "。另有9713人。", 1)


def _swap(read: Spoilt) -> None:
    heads = [at for at, text in enumerate(read.paragraphs) if text.startswith(("一、", "二、"))]
    read.paragraphs[heads[0]], read.paragraphs[heads[1]] = read.paragraphs[heads[1]], read.paragraphs[heads[0]]


def _put(tables: list[list[list[object]]], row: int, column: int, value: object) -> None:
    tables[1][row][column] = value


SPOIL: dict[str, tuple[Callable[[Spoilt], Any], str]] = {
    "a note of the Word copy": (_last_paragraph, "docx/paragraphs"),
    "two headings of the Word copy": (_swap, "docx/blocks/"),
    "a figure in a Word table": (lambda read: _put(read.tables, 2, 2, "12.3"), "docx/tables/2/2/2"),
    "a row less in a Word table": (lambda read: read.tables[1].pop(), "docx/tables/2"),
    "a table less": (lambda read: read.tables.pop(), "docx/tables"),
    "a number of the workbook": (lambda read: _put(read.pages, 4, 2, 0.5), "xlsx/"),
    "a name of the workbook": (lambda read: _put(read.pages, 4, 1, "别处"), "xlsx/"),
    "a number kept as text": (lambda read: _put(read.pages, 4, 2, "92.1"), "xlsx/"),
    "a cell left out": (lambda read: _put(read.pages, 4, 2, None), "xlsx/"),
    "a worksheet less": (lambda read: read.pages.pop(0), "xlsx"),
    "a number that only the mail knows": (lambda read: read.mail.__setitem__(1, read.mail[1] + "\n9713人"), "mail/html"),
    "a sentence that the mail lost": (lambda read: read.mail.__setitem__(0, read.mail[0].replace("总体情况", "")), "mail/txt/"),
}


@pytest.mark.parametrize("how", SPOIL)
def test_what_is_spoilt_in_one_copy_is_found_there(how: str) -> None:
    report = linted(invented(16, 3))
    read = _read(report)
    assert read.word is not None
    assert read.workbook is not None
    assert read.mail is not None
    paragraphs, tables = read.word
    spoilt = Spoilt(list(paragraphs), _lists(tables), _lists(read.workbook), list(read.mail))
    spoil, place = SPOIL[how]
    spoil(spoilt)
    plain, marked = spoilt.mail
    faults = lint_copies(report.model, Copies((spoilt.paragraphs, spoilt.tables), spoilt.pages, (plain, marked)))
    assert faults
    assert all(fault.place.startswith(place) and fault.rule in fault_texts() for fault in faults), faults


def _lists(tables: Any) -> list[list[list[object]]]:
    return [[list(row) for row in table] for table in tables]
