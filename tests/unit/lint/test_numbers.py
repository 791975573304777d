"""Numbers read back out of prose and cells: value, last place, floor and unit."""

import re
from decimal import Decimal

import pytest

from etl.core.lint.numbers import Said, agrees, number_pattern, read_number
from etl.edges.templates import wording

WORDS = wording()

WRITTEN: list[tuple[str, str, str, bool, str]] = [
    ("8213名", "8213", "1", False, "名"),
    ("8,901,728.90元", "8901728.90", "0.01", False, "元"),
    ("1.37万名", "13700", "100", False, "名"),
    ("3亿元", "300000000", "100000000", False, "元"),
    ("96.4%", "0.964", "0.001", False, "%"),
    ("100%", "1", "0.01", False, "%"),
    ("−3.6个百分点", "-3.6", "0.1", False, "个百分点"),
    ("-5", "-5", "1", False, ""),
    ("+5", "5", "1", False, ""),
    ("50余个", "50", "1", True, "个"),
    ("1.2万余个", "12000", "1000", True, "个"),
    ("53个以上", "53", "1", True, "个"),
    ("≥12,000", "12000", "1", True, ""),
]


@pytest.mark.parametrize(("text", "value", "step", "floor", "unit"), WRITTEN)
def test_a_number_says_its_value_last_place_floor_and_unit(text: str, value: str, step: str, floor: bool, unit: str) -> None:
    assert read_number(text, WORDS) == Said(Decimal(value), Decimal(step), floor, unit)
    assert re.fullmatch(number_pattern(WORDS, ["个", "个百分点", "名", "元"]), text)


def test_a_language_without_a_word_for_round_floors_has_only_the_other() -> None:
    english = wording("en")
    assert read_number("1,200 units", english) == Said(Decimal(1200), Decimal(1), False, " units")
    assert read_number("53 or more", english) == Said(Decimal(53), Decimal(1), True, "")


@pytest.mark.parametrize("text", ["", "约", "十二", "约3"])
def test_what_is_no_number_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        read_number(text, WORDS)


def test_the_longest_unit_is_found_whatever_order_units_come_in() -> None:
    for units in (["个", "个百分点"], ["个百分点", "个"], ["个", "个", "个百分点", ""]):
        found = re.search(number_pattern(WORDS, units), "比上期增加3个百分点。")
        assert found is not None
        assert found.group() == "3个百分点"


AGREED = [
    ("1.37万名", "13650", None, True),  # half up
    ("1.37万名", "13649", None, False),
    ("1.37万名", "13749.6", None, True),
    ("1.37万名", "13749.6", "1", False),  # on paper the figure is 13750 first, and then 1.38万
    ("96.4%", "0.96449", None, True),
    ("96.4%", "0.9645", None, False),
    ("−3.6个百分点", "-3.55", None, True),
    ("−3.6个百分点", "3.6", None, False),
]


@pytest.mark.parametrize(("text", "fact", "paper_step", "agreed"), AGREED)
def test_a_number_agrees_with_the_figure_that_it_is_rounded_from(
    text: str, fact: str, paper_step: str | None, agreed: bool
) -> None:
    step = None if paper_step is None else Decimal(paper_step)
    assert agrees(read_number(text, WORDS), Decimal(fact), step) is agreed
