"""The views `activities` and `honours`: one record a row, looked up against the branches."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.support.bench import bench, counties, view

UNIT, B1, B2 = "P530102", "530102-B001", "530102-B002"
BRANCHES = [{"branch_id": B1, "branch_name": "甲支部"}, {"branch_id": B2, "branch_name": "乙支部", "rectifying": "是"}]
ENTRY = {"branch_id": B1, "held_on": "2018-03-05", "activity_kind": "主题党日", "activity_title": "甲"}
COUNTY = "县（市、区）级示范党支部"
NAMING = {"honour_kind": "命名", "level": COUNTY, "branch_id": B1, "recipient": "甲支部", "decided_on": "2018-06-01"}
PREFECTURE, PROVINCE = {"level": "州（市）级示范党支部"}, {"level": "省级示范党支部"}
_TOLD = ("unknown_branch", "unreadable_day", "day_outside_period", "unknown_kind", "unreadable_count", "repeated_entry")
_WRONG = ("unknown_kind", "unknown_branch", "level_below_missing", "still_rectifying", "missing_recipient", "unknown_level",
          "unreadable_day")  # fmt: skip


def _entries(folder: Path, *entries: dict[str, str | None], columns: tuple[str, ...] = _TOLD) -> list[tuple[Any, ...]]:
    made = bench(folder, {(UNIT, "branches"): BRANCHES, (UNIT, "activities"): entries})
    return view(made, "activities", *columns)


def _wrong(names: tuple[str, ...], row: tuple[Any, ...]) -> dict[str, Any]:
    return {name: value for name, value in zip(names, row, strict=True) if value is not None}


ENTRIES: list[tuple[dict[str, str | None], dict[str, str]]] = [
    ({}, {}),
    ({"branch_id": "５３０１０２-b001"}, {}),
    ({"branch_id": "530102-B009"}, {"unknown_branch": "530102-B009"}),
    ({"branch_id": None}, {"unknown_branch": "未填"}),
    ({"held_on": None}, {"unreadable_day": "未填"}),
    ({"held_on": "三月五日"}, {"unreadable_day": "三月五日"}),
    ({"held_on": "2018年6月30日"}, {}),
    ({"held_on": "2018-07-01"}, {"day_outside_period": "2018-07-01"}),
    ({"held_on": "2017-12-31"}, {"day_outside_period": "2017-12-31"}),
    ({"activity_kind": "聚餐"}, {"unknown_kind": "聚餐"}),
    ({"attendance_due": "25人"}, {}),
    ({"attendance_due": "25户"}, {"unreadable_count": "25户"}),
    ({"attendance_present": "-1"}, {"unreadable_count": "-1"}),
    ({"attendance_excused": "1.5"}, {"unreadable_count": "1.5"}),
]


@pytest.fixture(scope="module")
def entries_told(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What is wrong with each of ENTRIES; titles of their own keep them from being repeats."""
    filed = [{**ENTRY, "activity_title": f"第{n}次", **change} for n, (change, _) in enumerate(ENTRIES)]
    return [_wrong(_TOLD, row) for row in _entries(tmp_path_factory.mktemp("entries"), *filed)]


@pytest.mark.parametrize("case", range(len(ENTRIES)), ids=lambda case: str(ENTRIES[case][0]))
def test_an_entry_is_told_what_is_wrong_with_it(entries_told: list[dict[str, Any]], case: int) -> None:
    assert entries_told[case] == ENTRIES[case][1]


def test_the_first_of_equal_entries_is_no_repeat(tmp_path: Path) -> None:
    other_day = ENTRY | {"held_on": "2018-03-06"}
    found = _entries(tmp_path, ENTRY, ENTRY, other_day, ENTRY | {"held_on": "2018/3/5"}, columns=("repeated_entry",))
    assert found == [(None,), ("甲",), (None,), ("甲",)]


def test_present_and_excused_are_added_for_the_comparison_with_due(tmp_path: Path) -> None:
    entry = ENTRY | {"attendance_due": "20", "attendance_present": "１９", "attendance_excused": "2"}
    columns = ("attendance_due", "attended_or_excused")
    assert _entries(tmp_path, entry, columns=columns) == [(20, 21)]
    assert _entries(tmp_path, ENTRY, columns=columns) == [(None, 0)]


def test_repeats_are_not_counted_in_the_ledger(tmp_path: Path) -> None:
    made = bench(tmp_path, {(UNIT, "branches"): BRANCHES, (UNIT, "activities"): [ENTRY, ENTRY, ENTRY | {"activity_title": "乙"}]})
    with made.engine.connect() as connection:
        rows = connection.exec_driver_sql("select branch_id, activity_kind, entries from ledger_counts").fetchall()
    assert [tuple(row) for row in rows] == [(B1, "theme_day", 2)]


def _honours(folder: Path, *rows: dict[str, str | None], **before: pa.Table) -> list[dict[str, Any]]:
    made = bench(folder, {(UNIT, "branches"): BRANCHES, (UNIT, "honours"): rows}, **before)
    return [_wrong(_WRONG, row) for row in view(made, "honours", *_WRONG)]


HONOURS: list[tuple[dict[str, str | None], dict[str, str]]] = [
    ({}, {}),
    ({"branch_id": B2}, {"still_rectifying": B2}),
    ({"branch_id": "530102-B009"}, {"unknown_branch": "530102-B009"}),
    ({"branch_id": None}, {"unknown_branch": "未填"}),
    ({**PREFECTURE}, {"level_below_missing": "州（市）级示范党支部"}),
    ({"level": "国家级"}, {"unknown_level": "国家级"}),
    ({"level": None}, {"unknown_level": "未填"}),
    ({"honour_kind": "奖金"}, {"unknown_kind": "奖金"}),
    ({"honour_kind": "表扬", "branch_id": None, "level": None}, {}),  # praise may be of anybody
    ({"recipient": None}, {"missing_recipient": "未填"}),
    ({"decided_on": None}, {}),
    ({"decided_on": "2017-06-01"}, {"unreadable_day": "2017-06-01"}),
]


@pytest.fixture(scope="module")
def honours_told(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What is wrong with each of HONOURS, each of a county of its own: a naming counts for those above it."""

    def moved(row: Mapping[str, str | None], old: str, new: str) -> dict[str, str | None]:
        return {key: text and text.replace(old[1:], new[1:]) for key, text in row.items()}

    filed, units = {}, counties(len(HONOURS))
    for unit_id, (change, _) in zip(units, HONOURS, strict=True):
        filed[unit_id, "branches"] = [moved(row, UNIT, unit_id) for row in BRANCHES]
        filed[unit_id, "honours"] = [moved({**NAMING, **change}, UNIT, unit_id)]
    rows = view(bench(tmp_path_factory.mktemp("honours"), filed), "honours", *_WRONG)
    return [moved(_wrong(_WRONG, row), unit_id, UNIT) for unit_id, row in zip(units, rows, strict=True)]


@pytest.mark.parametrize("case", range(len(HONOURS)), ids=lambda case: str(HONOURS[case][0]))
def test_an_honour_is_told_what_is_wrong_with_it(honours_told: list[dict[str, Any]], case: int) -> None:
    assert honours_told[case] == HONOURS[case][1]


def test_the_level_below_may_be_named_in_the_same_period_or_be_held(tmp_path: Path) -> None:
    assert _honours(tmp_path, NAMING, {**NAMING, **PREFECTURE}, {**NAMING, **PROVINCE}) == [{}, {}, {}]
    held = pa.table({"branch_id": [B1], "level": ["prefecture"]})
    assert _honours(tmp_path, {**NAMING, **PROVINCE}, levels_held=held) == [{}]
    assert _honours(tmp_path, {**NAMING, **PROVINCE}, {**NAMING}) != [{}, {}]  # county alone is not enough


PRAISE = {"honour_kind": "表扬", "recipient": "某某", "decided_on": "2018-06-01"}
WHOSE: list[tuple[dict[str, str | None], tuple[str | None, ...]]] = [
    (NAMING, ("organisation", "county", None, None)),
    ({**NAMING, "conferred_tier": "省级"}, ("organisation", "county", None, None)),  # the level says whose naming it is
    ({**PRAISE, "recipient_kind": "党员", "conferred_tier": "省级"}, ("member", "province", None, None)),
    ({**PRAISE, "branch_id": B1, "conferred_tier": "县（市、区）级"}, ("organisation", "county", None, None)),
    ({**PRAISE, "branch_id": B1, "recipient_kind": "个人", "conferred_tier": "市级"}, ("member", "prefecture", None, None)),
    ({**PRAISE, "conferred_tier": "国家级"}, (None, "nation", "未填", None)),
    ({**PRAISE, "recipient_kind": "群众", "conferred_tier": "村级"}, (None, None, "群众", "村级")),
    ({**PRAISE, "branch_id": B1, "recipient_kind": "群众", "conferred_tier": "省级"}, ("organisation", "province", "群众", None)),
    ({**PRAISE, "recipient_kind": "集体"}, ("organisation", None, None, "未填")),
    ({**PRAISE, "honour_kind": "纪念章"}, ("member", None, None, None)),  # a medal need not say whose it is
]


@pytest.fixture(scope="module")
def whose_told(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, ...]]:
    """Of each of WHOSE: recipient kind, tier, and what of them is not understood."""
    filed = {(UNIT, "branches"): BRANCHES, (UNIT, "honours"): [row for row, _ in WHOSE]}
    columns = ("recipient_kind", "conferred_tier", "unknown_recipient_kind", "unknown_tier")
    return view(bench(tmp_path_factory.mktemp("whose"), filed), "honours", *columns)


@pytest.mark.parametrize("case", range(len(WHOSE)), ids=lambda case: str(WHOSE[case][0]))
def test_an_honour_says_of_whom_and_by_which_tier(whose_told: list[tuple[Any, ...]], case: int) -> None:
    assert whose_told[case] == WHOSE[case][1]
