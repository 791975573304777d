"""Reviews: what is kept and what is answered, side by side, lists, the workbook's round trip. Each rule: test_review_rules."""

import datetime as dt
import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from etl.core.awards.award_inputs import in_force
from etl.core.awards.branch_records import Fact
from etl.core.awards.review import Entry, points_of
from etl.core.returns.events import By
from etl.core.year_rows import FactRow
from etl.edges.programmes import load_bundle
from etl.edges.store.awards import reviews_of
from etl.edges.store.records import records_of
from etl.edges.store.schema import branch_records
from etl.stages.award_records import award_inputs
from etl.stages.branch_facts import keep_fact
from etl.stages.context import Context, open_year
from etl.stages.review import enter, review_listing
from etl.stages.review_lists import (
    csv_entries,
    decide_list,
    import_reviews,
    pending_lists,
    review_workbook,
    standing_lists,
)
from tests.support.naming import YUNNAN, keep_scores, score_rows

AT = dt.datetime(2018, 1, 15, 9, tzinfo=dt.UTC)
PROGRAMME = load_bundle(YUNNAN).programme
COUNTY_SAYS = Entry("a", "county", "recommend", "prefecture", "95.5")


@pytest.fixture
def year(home: Path) -> Context:
    """A year of two county branches and one of a provincial unit, scored."""
    context = open_year(YUNNAN, "2017")
    rows = [
        *score_rows(PROGRAMME, {"a": 92.0, "b": 91.0}),
        *score_rows(PROGRAMME, {"side": 90.0}, node_id="U530000-001"),
    ]
    keep_scores(context, rows)
    return context


def answer(year: Context, *entries: Entry) -> str:
    """The reasons for which the last entry was refused; empty if it was taken."""
    refused = enter(year, entries, By("甲", AT)).refused
    return "；".join(refused[-1].reasons) if refused and refused[-1].number == len(entries) else ""


@pytest.mark.parametrize(("hour", "counts"), [("15:59:59.999999", True), ("16:00:00", False)])
def test_what_was_entered_by_the_end_of_a_day_in_china_counts_on_it(year: Context, hour: str, counts: bool) -> None:
    """Of reviews and of other records alike."""
    at, day = dt.datetime.fromisoformat(f"2018-01-15T{hour}+00:00"), dt.date(2018, 1, 15)
    assert enter(year, [COUNTY_SAYS], By("甲", at)).refused == ()
    assert keep_fact(year, Fact("rectification", "a", "P530102", dt.date(2017, 10, 1)), By("甲", at)).said == ()
    assert len(reviews_of(year.store, *year.key, day)) == counts
    assert len(records_of(year.store, branch_records, FactRow, YUNNAN, day)) == counts
    assert len(reviews_of(year.store, *year.key)) == len(records_of(year.store, branch_records, FactRow, YUNNAN)) == 1


REFUSED: dict[str, tuple[Entry, str]] = {
    "an unknown branch": (Entry("z", "county", "recommend", "county"), "没有编码为z的支部"),
    "a tier that may not": (Entry("a", "township", "recommend", "county"), "不参加本方案的评审"),
    "a tier that is not above": (Entry("side", "county", "recommend", "county"), "上面没有县（市、区）"),
    "another place": (
        Entry("a", "county", "recommend", "county", node_id="P530103"),
        "由五华区评审，不由盘龙区评审",
    ),
    "an unknown verdict": (Entry("a", "county", "maybe"), "无法识别"),
    "an application for another": (Entry("a", "county", "apply", "county"), "只能由支部自己填报"),
    "a branch that judges itself": (Entry("a", "branch", "recommend", "county"), "只能填“申报”"),
    "no level": (Entry("a", "county", "recommend"), "须写明推荐到哪一级"),
    "an unknown level": (Entry("a", "county", "recommend", "city"), "没有“city”"),
    "no reason": (Entry("a", "county", "return"), "须写明理由"),
    "points that are none": (Entry("a", "county", "recommend", "county", "九十"), "不是数字"),
    "too many points": (Entry("a", "county", "recommend", "county", "100.01"), "不在0到100之间"),
    "an unknown item": (
        Entry("a", "county", "recommend", "county", item_points={"songs": "1"}),
        "没有“songs”",
    ),
    "too much for an item": (
        Entry("a", "county", "recommend", "county", item_points={"rules_kept": "16"}),
        "不在0到15之间",
    ),
    "before the tier below": (Entry("a", "prefecture", "recommend", "prefecture"), "不能越级推荐"),
    "a record to replace that is not": (
        Entry("a", "county", "recommend", "county", reason="改", supersedes="x"),
        "不存在",
    ),
}


def test_what_cannot_be_taken_is_answered_and_not_kept(year: Context) -> None:
    told = {case: answer(year, entry) for case, (entry, _) in REFUSED.items()}
    assert [case for case, (_, said) in REFUSED.items() if said not in told[case]] == []
    assert reviews_of(year.store, *year.key) == []


def test_a_review_twice_is_answered_and_the_same_again_is_the_same(year: Context) -> None:
    assert answer(year, COUNTY_SAYS) == ""
    again = enter(year, [COUNTY_SAYS], By("甲", AT))
    assert (again.review_ids, again.again, again.refused) == ((), 1, ())
    assert "已于2018-01-15评审过该支部（推荐）" in answer(
        year, Entry("a", "county", "return", reason="缺台账")
    )


def test_a_review_is_replaced_by_another_that_names_it_and_both_stay(year: Context) -> None:
    (first,) = enter(year, [COUNTY_SAYS], By("甲", AT)).review_ids
    change = Entry("a", "county", "return", reason="复核台账不全", supersedes=first)
    assert answer(year, change) == ""
    listed = reviews_of(year.store, *year.key)
    assert len(listed) == 2
    assert in_force(listed)["a", "county"].verdict == "return"


def test_a_tier_comes_only_to_those_recommended_up_to_it(year: Context) -> None:
    enter(year, [Entry("a", "county", "recommend", "county")], By("甲", AT))
    assert "尚未把该支部推荐到州（市）" in answer(year, Entry("a", "prefecture", "recommend", "prefecture"))
    assert [row["name"] for row in pending_lists(year)] == ["五华区", "云南省"]


def test_the_rest_is_taken_when_one_is_refused(year: Context) -> None:
    taken = enter(
        year,
        [COUNTY_SAYS, Entry("z", "county", "return"), Entry("b", "county", "refuse", reason="缺")],
        By("甲", AT),
    )
    assert (len(taken.review_ids), [each.number for each in taken.refused]) == (2, [2])


def test_an_inspection_wants_its_visit(home: Path) -> None:
    context = open_year("shiyan-six-good", "2024")
    keep_scores(context, score_rows(context.bundle.programme, {"a": 92.0}, node_id="U420300-001"))
    at = dt.datetime(2024, 12, 1, 9, tzinfo=dt.UTC)

    def said(visit: dict[str, str] | None) -> list[str]:
        refused = enter(
            context, [Entry("a", "prefecture", "recommend", "prefecture", visit=visit)], By("甲", at)
        ).refused
        return [reason for each in refused for reason in each.reasons]

    assert "检查记录" in said(None)[0]
    assert "晚于录入日期" in said({"visited_on": "2024-12-02"})[0]
    assert (
        said({"visited_on": "2024-07-09", "steps": "听取汇报", "places": "活动室", "findings": "规范"}) == []
    )


def test_scores_stand_side_by_side(year: Context) -> None:
    enter(year, [Entry("a", "branch", "apply", "province", "97"), COUNTY_SAYS], By("甲", AT))
    row = review_listing(year).to_dict("records")[0]
    assert (str(row["measured"]), str(row["branch_points"]), str(row["county_points"])) == (
        "92.00",
        "97.00",
        "95.50",
    )
    assert (row["county_verdict"], row["prefecture_verdict"]) == ("推荐", "")


def test_the_score_that_a_branch_filed_stands_beside_the_tiers_until_it_says_another(year: Context) -> None:
    filed = {"a": 9600, "b": None}
    keep_scores(year, [row | {"self_points": filed[row["branch_id"]]} for row in score_rows(PROGRAMME, {"a": 92.0, "b": 91.0})])
    enter(year, [COUNTY_SAYS], By("甲", AT))

    def beside() -> list[tuple[str, str, str]]:
        rows = review_listing(year).to_dict("records")
        return [(row["branch_id"], str(row["branch_points"]), str(row["county_points"])) for row in rows]

    assert beside() == [("a", "96.00", "95.50")]  # b neither filed a score nor was reviewed
    sheet = openpyxl.load_workbook(io.BytesIO(review_workbook(year, "prefecture", "530100")))["评审表"]
    assert {cell.value: sheet.cell(6, cell.column).value for cell in sheet[5]}["自评得分"] == 96
    enter(year, [Entry("a", "branch", "apply", "province", "97")], By("甲", AT))
    assert beside() == [("a", "97.00", "95.50")]


@pytest.mark.parametrize(
    ("text", "points"), [("95.5", "95.5"), (" 95 ", "95"), ("95.555", None), ("", None), ("NaN", None)]
)
def test_points_have_two_decimals_at_most(text: str, points: str | None) -> None:
    found = points_of(text)
    assert (None if found is None else str(found)) == points


def filled(content: bytes, **cells: str) -> bytes:
    """The workbook with cells of the first branch filled in, by their Chinese heading."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["评审表"]
    headings = {cell.value: cell.column for cell in sheet[5]}
    for heading, text in cells.items():
        sheet.cell(6, headings[heading], text)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_goes_out_and_comes_back(year: Context) -> None:
    content = filled(
        review_workbook(year, "county", "530102"),
        评审意见="推荐",
        推荐级别="州（市）级示范党支部",
        评审得分="96.25",
        理由="好",
    )
    came = import_reviews(year, content, "回.xlsx", By("甲", AT))
    assert (came.refusal, len(came.taken.review_ids), came.taken.refused) == ("", 1, ())
    (kept,) = reviews_of(year.store, *year.key)
    assert (kept.branch_id, kept.tier, kept.verdict, kept.level, str(kept.points)) == (
        "a",
        "county",
        "recommend",
        "prefecture",
        "96.25",
    )
    assert import_reviews(year, content, "回.xlsx", By("甲", AT)).taken.again == 1


def test_only_those_whose_turn_it_is_are_on_the_list(year: Context) -> None:
    def listed(tier: str, code: str) -> list[str]:
        sheet = openpyxl.load_workbook(io.BytesIO(review_workbook(year, tier, code)))["评审表"]
        return [sheet.cell(row, 1).value for row in range(6, sheet.max_row + 1)]

    assert (listed("county", "530102"), listed("prefecture", "530100"), listed("province", "530000")) == (
        ["a", "b"],
        [],
        ["side"],
    )
    enter(year, [COUNTY_SAYS], By("甲", AT))
    assert (listed("county", "530102"), listed("prefecture", "530100")) == (["b"], ["a"])


def shown(year: Context) -> str:
    """The digest of the first list that waits."""
    return str(pending_lists(year)[0]["digest"])


def test_a_whole_list_is_signed_off_at_once(year: Context) -> None:
    assert [(row["name"], row["branches"]) for row in pending_lists(year)] == [("五华区", 2), ("云南省", 1)]
    answer = decide_list(year, "county", "530102", shown(year), "recommend", "prefecture", "", By("甲", AT))
    assert (answer.refusal, len(answer.taken.review_ids)) == ("", 2)
    assert [(row["name"], row["branches"]) for row in pending_lists(year)] == [("昆明市", 2), ("云南省", 1)]
    sent_back = decide_list(year, "prefecture", "530100", shown(year), "return", "", "", By("甲", AT)).taken
    assert [reason for each in sent_back.refused for reason in each.reasons] == [
        "退回或不予推荐须写明理由"
    ] * 2


def _one_is_reviewed(year: Context) -> None:
    enter(year, [COUNTY_SAYS], By("甲", AT))


def _scores_move(year: Context) -> None:
    keep_scores(year, score_rows(PROGRAMME, {"a": 92.0, "b": 91.01}))


def _one_is_new(year: Context) -> None:
    keep_scores(year, score_rows(PROGRAMME, {"a": 92.0, "b": 91.0, "c": 90.0}))


def _a_branch_applies(year: Context) -> None:
    enter(year, [Entry("b", "branch", "apply", "county", "97")], By("甲", AT))


@pytest.mark.parametrize("change", [_one_is_reviewed, _scores_move, _one_is_new, _a_branch_applies])
def test_an_answer_to_a_list_that_has_changed_since_is_refused(year: Context, change: Callable[[Context], None]) -> None:
    seen = shown(year)
    change(year)
    before = reviews_of(year.store, *year.key)
    answer = decide_list(year, "county", "530102", seen, "recommend", "", "", By("乙", AT))
    assert "名单在提请后有变化" in answer.refusal
    assert f"校验码{shown(year)}" in answer.refusal
    assert reviews_of(year.store, *year.key) == before
    assert decide_list(year, "county", "530102", shown(year), "recommend", "", "", By("乙", AT)).refusal == ""


def test_what_happens_on_another_list_changes_nothing_of_this_one(year: Context) -> None:
    seen = shown(year)
    enter(year, [Entry("side", "province", "recommend", "province")], By("甲", AT))
    assert decide_list(year, "county", "530102", seen, "recommend", "", "", By("乙", AT)).refusal == ""


def test_a_changed_or_foreign_workbook_is_refused_whole(year: Context) -> None:
    content = review_workbook(year, "county", "530102")
    for spoilt in (filled(content, 支部编码="side"), b"PK", b""):
        came = import_reviews(year, spoilt, "回.xlsx", By("甲", AT))
        assert "不是本系统发出的评审表" in came.refusal
    other = open_year(YUNNAN, "2018")
    keep_scores(other, score_rows(PROGRAMME, {"a": 92.0}))
    assert "不属于" in import_reviews(other, content, "回.xlsx", By("甲", AT)).refusal


ITEMS = [
    ({"study_points": "12.5", "lectures": "2"}, 1450),
    ({"study_points": "12.5", "meetings_missed": "2.5"}, 1000),  # a deduction comes off
    ({"study_points": "2", "meetings_missed": "5"}, 0),
]


@pytest.mark.parametrize(("points", "total"), ITEMS)
def test_points_given_item_by_item_add_up_as_the_rubric_says(home: Path, points: dict[str, str], total: int) -> None:
    year = open_year("zaozhuang-true-colour-home", "2021")
    keep_scores(year, score_rows(year.bundle.programme, {"a": 0.0, "b": 0.0}, node_id="P370402"))
    given = Entry("b", "county", "recommend", "standardised", item_points=points)
    assert enter(year, [given], By("甲", AT)).refused == ()
    assert award_inputs(year, AT.date()).reviews[["branch_id", "points"]].values.tolist() == [["b", total]]


def test_points_given_item_by_item_are_shown_as_what_they_come_to(home: Path) -> None:
    year = open_year("zaozhuang-true-colour-home", "2021")
    keep_scores(year, score_rows(year.bundle.programme, {"a": 0.0, "b": 0.0}, node_id="P370402"))
    in_all = Entry("a", "county", "recommend", "advanced", "91.5")
    by_item = Entry("b", "county", "recommend", "advanced", item_points={"study_points": "12.5", "meetings_missed": "2.5"})
    assert enter(year, [in_all, by_item], By("甲", AT)).refused == ()
    points = [Decimal("91.5"), Decimal(10)]
    assert review_listing(year)["county_points"].tolist() == points
    above = standing_lists(year)["prefecture", "P370400"]
    assert [each.below and each.below.points for each in above] == points


def test_a_csv_is_read_with_items_and_visits() -> None:
    text = (
        "branch_id,tier,verdict,level,item:rules_kept,visited_on\na,county,recommend,county,12.5,2017-12-01\n"
    )
    (entry,) = csv_entries(text.encode("utf-8-sig"))
    assert (entry.item_points, entry.visit) == ({"rules_kept": "12.5"}, {"visited_on": "2017-12-01"})
