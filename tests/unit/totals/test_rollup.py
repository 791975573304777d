"""The roll-up statement over hand-made facts: sums, what is missing, ranks, bases, and its own balance."""

import random
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from etl.core.programmes.indicators import IndicatorCatalogue, build_catalogue
from etl.core.totals import rollup as core
from etl.edges.engine import fetch, memory_engine, register
from etl.edges.programmes import load_bundle
from etl.errors import Bug
from etl.stages.rollup import _require_balance

CATALOGUE: IndicatorCatalogue = build_catalogue(
    {
        "units": {"person": {"zh": "人"}, "share": {"zh": "比例", "value_type": "share"}},
        "indicators": {
            "members": {"zh": "党员", "unit": "person", "kind": "stock", "rollup": "sum", "median": True},
            "due": {"zh": "应到", "unit": "person", "kind": "flow", "rollup": "sum"},
            "sessions": {"zh": "期数", "unit": "person", "kind": "flow", "rollup": "none"},
            "rate": {"zh": "率", "unit": "share", "kind": "derived", "rollup": "recompute", "formula": "members / due"},
        },
    }
)
# (node, parent, tier, code); the province has a side unit, the prefecture an office of its own, one county townships.
NODES = [
    ("T", None, "province", "00"), ("P1", "T", "prefecture", "10"), ("P2", "T", "prefecture", "20"),
    ("C1", "P1", "county", "12"), ("C2", "P1", "county", "11"), ("C3", "P2", "county", "21"), ("U1", "T", "side", "00-1"),
    ("P1-own", "P1", "own", "10"), ("T-own", "T", "own", "00"), ("C1/甲乡", "C1", "township", "12/甲乡"),
    ("C1/乙乡", "C1", "township", "12/乙乡"),
]
WANTED = [("members", "sum", True), ("due", "sum", False), ("sessions", "none", False), ("rate", "recompute", False)]
LEDGER = [("ledger_entries", "sum"), ("ledger_person_times", "sum"), ("ledger_active_branches", "count_distinct")]
Fact = tuple[str, str, int | float | None]

_FACTS = pa.schema(
    [("node_id", pa.string()), ("indicator", pa.string()), ("part", pa.string()), ("value", pa.decimal128(18, 4)),
     ("qualifier", pa.string()), ("counted", pa.bool_()), ("table_name", pa.string())]
)
_BASE = pa.schema([("node_id", pa.string()), ("indicator", pa.string()), ("part", pa.string()), ("value", pa.float64())])
_LEDGER = pa.schema(
    [("node_id", pa.string()), ("branch_id", pa.string()), ("entries", pa.int64()), ("person_times", pa.int64())]
)


def _fact(node: str, indicator: str, value: float | None, **more: Any) -> dict[str, Any]:
    exact = None if value is None else Decimal(str(value))
    fact = {"node_id": node, "indicator": indicator, "part": "", "value": exact, "qualifier": None, "counted": True}
    return {**fact, "table_name": "unit_figures", **more}


def _closure() -> list[dict[str, Any]]:
    parents = {node: parent for node, parent, _, _ in NODES}
    pairs = []
    for node, parent in parents.items():
        above: str | None = node
        while above is not None:
            own = above == node or (node.endswith("-own") and above == parent)
            pairs.append({"node_id": node, "above_id": above, "own_step": own})
            above = parents[above]
    return pairs


def roll(
    facts: Iterable[dict[str, Any]], ledger: Sequence[tuple[str, str, int, int]] = (), **bases: list[Fact]
) -> list[dict[str, Any]]:
    """The totals of some facts."""
    engine = memory_engine()
    wanted = [{"indicator": key, "part": "", "rollup": rule, "median": median} for key, rule, median in WANTED]
    wanted += [{"indicator": key, "part": "", "rollup": rule, "median": False} for key, rule in LEDGER]
    wanted.append({"indicator": "members", "part": "women", "rollup": "sum", "median": False})
    entries = [dict(zip(_LEDGER.names, entry, strict=True)) for entry in ledger]
    tables = {
        "figures": pa.Table.from_pylist(list(facts), schema=_FACTS),
        "ledger": pa.Table.from_pylist(entries, schema=_LEDGER),
        "closure": pa.Table.from_pylist(_closure()),
        "nodes": pa.Table.from_pylist([dict(zip(core.NODE, (*node, node[0]), strict=True)) for node in NODES]),
        "wanted": pa.Table.from_pylist(wanted),
    }
    for name in ("previous_totals", "last_year_totals"):
        rows = [{"node_id": n, "indicator": i, "part": "", "value": v} for n, i, v in bases.get(name, [])]
        tables[name] = pa.Table.from_pylist(rows, schema=_BASE)
    for name, rows in tables.items():
        register(engine, name, rows)
    totals: list[dict[str, Any]] = fetch(engine, core.totals_statement([CATALOGUE.indicators["rate"]])).to_pylist()
    engine.dispose()
    return totals


def at(totals: list[dict[str, Any]], node: str, indicator: str, column: str = "value") -> Any:
    """One number of the totals."""
    (found,) = (row for row in totals if (row["node_id"], row["indicator"], row["part"]) == (node, indicator, ""))
    return found[column]


FACTS = [
    _fact("C1/甲乡", "members", 10), _fact("C1/乙乡", "members", 20), _fact("C2", "members", 5), _fact("C3", "members", 7),
    _fact("U1", "members", 100), _fact("P1-own", "members", 3),
    _fact("C1/甲乡", "due", 20), _fact("C2", "due", 5), _fact("C3", "due", 14),
]


def test_sums_climb_every_tier_with_townships_own_offices_and_side_units() -> None:
    totals = roll(FACTS)
    told = {node: at(totals, node, "members") for node, *_ in NODES}
    assert told == {"C1/甲乡": 10, "C1/乙乡": 20, "C1": 30, "C2": 5, "P1-own": 3, "P1": 38, "C3": 7, "P2": 7, "U1": 100,
                    "T-own": None, "T": 145}


def test_every_node_has_every_wanted_figure() -> None:
    assert len(roll(FACTS)) == len(NODES) * (len(WANTED) + 1 + len(LEDGER)) == len(roll([]))


def test_missing_stays_missing_and_is_counted() -> None:
    totals = roll([_fact("C1", "members", None), _fact("C2", "members", 0), _fact("C3", "members", None)])
    assert [at(totals, node, "members") for node in ("C1", "C2", "P1", "C3", "P2", "T")] == [None, 0, 0, None, None, 0]
    assert (at(totals, "T", "members", "filed"), at(totals, "T", "members", "missing")) == (1, 2)
    assert (at(totals, "U1", "members", "filed"), at(totals, "U1", "members", "missing")) == (0, 0)


def test_a_rate_is_recomputed_and_never_averaged() -> None:
    totals = roll([_fact("C1", "members", 10), _fact("C1", "due", 10), _fact("C2", "members", 0), _fact("C2", "due", 90)])
    assert [at(totals, node, "rate") for node in ("C1", "C2", "P1", "T")] == [1, 0, 0.1, 0.1]
    assert at(totals, "C3", "rate") is None
    by_two = roll([_fact("C1", "members", 10), _fact("C1", "due", 10), _fact("C2", "members", 5)])
    assert (at(by_two, "P1", "rate", "filed"), at(by_two, "P1", "rate", "missing")) == (2, 0)


def test_no_rate_over_nothing() -> None:
    totals = roll([_fact("C1", "members", 1), _fact("C1", "due", 0), _fact("C2", "members", 1)])
    assert (at(totals, "C1", "rate"), at(totals, "C2", "rate")) == (None, None)


def test_what_does_not_add_up_stays_with_its_own_office() -> None:
    totals = roll([_fact("C1", "sessions", 4), _fact("P1-own", "sessions", 9)])
    assert [at(totals, node, "sessions") for node in ("C1", "P1-own", "P1", "T")] == [4, 9, 9, None]


def test_control_totals_do_not_count() -> None:
    totals = roll([_fact("C1", "members", 10), _fact("C1", "members", 10, counted=False)])
    assert at(totals, "T", "members") == 10


def test_a_branch_counts_once_however_many_entries_it_has() -> None:
    totals = roll([], [("C1", "B1", 3, 40), ("C2", "B2", 1, 5), ("C3", "B2", 2, 6)])
    told = {key: [at(totals, node, key) for node in ("C1", "P1", "P2", "T")] for key, _ in LEDGER}
    assert told == {"ledger_entries": [3, 4, 2, 6], "ledger_person_times": [40, 45, 6, 51],
                    "ledger_active_branches": [1, 2, 1, 2]}
    assert at(totals, "U1", "ledger_entries") is None


def test_one_floor_makes_the_sum_a_floor() -> None:
    totals = roll([_fact("C1", "members", 20, qualifier="at_least"), _fact("C2", "members", 5, qualifier="about"),
                   _fact("C3", "members", 7)])
    assert [at(totals, node, "members", "at_least") for node in ("C1", "C2", "P1", "C3", "T")] == [True, False, True, False, True]


def test_the_median_is_of_what_was_filed() -> None:
    totals = roll([_fact("C1", "members", value) for value in (1, 2, 9)] + [_fact("C2", "members", None)])
    assert (at(totals, "P1", "members", "median"), at(totals, "P1", "due", "median")) == (2, None)


def _ranks(totals: list[dict[str, Any]], within: str, *nodes: str) -> list[tuple[int | None, int | None]]:
    return [(at(totals, n, "members", f"rank_in_{within}"), at(totals, n, "members", f"rank_of_{within}")) for n in nodes]


def test_ranks_are_a_total_order_and_ties_go_by_code() -> None:
    totals = roll([
        _fact("C3", "members", 8), _fact("C1", "members", 5), _fact("C2", "members", 5),
        _fact("C1", "due", 9), _fact("C1", "members", 7, part="women"),  # other figures and parts are ranked apart
    ])
    assert _ranks(totals, "tier", "C3", "C2", "C1") == [(1, 3), (2, 3), (3, 3)]
    assert _ranks(totals, "parent", "C3", "C2", "C1") == [(1, 1), (1, 2), (2, 2)]


def test_who_filed_nothing_has_no_rank() -> None:
    totals = roll([_fact("C1", "members", 0)])
    assert _ranks(totals, "tier", "C1", "C2", "C3") == [(1, 1), (None, None), (None, None)]


def test_bases_are_those_of_the_same_node() -> None:
    last_year: list[Fact] = [("C1", "members", 25), ("T", "members", None)]
    totals = roll(FACTS, previous_totals=[("C1", "members", 28)], last_year_totals=last_year)
    assert (at(totals, "C1", "members", "previous_value"), at(totals, "C1", "members", "last_year_value")) == (28, 25)
    assert (at(totals, "T", "members", "previous_value"), at(totals, "T", "members", "last_year_value")) == (None, None)


def test_sums_do_not_depend_on_the_order_of_facts() -> None:
    facts = [_fact(node, "members", value / 10) for node in ("C1", "C2", "C3") for value in range(1, 40)]
    expected = roll(facts)
    random.Random(7).shuffle(facts)
    assert roll(facts) == expected
    assert at(expected, "T", "members") == 234  # 3 × 0.1 × 780, and no hair more


def test_totals_that_do_not_balance_are_a_bug() -> None:
    engine = memory_engine()
    register(engine, "wanted", pa.table({"indicator": ["members"], "part": [""], "rollup": ["sum"]}))

    class Point:
        def __init__(self, node_id: str, parent_id: str | None) -> None:
            self.node_id, self.parent_id = node_id, parent_id

    tree: Any = [Point("T", None), Point("P1", "T"), Point("P2", "T")]

    def totals(top: float | None) -> pa.Table:
        values = pa.array([top, 1, None], pa.float64())
        return pa.table({"node_id": ["T", "P1", "P2"], "indicator": ["members"] * 3, "part": [""] * 3, "value": values})

    _require_balance(engine, totals(1), tree, "T")
    for wrong in (2, 0.999, None):
        with pytest.raises(Bug, match="T is not the sum of its parts in members"):
            _require_balance(engine, totals(wrong), tree, "T")
    out_of_nothing = totals(1).set_column(3, "value", pa.array([1, None, None], pa.float64()))
    with pytest.raises(Bug, match="T is not the sum"):
        _require_balance(engine, out_of_nothing, tree, "T")
    engine.dispose()


def test_what_is_added_up_and_what_only_controls() -> None:
    bundle = load_bundle("yunnan-model-branch")
    counted = core.counted_columns(bundle.programme, bundle.catalogue)
    assert ("branches", "members") in counted
    assert ("unit_figures", "members") not in counted  # the unit's own sum controls its branches (E6)
    assert ("branches", "attendance_rate") not in counted
    assert ("unit_figures", "forum_sessions") in counted  # no sum of branches: the unit's own word
    rows = core.wanted_totals(bundle.programme, bundle.catalogue)
    assert {"indicator": "members", "part": "", "rollup": "sum", "median": True} in rows
    wanted = {(row["indicator"], row["part"]) for row in rows}
    assert {("branches_named", ""), ("branches_named", "county"), ("rooms_built", "new")} <= wanted
    assert not {key for key, _ in wanted} & {"last_election_on"}


def test_what_does_not_add_up_has_no_total_out_of_branches() -> None:
    of_two_branches = [_fact("C1", "sessions", number, table_name="branches") for number in (9, 8)]
    assert at(roll(of_two_branches), "C1", "sessions") is None
    assert at(roll([_fact("C1", "sessions", 9)]), "C1", "sessions") == 9


def test_the_ledger_counts_entries_and_people_of_each_branch_at_each_node() -> None:
    rows = [("C1", "B1", 10), ("C1", "B1", None), ("C1", "B2", 3), ("C2", "B1", None)]
    activities = [dict(zip(("node_id", "branch_id", "attendance_present"), row, strict=True)) for row in rows]
    engine = memory_engine()
    register(engine, "activities", pa.Table.from_pylist(activities))
    told = {tuple(row.values()) for row in fetch(engine, core.ledger()).to_pylist()}
    engine.dispose()
    assert told == {("C1", "B1", 2, 10), ("C1", "B2", 1, 3), ("C2", "B1", 1, 0)}
