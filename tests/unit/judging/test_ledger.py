"""The view `activities`: one entry of the ledger a row, looked up against the branches."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.bench import bench, view

UNIT, B1 = "P530102", "530102-B001"
BRANCHES = [{"branch_id": B1, "branch_name": "甲支部"}]
ENTRY = {"branch_id": B1, "held_on": "2018-03-05", "activity_kind": "主题党日", "activity_title": "甲"}
_TOLD = ("unknown_branch", "unreadable_day", "day_outside_period", "unknown_kind", "unreadable_count", "repeated_entry")


def _entries(folder: Path, *entries: dict[str, str | None], columns: tuple[str, ...] = _TOLD) -> list[tuple[Any, ...]]:
    made = bench(folder, {(UNIT, "branches"): BRANCHES, (UNIT, "activities"): entries})
    return view(made, "activities", *columns)


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
    rows = _entries(tmp_path_factory.mktemp("entries"), *filed)
    return [{name: value for name, value in zip(_TOLD, row, strict=True) if value is not None} for row in rows]


@pytest.mark.parametrize("case", range(len(ENTRIES)), ids=lambda case: str(ENTRIES[case][0]))
def test_an_entry_is_told_what_is_wrong_with_it(entries_told: list[dict[str, Any]], case: int) -> None:
    assert entries_told[case] == ENTRIES[case][1]


def test_the_first_of_equal_entries_is_no_repeat(tmp_path: Path) -> None:
    other_day = ENTRY | {"held_on": "2018-03-06"}
    found = _entries(tmp_path, ENTRY, ENTRY, other_day, ENTRY | {"held_on": "2018/3/5"}, columns=("repeated_entry",))
    assert found == [(None,), ("甲",), (None,), ("甲",)]


def test_present_and_excused_are_added_for_the_comparison_with_due(tmp_path: Path) -> None:
    entry = ENTRY | {"attendance_due": "20", "attendance_present": "１９", "attendance_excused": "2"}
    columns = ("attendance_due", "attended_or_excused", "attended_or_excused_shown")
    assert _entries(tmp_path, entry, columns=columns) == [(20, 21, "19＋2＝21")]
    alone = ENTRY | {"attendance_due": "20", "attendance_present": "21"}
    assert _entries(tmp_path, alone, columns=columns) == [(20, 21, None)]  # as it is filed
    assert _entries(tmp_path, ENTRY, columns=columns) == [(None, 0, None)]


def test_repeats_are_not_counted_in_the_ledger(tmp_path: Path) -> None:
    made = bench(tmp_path, {(UNIT, "branches"): BRANCHES, (UNIT, "activities"): [ENTRY, ENTRY, ENTRY | {"activity_title": "乙"}]})
    with made.engine.connect() as connection:
        rows = connection.exec_driver_sql("select branch_id, activity_kind, entries from ledger_counts").fetchall()
    assert [tuple(row) for row in rows] == [(B1, "theme_day", 2)]
