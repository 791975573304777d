"""The findings of one batch: its suites run, failing rows as rows of the store, what reading held or mended."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from etl.core.judging import corrections, views
from etl.core.judging.addresses import form_column
from etl.core.judging.rules import Suite
from etl.core.returns.explanations import binding_id
from etl.edges.checks import check
from etl.edges.engine import fetch, tables_of
from etl.edges.store.receipts import TextFile
from etl.edges.store.schema import findings
from etl.edges.workbench import Workbench

Row = dict[str, Any]
WITH_COLUMN = ("figures", "ratios", "unit_sums", "corrections", "peer_figures", "unit_patterns", "copies", "evidence")


def run_suites(bench: Workbench, suites: Sequence[Suite]) -> pa.Table:
    """What fails, over all suites whose table is on the bench; columns as in FAILING."""
    tables = tables_of(bench.engine)
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
     ("level", pa.string()), ("observed", pa.string()), ("shown", pa.string()), ("expected", pa.string())]
)  # fmt: skip


_OBSERVED = ("branch_id", "value", "attended_or_excused", "named_so_far")


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
    """What fails without the held rows that somebody has waived; `waived` are bindings (`core.returns.explanations`)."""
    if not waived:
        return failing
    keep = [
        row["level"] != "row" or binding_id({**row, "programme": programme}) not in waived
        for row in failing.select(_BOUND).to_pylist()
    ]
    return failing.filter(pa.array(keep, pa.bool_()))


_BOUND = ["unit_id", "subject_id", "column_key", "rule", "level", "observed"]


def finding_rows(
    failing: pa.Table, texts: Iterable[TextFile], programme: str, period: str, headings: Mapping[tuple[str, str], str]
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
            {**row, "programme": programme, "period": period, "stage": "validate", "heading": heading, "column_letter": letter}
        )  # fmt: skip
    return rows


def repair_rows(bench: Workbench, programme: str, period: str, unit_ids: Sequence[str]) -> list[Row]:
    """What was read otherwise than written in a batch, as rows of the store."""
    repaired = of_units(fetch(bench.engine, views.repaired()), unit_ids)
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
