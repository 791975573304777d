"""What nearly every query of the store needs: the rows of a programme and period, and rows as plain mappings."""

from typing import Any

import sqlalchemy as sa

Row = dict[str, Any]


def of_period(table: sa.FromClause, programme: str, period: str) -> sa.ColumnElement[bool]:
    """That a row of a table belongs to a programme and period."""
    return sa.and_(table.c.programme == programme, table.c.period == period)


def fetch_rows(store: sa.Engine, statement: sa.Executable) -> list[Row]:
    """The rows of a statement as mappings of column to value."""
    with store.connect() as connection:
        return [dict(row) for row in connection.execute(statement).mappings()]


def fetch_one(store: sa.Engine, statement: sa.Executable) -> Row | None:
    """The first row of a statement; None if it has none."""
    return next(iter(fetch_rows(store, statement)), None)
