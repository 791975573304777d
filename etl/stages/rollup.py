"""Roll up: current slices → totals and completeness of every node."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from etl.core.judging.node_checks import plan_periods
from etl.core.register import OWN, Node, Register
from etl.core.rows import SliceFile, SliceRow
from etl.core.totals import rollup as core
from etl.core.totals.completeness import UnitState, completeness
from etl.edges.engine import fetch, memory_engine, register
from etl.edges.node_validation import node_findings
from etl.edges.slices import load_activities, load_figures
from etl.edges.store.results import frame, replace_totals, slices_of
from etl.edges.store.returns import standing_counts
from etl.errors import Bug, Misuse
from etl.stages.context import Context
from etl.stages.returns import first_receipts


def roll_up(context: Context, node_id: str | None) -> dict[str, Any]:
    """Replace the totals of a node and all below it (of the whole programme without `node_id`).

    Ranks compare the nodes that are rolled up together, so the whole programme is rolled up last. Raises Bug when the
    top is not the sum of what is under it, Misuse for a node that is not in the programme. `units_left_out` is there if
    units have published that the register no longer has: no place adds them up.
    """
    top = node_id or context.register.top.node_id
    inside = context.register.subtree(top)
    if not inside:
        raise Misuse(f"no node {top} in {' '.join(context.key)}: nodes are written {context.register.top.node_id}")
    rows = slices_under(context, top)
    rolled = rolled_up(context, top, rows)
    found = node_findings(rolled.engine, context.bundle, context.register, context.period, _earlier(context))
    complete = completeness(context.register, _states(context, rows))
    key = {"programme": context.key[0], "period": context.key[1]}
    replace_totals(
        context.store, *context.key, [node.node_id for node in rolled.tree],
        [{**row, **key} for row in rolled.totals.to_pylist()],
        [{**row, **key} for row in complete if row["node_id"] in inside], found,
    )
    received = next(row["units_received"] for row in complete if row["node_id"] == top)
    told = left_out(units_gone(context))
    return {"nodes": len(rolled.tree), "totals": rolled.totals.num_rows, "units_received": received, **told}


def units_gone(context: Context) -> set[str]:
    """The units that have published in the period and that its register no longer has."""
    return {row["unit_id"] for row in slices_of(context.store, *context.key)} - context.register.units_by_id.keys()


def left_out(units: Collection[str]) -> dict[str, int]:
    """What a result says of units that are no longer in the register; nothing where there are none."""
    return {"units_left_out": len(units)} if units else {}


@dataclass(frozen=True)
class Rolled:
    """A roll-up that is not kept: the engine with its tables, the totals, the nodes."""

    engine: sa.Engine
    totals: pa.Table
    tree: list[Node]


def slices_under(context: Context, top: str) -> list[SliceRow]:
    """The current slices of the units at and under a node; of a unit that the register no longer has, nothing stands there."""
    inside = context.register.subtree(top)
    units = [unit.unit_id for unit in context.register.units if unit.node_id in inside]
    return slices_of(context.store, *context.key, units)


def rolled_up(context: Context, top: str, rows: Sequence[SliceFile]) -> Rolled:
    """The totals of a node and all below it out of slices. Raises Bug when they do not add up."""
    engine = memory_engine()
    load_leaves(context, engine, rows)
    tree = _tree(context.register, engine, context.register.subtree(top))
    catalogue = context.bundle.catalogue
    _load(engine, "wanted", core.wanted_totals(context.bundle.programme, catalogue))
    for name, period in (
        ("previous_totals", context.period.previous()),
        ("last_year_totals", context.period.same_last_year()),
    ):
        base = frame(context.store, "totals", context.bundle.programme.programme, str(period))
        register(
            engine,
            name,
            pa.Table.from_pandas(
                base[[*core.KEY, "value"]].astype({"value": "float64"}), preserve_index=False
            ),
        )
    keys = [use.key for use in context.bundle.programme.indicators]
    derived = [catalogue.indicators[key] for key in keys if catalogue.indicators[key].kind == "derived"]
    totals = fetch(engine, core.totals_statement(derived))
    _require_balance(engine, totals, tree, top)
    return Rolled(engine, totals, tree)


def _earlier(context: Context) -> pa.Table:
    """What levels with a quota have named in the earlier periods of their plan, at every node."""
    programme = context.bundle.programme
    parts = [pa.Table.from_pylist([], schema=_EARLIER)]
    for level in programme.levels:
        for period in plan_periods(programme, level.quota, context.period) if level.quota else ():
            base = frame(context.store, "totals", programme.programme, str(period))
            named = base.loc[base["part"] == level.key, _EARLIER.names]
            parts.append(pa.Table.from_pandas(named, schema=_EARLIER, preserve_index=False))
    return pa.concat_tables(parts)


_EARLIER = pa.schema([*((name, pa.string()) for name in core.KEY), ("value", pa.float64())])


def load_leaves(context: Context, engine: sa.Engine, rows: Sequence[SliceFile]) -> None:
    """What totals are made of: `figures`, and `ledger` with the activities counted by branch; of slices as for `rolled_up`."""
    load_figures(engine, "figures", context.landing, rows)
    load_activities(engine, "activities", context.landing, rows)
    with engine.connect() as connection:
        connection.execute(core.ledger().into("ledger"))


def _tree(register_: Register, engine: sa.Engine, inside: frozenset[str]) -> list[Node]:
    """Load `nodes` and `closure`: the register's nodes inside, and the townships that their figures and ledgers name."""
    nodes = {node.node_id: node for node in register_.nodes if node.node_id in inside}
    named = [sa.select(sa.table(name, sa.column("node_id")).c.node_id) for name in ("figures", "ledger")]
    for (node_id,) in fetch_rows(engine, sa.union(*named)):  # a township's only branch may be held, its ledger not
        if node_id not in nodes and "/" in node_id:
            unit, township = node_id.split("/", 1)
            nodes[node_id] = Node(node_id, unit, "township", f"{nodes[unit].code}/{township}", township)
    closure = []
    for node_id, node in nodes.items():
        above: str | None = node_id
        while above is not None and above in nodes:
            own_step = above == node_id or (node_id.endswith(f"-{OWN}") and above == node.parent_id)
            closure.append({"node_id": node_id, "above_id": above, "own_step": own_step})
            above = nodes[above].parent_id
    _load(engine, "nodes", [{name: getattr(node, name) for name in core.NODE} for node in nodes.values()])
    _load(engine, "closure", closure)
    return list(nodes.values())


def fetch_rows(engine: sa.Engine, statement: sa.Executable) -> list[Any]:
    """All rows of a statement."""
    with engine.connect() as connection:
        return list(connection.execute(statement))


def _load(engine: sa.Engine, name: str, rows: list[dict[str, Any]]) -> None:
    register(engine, name, pa.Table.from_pylist(rows))


def _require_balance(engine: sa.Engine, totals: pa.Table, tree: list[Node], top: str) -> None:
    register(engine, "totals", totals)
    children = [node.node_id for node in tree if node.parent_id == top]
    gaps = fetch_rows(engine, core.unbalanced(children, top)) if children else []
    if gaps:
        raise Bug(f"{top} is not the sum of its parts in {', '.join(sorted({str(gap[0]) for gap in gaps}))}")


def _states(context: Context, slices: Sequence[SliceRow]) -> list[UnitState]:
    """How each unit that sent anything stands."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in slices:
        for name in ("rows_in", "rows_accepted", "rows_held", "rows_blank"):
            counts[row["unit_id"]][name] += row[name]
    for unit_id, levels in standing_counts(context.store, *context.key).items():
        for level, number in levels.items():
            counts[unit_id][f"findings_{level}"] += number
    return [
        UnitState(unit_id, received=True, on_time=receipt["on_time"], **counts[unit_id])
        for unit_id, receipt in first_receipts(context).items()
    ]
