"""What is copied rather than counted: texts and rows that equal others', rows that equal their own of the period before.

The view `copies`, and the tables that it is made of. Compared are all units, so that a unit's warnings do not depend on which
units are judged together. Built over the text tables (views.py) and the view `figures` (relations.py).
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from etl.core import casts
from etl.core.judging.views import ROW_KEY, Statement, branch_key, figure_columns, same, table, text_table
from etl.core.programmes.indicators import IndicatorCatalogue
from etl.core.programmes.layout import TableLayout

Expression = sa.ColumnElement[Any]


def figure_texts(layouts: Sequence[TableLayout]) -> Statement | None:
    """Every text that a branch or unit files under a figure: row key, subject, column, text; None where no form has one."""
    selects = [
        sa.select(
            *_row_key(source, layout), _subject(source, layout).label("subject_id"),
            casts.literal(column.key).label("column_key"), source.c[column.key].label("text"),
        ).where(source.c[column.key].isnot(None))
        for layout in layouts
        for source in [text_table(layout)]
        for column in figure_columns(layout)
        if column.type == "text"
    ]
    return sa.union_all(*selects) if selects else None


def equal_rows(layout: TableLayout, least: int) -> Statement:
    """Branch rows whose figures, `least` of them filled in with something else than 0, all equal another branch's: the first.

    One row a branch that is not the first of its equals: row key, subject, and the branch it equals.
    """
    source = text_table(layout)
    columns = [source.c[column.key] for column in figure_columns(layout) if column.type not in ("text", "date")]
    written = [sa.func.coalesce(column, "") for column in columns]
    filled: Expression = casts.literal(0)
    for value in written:
        filled = filled + sa.case((sa.or_(value == "", value == "0"), 0), else_=1)
    told = sa.func.concat_ws("\x1f", *written)
    rows = sa.select(
        *_row_key(source, layout), branch_key(source).label("subject_id"), told.label("told")
    ).where(filled >= casts.literal(least), source.c.branch_id.isnot(None)).subquery("told")
    first = sa.func.min(rows.c.subject_id).over(partition_by=rows.c.told)
    all_rows = sa.select(rows, first.label("equals")).subquery("equal")
    kept = [all_rows.c[name] for name in (*ROW_KEY, "subject_id", "equals")]
    return sa.select(*kept).where(all_rows.c.equals != all_rows.c.subject_id)


def unchanged_rows(least: int, catalogue: IndicatorCatalogue, before_zh: str) -> Statement:
    """Rows whose figures all equal their own of the period before: row key, subject, that period's name.

    `least` figures are filled in with something else than 0, one of them a flow: what merely stands may well stay as it was.
    """
    figure = table("figures", [*ROW_KEY, "subject_id", "indicator", "part", "value", "value_type"])
    before = table("previous_figures", ["subject_id", "indicator", "part", "value"]).alias("before")
    flows = [key for key, each in catalogue.indicators.items() if each.kind == "flow"]
    told = sa.func.coalesce(figure.c.value, 0) != 0
    keys = [figure.c[name] for name in (*ROW_KEY, "subject_id")]
    return (
        sa.select(*keys, casts.literal(before_zh).label("unchanged_row"))
        .select_from(figure.outerjoin(before, same(figure, before, ("subject_id", "indicator", "part"))))
        .where(figure.c.value_type.not_in([casts.literal(each) for each in ("text", "date")]))
        .group_by(*keys)
        .having(
            sa.func.bool_and(figure.c.value.is_not_distinct_from(before.c.value)),
            sa.func.count().filter(told) >= casts.literal(least),
            sa.func.count().filter(sa.and_(told, figure.c.indicator.in_(flows))) > 0,
        )
    )


def _row_key(source: sa.TableClause, layout: TableLayout) -> list[Expression]:
    return [
        casts.literal(layout.key).label("table_name") if name == "table_name" else source.c[name] for name in ROW_KEY
    ]


def _subject(source: sa.TableClause, layout: TableLayout) -> Expression:
    return branch_key(source) if layout.key == "branches" else source.c.unit_id


def copies(unit_ids: Sequence[str]) -> Statement:
    """One row a copied text or row of a batch's units: what it is, and whose it equals or resembles.

    Out of `copied_texts` (row key, subject_id, column_key, text, copied_from, resembles), `equal_rows` and `unchanged_rows`.
    """
    text = table("copied_texts", [*ROW_KEY, "subject_id", "column_key", "text", "copied_from", "resembles"])
    row = table("equal_rows", [*ROW_KEY, "subject_id", "equals"])
    again = table("unchanged_rows", [*ROW_KEY, "subject_id", "unchanged_row"])
    nothing = sa.cast(sa.null(), sa.String)
    shown = sa.func.left(text.c.text, 200)
    texts = sa.select(
        *(text.c[name] for name in (*ROW_KEY, "subject_id", "column_key")),
        sa.case((text.c.copied_from.isnot(None), shown)).label("copied_text"), text.c.copied_from,
        sa.case((text.c.resembles.isnot(None), shown)).label("near_text"), text.c.resembles,
        nothing.label("equal_row"), nothing.label("equal_to"), nothing.label("unchanged_row"),
    ).where(text.c.unit_id.in_(unit_ids), sa.func.coalesce(text.c.copied_from, text.c.resembles).isnot(None))
    rows = sa.select(
        *(row.c[name] for name in (*ROW_KEY, "subject_id")), casts.literal("branch_id"), nothing, nothing, nothing, nothing,
        row.c.subject_id, row.c.equals, nothing,
    ).where(row.c.unit_id.in_(unit_ids))
    whose = sa.case((again.c.table_name == "branches", casts.literal("branch_id")), else_=casts.literal("unit_name"))
    unchanged = sa.select(
        *(again.c[name] for name in (*ROW_KEY, "subject_id")), whose, *[nothing] * 6,
        again.c.unchanged_row,
    ).where(again.c.unit_id.in_(unit_ids))
    return sa.union_all(texts, rows, unchanged)
