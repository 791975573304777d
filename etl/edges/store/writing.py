"""Writing while other tasks write: rows that may be there already, and slices that one writer at a time replaces.

Airflow runs batches side by side, and a clerk may press a button twice. On PostgreSQL neither of two transactions sees what the
other has not committed, so looking first and inserting then ends in an IntegrityError, and deleting and inserting in rows twice.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_AT_ONCE = 500  # rows a statement: SQLite takes 32,766 values


def insert_new(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], key: str | None = None
) -> list[Any]:
    """Insert the rows whose `key` (the first primary key column without one) is not there; gives back the keys of these.

    One that is there stays as it is, also if it came from another transaction a moment ago.
    """
    column = table.c[key] if key else next(iter(table.primary_key.columns))
    unique = [column] if key else list(table.primary_key.columns)
    statement = _INSERT[connection.dialect.name](table).on_conflict_do_nothing(index_elements=unique)
    new: list[Any] = []
    for start in range(0, len(rows), _AT_ONCE):
        part = list(rows[start : start + _AT_ONCE])
        new += connection.scalars(statement.returning(column), part)
    return new


def take_turn(connection: sa.Connection, *words: str) -> None:
    """Wait until no other transaction has this turn; it ends with the transaction. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        key = sa.func.hashtext("|".join(words))
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
