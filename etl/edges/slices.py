"""Published slices as views of an engine: the rows of each unit out of the file that is current for it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from etl.edges.engine import register
from etl.edges.landing import Landing


def load_slices(
    engine: sa.Engine,
    name: str,
    landing: Landing,
    rows: Sequence[Mapping[str, Any]],
    columns: Mapping[str, str],
) -> None:
    """Make the table `name` of `columns` (name → DuckDB type) out of the slices that `rows` of the store name.

    A column that an older slice does not have is null there. Without any slice the table is empty.
    """
    current = pa.table(
        {
            "unit_id": pa.array([row["unit_id"] for row in rows], pa.string()),
            "table_name": pa.array([row["table_name"] for row in rows], pa.string()),
            "file_name": pa.array([str(landing.at(row["path"])) for row in rows], pa.string()),
        }
    )
    register(engine, f"{name}_files", current)
    empty = ", ".join(f'cast(null as {kind}) as "{column}"' for column, kind in columns.items())
    source = (
        f"select {empty}, cast(null as varchar) as filename, cast(null as varchar) as unit_id where false"
    )
    if paths := sorted(set(current["file_name"].to_pylist())):
        listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
        source += f" union all by name select * from read_parquet([{listed}], filename = true, union_by_name = true)"  # noqa: S608 - paths of our own landing
    picked = ", ".join(f's."{column}"' for column in columns)
    # Branches and a unit's own figures lie in one file, told apart by a column; every other file holds one table.
    same_table = " and s.table_name = c.table_name" if "table_name" in columns else ""
    with engine.connect() as connection:
        connection.exec_driver_sql(
            f'create table "{name}" as select s.unit_id, {picked} from ({source}) as s '  # noqa: S608 - own names, paths of our own landing
            f'join "{name}_files" as c on s.filename = c.file_name and s.unit_id = c.unit_id{same_table}'
        )
