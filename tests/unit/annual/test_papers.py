"""The year's papers: who stands in them, what they count, and that nobody is named before it is decided."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from etl.core.annual.papers import PaperOf, YearFrames, build_naming, build_recommendation
from etl.core.annual.summary import build_summary
from etl.core.awards.commendation import COMMENDED
from etl.core.period import Period
from etl.edges.fonts import MissingGlyphError, resolve_fonts
from etl.edges.programmes import load_bundle
from etl.edges.templates import narrate, wording
from etl.edges.typesetting import typeset

YEAR = Period.parse("2017")
BUNDLE = load_bundle("yunnan-model-branch")
REGISTER = BUNDLE.register(YEAR)
WUHUA, PANLONG, SIDE = "P530102", "P530103", "U530000-001"
ISSUED = dt.date(2018, 3, 12)
TITLE_ZH = {level.key: level.title_zh or level.zh for level in BUNDLE.programme.levels}
NODE = {"province": "P530000", "prefecture": "P530100", "county": WUHUA}
PAPERS = ["naming_decision", "commendation_summary"]


def title(number: int, level: str, unit: str = WUHUA, **given: Any) -> dict[str, Any]:
    return {
        "branch_id": f"B{number}", "level": level, "title": TITLE_ZH[level], "node_id": NODE[level],
        "decided_on": "2018-03-12", "branch_name": f"第{number}支部", "unit_id": unit, "highest": True,
        "document_number": "",
    } | given


def subject(number: int, kind: str, who: str, tier: str, unit: str = WUHUA, **given: Any) -> dict[str, Any]:
    return {
        "kind": kind, "recipient_kind": who, "subject": f"S{number}", "unit_id": unit, "tier": tier, "mentions": 1,
        "recipient": f"第{number}支部" if who == "organisation" else f"王{'甲乙丙丁戊'[number % 5]}", "level": None,
        "title": "先进", "decided_on": dt.date(2017, 5, 1), "branch_id": f"B{number}" if who == "organisation" else None,
    } | given


def count(node: str, kind: str, who: str, tier: str, number: int) -> dict[str, Any]:
    return {
        "node_id": node,
        "kind": kind,
        "recipient_kind": who,
        "tier": tier,
        "mentions": number,
        "distinct_count": number,
    }


_COLUMNS: Mapping[str, list[str]] = {
    "titles": list(title(1, "county")), "subjects": list(subject(1, "praise", "member", "county")),
    "counts": list(count("P", "praise", "member", "", 1)),
    "reconciliation": ["unit_id", "indicator", "value", "listed", "distinct_count", "repeated"],
}


def frames(**rows: list[dict[str, Any]]) -> YearFrames:
    """Frames of a year with these rows and nothing else."""
    made = {name: pd.DataFrame(rows.get(name, []), columns=columns) for name, columns in _COLUMNS.items()}
    made["titles"] = made["titles"].astype({"highest": bool})
    return YearFrames(**made, notice_days={("province", "P530000"): 5})


def paper(report: str, node_id: str = "P530000") -> PaperOf:
    assert BUNDLE.programme.documents is not None
    settings = getattr(BUNDLE.programme.documents, report)
    node = REGISTER.node(node_id)
    return PaperOf(BUNDLE.programme, YEAR, REGISTER, node, settings, report, ISSUED)


def text_of(model: Mapping[str, Any]) -> str:
    return "".join(block["text"] for block in model["blocks"])


def test_a_decision_names_its_own_level_only_by_place_with_counts() -> None:
    found = frames(
        titles=[title(1, "province"), title(2, "province", SIDE), title(3, "prefecture"), title(4, "county")]
    )
    model = narrate(build_naming(paper("naming_decision"), found, wording()))
    (listed,) = model["lists"]
    assert [(group["place"], group["names"]) for group in listed["groups"]] == [
        ("昆明市", ["第1支部"]),
        ("", ["第2支部"]),
    ]
    assert "公示5个工作日" in text_of(model)
    assert "命名第1支部等2个党支部为“省级示范党支部”" in text_of(model)
    assert model["labels"]["list_note"] == "排名不分先后"


def test_a_branch_that_went_higher_is_not_listed_again() -> None:
    found = frames(titles=[title(1, "county", highest=False), title(1, "province"), title(2, "county")])
    model = narrate(build_naming(paper("naming_decision", WUHUA), found, wording()))
    assert [group["names"] for group in model["lists"][0]["groups"]] == [["第2支部"]]
    assert "计入最高一级" in text_of(model)


def test_who_names_nobody_has_no_decision() -> None:
    with pytest.raises(LookupError, match="names nobody"):
        build_naming(paper("naming_decision", "P530300"), frames(titles=[title(1, "province")]), wording())


def test_a_number_that_was_given_stands_before_the_pattern() -> None:
    found = frames(titles=[title(1, "province")])
    given = replace(paper("naming_decision"), document_number="云组通〔2018〕9号")
    assert build_naming(given, found, wording())["head"]["number"] == "云组通〔2018〕9号"
    assert build_naming(paper("naming_decision"), found, wording())["head"]["number"] == "云老发〔2018〕1号"


def test_a_bureau_numbers_its_papers_by_its_own_place() -> None:
    found = frames(titles=[title(1, "prefecture")])
    assert build_naming(paper("naming_decision", "P530100"), found, wording())["head"]["number"] == "昆老发〔2018〕1号"


def summary_frames() -> YearFrames:
    """608 = 38 + 209 + 361 namings; praise by two tiers; a figure that does not agree."""
    levels = [("province", 38), ("prefecture", 209), ("county", 361)]
    named = [
        subject(1000 * at + number, "naming", "organisation", level, level=level)
        for at, (level, many) in enumerate(levels)
        for number in range(many)
    ]
    praised = [
        subject(1, COMMENDED, "organisation", "province"), subject(2, COMMENDED, "organisation", "county", PANLONG),
        subject(3, COMMENDED, "member", "province", SIDE), subject(4, COMMENDED, "member", "province", decided_on=None),
    ]
    counts = [
        count("P530000", kind, who, tier, number)
        for kind in (COMMENDED, "praise")
        for who, tier, number in [
            ("organisation", "", 2), ("organisation", "county", 1), ("organisation", "province", 1), ("member", "", 2),
            ("member", "province", 2),
        ]
    ]
    told = [("organisations_commended", 5.0, 3.0, 2, 1), ("members_commended", 2.0, 2.0, 2, 0)]
    names = ("indicator", "value", "listed", "distinct_count", "repeated")
    reconciled = [{"unit_id": "P530000", **dict(zip(names, row, strict=True))} for row in told]
    return frames(
        subjects=named + praised, counts=counts, reconciliation=reconciled, titles=[title(1, "province")]
    )


def test_the_summary_adds_the_levels_up() -> None:
    model = narrate(build_summary(paper("commendation_summary"), summary_frames(), wording()))
    assert model["named_total"] == 608
    text = text_of(model)
    assert (
        "共命名离退休干部党支部608个，其中省级示范党支部38个、州（市）级示范党支部209个、县（市、区）级示范党支部361个"
        in text
    )
    assert "受到各级表扬的党组织2个、党员2名" in text
    assert "党组织为省级1个、县（市、区）级1个" in text
    assert "受表扬党组织填报5个，名单列有3个，相差2个" in text
    assert "同一对象重复列入1次，剔除重复后为2个" in text


def test_the_table_adds_up_to_the_whole() -> None:
    table = build_summary(paper("commendation_summary"), summary_frames(), wording())["table"]
    cells = {row["name"]: (row["named"], row["organisations"], row["members"]) for row in table["rows"]}
    assert {name: cell for name, cell in cells.items() if any(cell)} == {"昆明市": (608, 2, 1), "": (0, 0, 1)}
    for column in ("named", "organisations", "members"):
        assert table["total"][column] == sum(row[column] for row in table["rows"])
    assert table["total"]["levels"] == [38, 209, 361]


def test_a_member_is_named_only_where_a_decision_has_its_day() -> None:
    lists = build_summary(paper("commendation_summary"), summary_frames(), wording())["lists"]
    people = [name for made in lists if made["people"] for group in made["groups"] for name in group["names"]]
    assert people == ["王　丁"]


def test_a_place_lists_what_its_own_tier_named_and_praised() -> None:
    lists = build_summary(paper("commendation_summary", "P530100"), summary_frames(), wording())["lists"]
    assert [(made["zh"], made["count"]) for made in lists] == [("市级示范党支部", 209)]  # none of the praise is its own


def test_an_empty_year_still_makes_a_summary() -> None:
    model = narrate(build_summary(paper("commendation_summary"), frames(), wording()))
    assert "本年度全省没有新命名的党支部" in text_of(model)
    assert "没有党组织和党员受到表扬" in text_of(model)


ZAOZHUANG = load_bundle("zaozhuang-true-colour-home")


def test_a_recommendation_lists_branches_by_level_and_members_by_honour() -> None:
    year = Period.parse("2021")
    register = ZAOZHUANG.register(year)
    county = next(node for node in register.nodes if node.tier == "county")
    assert ZAOZHUANG.programme.documents is not None
    assert ZAOZHUANG.programme.documents.recommendation is not None
    of = PaperOf(
        ZAOZHUANG.programme,
        year,
        register,
        county,
        ZAOZHUANG.programme.documents.recommendation,
        "recommendation",
        ISSUED,
    )
    put_forward = {
        "node_id": county.node_id,
        "unit_id": county.node_id,
        "name": "甲支部",
        "level": "advanced",
    }
    honoured = subject(1, "honour", "member", "county", county.node_id, title="最美老支书")
    found = replace(
        frames(subjects=[honoured]), recommended=[put_forward, put_forward | {"node_id": "elsewhere"}]
    )
    model = narrate(build_recommendation(of, found, wording()))
    assert [(made["zh"], made["count"], made["people"]) for made in model["lists"]] == [
        ("枣庄市先进“本色家园”离退休干部党支部", 1, False), ("最美老支书", 1, True),
    ]
    with pytest.raises(LookupError, match="recommends nobody"):
        build_recommendation(of, frames(), wording())


@pytest.mark.parametrize(("report", "build", "folder"), [
    ("naming_decision", build_naming, "naming"), ("commendation_summary", build_summary, "commendation"),
])
def test_a_paper_is_set_and_its_model_is_plain_json(report: str, build: Any, folder: str) -> None:
    model = narrate(build(paper(report), summary_frames(), wording()))
    json.dumps(model, allow_nan=False)
    assert typeset(model, f"{folder}/{folder}.typ", ISSUED, resolve_fonts()).startswith(b"%PDF")


def test_a_character_that_no_font_draws_stops_the_paper_before_it_is_set() -> None:
    rare = frames(titles=[title(1, "province", branch_name="\U0001f600支部")])
    model = narrate(build_naming(paper("naming_decision"), rare, wording()))
    with pytest.raises(MissingGlyphError, match="lists"):
        typeset(model, "naming/naming.typ", ISSUED, resolve_fonts())
