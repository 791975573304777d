"""One batch from text to findings and accepted slices."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from etl.core import corrections, views
from etl.core import typing as cast
from etl.core.addresses import form_column
from etl.core.explanations import binding_id
from etl.core.records import ACTIVITY_SLICE, HONOUR_SLICE
from etl.core.rollup import counted_columns
from etl.core.rules import Suite
from etl.edges.checks import check
from etl.edges.engine import fetch, register
from etl.edges.store.receipts import TextFile
from etl.edges.store.schema import findings
from etl.edges.workbench import Workbench
from etl.errors import Bug

Row = dict[str, Any]
WITH_COLUMN = ("figures", "ratios", "unit_sums", "corrections", "peer_figures", "unit_patterns", "copies", "evidence")
HELD = pa.schema(
    [
        ("receipt_id", pa.string()),
        ("table_name", pa.string()),
        ("sheet", pa.string()),
        ("row_number", pa.int32()),
    ]
)


def run_suites(bench: Workbench, suites: Sequence[Suite]) -> pa.Table:
    """What fails, over all suites whose table is on the bench; columns as in FAILING."""
    tables = set(sa.inspect(bench.engine).get_table_names())
    found = []
    for suite in suites:
        if suite.table not in tables or _is_empty(bench, suite.table):
            continue
        ids = [*views.ROW_KEY, "subject_id", *(["column_key"] if suite.suite in WITH_COLUMN else [])]
        failing = check(bench.engine, suite, bench.period.last_day, ids).failing
        if "column_key" not in failing.column_names:
            keys = [form_column(suite.suite, name) for name in failing["column_name"].to_pylist()]
            failing = failing.append_column("column_key", pa.array(keys, pa.string()))
        failing = _with_plain_observed(failing)
        found.append(failing.select(FAILING.names).cast(FAILING))
    return pa.concat_tables(found) if found else FAILING.empty_table()


def _is_empty(bench: Workbench, table: str) -> bool:
    """Whether a view has no row: then no rule of rows fails, and judging that costs as much as judging many."""
    with bench.engine.connect() as connection:
        return connection.execute(sa.select(1).select_from(sa.table(table)).limit(1)).first() is None


FAILING = pa.schema(
    [("receipt_id", pa.string()), ("unit_id", pa.string()), ("table_name", pa.string()), ("sheet", pa.string()),
     ("row_number", pa.int32()), ("subject_id", pa.string()), ("column_key", pa.string()), ("rule", pa.string()),
     ("level", pa.string()), ("observed", pa.string()), ("expected", pa.string())]
)  # fmt: skip


_OBSERVED = ("branch_id", "value", "change_size", "attended_or_excused", "named_so_far")


def _with_plain_observed(failing: pa.Table) -> pa.Table:
    """Of a pair, the clerk's own figure is what was observed; what it was compared with stands under expected."""
    shown = []
    for names, observed in zip(
        failing["column_name"].to_pylist(), failing["observed"].to_pylist(), strict=True
    ):
        columns, values = names.split(" | "), (observed or "").split(" | ")
        mine = [value for name, value in zip(columns, values, strict=False) if name in _OBSERVED]
        shown.append(mine[0] if len(columns) == len(values) and mine else observed)
    index = failing.column_names.index("observed")
    return failing.set_column(index, "observed", pa.array(shown, pa.string()))


def of_units(failing: pa.Table, unit_ids: Sequence[str]) -> pa.Table:
    """The findings of a batch's own units."""
    return failing.filter(pc.is_in(failing["unit_id"], pa.array(unit_ids, pa.string())))


def without_waived(failing: pa.Table, programme: str, waived: Collection[str]) -> pa.Table:
    """What fails without the held rows that somebody has waived; `waived` are bindings (`core.explanations`)."""
    if not waived:
        return failing
    keep = [
        row["level"] != "row" or binding_id({**row, "programme": programme}) not in waived
        for row in failing.select(_BOUND).to_pylist()
    ]
    return failing.filter(pa.array(keep, pa.bool_()))


_BOUND = ["unit_id", "subject_id", "column_key", "rule", "level", "observed"]


def finding_rows(
    failing: pa.Table,
    texts: Iterable[TextFile],
    programme: str,
    period: str,
    batch_id: str,
    headings: Mapping[tuple[str, str], str],
) -> list[Row]:
    """Findings as rows of the store, with the heading and letter that the unit's own sheet has for the column.

    `headings`: what the form calls a (table, column), for a column that the sheet does not have.
    """
    columns = {(text.receipt_id, text.table_name): text.columns for text in texts}
    rows = []
    for row in failing.to_pylist():
        place = columns.get((row["receipt_id"], row["table_name"]), {}).get(row["column_key"] or "")
        heading, letter = place or (headings.get((row["table_name"], row["column_key"] or "")), None)
        rows.append(
            {**row, "programme": programme, "period": period, "batch_id": batch_id, "stage": "validate",
             "heading": heading, "column_letter": letter}
        )  # fmt: skip
    return rows


def accepted_slices(
    bench: Workbench, failing: pa.Table, held_tables: set[tuple[str, str]]
) -> dict[str, pa.Table]:
    """Slice name → accepted rows of all units of the batch, ordered: `figures`, `activities`, `honours`.

    Rows with a row-level finding are held; so is every row of a (receipt, table) in `held_tables`.
    """
    held = failing.filter(pc.equal(failing["level"], "row")).select(HELD.names)
    held = held.group_by(HELD.names).aggregate([])
    register(bench.engine, "held_arrow", held.cast(HELD))
    register(
        bench.engine, "held_tables_arrow",
        pa.table({"receipt_id": pa.array([r for r, _ in sorted(held_tables)], pa.string()),
                  "table_name": pa.array([t for _, t in sorted(held_tables)], pa.string())}),
    )  # fmt: skip
    tables = set(sa.inspect(bench.engine).get_table_names())
    slices = {"figures": fetch(bench.engine, _figures(bench))}
    if "activities" in tables:
        slices["activities"] = fetch(bench.engine, _activities())
    if "honours" in tables:
        slices["honours"] = fetch(bench.engine, _honours())
    return slices


def _accepted(source: sa.FromClause) -> sa.ColumnElement[bool]:
    held, held_table = (
        views.table("held_arrow", HELD.names),
        views.table("held_tables_arrow", ["receipt_id", "table_name"]),
    )
    row = sa.exists().where(*(held.c[name] == source.c[name] for name in HELD.names))
    whole = sa.exists().where(
        *(held_table.c[name] == source.c[name] for name in ("receipt_id", "table_name"))
    )
    return sa.and_(sa.not_(row), sa.not_(whole))


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
    filed = (
        sa.select(
            figure.c.unit_id, _node_of(unit, row).label("node_id"), figure.c.table_name, figure.c.row_number,
            figure.c.subject_id, figure.c.indicator, figure.c.part, figure.c.value, figure.c.qualifier, figure.c.day,
            kept_text.label("text"), sa.or_(sa.false(), *counted).label("counted"),
        )
        .select_from(figure.join(row, same).join(unit, figure.c.unit_id == unit.c.unit_id))
        .where(_accepted(figure))
    )  # fmt: skip
    rows = sa.union_all(filed, *(_about(key, column) for key, column in ABOUT_BRANCH.items())).subquery(
        "rows_"
    )
    order = (rows.c[name] for name in ("unit_id", "table_name", "row_number", "indicator", "part"))
    return sa.select(rows).order_by(*order)


ABOUT_BRANCH = {"branch_name": "name", "branch_kind": "branch_kind", "rectifying": "rectifying"}


def _about(key: str, column: str) -> sa.Select[Any]:
    """What a branch row says of the branch itself, as texts beside its figures: awards need the name, kind and gate."""
    row, unit = views.table("rows", views.ROWS), views.table("units_ref", ["unit_id", "node_id"])
    return (
        sa.select(
            row.c.unit_id, _node_of(unit, row).label("node_id"), row.c.table_name, row.c.row_number,
            row.c.branch_id.label("subject_id"), cast.literal(key).label("indicator"), cast.literal("").label("part"),
            sa.cast(sa.null(), cast.VALUE).label("value"), sa.cast(sa.null(), sa.String).label("qualifier"),
            sa.cast(sa.null(), sa.Date).label("day"), row.c[column].label("text"), sa.false().label("counted"),
        )
        .select_from(row.join(unit, row.c.unit_id == unit.c.unit_id))
        .where(row.c.table_name == "branches", row.c[column].isnot(None), _accepted(row))
    )  # fmt: skip


def _activities() -> sa.Select[Any]:
    entry = views.table("activities", [*views.ROW_KEY, "file_number", *ACTIVITY_SLICE])
    row, unit = views.table("rows", views.ROWS), views.table("units_ref", ["unit_id", "node_id"])
    branch = (
        sa.select(row.c.unit_id, row.c.branch_id, sa.func.min(row.c.township).label("township"))
        .where(row.c.table_name == "branches")
        .group_by(row.c.unit_id, row.c.branch_id)
        .subquery("branch")
    )
    return (
        sa.select(*(entry.c[name] for name in ACTIVITY_SLICE), _node_of(unit, branch).label("node_id"))
        .select_from(
            entry.join(unit, entry.c.unit_id == unit.c.unit_id).join(
                branch, sa.and_(entry.c.unit_id == branch.c.unit_id, entry.c.branch_id == branch.c.branch_id)
            )
        )
        .where(_accepted(entry))
        .order_by(entry.c.file_number, entry.c.row_number)
    )


def _honours() -> sa.Select[Any]:
    honour = views.table("honours", dict.fromkeys([*views.ROW_KEY, *HONOUR_SLICE]))
    return sa.select(*(honour.c[name] for name in HONOUR_SLICE)).where(_accepted(honour)).order_by(
        honour.c.unit_id, honour.c.row_number
    )  # fmt: skip


def slice_rows(
    texts: Sequence[TextFile], paths: Mapping[str, str], failing: pa.Table, held_tables: set[tuple[str, str]],
    counted: Mapping[tuple[str, str], int], programme: str, period: str,
) -> list[Row]:  # fmt: skip
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
             "path": paths["figures" if text.table_name in ("branches", "unit_figures") else text.table_name]}
        )  # fmt: skip
    return rows


def repair_rows(bench: Workbench, programme: str, period: str, unit_ids: Sequence[str]) -> list[Row]:
    """What was read otherwise than written in a batch, as rows of the store."""
    filed = [layout for layout in bench.layout.tables if layout.key in ("branches", "unit_figures")]
    repaired = of_units(fetch(bench.engine, views.repairs(filed)), unit_ids)
    if bench.bundle.corrections_in(bench.period):
        repaired = pa.concat_tables([of_units(fetch(bench.engine, corrections.repairs()), unit_ids), repaired])
    return [{**row, "programme": programme, "period": period} for row in repaired.to_pylist()]


def held_by_reading(store: sa.Engine, texts: Sequence[TextFile]) -> tuple[pa.Table, set[tuple[str, str]]]:
    """What reading has held already: single rows (as failing rows), and whole tables as (receipt, table)."""
    by_sheet = {(text.receipt_id, text.sheet): text for text in texts}
    statement = sa.select(findings).where(
        findings.c.stage == "read",
        findings.c.level.in_(["row", "file"]),
        findings.c.receipt_id.in_({text.receipt_id for text in texts}),
    )
    rows, tables = [], set()
    with store.connect() as connection:
        for found in connection.execute(statement).mappings():
            text = by_sheet.get((found["receipt_id"], found["sheet"] or ""))
            if text is not None and found["level"] == "file":
                tables.add((text.receipt_id, text.table_name))
            elif text is not None and found["row_number"] is not None:
                place = {"table_name": text.table_name, "sheet": text.sheet, "unit_id": text.unit_id}
                rows.append({**{name: found[name] for name in FAILING.names}, **place})
    return pa.Table.from_pylist(rows, schema=FAILING), tables


def rows_seen(bench: Workbench) -> dict[tuple[str, str], int]:
    """How many rows of each receipt and table reached the views that are judged."""
    tables = set(sa.inspect(bench.engine).get_table_names())
    counts: dict[tuple[str, str], int] = {}
    for name in ("rows", "activities", "honours"):
        if name in tables:
            source = views.table(name, ["receipt_id", "table_name"])
            statement = sa.select(*source.c, sa.func.count()).group_by(*source.c)
            with bench.engine.connect() as connection:
                for row in connection.execute(statement):
                    counts[row[0], row[1]] = row[2]
    return counts
