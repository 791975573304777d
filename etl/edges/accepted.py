"""The accepted slices of one batch: the rows that no finding holds, and the count of rows that must balance."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from etl.core import casts
from etl.core.judging import views
from etl.core.judging.honours import HONOUR_SLICE
from etl.core.judging.ledger import ACTIVITY_SLICE
from etl.core.programmes.layout import FIGURE_TABLES
from etl.core.totals.rollup import counted_columns
from etl.edges.engine import register, streamed, tables_of
from etl.edges.store.receipts import TextFile
from etl.edges.workbench import Workbench
from etl.errors import Bug

Row = dict[str, Any]
HELD = pa.schema(
    [
        ("receipt_id", pa.string()),
        ("table_name", pa.string()),
        ("sheet", pa.string()),
        ("row_number", pa.int32()),
    ]
)


_BATCH_ROWS = 122_880
"""How many rows of a slice are in memory at once: as many as DuckDB keeps together."""


def keep_accepted(bench: Workbench, failing: pa.Table, held_tables: set[tuple[str, str]]) -> dict[str, str]:
    """Keep the accepted rows of all units of the batch, ordered; slice name → path: `figures`, `activities`, `honours`.

    Rows with a row-level finding are held; so is every row of a (receipt, table) in `held_tables`.
    """
    held = failing.filter(pc.equal(failing["level"], "row")).select(HELD.names)
    held = held.group_by(HELD.names).aggregate([])
    register(bench.engine, "held_arrow", held.cast(HELD))
    register(
        bench.engine, "held_tables_arrow",
        pa.table({"receipt_id": pa.array([r for r, _ in sorted(held_tables)], pa.string()),
                  "table_name": pa.array([t for _, t in sorted(held_tables)], pa.string())}),
    )
    tables = tables_of(bench.engine)
    slices = {"figures": _figures(bench)}
    if "activities" in tables:
        slices["activities"] = _activities()
    if "honours" in tables:
        slices["honours"] = _honours()
    paths = {}
    for name, statement in slices.items():
        with streamed(bench.engine, statement, _BATCH_ROWS) as rows:
            paths[name] = bench.landing.keep_slice(rows)
    return paths


def _accepted(rows: sa.Select[Any], source: sa.FromClause) -> sa.Select[Any]:
    """Those of `rows` whose row in `source` nothing holds. An outer join: of NOT EXISTS DuckDB makes a list of all rows."""
    held, held_table = (
        views.table("held_arrow", HELD.names),
        views.table("held_tables_arrow", ["receipt_id", "table_name"]),
    )
    return (
        rows.outerjoin(held, views.same(held, source, HELD.names))
        .outerjoin(held_table, views.same(held_table, source, ("receipt_id", "table_name")))
        .where(held.c.receipt_id.is_(None), held_table.c.receipt_id.is_(None))
    )


def _node_of(unit: sa.FromClause, row: sa.FromClause) -> sa.ColumnElement[Any]:
    """A branch stands at its township where the programme has that tier, else at its unit."""
    return sa.case((row.c.township.isnot(None), unit.c.node_id + "/" + row.c.township), else_=unit.c.node_id)


def _figures(bench: Workbench) -> sa.Select[Any]:
    figure = views.table(
        "figures",
        [
            *views.ROW_KEY,
            "subject_id",
            "indicator",
            "part",
            "value",
            "qualifier",
            "day",
            "text",
            "value_type",
        ],
    )
    row, unit = views.table("rows", views.ROWS), views.table("units_ref", ["unit_id", "node_id"])
    same = sa.and_(
        *(figure.c[name] == row.c[name] for name in ("receipt_id", "table_name", "sheet", "row_number"))
    )
    counted = [
        sa.and_(figure.c.table_name == t, figure.c.indicator == i)
        for t, i in sorted(counted_columns(bench.bundle.programme, bench.bundle.catalogue))
    ]
    kept_text = sa.case((figure.c.value_type == "text", figure.c.text))
    filed = _accepted(
        sa.select(
            figure.c.unit_id, _node_of(unit, row).label("node_id"), figure.c.table_name, figure.c.row_number,
            figure.c.subject_id, figure.c.indicator, figure.c.part, figure.c.value, figure.c.qualifier, figure.c.day,
            kept_text.label("text"), sa.or_(sa.false(), *counted).label("counted"),
        )
        .select_from(figure.join(row, same).join(unit, figure.c.unit_id == unit.c.unit_id)),
        figure,
    )
    rows = sa.union_all(filed, *(_about(key, column) for key, column in ABOUT_BRANCH.items())).subquery(
        "rows_"
    )
    order = (rows.c[name] for name in ("unit_id", "table_name", "row_number", "indicator", "part"))
    return sa.select(rows).order_by(*order)


ABOUT_BRANCH = {"branch_name": "name", "branch_kind": "branch_kind", "rectifying": "rectifying"}


def _about(key: str, column: str) -> sa.Select[Any]:
    """What a branch row says of the branch itself, as texts beside its figures: awards need the name, kind and gate."""
    row, unit = views.table("rows", views.ROWS), views.table("units_ref", ["unit_id", "node_id"])
    return _accepted(
        sa.select(
            row.c.unit_id, _node_of(unit, row).label("node_id"), row.c.table_name, row.c.row_number,
            row.c.branch_id.label("subject_id"), casts.literal(key).label("indicator"), casts.literal("").label("part"),
            sa.cast(sa.null(), casts.VALUE).label("value"), sa.cast(sa.null(), sa.String).label("qualifier"),
            sa.cast(sa.null(), sa.Date).label("day"), row.c[column].label("text"), sa.false().label("counted"),
        )
        .select_from(row.join(unit, row.c.unit_id == unit.c.unit_id))
        .where(row.c.table_name == "branches", row.c[column].isnot(None)),
        row,
    )


def _activities() -> sa.Select[Any]:
    entry = views.table("activities", [*views.ROW_KEY, "file_number", *ACTIVITY_SLICE])
    row, unit = views.table("rows", views.ROWS), views.table("units_ref", ["unit_id", "node_id"])
    branch = (
        sa.select(row.c.unit_id, row.c.branch_id, sa.func.min(row.c.township).label("township"))
        .where(row.c.table_name == "branches")
        .group_by(row.c.unit_id, row.c.branch_id)
        .subquery("branch")
    )
    filed = sa.select(*(entry.c[name] for name in ACTIVITY_SLICE), _node_of(unit, branch).label("node_id")).select_from(
        entry.join(unit, entry.c.unit_id == unit.c.unit_id).join(
            branch, views.same(entry, branch, ("unit_id", "branch_id"))
        )
    )
    return _accepted(filed, entry).order_by(entry.c.file_number, entry.c.row_number)


def _honours() -> sa.Select[Any]:
    honour = views.table("honours", dict.fromkeys([*views.ROW_KEY, *HONOUR_SLICE]))
    filed = sa.select(*(honour.c[name] for name in HONOUR_SLICE)).select_from(honour)
    return _accepted(filed, honour).order_by(honour.c.unit_id, honour.c.row_number)


def slice_rows(
    texts: Sequence[TextFile], paths: Mapping[str, str], failing: pa.Table, held_tables: set[tuple[str, str]],
    counted: Mapping[tuple[str, str], int], programme: str, period: str,
) -> list[Row]:
    """One row a unit and table: where its accepted rows lie and how many rows came of it.

    `counted`: rows that the engine really saw per (receipt, table). Raises Bug unless rows in = accepted + held + blank.
    """
    held: dict[tuple[str, str], set[tuple[str, int]]] = {}
    for row in failing.filter(pc.equal(failing["level"], "row")).select(HELD.names).to_pylist():
        held.setdefault((row["receipt_id"], row["table_name"]), set()).add((row["sheet"], row["row_number"]))
    rows = []
    for text in texts:
        key = (text.receipt_id, text.table_name)
        seen = counted.get(key, 0)
        rows_held = seen if key in held_tables else len(held.get(key, ()))
        if seen + text.rows_blank != text.rows_in or rows_held > seen:
            raise Bug(
                f"{text.receipt_id} {text.table_name}: {text.rows_in} rows in, {seen} seen, {rows_held} held, "
                f"{text.rows_blank} blank do not balance"
            )
        rows.append(
            {"programme": programme, "period": period, "unit_id": text.unit_id, "table_name": text.table_name,
             "receipt_id": text.receipt_id, "rows_in": text.rows_in, "rows_held": rows_held,
             "rows_accepted": seen - rows_held, "rows_blank": text.rows_blank,
             "path": paths["figures" if text.table_name in FIGURE_TABLES else text.table_name]}
        )
    return rows


def rows_seen(bench: Workbench) -> dict[tuple[str, str], int]:
    """How many rows of each receipt and table reached the views that are judged."""
    tables = tables_of(bench.engine)
    counts: dict[tuple[str, str], int] = {}
    for name in ("rows", "activities", "honours"):
        if name in tables:
            source = views.table(name, ["receipt_id", "table_name"])
            statement = sa.select(*source.c, sa.func.count()).group_by(*source.c)
            with bench.engine.connect() as connection:
                for row in connection.execute(statement):
                    counts[row[0], row[1]] = row[2]
    return counts
