"""What a figure is held against: other figures of its row, its unit's branches, its ledger, the period before.

Continues `views.py`: from typed cells to the table `figures`, on which the suite of that name runs. Ratios are in `ratios.py`,
sums of a unit in `unit_sums.py`.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from etl.core import casts
from etl.core.judging.views import ROW_KEY, Statement, figure_columns, same, table
from etl.core.programmes.formula import Formula, parse_formula
from etl.core.programmes.indicators import Indicator, IndicatorCatalogue
from etl.core.programmes.layout import Column, ColumnType, TableLayout
from etl.core.programmes.programme import Programme

Expression = sa.ColumnElement[Any]
_PREVIOUS = ("unit_id", "subject_id", "indicator", "part", "value")


def column_ref(
    layouts: Sequence[TableLayout],
    programme: Programme,
    catalogue: IndicatorCatalogue,
    wanted: Mapping[ColumnType, str],
    day: dt.date,
) -> list[dict[str, Any]]:
    """What each figure column must be on a day: one mapping a column, the rows of the table `column_ref`.

    `wanted` says in Chinese what a value type should look like.
    """
    uses = {use.key: use for use in programme.indicators}
    return [
        {
            "table_name": layout.key,
            "column_key": column.key,
            "indicator": column.indicator,
            "part": column.part,
            "value_type": column.type,
            "unit_zh": catalogue.unit_of(column.indicator).zh,
            "unit_words": "|".join(column.unit_words),
            "wanted": wanted[column.type],
            "required": column.required,
            "own_tier": uses[column.indicator].tier,
            "minimum": Decimal(0) if column.type not in ("text", "date") else None,
            "maximum": _maximum(column.type, catalogue.indicators[column.indicator], programme, day),
            "of_members": catalogue.indicators[column.indicator].of_members,
        }
        for layout in layouts
        for column in figure_columns(layout)
        if column.indicator is not None
    ]


def _maximum(value_type: str, indicator: Indicator, programme: Programme, day: dt.date) -> Decimal | None:
    if indicator.within == "rubric" and programme.rubric is not None:
        return Decimal(programme.rubric.most(day))
    return Decimal(1) if value_type in ("share", "yes_no") else None


def figures(layout: TableLayout, programme: Programme, catalogue: IndicatorCatalogue) -> Statement:
    """The figures of one table with everything the rules compare them to."""
    related = _Related(layout, catalogue)
    cell = table("typed_cells", _TYPED).alias("cell")
    wide = table(f"{layout.key}_values", [*ROW_KEY, *(column.key for column in related.columns)]).alias(
        "wide"
    )
    row = table("rows", [*ROW_KEY, "branch_kind"]).alias("row_of")
    unit = table("units_ref", ["unit_id", "must_report", "own_tier"]).alias("unit")
    before = table("previous_figures", _PREVIOUS).alias("before")
    before_key = related.case(cell, lambda indicator: _literal_or_none(indicator.previous))
    compared, compared_value = _other_table(layout, related, cell)
    source = (
        cell.join(wide, same(cell, wide, ("receipt_id", "sheet", "row_number")))
        .join(row, same(cell, row, ("receipt_id", "table_name", "sheet", "row_number")))
        .join(unit, cell.c.unit_id == unit.c.unit_id)
        .outerjoin(compared, compared_value.on)
        .outerjoin(
            before,
            sa.and_(
                cell.c.subject_id == before.c.subject_id,
                cell.c.part == before.c.part,
                before.c.indicator == before_key,
            ),
        )
    )
    uncounted = [kind.kind for kind in programme.branch_kinds if not kind.counts_members]
    recomputed = related.formulas(cell, wide, lambda indicator: indicator.formula)
    required = sa.or_(
        sa.and_(cell.c.required, unit.c.must_report),
        sa.and_(cell.c.own_tier.isnot(None), cell.c.own_tier == unit.c.own_tier),
    )
    return (
        sa.select(
            *(cell.c[name] for name in _KEPT),
            sa.case((sa.and_(required, cell.c.text.is_(None)), casts.literal(casts.NOT_FILLED))).label("missing_mark"),
            sa.case((sa.and_(cell.c.of_members, row.c.branch_kind.in_(uncounted)), casts.literal(0)), else_=cell.c.maximum)
            .label("maximum"),
            sa.case((cell.c.value_type == "whole", sa.cast(sa.func.floor(cell.c.value), casts.VALUE))).label("whole_number"),
            related.formulas(cell, wide, lambda indicator: indicator.must_equal).label("must_equal"),
            related.parts_sum(cell, wide).label("parts_sum"),
            related.formulas(cell, wide, related.whole).label("whole_value"),
            before.c.value.label("closing_before"),
            compared_value.branch_sum.label("branch_sum"),
            compared_value.ledger_count.label("ledger_count"),
            compared_value.listed.label("listed"),
            compared_value.titled.label("titled"),
            sa.func.round(recomputed, 4).label("recomputed"),  # as figures are kept
            # A rate that its parts make impossible (F16) is not what should be filed.
            sa.case((recomputed <= sa.func.coalesce(cell.c.maximum, recomputed),
                     sa.func.abs(sa.cast(cell.c.value, sa.Double) - recomputed))).label("recomputed_gap"),
            related.case(cell, lambda indicator: _gap_allowed(indicator, catalogue)).label("gap_allowed"),
            sa.case((recomputed > cell.c.maximum, casts.worked_out(related.working(cell, wide), recomputed)))
            .label("recomputed_shown"),
        )
        .select_from(source)
    )


_TYPED = (
    *ROW_KEY, "subject_id", "column_key", "indicator", "part", "value_type", "unit_zh", "wanted", "required", "own_tier",
    "minimum", "maximum", "of_members", "text", "value", "day", "qualifier", "wrong_unit", "unreadable_text",
)
_KEPT = (
    *ROW_KEY, "subject_id", "column_key", "indicator", "part", "value_type", "unit_zh", "wanted", "minimum", "text",
    "value", "day", "qualifier", "wrong_unit", "unreadable_text",
)


class _Compared:
    """How figures meet other tables: the join condition and the values that may come of it."""

    def __init__(
        self, on: Expression, branch_sum: Expression, ledger_count: Expression, listed: Expression, titled: Expression
    ) -> None:
        self.on, self.branch_sum, self.ledger_count, self.listed, self.titled = on, branch_sum, ledger_count, listed, titled


def _other_table(
    layout: TableLayout, related: "_Related", cell: sa.FromClause
) -> tuple[sa.FromClause, _Compared]:
    """Branch rows are compared with the ledger, a unit's own figures with its branches, its list of honours and titles."""
    nothing = sa.cast(sa.null(), casts.VALUE)
    if layout.key == "branches":
        ledger = table("ledger_counts", ["unit_id", "branch_id", "activity_kind", "entries"]).alias("ledger")
        kind = related.case(cell, lambda indicator: _literal_or_none(indicator.ledger_kind))
        on = sa.and_(
            cell.c.unit_id == ledger.c.unit_id,
            cell.c.subject_id == ledger.c.branch_id,
            ledger.c.activity_kind == kind,
        )
        kept_ledger = cell.c.unit_id.in_(
            sa.select(sa.column("unit_id")).select_from(sa.table("ledger_units"))
        )
        entries = sa.func.coalesce(sa.cast(ledger.c.entries, casts.VALUE), 0)
        count = sa.case((sa.and_(kind.isnot(None), kept_ledger), entries))
        return ledger, _Compared(on, nothing, count, nothing, nothing)
    sums = table("branch_sums", ["unit_id", "indicator", "part", "value"]).alias("branch_sum_of")
    on = sa.and_(
        cell.c.unit_id == sums.c.unit_id, cell.c.indicator == sums.c.indicator, cell.c.part == sums.c.part
    )
    return sums, _Compared(on, sums.c.value, nothing, _listed(related, cell), _titled(related, cell))


def _listed(related: "_Related", cell: sa.FromClause) -> Expression:
    """How many the unit's honours list has of whom a figure counts; a unit without a list has listed nobody."""
    whom = related.case(cell, lambda indicator: _literal_or_none(indicator.lists))
    if not related.lists:
        return sa.cast(sa.null(), casts.VALUE)
    honours = table("honours_listed", ["unit_id", "recipient_kind", "listed"])
    found = (
        sa.select(sa.func.max(honours.c.listed))
        .where(honours.c.unit_id == cell.c.unit_id, honours.c.recipient_kind == whom)
        .correlate(cell)
        .scalar_subquery()
    )
    of_whole = sa.and_(whom.isnot(None), cell.c.part == "")
    return sa.case((of_whole, sa.cast(sa.func.coalesce(found, 0), casts.VALUE)))


def _titled(related: "_Related", cell: sa.FromClause) -> Expression:
    """How many titles on record a figure's part by level should count; NULL at a level of which nothing is on record."""
    basis = related.case(cell, lambda indicator: _literal_or_none(indicator.titles))
    if not related.titles:
        return sa.cast(sa.null(), casts.VALUE)
    title = table("titles_counted", ["basis", "unit_id", "level", "recorded"])
    found = (
        sa.select(sa.func.max(title.c.recorded))
        .where(title.c.basis == basis, title.c.unit_id == cell.c.unit_id, title.c.level == cell.c.part)
        .correlate(cell)
        .scalar_subquery()
    )
    return sa.cast(found, casts.VALUE)


class _Related:
    """Chooses, cell by cell, the relation that its column has: a CASE over the layout's column keys."""

    def __init__(self, layout: TableLayout, catalogue: IndicatorCatalogue) -> None:
        self.columns = figure_columns(layout)
        self.keys = {column.key for column in self.columns}
        self.catalogue = catalogue
        self.lists = any(self._indicator(column).lists for column in self.columns)
        self.titles = any(self._indicator(column).titles for column in self.columns)

    def _indicator(self, column: Column) -> Indicator:
        return self.catalogue.indicators[column.indicator or ""]

    def case(self, cell: sa.FromClause, of: Callable[[Indicator], Expression | None]) -> Expression:
        """What `of` says of the indicator of each column; NULL where it says nothing."""
        found = {c.key: of(self._indicator(c)) for c in self.columns}
        return _case(cell, {key: value for key, value in found.items() if value is not None})

    def whole(self, indicator: Indicator) -> str | None:
        """What the figure is part of, of all that the row files: the whole of the whole where that is not asked for."""
        name = indicator.part_of
        while name is not None and name not in self.keys:
            name = self.catalogue.indicators[name].part_of
        return name

    def formulas(
        self, cell: sa.FromClause, wide: sa.FromClause, of: Callable[[Indicator], str | None]
    ) -> Expression:
        """The formula that `of` names, over figures of the same row; for totals only, and only with all its columns."""
        found: dict[str, Expression] = {}
        for column in self.columns:
            text = None if column.part else of(self._indicator(column))
            formula: Formula | None = parse_formula(text) if text else None
            if formula and set(formula.names) <= self.keys:
                scale = self._indicator(column).scale if self._indicator(column).formula == text else 1
                found[column.key] = formula.over(lambda name: wide.c[name]) * casts.literal(scale)
        return _case(cell, found)

    def working(self, cell: sa.FromClause, wide: sa.FromClause) -> Expression:
        """How a rate comes of figures of the same row, in words of arithmetic."""
        found: dict[str, Expression] = {}
        for column in self.columns:
            indicator = self._indicator(column)
            formula = parse_formula(indicator.formula) if indicator.formula and indicator.scale == 1 else None
            if formula and not column.part and set(formula.names) <= self.keys:
                text = formula.written(lambda name: casts.written(wide.c[name]))
                found |= {} if text is None else {column.key: text}
        return _case(cell, found, sa.String)

    def parts_sum(self, cell: sa.FromClause, wide: sa.FromClause) -> Expression:
        """The sum of a total's parts, NULL while none is filed."""
        found: dict[str, Expression] = {}
        for column in self.columns:
            parts = [c.key for c in self.columns if c.indicator == column.indicator and c.part]
            if not column.part and parts:
                whole = sum(
                    (sa.func.coalesce(wide.c[key], 0) for key in parts[1:]),
                    sa.func.coalesce(wide.c[parts[0]], 0),
                )
                found[column.key] = sa.case(
                    (sa.func.coalesce(*(wide.c[key] for key in parts)).isnot(None), whole)
                )
        return _case(cell, found)


def _case(cell: sa.FromClause, found: Mapping[str, Expression], kind: Any = sa.Double) -> Expression:
    if not found:
        return sa.cast(sa.null(), kind)
    return sa.case(*((cell.c.column_key == casts.literal(key), value) for key, value in found.items()))


def _literal_or_none(value: str | None) -> Expression | None:
    return None if value is None else casts.literal(value)


def _gap_allowed(indicator: Indicator, catalogue: IndicatorCatalogue) -> Expression | None:
    """Half a unit of the last printed decimal, a hair more for binary fractions; shares print in percent."""
    if indicator.formula is None:
        return None
    decimals = (
        indicator.decimals if indicator.decimals is not None else catalogue.unit_of(indicator.key).decimals
    )
    percent = catalogue.unit_of(indicator.key).value_type == "share"
    return casts.literal(0.5 * 10 ** -(decimals + (2 if percent else 0)) + 1e-9)
