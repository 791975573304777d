"""One model a report: what it says of any node, in every awkward half-year."""

import json
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError

from etl.core.programmes.documents import DispatchSettings
from etl.core.reports.charts import axis, short_name
from etl.core.reports.dispatch import ReportFrames, build_dispatch
from etl.core.reports.tables import competition_ranks
from etl.edges.programmes import load_bundle
from etl.edges.templates import narrate, wording
from tests.unit.reports.invented_report import EDITION, MEASURES, SETTINGS, TOP, edition_of, invented


def report(
    frames: ReportFrames, node: str = TOP, settings: DispatchSettings = SETTINGS, **edition: Any
) -> dict[str, Any]:
    return narrate(build_dispatch(frames, edition_of(node, **edition), settings, MEASURES, wording()))


def prose(model: dict[str, Any]) -> str:
    return "\n".join(block["text"] for block in model["blocks"])


def with_figure(frames: ReportFrames, node: str, indicator: str, **values: Any) -> ReportFrames:
    totals = frames.totals.copy()
    rows = (totals["node_id"] == node) & (totals["indicator"] == indicator)
    for column, value in values.items():
        totals.loc[rows, column] = value
    return replace(frames, totals=totals)


def test_the_model_is_json_and_the_same_every_time():
    frames = invented(16, 3)
    first = json.dumps(report(frames), ensure_ascii=False, allow_nan=False, sort_keys=True)
    shuffled = ReportFrames(*(getattr(frames, name).sample(frac=1, random_state=7) for name in
                              ("totals", "completeness", "units", "findings")))
    assert first == json.dumps(report(shuffled), ensure_ascii=False, allow_nan=False, sort_keys=True)


def test_counts_agree_with_completeness():
    frames = invented(16, 8)
    model = report(frames)
    own = frames.completeness.set_index("node_id").loc[TOP]
    assert model["quality"]["units_missing"] == own["units_missing"]
    assert sum(row["status"] == "missing" for row in model["outstanding"]) == own["units_missing"]
    assert sum(row["count"] for row in model["problems"]) == frames.findings["count"].sum()
    assert model["quality"]["balanced"]


@pytest.mark.parametrize("node", ["P530010", "P5300101"])
def test_a_lower_node_tells_only_of_itself(node):
    frames = invented(3, 3, missing=0.5)
    model = report(frames, node)
    assert {row["unit_id"] for row in model["outstanding"]} <= {"P5300101", "P5300102", "P5300103"}
    assert model["annexes"] == [key for key in model["annexes"] if key != "ranking" or node == "P530010"]


def test_an_unknown_node_is_refused():
    with pytest.raises(LookupError, match="P999999"):
        build_dispatch(invented(1), edition_of("P999999"), SETTINGS, MEASURES, wording())


def test_everything_missing_says_so_once():
    model = report(invented(16, 2, missing=1.1))
    assert model["annexes"] == ["outstanding"]
    assert "应报送的32个单位均未报送" in prose(model)
    assert "详见附件。" in prose(model)
    assert "较上期" not in prose(model)
    assert all(group["chart"] is None for group in model["ranking"]["groups"])


def test_a_faultless_half_year_has_no_problems_section():
    frames = invented(2, 2, missing=0, late=0, findings=0)
    frames = replace(frames, completeness=frames.completeness.assign(
        rows_accepted=frames.completeness["rows_in"], rows_held=0))
    text = prose(report(frames))
    assert "二、报送质量" in text
    assert "均按时报送" in text
    assert "存在问题" not in text
    assert "详见" not in text


def test_the_first_report_compares_with_nothing():
    model = report(invented(5, 2, first_time=True), previous=None, last_year=None)
    assert "本期为首次通报" in prose(model)
    assert "较上期" not in prose(model)
    assert model["trend"] is None
    assert not model["ranking"]["groups"][0]["chart"]["compared"]


def test_one_child_is_not_ranked_in_prose():
    text = prose(report(invented(1, 0)))
    assert "本省下辖州（市）1个" in text
    assert "居前三位" not in text


def test_no_child_at_all():
    model = report(invented(0, missing=0))
    assert model["ranking"]["groups"] == []
    assert model["annexes"] == ["overview"]


def test_a_district_ranks_its_side_units():
    frames = invented(12, top=("某某区", "county"), child_tier="county_unit", missing=0, late=0)
    model = report(frames)
    assert [group["tier_zh"] for group in model["ranking"]["groups"]] == ["区（县）直单位"]
    assert "全区" in prose(model)


def test_side_units_stand_apart_and_own_offices_are_not_ranked():
    frames = invented(4, missing=0)
    tiers = ["province", "prefecture", "prefecture", "provincial_unit", "own"]
    frames = replace(frames, completeness=frames.completeness.assign(tier=tiers))
    assert [(g["tier"], g["count"]) for g in report(frames)["ranking"]["groups"]] == [
        ("prefecture", 2),
        ("provincial_unit", 1),
    ]


@pytest.mark.parametrize("children", [2, 5, 6, 16, 129])
def test_prose_for_any_number_of_children(children):
    model = report(invented(children, child_tier="county", missing=0))
    text = prose(model)
    assert ("居前三位" in text) == (children >= 6)
    assert ("由高到低" in text) == (children < 6)
    assert len(model["ranking"]["groups"][0]["chart"]["rows"]) <= 16


def test_equal_values_are_called_equal():
    frames = invented(8, missing=0)
    shares = frames.totals["indicator"] == "attendance_rate"
    frames = replace(frames, totals=frames.totals.assign(value=frames.totals["value"].mask(shares, 0.9)))
    assert "8个州（市）参会率均为90.0%" in prose(report(frames))


def test_ties_for_the_first_places_are_summed_up():
    frames = invented(12, missing=0)
    shares = (frames.totals["indicator"] == "attendance_rate") & ~frames.totals["node_id"].isin(
        ["P530010", "P530020"]
    )
    frames = replace(frames, totals=frames.totals.assign(value=frames.totals["value"].mask(shares, 1.0)))
    assert "居首位的有玉溪市、保山市、昭通市、丽江市、普洱市等10个" in prose(report(frames))


def with_rates(*rates):
    frames = invented(len(rates), missing=0)
    of = dict(zip((row["node_id"] for row in frames.children["P530000"]), rates, strict=True))
    ours = (frames.totals["indicator"] == "attendance_rate") & frames.totals["node_id"].isin(list(of))
    totals = frames.totals.copy()
    totals.loc[ours, "value"] = totals.loc[ours, "node_id"].map(of)
    return replace(frames, totals=totals)


@pytest.mark.parametrize(
    ("rates", "words", "last"),
    [
        ((0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3), "居后三位的是", 3),
        ((0.9, 0.8, 0.7, 0.5, 0.5, 0.5, 0.3), "靠后的是", 4),
    ],
)
def test_whoever_ties_with_the_last_three_is_named_with_them(rates, words, last):
    assert prose(report(with_rates(*rates))).partition(words)[2].partition("。")[0].count("%") == last


@pytest.mark.parametrize(
    ("rates", "named"),
    [
        ((0.9, 0.8, 0.7, 0.2, 0.2, 0.2, 0.2), 4),
        ((0.9, 0.8, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2), 5),
    ],
)
def test_more_than_three_that_share_the_last_place_have_their_figure_told_once(rates, named):
    text = prose(report(with_rates(*rates)))
    last = text.partition("居末位的有")[2].partition("。")[0]
    assert (last.count("市") + last.count("州"), last.count("20.0%")) == (named, 1)
    assert ("等6个" in last) == (len(rates) == 8)
    assert "居后三位" not in text


def test_a_figure_nobody_filed_is_left_out_of_the_prose():
    frames = with_figure(invented(3, missing=0), TOP, "theme_days", value=float("nan"))
    model = report(frames)
    assert "主题党日" not in prose(model)
    assert [figure["cell"] for figure in model["headline"] if figure["key"] == "theme_days"] == ["—"]


def test_a_floor_shows_in_words():
    frames = with_figure(
        invented(3, missing=0), TOP, "theme_days", value=750.0, at_least=True, previous_value=700.0
    )
    assert "主题党日750余次，较上期约增加50次" in prose(report(frames))


def test_where_a_node_stands_among_its_equals():
    assert "在全省3个州（市）中居第" in prose(report(invented(3, 2, missing=0), "P530010"))


def test_names_cannot_act_as_markup():
    names = ("<b>&amp;县", '#panic("x")县', "=1+1县", "p| 县", "甲\nh1| 乙县", "“引”'号\"县")
    model = report(invented(6, names=names, missing=0.4, late=0.4, seed=3))
    assert [b["text"] for b in model["blocks"] if b["kind"] == "h1"] == [
        "一、总体情况",
        "二、存在问题",
        "三、下步要求",
    ]
    assert {row["name"] for row in model["ranking"]["groups"][0]["rows"]} >= {"甲 h1| 乙县", "p| 县"}


def test_smaller_is_better_turns_the_ranking_round():
    settings = SETTINGS.model_copy(update={"ranking": "branches_rectifying"})
    rows = report(invented(8, 4, missing=0), settings=settings)["ranking"]["groups"][0]["rows"]
    numbers = [row["number"] for row in rows]
    assert numbers == sorted(numbers)


def test_equal_values_share_a_rank():
    assert competition_ranks({"a": 3, "b": 5, "c": 5, "d": None, "e": 1}, falling=True) == {
        "b": 1, "c": 1, "a": 3, "e": 4,
    }


@pytest.mark.parametrize(("tier", "cell"), [("province", "＊"), ("county", "3")])
def test_few_people_are_hidden_from_other_tiers_only(tier, cell):
    frames = with_figure(
        invented(4, top=("某某", tier), missing=0), "P530020", "members_taking_part", value=3.0
    )
    rows = report(frames)["ranking"]["groups"][0]["rows"]
    column = SETTINGS.table.index("members_taking_part")
    assert {row["code"]: row["cells"][column] for row in rows}["530020"] == cell


def test_few_people_of_a_lone_side_unit_do_not_follow_from_the_total():
    frames = with_figure(invented(4, missing=0), "P530040", "members_taking_part", value=3.0)
    tiers = ["province", *["prefecture"] * 3, "provincial_unit"]
    frames = replace(frames, completeness=frames.completeness.assign(tier=tiers))
    groups = report(frames)["ranking"]["groups"]
    column = SETTINGS.table.index("members_taking_part")
    assert [[row["cells"][column] for row in group["rows"]].count("＊") for group in groups] == [1, 1]


@pytest.mark.parametrize(("value", "before", "tells"), [(3, 60, False), (60, 3, False), (60, 50, True), (60, 0, True)])
def test_the_headline_of_few_people_says_nothing(value, before, tells):
    frames = with_figure(invented(2, missing=0), TOP, "members", value=float(value), previous_value=float(before))
    figure = next(figure for figure in report(frames)["headline"] if figure["key"] == "members")
    assert figure["known"] == (value >= 5)
    assert (figure["previous"] is not None) == tells
    assert ("＊" in figure["cell"]) == (value < 5)


@pytest.mark.parametrize(
    ("values", "key", "ticks"),
    [
        ([0.62, 0.97], "attendance_rate", ["60", "70", "80", "90", "100"]),
        ([1.0, 1.0], "attendance_rate", ["98", "100"]),
        ([0, 3], "branches", ["0", "1", "2", "3"]),
        ([7, 7], "branches", ["6", "7", "8"]),
        ([1200, 8900], "branches", ["0", "2,000", "4,000", "6,000", "8,000", "10,000"]),
    ],
)
def test_axes_have_round_ticks(values, key, ticks):
    assert [tick["text"] for tick in axis(values, MEASURES[key])["ticks"]] == ticks


def test_long_names_keep_both_ends():
    assert short_name("某" * 20 + "离退休干部处").endswith("…离退休干部处")
    assert len(short_name("某" * 40)) <= 15


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": {"default": "{nmae}局"}},
        {"title_lines": ("{}",)},
        {"table": ("branches",) * 2},
        {"table": ("attendance_rate",)},
        {"headline": ()},
        {"colour": "red"},
    ],
)
def test_doubtful_settings_do_not_load(wrong):
    with pytest.raises(ValidationError):
        DispatchSettings.model_validate({**SETTINGS.model_dump(), **wrong})


def test_frames_without_a_row_are_no_trouble():
    frames = invented(2, missing=0)
    empty = replace(frames, findings=frames.findings.iloc[:0], units=frames.units.iloc[:0])
    assert isinstance(empty.findings, pd.DataFrame)
    assert report(empty)["problems"] == []
    assert EDITION.key == "2018H1/invented-programme/P530000/r1"


@pytest.mark.parametrize(
    ("programme", "tier", "called"),
    [
        ("dongxihu-small-gear", "township", "街道"),
        ("dongxihu-small-gear", "county_unit", "区直部门"),
        ("zaozhuang-true-colour-home", "county", "区（市）"),
        ("yunnan-model-branch", "prefecture", "州（市）"),
    ],
)
def test_places_are_called_as_the_programme_calls_them(programme, tier, called):
    settings = load_bundle(programme).programme.dispatch_settings()
    asked = SETTINGS.model_copy(update={"tiers": settings.tiers})
    assert f"各{called}参会率" in prose(report(invented(6, child_tier=tier, missing=0), settings=asked))


def test_upward_a_paper_is_a_report_and_downward_a_notice():
    own = load_bundle("zaozhuang-true-colour-home").programme.dispatch_settings()
    settings = SETTINGS.model_copy(update={"form": own.form, "direction": own.direction, "title_lines": own.title_lines})
    frames = invented(16, 3, missing=0)
    up, down = report(frames, "P5300101", settings=settings), report(frames, settings=settings)
    assert "".join(up["head"]["title_lines"]).endswith("关于2018年上半年全县“本色家园”离退休干部党支部建设情况的报告")
    assert "现将有关情况报告如下。" in prose(up)
    assert up["labels"]["subject"].endswith("数据报送情况报告")
    assert "通报" not in prose(up)
    assert "".join(down["head"]["title_lines"]).endswith("全省“本色家园”离退休干部党支部建设情况的通报")
    assert "现将有关情况通报如下。" in prose(down)


@pytest.mark.parametrize(
    ("before", "now", "key"),
    [(0.922, 0.921, "attendance_rate"), (1000, 1004, "theme_days"), (0.999, 1.0, "attendance_rate")],
)
def test_a_small_change_is_not_drawn_as_a_cliff(before, now, key):
    frames = with_figure(invented(3, missing=0), TOP, key, value=now, previous_value=before, last_year_value=float("nan"))
    scale = report(frames, settings=SETTINGS.model_copy(update={"ranking": key, "table": ()}))["trend"]["axis"]
    assert abs(now - before) / (scale["hi"] - scale["lo"]) < 0.15
    assert scale["lo"] <= min(before, now) <= max(before, now) <= scale["hi"]
    assert not (key == "attendance_rate" and scale["hi"] > 1)
