"""What is said of a review that an office enters: everything that is wrong with it, and nothing else."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from etl.core.awards.award import Review
from etl.core.awards.award_inputs import in_force, tier_paths
from etl.core.awards.review import Entry, Ground, drifts, problems
from etl.edges.programmes import load_bundle
from tests.support.naming import COUNTY, YUNNAN, register_of, review

DAY = dt.date(2018, 1, 15)
NODES = {"a": COUNTY, "side": "U530000-001"}
ONCE = review("a", "county", level="county")
UP = review("a", "county", level="prefecture")


def said(
    entry: Entry, *held: Review, programme: str = YUNNAN, period: str = "2017", nodes: dict[str, str] | None = None
) -> list[str]:
    """The keys of what is wrong with an entry, beside reviews in force."""
    by_branch = nodes or NODES
    paths = tier_paths(register_of(programme, period), by_branch.values())
    known: dict[str, dict[str, Review]] = {}
    for each in held:
        known.setdefault(each.branch_id, {})[each.tier] = each
    ground = Ground(
        load_bundle(programme).programme, {branch: paths[node] for branch, node in by_branch.items()}, known,
        {"rules_kept": Decimal(15)}, Decimal(100), DAY,
    )
    return [key for key, _ in problems(entry, ground)]


def county(verdict: str = "recommend", level: str = "county", **more: Any) -> Entry:
    """What the county says of branch a."""
    return Entry("a", "county", verdict, level, **more)


ENTRIES: list[tuple[Entry, list[str]]] = [
    (county(), []),
    (county(node_id=COUNTY), []),
    (county(node_id="P530103"), ["wrong_place"]),
    (Entry("z", "county", "maybe"), ["unknown_branch"]),  # whose it is comes first: nothing else is said
    (Entry("a", "township", "recommend"), ["tier_may_not"]),
    (Entry("side", "county", "recommend"), ["tier_absent"]),
    (Entry("a", "branch", "apply", "province", node_id="anything"), []),
    (Entry("a", "branch", "recommend", "county"), ["own_only_applies"]),
    (county("apply"), ["apply_is_own"]),
    (county("maybe"), ["unknown_verdict"]),
    (county(level=""), ["level_needed"]),
    (county(level="city"), ["unknown_level"]),
    (county("return", "", reason="缺台账"), []),
    (county("return", ""), ["reason_needed"]),
    (county("refuse", "", reason=" "), ["reason_needed"]),
    (county(points="0"), []),
    (county(points="100"), []),
    (county(points=" "), []),
    (county(points="100.01"), ["points_outside"]),
    (county(points="-0.01"), ["points_outside"]),
    (county(points="九十"), ["points_unreadable"]),
    (county(item_points={"rules_kept": "15"}), []),
    (county(item_points={"rules_kept": "0"}), []),
    (county(item_points={"rules_kept": "15.01"}), ["item_points_outside"]),
    (county(item_points={"rules_kept": "-1"}), ["item_points_outside"]),
    (county(item_points={"rules_kept": "十"}), ["points_unreadable"]),
    (county(item_points={"songs": "十"}), ["unknown_item"]),
    (county(visit={"visited_on": "2018-01-15"}), []),
    (county(visit={"visited_on": "2018-01-16"}), ["visit_in_future"]),
    (
        county("return", "", points="九十", supersedes="x"),
        ["reason_needed", "points_unreadable", "supersedes_unknown", "supersede_reason"],
    ),
]


@pytest.mark.parametrize(("entry", "wrong"), ENTRIES, ids=lambda value: None)
def test_all_that_is_wrong_with_an_entry_is_said_at_once(entry: Entry, wrong: list[str]) -> None:
    assert said(entry) == wrong


IN_TURN: list[tuple[Entry, list[Review], list[str]]] = [
    (county(), [ONCE], ["double"]),
    (county(reason="复核", supersedes=ONCE.review_id), [ONCE], []),
    (county(supersedes=ONCE.review_id), [ONCE], ["supersede_reason"]),
    (county(reason="复核", supersedes="x"), [ONCE], ["supersedes_unknown"]),
    (county(), [review("side", "county")], []),
    (Entry("a", "prefecture", "recommend", "prefecture"), [UP], []),
    (Entry("a", "prefecture", "recommend", "prefecture"), [ONCE], ["tier_below_missing"]),
    (Entry("a", "prefecture", "recommend", "prefecture"), [], ["tier_below_missing"]),
    (Entry("a", "prefecture", "recommend", "prefecture"), [review("a", "county", "refuse")], ["tier_below_missing"]),
    (Entry("a", "prefecture", "return", reason="退"), [], []),
    (Entry("side", "province", "recommend", "province"), [], []),  # nobody stands below
]


@pytest.mark.parametrize(("entry", "held", "wrong"), IN_TURN, ids=lambda value: None)
def test_a_tier_speaks_once_and_after_the_one_below(entry: Entry, held: list[Review], wrong: list[str]) -> None:
    assert said(entry, *held) == wrong


VISIT = {"visited_on": "2018-01-09"}
ON_SITE: list[tuple[Entry, list[str]]] = [
    (Entry("a", "prefecture", "recommend", "prefecture"), ["visit_missing"]),
    (Entry("a", "prefecture", "recommend", "prefecture", visit=VISIT), []),
    (Entry("a", "prefecture", "return", reason="退"), []),
    (Entry("b", "county", "recommend", "prefecture"), []),  # only the top inspects
    (Entry("a", "branch", "apply", "prefecture"), []),
]


@pytest.mark.parametrize(("entry", "wrong"), ON_SITE, ids=lambda value: None)
def test_the_top_of_an_inspection_programme_recommends_on_a_visit(entry: Entry, wrong: list[str]) -> None:
    nodes = {"a": "U420300-001", "b": "P420302"}
    assert said(entry, programme="shiyan-six-good", period="2024", nodes=nodes) == wrong


GAPS: list[tuple[list[float], list[str]]] = [
    ([0] * 7 + [9], ["b7 9"]),  # one of eight lies 2.65 deviations off
    ([0] * 6 + [9], []),  # one of seven 2.45, but seven are too few
    ([0] * 7 + [-9], ["b7 -9"]),
    ([0] * 4 + [9], []),
    ([3] * 9, []),
    ([5] * 7 + [14], ["b7 14"]),  # who is far from the others, not from nothing
    ([0] * 20 + [9, -10], ["b21 -10", "b20 9"]),  # the furthest first
    ([0] * 20 + [9, -9], ["b20 9", "b21 -9"]),
    ([-1, 1] * 2 + [0] * 3 + [2, -2], []),
]


@pytest.mark.parametrize(("gaps", "listed"), GAPS)
def test_self_assessments_beyond_two_deviations_of_eight_or_more_are_listed(gaps: list[float], listed: list[str]) -> None:
    reviews = [review(f"b{n}", "county", points=str(60 + n)) for n in range(len(gaps))]
    given = in_force([*reviews, review("without points", "county")])
    own = {f"b{n}": Decimal(str(60 + n + gap)) for n, gap in enumerate(gaps)}
    own |= dict.fromkeys(("unreviewed", "without points"), Decimal(1))
    assert [f"{each.branch_id} {each.gap}" for each in drifts(given, own, load_bundle(YUNNAN).programme)] == listed
