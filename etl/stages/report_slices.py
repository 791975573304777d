"""What reports read out of the current slices: activities counted by unit, and the units' own words."""

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from etl.core.report_activity import kinds_statement, texts_statement, themes_statement
from etl.core.report_index import ACTIVITY_COLUMNS, TEXT_COLUMNS, THEME_COLUMNS
from etl.edges.engine import fetch, memory_engine, register
from etl.edges.store.results import slices_of
from etl.stages.context import Context


def activity_frames(context: Context) -> dict[str, pd.DataFrame]:
    """`activities`, `themes` and `texts` of a programme and period; columns as `ReportFrames` says."""
    rows = slices_of(context.store, *context.key)
    engine = memory_engine()
    wanted = {"activities": "activities", "unit_figures": "unit_texts"}
    there = {table for table, view in wanted.items() if _view(context, engine, rows, table, view)}
    empty = {
        "activities": pd.DataFrame(columns=ACTIVITY_COLUMNS),
        "themes": pd.DataFrame(columns=THEME_COLUMNS),
        "texts": pd.DataFrame(columns=TEXT_COLUMNS),
    }
    found = {}
    if "activities" in there:
        found["activities"] = _frame(engine, kinds_statement())
    if "activities" in there and _has_column(engine, "activities", "activity_title"):
        found["themes"] = _frame(engine, themes_statement())
    if "unit_figures" in there:
        found["texts"] = _frame(engine, texts_statement())
    return empty | found


def _view(context: Context, engine: sa.Engine, rows: list[dict[str, str]], table: str, name: str) -> bool:
    """A view over the rows of a table that are current for their unit; False where no unit filed that table."""
    files = [
        (row["unit_id"], str(context.landing.at(row["path"]))) for row in rows if row["table_name"] == table
    ]
    if not files:
        return False
    units, paths = zip(*files, strict=True)
    register(engine, f"{name}_files", pa.table({"unit_id": pa.array(units), "file_name": pa.array(paths)}))
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in sorted(set(paths)))
    with engine.connect() as connection:
        connection.exec_driver_sql(
            f"create view {name} as select s.* from read_parquet([{listed}], filename = true, union_by_name = true) as s "  # noqa: S608 - paths of our own landing
            f"join {name}_files as c on s.filename = c.file_name and s.unit_id = c.unit_id"
        )
    return True


def _has_column(engine: sa.Engine, view: str, column: str) -> bool:
    """Whether the slices hold a column: those made before it was kept do not."""
    return column in {each["name"] for each in sa.inspect(engine).get_columns(view)}


def _frame(engine: sa.Engine, statement: sa.Select[tuple[object, ...]]) -> pd.DataFrame:
    return fetch(engine, statement).to_pandas()
