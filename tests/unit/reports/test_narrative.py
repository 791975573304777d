"""The grammar of the dispatch: what a sentence says of a rise, a fall, no change, no base, a first time, few; all traceable."""

import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from etl.core.lint.text import every_text
from etl.core.programmes.documents import DispatchSettings, IssueRule
from etl.core.programmes.programme import Theme
from etl.core.reports.dispatch import ReportFrames, build_dispatch
from etl.core.reports.figure_text import measures_of
from etl.edges.pinyin import in_latin, spelled
from etl.edges.programmes import load_bundle
from etl.edges.templates import narrate, wording
from tests.unit.reports.invented_report import MEASURES, SETTINGS, TOP, edition_of, invented

RULE = IssueRule.model_validate(
    {"key": "low", "indicator": "attendance_rate", "compare": "below", "threshold": 0.99, "days": 10,
     "title": {"zh": "参会率偏低", "en": "Attendance too low"}, "remedy": {"zh": "分析原因", "en": "find out why"},
     "origin": "assumed"}
)
FELL = RULE.model_copy(update={"key": "fell", "indicator": "theme_days", "compare": "fell_by", "threshold": 0.01})
RULED = SETTINGS.model_copy(update={"issues": (RULE, FELL)})


def told(frames: ReportFrames, language: str = "zh-CN", settings: DispatchSettings = RULED, node: str = TOP, **edition: Any):
    model = build_dispatch(frames, edition_of(node, **edition), settings, MEASURES, wording(language))
    return narrate(model, language)


def prose(model: dict[str, Any]) -> str:
    return "\n".join(block["text"] for block in model["blocks"])


def with_theme_days(value: float | None, previous: float | None = None, last_year: float | None = None) -> ReportFrames:
    frames = invented(3, missing=0)
    totals = frames.totals.copy()
    rows = (totals["node_id"] == TOP) & (totals["indicator"] == "theme_days")
    totals.loc[rows, ["value", "previous_value", "last_year_value"]] = [value, previous, last_year]
    return replace(frames, totals=totals)


def busy() -> ReportFrames:
    """Frames with everything a dispatch can tell of: activities, themes, words, waivers."""
    frames = invented(16, 2, missing=0.1, late=0.2, findings=1)
    units = list(frames.units["unit_id"])
    activities = [(unit, kind, n + 1, 10 * (n + 1), 1) for n, unit in enumerate(units) for kind in ("theme_day", "study")]
    themes = [(unit, title, 3) for unit in units for title in ("植树护绿", "读书交流")]
    texts = [(unit, key, f"组建{n}支队伍，做法{unit}；成效明显。") for n, unit in enumerate(units)
             for key in ("main_practices", "difficulties", "next_plans")]
    standing = [(units[0], "某县", "S01", "变化过大", "waived", "并入邻县", 2),
                (units[1], "某区", "S01", "变化过大", "open", "", 1)]
    return replace(
        frames,
        activities=pd.DataFrame(activities, columns=frames.activities.columns),
        themes=pd.DataFrame(themes, columns=frames.themes.columns),
        texts=pd.DataFrame(texts, columns=frames.texts.columns),
        standing=pd.DataFrame(standing, columns=frames.standing.columns),
    )


@pytest.mark.parametrize(
    ("value", "previous", "last_year", "sentence"),
    [
        (1200, 1000, 800, "主题党日1200次，较上期增加200次（增长20.0%），较上年同期增加400次（增长50.0%）"),
        (900, 1000, None, "主题党日900次，较上期减少100次（下降10.0%）；"),
        (1000, 1000, None, "主题党日1000次，与上期持平；"),
        (1000, None, None, "主题党日1000次；"),
        (9, 4, None, "主题党日9次，较上期增加5次；"),  # a base too small for a rate
        (5, 0, None, "主题党日5次，较上期增加5次；"),  # from nothing there is no rate
        (0, 12, None, "主题党日0次，较上期减少12次；"),
        (123456, 120000, None, "主题党日12.35万次，较上期增加3456次（增长2.9%）"),
    ],
    ids=["up", "down", "same", "no base", "small base", "from nothing", "to nothing", "large"],
)
def test_a_clause_says_how_a_figure_moved(value, previous, last_year, sentence):
    assert sentence in prose(told(with_theme_days(value, previous, last_year)))


def test_the_theme_of_the_year_heads_what_was_done():
    theme = Theme(year=2020, zh="党支部规范化建设", actions=("查弱项", "补短板"), origin="seed")
    blocks = [block["text"] for block in told(busy(), theme=theme)["blocks"]]
    assert blocks[blocks.index("二、主要做法和成效") + 1] == "本年度以“党支部规范化建设”为主题，着力查弱项、补短板。"
    assert "为主题" not in prose(told(busy()))


def test_nothing_then_and_nothing_now_is_not_told():
    assert "主题党日" not in prose(told(with_theme_days(0, 0), settings=SETTINGS))
    assert "主题党日0次" in prose(told(with_theme_days(0, 3), settings=SETTINGS))


def test_the_first_time_says_so_and_compares_nothing():
    text = prose(told(invented(3, first_time=True, missing=0), previous=None, last_year=None))
    assert "本期为首次通报" in text
    assert "较上期" not in text.replace("较上期下降1%以上", "")


def test_all_four_chapters_stand_and_each_problem_has_a_remedy_and_a_date():
    model = told(busy())
    chapters = [block["text"] for block in model["blocks"] if block["kind"] == "h1"]
    assert chapters == ["一、总体情况", "二、主要做法和成效", "三、存在问题", "四、下步要求"]
    for issue in model["issues"]:
        assert f"部分单位{issue['title']}" in prose(model)
        assert f"应于{issue['due_zh']}前{issue['remedy']}。" in prose(model)
    assert model["annexes"] == ["overview", "ranking", "activity", "issues", "problems", "outstanding", "standing"]


def test_chapters_without_matter_are_left_out():
    chapters = [block["text"] for block in told(invented(3, missing=0), settings=SETTINGS)["blocks"] if block["kind"] == "h1"]
    assert not any("主要做法" in chapter for chapter in chapters)


def test_practices_name_the_unit_its_figure_and_its_words():
    text = prose(told(busy()))
    assert re.search(r"一是.+（参会率\d+\.\d%）组建\d+支队伍，做法P\w+，成效明显；二是", text)
    assert "登记较多的主题是“植树护绿”（" in text
    assert "一是学习活动" in text


def test_a_letter_of_one_unit_speaks_of_itself():
    frames = busy()
    own = next(row for row in frames.units.to_dict("records") if row["status"] == "received")["unit_id"]
    text = prose(told(frames, settings=RULED.model_copy(update={"form": {"county": "letter"}}), node=own))
    assert "四、下步打算" in text
    assert "将于" in text
    assert "各单位" not in text


@pytest.mark.parametrize("language", ["zh-CN", "zh-Hant", "en"])
def test_every_number_in_prose_and_labels_has_an_address(language):
    model = told(busy(), language)
    texts = [(block["text"], block["spans"]) for block in model["blocks"]]
    for tag, text in model["labels"].items():
        spans = model["label_spans"][tag]
        texts += zip(text, spans, strict=True) if isinstance(text, list) else [(text, spans)]
    for text, spans in texts:
        outside = list(text)
        for span in spans:
            assert span["address"]
            outside[span["start"] : span["end"]] = " " * (span["end"] - span["start"])
        left = re.sub(r"第\d+县|3位以上|\{\w+\}", "", "".join(outside))
        assert not re.search(r"\d", left), text


def test_addresses_point_at_the_figures_of_the_model():
    model = told(busy())
    by_address = {figure["address"]: figure["text"] for figure in model["headline"]}
    found = {
        span["address"]: block["text"][span["start"] : span["end"]] for block in model["blocks"] for span in block["spans"]
    }
    shared = by_address.keys() & found.keys()
    assert len(shared) == len(model["headline"])
    assert all(found[where] == by_address[where] for where in shared)


def test_languages_tell_the_same_figures():
    chinese, english, traditional = (told(busy(), language) for language in ("zh-CN", "en", "zh-Hant"))
    assert [f["number"] for f in english["headline"]] == [f["number"] for f in chinese["headline"]]
    assert "總體情況" in prose(traditional)
    assert english["labels"]["annex_standing"] == "Open findings and waivers that the figures rest on"
    assert "I. Where things stand" in prose(english)
    assert [b["spans"] for b in traditional["blocks"]] == [b["spans"] for b in chinese["blocks"]]
    assert traditional["headline"][0]["address"] == chinese["headline"][0]["address"]


def test_an_english_edition_is_titled_in_english():
    lines = told(busy(), "en")["head"]["title_lines"]
    assert lines == ["Dispatch of 云南省 for the first half of 2018"]
    assert told(busy(), "zh-CN")["head"]["title_lines"][-1] == "数据报送情况的通报"


HAN = re.compile(r"[\u3400-\u9fff]")


@pytest.mark.parametrize(("node", "organ"), [
    (TOP, "Retired Cadres Bureau, Yunnan Province"), ("P530010", "Retired Cadres Bureau, Kunming City"),
])
def test_an_english_edition_is_english_down_to_its_letterhead(node: str, organ: str) -> None:
    """Sentences of the rules, and what units wrote and called their themes, stay as they are; offices are no places."""
    bundle, words = load_bundle("yunnan-model-branch"), wording("en")
    assert bundle.programme.documents is not None
    settings = RULED.model_copy(update={"english": bundle.programme.documents.dispatch.english})
    frames = in_latin(busy(), words)
    made = build_dispatch(frames, edition_of(node), settings, measures_of(bundle.catalogue, words), words)
    model = narrate(made, "en")
    assert model["head"]["organ"] == organ
    parts = {key: model[key] for key in ("head", "blocks", "labels", "headline", "ranking", "peers", "outstanding", "trend")}
    assert [text for place, text in every_text(parts) if HAN.search(text)] == []
    assert {figure["zh"] for figure in model["headline"]} >= {"Branches of retired cadres", "Attendance rate"}


@pytest.mark.parametrize(("name", "told_as"), [
    ("西双版纳傣族自治州", "Xishuangbanna Dai Autonomous Prefecture"), ("西安市", "Xi'an City"), ("昆明市水务局", "昆明市水务局"),
    ("双江拉祜族佤族布朗族傣族自治县", "Shuangjiang Lahu, Wa, Blang and Dai Autonomous County"),
    ("六枝特区", "Liuzhi Special District"), ("市中区", "Shizhong District"), ("市", "市"),
])
def test_names_of_places_are_spelled_with_what_they_are(name: str, told_as: str) -> None:
    assert spelled(name, wording("en")) == told_as
