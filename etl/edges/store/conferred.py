"""Titles as the papers need them: what was conferred in a year or batch and still stands, and how long it was on notice."""

from typing import Any

import pandas as pd
import sqlalchemy as sa

from etl.edges.store.queries import fetch_rows, of_period
from etl.edges.store.schema import notices, titles, withdrawals

COLUMNS = (
    "branch_id", "level", "title", "node_id", "decided_on", "branch_name", "unit_id", "highest", "document_number",
    "conferred_by", "period",
)


def conferred_titles(store: sa.Engine, programme: str, period: str) -> pd.DataFrame:
    """The titles of a year or batch that have not been withdrawn, by unit and branch; columns `COLUMNS`.

    A title is entered only when its public notice is over, so that whoever stands here may be named in public.
    """
    taken_back = sa.select(withdrawals.c.title_id)
    statement = (
        sa.select(*(titles.c[name] for name in COLUMNS))
        .where(of_period(titles, programme, period), titles.c.title_id.not_in(taken_back))
        .order_by(titles.c.unit_code, titles.c.branch_id, titles.c.level)
    )
    with store.connect() as connection:
        found = pd.read_sql_query(statement, connection)
    return found.astype({"highest": bool})


def periods_conferred(store: sa.Engine, programme: str, year: int) -> list[str]:
    """The year and those of its batches in which anything was conferred."""
    mine = (
        titles.c.programme == programme,
        sa.or_(titles.c.period == str(year), titles.c.period.like(f"{year}B%")),
    )
    with store.connect() as connection:
        return sorted(connection.scalars(sa.select(titles.c.period).where(*mine).distinct()))


def conferred_before(store: sa.Engine, programme: str, year: int) -> list[dict[str, Any]]:
    """Branch and level of every title of another year: a unit that files it again later names nobody anew."""
    statement = sa.select(titles.c.branch_id, titles.c.level).where(
        titles.c.programme == programme, sa.func.substr(titles.c.period, 1, 4) < str(year)
    )
    return fetch_rows(store, statement.distinct(), dict[str, Any])


def notice_days(store: sa.Engine, programme: str, period: str) -> dict[tuple[str, str], int]:
    """(Level, naming place) → working days of its public notice."""
    statement = sa.select(notices.c.level, notices.c.node_id, notices.c.working_days).where(of_period(notices, programme, period))
    with store.connect() as connection:
        return {(row.level, row.node_id): row.working_days for row in connection.execute(statement)}


def last_notice_day(store: sa.Engine, programme: str, period: str, run_id: str) -> str | None:
    """The day on which the last public notice of an award run closes; None if it has none."""
    of_run = (of_period(notices, programme, period), notices.c.run_id == run_id)
    statement = sa.select(sa.func.max(notices.c.closes_on)).where(*of_run)
    with store.connect() as connection:
        day: str | None = connection.scalar(statement)
    return day
