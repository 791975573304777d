"""A narrated model → an editable Word copy with the same words and numbers as the PDF."""

import datetime as dt
import io
import zipfile
from collections.abc import Mapping
from typing import Any

from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from markupsafe import Markup

from etl.core.editions import digest_note
from etl.core.report_cells import Sheet
from etl.core.report_sheets import annex_sheets
from etl.edges.templates import environment
from etl.edges.word_template import paper_template, word_faces

TEXT_BLOCK_MM = 156
_TWIPS_PER_MM = 56.7
_POINTS_PER_MM = 72 / 25.4
_LARGEST_MARK = 42  # points; 发文机关标志
_SOME_DAY = (1980, 1, 1, 0, 0, 0)


def word_copy(model: Mapping[str, Any], issued_on: dt.date, chart: bytes | None) -> bytes:
    """The paper as .docx; `chart` is a PNG for the first annex. The same model and chart give the same bytes."""
    labels, head = model["labels"], model["head"]
    letter = head["form"] == "letter"
    template = DocxTemplate(io.BytesIO(paper_template(letter)))
    organ = head["organ"] if letter else head["organ"] + labels["file_kind"]
    template.render(
        {
            **{name: model[name] for name in ("head", "labels", "blocks", "edition")},
            "organ_line": organ,
            "organ_half_points": str(_half_points(organ)),
            "annex_lines": _annex_lines(model),
            "annex_pages": [_annex_page(template, model, at, chart) for at in range(len(model["annexes"]))],
            "notes": [*labels["notes"], *filter(None, [digest_note(model)])],
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


def _half_points(organ: str) -> int:
    """The largest size at which the issuer's mark fits one line."""
    return int(2 * min(_LARGEST_MARK, TEXT_BLOCK_MM * _POINTS_PER_MM / max(len(organ), 1)))


def _annex_lines(model: Mapping[str, Any]) -> list[str]:
    labels = model["labels"]
    titles = [labels[f"annex_{key}"] for key in model["annexes"]]
    if len(titles) == 1:
        return [labels["annex_colon"] + titles[0]]
    indent = "　" * len(labels["annex_colon"])
    return [f"{indent if at else labels['annex_colon']}{at + 1}. {title}" for at, title in enumerate(titles)]


def _annex_page(
    template: DocxTemplate, model: Mapping[str, Any], at: int, chart: bytes | None
) -> dict[str, Any]:
    labels, key = model["labels"], model["annexes"][at]
    number = at + 1 if len(model["annexes"]) > 1 else ""
    pictured = chart if key == "overview" and "dumbbell_title" in labels else None
    return {
        "mark": f"{labels['annex']}{number}",
        "title": labels[f"annex_{key}"],
        "picture": InlineImage(template, io.BytesIO(pictured), width=Mm(TEXT_BLOCK_MM)) if pictured else None,
        "picture_title": labels.get("dumbbell_title", ""),
        "picture_note": labels.get("dumbbell_note", ""),
        "sheets": [
            {"title": sheet.title, "note": sheet.note, "table": _Xml(_table(sheet))}
            for sheet in annex_sheets(model, key, on_paper=True)
        ],
    }


class _Xml:
    """Word XML that docxtpl puts in as it is: it asks for `__html__` first, and our template has escaped the texts."""

    def __init__(self, xml: str) -> None:
        self.xml = xml

    def __html__(self) -> Markup:
        return Markup(self.xml)  # noqa: S704 - rendered by an escaping template

    __str__ = __html__


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
            face=word_faces()["hei"],
        )
    )


def _with_fixed_times(content: bytes) -> bytes:
    """The same package with the same day on every part: nothing else in it depends on when it was made."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            new.writestr(zipfile.ZipInfo(name, _SOME_DAY), old.read(name), zipfile.ZIP_DEFLATED)
    return sink.getvalue()
