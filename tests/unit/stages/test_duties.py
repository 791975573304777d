"""Duties on record: whose they are, when they count, who owes one still; what is on record of branches, by place."""

import datetime as dt
from pathlib import Path

import pytest

from etl.core.awards.branch_records import Fact
from etl.core.returns.events import By
from etl.core.year_rows import DutyRow
from etl.edges.store.records import records_of
from etl.edges.store.schema import duty_records
from etl.errors import Misuse
from etl.stages.branch_facts import facts_at, facts_listing, keep_fact
from etl.stages.context import Context, open_year
from etl.stages.duties import duties_at, duties_listing, duty_standings, keep_duty, take_back_duty
from tests.support.naming import COUNTY, PREFECTURE, PROVINCE, YUNNAN, keep_scores, score_rows

AT, DAY = dt.datetime(2017, 12, 1, 9, tzinfo=dt.UTC), dt.date(2017, 3, 1)
ZAOZHUANG, SIDE, NEIGHBOUR = "zaozhuang-true-colour-home", "U530000-001", "P530300"


def keep(context: Context, duty: str, node: str, on: dt.date = DAY) -> str:
    """What is said of a record; empty if it was kept."""
    return "；".join(keep_duty(context, duty, node, on, "", By("甲", AT)).said)


def at_top(context: Context) -> list[tuple[str, int | None, int, int]]:
    """Name, owed, done, and how many are missing, of the duties at the top."""
    rows = [row for row in duties_at(context) if row["node_id"] == context.register.top.node_id]
    return [(row["zh"], row["owed"], row["done"], len(row["missing"])) for row in rows]


def test_a_plan_of_three_years_counts_in_each_of_them_and_a_yearly_scheme_in_its_own(home: Path) -> None:
    first, second = open_year(YUNNAN, "2017"), open_year(YUNNAN, "2018")
    owing, later = (16 + sum(n.tier == "provincial_unit" for n in year.register.nodes) for year in (first, second))
    assert at_top(first) == []  # nothing is on record, so nothing is said
    for duty in ("three_year_plan", "yearly_scheme"):
        for node in (PREFECTURE, SIDE):
            assert keep(first, duty, node) == ""
    assert keep(first, "yearly_scheme", PREFECTURE) == ""  # the same again is nothing new
    assert at_top(first) == [("三年创建规划", owing, 2, owing - 2), ("年度创建方案", owing, 2, owing - 2)]
    assert at_top(second) == [("三年创建规划", later, 2, later - 2)]
    listed = duties_listing(first).set_index(["duty", "code"])["done_on"]
    assert (listed["yearly_scheme", "530100"], listed["yearly_scheme", "530300"]) == ("2017-03-01", "")


def test_a_duty_entered_by_mistake_is_taken_back_and_may_be_entered_again(home: Path) -> None:
    context = open_year(YUNNAN, "2017")
    assert keep(context, "yearly_scheme", PREFECTURE) == ""
    hours = iter(range(1, 9))

    def back(reason: str, on: dt.date = DAY) -> tuple[str, ...]:
        at = AT + dt.timedelta(hours=next(hours))
        return take_back_duty(context, "yearly_scheme", PREFECTURE, on, reason, By("甲", at)).said

    assert "没有2017-03-02的记录" in back("记错了", dt.date(2017, 3, 2))[0]
    assert "须写明理由" in back(" ")[0]
    assert back("记错了") == ()
    assert at_top(context) == []
    assert "没有2017-03-01的记录" in back("再次")[0]
    at = AT + dt.timedelta(hours=10)
    assert keep_duty(context, "yearly_scheme", PREFECTURE, DAY, "", By("甲", at)).said == ()
    assert at_top(context)[0][2] == 1
    assert len(records_of(context.store, duty_records, DutyRow, YUNNAN)) == 3


def test_a_duty_is_due_by_the_end_of_its_half_its_year_or_a_plans_first_year(home: Path) -> None:
    yunnan, zaozhuang = open_year(YUNNAN, "2018"), open_year(ZAOZHUANG, "2021")
    due = {each.duty.key: each.due_on for context in (yunnan, zaozhuang) for each in duty_standings(context)}
    assert due == {
        "three_year_plan": dt.date(2017, 12, 31), "yearly_scheme": dt.date(2018, 12, 31), "yearly_plan": dt.date(2021, 12, 31),
        "mid_year": dt.date(2021, 6, 30), "year_end": dt.date(2021, 12, 31), "unscheduled": None,
    }


def test_a_place_sees_what_is_owed_under_it(home: Path) -> None:
    context = open_year(YUNNAN, "2017")
    keep(context, "yearly_scheme", PREFECTURE)
    rows = {row["node_id"]: (row["owed"], row["done"], row["missing"], row["own"]) for row in duties_at(context)}
    assert rows[PREFECTURE] == (1, 1, [], True)
    assert rows[NEIGHBOUR] == (1, 0, ["曲靖市"], True)
    assert rows[SIDE] == (1, 0, [context.register.names[SIDE]], True)
    assert not rows[PROVINCE][-1]
    assert COUNTY not in rows  # counties owe none


def test_supervision_counts_in_its_half_of_the_year_and_whenever_is_never_missing(home: Path) -> None:
    context, county = open_year(ZAOZHUANG, "2021"), "P370402"
    assert "应在2021年第1个半年进行" in keep(context, "mid_year", county, dt.date(2021, 7, 1))
    assert "应在2021年第2个半年进行" in keep(context, "year_end", county, dt.date(2020, 12, 1))
    assert keep(context, "mid_year", county, dt.date(2021, 6, 30)) == ""
    assert keep(context, "unscheduled", county, dt.date(2021, 9, 1)) == ""
    told = {row[0]: row[1:] for row in at_top(context)}
    assert told["年中督查"][1] == 1
    assert told["不定期督导检查"] == (None, 1, 0)


def test_what_is_no_duty_is_answered(home: Path) -> None:
    context = open_year(YUNNAN, "2017")
    assert "没有“party”这项工作" in keep(context, "party", PREFECTURE)
    assert "五华区不在“年度创建方案”的范围之内" in keep(context, "yearly_scheme", COUNTY)
    with pytest.raises(Misuse, match="no place P1"):
        keep(context, "yearly_scheme", "P1")


def test_facts_about_branches_are_counted_at_every_place_above_the_side_that_counts(home: Path) -> None:
    context = open_year(YUNNAN, "2017")
    keep_scores(context, score_rows(context.bundle.programme, {"a": 95.0, "b": 94.0}))
    since, until, end = dt.date(2017, 5, 1), dt.date(2017, 9, 1), dt.date(2017, 12, 31)
    for fact in (
        Fact("sweep", "a", COUNTY, since, outcome="re_elect"), Fact("sweep", "b", COUNTY, since, outcome="re_elect"),
        Fact("sweep", "b", COUNTY, dt.date(2018, 1, 1), outcome="rebuild"), Fact("rectification", "a", COUNTY, since, until),
        Fact("contact_point", "a", PROVINCE, since, outcome="副部长甲岗"),
        Fact("dual_management", "a", COUNTY, since, other_node_id=NEIGHBOUR, members=5),
    ):
        assert keep_fact(context, fact, By("甲", AT)).said == ()
    rows = {
        (row["node_id"], row["kind"], row["outcome"]): (row["branches"], row["members"]) for row in facts_at(context, end)
    }
    assert rows[PREFECTURE, "sweep", "re_elect"] == rows[COUNTY, "sweep", "re_elect"] == (2, 0)
    assert rows[PROVINCE, "contact_point", ""] == (1, 0)  # of a leader no post and no name is told
    assert rows[PROVINCE, "dual_management", ""] == (1, 5)
    assert not {key for key in rows if key[0] == NEIGHBOUR or key[1] == "rectification" or key[2] == "rebuild"}
    assert "rectification" in {row["kind"] for row in facts_at(context, since)}
    listed = facts_listing(context, end)
    assert listed.loc[listed["code"] == "530102", ["kind", "outcome", "branches"]].values.tolist() == [
        ["双重管理", "", 1], ["排查", "改选", 2]
    ]
