"""Published slices as views of an engine: the rows of each unit out of the file that is current for it."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from etl.core.programmes.layout import FIGURE_TABLES
from etl.core.rows import SliceFile
from etl.edges.engine import register
from etl.edges.landing import Landing

_FIGURES = {
    "table_name": "varchar", "node_id": "varchar", "row_number": "integer", "subject_id": "varchar", "indicator": "varchar",
    "part": "varchar", "value": "decimal(18, 4)", "qualifier": "varchar", "day": "date", "text": "varchar", "counted": "boolean",
}  # fmt: skip
_ACTIVITIES = {
    "node_id": "varchar", "row_number": "integer", "branch_id": "varchar", "held_on": "date", "activity_kind": "varchar",
    "activity_title": "varchar", "attendance_due": "bigint", "attendance_present": "bigint", "attendance_excused": "bigint",
}  # fmt: skip
_HONOURS = {
    "row_number": "integer", "branch_id": "varchar", "honour_kind": "varchar", "level": "varchar", "recipient": "varchar",
    "recipient_kind": "varchar", "conferred_tier": "varchar", "honour_title": "varchar", "decided_on": "date",
    "document_number": "varchar",
}  # fmt: skip


def load_figures(
    engine: sa.Engine, name: str, landing: Landing, rows: Iterable[SliceFile],
    tables: Collection[str] = FIGURE_TABLES,
) -> None:  # fmt: skip
    """Make the view `name` of the figures in the slices that `rows` of the store name, of branches, units or both.

    A column that an older slice does not have is null there, as in the two views below. Without any slice they are empty.
    """
    # Branches and a unit's own figures lie in one file, told apart by a column.
    _load(engine, name, landing, [row for row in rows if row["table_name"] in tables], _FIGURES, ("unit_id", "table_name"))


def load_activities(engine: sa.Engine, name: str, landing: Landing, rows: Iterable[SliceFile]) -> None:
    """Make the view `name` of the activities in the slices that `rows` of the store name."""
    _load(engine, name, landing, [row for row in rows if row["table_name"] == "activities"], _ACTIVITIES, ("unit_id",))


def load_honours(engine: sa.Engine, name: str, landing: Landing, rows: Iterable[SliceFile]) -> None:
    """Make the view `name` of the honours in the slices that `rows` of the store name."""
    _load(engine, name, landing, [row for row in rows if row["table_name"] == "honours"], _HONOURS, ("unit_id",))


def _load(
    engine: sa.Engine, name: str, landing: Landing, rows: list[SliceFile], columns: Mapping[str, str],
    told_apart_by: Iterable[str],
) -> None:  # fmt: skip
    current = pa.table(
        {
            "unit_id": pa.array([row["unit_id"] for row in rows], pa.string()),
            "table_name": pa.array([row["table_name"] for row in rows], pa.string()),
            "filename": pa.array([str(landing.at(row["path"])) for row in rows], pa.string()),
        }
    )
    register(engine, f"{name}_files", current)
    landing.demand({row["path"]: _whose(row) for row in rows})
    typed = {"unit_id": "varchar", **columns}
    nothing = ", ".join(f'cast(null as {kind}) as "{column}"' for column, kind in {**typed, "filename": "varchar"}.items())
    source = f"select {nothing} where false"
    if paths := sorted(set(current["filename"].to_pylist())):
        listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
        source += f" union all by name select * from read_parquet([{listed}], filename = true, union_by_name = true)"  # noqa: S608 - paths of our own landing
    picked = ", ".join(f's."{column}"' for column in typed)
    same = " and ".join(f"s.{column} = c.{column}" for column in ("filename", *told_apart_by))
    with engine.connect() as connection:
        connection.exec_driver_sql(
            f'create view "{name}" as select {picked} from ({source}) as s join "{name}_files" as c on {same}'  # noqa: S608 - own names
        )


def _whose(row: SliceFile) -> str:
    """What is told of a slice that is gone: half-year and batch, by whose steps it is made again."""
    told: Mapping[str, Any] = row
    return " ".join(told[name] for name in ("period", "batch_id") if name in told) or row["path"]
