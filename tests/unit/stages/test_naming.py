"""From an award run to titles: notice, objections, naming, withdrawal, succession; replay of a run; the slip for who asks."""

import datetime as dt
from pathlib import Path

import pytest

from etl.core.awards.review import Entry
from etl.core.period import Period
from etl.core.returns.events import By
from etl.core.year_rows import TitleRow
from etl.edges.programmes import load_bundle
from etl.edges.store.awards import reviews_of
from etl.edges.store.records import add_records, records_of
from etl.edges.store.schema import successions, titles
from etl.stages import naming
from etl.stages.award import award_year, replay, the_run, what_if
from etl.stages.context import Context, open_year
from etl.stages.notice import object_to, open_notices, rule_on
from etl.stages.review import enter
from etl.year_listings import notices_listing, standing_level, titles_listing
from tests.support.naming import YUNNAN, award_in_two_cities, keep_scores, score_rows

AT = dt.datetime(2018, 1, 15, 9, tzinfo=dt.UTC)
DAY = dt.date(2018, 2, 1)
OPENED, RUNNING, CLOSED = (
    dt.date(2018, 2, 5),
    dt.date(2018, 2, 11),
    dt.date(2018, 2, 12),
)  # 11 February: a worked Sunday
BRANCHES = {"a": 95.0, "b": 94.0}


@pytest.fixture
def year(home: Path) -> Context:
    """Two county branches that all tiers recommend to the prefecture's level."""
    context = open_year(YUNNAN, "2017")
    keep_scores(context, score_rows(load_bundle(YUNNAN).programme, BRANCHES))
    said = [Entry(b, tier, "recommend", "prefecture") for b in BRANCHES for tier in ("county", "prefecture")]
    assert not enter(context, said, By("甲", AT)).refused
    return context


def named(year: Context) -> list[tuple[str, str]]:
    """(branch, level) of all titles."""
    return sorted((row["branch_id"], row["level"]) for row in records_of(year.store, titles, TitleRow, YUNNAN))


def notice_of(year: Context, level: str) -> str:
    """The id of the notice of a level."""
    listed = notices_listing(year)
    return str(listed.loc[listed["level"] == level, "notice_id"].iloc[0])


def name(year: Context, on: dt.date = CLOSED) -> tuple[str, ...]:
    """What the naming has to say."""
    return naming.name_branches(year, None, on, "云老通〔2018〕5号", By("甲", AT)).said


def test_the_way_from_award_to_titles(year: Context) -> None:
    run = award_year(year, DAY)
    assert {key: run[key] for key in ("county", "prefecture") if key in run} == {"prefecture": 2}
    assert all("尚未公示" in line for line in name(year))
    assert len(open_notices(year, None, OPENED, By("甲", AT)).ids) == 2
    assert all("公示至2018-02-11截止" in line for line in name(year, RUNNING))
    assert named(year) == []
    assert name(year) == ()
    assert named(year) == [(b, level) for b in "ab" for level in ("county", "prefecture")]
    assert name(year) == ()
    assert len(named(year)) == 4


def test_a_notice_is_opened_once(year: Context) -> None:
    award_year(year, DAY)
    open_notices(year, None, OPENED, By("甲", AT))
    again = open_notices(year, None, RUNNING, By("甲", AT))
    assert again.ids == ()
    assert "已于2018-02-05开始" in again.said[0]


def test_an_objection_in_time_stops_a_naming_until_it_is_ruled_on(year: Context) -> None:
    award_year(year, DAY)
    open_notices(year, None, OPENED, By("甲", AT))
    notice = notice_of(year, "prefecture")
    (objection,) = object_to(year, notice, "a", "材料不实", RUNNING, By("乙", AT)).ids
    assert ["尚未作出结论" in line for line in name(year)] == [True]
    assert ("a", "prefecture") not in named(year)
    rule_on(year, objection, False, "查无实据", CLOSED, By("甲", AT))
    assert name(year) == ()
    assert ("a", "prefecture") in named(year)
    assert "已于2018-02-12作出结论" in rule_on(year, objection, True, "", CLOSED, By("甲", AT)).said[0]


def test_an_upheld_objection_keeps_the_branch_out_and_the_next_award_knows(year: Context) -> None:
    award_year(year, DAY)
    open_notices(year, None, OPENED, By("甲", AT))
    (objection,) = object_to(
        year, notice_of(year, "prefecture"), "a", "材料不实", OPENED, By("乙", AT)
    ).ids
    rule_on(year, objection, True, "属实", RUNNING, By("甲", AT))
    first = the_run(year, None)["run_id"]
    again = award_year(year, dt.date(2018, 3, 1))
    assert (again["prefecture"], again["county"]) == (1, 1)  # the objection was to the prefecture's level
    said = naming.name_branches(year, first, CLOSED, "", By("甲", AT)).said
    assert ["经查属实" in line for line in said] == [True]


def test_an_objection_after_the_deadline_is_kept_answered_and_stops_nothing(year: Context) -> None:
    award_year(year, DAY)
    open_notices(year, None, OPENED, By("甲", AT))
    late = object_to(year, notice_of(year, "prefecture"), "a", "材料不实", CLOSED, By("乙", AT))
    assert len(late.ids) == 1
    assert "逾期不予受理；已记录备查" in late.said[0]
    assert name(year) == ()
    assert notices_listing(year)["in_time"].tolist().count(False) == 1


@pytest.mark.parametrize(
    ("branch", "statement", "day", "said"),
    [
        ("z", "不实", RUNNING, "不在本次公示名单中"),
        ("a", " ", RUNNING, "须写明事实"),
        ("a", "不实", DAY, "此前不接受异议"),
    ],
)
def test_other_objections_are_answered(
    year: Context, branch: str, statement: str, day: dt.date, said: str
) -> None:
    award_year(year, DAY)
    open_notices(year, None, OPENED, By("甲", AT))
    assert said in object_to(year, notice_of(year, "county"), branch, statement, day, By("乙", AT)).said[0]


def succession(kind: str, to: str | None, on: str, branch: str = "a") -> dict[str, str | None]:
    """One row of what became of a branch."""
    return {
        "succession_id": f"{branch}{to}{on}", "programme": YUNNAN, "from_branch_id": branch, "to_branch_id": to, "kind": kind,
        "effective_on": on, "reason": "撤并", "actor": "甲", "entered_at": "2018-01-01T00:00:00+08:00",
    }


def test_a_branch_dissolved_since_is_not_named(year: Context) -> None:
    award_year(year, DAY)
    open_notices(year, None, OPENED, By("甲", AT))
    add_records(year.store, successions, [succession("dissolve", None, "2018-02-08")])
    assert ["已于2018-02-08撤并，不能命名" in line for line in name(year)] == [True, True]
    assert named(year) == [("b", "county"), ("b", "prefecture")]


def test_titles_go_on_to_the_branch_that_follows_under_their_old_names(year: Context) -> None:
    award_year(year, DAY)
    open_notices(year, None, OPENED, By("甲", AT))
    name(year)
    add_records(
        year.store,
        successions,
        [succession("merge", "new", "2018-08-01"), succession("recode", "newer", "2019-01-01", "new")],
    )
    before, after = (
        titles_listing(year, "newer", dt.date.fromisoformat(day)) for day in ("2018-07-31", "2019-01-01")
    )
    assert before.empty
    assert after["branch_name"].tolist() == ["a党支部", "a党支部"]
    assert "a党支部（a）的称号，2019-01-01更换编码后由本支部承接" in after["came_by"].iloc[0]
    assert titles_listing(year, "a", dt.date(2019, 1, 1))["unit_name"].tolist() == ["五华区", "五华区"]
    assert standing_level(year, "newer", dt.date(2018, 7, 31)) == ""
    assert standing_level(year, "newer", dt.date(2019, 1, 1)) == "截至2019-01-01所处级别：州（市）级示范党支部"


def test_a_title_is_taken_back_once_and_its_row_stays(year: Context) -> None:
    award_year(year, DAY)
    open_notices(year, None, OPENED, By("甲", AT))
    name(year)
    title = titles_listing(year, "a", CLOSED)["title_id"].iloc[0]
    assert naming.withdraw_title(year, title, "材料不实", dt.date(2019, 3, 1), By("甲", AT)).said == ()
    assert (
        "已于2019-03-01撤销" in naming.withdraw_title(year, title, "", dt.date(2019, 4, 1), By("甲", AT)).said[0]
    )
    other = titles_listing(year, "b", CLOSED)["title_id"].iloc[0]
    assert "须写明理由" in naming.withdraw_title(year, other, " ", dt.date(2019, 4, 1), By("甲", AT)).said[0]
    before = naming.withdraw_title(year, other, "材料不实", CLOSED - dt.timedelta(days=1), By("甲", AT)).said[0]
    assert before == f"撤销日期{CLOSED - dt.timedelta(days=1)}早于决定日期{CLOSED}"
    assert "没有编号" in naming.withdraw_title(year, "x", "", CLOSED, By("甲", AT)).said[0]
    states = titles_listing(year, "a", dt.date(2019, 3, 1))["state"].tolist()
    assert sorted(states) == ["已于2019-03-01撤销：材料不实", "有效"]
    assert set(titles_listing(year, "a", dt.date(2019, 2, 28))["state"]) == {"有效"}


def test_a_run_is_kept_once_and_replayed_though_all_else_changed(year: Context) -> None:
    first = award_year(year, DAY)
    assert award_year(year, DAY)["number"] == first["number"]
    keep_scores(year, score_rows(load_bundle(YUNNAN).programme, {"a": 10.0, "b": 10.0}))
    assert replay(year, first["run"]) == {"run": first["run"], "same_result": True, "same_code": True}
    second = award_year(year, DAY)
    assert second["number"] == 2
    assert the_run(year, None)["run_id"] == second["run"]


def test_an_earlier_day_does_not_know_later_reviews(year: Context) -> None:
    assert "prefecture" not in award_year(year, dt.date(2018, 1, 14))
    assert award_year(year, dt.date(2018, 1, 15))["prefecture"] == 2


def test_what_if_says_who_enters_and_leaves_and_keeps_nothing(year: Context) -> None:
    found = {each.level: each for each in what_if(year, DAY, {"pass_mark": "95"})}
    assert (found["prefecture"].named_now, found["prefecture"].leaves, found["prefecture"].enters) == (
        2,
        ("b",),
        (),
    )


def test_a_quota_filled_meanwhile_lets_nobody_more_in(year: Context) -> None:
    for tier in ("county", "prefecture"):
        mine = {
            each.tier: each.review_id for each in reviews_of(year.store, *year.key) if each.branch_id == "a"
        }
        change = Entry("a", tier, "recommend", "province", reason="推荐至省级", supersedes=mine[tier])
        assert not enter(year, [change], By("甲", AT)).refused
    assert not enter(year, [Entry("a", "province", "recommend", "province")], By("甲", AT)).refused
    assert award_year(year, DAY)["province"] == 1
    open_notices(year, None, OPENED, By("甲", AT))
    others = [title_row(f"t{n}") for n in range(38)]
    add_records(year.store, titles, others)
    assert ["名额已满，a党支部不能命名" in line for line in name(year)] == [True]
    assert ("a", "province") not in named(year)


def title_row(branch: str) -> dict[str, object]:
    """A provincial title of 2017 conferred by another way."""
    return {
        "title_id": branch, "programme": YUNNAN, "period": "2017", "branch_id": branch, "level": "province", "title": "省级",
        "node_id": "P530000", "conferred_by": "云南省", "decided_on": "2018-02-10", "valid_until": None, "document_number": "",
        "branch_name": branch, "unit_id": "P530102", "unit_code": "530102", "unit_name": "五华区", "highest": True,
        "run_id": None, "actor": "甲", "entered_at": "2018-02-10T00:00:00+08:00",
    }


def test_a_place_with_a_title_of_its_own_confers_that_and_another_the_common_one(home: Path) -> None:
    """遵义银辉 is Zunyi's: branches of other cities were named so, too."""
    context = award_in_two_cities()
    open_notices(context, None, dt.date(2025, 2, 5), By("甲", AT))
    naming.name_branches(context, None, dt.date(2025, 3, 1), "", By("甲", AT))
    conferred = {row["conferred_by"]: row["title"] for row in records_of(context.store, titles, TitleRow, "zunyi-six-good")}
    assert conferred == {"遵义市": "“遵义银辉”示范性党支部", "贵阳市": "市（州）级示范性党支部"}


def test_a_title_of_a_places_own_is_read_in_files_of_all() -> None:
    layout = load_bundle("zunyi-six-good").layout(Period.parse("2024H2"))
    column = next(each for each in layout.table("unit_figures").columns if each.key == "branches_named__prefecture")
    level = next(each for each in layout.table("honours").columns if each.key == "level")
    for title in ("市（州）级示范性党支部", "“遵义银辉”示范性党支部"):
        assert f"命名党支部数/{title}" in column.headings
        assert level.choices[title] == "prefecture"
