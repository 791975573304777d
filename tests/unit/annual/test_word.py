"""The Word copies of a year's papers: every word, number and name of the pages, in the same bytes again."""

import io
import json
from dataclasses import replace
from typing import Any

import docx
import pytest

from etl.core.annual.papers import build_naming, build_recommendation
from etl.core.annual.sheets import annex_titles
from etl.core.annual.summary import build_summary
from etl.edges.fonts import resolve_fonts
from etl.edges.templates import narrate, wording
from etl.edges.typesetting import typeset
from etl.edges.word import year_copy
from tests.unit.annual.test_papers import (
    COMMENDED,
    ISSUED,
    PANLONG,
    SIDE,
    WUHUA,
    count,
    frames,
    paper,
    subject,
    title,
)

TITLES = [title(number, "province", unit) for number, unit in ((1, WUHUA), (2, PANLONG), (3, SIDE))]
NAMED = [
    subject(number, "naming", "organisation", "province", unit, level="province", recipient=f"第{number}支部")
    for number, unit in ((1, WUHUA), (2, PANLONG), (3, SIDE))
]
NASTY = "<b>支部&amp; {{ head }}"


def summary(praised: int = 3, checks: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """A province's summary with three namings and some members praised by it, each under a title of its own."""
    members = [subject(n, COMMENDED, "member", "province", title=f"第{n}号先进", recipient=f"王{n}") for n in range(praised)]
    counts = [count("P530000", COMMENDED, "member", "", praised), count("P530000", COMMENDED, "member", "province", praised)]
    made = replace(frames(titles=TITLES, subjects=NAMED + members, counts=counts), checks=checks)
    return narrate(build_summary(paper("commendation_summary"), made, wording()))


def naming(name: str = "第1支部") -> dict[str, Any]:
    rows = [TITLES[0] | {"branch_name": name}, *TITLES[1:]]
    return narrate(build_naming(paper("naming_decision"), frames(titles=rows), wording()))


def recommendation() -> dict[str, Any]:
    rows = [{"node_id": "P530000", "unit_id": WUHUA, "name": "第1支部", "level": "province"}]
    made = replace(frames(), recommended=rows)
    return narrate(build_recommendation(paper("commendation_summary"), made, wording()))


PAPERS = {"naming": naming, "summary": summary, "recommendation": recommendation}


def texts_of(content: bytes) -> list[str]:
    file = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for paragraph in file.paragraphs] + cells


def copy_of(model: dict[str, Any]) -> list[str]:
    return texts_of(year_copy(json.loads(json.dumps(model)), ISSUED))


@pytest.mark.parametrize("kind", PAPERS)
def test_the_copy_says_what_the_pages_say(kind: str) -> None:
    model = PAPERS[kind]()
    texts = copy_of(model)
    assert {block["text"] for block in model["blocks"]} <= set(texts)
    assert {title for _, title in annex_titles(model)} <= set(texts)
    names = [name for listed in model["lists"] for group in listed["groups"] for name in group["names"]]
    assert names
    assert [texts.count(name) for name in names] == [1] * len(names)


def test_a_list_has_its_count_and_the_places_theirs() -> None:
    texts = copy_of(naming())
    assert "省级示范党支部（3个，排名不分先后）" in texts  # the only list has no number
    assert {"昆明市（2个）", "直属单位（1个）"} <= set(texts)


def test_the_table_by_place_has_the_models_numbers() -> None:
    model = summary()
    file = docx.Document(io.BytesIO(year_copy(model, ISSUED)))
    table = next(table for table in file.tables if table.cell(0, 0).text == model["labels"]["column_place"])
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    whole = model["table"]["total"]
    assert rows[-1] == ["合计", *(str(n) if n else "—" for n in (whole["named"], whole["organisations"], whole["members"]))]
    assert len(rows) == 2 + len(model["table"]["rows"])


def test_the_checks_are_a_table_with_their_rules() -> None:
    check = {"node_id": "P530000", "key": "dues", "zh": "党费返还比例", "judged": 9, "short": 2, "missing": 0, "rate": 0.7,
             "on": "unit", "share": True, "min": None, "max": None}
    file = docx.Document(io.BytesIO(year_copy(summary(checks=(check,)), ISSUED)))
    table = next(table for table in file.tables if table.cell(0, 0).text == "核查项目")
    assert [cell.text for cell in table.rows[1].cells] == ["党费返还比例", "70%", "9", "7", "2", "—"]


def test_more_lists_than_the_catalogue_has_numerals_are_numbered_on() -> None:
    model = summary(praised=21)
    texts = copy_of(model)
    assert [text.partition("、")[0] for text in texts if "号先进（" in text][-2:] == ["二十一", "二十二"]
    assert typeset(model, "commendation/commendation.typ", ISSUED, resolve_fonts(None)).startswith(b"%PDF")


def test_hostile_names_are_text_and_the_same_model_gives_the_same_bytes() -> None:
    model = naming(NASTY)
    assert NASTY in copy_of(model)
    assert year_copy(model, ISSUED) == year_copy(model, ISSUED)
