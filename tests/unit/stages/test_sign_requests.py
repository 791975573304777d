"""What stands before the people who let a year go on: sentences and counts, never what a program would print."""

import re

import pytest

from etl.core.returns.events import By
from etl.core.year_rows import NoticeRow
from etl.edges.store.records import records_of
from etl.edges.store.schema import notices
from etl.errors import Misuse
from etl.stages.award import award_year
from etl.stages.context import Context
from etl.stages.notice import object_to, open_notices, rule_on
from etl.stages.sign_requests import reviews_request, sign_request
from etl.tasks.annual import reviewed
from tests.support.naming import YUNNAN
from tests.unit.cli.test_year import year as tied
from tests.unit.stages.test_naming import AT, CLOSED, DAY, OPENED, RUNNING, year

__all__ = ["tied", "year"]
"""Fixtures: 39 branches of equal points for the province's 38 places; two that are recommended to the prefecture's level."""


def test_whoever_confirms_reviews_sees_how_many_each_tier_still_owes(year: Context) -> None:
    asked = reviews_request(year, reviewed(YUNNAN, "2017"))
    assert asked["subject"] == "评审意见是否已全部录入：2017年云南省离退休干部“示范党支部”创建"
    assert "2个支部已计分" in asked["body"]
    assert "| 县（市、区） | 2个 | 0个 |" in asked["body"]
    assert "| 省 | 0个 | 2个 |" in asked["body"]


def test_whoever_signs_a_notice_sees_what_is_proposed(year: Context) -> None:
    run = award_year(year, DAY)["run"]
    asked = sign_request(year, run, "notice")
    assert asked["subject"].endswith("（建议命名2个支部）")
    counted = re.findall(r"^\| (\S+) \| (\d+)个 \| (\d+)个 \| (\d+)个 \| (\d+)个 \|$", asked["body"], re.MULTILINE)
    # Both hold the county's title with the prefecture's, and count at the higher level.
    assert counted == [("州（市）级示范党支部", "2", "1", "0", "0"), ("县（市、区）级示范党支部", "0", "1", "0", "0")]
    assert "截至2018-02-01" in asked["body"]
    assert "{" not in asked["body"]


def test_whoever_signs_a_naming_sees_days_and_objections(year: Context) -> None:
    run = award_year(year, DAY)["run"]
    open_notices(year, None, OPENED, By("甲", AT))
    quiet = sign_request(year, run, "naming")["body"]
    assert "公示（2018-02-05至2018-02-11）已满" in quiet
    assert "公示期内没有须处理的异议" in quiet
    [notice] = [row["notice_id"] for row in records_of(year.store, notices, NoticeRow, YUNNAN) if row["level"] == "prefecture"]
    objection, other = (object_to(year, notice, branch, "材料不实", RUNNING, By("乙", AT)).ids[0] for branch in "ab")
    rule_on(year, objection, True, "属实", CLOSED, By("甲", AT))
    told = sign_request(year, run, "naming")["body"]
    assert "1个支部的异议尚未处理" in told
    assert "1个支部的异议成立" in told
    rule_on(year, other, False, "查无实据", CLOSED, By("甲", AT))
    assert "尚未处理" not in sign_request(year, run, "naming")["body"]


def test_what_the_run_had_to_say_stands_before_whoever_signs(tied: Context) -> None:
    asked = sign_request(tied, award_year(tied, DAY)["run"], "notice")
    assert "**请先看**\n\n- 云南省“省级示范党支部”名额线上b37与b38各项均同分" in asked["body"]
    assert "| 省级示范党支部 | 38个 | 1个 | 1个 | 0个 |" in asked["body"]


def test_a_run_that_there_is_not_is_a_misuse(year: Context) -> None:
    with pytest.raises(Misuse):
        sign_request(year, "nothing", "notice")
