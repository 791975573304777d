"""Accepted figures → totals at every node of the programme's tree, as one SQLAlchemy Core statement.

Tables it reads: `figures` (node_id, table_name, indicator, part, value, qualifier, counted), `ledger` (node_id,
branch_id, entries, person_times), `closure` (node_id, above_id, own_step), `nodes`, `wanted` (indicator, part, rollup, median),
`previous_totals` and `last_year_totals` (node_id, indicator, part, value). Sums are exact (DECIMAL); derived figures are
recomputed from the sums, never averaged; missing stays missing.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from etl.core import casts
from etl.core.judging.views import same, table
from etl.core.programmes.forms import filed_uses, parts_of, tables_of
from etl.core.programmes.indicators import Indicator, IndicatorCatalogue
from etl.core.programmes.programme import Programme

NODE = ("node_id", "parent_id", "tier", "code", "name")
KEY = ("node_id", "indicator", "part")


def wanted_totals(programme: Programme, catalogue: IndicatorCatalogue) -> list[dict[str, Any]]:
    """Every indicator and part a node has a total of: the rows of the table `wanted`. Dates and texts have none."""
    rows = []
    for use in programme.indicators:
        indicator = catalogue.indicators[use.key]
        if catalogue.unit_of(use.key).value_type in ("date", "text"):
            continue
        parts = ("", *parts_of(use, programme, catalogue))
        rows += [
            {"indicator": use.key, "part": part, "rollup": indicator.rollup, "median": indicator.median}
            for part in parts
        ]
    return rows


def counted_columns(programme: Programme, catalogue: IndicatorCatalogue) -> set[tuple[str, str]]:
    """The (table, indicator) pairs whose figures are added up: not the control totals, not what is derived."""
    return {
        (name, use.key)
        for name in tables_of(programme)
        for use in filed_uses(programme, catalogue, name)
        if catalogue.indicators[use.key].kind != "derived"
        and not (name == "unit_figures" and use.control_total)
    }


def ledger() -> sa.Select[Any]:
    """The table `ledger` out of `activities`: how often each branch did anything, and how many came."""
    entry = table("activities", ["node_id", "branch_id", "attendance_present"])
    people = sa.func.coalesce(sa.func.sum(entry.c.attendance_present), 0)
    key = (entry.c.node_id, entry.c.branch_id)
    return sa.select(*key, sa.func.count().label("entries"), people.label("person_times")).group_by(*key)


def totals_statement(derived: Sequence[Indicator]) -> sa.Select[Any]:
    """The roll-up: one row per node × wanted figure, with base values and ranks (order total: ties by code)."""
    summed = _summed().cte("summed")
    parts = [sa.select(summed), _ledger(), *(_derived(indicator, summed) for indicator in derived)]
    found = sa.union_all(*parts).cte("found")
    node, wanted = table("nodes", NODE), table("wanted", ["indicator", "part", "rollup", "median"])
    before, last = (table(name, [*KEY, "value"]) for name in ("previous_totals", "last_year_totals"))
    frame = sa.join(node, wanted, sa.true())
    on_found = sa.and_(
        node.c.node_id == found.c.node_id,
        wanted.c.indicator == found.c.indicator,
        wanted.c.part == found.c.part,
    )
    source = frame.outerjoin(found, on_found)
    for base in (before, last):
        matches = sa.and_(
            node.c.node_id == base.c.node_id,
            wanted.c.indicator == base.c.indicator,
            wanted.c.part == base.c.part,
        )
        source = source.outerjoin(base, matches)
    value = sa.func.round(sa.cast(found.c.value, sa.Double), casts.literal(6))
    rows = (
        sa.select(
            *node.c, wanted.c.indicator, wanted.c.part, value.label("value"),
            sa.func.coalesce(found.c.at_least, sa.false()).label("at_least"),
            sa.cast(sa.func.coalesce(found.c.filed, 0), sa.Integer).label("filed"),
            sa.cast(sa.func.coalesce(found.c.missing, 0), sa.Integer).label("missing"),
            sa.case((wanted.c.median, sa.cast(found.c.median, sa.Double))).label("median"),
            before.c.value.label("previous_value"), last.c.value.label("last_year_value"),
        )
        .select_from(source)
        .cte("rows_")
    )
    ranked = [_rank(rows, ("tier",), "tier"), _rank(rows, ("parent_id", "tier"), "parent")]
    return sa.select(rows, *(column for pair in ranked for column in pair)).order_by(
        rows.c.code, rows.c.node_id, rows.c.indicator, rows.c.part
    )


def _leaves() -> sa.Select[Any]:
    """The figures of each node that filed any, added up where they stand: a branch climbs with its unit, not by itself."""
    fact = table("figures", ["node_id", "table_name", "indicator", "part", "value", "qualifier", "counted"])
    wanted = table("wanted", ["indicator", "part", "median"])
    key = (fact.c.node_id, fact.c.table_name, fact.c.indicator, fact.c.part)
    return (
        sa.select(
            *key, sa.func.sum(fact.c.value).label("value"),
            sa.func.bool_or(sa.func.coalesce(fact.c.qualifier == "at_least", sa.false())).label("at_least"),
            sa.func.count(fact.c.value).label("filed"),
            (sa.func.count() - sa.func.count(fact.c.value)).label("missing"),
            sa.func.list(fact.c.value).filter(wanted.c.median).label("each"),
        )
        .select_from(fact.join(wanted, same(fact, wanted, ("indicator", "part"))))
        .where(fact.c.counted)
        .group_by(*key)
    )


def _summed() -> sa.Select[Any]:
    leaf = _leaves().cte("leaf")
    climb, wanted = (
        table("closure", ["node_id", "above_id", "own_step"]),
        table("wanted", ["indicator", "part", "rollup", "median"]),
    )
    joined = leaf.join(climb, leaf.c.node_id == climb.c.node_id).join(wanted, same(leaf, wanted, ("indicator", "part")))
    # What does not add up stands only where a unit filed it of itself: many branches' figures are no figure of the unit.
    of_its_own = sa.and_(wanted.c.rollup == "none", climb.c.own_step, leaf.c.table_name == "unit_figures")
    return (
        sa.select(
            climb.c.above_id.label("node_id"), leaf.c.indicator, leaf.c.part,
            sa.cast(sa.func.sum(leaf.c.value), sa.Double).label("value"),
            sa.func.bool_or(leaf.c.at_least).label("at_least"),
            sa.func.sum(leaf.c.filed).label("filed"),
            sa.func.sum(leaf.c.missing).label("missing"),
            sa.cast(sa.func.list_median(sa.func.flatten(sa.func.list(leaf.c.each))), sa.Double).label("median"),
        )
        .select_from(joined)
        .where(sa.or_(wanted.c.rollup == "sum", of_its_own))
        .group_by(climb.c.above_id, leaf.c.indicator, leaf.c.part)
    )


def _ledger() -> sa.Select[Any]:
    """What the activity ledgers say: entries, person-times, and branches with an entry, each branch once."""
    entry, climb = (
        table("ledger", ["node_id", "branch_id", "entries", "person_times"]),
        table("closure", ["node_id", "above_id"]),
    )
    at = (
        sa.select(
            climb.c.above_id.label("node_id"), sa.func.sum(entry.c.entries).label("ledger_entries"),
            sa.func.sum(entry.c.person_times).label("ledger_person_times"),
            sa.func.count(entry.c.branch_id.distinct()).label("ledger_active_branches"),
        )
        .select_from(entry.join(climb, entry.c.node_id == climb.c.node_id))
        .group_by(climb.c.above_id)
        .cte("ledger_at")
    )
    one = [
        sa.select(
            at.c.node_id, casts.literal(name).label("indicator"), casts.literal("").label("part"),
            sa.cast(at.c[name], sa.Double).label("value"), sa.false().label("at_least"),
            at.c.ledger_active_branches.label("filed"), casts.literal(0).label("missing"),
            sa.cast(sa.null(), sa.Double).label("median"),
        )
        for name in ("ledger_entries", "ledger_person_times", "ledger_active_branches")
    ]
    return sa.select(sa.union_all(*one).subquery("ledger_long"))


def _derived(indicator: Indicator, summed: sa.CTE) -> sa.Select[Any]:
    def part_sum(name: str) -> sa.ColumnElement[Any]:
        return sa.func.max(
            sa.case((sa.and_(summed.c.indicator == casts.literal(name), summed.c.part == ""), summed.c.value))
        )

    formula = indicator.parsed_formula
    return (
        sa.select(
            summed.c.node_id, casts.literal(indicator.key).label("indicator"), casts.literal("").label("part"),
            (formula.over(part_sum) * casts.literal(indicator.scale)).label("value"), sa.false().label("at_least"),
            sa.func.max(summed.c.filed).label("filed"), casts.literal(0).label("missing"),
            sa.cast(sa.null(), sa.Double).label("median"),
        )
        .where(summed.c.indicator.in_([casts.literal(name) for name in formula.names]))
        .group_by(summed.c.node_id)
    )


def _rank(
    rows: sa.CTE, within: Sequence[str], label: str
) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
    peers = [*(rows.c[name] for name in within), rows.c.indicator, rows.c.part, rows.c.value.is_(None)]
    rank = sa.func.row_number().over(
        partition_by=peers, order_by=[rows.c.value.desc(), rows.c.code, rows.c.node_id]
    )
    there = rows.c.value.isnot(None)
    count = sa.func.count().over(partition_by=peers)
    return (
        sa.case((there, sa.cast(rank, sa.Integer))).label(f"rank_in_{label}"),
        sa.case((there, sa.cast(count, sa.Integer))).label(f"rank_of_{label}"),
    )


def unbalanced(top_children: Sequence[str], top: str) -> sa.Select[Any]:
    """Indicators whose total at the top is not the sum of its children's; the run fails if there is any."""
    total, wanted = table("totals", [*KEY, "value"]), table("wanted", ["indicator", "part", "rollup"])
    children = sa.func.sum(sa.case((total.c.node_id.in_(top_children), total.c.value)))
    whole = sa.func.sum(sa.case((total.c.node_id == top, total.c.value)))
    gap = sa.func.abs(sa.func.coalesce(children, 0) - sa.func.coalesce(whole, 0))
    return (
        sa.select(total.c.indicator, total.c.part)
        .join(wanted, sa.and_(total.c.indicator == wanted.c.indicator, total.c.part == wanted.c.part))
        .where(wanted.c.rollup == "sum")
        .group_by(total.c.indicator, total.c.part)
        .having(gap > 0.0001)
    )
