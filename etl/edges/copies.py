"""The files of an edition, read back as their readers see them: a Word copy's texts, a workbook's cells, a mail's words."""

import io
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

import openpyxl  # type: ignore[import-untyped]  # openpyxl ships no types
from docx import Document
from docx.oxml.ns import qn

from etl.core.lint.copies import Table
from etl.edges.mail import bodies


def read_word(content: bytes) -> tuple[Sequence[str], Sequence[Table]]:
    """A Word file's paragraphs outside of tables, and its tables, each in the order in which they stand."""
    document = Document(io.BytesIO(content))
    tables = [[[_words(cell) for cell in row.tc_lst] for row in table._tbl.tr_lst] for table in document.tables]
    return [paragraph.text for paragraph in document.paragraphs], tables


def _words(cell: Any) -> str:
    """A cell's words in their lines, straight out of its XML: python-docx looks every cell of a row up anew."""
    line = qn("w:br")
    return "".join("\n" if each.tag == line else each.text or "" for each in cell.iter(qn("w:t"), line))


def read_workbook(content: bytes) -> Sequence[Table]:
    """A workbook's worksheets in order, each as rows of texts, numbers and None."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return [[list(row) for row in page.iter_rows(values_only=True)] for page in book.worksheets]


def read_mail(model: Mapping[str, Any]) -> tuple[str, str]:
    """The words of the mail with which a paper would go: its text part, and its HTML part as a reader sees it."""
    plain, marked = bodies(model)
    reader = _Reader()
    reader.feed(marked)
    return plain, "\n".join(reader.words)


class _Reader(HTMLParser):
    """Keeps the words between tags, without the head and its styles."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._in_head = False

    def handle_starttag(self, tag: str, _: object) -> None:
        self._in_head = self._in_head or tag == "head"

    def handle_endtag(self, tag: str) -> None:
        self._in_head = self._in_head and tag != "head"

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._in_head:
            self.words.append(data.strip())
