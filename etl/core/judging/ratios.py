"""The ratios of filed figures that a programme bounds: the table `ratios`, on which the suite of that name runs.

What should be so many a quarter is looked at a second time where the unit keeps a ledger: quarter by quarter.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from etl.core import casts
from etl.core.casts import Expression
from etl.core.judging.ledger import QUARTER, entries_by_quarter
from etl.core.judging.views import ROW_KEY, Statement, figure_columns, same, table
from etl.core.period import Period
from etl.core.programmes.bounds import EachQuarter, Severity, Threshold
from etl.core.programmes.formula import parse_formula
from etl.core.programmes.indicators import IndicatorCatalogue
from etl.core.programmes.layout import TableLayout
from etl.core.programmes.programme import Programme


def ratios(
    layouts: Sequence[TableLayout], programme: Programme, catalogue: IndicatorCatalogue, period: Period, *, ledger: bool
) -> Statement:
    """One row per filed row and threshold of the programme: the ratio, its bounds, the level of a breach.

    `ledger`: whether there is a table `ledger_entries`.
    """
    selects = []
    for threshold in programme.thresholds.values():
        covering = [layout for layout in layouts if _covers(layout, threshold)]
        if covering:  # branches come first: a unit's control totals are not judged by a branch's bounds
            selects.append(_ratio(covering[0], threshold, programme, catalogue, period))
            if ledger and threshold.each_quarter is not None:
                selects.append(_fewest_in_a_quarter(covering[0], threshold, threshold.each_quarter, catalogue, period))
    if not selects:
        empty = [sa.cast(sa.null(), kind).label(name) for name, kind in _RATIO_TYPES.items()]
        return sa.select(*empty).where(sa.false())
    return sa.union_all(*selects)


_RATIO_TYPES: dict[str, Any] = {
    "receipt_id": sa.String, "unit_id": sa.String, "table_name": sa.String, "sheet": sa.String, "row_number": sa.Integer,
    "subject_id": sa.String, "threshold": sa.String, "column_key": sa.String, "value": sa.Double, "shown": sa.String,
    "minimum": sa.Double, "maximum": sa.Double, "minimum_named": sa.String, "maximum_named": sa.String, "level": sa.String,
}
_THE_ROW = ("receipt_id", "table_name", "sheet", "row_number")
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
    wide, row = _wide(layout), _row_of()
    formula, constants = parse_formula(threshold.ratio), _constants(period)

    def column_of(name: str) -> sa.ColumnElement[Any]:
        return casts.literal(constants[name]) if name in constants else wide.c[name]

    value = sa.cast(formula.over(column_of), sa.Double)
    working = formula.written(lambda name: casts.written(column_of(name)))
    names = [name for name in formula.names if name not in constants]
    shown = casts.written(value) if working is None else casts.worked_out(working, value)
    statement = sa.select(
        *(wide.c[name] for name in ROW_KEY), row.c.subject_id,
        *_bounded(threshold.zh, names[0], value, shown, threshold.min, threshold.max, threshold.severity),
    ).select_from(wide.join(row, same(wide, row, _THE_ROW)))
    if any(
        catalogue.indicators[name].of_members for name in names
    ):  # a branch without members of its own has no ratio
        uncounted = [kind.kind for kind in programme.branch_kinds if not kind.counts_members]
        statement = statement.where(sa.func.coalesce(row.c.branch_kind, "").not_in(uncounted))
    return statement


def _fewest_in_a_quarter(
    layout: TableLayout, threshold: Threshold, each: EachQuarter, catalogue: IndicatorCatalogue, period: Period
) -> sa.Select[Any]:
    """Where the ledger proves all that a branch files, and it is enough for the period: how many in the poorest quarter.

    Where they differ, or too few are filed, other rules say so; an entry without a readable day could be of any quarter.
    """
    figure, wide, row = threshold.by_the_quarter() or "", _wide(layout), _row_of()
    found = entries_by_quarter(catalogue.indicators[figure].ledger_kind or "", period).subquery("by_quarter")
    counts = [count for count in found.c if count.name.startswith(QUARTER)]
    of_all = sum(counts[1:], counts[0])
    shown = sa.func.concat_ws("、", *(sa.cast(count, sa.String) for count in counts))
    fewest = sa.cast(sa.func.least(*counts), sa.Double)
    return (
        sa.select(
            *(wide.c[name] for name in ROW_KEY), row.c.subject_id,
            *_bounded(each.zh, figure, fewest, shown, threshold.min, None, each.severity),
        )
        .select_from(
            wide.join(row, same(wide, row, _THE_ROW)).join(
                found, sa.and_(found.c.unit_id == row.c.unit_id, found.c.branch_id == row.c.subject_id)
            )
        )
        .where(wide.c[figure] == of_all, of_all >= casts.literal(threshold.min) * period.quarters)
    )


def _wide(layout: TableLayout) -> sa.FromClause:
    return table(f"{layout.key}_values", [*ROW_KEY, *(column.key for column in figure_columns(layout))]).alias("wide")


def _row_of() -> sa.FromClause:
    return table("rows", [*ROW_KEY, "subject_id", "branch_kind"]).alias("row_of")


def _bounded(
    zh: str, column_key: str, value: Expression, shown: Expression, least: float | None, most: float | None, severity: Severity
) -> list[Expression]:
    """The columns of a row beside its key: what is bounded, at which column, its value and bounds, the level of a breach."""
    return [
        casts.literal(zh).label("threshold"),
        casts.literal(column_key).label("column_key"),
        value.label("value"),
        shown.label("shown"),
        sa.cast(casts.literal(least), sa.Double).label("minimum"),
        sa.cast(casts.literal(most), sa.Double).label("maximum"),
        _named(least, zh).label("minimum_named"),
        _named(most, zh).label("maximum_named"),
        casts.literal(_LEVELS[severity]).label("level"),
    ]


def _named(bound: float | None, zh: str) -> Expression:
    """A bound with what it bounds, 1（每季度党员大会次数）: the cell of the finding holds one figure of the ratio."""
    return sa.cast(casts.literal(None if bound is None else f"{bound:g}（{zh}）"), sa.String)
