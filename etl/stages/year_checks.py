"""Year checks: two half-years' figures and the visits on record → findings of the year, and how many fall short where."""

from collections import Counter
from typing import Any

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from etl.core.judging import year_checks as core
from etl.core.reports.name_lists import units_under
from etl.core.rows import NewFinding
from etl.edges.checks import check
from etl.edges.engine import fetch, memory_engine, register
from etl.edges.programmes import load_rules
from etl.edges.slices import load_figures
from etl.edges.store.awards import reviews_of
from etl.edges.store.results import replace_year_findings, slices_of
from etl.stages.branch_homes import branch_homes
from etl.stages.context import Context, half_contexts

_IDS = ("unit_id", "subject_id", "receipt_id", "table_name", "sheet", "row_number", "check_key", "check_zh", "value")
_VISITS = pa.schema([("unit_id", pa.string()), ("visits", pa.int64())])
STAGE = "year"


def year_check_sums(context: Context) -> list[core.CheckSum]:
    """Replace the year's findings; gives back how each check came out at each node."""
    programme = context.bundle.programme
    statement = core.year_checks(programme, context.bundle.catalogue)
    if statement is None:
        return []
    engine = memory_engine()
    _load(context, engine)
    with engine.connect() as connection:
        connection.execute(statement.into("year_checks"))
    suites = [suite for suite in load_rules() if suite.table == "year_checks"]
    found = [
        _finding(context, row)
        for suite in suites
        for row in check(engine, suite, context.period.last_day, _IDS).failing.to_pylist()
    ]
    replace_year_findings(context.store, *context.key, STAGE, found)
    source = sa.table("year_checks", *(sa.column(name) for name in core.COLUMNS))
    rows: pd.DataFrame = fetch(engine, sa.select(source)).to_pandas()
    units_of = {node.node_id: units_under(context.register, node.node_id) for node in context.register.nodes}
    return core.check_sums(rows, programme, units_of)


def _load(context: Context, engine: sa.Engine) -> None:
    for number, half in enumerate(half_contexts(context), 1):
        load_figures(engine, f"figures_{number}", context.landing, slices_of(half.store, *half.key))
    homes = branch_homes(context)
    visited = [each.branch_id for each in reviews_of(context.store, *context.key) if each.visit]
    visits = Counter(homes[branch_id] for branch_id in visited if branch_id in homes)
    register(engine, "visits", pa.Table.from_pylist([{"unit_id": k, "visits": v} for k, v in visits.items()], schema=_VISITS))
    # A unit that filed and was never visited has no visit, which is 0 and not missing.
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "create table year_figures as "
            "select half, unit_id, table_name, subject_id, indicator, value from ("
            "select 1 as half, * from figures_1 union all select 2 as half, * from figures_2) where part = '' "
            "union all select 2, u.unit_id, 'unit_figures', u.subject_id, 'visits', coalesce(v.visits, 0) from "
            "(select unit_id, max(subject_id) as subject_id from (select * from figures_1 union all "
            "select * from figures_2) where table_name = 'unit_figures' group by unit_id) as u "
            "left join visits as v on u.unit_id = v.unit_id"
        )


def _finding(context: Context, row: dict[str, Any]) -> NewFinding:
    """A finding of the year; `subject_id` is the branch, or the unit for what is judged of a unit."""
    return {
        "programme": context.key[0], "period": context.key[1], "unit_id": row["unit_id"],
        "subject_id": row["subject_id"] or row["unit_id"], "stage": STAGE, "batch_id": "", "receipt_id": row["receipt_id"],
        "table_name": row["table_name"], "sheet": row["sheet"], "row_number": row["row_number"], "column_letter": None,
        "heading": row["check_zh"], "column_key": row["check_key"], "rule": row["rule"],
        "level": row["level"], "observed": f"{row['value']:g}", "shown": None, "expected": row["expected"],
    }
