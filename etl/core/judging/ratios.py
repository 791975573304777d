"""The ratios of filed figures that a programme bounds: the table `ratios`, on which the suite of that name runs."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from etl.core import casts
from etl.core.judging.views import ROW_KEY, Statement, figure_columns, same, table
from etl.core.period import Period
from etl.core.programmes.bounds import Threshold
from etl.core.programmes.formula import parse_formula
from etl.core.programmes.indicators import IndicatorCatalogue
from etl.core.programmes.layout import TableLayout
from etl.core.programmes.programme import Programme


def ratios(
    layouts: Sequence[TableLayout], programme: Programme, catalogue: IndicatorCatalogue, period: Period
) -> Statement:
    """One row per filed row and threshold of the programme: the ratio, its bounds, the level of a breach."""
    selects = []
    for threshold in programme.thresholds.values():
        covering = [layout for layout in layouts if _covers(layout, threshold)]
        if covering:  # branches come first: a unit's control totals are not judged by a branch's bounds
            selects.append(_ratio(covering[0], threshold, programme, catalogue, period))
    if not selects:
        empty = [sa.cast(sa.null(), kind).label(name) for name, kind in _RATIO_TYPES.items()]
        return sa.select(*empty).where(sa.false())
    return sa.union_all(*selects)


_RATIO_TYPES: dict[str, Any] = {
    "receipt_id": sa.String, "unit_id": sa.String, "table_name": sa.String, "sheet": sa.String, "row_number": sa.Integer,
    "subject_id": sa.String, "threshold": sa.String, "column_key": sa.String, "value": sa.Double, "shown": sa.String,
    "minimum": sa.Double, "maximum": sa.Double, "minimum_named": sa.String, "maximum_named": sa.String, "level": sa.String,
}
_LEVELS = {"warn": "warning", "error": "row"}


def _constants(period: Period) -> dict[str, int]:
    return {"months": period.months, "quarters": period.quarters}


def _covers(layout: TableLayout, threshold: Threshold) -> bool:
    names = set(parse_formula(threshold.ratio).names) - {"months", "quarters"}
    return names <= {column.key for column in figure_columns(layout)}


def _ratio(
    layout: TableLayout,
    threshold: Threshold,
    programme: Programme,
    catalogue: IndicatorCatalogue,
    period: Period,
) -> sa.Select[Any]:
    wide = table(
        f"{layout.key}_values", [*ROW_KEY, *(column.key for column in figure_columns(layout))]
    ).alias("wide")
    row = table("rows", [*ROW_KEY, "subject_id", "branch_kind"]).alias("row_of")
    formula, constants = parse_formula(threshold.ratio), _constants(period)

    def column_of(name: str) -> sa.ColumnElement[Any]:
        return casts.literal(constants[name]) if name in constants else wide.c[name]

    value = sa.cast(formula.over(column_of), sa.Double)
    working = formula.written(lambda name: casts.written(column_of(name)))
    names = [name for name in formula.names if name not in constants]
    statement = sa.select(
        *(wide.c[name] for name in ROW_KEY),
        row.c.subject_id,
        casts.literal(threshold.zh).label("threshold"),
        casts.literal(names[0]).label("column_key"),
        value.label("value"),
        (casts.written(value) if working is None else casts.worked_out(working, value)).label("shown"),
        sa.cast(casts.literal(threshold.min), sa.Double).label("minimum"),
        sa.cast(casts.literal(threshold.max), sa.Double).label("maximum"),
        _named(threshold.min, threshold).label("minimum_named"),
        _named(threshold.max, threshold).label("maximum_named"),
        casts.literal(_LEVELS[threshold.severity]).label("level"),
    ).select_from(wide.join(row, same(wide, row, ("receipt_id", "table_name", "sheet", "row_number"))))
    if any(
        catalogue.indicators[name].of_members for name in names
    ):  # a branch without members of its own has no ratio
        uncounted = [kind.kind for kind in programme.branch_kinds if not kind.counts_members]
        statement = statement.where(sa.func.coalesce(row.c.branch_kind, "").not_in(uncounted))
    return statement


def _named(bound: float | None, threshold: Threshold) -> sa.ColumnElement[Any]:
    """A bound with what it bounds, 1（每季度党员大会次数）: the cell of the finding holds one figure of the ratio."""
    return sa.cast(casts.literal(None if bound is None else f"{bound:g}（{threshold.zh}）"), sa.String)
