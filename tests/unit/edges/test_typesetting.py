"""Pages: standards, stable bytes, missing characters, awkward names, how many pages."""

import io
import re
from typing import Any

import pypdf
import pytest

from etl.core.reports.charts import short_sentence
from etl.core.reports.csv_annex import figures_csv
from etl.core.reports.dispatch import ReportFrames, build_dispatch
from etl.edges.fonts import (
    FontChain,
    FontUse,
    MissingFontError,
    MissingGlyphError,
    _role,
    require_glyphs,
    resolve_fonts,
)
from etl.edges.templates import narrate, wording
from etl.edges.typesetting import _compiler, pictures, typeset
from tests.support.linting import BUSY, busy, linted
from tests.unit.lint.test_english import english
from tests.unit.reports.invented_report import EDITION, MEASURES, SETTINGS, TOP, edition_of, invented

TEMPLATE = "dispatch/dispatch.typ"
NASTY = (
    "<b>县&amp;", '#panic("x") *县* = _a_', "“引号”\"县\"'市", "第一行\n# 第二行", "镕喆堃昇珺玥䶮埇埗沚浉滘瀍猇硚鄠县",
    "这是一个非常非常长的单位名称用来检验版面在四十个汉字长度的名称下仍然整齐不溢出县", "p| 县", "$x$ @cite [a] \\县",
)


LIKE = tuple(f"第{n}某县" for n in range(200))


@pytest.fixture(scope="module")
def fonts() -> FontChain:
    """What pip alone brings, so that the tests do not depend on the machine."""
    return resolve_fonts(include_system=False)


def model_of(frames: ReportFrames, **edition: Any) -> dict[str, Any]:
    return narrate(build_dispatch(frames, edition_of("P530000", **edition), SETTINGS, MEASURES, wording()))


def pages(model: dict[str, Any], fonts: FontChain) -> list[str]:
    reader = pypdf.PdfReader(io.BytesIO(typeset(model, TEMPLATE, EDITION.issued_on, fonts)))
    return [re.sub(r"\s", "", page.extract_text()) for page in reader.pages]


def test_the_same_edition_gives_the_same_bytes(fonts):
    model = model_of(invented(16, 2))
    first = typeset(model, TEMPLATE, EDITION.issued_on, fonts)
    typeset(model_of(invented(3, 1)), TEMPLATE, EDITION.issued_on, fonts)
    _compiler.cache_clear()
    assert typeset(model, TEMPLATE, EDITION.issued_on, fonts) == first


def test_heads_have_the_brackets_of_their_language(fonts):
    (ranking,) = (page for page in pages(english(invented(3, 1)).model, fonts) if "Rankingby" in page and "reference" in page)
    assert "(%)" in ranking
    assert "（" not in ranking
    assert "（%）" in "".join(pages(model_of(invented(3, 1)), fonts))


def test_the_pdf_claims_archive_and_access_standards(fonts):
    pdf = typeset(model_of(invented(3)), TEMPLATE, EDITION.issued_on, fonts)
    assert b"<pdfaid:part>3</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf


def test_page_one_is_a_proper_paper(fonts):
    text = pages(model_of(invented(16, 8)), fonts)
    for part in (
        "云南省委老干部局文件",
        "云老通〔2018〕10号",
        "情况的通报",
        "省直有关单位：",
        "现将有关情况通报如下",
    ):
        assert part in text[0]
    assert "抄送：省委组织部" in text[-1]
    assert "2018年8月6日印发" in text[-1]
    assert all(f"—{number}—" in page for number, page in enumerate(text, start=1))


@pytest.mark.parametrize(
    "frames",
    [
        invented(0),
        invented(1),
        invented(16, 8, missing=1.1),
        invented(129, child_tier="county", missing=0.2, late=0.3),
        invented(8, names=NASTY, missing=0.2, late=0.4, findings=1),
    ],
    ids=["no child", "one child", "all missing", "129 children", "awkward names"],
)
def test_every_shape_sets(fonts, frames):
    text = pages(model_of(frames), fonts)
    signed = next(page for page in text if "2018年8月6日" in page and "附件" in page)
    assert "下一期数据" in signed  # no page carries the signature alone


def test_a_letter_has_no_number_on_its_first_page_and_no_printer(fonts):
    settings = SETTINGS.model_copy(update={"form": {"default": "letter"}})
    model = narrate(build_dispatch(invented(3, 1), edition_of("P530000"), settings, MEASURES, wording()))
    text = pages(model, fonts)
    assert text[0].startswith("云南省委老干部局云老通〔2018〕10号")
    assert "—1—" not in text[0]
    assert "—2—" in text[1]
    assert "抄送：省委组织部" in text[-1]
    assert "印发" not in text[-1]


def test_the_pdf_carries_its_figures(fonts):
    model = model_of(invented(3, 1))
    annex = figures_csv(model)
    pdf = typeset(model, TEMPLATE, EDITION.issued_on, fonts, {"figures_csv": annex})
    assert pypdf.PdfReader(io.BytesIO(pdf)).attachments == {"figures.csv": [annex.encode()]}


def test_the_edition_says_which_it_is(fonts):
    model = model_of(invented(1))
    model["edition"]["digest"] = "0123456789abcdef"
    pdf = typeset(model, TEMPLATE, EDITION.issued_on, fonts)
    assert pypdf.PdfReader(io.BytesIO(pdf)).metadata["/Keywords"] == "0123456789abcdef"
    assert "0123456789abcdef，第1版" in pages(model, fonts)[-1]


def test_a_long_table_repeats_its_head(fonts):
    text = pages(model_of(invented(129, child_tier="county", missing=0)), fonts)
    assert sum("名次" in page and "升降" in page for page in text) >= 3


def test_a_ranked_table_leaves_no_row_alone_on_a_page(fonts):
    for children in range(36, 48):
        text = pages(model_of(invented(children, child_tier="county", names=LIKE, missing=0)), fonts)
        ranked = [page.count("某县") for page in text if "名次" in page and "升降" in page]
        assert sum(ranked) == children
        assert min(ranked) >= 3, (children, ranked)


def test_a_long_rule_is_cut_at_a_clause_above_its_bar(fonts):
    remark = "填报的比率与按分子分母重新计算的不一致（汇总时一律按重新计算的比率）"
    clauses = "必填项没有填写；确实没有发生的请填零，不适用的请写明理由并报经上级同意"
    assert short_sentence(remark) == "填报的比率与按分子分母重新计算的不一致"
    assert short_sentence(clauses) == "必填项没有填写；确实没有发生的请填零…"
    assert short_sentence("期初数与上期期末数不一致（差1）") == "期初数与上期期末数不一致（差1）"
    assert short_sentence("某" * 60) == "某" * 24 + "…"
    frames = invented(3, 1, findings=1)
    frames.findings["sentence"] = clauses
    overview = next(page for page in pages(model_of(frames), fonts) if "图1" in page)
    assert "确实没有发生的请填零…" in overview
    assert "不适用" not in overview


def test_awkward_names_print_as_themselves(fonts):
    text = "".join(pages(model_of(invented(8, names=NASTY, missing=0)), fonts))
    for name in NASTY:
        assert re.sub(r"\s", "", name) in text


def test_a_first_report_sets(fonts):
    frames = invented(4, first_time=True)
    assert pages(model_of(frames, previous=None, last_year=None), fonts)


def test_a_missing_character_is_named_with_its_place(fonts):
    model = model_of(invented(2, names=("甲\U0001f984市",), missing=0))
    with pytest.raises(MissingGlyphError) as caught:
        typeset(model, TEMPLATE, EDITION.issued_on, fonts)
    place = caught.value.missing["\U0001f984"]
    assert "U+1F984" in str(caught.value)
    assert place.startswith(("ranking.", "blocks", "labels"))


def test_the_templates_own_words_can_be_drawn(fonts):
    words = "附件抄送印发文件名次升降序号▲▼＝—⋯≥＊−〔〕"
    require_glyphs({"words": words}, fonts)  # raises for the first that cannot
    assert {ord(character) for character in words} <= fonts.coverage


def test_a_role_without_a_font_is_an_error():
    with pytest.raises(MissingFontError, match="song"):
        _role("song", FontUse(families=("No Such Face",), weight=400), {}, ())


def test_chart_picture_for_the_mail(fonts):
    (picture,) = pictures(model_of(invented(16)), "mail/chart.typ", EDITION.issued_on, fonts)
    assert picture.startswith(b"\x89PNG")


LINE, FOOT = 29.61, 35 / 25.4 * 72
"""A line of the body (22 to a page), and how far the text block ends from the bottom edge; in points."""


def empty_lines(document: bytes, signature: str) -> list[float]:
    """Of every page before the one with the signature: how many lines stay empty at its foot."""
    found = []
    for page in pypdf.PdfReader(io.BytesIO(document)).pages:
        heights: list[float] = []

        def note(text: str, matrix: list[float], at: list[float], *_: Any, heights: list[float] = heights) -> None:
            if text.strip():
                heights.append(at[5] * matrix[3] + matrix[5])

        text = re.sub(r"\s", "", page.extract_text(visitor_text=note))
        if signature in text:
            return found
        found.append((min(height for height in heights if height > FOOT + 2) - FOOT) / LINE)
    raise AssertionError("no signature")


@pytest.mark.parametrize(
    ("size", "seed", "missing", "node"),
    [((16, 8), 2, 0, "P530010"), ((3,), 3, 0.3, TOP), ((8, 2), 0, 0.3, "P530010"), ((16, 3), 4, 0, "P530010")],
)
def test_no_half_page_stays_empty_before_the_signature(
    size: tuple[int, ...], seed: int, missing: float, node: str, fonts: FontChain
) -> None:
    """Each would leave 12 to 14 lines empty if all pages took 22 lines."""
    model = linted(busy(invented(*size, seed=seed, missing=missing), seed), node, BUSY).model
    pdf = typeset(model, TEMPLATE, EDITION.issued_on, fonts)
    empty = empty_lines(pdf, model["head"]["organ"] + model["edition"]["issued_on_zh"])
    assert len(empty) > 2
    assert max(empty) < 7
