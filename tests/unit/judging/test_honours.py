"""The view `honours`: one naming, praise, honour or medal a row, looked up against branches and what is held."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.support.bench import bench, counties, view

UNIT, B1, B2 = "P530102", "530102-B001", "530102-B002"
BRANCHES = [{"branch_id": B1, "branch_name": "甲支部"}, {"branch_id": B2, "branch_name": "乙支部", "rectifying": "是"}]
COUNTY = "县（市、区）级示范党支部"
NAMING = {"honour_kind": "命名", "level": COUNTY, "branch_id": B1, "recipient": "甲支部", "decided_on": "2018-06-01"}
PREFECTURE, PROVINCE = {"level": "州（市）级示范党支部"}, {"level": "省级示范党支部"}
_WRONG = ("unknown_kind", "unknown_branch", "level_below_missing", "still_rectifying", "missing_recipient", "unknown_level",
          "unreadable_day")


def _wrong(row: tuple[Any, ...]) -> dict[str, Any]:
    return {name: value for name, value in zip(_WRONG, row, strict=True) if value is not None}


def _honours(folder: Path, *rows: dict[str, str | None], **before: pa.Table) -> list[dict[str, Any]]:
    made = bench(folder, {(UNIT, "branches"): BRANCHES, (UNIT, "honours"): rows}, **before)
    return [_wrong(row) for row in view(made, "honours", *_WRONG)]


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
    return [moved(_wrong(row), unit_id, UNIT) for unit_id, row in zip(units, rows, strict=True)]


@pytest.mark.parametrize("case", range(len(HONOURS)), ids=lambda case: str(HONOURS[case][0]))
def test_an_honour_is_told_what_is_wrong_with_it(honours_told: list[dict[str, Any]], case: int) -> None:
    assert honours_told[case] == HONOURS[case][1]


def test_the_level_below_may_be_named_in_the_same_period_or_be_held(tmp_path: Path) -> None:
    assert _honours(tmp_path, NAMING, {**NAMING, **PREFECTURE}, {**NAMING, **PROVINCE}) == [{}, {}, {}]
    held = pa.table({"branch_id": [B1], "level": ["prefecture"]})
    assert _honours(tmp_path, {**NAMING, **PROVINCE}, levels_held=held) == [{}]
    assert _honours(tmp_path, {**NAMING, **PROVINCE}, {**NAMING}) != [{}, {}]  # county alone is not enough


@pytest.mark.parametrize(
    ("below", "above", "wrong"),
    [
        ("2018-06-02", "2018-06-01", PREFECTURE["level"]),
        ("2018-06-01", "2018-06-01", None),
        ("2018-06-01", "2018-06-02", None),
        ("2018-06-02", None, None),
        (None, "2018-06-01", None),
    ],
)
def test_the_level_below_is_named_first(tmp_path: Path, below: str | None, above: str | None, wrong: str | None) -> None:
    told = _honours(tmp_path, {**NAMING, "decided_on": below}, {**NAMING, **PREFECTURE, "decided_on": above})
    assert told == [{}, {"level_below_missing": wrong} if wrong else {}]


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
