"""What should be so many a quarter, looked at quarter by quarter in the ledger: rows of the view `ratios`."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.bench import bench, counties, view

CASES: dict[str, tuple[str, tuple[str, ...], list[tuple[Any, ...]]]] = {
    "one in each": ("2", ("2018-03-31", "2018-04-01"), [(1.0, "1、1", "1（台账中各季度党员大会次数）", "warning")]),
    "both in the first": ("2", ("2018-01-05", "2018-03-30"), [(0.0, "2、0", "1（台账中各季度党员大会次数）", "warning")]),
    "all three in the second": (
        "3", ("2018-04-05", "2018-05-05", "2018-06-30"), [(0.0, "0、3", "1（台账中各季度党员大会次数）", "warning")]
    ),
    "one filed, too few anyhow (T01 on the ratio)": ("1", ("2018-01-05",), []),
    "three filed, two proved (F12)": ("3", ("2018-01-05", "2018-02-05"), []),
    "two filed, three proved (F12)": ("2", ("2018-01-05", "2018-02-05", "2018-03-05"), []),
    "a day that nobody can read (A02)": ("2", ("2018-01-05", "每月"), []),
    "a day outside the half-year (A03)": ("2", ("2018-01-05", "2017-12-31"), []),
    "nothing in the ledger": ("2", (), []),
    "nothing filed": ("", ("2018-01-05", "2018-02-05"), []),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[Any, ...]]]:
    """Case → value, shown, minimum_named and level of what the ledger says of one branch; a county a case."""
    filed: dict[tuple[str, str], list[dict[str, str]]] = {}
    units = dict(zip(CASES, counties(len(CASES)), strict=True))
    for case, unit_id in units.items():
        meetings, days, _ = CASES[case]
        branch = f"{unit_id[1:]}-B001"
        filed[unit_id, "branches"] = [{"branch_id": branch, "branch_name": "甲支部", "party_meetings": meetings}]
        filed[unit_id, "activities"] = [
            {"branch_id": branch, "held_on": day, "activity_kind": "党员大会", "activity_title": f"第{n}次"}
            for n, day in enumerate(days)
        ] + [{"branch_id": branch, "held_on": "2018-05-05", "activity_kind": "主题党日", "activity_title": "另一种"}]
    made = bench(tmp_path_factory.mktemp("quarters"), filed)
    columns = ("value", "shown", "minimum_named", "level")
    return {
        case: view(made, "ratios", *columns, unit_id=unit_id, threshold="台账中各季度党员大会次数")
        for case, unit_id in units.items()
    }


@pytest.mark.parametrize("case", CASES)
def test_the_poorest_quarter_is_looked_at_where_ledger_and_figure_agree(
    told: dict[str, list[tuple[Any, ...]]], case: str
) -> None:
    assert told[case] == CASES[case][2]


def test_the_second_half_has_quarters_three_and_four(tmp_path: Path) -> None:
    unit_id, branch = "P530102", "530102-B001"
    days = ("2018-07-01", "2018-09-30", "2018-12-31")
    entries = [{"branch_id": branch, "held_on": day, "activity_kind": "党员大会", "activity_title": day} for day in days]
    twice = [entries[0]]  # said again: it counts once
    made = bench(tmp_path, {
        (unit_id, "branches"): [{"branch_id": branch, "branch_name": "甲支部", "party_meetings": "3"}],
        (unit_id, "activities"): entries + twice,
    }, period="2018H2")
    assert view(made, "ratios", "shown", "value", threshold="台账中各季度党员大会次数") == [("2、1", 1.0)]


def test_without_a_ledger_nothing_is_said_of_quarters(tmp_path: Path) -> None:
    branches = [{"branch_id": "530102-B001", "branch_name": "甲支部", "party_meetings": "2"}]
    made = bench(tmp_path, {("P530102", "branches"): branches})
    assert view(made, "ratios", "value", threshold="台账中各季度党员大会次数") == []
    assert view(made, "ratios", "value", threshold="每季度党员大会次数") == [(1.0,)]
