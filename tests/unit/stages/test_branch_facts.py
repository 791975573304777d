"""Records beside the reviews: the rules of each kind of fact, one side counts; successions; quotas moved."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from etl.core.awards.branch_records import Fact, in_force, members_managed
from etl.core.awards.review import Entry
from etl.core.awards.titles import gone, level_on, present_branch, titles_on, titles_recorded
from etl.core.returns.events import By
from etl.core.year_rows import FactRow
from etl.edges.programmes import load_bundle
from etl.edges.store.records import records_of
from etl.edges.store.schema import branch_records
from etl.errors import Misuse
from etl.stages.award import award_year
from etl.stages.award_records import award_inputs
from etl.stages.branch_facts import (
    facts_at,
    facts_of_branch,
    keep_fact,
    keep_succession,
    members_listing,
    move_places,
    quota_listing,
)
from etl.stages.context import Context, open_year
from etl.stages.review import enter
from tests.support.naming import COUNTY, PREFECTURE, PROVINCE, YUNNAN, keep_scores, score_rows

AT = dt.datetime(2017, 12, 1, 9, tzinfo=dt.UTC)
SINCE = dt.date(2017, 10, 1)
DAY = dt.date(2018, 2, 1)
NEIGHBOUR = "P530103"


@pytest.fixture
def year(home: Path) -> Context:
    """Two branches of one county, scored, recommended by it."""
    context = open_year(YUNNAN, "2017")
    keep_scores(context, score_rows(load_bundle(YUNNAN).programme, {"a": 95.0, "b": 94.0}))
    enter(context, [Entry(b, "county", "recommend", "county") for b in "ab"], By("甲", AT))
    return context


def keep(year: Context, fact: Fact) -> str:
    """What is said of a fact; empty if it was kept."""
    return "；".join(keep_fact(year, fact, By("甲", AT)).said)


def test_a_rectification_holds_back_from_its_first_day_until_its_end(year: Context) -> None:
    assert keep(year, Fact("rectification", "a", COUNTY, SINCE, until=dt.date(2018, 2, 2))) == ""
    assert award_year(year, DAY)["county"] == 1
    assert award_year(year, dt.date(2018, 2, 2))["county"] == 2
    assert "已有未结束的同类记录（2017-10-01起）" in keep(
        year, Fact("rectification", "a", COUNTY, dt.date(2017, 11, 1))
    )


def test_a_fact_that_was_open_is_given_its_end(year: Context) -> None:
    """Entered again with an end it is the same fact, from the day on which that was entered; a later one is another fact."""
    assert keep(year, Fact("rectification", "a", COUNTY, SINCE)) == ""
    ended = Fact("rectification", "a", COUNTY, SINCE, until=dt.date(2018, 1, 20))
    assert keep_fact(year, ended, By("甲", dt.datetime(2018, 1, 20, 9, tzinfo=dt.UTC))).said == ()
    assert award_year(year, dt.date(2018, 1, 19))["county"] == 1  # nobody knew of the end yet
    assert award_year(year, DAY)["county"] == 2
    assert keep(year, Fact("rectification", "a", COUNTY, dt.date(2018, 1, 21))) == ""


def test_what_was_changed_by_mistake_is_changed_back(year: Context) -> None:
    """A fact ended too early holds again when it is entered as it was; the same entry twice in a row is one record."""
    open_, ended = Fact("rectification", "a", COUNTY, SINCE), Fact("rectification", "a", COUNTY, SINCE, dt.date(2018, 1, 20))
    said = enumerate((open_, ended, open_, open_))
    kept = [keep_fact(year, fact, By("甲", AT + dt.timedelta(hours=hour))).ids for hour, fact in said]
    assert len({*kept}) == 3
    assert kept[2] == kept[3]
    assert len(in_force(records_of(year.store, branch_records, FactRow, YUNNAN), "rectification", DAY)) == 1
    assert award_year(year, DAY)["county"] == 1


def test_a_fact_that_never_held_is_taken_back_and_stays_on_record(year: Context) -> None:
    sweep = Fact("sweep", "a", COUNTY, SINCE, outcome="rebuild")
    assert "没有可作废的排查记录" in keep(year, replace(sweep, until=SINCE))
    assert keep(year, sweep) == ""
    later = AT + dt.timedelta(hours=1)
    assert keep_fact(year, replace(sweep, until=SINCE, note="登记错了支部"), By("甲", later)).said == ()
    assert facts_at(year, DAY) == []
    assert award_inputs(year, DAY).swept == {}
    assert keep(year, Fact("rectification", "a", COUNTY, SINCE)) == ""
    assert keep_fact(year, Fact("rectification", "a", COUNTY, SINCE, until=SINCE), By("甲", later)).said == ()
    assert keep_fact(year, Fact("rectification", "a", COUNTY, dt.date(2017, 9, 1)), By("甲", later)).said == ()
    (first, second, third) = facts_of_branch(year, "a")
    assert sorted((each["kind"], each["taken_back"], each["times"]) for each in (first, second, third)) == [
        ("rectification", False, 1), ("rectification", True, 2), ("sweep", True, 2),
    ]


def test_a_sweep_entered_again_with_a_note_is_one_sweep(year: Context) -> None:
    for hour, note in enumerate(("", "补记")):
        fact = Fact("sweep", "a", COUNTY, SINCE, outcome="rebuild", note=note)
        assert keep_fact(year, fact, By("甲", AT + dt.timedelta(hours=hour))).said == ()
    assert award_inputs(year, DAY).swept == {"a": 1}


def test_facts_that_meet_on_any_day_are_seen_whichever_begins_first(year: Context) -> None:
    assert keep(year, Fact("rectification", "a", COUNTY, SINCE)) == ""
    assert "已有未结束的同类记录" in keep(year, Fact("rectification", "a", COUNTY, dt.date(2017, 9, 1)))
    assert keep(year, Fact("rectification", "a", COUNTY, dt.date(2017, 9, 1), until=SINCE)) == ""
    quarters = ((dt.date(2017, 1, 1), dt.date(2017, 4, 1)), (dt.date(2017, 4, 1), dt.date(2017, 7, 1)))
    for since, until in quarters:  # one after the other: of 20 members 12 at a time
        assert keep(year, Fact("members_away", "b", COUNTY, since, until, PREFECTURE, 12)) == ""
    assert keep(year, Fact("members_away", "b", COUNTY, quarters[0][0], None, PROVINCE, 8)) == ""
    assert "登记21人" in keep(year, Fact("members_away", "b", COUNTY, dt.date(2016, 12, 1), None, NEIGHBOUR, 1))


def test_members_are_counted_once_when_a_fact_is_entered_again(year: Context) -> None:
    for hour, members in enumerate((12, 15)):  # of 20
        fact = Fact("members_away", "a", COUNTY, SINCE, other_node_id=PREFECTURE, members=members)
        assert keep_fact(year, fact, By("甲", AT + dt.timedelta(hours=hour))).said == ()
    counts = {row["members"] for row in facts_at(year, DAY) if row["kind"] == "members_away"}
    assert counts == {15}
    assert "登记23人" in keep(year, Fact("members_away", "a", COUNTY, SINCE, other_node_id=PROVINCE, members=8))


REFUSED = {
    "an end before the beginning": (
        Fact("rectification", "a", COUNTY, SINCE, until=dt.date(2017, 9, 30)),
        "结束日期2017-09-30早于开始日期2017-10-01",
    ),
    "an unknown kind": (Fact("party", "a", COUNTY, SINCE), "没有“party”这类记录"),
    "an outcome that the programme does not have": (
        Fact("sweep", "a", COUNTY, SINCE, outcome="closed"),
        "“closed”不在方案所列之中",
    ),
    "one side only": (Fact("dual_management", "a", COUNTY, SINCE, members=3), "双重管理须写明另一方"),
    "no members": (
        Fact("members_away", "a", COUNTY, SINCE, other_node_id=PREFECTURE),
        "异地居住党员须写明党员人数",
    ),
    "more members than it has": (
        Fact("members_away", "a", COUNTY, SINCE, other_node_id=PREFECTURE, members=21),
        "登记21人，超过该支部党员数20",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_fact_that_cannot_be_is_answered(year: Context, case: str) -> None:
    fact, said = REFUSED[case]
    assert said in keep(year, fact)
    assert records_of(year.store, branch_records, FactRow, YUNNAN) == []


def test_what_is_on_record_is_told_by_kind_and_outcome_as_they_are_declared(year: Context) -> None:
    for fact in (
        Fact("sweep", "b", COUNTY, SINCE, outcome="rebuild"), Fact("contact_point", "a", PROVINCE, SINCE, outcome="甲岗"),
        Fact("sweep", "a", COUNTY, SINCE, outcome="re_elect"), Fact("rectification", "b", COUNTY, SINCE),
    ):
        assert keep(year, fact) == ""
    top = [(row["kind"], row["outcome"], row["branches"]) for row in facts_at(year, DAY) if row["node_id"] == PROVINCE]
    assert top == [("rectification", "", 1), ("sweep", "re_elect", 1), ("sweep", "rebuild", 1), ("contact_point", "", 1)]


def test_a_leader_has_one_contact_point(year: Context) -> None:
    assert keep(year, Fact("contact_point", "a", PROVINCE, SINCE, outcome="副部长甲岗")) == ""
    assert "一名领导只联系一个支部" in keep(
        year, Fact("contact_point", "b", PROVINCE, SINCE, outcome="副部长甲岗")
    )
    assert keep(year, Fact("contact_point", "b", PROVINCE, SINCE, outcome="副部长乙岗")) == ""


def test_of_two_sides_one_counts(year: Context) -> None:
    assert keep(year, Fact("dual_management", "a", COUNTY, SINCE, other_node_id=PREFECTURE, members=5)) == ""
    rows = records_of(year.store, branch_records, FactRow, YUNNAN)
    assert members_managed(rows, DAY) == {(COUNTY, "counts"): 5, (PREFECTURE, "takes_part"): 5}
    listed = members_listing(year, DAY).set_index("code")
    assert listed["members_counted"].to_dict() == {"530100": 0, "530102": 5}
    assert listed["members_taking_part"].to_dict() == {"530100": 5, "530102": 0}
    assert in_force(rows, "dual_management", dt.date(2017, 9, 30)) == []


def test_an_unknown_branch_or_place_is_a_misuse(year: Context) -> None:
    with pytest.raises(Misuse, match="no branch z"):
        keep(year, Fact("sweep", "z", COUNTY, SINCE))
    with pytest.raises(Misuse, match="no place P1"):
        keep(year, Fact("sweep", "a", "P1", SINCE))


def test_a_branch_that_went_on_elsewhere_is_not_named(year: Context) -> None:
    keep_succession(year, "a", "b", "merge", dt.date(2018, 1, 15), "合并", By("甲", AT))
    assert award_year(year, dt.date(2018, 1, 14))["county"] == 2
    assert award_year(year, DAY)["county"] == 1


@pytest.mark.parametrize(("kind", "to"), [("swap", "b"), ("merge", None), ("dissolve", "b")])
def test_a_succession_says_who_follows(year: Context, kind: str, to: str | None) -> None:
    with pytest.raises(Misuse):
        keep_succession(year, "a", to, kind, DAY, "", By("甲", AT))


def test_places_move_within_a_level_that_has_a_quota(year: Context) -> None:
    move_places(year, "province", 2, None, PROVINCE, "追加", By("甲", AT))
    assert quota_listing(year, DAY)[["quota", "named", "left"]].values.tolist() == [[102, 0, 40]]
    for level, to in (("county", COUNTY), ("province", COUNTY), ("city", PROVINCE)):
        with pytest.raises(Misuse):
            move_places(year, level, 1, None, to, "", By("甲", AT))


def row(branch: str, level: str, decided: str, until: str | None = None) -> dict[str, str | None]:
    """One title."""
    return {
        "title_id": branch + level,
        "branch_id": branch,
        "level": level,
        "decided_on": decided,
        "valid_until": until,
    }


def step(before: str, after: str | None, on: str, kind: str = "recode") -> dict[str, str | None]:
    """One succession."""
    return {"from_branch_id": before, "to_branch_id": after, "effective_on": on, "kind": kind}


def test_what_figures_of_titles_are_held_against_is_one_level_a_branch() -> None:
    """Decided within the period, or in force on its last day; a title taken back counts for neither, an older one stands."""
    rows = [
        {**row("a", "county", "2018-03-01"), "unit_id": "U"}, {**row("a", "province", "2018-02-01"), "unit_id": "U"},
        {**row("b", "county", "2017-12-31"), "unit_id": "U"}, {**row("c", "county", "2018-05-01"), "unit_id": "U"},
        {**row("d", "county", "2018-04-01", "2018-06-01"), "unit_id": "U"},
    ]
    back = [{"title_id": "ccounty", "withdrawn_on": "2018-06-30"}]
    held = titles_on(rows, back, [], dt.date(2018, 6, 30))
    found = titles_recorded(held, ("county", "prefecture", "province"), dt.date(2018, 1, 1))
    assert sorted((each["basis"], each["branch_id"], each["level"]) for each in found) == [
        ("decided", "a", "province"), ("decided", "d", "county"), ("in_force", "a", "province"), ("in_force", "b", "county"),
    ]


def test_titles_are_told_oldest_first_and_none_that_is_decided_later() -> None:
    rows = [row("a", level, f"2018-0{month}-01") for level, month in (("province", 3), ("nation", 4), ("county", 2))]
    held = titles_on(rows, [], [], dt.date(2018, 3, 1))
    assert [each.row["level"] for each in held] == ["county", "province"]


@pytest.mark.parametrize(("day", "state"), [("2018-04-30", "in_force"), ("2018-05-01", "withdrawn")])
def test_a_title_stands_until_the_day_on_which_it_is_taken_back(day: str, state: str) -> None:
    back = [{"title_id": "acounty", "withdrawn_on": "2018-05-01"}]
    (held,) = titles_on([row("a", "county", "2018-02-01")], back, [], dt.date.fromisoformat(day))
    assert held.state == state


FOLLOWED = [
    ([step("a", "b", "2018-01-01"), step("b", "c", "2019-01-01", "merge")], "2019-01-01", "c"),
    ([step("a", "b", "2018-01-01", "move"), step("b", "c", "2019-01-01")], "2018-12-31", "b"),
    ([step("a", None, "2018-01-01", "dissolve")], "2018-01-01", None),
    ([step("a", None, "2018-01-01", "split")], "2017-12-31", "a"),
    ([step("a", "b", "2018-01-01"), step("b", "a", "2018-01-02")], "2019-01-01", "a"),
]


@pytest.mark.parametrize(("steps", "day", "carrier"), FOLLOWED)
def test_titles_follow_the_branch_as_of_a_day(
    steps: list[dict[str, str | None]], day: str, carrier: str | None
) -> None:
    assert present_branch("a", steps, dt.date.fromisoformat(day))[0] == carrier


BACK = [step("a", "b", "2018-01-01", "merge"), step("b", "a", "2018-02-01")]


@pytest.mark.parametrize(
    ("day", "carriers", "left"),
    [("2017-12-31", ["a", "b"], []), ("2018-01-31", ["b", "b"], ["a"]), ("2018-02-01", ["a", "a"], ["b"])],
)
def test_a_branch_that_came_back_stands_again_with_all_titles(day: str, carriers: list[str], left: list[str]) -> None:
    on = dt.date.fromisoformat(day)
    assert [present_branch(branch, BACK, on)[0] for branch in "ab"] == carriers
    assert list(gone(BACK, on)) == left


def test_branches_that_change_places_on_one_day_end_somewhere() -> None:
    swap = [step("a", "b", "2018-01-01"), step("b", "a", "2018-01-01")]
    assert [present_branch(branch, swap, DAY)[0] for branch in "ab"] == ["a", "b"]


def test_a_branch_is_at_its_highest_level_in_force() -> None:
    titles = [row("a", "standardised", "2020-12-01"), row("a", "advanced", "2021-12-01", "2023-12-01")]
    levels = ("standardised", "advanced", "robust")
    days = ("2020-11-30", "2021-01-01", "2023-12-01", "2023-12-02")
    at = [level_on(titles_on(titles, [], [], dt.date.fromisoformat(day)), "a", levels) for day in days]
    assert at == [None, "standardised", "advanced", "standardised"]
