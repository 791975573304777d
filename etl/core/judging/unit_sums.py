"""What a unit's figures add up to: the tables `branch_sums` and `unit_sums`, the latter against the period before."""

from collections.abc import Collection

import sqlalchemy as sa

from etl.core import casts
from etl.core.judging.views import ROW_KEY, Statement, same, table
from etl.core.programmes.indicators import IndicatorCatalogue
from etl.core.programmes.programme import Programme

_KEY = ("unit_id", "indicator", "part")
_TYPED = (*_KEY, "receipt_id", "table_name", "column_key", "value")


def branch_sums(catalogue: IndicatorCatalogue) -> Statement:
    """Per unit, the sum of its branches' figures as filed, and the number of its branch rows where a figure counts them."""
    cell = table("typed_cells", _TYPED)
    row = table("rows", ROW_KEY)
    sums = (
        sa.select(*(cell.c[name] for name in _KEY), sa.func.sum(cell.c.value).label("value"))
        .where(cell.c.table_name == "branches")
        .group_by(*(cell.c[name] for name in _KEY))
    )
    counted = [key for key, each in catalogue.indicators.items() if each.counts_rows_of == "branches"]
    counts = [
        sa.select(row.c.unit_id, casts.literal(key), casts.literal(""), sa.cast(sa.func.count(), casts.VALUE))
        .where(row.c.table_name == "branches")
        .group_by(row.c.unit_id)
        for key in counted
    ]
    return sa.union_all(sums, *counts) if counts else sums


def unit_sums(programme: Programme, catalogue: IndicatorCatalogue, counted: Collection[tuple[str, str]]) -> Statement:
    """A unit's sums of stock figures against its sums of the period before, for rule S01 (E12).

    `counted`: the (table, indicator) pairs that are added up, so that a control total is not added to what it controls.
    """
    cell, before = table("typed_cells", _TYPED), table("previous_figures", [*_KEY, "value", "counted"])
    stocks = sorted(pair for pair in counted if catalogue.indicators[pair[1]].kind == "stock")
    added = [sa.and_(cell.c.table_name == casts.literal(name), cell.c.indicator == casts.literal(key)) for name, key in stocks]
    now = (
        sa.select(
            *(cell.c[name] for name in _KEY), sa.func.max(cell.c.receipt_id).label("receipt_id"),
            sa.func.max(cell.c.table_name).label("table_name"), sa.func.max(cell.c.column_key).label("column_key"),
            sa.func.sum(cell.c.value).label("value"),
        )
        .where(sa.or_(sa.false(), *added))
        .group_by(*(cell.c[name] for name in _KEY))
        .subquery("now")
    )
    then = (
        sa.select(*(before.c[name] for name in _KEY), sa.func.sum(before.c.value).label("value"))
        .where(before.c.counted)
        .group_by(*(before.c[name] for name in _KEY))
        .subquery("then_")
    )
    rule = programme.change_to_explain
    limit = casts.literal(rule.pct / 100 if rule else None)
    base = casts.literal(rule.min_base if rule else 0)
    size = sa.func.abs(sa.cast(now.c.value - then.c.value, sa.Double)) / sa.func.nullif(
        sa.cast(then.c.value, sa.Double), 0
    )
    return sa.select(
        now, now.c.unit_id.label("subject_id"), casts.literal("").label("sheet"),
        sa.cast(sa.null(), sa.Integer).label("row_number"),
        then.c.value.label("previous_value"), sa.case((then.c.value >= base, size)).label("change_size"),
        sa.cast(limit, sa.Double).label("change_limit"),
    ).select_from(now.outerjoin(then, same(now, then, _KEY)))
