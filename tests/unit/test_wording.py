"""Figures, changes and headings as Chinese prose."""

from dataclasses import replace
from decimal import Decimal

import pytest

from etl.core.period import Period
from etl.core.reports.figure_text import (
    asked,
    cell_text,
    change,
    count_text,
    counted_name,
    limit_text,
    prose_text,
    rounded,
    tile_parts,
)
from etl.core.reports.prose import numbered_blocks, tagged_lines
from etl.core.wording import joined, one_line, short_period, whole_of
from etl.edges.templates import environment, wording
from tests.unit.reports.invented_report import MEASURES

WORDS = wording()
COUNT, SHARE, MONEY = MEASURES["branches"], MEASURES["attendance_rate"], MEASURES["dues_collected"]


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(2.675, 2, "2.68"), (0.125, 2, "0.13"), (-0.04, 1, "0.0"), (-0.05, 1, "-0.1"), (2.5, 0, "3")],
)
def test_half_goes_up_and_zero_has_no_sign(value, decimals, text):
    assert str(rounded(value, decimals)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0个"),
        (8213, "8213个"),
        (9999, "9999个"),
        (10_000, "1万个"),
        (13_652, "1.37万个"),
        (99_994_999, "9999.5万个"),
        (99_999_999, "1亿个"),
        (123_456_789, "1.23亿个"),
        (None, "—"),
        (float("nan"), "—"),
    ],
)
def test_prose_counts_in_ten_thousands(value, text):
    assert prose_text(value, COUNT, WORDS) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.96449, "96.4%"), (0.9645, "96.5%"), (1, "100%"), (0, "0%"), (0.9997, "100.0%"), (0.0705, "7.1%")]
)
def test_shares_are_percentages(value, text):
    assert prose_text(value, SHARE, WORDS) == text


@pytest.mark.parametrize(("part", "whole", "decimals", "text"), [(23, 40, 0, "58%"), (23, 80, 1, "28.8%"), (2, 3, 1, "66.7%")])
def test_a_percentage_is_rounded_as_it_would_be_by_hand(part, whole, decimals, text):
    made = environment().from_string("{{ (part / whole) | percent(decimals) }}")
    assert made.render(part=part, whole=whole, decimals=decimals) == text


@pytest.mark.parametrize(
    ("value", "prose", "cell"),
    [
        (50, "50余个", "≥50"), (53, "53个以上", "≥53"), (3, "3个以上", "≥3"), (12_000, "1.2万余个", "≥12,000"),
        (10, "10余个", "≥10"), (0, "0个以上", "≥0"),
    ],
)
def test_a_floor_says_so(value, prose, cell):
    assert prose_text(value, COUNT, WORDS, at_least=True) == prose
    assert cell_text(value, COUNT, WORDS, at_least=True) == cell


def test_a_floor_of_a_share_is_never_round():
    assert prose_text(0.9, SHARE, WORDS, at_least=True) == "90.0%以上"
    assert prose_text(50, COUNT, wording("en"), at_least=True) == "50 or more"


@pytest.mark.parametrize(
    ("value", "at_least", "number", "unit"),
    [
        (1_234_567, False, "1,234,567", "个"),  # nine characters are room enough
        (12_345_678, False, "1234.57", "万个"),
        (12_345_678, True, "≥1234.57", "万个"),
        (float("nan"), True, "—", ""),
    ],
)
def test_a_tile_is_short(value, at_least, number, unit):
    assert tile_parts(value, COUNT, WORDS, at_least) == {"number": number, "unit": unit}


@pytest.mark.parametrize(
    ("limit", "measure", "text", "number"),
    [(0.9, SHARE, "90%", "90"), (0.125, SHARE, "12.5%", "12.5"), (5, COUNT, "5个", "5")],
)
def test_a_limit_is_told_as_it_was_set(limit, measure, text, number):
    assert limit_text(limit, measure, WORDS) == text
    assert asked(limit, measure) == Decimal(number)


def test_a_name_loses_its_ending_before_a_number_and_not_before_a_share():
    assert counted_name(replace(COUNT, zh="党支部数"), WORDS) == "党支部"
    assert counted_name(replace(SHARE, zh="党支部数"), WORDS) == "党支部数"
    assert counted_name(replace(COUNT, zh="数"), WORDS) == "数"  # nothing would be left of it
    assert counted_name(COUNT, wording("en")) == COUNT.zh


def test_cells_separate_thousands_and_keep_decimals():
    assert cell_text(8_901_728.9, MONEY, WORDS) == "8,901,728.90"
    assert tile_parts(8_901_728.9, MONEY, WORDS) == {"number": "890.17", "unit": "万元"}
    assert tile_parts(159_493, COUNT, WORDS) == {"number": "159,493", "unit": "个"}
    assert tile_parts(None, COUNT, WORDS) == {"number": "—", "unit": ""}
    assert count_text(31_719, WORDS) == "3.17万"
    assert count_text(31_719, WORDS, large=False) == "31,719"


@pytest.mark.parametrize(
    ("now", "before", "measure", "direction", "verb", "by", "rate"),
    [
        (1032, 1000, COUNT, "up", "增加", "32个", "增长3.2%"),
        (968, 1000, COUNT, "down", "减少", "32个", "下降3.2%"),
        (1000, 1000, COUNT, "same", "持平", "0个", ""),
        (7, 5, COUNT, "up", "增加", "2个", ""),  # 40 % of five says nothing
        (3, 0, COUNT, "up", "增加", "3个", ""),  # no percentage of nothing
        (0.951, 0.933, SHARE, "up", "提高", "1.8个百分点", ""),
        (0.9333, 0.9331, SHARE, "same", "持平", "0.0个百分点", ""),
        (1_000_001, 1_000_000, COUNT, "up", "增加", "1个", ""),  # 0.0 % is left out
        (34_567, 12_000, COUNT, "up", "增加", "2.26万个", "增长188.1%"),
        (103, 80, COUNT, "up", "增加", "23个", "增长28.8%"),  # 28.75 %, of which 100 times the binary fraction falls short
    ],
)
def test_a_change_is_told_by_direction_size_and_rate(now, before, measure, direction, verb, by, rate):
    found = change(now, before, measure, WORDS)
    assert found is not None
    assert (found["direction"], found["verb"], found["by_text"], found["rate_text"]) == (
        direction,
        verb,
        by,
        rate,
    )


@pytest.mark.parametrize(
    ("now", "before", "by"),
    [
        (38_500, 37_902.96, "597元"),  # beside 3.85万元 nobody counts cents
        (38_500, 38_399.6, "100元"),
        (38_500, 38_400.5, "99.5元"),
        (9_000, 8_402.96, "597.04元"),
        (10_000, 9_402.96, "597元"),
    ],
)
def test_money_changes_are_told_in_whole_yuan_beside_ten_thousands(now, before, by):
    found = change(now, before, MONEY, WORDS)
    assert found is not None
    assert found["by_text"] == by


@pytest.mark.parametrize(("base", "rate"), [(19, ""), (20, "增长25.0%")])
def test_a_rate_is_told_from_the_smallest_base_on(base, rate):
    found = change(base * 1.25, base, COUNT, WORDS)
    assert found is not None
    assert found["rate_text"] == rate


def test_a_change_carries_all_that_tables_and_sentences_say_of_it():
    assert change(968, 1000, COUNT, WORDS) == {
        "base": 1000, "base_text": "1000个", "base_cell": "1,000", "by": -32.0, "direction": "down", "verb": "减少", "about": "",
        "by_text": "32个", "rate_text": "下降3.2%", "signed_text": "−32", "good": None,
    }
    about = change(968, 1000, COUNT, WORDS, approximate=True)
    assert about is not None
    assert about["about"] == WORDS.change.about != ""


def test_no_base_is_no_change():
    assert change(5, None, COUNT, WORDS) is None
    assert change(5, float("nan"), COUNT, WORDS) is None
    assert change(None, 5, COUNT, WORDS) is None


@pytest.mark.parametrize(
    ("key", "now", "good"),
    [("attendance_rate", 0.9, True), ("branches_rectifying", 9, False), ("branches", 9, None), ("attendance_rate", 0.5, None)],
)
def test_good_depends_on_the_figure(key, now, good):
    found = change(now, 0.5, MEASURES[key], WORDS)
    assert found is not None
    assert found["good"] is good


@pytest.mark.parametrize(("now", "signed"), [(0.90, "−5.0"), (0.95, "0.0"), (1.00, "+5.0")])
def test_signed_text_uses_a_real_minus(now, signed):
    found = change(now, 0.95, SHARE, WORDS)
    assert found is not None
    assert found["signed_text"] == signed


def test_names_are_cut_after_the_most():
    assert joined(["甲", "乙"], WORDS, "个", most=2) == "甲、乙"
    assert joined(["甲", "乙", "丙"], WORDS, "个", most=2) == "甲、乙等3个"
    assert joined(["甲", "乙", "丙"], WORDS, most=2) == "甲、乙等"


@pytest.mark.parametrize(
    ("name", "whole"),
    [("云南省", "全省"), ("大理白族自治州", "全州"), ("东西湖区", "全区"), ("省商务厅", "本单位")],
)
def test_a_place_as_a_whole_is_called_by_its_tier(name, whole):
    assert whole_of(name, WORDS) == whole


@pytest.mark.parametrize(("written", "short"), [("2018H1", "2018上"), ("2018", "2018"), ("2024B2", "2024-2")])
def test_a_period_is_short_where_room_is(written, short):
    assert short_period(Period.parse(written), WORDS) == short


def test_names_stay_on_one_line():
    assert one_line(" 第一行\n# 第二行\t\x07x") == "第一行 # 第二行 x"


def test_every_line_carries_a_tag():
    assert tagged_lines("p| 一段 | 竖线\n\nh1|   \n h2|题") == [("p", "一段 | 竖线"), ("h2", "题")]
    with pytest.raises(ValueError, match="tag"):
        tagged_lines("没有标记")


def test_headings_are_numbered_and_empty_ones_dropped():
    lines = tagged_lines("p| 开头\nh1| 甲\nh2| 一\np| a\nh2| 二\np| b\nh1| 空\nh2| 空\nh1| 乙\nh2| 独\np| c")
    assert [block["text"] for block in numbered_blocks(lines, WORDS)] == [
        "开头", "一、甲", "（一）一", "a", "（二）二", "b", "二、乙", "c",
    ]


def test_an_unknown_block_is_refused():
    with pytest.raises(ValueError, match="h9"):
        numbered_blocks([("h9", "x")], WORDS)
