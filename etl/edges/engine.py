"""One in-memory DuckDB for a task, reached through SQLAlchemy and through Arrow."""

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool


def memory_engine() -> sa.Engine:
    """A new, empty DuckDB in memory; all connections of the engine share it.

    Every statement commits by itself: DuckDB knows one transaction per connection, and they all are one.
    """
    return sa.create_engine("duckdb:///:memory:", poolclass=StaticPool, isolation_level="AUTOCOMMIT")


def register(engine: sa.Engine, name: str, table: pa.Table) -> None:
    """Make `table` readable as `name` without copying it."""
    with engine.connect() as connection:
        connection.connection.driver_connection.register(name, table)  # type: ignore[union-attr]


def fetch(engine: sa.Engine, statement: sa.Executable) -> pa.Table:
    """The rows of `statement` as an Arrow table."""
    with engine.connect() as connection:
        return connection.execute(statement).cursor.to_arrow_table()
