"""What must hold over a year: allowances, funds, dues returned, inspections. Statements and their sums; nothing is run here.

Reads `year_figures` (half, unit_id, table_name, subject_id, indicator, value). The suite `year` runs over what comes out.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

import pandas as pd
import sqlalchemy as sa

from etl.core import casts
from etl.core.judging.views import table
from etl.core.programmes.bounds import YearCheck
from etl.core.programmes.formula import parse_formula
from etl.core.programmes.indicators import IndicatorCatalogue
from etl.core.programmes.programme import Programme

VISITS = "visits"
TOLERANCE = 0.005
"""How far a share may lie from the rate laid down: half a point, as for the half-year's own rule."""
COLUMNS = ("unit_id", "subject_id", "check_key", "check_zh", "value", "minimum", "maximum")


class CheckSum(TypedDict):
    """How a year check came out at a node. `min`, `max`: what is asked, None for no bound; `rate`: laid down for dues returned.

    `share`: figures are shares, 0 to 1. `judged`: how many were, of which `short`; `missing`: filed nothing to judge.
    """

    node_id: str
    key: str
    zh: str
    on: str
    min: float | None
    max: float | None
    rate: float | None
    share: bool
    judged: int
    short: int
    missing: int


def bounds(check: YearCheck, programme: Programme) -> tuple[float | None, float | None]:
    """The least and the most; None for both where the programme names a rule without its amount: nothing is judged then.

    LookupError if the programme has no such amount at all, or does not say which bound it is.
    """
    if check.bound_of is None:
        return check.min, check.max
    if check.bound_of == "dues_return_rate":
        rate = programme.dues.return_rate if programme.dues else None
        return (None, None) if rate is None else (rate - TOLERANCE, rate + TOLERANCE)
    if check.bound_of not in programme.subsidies:
        raise LookupError(f"{programme.programme} states no {check.bound_of}")
    amount = programme.subsidies[check.bound_of]
    if amount.bound is None:
        raise LookupError(f"{programme.programme} does not say of {check.bound_of} whether it is the least or the most")
    if amount.value is None:
        return None, None
    return (float(amount.value), None) if amount.bound == "least" else (None, float(amount.value))


def judged_checks(programme: Programme) -> list[YearCheck]:
    """The checks that have a bound."""
    return [check for check in programme.year_checks if bounds(check, programme) != (None, None)]


def year_checks(programme: Programme, catalogue: IndicatorCatalogue) -> sa.Select[Any] | sa.CompoundSelect[Any] | None:
    """One row a branch (or unit) and check, columns `COLUMNS` and the empty place of a row; None if there is no check."""
    selects = [_one(check, programme, catalogue) for check in judged_checks(programme)]
    if not selects:
        return None
    return sa.union_all(*selects) if len(selects) > 1 else selects[0]


def _one(check: YearCheck, programme: Programme, catalogue: IndicatorCatalogue) -> sa.Select[Any]:
    figure = table("year_figures", ["half", "unit_id", "table_name", "subject_id", "indicator", "value"])
    low, high = bounds(check, programme)

    def column_of(name: str) -> sa.ColumnElement[Any]:
        mine = figure.c.indicator == casts.literal(name)
        if name != VISITS and catalogue.indicators[name].kind == "stock":
            return sa.func.arg_max(figure.c.value, figure.c.half).filter(mine)
        if check.half is not None and name != VISITS:
            mine = sa.and_(mine, figure.c.half == sa.literal_column(str(check.half)))
        return sa.func.sum(figure.c.value).filter(mine)

    nothing = {"receipt_id": sa.String, "table_name": sa.String, "sheet": sa.String, "row_number": sa.Integer}
    source = {"branch": "branches", "unit": "unit_figures"}[check.on]
    return (
        sa.select(
            figure.c.unit_id, figure.c.subject_id, casts.literal(check.key).label("check_key"),
            casts.literal(check.zh).label("check_zh"),
            sa.cast(parse_formula(check.ratio).over(column_of), sa.Double).label("value"),
            sa.cast(casts.literal(low), sa.Double).label("minimum"), sa.cast(casts.literal(high), sa.Double).label("maximum"),
            *(sa.cast(sa.null(), kind).label(name) for name, kind in nothing.items()),
        )
        .where(figure.c.table_name == source)
        .group_by(figure.c.unit_id, figure.c.subject_id)
    )


def check_sums(rows: pd.DataFrame, programme: Programme, units_of: Mapping[str, Iterable[str]]) -> list[CheckSum]:
    """How many of each node were judged by each check, fell short, or filed nothing to judge; a node without any has no row."""
    outside = (rows["value"] < rows["minimum"]) | (rows["value"] > rows["maximum"])
    told = rows.assign(short=outside, missing=rows["value"].isna())
    found = []
    for node_id, units in units_of.items():
        mine = told[told["unit_id"].isin(list(units))]
        for check in judged_checks(programme):
            of_check = mine[mine["check_key"] == check.key]
            if len(of_check):
                found.append(_sum(node_id, check, of_check, programme))
    return found


def _sum(node_id: str, check: YearCheck, rows: pd.DataFrame, programme: Programme) -> CheckSum:
    low, high = bounds(check, programme)
    missing = int(rows["missing"].sum())
    return {
        "node_id": node_id, "key": check.key, "zh": check.zh, "on": check.on, "min": low, "max": high,
        "rate": programme.dues.return_rate if check.bound_of == "dues_return_rate" and programme.dues else None,
        "share": high is not None and high <= 1, "judged": len(rows) - missing, "short": int(rows["short"].sum()),
        "missing": missing,
    }

