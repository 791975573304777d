"""Duties and facts on record in the half-yearly report: what is told at which node, in each language, and read back."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from etl.core.awards.branch_records import Fact
from etl.core.reports.dispatch import ReportFrames
from etl.core.reports.index import DUTY_COLUMNS, FACT_COLUMNS
from etl.core.reports.sheets import annex_sheets
from etl.core.returns.events import By
from etl.edges.feeds import CHINA
from etl.stages.branch_facts import keep_fact
from etl.stages.context import open_context, open_year
from etl.stages.duties import keep_duty, take_back_duty
from etl.stages.report_records import record_frames
from tests.support.linting import BUSY, Linted, linted
from tests.support.naming import COUNTY as WUHUA
from tests.support.naming import PREFECTURE as KUNMING
from tests.support.naming import YUNNAN, keep_scores, score_rows
from tests.unit.lint.test_edition import spoil
from tests.unit.lint.test_english import english
from tests.unit.lint.test_traditional import traditional
from tests.unit.reports.invented_report import SETTINGS, TOP, invented

Maker = Callable[..., Linted]
LANGUAGES: dict[str, Maker] = {"zh-CN": linted, "en": english, "zh-Hant": traditional}
PREFECTURE, COUNTY = "P530010", "P5300101"
NAMES = {"re_elect": ("改选", "re-elected"), "rebuild": ("重建", "rebuilt")}


def with_records(frames: ReportFrames, through: int = 9) -> ReportFrames:
    """A plan and a supervision of prefectures, of which the first `through` are done; visits, sweeps, members under two."""
    below = frames.children[TOP]
    duties = [
        (key, zh, en, owing, due, row["node_id"], row["name"], "2018-03-05" if at < done else "")
        for key, zh, en, owing, due, done in [
            ("plan", "三年创建规划", "Three-year plan", True, "2018-12-31", len(below)),
            ("mid_year", "年中督查", "Supervision at mid-year", True, "2018-06-30", through),
            ("visits", "不定期督导检查", "", False, "", 2),
        ]
        for at, row in enumerate(below)
    ]
    counties = [row for parent in below for row in frames.children.get(parent["node_id"], [])] or below
    facts = [
        (row["node_id"], row["name"], f"B{at}", kind, outcome, *NAMES.get(outcome, ("", "")), "2018-02-01", members)
        for kind, outcome, many, members in [
            ("rectification", "", 4, None), ("sweep", "re_elect", 3, None), ("sweep", "rebuild", 1, None),
            ("dual_management", "", 2, 3),
        ]
        for at, row in enumerate(counties[:many])
    ]
    return replace(
        frames, duties=pd.DataFrame(duties, columns=DUTY_COLUMNS), facts=pd.DataFrame(facts, columns=FACT_COLUMNS)
    )


def text_of(report: Linted) -> str:
    return "".join(block["text"] for block in report.model["blocks"])


@pytest.mark.parametrize("make", LANGUAGES.values(), ids=LANGUAGES)
@pytest.mark.parametrize("through", [0, 9, 15, 16])
@pytest.mark.parametrize("node", [TOP, PREFECTURE, COUNTY])
def test_a_report_as_it_is_made_passes(make: Maker, through: int, node: str) -> None:
    report = make(with_records(invented(16, 3), through), node)
    assert report.told() == []
    assert "records" in report.model["annexes"]


def test_what_is_told_of_the_whole() -> None:
    text = text_of(linted(with_records(invented(16, 3))))
    counts = "三年创建规划应登记16个单位、已登记16个；年中督查应登记16个单位、已登记9个；不定期督导检查已登记2个单位。"
    owing = "红河哈尼族彝族自治州、文山壮族苗族自治州、西双版纳傣族自治州、大理白族自治州、德宏傣族景颇族自治州等7个单位"
    assert f"以2018年6月30日为准，{counts}年中督查尚未登记的有{owing}，应于2018年8月31日前补办并登记。" in text
    assert "登记在册的整顿中的党支部4个；实行双重管理的党支部2个、党员6名；经排查改选的3个、重建的1个。" in text


def test_what_a_place_alone_owes_counts_no_units() -> None:
    text = text_of(linted(with_records(invented(16, 3), through=0), PREFECTURE))
    assert "本级三年创建规划、不定期督导检查已登记，年中督查尚未登记。" in text
    assert "应登记" not in text


def test_without_a_record_there_is_no_section() -> None:
    report = linted(invented(16, 3))
    assert "records" not in report.model["annexes"]
    assert "组织管理" not in text_of(report)


@pytest.mark.parametrize(("node", "through", "listed"), [(TOP, 15, True), (TOP, 16, False), (PREFECTURE, 0, False)])
def test_the_annex_is_there_where_it_has_more_to_list_than_the_prose(node: str, through: int, listed: bool) -> None:
    frames = with_records(invented(16, 3), through)
    report = linted(replace(frames, facts=frames.facts[:0]), node)
    assert report.told() == []
    assert "三年创建规划" in text_of(report)
    assert ("records" in report.model["annexes"]) == ("详细情况见附件" in text_of(report)) == listed


@pytest.mark.parametrize(("tier", "shown"), [("province", "＊"), ("county", "3")])
def test_few_members_are_held_back_above_the_county(tier: str, shown: str) -> None:
    frames = with_records(invented(1, 1, top=("昆明市", tier)))
    report = linted(frames)
    assert report.told() == []
    table = annex_sheets(report.model, "records")[1]
    assert table.rows[-1][2].text == shown
    assert ("党员3名" in text_of(report)) == (shown == "3")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("以2018年6月30日", "以2018年6月29日"), ("应登记16个", "应登记17个"), ("已登记9个", "已登记8个"),
        ("检查已登记2个单位", "检查已登记3个单位"), ("等7个单位", "等8个单位"), ("有红河哈尼族彝族自治州、", "有"),
        ("党支部4个", "党支部5个"), ("党员6名", "党员7名"), ("改选的3个", "改选的4个"), ("改选的3个", "重建的3个"),
        ("三年创建规划应", "年中督查应"), ("8月31日前补办", "8月30日前补办"),
    ],
)
def test_what_is_not_so_is_found(old: str, new: str) -> None:
    assert spoil(linted(with_records(invented(16, 3))), old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("done by 9 of 16", "done by 8 of 16"), ("done by 9 of 16", "done by 9 of 17"), (": 2 units", ": 3 units"),
        ("and others, 7", "and others, 8"), ("4 branches being", "5 branches being"), ("(6 members)", "(7 members)"),
        ("swept, re-elected", "swept, rebuilt"),
    ],
)
def test_what_is_not_so_is_found_in_english(old: str, new: str) -> None:
    assert spoil(english(with_records(invented(16, 3))), old, new)


@pytest.mark.parametrize("make", LANGUAGES.values(), ids=LANGUAGES)
def test_an_outcome_that_the_programme_does_not_name_keeps_the_report_back(make: Maker) -> None:
    frames = with_records(invented(16, 3))
    report = make(replace(frames, facts=frames.facts.assign(outcome_zh="", outcome_en="")))
    assert "re_elect" in text_of(report)
    assert {fault.rule for fault in report.faults()} >= {"underived", "list"}


@pytest.mark.parametrize(
    ("old", "new"),
    [("已登记，", "尚未登记，"), ("尚未登记。", "已登记。"), ("规划、不定期督导检查已", "规划、年中督查已")],
)
def test_a_state_that_is_not_so_is_found(old: str, new: str) -> None:
    assert spoil(linted(with_records(invented(16, 3), through=0), PREFECTURE), old, new)


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told["duties"].pop(), lambda told: told["facts"].pop(0),
        lambda told: told["duties"][1]["missing"].pop(),
    ],
)
def test_a_row_that_is_left_out_of_the_annex_is_found(change: Callable[[dict[str, Any]], object]) -> None:
    report = linted(with_records(invented(16, 3)), settings=SETTINGS)
    change(report.model["on_record"])
    assert {fault.place.partition("/")[0] for fault in report.faults()} == {"on_record"}


def test_a_unit_that_writes_of_itself_says_so() -> None:
    frames = with_records(invented(16, missing=0))
    letters = BUSY.model_copy(update={"form": {"default": "letter"}})
    report = linted(frames, PREFECTURE, settings=letters)
    assert report.told() == []
    assert "本单位三年创建规划、年中督查、不定期督导检查已登记。" in text_of(report)


def at(*day: int) -> dt.datetime:
    return dt.datetime(*day, 23, 30, tzinfo=CHINA)


def done(frames: dict[str, pd.DataFrame]) -> dict[str, str]:
    """Node → day of the duties done."""
    return {row.node_id: row.done_on for row in frames["duties"].itertuples() if row.done_on}


CUTOFF, AFTER = at(2018, 7, 24), at(2018, 7, 25)


def test_what_counts_came_to_be_by_the_last_day_and_was_entered_by_the_cut_off(home: Path) -> None:
    """So that a half-year made again tells the same, whatever was entered since."""
    year, half, next_half = open_year(YUNNAN, "2018"), open_context(YUNNAN, "2018H1"), open_context(YUNNAN, "2018H2")
    keep_scores(year, score_rows(year.bundle.programme, {"a": 95.0, "b": 94.0, "c": 93.0, "d": 92.0}))
    spring, end = dt.date(2018, 4, 2), dt.date(2018, 6, 30)
    for node, done_on, entered in (
        (KUNMING, end, CUTOFF), ("P530300", end + dt.timedelta(days=1), CUTOFF), ("P530400", spring, AFTER),
    ):
        assert keep_duty(year, "yearly_scheme", node, done_on, "", By("甲", entered)).said == ()
    for fact, entered in (
        (Fact("rectification", "a", WUHUA, spring), CUTOFF), (Fact("rectification", "a", WUHUA, spring, until=end), AFTER),
        (Fact("rectification", "b", WUHUA, spring), AFTER), (Fact("rectification", "c", WUHUA, spring, until=end), CUTOFF),
        (Fact("sweep", "d", WUHUA, end, outcome="rebuild"), CUTOFF),
        (Fact("sweep", "d", WUHUA, end + dt.timedelta(days=1), outcome="re_elect"), CUTOFF),
    ):
        assert keep_fact(year, fact, By("甲", entered)).said == ()
    told = record_frames(half)
    assert done(told) == {KUNMING: "2018-06-30"}
    assert set(told["duties"]["duty"]) == {"yearly_scheme"}  # of the plan nothing is on record
    assert told["facts"][["branch_id", "kind", "outcome"]].values.tolist() == [
        ["a", "rectification", ""], ["d", "sweep", "rebuild"]
    ]

    assert take_back_duty(year, "yearly_scheme", KUNMING, end, "记错了", By("甲", AFTER)).said == ()
    again = record_frames(half)
    assert all(again[name].equals(told[name]) for name in told)
    later = record_frames(next_half)
    assert set(done(later)) == {"P530300", "P530400"}
    assert later["facts"][["branch_id", "outcome"]].values.tolist() == [["b", ""], ["d", "re_elect"], ["d", "rebuild"]]
