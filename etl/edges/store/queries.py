"""What nearly every query of the store needs: the rows of a programme and period, and rows in their shapes."""

import datetime as dt
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

R = TypeVar("R")


def of_period(table: sa.FromClause, programme: str, period: str) -> sa.ColumnElement[bool]:
    """That a row of a table belongs to a programme and period."""
    return sa.and_(table.c.programme == programme, table.c.period == period)


def entered_by(table: sa.FromClause, day: dt.date | None) -> sa.ColumnElement[bool]:
    """That a record was entered by the end of a day; of any hour where none is given. Hours are kept as text, in China's time."""
    return sa.true() if day is None else table.c.entered_at < (day + dt.timedelta(days=1)).isoformat()


def fetch_rows(store: sa.Engine, statement: sa.Executable, shape: Callable[..., R]) -> list[R]:
    """The rows of a statement, each in the shape that takes its columns by name."""
    with store.connect() as connection:
        return rows_in(connection, statement, shape)


def rows_in(connection: sa.Connection, statement: sa.Executable, shape: Callable[..., R]) -> list[R]:
    """Like `fetch_rows`, within a transaction."""
    return [shape(**row) for row in connection.execute(statement).mappings()]


def fetch_one(store: sa.Engine, statement: sa.Executable, shape: Callable[..., R]) -> R | None:
    """The first row of a statement; None if it has none."""
    return next(iter(fetch_rows(store, statement, shape)), None)
