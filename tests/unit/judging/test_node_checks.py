"""Totals against quotas and the map: E4 and E7, and which periods a plan's quota runs over."""

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from etl.core.judging import node_checks as core
from etl.core.period import Period
from etl.core.programmes.naming import Quota
from etl.edges.engine import fetch, memory_engine, register
from etl.edges.programmes import load_bundle
from etl.edges.reference import load_places

BUNDLE = load_bundle("yunnan-model-branch")
PERIOD = Period.parse("2018H1")
REGISTER = BUNDLE.register(PERIOD)
QUOTA = Quota(total=100, over_years=3, origin="assumed")


@pytest.mark.parametrize(
    ("period", "earlier"),
    [("2017H1", []), ("2018H1", ["2017H2", "2017H1"]), ("2019H2", ["2019H1", "2018H2", "2018H1", "2017H2", "2017H1"]),
     ("2020H1", []), ("2020H2", ["2020H1"]), ("2018", ["2017"])],
)
def test_a_quota_runs_over_the_years_of_its_plan(period: str, earlier: list[str]) -> None:
    assert [str(each) for each in core.plan_periods(BUNDLE.programme, QUOTA, Period.parse(period))] == earlier


def test_only_the_tier_that_names_has_the_quota() -> None:
    assert core.quotas(BUNDLE.programme, BUNDLE.catalogue, REGISTER.nodes) == [
        {"node_id": "P530000", "indicator": "branches_named", "part": "province", "quota": 100}
    ]


def test_places_are_those_of_the_periods_last_day_at_or_under_the_node() -> None:
    places = load_places().on(dt.date(2018, 6, 30))
    rows = core.known_places(BUNDLE.programme, BUNDLE.catalogue, REGISTER.nodes, places)
    known = {(row["node_id"], row["part"]): row["places_known"] for row in rows if row["indicator"] == "working_committees"}
    assert [known["P530000", part] for part in ("province", "prefecture", "county")] == [1, 16, 129]
    assert [known["P530600", part] for part in ("province", "prefecture", "county")] == [0, 1, 11]
    assert [known["P530102", part] for part in ("prefecture", "county")] == [0, 1]
    assert not {node for node, _ in known if node.startswith("U") or node.endswith("-own")}


def _judged(value: float | None, before: list[float | None]) -> list[dict[str, Any]]:
    engine = memory_engine()
    key = {"node_id": "T", "indicator": "named", "part": "top"}
    schema = pa.schema([*((name, pa.string()) for name in key), ("value", pa.float64())])
    totals = [key | {"value": value}, key | {"part": "", "value": value}, key | {"node_id": "C", "value": 999.0}]
    register(engine, "totals", pa.Table.from_pylist(totals, schema=schema))
    earlier = [key | {"value": each} for each in before]
    register(engine, "earlier_totals", pa.Table.from_pylist(earlier, schema=schema))
    register(engine, "quotas", pa.Table.from_pylist([key | {"quota": 100.0}]))
    register(engine, "places_known", pa.Table.from_pylist([key | {"part": "", "places_known": 11.0}]))
    rows: list[dict[str, Any]] = fetch(engine, core.node_figures()).to_pylist()
    engine.dispose()
    return sorted(rows, key=lambda row: row["part"])


@pytest.mark.parametrize(
    ("value", "before", "so_far"), [(38, [], 38), (38, [50, 13], 101), (None, [70, None], 70), (0, [], 0), (None, [], 0)]
)
def test_named_so_far_adds_the_plans_earlier_periods(value: float | None, before: list[float | None], so_far: float) -> None:
    whole, named = _judged(value, before)
    assert (named["unit_id"], named["named_so_far"], named["quota"], named["places_known"]) == ("T", so_far, 100, None)
    assert (whole["named_so_far"], whole["quota"], whole["places_known"]) == (None, None, 11)
