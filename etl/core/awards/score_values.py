"""A year's accepted figures → what each item of a rubric is measured by, one row a branch, as one SQLAlchemy Core statement.

Tables it reads: `year_figures` (unit_id, node_id, table_name, subject_id, indicator, value, day, text, last), where `last` marks
the half-year at the end. A year is its half-years: flows are added, stocks are those at the end, derived figures are recomputed
from their parts. Values come out in ten-thousandths, days as months begun before the end. What nobody filed is null.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from etl.core import casts
from etl.core.judging.views import table
from etl.core.programmes.forms import grain_of
from etl.core.programmes.indicators import IndicatorCatalogue
from etl.core.programmes.measures import VALUE_SCALE
from etl.core.programmes.programme import Programme
from etl.core.programmes.rubric import Dimension, RubricItem

Of = Literal["branch", "unit", "mean", "sum"]
Expression = sa.ColumnElement[Any]
FIGURES = (
    "unit_id",
    "node_id",
    "table_name",
    "subject_id",
    "indicator",
    "part",
    "value",
    "day",
    "text",
    "last",
)
ABOUT = ("branch_id", "unit_id", "node_id", "branch_name", "branch_kind", "members", "rectifying", "sweeps")
SELF_SCORE = "self_score"
"""The column of what a branch filed as its own score at the end, in ten-thousandths."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A column of values: an indicator as the branch filed it, as its unit did, or over all branches of the unit."""

    indicator: str
    of: Of

    @property
    def column(self) -> str:
        """The column's name in what the statement gives back."""
        return f"{self.of}__{self.indicator}"


def wanted_by(
    item: RubricItem, dimension: Dimension | None, programme: Programme, catalogue: IndicatorCatalogue
) -> tuple[Wanted, ...]:
    """The columns that an item needs: its measure and, for a share, what that is a share of. None for an entered item.

    An item judged of the unit takes what the branches filed as their mean, or as sums where it is a share.
    ValueError for an indicator that the programme does not have, or that only the ledger fills.
    """
    uses = {use.key: use for use in programme.indicators}
    found = []
    for key in item.indicators():
        if key not in uses:
            raise ValueError(f"item {item.key}: the programme has no indicator {key}")
        grain = grain_of(uses[key], catalogue)
        if grain == "ledger":
            raise ValueError(f"item {item.key}: {key} is filled by the ledger, not by branches")
        of: Of = grain
        if dimension is not None and dimension.on == "unit" and grain == "branch":
            of = "sum" if item.how.kind == "share" else "mean"
        found.append(Wanted(key, of))
    return tuple(found)


def values_statement(
    programme: Programme, catalogue: IndicatorCatalogue, wanted: Iterable[Wanted], last_day: dt.date
) -> sa.Select[Any]:
    """One row a branch that stands at the end of the year: what is known about it, its own score, a column for each wanted."""
    own = programme.rubric.self_score if programme.rubric else None
    filed = Wanted(own.measure, "branch") if own else None
    each = tuple(dict.fromkeys([*wanted, *([filed] if filed else [])]))
    parts = {
        w: catalogue.indicators[w.indicator].parsed_formula.names
        if catalogue.indicators[w.indicator].formula
        else (w.indicator,)
        for w in each
    }
    of_branches = {name for w in each if w.of != "unit" for name in parts[w]} | {"members"}
    of_units = {name for w in each if w.of == "unit" for name in parts[w]}
    branch = _added("branches", "subject_id", of_branches, catalogue, last_day).cte("branch_values")
    unit = _added("unit_figures", "unit_id", of_units, catalogue, last_day).cte("unit_values")
    about = _about(programme).cte("about")
    over = _over_unit(about, branch, sorted(of_branches)).cte("over_unit")
    sources: dict[Of, sa.FromClause] = {"branch": branch, "unit": unit, "mean": over, "sum": over}

    def column(w: Wanted) -> Expression:
        source = sources[w.of]
        prefix = f"{w.of}__" if w.of in ("mean", "sum") else ""
        indicator = catalogue.indicators[w.indicator]
        if not indicator.formula:
            return source.c[prefix + w.indicator].label(w.column)
        value = indicator.parsed_formula.over(lambda name: source.c[prefix + name])
        scaled = sa.func.round(value * casts.literal(indicator.scale) * casts.literal(VALUE_SCALE))
        return sa.cast(scaled, sa.BigInteger).label(w.column)

    members = sa.cast(sa.func.floor(branch.c.members / casts.literal(VALUE_SCALE)), sa.Integer)
    known = [about.c[name] for name in ABOUT if name != "members"]
    score = branch.c[filed.indicator] if filed else sa.cast(sa.null(), sa.BigInteger)
    return (
        sa.select(*known, members.label("members"), score.label(SELF_SCORE), *(column(w) for w in each))
        .select_from(
            about.outerjoin(branch, about.c.branch_id == branch.c.subject_id)
            .outerjoin(unit, about.c.unit_id == unit.c.unit_id)
            .outerjoin(over, about.c.unit_id == over.c.unit_id)
        )
        .order_by(about.c.branch_id)
    )


def _about(programme: Programme) -> sa.Select[Any]:
    figure = table("year_figures", FIGURES)

    def said(key: str) -> Expression:
        return sa.func.max(sa.case((sa.and_(figure.c.indicator == key, figure.c.last), figure.c.text)))

    sweep = programme.gate.sweeps.measure if programme.gate else None
    swept = sa.and_(figure.c.indicator == casts.literal(sweep or ""), figure.c.part == "", figure.c.value > 0)
    first_kind = programme.branch_kinds[0].kind if programme.branch_kinds else ""
    return (
        sa.select(
            figure.c.subject_id.label("branch_id"),
            sa.func.min(sa.case((figure.c.last, figure.c.unit_id))).label("unit_id"),
            sa.func.min(sa.case((figure.c.last, figure.c.node_id))).label("node_id"),
            sa.func.coalesce(said("branch_name"), figure.c.subject_id).label("branch_name"),
            sa.func.coalesce(said("branch_kind"), casts.literal(first_kind)).label("branch_kind"),
            (sa.func.coalesce(said("rectifying"), "0") == "1").label("rectifying"),
            sa.cast(sa.func.sum(sa.case((swept, 1), else_=0)), sa.Integer).label("sweeps"),
        )
        .where(figure.c.table_name == "branches")
        .group_by(figure.c.subject_id)
        .having(sa.func.bool_or(figure.c.last))
    )


def _added(
    name: str,
    key: str,
    keys: set[str],
    catalogue: IndicatorCatalogue,
    last_day: dt.date,
) -> sa.Select[Any]:
    """The year's value of each indicator, one row a branch or unit."""
    figure = table("year_figures", FIGURES)
    return (
        sa.select(figure.c[key], *(_year_value(figure, each, catalogue, last_day) for each in sorted(keys)))
        .where(figure.c.table_name == name, figure.c.part == "")
        .group_by(figure.c[key])
    )


def _year_value(
    figure: sa.FromClause, key: str, catalogue: IndicatorCatalogue, last_day: dt.date
) -> Expression:
    mine = figure.c.indicator == casts.literal(key)
    at_end = sa.and_(mine, figure.c.last)
    value_type = catalogue.unit_of(key).value_type
    if value_type == "date":
        before = last_day - dt.timedelta(days=1)  # so that a day just n months before the end counts n months
        filed = sa.func.max(sa.case((at_end, figure.c.day)))
        months = sa.func.date_sub("month", filed, casts.fixed_day(before)) + casts.literal(1)
        return (months * casts.literal(VALUE_SCALE)).label(key)
    if value_type == "text":
        filed = sa.func.max(sa.case((at_end, figure.c.text)))
        return sa.case((filed.isnot(None), casts.literal(VALUE_SCALE))).label(key)
    scaled = sa.cast(figure.c.value * casts.literal(VALUE_SCALE), sa.BigInteger)
    if catalogue.indicators[key].kind == "flow":
        return sa.cast(sa.func.sum(sa.case((mine, scaled))), sa.BigInteger).label(key)
    return sa.func.max(sa.case((at_end, scaled))).label(key)


def _over_unit(about: sa.CTE, branch: sa.CTE, keys: list[str]) -> sa.Select[Any]:
    """Sums and means over the branches of a unit that stand at the end and filed the figure; means rounded half up."""
    columns: list[Expression] = []
    for key in keys:
        value = branch.c[key]
        total, count = sa.cast(sa.func.sum(value), sa.BigInteger), sa.func.count(value)
        doubled = casts.literal(2) * total + count
        mean = sa.case((count > 0, doubled.op("//", precedence=15)(casts.literal(2) * count)))
        columns += [total.label(f"sum__{key}"), sa.cast(mean, sa.BigInteger).label(f"mean__{key}")]
    return (
        sa.select(about.c.unit_id, *columns)
        .select_from(about.join(branch, about.c.branch_id == branch.c.subject_id))
        .group_by(about.c.unit_id)
    )
