"""One in-memory DuckDB for a task, reached through SQLAlchemy and through Arrow."""

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

MEMORY_LIMIT = "300MB"
"""What DuckDB may hold before it spills to disk: a province takes no longer for it than with more, a larger one somewhat."""


def memory_engine(memory_limit: str = MEMORY_LIMIT) -> sa.Engine:
    """A new, empty DuckDB in memory; all connections of the engine share it.

    Every statement commits by itself: DuckDB knows one transaction per connection, and they all are one.
    Each engine spills to a folder of its own, gone with it: engines that share one overwrite each other, in one process too.
    """
    spill = tempfile.mkdtemp(prefix="sanji-duckdb-")
    engine = sa.create_engine(
        "duckdb:///:memory:",
        poolclass=StaticPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"config": {"memory_limit": memory_limit, "temp_directory": spill}},
    )
    weakref.finalize(engine, _remove, spill, os.getpid())
    return engine


def _remove(spill: str, made_by: int) -> None:
    """Remove a folder, in the process that made it: a forked one has the engine, too, and may end while the other spills."""
    if os.getpid() == made_by:
        shutil.rmtree(spill, ignore_errors=True)


def register(engine: sa.Engine, name: str, table: pa.Table) -> None:
    """Make `table` readable as `name` without copying it."""
    with engine.connect() as connection:
        connection.connection.driver_connection.register(name, table)  # type: ignore[union-attr]  # None only after it is closed


def number_texts(engine: sa.Engine, name: str, texts: Iterable[str | None]) -> None:
    """Make the type `<name>_number` of some texts, of which there are few: cast to it, a column is kept as numbers.

    It is compared, shown and handed out as the text it is.
    """
    different = sorted({text for text in texts if text is not None})
    register(engine, f"{name}_texts", pa.table({"text": pa.array(different or [""], pa.string())}))
    with engine.connect() as connection:
        connection.exec_driver_sql(f'create type "{name}_number" as enum (select text from "{name}_texts")')  # noqa: S608 - own names


def numbered(column: str, source: str = "") -> str:
    """A column of texts, of the type that `number_texts` made for its name, in SQL; `source` with its dot."""
    return f'cast({source}"{column}" as "{column}_number") as "{column}"'


def keep_table(engine: sa.Engine, name: str, rows: pa.Table) -> None:
    """Make a table of Arrow rows; its dictionaries are kept as numbers."""
    register(engine, f"{name}_arrow", rows)
    picked = []
    for field in rows.schema:
        if pa.types.is_dictionary(field.type):
            number_texts(engine, field.name, rows[field.name].to_pylist())
            picked.append(numbered(field.name))
        else:
            picked.append(f'"{field.name}"')
    with engine.connect() as connection:
        connection.exec_driver_sql(f'create table "{name}" as select {", ".join(picked)} from "{name}_arrow"')  # noqa: S608 - own names


def fetch(engine: sa.Engine, statement: sa.SelectBase) -> pa.Table:
    """The rows of `statement` as an Arrow table.

    A statement that is executed streams its rows through one narrow buffer; asked for as a relation, DuckDB's threads
    each gather their own, in half the time. Relations take text, so constants are written into it.
    """
    text = str(statement.compile(engine, compile_kwargs={"literal_binds": True}))
    with engine.connect() as connection:
        rows = connection.connection.driver_connection.sql(text)  # type: ignore[union-attr]  # None only after it is closed
        found = rows.to_arrow_table()
    return found.cast(_as_text(found.schema))


def _as_text(schema: pa.Schema) -> pa.Schema:
    """A schema with plain text where DuckDB numbers texts: how it keeps them is its own affair."""
    return pa.schema(
        [
            field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field
            for field in schema
        ]
    )


def tables_of(engine: sa.Engine) -> set[str]:
    """The tables and views of an engine."""
    there = sa.inspect(engine)
    return {*there.get_table_names(), *there.get_view_names()}


def columns_of(engine: sa.Engine, table: str) -> pa.Schema:
    """The columns of a table or view with their Arrow types."""
    return fetch(engine, sa.select(sa.text("*")).select_from(sa.table(table)).limit(0)).schema


@contextmanager
def streamed(engine: sa.Engine, statement: sa.Executable, batch_rows: int) -> Iterator[pa.RecordBatchReader]:
    """The rows of `statement` a batch at a time, for more of them than should be in memory at once.

    Until the block ends nothing else may be asked of the engine.
    """
    with engine.connect() as connection:
        rows = connection.execute(statement).cursor.to_arrow_reader(batch_rows)
        yield rows.cast(_as_text(rows.schema))
