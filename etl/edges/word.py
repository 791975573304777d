"""A narrated model → an editable Word copy with the same words and numbers as the PDF."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any, TypedDict

from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from markupsafe import Markup

from etl.core.annual.model import PaperList, YearPaper
from etl.core.annual.sheets import annex_titles, groups_of, heading_of, year_tables
from etl.core.reports.cells import Sheet
from etl.core.reports.editions import digest_note
from etl.core.reports.model import DISPATCH, Report
from etl.core.reports.sheets import annex_sheets
from etl.edges.fonts import font_table
from etl.edges.templates import environment
from etl.edges.word_template import paper_template

TEXT_BLOCK_MM = 156
_TWIPS_PER_MM = 56.7
_POINTS_PER_MM = 72 / 25.4
_LARGEST_MARK = 42  # points; 发文机关标志
_SOME_DAY = (1980, 1, 1, 0, 0, 0)


class _Xml:
    """Word XML that docxtpl puts in as it is: it asks for `__html__` first, and our template has escaped the texts."""

    def __init__(self, xml: str) -> None:
        self.xml = xml

    def __html__(self) -> Markup:
        return Markup(self.xml)  # noqa: S704 - rendered by an escaping template

    __str__ = __html__


class _PageTable(TypedDict):
    """A table of an annex with the lines above it."""

    title: str
    note: str
    table: _Xml


class _Page(TypedDict):
    """An annex as the template takes it. `picture`: an inline one, None where there is none."""

    mark: str
    title: str
    picture: Any
    picture_title: str
    picture_note: str
    sheets: list[_PageTable]


def word_copy(model: Report, issued_on: dt.date, chart: bytes | None) -> bytes:
    """The paper as .docx; `chart` is a PNG for the first annex. The same model and chart give the same bytes."""
    titles = [model["labels"][f"annex_{key}"] for key in model["annexes"]]
    return _filled(
        model, issued_on, titles, lambda template: [_annex_page(template, model, at, chart) for at in range(len(titles))]
    )


def year_copy(model: YearPaper, issued_on: dt.date) -> bytes:
    """A year's paper as .docx: its decision or summary, tables, lists of names in the columns of its pages."""
    annexes = annex_titles(model)

    def pages(_: DocxTemplate) -> list[_Page]:
        return [
            {"mark": _mark(model, at, len(annexes)), "title": title, "picture": None, "picture_title": "", "picture_note": "",
             "sheets": _year_sheets(model, key)}
            for at, (key, title) in enumerate(annexes, 1)
        ]

    return _filled(model, issued_on, [title for _, title in annexes], pages)


def _year_sheets(model: YearPaper, key: str) -> list[_PageTable]:
    if key == "lists":
        return [{"title": "", "note": "", "table": _Xml(_names(model, listed))} for listed in model["lists"]]
    return [{"title": "", "note": "", "table": _Xml(_table(sheet))} for sheet in year_tables(model, key)]


def _names(model: YearPaper, listed: PaperList) -> str:
    return (
        environment()
        .get_template("common/word_names.xml.j2")
        .render(
            heading=heading_of(listed, model), groups=groups_of(listed, model), columns=listed["columns"],
            width=int(TEXT_BLOCK_MM * _TWIPS_PER_MM), small=listed["size"] != "large", faces=font_table().word,
        )
    )


def _filled(
    model: Report | YearPaper, issued_on: dt.date, annexes: Sequence[str],
    pages: Callable[[DocxTemplate], list[_Page]],
) -> bytes:
    """The skeleton with a model's words; `annexes`: their titles, `pages`: what stands on them."""
    labels, head = model["labels"], model["head"]
    letter = model["kind"] == DISPATCH and model["head"].get("form") == "letter"
    template = DocxTemplate(io.BytesIO(paper_template(letter)))
    organ = head["organ"] if letter else head["organ"] + labels.get("file_kind", "")
    template.render(
        {
            "head": head, "labels": labels, "blocks": model["blocks"], "edition": model["edition"],
            "organ_line": organ,
            "organ_half_points": str(_half_points(organ)),
            "annex_lines": _annex_lines(labels["annex_colon"], annexes),
            "annex_pages": pages(template),
            "notes": [*labels.get("notes", ()), *filter(None, [digest_note(model["edition"], labels)])],
        },
        autoescape=True,
    )
    properties = template.docx.core_properties
    properties.title, properties.author = "".join(head["title_lines"]), head["organ"]
    properties.keywords = model["edition"].get("digest", "")
    properties.created = properties.modified = dt.datetime.combine(issued_on, dt.time())
    sink = io.BytesIO()
    template.save(sink)
    return _with_fixed_times(sink.getvalue())


def _mark(model: Report | YearPaper, number: int, annexes: int) -> str:
    """附件2; an annex that stands alone has no number."""
    return f"{model['labels']['annex']}{number if annexes > 1 else ''}".strip()


def _half_points(organ: str) -> int:
    """The largest size at which the issuer's mark fits one line."""
    return int(2 * min(_LARGEST_MARK, TEXT_BLOCK_MM * _POINTS_PER_MM / max(len(organ), 1)))


def _annex_lines(colon: str, titles: Sequence[str]) -> list[str]:
    if len(titles) == 1:
        return [colon + titles[0]]
    indent = "　" * len(colon)
    return [f"{indent if at else colon}{at + 1}. {title}" for at, title in enumerate(titles)]


def _annex_page(
    template: DocxTemplate, model: Report, at: int, chart: bytes | None
) -> _Page:
    labels, key = model["labels"], model["annexes"][at]
    pictured = chart if key == "overview" and "dumbbell_title" in labels else None
    return {
        "mark": _mark(model, at + 1, len(model["annexes"])),
        "title": labels[f"annex_{key}"],
        "picture": InlineImage(template, io.BytesIO(pictured), width=Mm(TEXT_BLOCK_MM)) if pictured else None,
        "picture_title": labels.get("dumbbell_title", ""),
        "picture_note": labels.get("dumbbell_note", ""),
        "sheets": [
            {"title": sheet.title, "note": sheet.note, "table": _Xml(_table(sheet))}
            for sheet in annex_sheets(model, key, on_paper=True)
        ],
    }


def _table(sheet: Sheet) -> str:
    total = sum(column.width for column in sheet.columns)
    widths = [int(TEXT_BLOCK_MM * _TWIPS_PER_MM * column.width / total) for column in sheet.columns]
    return (
        environment()
        .get_template("common/word_table.xml.j2")
        .render(
            columns=list(zip(sheet.columns, widths, strict=True)),
            rows=sheet.rows,
            own=sheet.own,
            face=font_table().word["hei"],
        )
    )


def _with_fixed_times(content: bytes) -> bytes:
    """The same package with the same day on every part: nothing else in it depends on when it was made."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            new.writestr(zipfile.ZipInfo(name, _SOME_DAY), old.read(name), zipfile.ZIP_DEFLATED)
    return sink.getvalue()
