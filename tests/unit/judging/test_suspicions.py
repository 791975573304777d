"""The views of suspicion: how a branch stands to its past and its peers, what a unit's branches look like together."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from etl.core.programmes.sourced import Dated
from etl.core.programmes.suspicion_limits import Suspicions
from etl.edges.programmes import load_bundle, load_rules
from etl.edges.validation import run_suites
from etl.edges.workbench import Workbench, no_figures
from tests.support import bench as bench_module
from tests.support.bench import bench, counties, view

YUNNAN, UNIT = "yunnan-model-branch", "P530102"
LIMITS: dict[str, Any] = {
    "leap": {"pct": 60, "min_base": 20},
    "peers": {"min_branches": 5, "z_score": 1.9, "modified_z": 8, "min_max": 2},
    "ceilings": {"min_branches": 4, "share": 0.75, "most": [{"indicator": "room_haves", "value": 6, "origin": "assumed"}]},
    "heaps": {"min_branches": 4, "min_value": 20, "multiples_of_10": 0.5, "multiples_of_5": 0.6, "equal": 0.7},
    "copies": {"min_characters": 20, "similarity": 95, "min_figures": 4},
    "evidence": {"min_activities": 4},
}


@pytest.fixture(scope="module", autouse=True)
def _limits() -> Iterator[None]:
    bundle = load_bundle(YUNNAN)
    sourced = {name: {**each, "origin": "assumed"} for name, each in LIMITS.items()}
    dated = Dated[Suspicions].model_validate({"value": sourced, "origin": "assumed"})
    chosen = replace(bundle, programme=bundle.programme.model_copy(update={"suspicions": dated}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench_module, "load_bundle", lambda _key: chosen)
        yield


def _branches(column: str, values: Sequence[object], unit: str = UNIT) -> list[dict[str, str | None]]:
    code = unit[1:]
    return [
        {"branch_id": f"{code}-B{n:03d}", "branch_name": f"第{n}支部", column: None if value is None else str(value)}
        for n, value in enumerate(values, 1)
    ]


def _told(made: Workbench, *more: str) -> list[tuple[Any, ...]]:
    """Rule, subject, column, found, expected, and `more`, of what the suites of suspicion say."""
    suites = [each for each in load_rules() if each.suite in ("peer_figures", "unit_patterns", "copies", "evidence")]
    rows = run_suites(made, suites).to_pylist()
    assert {row["level"] for row in rows} <= {"warning"}
    names = ("rule", "subject_id", "column_key", "observed", "expected", *more)
    return sorted(tuple(row[name] for name in names) for row in rows)


def _made(folder: Path, column: str, values: Sequence[object]) -> Workbench:
    return bench(folder, {(UNIT, "branches"): _branches(column, values)})


def test_distances_are_those_of_the_textbooks(tmp_path: Path) -> None:
    values = [101, 110, 93, 105, 98, 1200]
    made = _made(tmp_path, "funds_paid", values)
    found = view(made, "peer_figures", "z_score", "modified_z", "outside_range", column_key="funds_paid")
    mean, deviation, median = statistics.mean(values), statistics.pstdev(values), statistics.median(values)
    spread = statistics.median(abs(value - median) for value in values)
    for value, (z_score, modified, outside) in zip(values, found, strict=True):
        assert z_score == pytest.approx(abs(value - mean) / deviation)
        assert modified == pytest.approx(0.6745 * abs(value - median) / spread)
        rest = [other for other in values if other != value]
        expected = max(min(rest) - value, value - max(rest), 0) / (max(rest) - min(rest))
        assert outside == pytest.approx(expected)


def test_a_digit_too_many_is_asked_about_by_its_value(tmp_path: Path) -> None:
    told = _told(_made(tmp_path, "funds_paid", [101, 111, 93, 106, 98, 1200]))
    assert told == [(rule, "530102-B006", "funds_paid", "1200", "103.5") for rule in ("P02", "P03", "P04")]


def test_too_few_branches_or_equal_ones_are_not_compared(tmp_path: Path) -> None:
    filed = {(UNIT, "branches"): _branches("theme_days", [1, 2, 3, 9]),
             ("P530103", "branches"): _branches("theme_days", [7, 7, 7, 7, 7], "P530103")}
    columns = ("z_score", "modified_z", "outside_range")
    found = view(bench(tmp_path, filed), "peer_figures", *columns, column_key="theme_days")
    assert found == [(None, None, None)] * 9


def test_a_unit_is_compared_with_itself_whoever_is_judged_with_it(tmp_path: Path) -> None:
    mine, theirs = _branches("funds_paid", [101, 111, 93, 106, 98]), _branches("funds_paid", [9000, 9111, 9222], "P530103")
    alone = view(bench(tmp_path, {(UNIT, "branches"): mine}), "peer_figures", "z_score", "modified_z")
    both = bench(tmp_path, {(UNIT, "branches"): mine, ("P530103", "branches"): theirs})
    together = view(both, "peer_figures", "z_score", "modified_z", unit_id=UNIT)
    assert [pytest.approx(row) for row in alone] == together  # in which order DuckDB adds up is its own affair


def test_a_branch_whose_members_are_counted_elsewhere_is_no_outlier(tmp_path: Path) -> None:
    numbers = [31, 33, 36, 38, 34, 0]
    elsewhere = _branches("members", numbers, "P530103")
    elsewhere[-1]["branch_kind"] = "功能性党支部"
    told = _told(bench(tmp_path, {(UNIT, "branches"): _branches("members", numbers), ("P530103", "branches"): elsewhere}))
    assert [(rule, subject) for rule, subject, *_ in told] == [(rule, "530102-B006") for rule in ("P02", "P03", "P04")]


@pytest.mark.parametrize(
    ("column", "asked"),
    [("members_swept", []), ("volunteer_activities", ["P02", "P03", "P04"])],
    ids=["their people are elsewhere, too", "what a branch does is its own"],
)
def test_nobody_swept_at_a_branch_without_members_of_its_own_is_no_outlier(
    tmp_path: Path, column: str, asked: list[str]
) -> None:
    rows = _branches(column, [31, 33, 36, 38, 34, 0])
    assert [rule for rule, *_ in _told(bench(tmp_path / "ordinary", {(UNIT, "branches"): rows}))] == ["P02", "P03", "P04"]
    rows[-1]["branch_kind"] = "临时性党支部"
    assert [rule for rule, *_ in _told(bench(tmp_path / "temporary", {(UNIT, "branches"): rows}))] == asked


def test_a_leap_is_more_than_the_limit_from_a_base_large_enough(tmp_path: Path) -> None:
    before_and_now = [(20, 32), (20, 33), (20, 7), (20, 8), (19, 190), (20, None)]
    units = counties(len(before_and_now))  # one branch each, so that none is its peers' outlier
    both = list(zip(units, before_and_now, strict=True))
    filed = {(unit, "branches"): _branches("committee_seats", [now], unit) for unit, (_, now) in both}
    previous = [
        {"unit_id": unit, "subject_id": f"{unit[1:]}-B001", "indicator": "committee_seats", "part": "", "value": Decimal(before),
         "counted": True}
        for unit, (before, _) in both
    ]
    told = _told(bench(tmp_path, filed, previous_figures=pa.Table.from_pylist(previous, schema=no_figures().schema)))
    leaps = [("P01", f"{units[1][1:]}-B001", "33"), ("P01", f"{units[2][1:]}-B001", "7")]
    assert [(rule, subject, observed) for rule, subject, _, observed, _ in told] == leaps


PATTERNS: Mapping[str, tuple[str, Sequence[int], list[tuple[str, str, str | None]]]] = {
    "three of four at the ceiling is the limit": ("room_haves", [6, 6, 6, 5], []),
    "all at the ceiling": ("room_haves", [6, 6, 6, 6], [("Q01", "100.0%", "4÷4＝100.0%")]),
    "half by ten is the limit": ("funds_paid", [120, 230, 341, 452], []),
    "most by ten": ("funds_paid", [120, 230, 340, 452], [("Q02", "75.0%", "3÷4＝75.0%")]),
    "most by five": ("funds_paid", [125, 235, 345, 452], [("Q03", "75.0%", "3÷4＝75.0%")]),
    "by ten and by five is told once": ("funds_paid", [120, 230, 340, 455], [("Q02", "75.0%", "3÷4＝75.0%")]),
    "most the same": ("funds_paid", [117, 117, 117, 204], [("Q04", "117", None)]),
    "small numbers are often round": ("funds_paid", [10, 10, 10, 10], []),
    "three branches are too few": ("funds_paid", [120, 120, 120], []),
}


@pytest.fixture(scope="module")
def patterns_told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[str, str, str | None]]]:
    """Case → rule, found, and how it is shown, of what is said of a unit's branches together, each in a county of its own."""
    units = dict(zip(PATTERNS, counties(len(PATTERNS)), strict=True))
    filed = {(unit, "branches"): _branches(*PATTERNS[case][:2], unit) for case, unit in units.items()}
    told = _told(bench(tmp_path_factory.mktemp("patterns"), filed), "shown")
    return {
        case: [(rule, observed, shown) for rule, subject, _, observed, _, shown in told if subject == unit]
        for case, unit in units.items()
    }


@pytest.mark.parametrize("case", PATTERNS)
def test_what_branches_look_like_together(patterns_told: dict[str, list[tuple[str, str, str | None]]], case: str) -> None:
    assert patterns_told[case] == PATTERNS[case][2]


def test_equal_rows_are_told_at_the_later_branch(tmp_path: Path) -> None:
    figures = {"members": "20", "attendance_due": "40", "theme_days": "6", "party_meetings": "2", "dues_collected": "0"}
    rows = [row | figures for row in _branches("committee_seats", ["", "", 3])]
    other = [row | figures for row in _branches("committee_seats", [""], "P530103")]
    few = [row | {"members": "9", "theme_days": "0"} for row in _branches("committee_seats", ["", ""], "P530111")]
    filed = {(UNIT, "branches"): rows, ("P530103", "branches"): other, ("P530111", "branches"): few}
    assert _told(bench(tmp_path, filed)) == [
        ("K03", "530102-B002", "branch_id", "530102-B002", "530102-B001"),
        ("K03", "530103-B001", "branch_id", "530103-B001", "530102-B001"),
    ]


def _as_before(rows: Sequence[Mapping[str, str | None]], **other: str) -> pa.Table:
    """The figures of the period before: those of the rows, but for what is said otherwise of the first."""
    told = [{**row, **(other if at == 0 else {})} for at, row in enumerate(rows)]
    filed = [
        {"unit_id": UNIT, "subject_id": row["branch_id"], "indicator": key, "part": "", "value": Decimal(value), "counted": True}
        for row in told
        for key, value in row.items()
        if key not in ("branch_id", "branch_name") and value
    ]
    return pa.Table.from_pylist(filed, schema=no_figures().schema)


@pytest.mark.parametrize(("now", "before", "told"), [
    ({}, {}, True), ({}, {"dues_collected": "1201"}, False), ({"theme_days": ""}, {}, True), ({"theme_days": "6"}, {}, False),
    ({"party_meetings": "0"}, {}, False), ({"theme_days": "0"}, {"theme_days": ""}, False),
], ids=["all the same", "one differs", "both left one out", "one is new", "too few", "nothing is not zero"])
def test_a_row_that_is_its_own_of_the_period_before_is_asked_about(
    tmp_path: Path, now: dict[str, str], before: dict[str, str], told: bool
) -> None:
    figures = {"members": "20", "attendance_due": "40", "party_meetings": "2", "dues_collected": "1200"} | now
    rows = [row | figures for row in _branches("committee_seats", [""])]
    then = _as_before(rows, **({"theme_days": ""} | before))
    made = bench(tmp_path, {(UNIT, "branches"): rows}, previous_figures=then)
    expected = [("K04", "530102-B001", "branch_id", made.period.previous().zh, "与上期不全相同")] if told else []
    assert _told(made) == expected
    shown = ["各项数字与2017年下半年相同"] if told else []  # nobody filed the name of a half-year
    assert [row["shown"] for row in run_suites(made, load_rules()).to_pylist() if row["rule"] == "K04"] == shown


def test_stocks_alone_may_stay_as_they_were(tmp_path: Path) -> None:
    stocks = {"members": "20", "room_haves": "5", "committee_seats_filled": "3"}
    rows = [row | stocks for row in _branches("committee_seats", [3])]
    assert _told(bench(tmp_path, {(UNIT, "branches"): rows}, previous_figures=_as_before(rows))) == []


def test_units_that_write_the_same_are_told_whose_it_is(tmp_path: Path) -> None:
    text = "依托老年大学建立银龄课堂，组织老同志宣讲12场，带动周边支部共学共建"
    filed: dict[tuple[str, str], list[Mapping[str, str | None]]] = {
        (unit, "unit_figures"): [{"main_practices": words}]
        for unit, words in ((UNIT, text), ("P530103", text), ("P530111", text.replace("12", "15")))
    }
    made = bench(tmp_path, filed)
    first = next(unit.name for unit in made.register.units if unit.unit_id == UNIT)
    assert _told(made) == [
        ("K01", "P530103", "main_practices", text, first), ("K02", "P530111", "main_practices", text.replace("12", "15"), first),
    ]


def test_activities_without_one_entry_in_the_ledger_are_asked_about(tmp_path: Path) -> None:
    few, enough, entered, no_ledger = counties(4)
    reported = {few: 3, enough: 4, entered: 9, no_ledger: 9}
    filed: dict[tuple[str, str], list[dict[str, str | None]]] = {
        (unit, "branches"): _branches("party_meetings", [number, 1], unit) for unit, number in reported.items()
    }
    entry = {"held_on": "2018-03-05", "activity_kind": "主题党日", "activity_title": "甲"}
    for unit, branches in ((few, (2,)), (enough, (2,)), (entered, (2, 1))):  # a unit that keeps no ledger is not asked
        filed[unit, "activities"] = [entry | {"branch_id": f"{unit[1:]}-B{n:03d}"} for n in branches]
    assert _told(bench(tmp_path, filed)) == [("V01", f"{enough[1:]}-B001", "party_meetings", "4", "0")]


def test_activities_of_several_kinds_are_told_with_what_they_add_up_from(tmp_path: Path) -> None:
    one, several = counties(2)
    entry = {"held_on": "2018-03-05", "activity_kind": "主题党日", "activity_title": "甲"}
    filed: dict[tuple[str, str], list[dict[str, str | None]]] = {}
    for unit, more in ((one, {"theme_days": "0"}), (several, {"theme_days": "6"})):
        filed[unit, "branches"] = [row | more for row in _branches("party_meetings", [4], unit)]
        filed[unit, "branches"] += _branches("party_meetings", ["", 1], unit)[1:]
        filed[unit, "activities"] = [entry | {"branch_id": f"{unit[1:]}-B002"}]
    told = [(subject, observed, shown) for _, subject, _, observed, _, shown in _told(bench(tmp_path, filed), "shown")]
    assert told == [(f"{one[1:]}-B001", "4", None), (f"{several[1:]}-B001", "10", "4＋6＝10")]
