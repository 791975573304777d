"""A year's papers read back: as they are made they may leave, and each wrong figure, name or sum keeps them back."""

import datetime as dt
import io
import json
import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import Any

import docx
import pytest
from pydantic import ValidationError

from etl.core.annual import model as year_model
from etl.core.annual.inspection import build_inspection
from etl.core.annual.papers import PaperOf, YearFrames, build_naming, build_recommendation
from etl.core.annual.summary import build_summary
from etl.core.awards.commendation import COMMENDED
from etl.core.lint.claims import Fault
from etl.core.lint.copies import Copies, lint_copies
from etl.core.lint.edition import Checks, lint_year_paper
from etl.core.lint.year_facts import YearFacts
from etl.core.period import Period
from etl.core.programmes.documents import InspectionSettings
from etl.edges.copies import read_mail, read_word
from etl.edges.lint_files import plain_grammar, private
from etl.edges.programmes import Bundle, load_bundle
from etl.edges.templates import narrate, wording
from etl.edges.word import year_copy
from tests.support.shapes import misfits, shapes_in
from tests.unit.annual.test_papers import (
    ISSUED,
    PANLONG,
    SIDE,
    WUHUA,
    ZAOZHUANG,
    count,
    frames,
    paper,
    subject,
    title,
)

Model = dict[str, Any]
Made = tuple[Model, YearFacts]
TOP, PLACES = "P530000", (WUHUA, PANLONG, SIDE)
CHECKS = (
    {"node_id": TOP, "key": "dues", "zh": "党费返还比例", "on": "unit", "min": 0.7, "max": None, "rate": 0.7, "share": False,
     "judged": 9, "short": 2, "missing": 1},
    {"node_id": TOP, "key": "visits", "zh": "实地走访次数", "on": "branch", "min": 4.0, "max": None, "rate": None, "share": False,
     "judged": 16, "short": 1, "missing": 0},
)
HALVES = (
    {"node_id": TOP, "period": "2017H1", "period_zh": "2017年上半年", "units_expected": 191, "units_received": 190},
    {"node_id": TOP, "period": "2017H2", "period_zh": "2017年下半年", "units_expected": 191, "units_received": 1_191},
)


DUTIES = (
    {"node_id": TOP, "zh": "三年创建规划", "owed": 66, "done": 60,
     "missing": ["昆明市", "曲靖市", "玉溪市", "保山市", "昭通市", "丽江市"], "own": False},
    {"node_id": TOP, "zh": "年度创建方案", "owed": 66, "done": 66, "missing": [], "own": False},
    {"node_id": TOP, "zh": "不定期督导检查", "owed": None, "done": 7, "missing": [], "own": False},
)
FACTS = (
    {"node_id": TOP, "kind": "sweep", "outcome": "re_elect", "outcome_zh": "改选", "outcome_en": "", "branches": 4, "members": 0},
    {"node_id": TOP, "kind": "rectification", "outcome": "", "outcome_zh": "", "outcome_en": "", "branches": 2, "members": 0},
    {"node_id": TOP, "kind": "dual_management", "outcome": "", "outcome_zh": "", "outcome_en": "", "branches": 3, "members": 11},
)


def year_frames() -> YearFrames:
    """Namings at three levels, praise by two tiers and of two kinds, a sum that does not agree, and one without a list."""
    named = [
        *(subject(n, "naming", "organisation", "province", unit, level="province") for n, unit in enumerate(PLACES)),
        *(subject(10 + n, "naming", "organisation", "prefecture", level="prefecture") for n in range(1_200)),
        subject(9_999, "naming", "organisation", "county", PANLONG, level="county"),
    ]
    praise = [
        (1, "organisation", "province", WUHUA, 2), (2, "organisation", "county", PANLONG, 1),
        (3, "member", "province", SIDE, 1), (4, "member", "province", WUHUA, 1), (5, "member", "county", PANLONG, 1),
    ]
    praised = [
        subject(n, kind, who, tier, unit, mentions=times)
        for n, who, tier, unit, times in praise
        for kind in (COMMENDED, "honour" if n == 4 else "praise")
    ]
    told = [
        ("organisation", "", 2), ("organisation", "county", 1), ("organisation", "province", 1),
        ("member", "", 3), ("member", "county", 1), ("member", "province", 2),
    ]
    counts = [count(TOP, COMMENDED, who, tier, number) for who, tier, number in told]
    counts += [count(TOP, "praise", who, "", number) for who, number in (("organisation", 2), ("member", 2))]
    counts += [
        count(WUHUA, kind, who, tier, 1)
        for who in ("organisation", "member")
        for kind, tier in ((COMMENDED, ""), (COMMENDED, "province"), *([("praise", "")] if who == "organisation" else []))
    ]
    names = ("indicator", "value", "listed", "distinct_count", "repeated")
    rows = [("organisations_commended", 5.0, 3.0, 2, 1), ("members_commended", 3.0, 3.0, 3, 0)]
    titles = [title(n, "province", unit) for n, unit in enumerate(PLACES)]
    made = frames(
        subjects=named + praised, counts=counts, titles=[*titles, title(9, "county", PANLONG)],
        reconciliation=[{"unit_id": TOP, **dict(zip(names, row, strict=True))} for row in rows],
    )
    return replace(
        made, checks=CHECKS, halves=HALVES, notice_days={("province", TOP): 5}, duties=DUTIES, facts=FACTS
    )


def _recommendation() -> Made:
    year = Period.parse("2021")
    register = ZAOZHUANG.register(year)
    county = next(node for node in register.nodes if node.tier == "county")
    documents = ZAOZHUANG.programme.documents
    assert documents is not None
    assert documents.recommendation is not None
    about = PaperOf(
        ZAOZHUANG.programme, year, register, county, documents.recommendation, "recommendation", ISSUED
    )
    honoured = [
        subject(n, kind, "member", "county", county.node_id, title="最美老支书") for n in (1, 2) for kind in ("honour", COMMENDED)
    ]
    put_forward = [
        {"node_id": county.node_id, "unit_id": county.node_id, "name": f"第{n}支部", "level": level}
        for n, level in enumerate(("advanced", "advanced", "robust"))
    ]
    found = replace(frames(subjects=honoured), recommended=put_forward)
    return narrate(build_recommendation(about, found, wording())), YearFacts(about, found, wording())


SHIYAN = load_bundle("shiyan-six-good")
FILED_ON = dt.date(2018, 3, 1)


def _inspection(bundle: Bundle = SHIYAN) -> Made:
    """Visits in two counties and to a unit straight under the prefecture, over several days, with all three verdicts."""
    year = Period.parse("2023" if bundle is SHIYAN else "2022")
    register = bundle.register(year)
    top = register.top
    first, second = [node.node_id for node in register.children(top.node_id) if node.tier == "county"][:2]
    documents = bundle.programme.documents
    assert documents is not None
    assert documents.inspection_report is not None
    about = PaperOf(bundle.programme, year, register, top, documents.inspection_report, "inspection_report", ISSUED)
    told = [
        (second, "2023-07-03", "recommend", "96.50"), (second, "2023-09-11", "recommend", "95.00"),
        (first, "2024-01-08", "return", ""), (f"U{bundle.programme.top.code}-001", "2023-12-05", "refuse", "61.20"),
    ]
    visits = [
        {"node_id": top.node_id, "unit_id": unit, "branch_id": f"b{n}", "branch_name": f"第{n}支部", "visited_on": day,
         "verdict": verdict, "points": points, "findings": "台账规范，\n建议突出特色"}
        for n, (unit, day, verdict, points) in enumerate(told, 1)
    ]
    found = replace(frames(), visits=visits)
    return narrate(build_inspection(about, found, wording())), YearFacts(about, found, wording())


@cache
def _made(kind: str) -> Made:
    if kind == "recommendation":
        return _recommendation()
    if kind == "inspection":
        return _inspection()
    report, build = {
        "naming": ("naming_decision", build_naming), "commendation": ("commendation_summary", build_summary)
    }[kind]
    about, found = paper(report), year_frames()
    return narrate(build(about, found, wording())), YearFacts(about, found, wording())


def faults(model: Model, facts: YearFacts) -> list[Fault]:
    checks = Checks(plain_grammar(model["kind"]), private(), ())
    return lint_year_paper(model, facts, checks)


def copies(model: Model) -> Copies:
    return Copies(word=read_word(year_copy(model, ISSUED)), mail=read_mail(model))


KINDS = ("naming", "commendation", "recommendation", "inspection")


@pytest.mark.parametrize("kind", KINDS)
def test_a_paper_as_it_is_made_passes(kind: str) -> None:
    model, facts = _made(kind)
    assert faults(model, facts) == []
    assert lint_copies(model, copies(model)) == []


SHAPES: dict[str, Any] = {
    "naming": year_model.NamingPaper, "commendation": year_model.SummaryPaper,
    "recommendation": year_model.RecommendationPaper, "inspection": year_model.InspectionPaper,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_built_paper_has_the_keys_of_its_type(kind: str) -> None:
    kept = json.loads(json.dumps(_made(kind)[0]))
    assert misfits(kept, SHAPES[kind]) == []
    assert misfits(kept | {"annex": []}, SHAPES[kind]) == ["/annex: unknown"]


def test_no_part_of_the_types_goes_unseen() -> None:
    met: set[type] = set()
    for kind, shape in SHAPES.items():
        misfits(json.loads(json.dumps(_made(kind)[0])), shape, met=met)
    assert shapes_in(year_model) - met == {
        year_model.YearParts, year_model.Naming, year_model.Summary, year_model.Recommendation, year_model.Inspection,
    }  # what others extend


@pytest.mark.parametrize(("bundle", "own", "other"), [(SHIYAN, "检查考评", "督查"), (ZAOZHUANG, "督查", "检查考评")])
def test_visits_are_called_as_the_programme_calls_them(bundle: Bundle, own: str, other: str) -> None:
    model, facts = _inspection(bundle)
    assert faults(model, facts) == []
    said = "".join([model["labels"]["subject"], *read_mail(model), *read_word(year_copy(model, ISSUED))[0]])
    assert said.count(own) >= 5
    assert other not in said
    turned = narrate({**model, "inspection": other})
    assert {fault.rule for fault in faults(turned, facts)} == {"underived", "whole"}


def test_a_title_that_calls_visits_otherwise_does_not_load() -> None:
    documents = SHIYAN.programme.documents
    assert documents is not None
    assert documents.inspection_report is not None
    known = documents.inspection_report.model_dump()
    assert InspectionSettings.model_validate(known) == documents.inspection_report
    with pytest.raises(ValidationError, match="do not say 督查"):
        InspectionSettings.model_validate(known | {"inspection": "督查"})


@pytest.mark.parametrize(
    ("counts", "straight", "says"),
    [
        ((2,), 0, "新命名的党支部在昆明市（2个）。"),
        ((2,), 1, "1个州（市）有新命名的党支部，为昆明市（2个）。"),
        ((1, 2, 1), 0, "3个州（市）有新命名的党支部，分别是曲靖市（2个）、昆明市（1个）、玉溪市（1个）。"),
        ((3, 2, 1, 1), 0, "4个州（市）有新命名的党支部，较多的是昆明市（3个）、曲靖市（2个）、玉溪市（1个）、保山市（1个）。"),
        ((3, 1, 1, 1, 1, 1), 0, "6个州（市）有新命名的党支部，较多的是昆明市（3个）。"),
        ((1,) * 6, 0, "6个州（市）有新命名的党支部，各1个。"),
        ((2, 2, 2, 2, 2, 2, 1), 0, "7个州（市）有新命名的党支部。"),
    ],
)
def test_who_has_most_leaves_nobody_out_that_has_as_many(counts: tuple[int, ...], straight: int, says: str) -> None:
    about = paper("commendation_summary")
    places = [node.node_id for node in about.register.children(TOP) if node.tier == "prefecture"]
    units = [next(unit.unit_id for unit in about.register.units if unit.parent_id == place) for place in places]
    where = [unit for unit, many in zip(units, counts, strict=False) for _ in range(many)] + [SIDE] * straight
    named = [subject(n, "naming", "organisation", "county", unit, level="county") for n, unit in enumerate(where)]
    praised = [subject(n, COMMENDED, "organisation", "county", unit) for n, unit in enumerate(where)]
    for rows, text in ((named, says), (praised, says.replace("新命名的党支部", "受表扬的党组织"))):
        counted = [count(TOP, COMMENDED, "organisation", tier, len(where)) for tier in ("", "county") if rows is praised]
        found = frames(subjects=rows, counts=counted)
        model = narrate(build_summary(about, found, wording()))
        facts = YearFacts(about, found, wording())
        assert faults(model, facts) == []
        block = next(block for block in model["blocks"] if text in block["text"])
        block["text"] = re.sub(r"\d", "9", block["text"].replace("昆明市", "丽江市"), count=1)
        assert faults(model, facts)


def test_a_dash_in_a_table_of_counts_is_explained() -> None:
    about = paper("commendation_summary")
    dashed, bare = (narrate(build_summary(about, replace(frames(), checks=checks), wording())) for checks in (CHECKS, ()))
    assert any("表中“—”表示无。" in note for note in dashed["labels"]["notes"])
    assert ("checks" in dashed["annexes"], "checks" in bare["annexes"]) == (True, False)


@pytest.mark.parametrize(
    ("missing", "judged", "says"),
    [(0, 9, "2项。均符合规定。"), (1, 9, "2项。有数据的均符合规定。"), (9, 0, "2项。尚无数据可供核查。")],
)
def test_what_was_not_filed_is_not_said_to_be_as_it_should(missing: int, judged: int, says: str) -> None:
    about = paper("commendation_summary")
    found = replace(frames(), checks=[{**check, "judged": judged, "short": 0, "missing": missing} for check in CHECKS])
    facts = YearFacts(about, found, wording())
    model = narrate(build_summary(about, found, wording()))
    assert says in "".join(block["text"] for block in model["blocks"])
    assert faults(model, facts) == []
    for other in {(0, 9), (1, 9), (9, 0)} - {(missing, judged)}:
        checks = [{**check, "judged": other[1], "short": 0, "missing": other[0]} for check in CHECKS]
        assert "figure" in {fault.rule for fault in faults(model, YearFacts(about, replace(found, checks=checks), wording()))}


@pytest.mark.parametrize("node_id", [TOP, "P530100"])
def test_a_year_without_anything_passes(node_id: str) -> None:
    about, found = paper("commendation_summary", node_id), frames()
    model = narrate(build_summary(about, found, wording()))
    assert faults(model, YearFacts(about, found, wording())) == []


def test_a_place_with_units_of_its_own_alone_passes() -> None:
    about, found = paper("commendation_summary", WUHUA), year_frames()
    model = narrate(build_summary(about, found, wording()))
    assert faults(model, YearFacts(about, found, wording())) == []


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("naming", "等3个党支部", "等4个党支部"),
        ("naming", "公示5个", "公示7个"),
        ("naming", "命名第0支部", "命名第1支部"),
        ("naming", "省级示范党支部”。", "州（市）级示范党支部”。"),
        ("commendation", "2017年，", "2016年，"),
        ("commendation", "党支部1,204个", "党支部1,205个"),
        ("commendation", "示范党支部3个、", "示范党支部2个、"),
        ("commendation", "、县（市、区）级示范党支部1个", ""),
        ("commendation", "省级示范党支部3个", "国家级3个"),
        ("commendation", "党组织2个、党员3名", "党组织2个、党员4名"),
        ("commendation", "党员为省级2名、县（市、区）级1名", "党员为县（市、区）级1名、省级2名"),
        ("commendation", "党支部，为昆明市（1,", "党支部，为曲靖市（1,"),
        ("commendation", "党组织在昆明市（2个", "党组织在昆明市（3个"),
        ("commendation", "1个州（市）有新命名", "2个州（市）有新命名"),
        ("commendation", "名单列有3个，相差2个", "名单列有3个，相差1个"),
        ("commendation", "填报5个", "填报6个"),
        ("commendation", "重复列入1次", "重复列入2次"),
        ("commendation", "核查2项", "核查3项"),
        ("commendation", "（占22.2%）", "（占22.3%）"),
        ("commendation", "；实地走访次数不符合规定的有1个党支部（占6.3%）", ""),
        ("commendation", "各地情况见附件1", "各地情况见附件2"),
        ("commendation", "应登记66个单位、已登记60个", "应登记66个单位、已登记61个"),
        ("commendation", "登记的有昆明市", "登记的有大理白族自治州"),
        ("commendation", "、昭通市等6个单位", "、昭通市等7个单位"),
        ("commendation", "、昭通市等6个单位", "、昭通市"),
        ("commendation", "不定期督导检查已登记7个", "不定期督导检查已登记8个"),
        ("commendation", "经排查改选的4个", "经排查重建的4个"),
        ("commendation", "整顿中的党支部2个", "整顿中的党支部3个"),
        ("commendation", "党支部3个、党员11名", "党支部3个、党员12名"),
        ("commendation", "等15个州（市）", "等14个州（市）"),
        ("recommendation", "党支部2个", "党支部3个"),
        ("recommendation", "最美老支书2名", "最美老支书1名"),
        ("inspection", "对4个党支部", "对5个党支部"),
        ("inspection", "自2023年7月3日", "自2023年7月4日"),
        ("inspection", "至2024年1月8日", "至2024年1月9日"),
        ("inspection", "涉及2个地方", "涉及3个地方"),
        ("inspection", "推荐2个、退回1个", "推荐1个、退回2个"),
        ("inspection", "、不予推荐1个", ""),
        ("inspection", "张湾区（2个）、", ""),
    ],
)
def test_a_changed_figure_name_or_word_is_found(kind: str, old: str, new: str) -> None:
    model, facts = deepcopy(_made(kind)[0]), _made(kind)[1]
    block = next((block for block in model["blocks"] if old in block["text"]), None)
    assert block is not None, [block["text"] for block in model["blocks"]]
    block["text"] = block["text"].replace(old, new, 1)
    found = faults(model, facts)
    assert found
    assert {fault.rule for fault in found} <= {"figure", "underived"}, found


def _first_list(model: Model) -> Model:
    first: Model = model["lists"][0]["groups"][0]
    return first


@pytest.mark.parametrize(
    ("organisations", "members", "says"), [(0, 3, "受到各级表扬的党员3名。"), (2, 0, "受到各级表扬的党组织2个。")]
)
def test_nobody_is_not_told_as_none_of_a_number(organisations: int, members: int, says: str) -> None:
    told = [("organisation", n) for n in range(organisations)] + [("member", n) for n in range(members)]
    subjects = [subject(n, kind, who, "county", PANLONG) for who, n in told for kind in (COMMENDED, "praise")]
    counts = [
        count(TOP, kind, who, tier, number)
        for who, number in (("organisation", organisations), ("member", members)) if number
        for kind, tier in ((COMMENDED, ""), (COMMENDED, "county"), ("praise", ""))
    ]
    about, found = paper("commendation_summary"), frames(subjects=subjects, counts=counts)
    model = narrate(build_summary(about, found, wording()))
    assert faults(model, YearFacts(about, found, wording())) == []
    assert says in "".join(block["text"] for block in model["blocks"])


def test_returns_are_counted_for_the_place_that_the_paper_is_of() -> None:
    ours = ({**HALVES[0], "node_id": "P530100", "units_expected": 16, "units_received": 15},)
    about, found = paper("commendation_summary", "P530100"), replace(frames(), halves=(*HALVES, *ours))
    model = narrate(build_summary(about, found, wording()))
    assert faults(model, YearFacts(about, found, wording())) == []
    notes = "".join(model["labels"]["notes"])
    assert "应报送单位16个、已报送15个" in notes
    assert "191" not in notes


PLAN, SCHEME = (
    {"node_id": "P530100", "zh": zh, "owed": 1, "done": 1, "missing": [], "own": True} for zh in ("三年创建规划", "年度创建方案")
)
BEHIND = {"done": 0, "missing": ["昆明市"]}


@pytest.mark.parametrize(
    ("duties", "says", "amiss"),
    [
        (
            (PLAN, SCHEME | BEHIND),
            "昆明市三年创建规划已登记，年度创建方案尚未登记，请抓紧补报。",
            (
                "昆明市三年创建规划已登记。",
                "昆明市年度创建方案尚未登记，请抓紧补报。",
                "昆明市年度创建方案已登记，三年创建规划尚未登记，请抓紧补报。",
                "曲靖市三年创建规划已登记，年度创建方案尚未登记，请抓紧补报。",
                "昆明市三年创建规划、年度创建方案均已登记。",
            ),
        ),
        (
            (PLAN, SCHEME),
            "昆明市三年创建规划、年度创建方案均已登记。",
            ("昆明市三年创建规划已登记。", "昆明市三年创建规划、年度创建方案均尚未登记，请抓紧补报。"),
        ),
        (
            (PLAN | BEHIND, SCHEME | BEHIND),
            "昆明市三年创建规划、年度创建方案均尚未登记，请抓紧补报。",
            ("昆明市三年创建规划尚未登记，请抓紧补报。",),
        ),
        (
            (PLAN | {"owed": None}, SCHEME | {"owed": None, "done": 0}),
            "昆明市三年创建规划已登记。",
            ("昆明市年度创建方案已登记。",),
        ),
    ],
)
def test_a_duty_of_the_place_alone_is_told_of_the_place(
    duties: tuple[dict[str, Any], ...], says: str, amiss: tuple[str, ...]
) -> None:
    about, found = paper("commendation_summary", "P530100"), replace(frames(), duties=duties)
    model, facts = narrate(build_summary(about, found, wording())), YearFacts(about, found, wording())
    assert faults(model, facts) == []
    assert "个单位" not in "".join(block["text"] for block in model["blocks"])
    [block] = (block for block in model["blocks"] if block["text"] == says)
    for text in amiss:
        block["text"] = text
        assert faults(model, facts), text


def test_an_outcome_that_the_programme_does_not_name_keeps_the_summary_back() -> None:
    about, found = paper("commendation_summary"), year_frames()
    found = replace(found, facts=[{**row, "outcome_zh": "", "outcome_en": ""} for row in found.facts])
    model = narrate(build_summary(about, found, wording()))
    assert "re_elect的4个" in "".join(block["text"] for block in model["blocks"])
    assert {fault.rule for fault in faults(model, YearFacts(about, found, wording()))} == {"underived"}


@pytest.mark.parametrize(("node_id", "level", "title_zh"), [(WUHUA, "county", "区级"), ("P530100", "prefecture", "市级")])
def test_a_place_confers_a_title_of_its_own_kind(node_id: str, level: str, title_zh: str) -> None:
    about, found = paper("naming_decision", node_id), frames(titles=[title(1, level, WUHUA, node_id=node_id)])
    model = narrate(build_naming(about, found, wording()))
    assert faults(model, YearFacts(about, found, wording())) == []
    assert f"为“{title_zh}示范党支部”" in "".join(block["text"] for block in model["blocks"])
    assert model["lists"][0]["zh"] == f"{title_zh}示范党支部"
    assert model["head"]["cc"].endswith({"区级": "昆明市委老干部局，区委组织部", "市级": "省委老干部局，市委组织部"}[title_zh])
    headings = [text for text in read_word(year_copy(model, ISSUED))[0] if "（1个" in text]
    assert f"{title_zh}示范党支部（1个）" in headings


def test_a_summary_calls_its_own_tier_as_its_titles_do() -> None:
    """In Kunming's 市级示范党支部 stood beside 州（市）级3个."""
    node, about = "P530100", paper("commendation_summary", "P530100")
    found = frames(
        subjects=[subject(1, "naming", "organisation", "prefecture", level="prefecture"),
                  subject(2, "naming", "organisation", "county", level="county"),
                  *(subject(3 + n, COMMENDED, "organisation", tier) for n, tier in enumerate(("prefecture", "county")))],
        counts=[count(node, COMMENDED, "organisation", *each) for each in (("", 2), ("prefecture", 1), ("county", 1))],
        titles=[title(1, "prefecture")],
    )
    model = narrate(build_summary(about, found, wording()))
    assert faults(model, YearFacts(about, found, wording())) == []
    text = json.dumps(model, ensure_ascii=False)
    assert "党组织为市级1个、县（市、区）级1个" in text
    assert "州（市）" not in text


def test_a_summary_lists_the_namings_that_units_filed_with_their_day() -> None:
    """After a year that was never judged here, units file what it named: counted they were, and listed nowhere."""
    about = paper("commendation_summary", "P530100")
    filed = [
        subject(n, "naming", "organisation", level, level=level, decided_on=day)
        for n, (level, day) in enumerate(
            (("prefecture", FILED_ON), ("prefecture", None), ("county", FILED_ON), ("prefecture", FILED_ON))
        )
    ]
    for titles in ([], [title(3, "prefecture", node_id="P530100")]):  # one with a title stands there once
        found = frames(subjects=filed, titles=titles)
        model = narrate(build_summary(about, found, wording()))
        [made] = model["lists"]
        assert made["zh"] == "市级示范党支部"
        assert [name for group in made["groups"] for name in group["names"]] == ["第0支部", "第3支部"]
        assert faults(model, YearFacts(about, found, wording())) == []
        model["lists"] = []
        assert "list" in {fault.rule for fault in faults(model, YearFacts(about, found, wording()))}


def test_a_recommendation_is_of_the_place_that_recommends() -> None:
    model, facts = _recommendation()
    assert model["edition"]["tier_zh"] in ("区", "市")
    assert f"{model['edition']['tier_zh']}级评审" in "".join(block["text"] for block in model["blocks"])
    assert faults(model, facts) == []


def test_the_mail_of_a_decision_is_called_as_the_decision_is() -> None:
    for programme in ("yunnan-model-branch", "zunyi-six-good", "dongxihu-small-gear"):
        settings = load_bundle(programme).programme.documents.naming_decision
        about = replace(paper("naming_decision"), settings=settings)
        model = narrate(build_naming(about, frames(titles=[title(1, "province")]), wording()))
        assert model["labels"]["subject"] == "".join(model["head"]["title_lines"])


CHANGES: list[tuple[str, Callable[[Model], Any], str]] = [
    ("naming", lambda m: _first_list(m)["names"].append("另一支部"), "list"),
    ("naming", lambda m: _first_list(m)["names"].__setitem__(0, "另一支部"), "list"),
    ("naming", lambda m: m["lists"][0].update(count=4), "sum"),
    ("naming", lambda m: m["lists"].pop(), "list"),
    ("naming", lambda m: m["labels"].update(subject="关于命名的决定"), "whole"),
    ("naming", lambda m: m["labels"].update(annex_lists="2016年云南省命名党支部名单"), "underived"),
    ("recommendation", lambda m: _first_list(m)["names"].pop(), "list"),
    ("inspection", lambda m: m["visits"].pop(), "list"),
    ("inspection", lambda m: m["visits"].reverse(), "list"),
    ("inspection", lambda m: m["visits"][0].update(day_zh="1月8日"), "list"),
    ("inspection", lambda m: m["visits"][0].update(findings="未发现问题"), "list"),
    ("inspection", lambda m: m["labels"].update(annex_visits="2022年十堰市检查考评情况表"), "underived"),
    ("commendation", lambda m: m["named"][0].update(count=1), "list"),
    ("commendation", lambda m: m.update(named_total=1), "sum"),
    ("commendation", lambda m: m["commended"]["member"].update(total=9), "figure"),
    ("commendation", lambda m: m["commended"]["member"]["tiers"].pop(), "list"),
    ("commendation", lambda m: m["commended"]["member"]["kinds"].pop(), "list"),
    ("commendation", lambda m: m["table"]["rows"][0].update(named=7), "figure"),
    ("commendation", lambda m: m["table"]["rows"].pop(), "list"),
    ("commendation", lambda m: m["lists"].reverse(), "list"),
    ("commendation", lambda m: m["table"]["total"].update(members=7), "sum"),
    ("commendation", lambda m: m["table"]["total"]["levels"].__setitem__(0, 9), "sum"),
    ("commendation", lambda m: m["reconciliation"][0].update(filed=9), "figure"),
    ("commendation", lambda m: m["checks"][0].update(short=1), "figure"),
    ("commendation", lambda m: m["halves"][0].update(units_received=1), "figure"),
    ("commendation", lambda m: m["labels"]["check_rules"].__setitem__(0, "80%"), "figure"),
    ("commendation", lambda m: m["labels"]["notes"].__setitem__(0, m["labels"]["notes"][0].replace("190", "191")), "figure"),
    ("commendation", lambda m: m["blocks"].append({"kind": "h1", "text": "四、其他"}), "empty"),
    ("commendation", lambda m: m["head"].update(to="电话13800000000"), "private_phone"),
]


@pytest.mark.parametrize(("kind", "change", "rule"), CHANGES)
def test_each_part_of_the_model_is_compared(kind: str, change: Callable[[Model], Any], rule: str) -> None:
    model, facts = deepcopy(_made(kind)[0]), _made(kind)[1]
    change(model)
    assert rule in {fault.rule for fault in faults(model, facts)}


def test_the_number_that_was_given_to_a_decision_is_the_one_on_it() -> None:
    found = frames(titles=[title(1, "province", document_number="云组通〔2018〕9号")])
    about = paper("naming_decision")
    model = narrate(build_naming(about, found, wording()))  # nobody has told the paper of its number
    assert ("figure", "head/number") in {(f.rule, f.place) for f in faults(model, YearFacts(about, found, wording()))}


def _words_changed(model: Model, old: str, new: str) -> Copies:
    """The Word copy as somebody else would have left it, with the first such text changed."""
    file = docx.Document(io.BytesIO(year_copy(model, ISSUED)))
    cells = [cell for table in file.tables for row in table.rows for cell in row.cells]
    places = [*file.paragraphs, *(paragraph for cell in cells for paragraph in cell.paragraphs)]
    place = next(paragraph for paragraph in places if old in paragraph.text)
    place.text = place.text.replace(old, new, 1)
    sink = io.BytesIO()
    file.save(sink)
    return Copies(word=read_word(sink.getvalue()))


@pytest.mark.parametrize(
    ("kind", "old", "new", "place"),
    [
        ("naming", "公示5个", "公示6个", "docx/blocks/0"),
        ("naming", "（3个，排名不分先后）", "（4个，排名不分先后）", "docx/lists/0"),
        ("naming", "昆明市（2个）", "昆明市（3个）", "docx/lists/0"),
        ("naming", "第1支部", "第7支部", "docx/tables/1"),
        ("commendation", "1,204", "1,203", "docx/"),
        ("commendation", "70%", "80%", "docx/tables/"),
        ("commendation", "应报送单位191个", "应报送单位192个", "docx/paragraphs"),
    ],
)
def test_what_is_wrong_in_the_word_copy_is_found_there(kind: str, old: str, new: str, place: str) -> None:
    model = _made(kind)[0]
    found = lint_copies(model, _words_changed(model, old, new))
    assert {fault.rule for fault in found} == {"copy"}
    assert any(fault.place.startswith(place) for fault in found), found
