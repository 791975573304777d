"""Report lint: what agrees with the store passes, and each kind of fault is found where it is."""

import datetime as dt
import re
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from etl.core.lint.claims import Claims, compile_claims
from etl.core.lint.edition import lint, texts_of
from etl.core.lint.facts import paper_step
from etl.core.lint.lexicon import Lexicon
from etl.core.lint.numbers import agrees, read_number
from etl.core.lint.reading import place_patterns
from etl.core.lint.text import lint_signature
from etl.core.reports.dispatch import ReportFrames, build_dispatch
from etl.core.reports.figure_text import prose_text
from etl.core.reports.index import DIVISION_COLUMNS
from etl.edges.lint_files import fault_texts, private
from etl.edges.templates import narrate, wording
from tests.support.linting import BUSY, Linted, busy, checks, linted
from tests.unit.reports.invented_report import MEASURES, SETTINGS, TOP, edition_of, invented

NASTY = ("<b>&amp;县", '#panic("x")县', "=1+1县", "p| 县", "甲\nh1| 乙县", "“引”'号\"县")
SHAPES: dict[str, tuple[tuple[int, ...], dict[str, Any], str, dict[str, Any]]] = {
    "province": ((16, 8), {}, TOP, {}),
    "prefecture": ((16, 3), {}, "P530010", {}),
    "county": ((16, 3), {}, "P5300101", {}),
    "without a fault": ((16, 2), {"missing": 0, "late": 0, "findings": 0}, TOP, {}),
    "five children": ((5,), {"missing": 0}, TOP, {}),
    "nobody filed": ((16, 2), {"missing": 1.1}, TOP, {}),
    "first report": ((5, 2), {"first_time": True}, TOP, {"previous": None, "last_year": None}),
    "one child": ((1,), {}, TOP, {}),
    "no child": ((0,), {"missing": 0}, TOP, {}),
    "129 children": ((129,), {"child_tier": "county"}, TOP, {}),
    "many missing": ((40,), {"missing": 0.4, "late": 0.4}, TOP, {}),
    "nasty names": ((6,), {"names": NASTY, "missing": 0.4, "late": 0.4, "seed": 3}, TOP, {}),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_report_as_it_is_made_passes(shape: str) -> None:
    size, how, node, edition = SHAPES[shape]
    assert linted(invented(*size, **how), node, **edition).told() == []


@pytest.mark.parametrize("size", [(16, 3), (4,), (1,), (0,)])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_report_of_busy_units_passes(size: tuple[int, ...], seed: int) -> None:
    report = linted(busy(invented(*size, missing=0, seed=seed)), settings=BUSY)
    assert report.told() == []
    assert any("活动台账" in block["text"] for block in report.model["blocks"])


@pytest.mark.parametrize("key", ["attendance_rate", "theme_days"])
def test_where_all_are_equal_it_passes_too(key: str) -> None:
    frames = invented(3, missing=0)
    totals = frames.totals.copy()
    alike = (totals["indicator"] == key) & (totals["node_id"] != TOP)
    totals.loc[alike, "value"] = totals.loc[alike, "value"].iloc[0]
    if key == "theme_days":
        totals.loc[(totals["indicator"] == key) & (totals["node_id"] == TOP), "value"] = totals.loc[alike, "value"].sum()
    report = linted(replace(frames, totals=totals), settings=SETTINGS.model_copy(update={"ranking": key, "table": ()}))
    assert any("均为" in block["text"] for block in report.model["blocks"])
    assert report.told() == []
    assert spoil(report, "3个州（市）", "2个州（市）")


@pytest.mark.parametrize("seed", range(4))
def test_where_smaller_is_better_it_passes_too(seed: int) -> None:
    settings = SETTINGS.model_copy(update={"ranking": "branches_rectifying"})
    assert linted(invented(12, 2, seed=seed), settings=settings).told() == []


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"missing": 0, "late": 0}, "数据已按时报送"),
        ({"missing": 0, "late": 1.1}, "本期数据逾期"),
        ({"missing": 1.1}, "本期数据至今未报送"),
        ({"missing": 1.1}, "本单位尚未报送，本期暂无数据；补报后另行通报。"),
    ],
)
def test_a_unit_that_writes_of_itself_counts_no_units(how: dict[str, Any], says: str) -> None:
    letters = SETTINGS.model_copy(update={"form": {"default": "letter"}})
    report = linted(invented(16, 3, **how), "P5300101", settings=letters)
    assert report.told() == []
    text = "".join(block["text"] for block in report.model["blocks"])
    assert says in text
    assert "1个单位" not in text
    assert "送1个" not in text
    assert "部分单位" not in text


@pytest.mark.parametrize(
    ("tied", "rate", "old"), [(4, 0.25, "（均为25.0%）"), (7, 0.25, "（均为25.0%）"), (7, 0.99, "（均为99.0%）")]
)
def test_ties_at_either_end_pass_and_another_figure_does_not(tied: int, rate: float, old: str) -> None:
    frames = invented(10, missing=0)
    low = [row["node_id"] for row in frames.children[TOP]][:tied]
    ours = (frames.totals["indicator"] == "attendance_rate") & frames.totals["node_id"].isin(low)
    totals = frames.totals.copy()
    totals.loc[ours, "value"] = rate
    report = linted(replace(frames, totals=totals))
    assert report.told() == []
    assert spoil(report, old, old.replace(".0", ".1"))


def with_value(frames: ReportFrames, node: str, key: str, **values: Any) -> ReportFrames:
    """The frames with other values in the row of a node's figure."""
    totals = frames.totals.copy()
    rows = (totals["node_id"] == node) & (totals["indicator"] == key)
    totals.loc[rows, list(values)] = list(values.values())
    return replace(frames, totals=totals)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_figure_filed_as_a_floor_changes_by_about_in_titles_too(language: str) -> None:
    frames = with_value(invented(6, missing=0), TOP, "volunteer_activities", at_least=True)
    settings = SETTINGS.model_copy(update={"ranking": "volunteer_activities", "table": ()})
    model = narrate(build_dispatch(frames, edition_of(TOP), settings, MEASURES, wording(language)), language)
    assert ("about" if language == "en" else "约") in model["labels"]["trend_title"]
    if language == "zh-CN":
        assert linted(frames, settings=settings).told() == []


def test_a_place_whose_figure_is_a_floor_moves_by_about() -> None:
    frames = invented(8, missing=0)
    fallen, risen, *_ = (row["node_id"] for row in frames.children[TOP])
    for place, value in ((fallen, 60.0), (risen, 400.0)):
        whole = frames.figures[TOP, "theme_days"]["value"] - frames.figures[place, "theme_days"]["value"] + value
        frames = with_value(frames, place, "theme_days", value=value, previous_value=200.0, at_least=True)
        frames = with_value(frames, TOP, "theme_days", value=whole, at_least=True)
    report = linted(frames, settings=BUSY.model_copy(update={"ranking": "theme_days", "table": ()}))
    assert report.told() == []
    text = prose_of(report)
    assert "（约增加200次），减少最多的是" in text
    assert "（约减少140次）" in text
    fell = next(issue for issue in report.model["issues"] if issue["key"] == "fell")
    assert fell["units"][0]["cell"] == "≥60"


@pytest.mark.parametrize(("node", "form"), [(TOP, "document"), ("P5300101", "letter")])
def test_what_was_sent_back_is_not_called_unreported(node: str, form: str) -> None:
    frames = invented(2, 2, missing=0)
    frames = replace(frames, totals=frames.totals.assign(value=float("nan")))
    report = linted(frames, node, settings=SETTINGS.model_copy(update={"form": {"default": form}}))
    assert report.told() == []
    assert "报送的数据均退回待核，本期暂无" in prose_of(report)
    assert "尚无单位报送" not in prose_of(report)
    assert "figure" in spoil(linted(invented(2, 2, missing=0), node), "一、总体情况", "报送的数据均退回待核，本期暂无汇总数据")


def test_a_place_that_filed_nothing_last_period_says_why_it_compares_nothing() -> None:
    frames = invented(3, missing=0, first_time=True)
    frames = replace(frames, totals=frames.totals.assign(at_least=frames.totals["indicator"] == "theme_days"))
    report = linted(frames)
    assert report.told() == []
    floors = "的为部分单位只报下限的数字。"
    assert f"{floors}上期没有可以比较的数据，不作比较。" in prose_of(report)
    assert f"{floors}本期为首次通报，暂无可比的上期数据。" in prose_of(linted(frames, previous=None))


@pytest.mark.parametrize(
    ("late", "missing", "says"),
    [(8, 0, "各单位均逾期报送。"), (7, 1, "各单位均逾期或未报送。"), (0, 8, "各单位均未报送。"), (6, 1, "部分单位逾期、未报。")],
)
def test_what_all_did_is_not_said_of_some(late: int, missing: int, says: str) -> None:
    frames = invented(8, missing=0, late=0, findings=0)
    status = ["late"] * late + ["missing"] * missing + ["received"] * (8 - late - missing)
    counts = {"units_late": late, "units_missing": missing, "units_received": 8 - missing, "units_on_time": 8 - late - missing}
    completeness = frames.completeness.copy()
    completeness.loc[completeness["node_id"] == TOP, list(counts)] = list(counts.values())
    report = linted(replace(frames, units=frames.units.assign(status=status), completeness=completeness))
    assert says in prose_of(report)
    assert [fault for fault in report.told() if says[:-1] in fault[2]] == []
    assert spoil(report, says, "各单位均逾期报送。" if late < 8 else "各单位均未报送。")


def test_a_tier_without_figures_has_no_median_and_an_annex_without_charts_shows_none() -> None:
    frames = invented(8, missing=0, first_time=True)
    ranked = (frames.totals["indicator"] == SETTINGS.ranking) & (frames.totals["node_id"] != TOP)
    report = linted(replace(frames, totals=frames.totals.assign(value=frames.totals["value"].mask(ranked))))
    assert report.model["labels"]["group_notes"] == ["均没有数据。"]
    assert "图示见附件1。" in prose_of(linted(frames))
    alone = linted(replace(frames, findings=frames.findings[:0]), frames.children[TOP][0]["node_id"])
    assert (alone.told(), "主要指标一览见附件1。" in prose_of(alone)) == ([], True)


def test_a_unit_tells_of_its_own_fall_by_about_where_its_figure_is_a_floor() -> None:
    frames = invented(3, 2, missing=0)
    county = frames.children["P530010"][0]["node_id"]
    frames = with_value(frames, county, "theme_days", value=60.0, previous_value=200.0, at_least=True)
    report = linted(frames, county, settings=BUSY)
    assert report.told() == []
    assert "主题党日次数为60余次，较上期约减少140次（下降70.0%）。" in prose_of(report)


def test_who_filed_in_one_of_two_periods_only_is_said_beside_the_changes() -> None:
    frames = invented(8, missing=0, late=0, findings=0)
    first, second, third, *_ = (row["node_id"] for row in frames.children[TOP])
    for key in SETTINGS.headline:
        lost = frames.figures[first, key]["value"]
        if not MEASURES[key].percent:
            frames = with_value(frames, TOP, key, value=frames.figures[TOP, key]["value"] - lost)
        frames = with_value(frames, first, key, value=float("nan"))
        for node in (second, third):
            frames = with_value(frames, node, key, previous_value=float("nan"))
    report = linted(frames)
    assert report.told() == []
    text = "".join(block["text"] for block in report.model["blocks"])
    assert "因1个单位有的指标上期有数据而本期没有、2个单位有的指标本期有数据而上期没有，增减不完全可比。" in text
    assert spoil(report, "因1个单位", "因2个单位") == ["figure"]


def test_where_the_same_units_filed_nothing_is_said_of_comparing() -> None:
    assert not any("可比" in block["text"] for block in linted(invented(8, missing=0)).model["blocks"])


def test_a_place_is_not_ranked_among_equals_that_have_no_figure() -> None:
    frames = invented(16, 3, missing=0)
    frames = with_value(frames, "P530020", SETTINGS.ranking, value=float("nan"))
    of = frames.totals["rank_of_parent"].max() - 1
    frames = with_value(frames, "P530010", SETTINGS.ranking, rank_of_parent=of)
    text = next(b["text"] for b in linted(frames, "P530010").model["blocks"] if "居第" in b["text"])
    assert "在全省有数据的15个州（市）中居第" in text
    whole = next(b["text"] for b in linted(invented(16, 3, missing=0), "P530010").model["blocks"] if "居第" in b["text"])
    assert "在全省16个州（市）中居第" in whole


def test_rows_in_a_sentence_add_up() -> None:
    frames = invented(8, missing=0, late=0)
    nodes = frames.completeness.copy()
    nodes.loc[nodes["node_id"] == TOP, "rows_blank"] = 30
    nodes.loc[nodes["node_id"] == TOP, "rows_in"] += 30
    report = linted(replace(frames, completeness=nodes))
    text = next(block["text"] for block in report.model["blocks"] if "共报送数据" in block["text"])
    whole, blank, accepted, *held = (int(each) for each in re.findall(r"(\d+)条", text.partition("校验")[0]))
    assert whole == blank + accepted + sum(held)
    assert spoil(report, "含空行30条", "含空行31条") == ["figure"]


def test_one_unit_is_named_and_not_counted() -> None:
    frames = invented(8, missing=0, late=0, findings=0)
    units = frames.units.copy()
    units.loc[1, ["status", "days_late"]] = ["late", 3]
    nodes = frames.completeness.copy()
    for node in (TOP, units.loc[1, "unit_id"]):
        nodes.loc[nodes["node_id"] == node, ["units_late", "units_on_time"]] += [1, -1]
    frames = with_value(replace(frames, units=units, completeness=nodes), units.loc[2, "unit_id"], "attendance_rate", value=0.41)
    low = BUSY.issues[0].model_copy(update={"threshold": 0.5})
    report = linted(frames, settings=SETTINGS.model_copy(update={"issues": (low,)}))
    assert report.told() == []
    text = "".join(block["text"] for block in report.model["blocks"])
    late, short = (str(units.loc[place, "name"]) for place in (1, 2))
    assert f"逾期报送的是{late}，逾期3个工作日。" in text
    assert f"。{late}应于" in text
    assert f"参会率低于50%的是{short}（41.0%）。" in text
    assert "有1个" not in text


def test_counts_are_told_as_more_or_fewer_and_shares_as_rises_and_falls() -> None:
    counts = SETTINGS.model_copy(update={"ranking": "theme_days", "table": ()})
    for settings, there, absent in ((SETTINGS, "升幅最大", "增加最多"), (counts, "增加最多", "升幅最大")):
        report = linted(invented(8, missing=0), settings=settings)
        assert report.told() == []
        text = "".join(block["text"] for block in report.model["blocks"]) + report.model["labels"]["dumbbell_title"]
        assert there in text
        assert absent not in text


def test_who_reads_as_the_whole_is_not_counted_below_it() -> None:
    frames = invented(6, missing=0)
    below = [row["node_id"] for row in frames.children[TOP]]
    shares = {TOP: 0.92} | dict(zip(below, (0.9196, 0.9194, 0.93, 0.94, 0.95, 0.96), strict=True))
    rates = (frames.totals["indicator"] == "attendance_rate") & frames.totals["node_id"].isin(list(shares))
    totals = frames.totals.copy()
    totals.loc[rates, "value"] = totals.loc[rates, "node_id"].map(shares)
    report = linted(replace(frames, totals=totals.assign(previous_value=None)))
    (group,) = report.model["ranking"]["groups"]
    assert [row["cell"] for row in group["rows"] if row["below"]] == ["91.9"]
    assert report.model["labels"]["group_titles"] == ["1个州（市）低于全省"]
    assert report.told() == []


@pytest.fixture(scope="module")
def made() -> Linted:
    return linted(invented(16, 3))


@pytest.fixture
def report(made: Linted) -> Linted:
    return Linted(deepcopy(made.model), made.facts)


def spoil(report: Linted, old: str, new: str) -> list[str]:
    """Replace the first such text in the prose; gives back the rules that find it."""
    for block in report.model["blocks"]:
        if old in block["text"]:
            block["text"] = block["text"].replace(old, new, 1)
            return [fault.rule for fault in report.faults()]
    raise AssertionError(f"{old} stands nowhere in {[block['text'] for block in report.model['blocks']]}")


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("应报送单位48个", "应报送单位47个", "figure"),
        ("上升、", "下降、", "underived"),
        ("降幅最大", "升幅最大", "figure"),
        ("居前三位的是", "居前二位的是", "underived"),
        ("2018年上半年", "2018年下半年", "underived"),
        ("8月31日", "8月30日", "figure"),
        ("较上期", "较上年同期", "underived"),
        ("详见附件4", "详见附件3", "figure"),
        ("元，", "人，", "figure"),
    ],
)
def test_a_changed_word_or_figure_is_found(report: Linted, old: str, new: str, rule: str) -> None:
    assert rule in spoil(report, old, new)


def test_a_fault_says_sentence_figure_and_what_should_stand_there(report: Linted) -> None:
    block = report.model["blocks"][0]
    block["text"] = block["text"].replace("应报送单位48个", "应报送单位84个")
    (fault,) = report.faults()
    assert (fault.rule, fault.place, fault.found, fault.expected) == ("figure", "blocks/0", "84", "48")
    assert fault.sentence.startswith("截至")
    assert fault.sentence.endswith("。")


def test_a_sentence_without_a_claim_does_not_leave(report: Linted) -> None:
    report.model["blocks"][1:1] = [{"kind": "p", "text": "另有7个单位表现突出。"}]
    assert ("underived", "blocks/1", "7", "") in report.told()


def test_a_title_must_be_as_it_is_always_written(report: Linted) -> None:
    report.model["labels"]["subject"] = report.model["labels"]["subject"].replace("云南省", "云南")
    assert [fault.rule for fault in report.faults()] == ["whole"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("组建服务队", "组建服务"),
        ("重温誓词”（", "植树”（"),
        ("低于90%", "低于91%"),
        ("逐支部分析原因", "逐支部分析"),
        ("9月3日前", "9月4日前"),
        ("主题党日", "志愿服务"),
    ],
)
def test_what_units_did_and_are_asked_is_read_back(old: str, new: str) -> None:
    report = linted(busy(invented(16, 3, missing=0)), settings=BUSY)
    assert spoil(report, old, new)


def test_a_unit_whose_own_row_is_held_is_said_beside_the_changes_and_under_the_tables() -> None:
    frames = invented(4, 2, missing=0, late=0, findings=0)
    (place, *_), (county, *_) = ([row["node_id"] for row in rows] for rows in (frames.children[TOP], frames.children["P530010"]))
    lost = frames.figures[county, "branches"]["value"]
    for node in (place, TOP):
        frames = with_value(frames, node, "branches", value=frames.figures[node, "branches"]["value"] - lost)
    report = linted(with_value(frames, county, "branches", value=float("nan")))
    assert report.told() == []
    text = "".join(block["text"] for block in report.model["blocks"])
    assert "因1个单位有的指标上期有数据而本期没有，增减不完全可比。" in text
    assert "离退休干部党支部数有的单位未报或退回待核" in str(report.model["labels"])


def prose_of(report: Linted) -> str:
    return "".join(block["text"] for block in report.model["blocks"])


def test_nobody_is_said_to_be_left_out_where_all_who_fell_are_compared() -> None:
    report = linted(invented(4, 2, missing=0), settings=BUSY)
    for block in report.model["blocks"]:
        block["text"] = block["text"].replace("主题党日次数较上期下降", "参加比较的单位中，主题党日次数较上期下降")
    assert [fault.expected for fault in report.faults() if "参加比较" in fault.sentence] == ["∅"]


@pytest.mark.parametrize("sent", [True, False])
def test_a_place_that_lacks_a_unit_is_not_read_back_as_fallen(sent: bool) -> None:
    frames = invented(4, 2, missing=0)
    totals = frames.totals.set_index(["node_id", "indicator"]).sort_index()
    county, place = "P5300101", "P530010"
    totals.loc[(county, "theme_days"), ["value", "previous_value"]] = [0.0 if sent else float("nan"), 50.0]
    totals.loc[(place, "theme_days"), ["value", "previous_value"]] = [60.0, 110.0]
    report = linted(replace(frames, totals=totals.reset_index()[frames.totals.columns]), settings=BUSY)
    fallen = {unit["node_id"] for issue in report.model["issues"] if issue["key"] == "fell" for unit in issue["units"]}
    assert (place in fallen) == sent
    assert ("参加比较的单位中，主题党日次数较上期下降" in prose_of(report)) == (not sent)
    assert [fault for fault in report.told() if "issue" in fault[1] or "主题党日减少" in fault[2]] == []


@pytest.mark.parametrize(
    ("change", "rule", "place"),
    [
        (lambda m: m["practice"]["activities"][0].update(entries=1), "figure", "practice/entries"),
        (lambda m: m["issues"][0]["units"].pop(), "list", "issues/low"),
        (lambda m: m["issues"].pop(), "list", "issues"),
        (lambda m: m["standing"].append({"count": 3}), "sum", "standing"),
    ],
)
def test_the_annexes_of_busy_units_are_compared(change: Any, rule: str, place: str) -> None:
    report = linted(busy(invented(16, 3, missing=0)), settings=BUSY)
    change(report.model)
    assert (rule, place) in {(fault.rule, fault.place) for fault in report.faults()}


def test_changes_of_divisions_are_an_annex_of_their_own() -> None:
    recoded = ("recoded", "P5300101", "530321", "马龙县", "曲靖市", "P5300101", "530304", "马龙区", "曲靖市",
               dt.date(2018, 3, 1), "国函〔2018〕24号", "kept")
    merged = ("merged", "P999", "530399", "旧县", "曲靖市", "P5300102", "530305", "新区", "曲靖市", None, "", "added")
    elsewhere = ("new", "P888", "", "", "", "P888", "530888", "远县", "远市", None, "", "none")
    divisions = pd.DataFrame([recoded, merged, elsewhere], columns=DIVISION_COLUMNS)
    report = linted(replace(invented(4, 2), divisions=divisions))
    assert report.model["annexes"][-1] == "divisions"
    assert [(row["was"], row["now"], row["day"]) for row in report.model["divisions"]] == [
        ("530321 曲靖市马龙县", "530304 曲靖市马龙区", "2018年3月1日"), ("530399 曲靖市旧县", "530305 曲靖市新区", "—")
    ]
    assert report.told() == []
    report.model["divisions"].pop()
    assert ("sum", "divisions") in {(fault.rule, fault.place) for fault in report.faults()}


def test_the_row_of_the_node_among_its_equals_is_compared() -> None:
    report = linted(invented(16, 3), "P530010")
    next(row for row in report.model["peers"]["rows"] if row["own"])["cell"] = "12.0"
    assert {fault.place for fault in report.faults()} == {"peers/昆明市"}


@pytest.mark.parametrize(
    ("change", "rule", "place"),
    [
        (lambda m: m["headline"][0].update(number=1.0), "figure", "headline/branches"),
        (lambda m: m["headline"][1].update(cell="1"), "figure", "headline/members/cell"),
        (lambda m: m["headline"][0].update(text="12个"), "figure", "headline/branches/text"),
        (lambda m: m["headline"][0]["previous"].update(direction="same"), "direction", "headline/branches/previous"),
        (lambda m: m["headline"].pop(), "table", "headline"),
        (lambda m: m["ranking"]["groups"][0]["rows"][3].update(rank=9), "rank", None),
        (lambda m: m["ranking"]["groups"][0]["rows"][3].update(moved=99), "rank", None),
        (lambda m: m["ranking"]["groups"][0]["rows"][3]["cells"].__setitem__(1, "7"), "figure", None),
        (lambda m: m["ranking"]["groups"][0]["rows"].reverse(), "list", "ranking/0"),
        (lambda m: m["ranking"]["groups"][0]["chart"]["rows"][0].update(number=0.5), "figure", "ranking/0/chart"),
        (lambda m: m["ranking"]["groups"].pop(), "table", "ranking"),
        (lambda m: m["problems"][0].update(count=1), "sum", "problems"),
        (lambda m: m["outstanding"].pop(), "list", "outstanding"),
        (lambda m: m["quality"].update(rows_held=0), "figure", "quality/rows_held"),
        (lambda m: m["trend"]["points"][0].update(value=0.1), "figure", "trend"),
        (lambda m: m["bars"]["rows"][0].update(count=999), "figure", "bars"),
        (lambda m: m["blocks"].append({"kind": "h1", "text": "四、其他"}), "empty", None),
        (lambda m: m["head"].update(to="{{ head.to }}"), "placeholder", "head/to"),
        (lambda m: m["labels"].update(trend_note="nan"), "placeholder", "labels/trend_note"),
        (lambda m: m["head"].update(cc="联系人13800000000"), "private_phone", "head/cc"),
        (lambda m: m["head"].update(cc="53010219500101123X"), "private_identity", "head/cc"),
        (lambda m: m["labels"].update(trend_note="其中住院的未计"), "private_health", "labels/trend_note"),
    ],
)
def test_each_kind_of_fault_is_found(report: Linted, change: Any, rule: str, place: str | None) -> None:
    change(report.model)
    assert any(fault.rule == rule and place in (None, fault.place) for fault in report.faults()), report.told()


def test_names_of_people_stand_only_where_they_may(report: Linted) -> None:
    report.model["head"]["cc"] = "甄测试"
    assert report.faults() == []
    assert [fault.rule for fault in report.faults(people=("甄测试",))] == ["private_person"]


def test_an_office_may_be_called_after_an_illness() -> None:
    names = ("某某县残疾人联合会", "某某县肿瘤医院")
    assert linted(invented(2, names=names, missing=0)).told() == []


def test_a_total_that_is_not_the_sum_of_its_parts_is_found() -> None:
    report = linted(invented(4, missing=0))
    totals = report.facts.frames.totals.copy()
    totals.loc[(totals["node_id"] == "P530020") & (totals["indicator"] == "members"), "value"] += 1
    spoilt = linted(replace(report.facts.frames, totals=totals))
    assert ("sum", "totals/members") in {(fault.rule, fault.place) for fault in spoilt.faults()}


def test_a_count_of_few_people_must_be_hidden() -> None:
    frames = invented(4, missing=0)
    totals = frames.totals.copy()
    rows = (totals["node_id"] == "P530020") & (totals["indicator"] == "members_taking_part")
    totals.loc[rows, "value"] = 3.0
    report = linted(replace(frames, totals=totals))
    assert [fault.rule for fault in report.faults()] == ["sum"]  # only that the top is no more the sum
    column = SETTINGS.table.index("members_taking_part")
    row = next(row for row in report.model["ranking"]["groups"][0]["rows"] if row["code"] == "530020")
    row["cells"][column] = "3"
    assert "few_people" in {fault.rule for fault in report.faults()}


@pytest.mark.parametrize(
    ("pages", "told"),
    [
        (["正文", "按规定时限和口径报送下一期数据。\n云南省委老干部局\n2018年8月6日"], []),
        (["按规定时限和口径报送下一期数据。", "云南省委老干部局 2018年8月6日"], ["stranded"]),
        (["按规定时限和口径报送下一期数据。", "附件1"], ["unsigned"]),
    ],
)
def test_the_signature_stands_under_text(report: Linted, pages: list[str], told: list[str]) -> None:
    assert [fault.rule for fault in lint_signature(report.model, pages)] == told
    assert [fault.rule for fault in lint(report.model, report.facts, checks(), pages)] == told


@pytest.mark.parametrize("value", [0, 7, 9999, 10000, 13749.9, 99_999_999, 123_456_789, 0.0004])
@pytest.mark.parametrize("key", ["members", "attendance_rate", "dues_collected"])
@pytest.mark.parametrize("at_least", [False, True])
def test_what_is_written_is_read_back(value: float, key: str, at_least: bool) -> None:
    measure = MEASURES[key]
    text = prose_text(value, measure, wording(), at_least)
    said = read_number(text, wording())
    assert (said.floor, said.unit) == (at_least, measure.unit_zh)
    assert agrees(said, Decimal(str(value)), paper_step(measure))
    assert not agrees(said, Decimal(str(value)) + said.step, paper_step(measure))


def test_the_longest_known_text_is_folded() -> None:
    lexicon = Lexicon({"name": ["甲县", "甲县乙局"], "word": ["县"]})
    folded = lexicon.fold("甲县乙局和甲县、县")
    assert [len(part) for part in folded.split("和")] == [1, 3]
    assert lexicon.unfold(folded) == "甲县乙局和甲县、县"


def test_a_claim_of_an_unknown_kind_does_not_load() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        compile_claims(Claims(telling=(), claims=("{numbr:x}",)), place_patterns(wording(), MEASURES))


def test_every_rule_has_its_words() -> None:
    kinds = {f"private_{kind}" for kind in (*private().patterns, "health", "person")}
    named = {
        "figure", "underived", "whole", "direction", "rank", "list", "table", "sum", "empty", "placeholder", "stranded",
        "unsigned", "few_people", "copy",
    }
    assert set(fault_texts()) == named | kinds


def test_every_text_is_looked_at(made: Linted) -> None:
    places = {place for place, _, _ in texts_of(made.model)}
    assert {"blocks/0", "labels/subject", "labels/group_titles/0", "labels/notes/2"} <= places


@pytest.mark.parametrize("digest", ["ac15876998317c55", "15876998317c55ab", "cf15876998317"])
def test_digits_inside_a_hash_are_no_phone(report: Linted, digest: str) -> None:
    report.model["edition"]["digest"] = digest
    assert report.faults() == [], report.told()
