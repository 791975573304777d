"""The record tables of a year: rows are only ever added, each under an id made of what it says."""

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from etl.core.year_rows import Entered
from etl.edges.store.queries import R, entered_by, fetch_rows
from etl.edges.store.writing import insert_new


def record_id(*words: object) -> str:
    """The id of a record: the same words are the same record."""
    return hashlib.sha256("|".join(map(str, words)).encode()).hexdigest()[:24]


def add_records(store: sa.Engine, table: sa.Table, rows: Sequence[Entered]) -> int:
    """Add rows that are not there yet, in one transaction; how many were new."""
    with store.begin() as connection:
        return len(insert_new(connection, table, rows))


def records_of(
    store: sa.Engine, table: sa.Table, shape: Callable[..., R], programme: str, last_day: dt.date | None = None, **equal: Any
) -> list[R]:
    """A programme's rows whose columns equal these values, in the order in which they were entered. `shape`: of the table.

    `last_day`: the last one of those that count; what was entered later is left out.
    """
    key = next(iter(table.primary_key.columns))
    same = (table.c[name] == value for name, value in equal.items())
    statement = sa.select(table).where(table.c.programme == programme, *same, entered_by(table, last_day))
    return fetch_rows(store, statement.order_by(table.c.entered_at, key), shape)
