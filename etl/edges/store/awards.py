"""Scores, reviews and award runs in the store."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import sqlalchemy as sa

from etl.core.awards.award import Award, Review
from etl.core.awards.scoring import Score
from etl.core.year_rows import AwardRunRow, NewAwardRun, ScoreRunRow
from etl.edges.store.queries import entered_by, fetch_one, fetch_rows, of_period
from etl.edges.store.schema import award_runs, awards, reviews, score_runs, scores
from etl.edges.store.writing import take_turn

Row = dict[str, Any]


def replace_scores(store: sa.Engine, run: ScoreRunRow, rows: Sequence[Row]) -> None:
    """Replace the scores of a programme and year, and what they rest on, in one transaction."""
    key = (run["programme"], run["period"])
    with store.begin() as connection:
        take_turn(connection, "scores", *key)
        for each in (scores, score_runs):
            connection.execute(sa.delete(each).where(of_period(each, *key)))
        connection.execute(sa.insert(score_runs), [run])
        if rows:
            connection.execute(sa.insert(scores), list(rows))


def score_run(store: sa.Engine, programme: str, period: str) -> ScoreRunRow | None:
    """What the scores of a year rest on; None before the first scoring."""
    statement = sa.select(score_runs).where(of_period(score_runs, programme, period))
    return fetch_one(store, statement, ScoreRunRow)


def scored_periods(store: sa.Engine, programme: str) -> list[str]:
    """The years and batches of a programme that are scored, newest first."""
    statement = sa.select(score_runs.c.period).where(score_runs.c.programme == programme).order_by(score_runs.c.period.desc())
    with store.connect() as connection:
        return list(connection.scalars(statement))


def scores_of(
    store: sa.Engine, programme: str, period: str, branch_ids: Collection[str] | None = None
) -> list[Score]:
    """The scores of a year, or of some branches, in the order of branch ids."""
    columns = [column for column in scores.c if column.name not in ("programme", "period")]
    statement = (
        sa.select(*columns)
        .where(of_period(scores, programme, period))
        .order_by(scores.c.branch_id)
    )
    if branch_ids is not None:
        statement = statement.where(scores.c.branch_id.in_(list(branch_ids)))
    return fetch_rows(store, statement, _score)


def score_frame(store: sa.Engine, programme: str, period: str) -> pd.DataFrame:
    """The scores of a year as `scoring.score_table` made them: points in hundredths, a `dimension__` column each."""
    points = ("points", "bonus", "deduction", "self_points")
    columns = [
        sa.type_coerce(column, sa.Integer).label(column.name) if column.name in points else column
        for column in scores.c
        if column.name not in ("programme", "period")
    ]
    statement = (
        sa.select(*columns)
        .where(of_period(scores, programme, period))
        .order_by(scores.c.branch_id)
    )
    frame = pd.DataFrame(fetch_rows(store, statement, Row))
    if frame.empty:
        return pd.DataFrame(columns=[column.name for column in columns if column.name != "dimensions"])
    dimensions = pd.DataFrame(frame.pop("dimensions").tolist()).add_prefix("dimension__")
    return frame.astype({"members": "Int64", "self_points": "Int64"}).join(dimensions)


def _score(dimensions: Mapping[str, int], **others: Any) -> Score:
    return Score(dimensions={key: Decimal(value).scaleb(-2) for key, value in dimensions.items()}, **others)


def reviews_of(
    store: sa.Engine, programme: str, period: str, as_of: dt.date | None = None, branch_id: str | None = None
) -> list[Review]:
    """The reviews of a year, or of one branch in it, entered up to the end of a day (all without one), oldest first."""
    columns = [column for column in reviews.c if column.name not in ("programme", "period")]
    statement = (
        sa.select(*columns)
        .where(of_period(reviews, programme, period), entered_by(reviews, as_of))
        .order_by(reviews.c.entered_at, reviews.c.review_id)
    )
    if branch_id is not None:
        statement = statement.where(reviews.c.branch_id == branch_id)
    return fetch_rows(store, statement, as_review)


def as_review(item_points: Mapping[str, str] | None, **others: Any) -> Review:
    """The review that a row of `reviews` is; its columns without programme and period."""
    return Review(item_points={key: Decimal(value) for key, value in (item_points or {}).items()}, **others)


def keep_run(store: sa.Engine, run: NewAwardRun, rows: Sequence[Row]) -> int:
    """Keep an award run and its rows, if it is not kept already; gives back its number among the year's runs."""
    same_year = of_period(award_runs, run["programme"], run["period"])
    with store.begin() as connection:
        take_turn(connection, "award run", run["programme"], run["period"])
        number: int | None = connection.scalar(
            sa.select(award_runs.c.number).where(award_runs.c.run_id == run["run_id"])
        )
        if number is not None:
            return number
        last: int | None = connection.scalar(sa.select(sa.func.max(award_runs.c.number)).where(same_year))
        number = (last or 0) + 1
        connection.execute(sa.insert(award_runs), [{**run, "number": number}])
        if rows:
            connection.execute(sa.insert(awards), list(rows))
    return number


def runs_of(store: sa.Engine, programme: str, period: str) -> list[AwardRunRow]:
    """The award runs of a year, oldest first."""
    statement = (
        sa.select(award_runs)
        .where(of_period(award_runs, programme, period))
        .order_by(award_runs.c.number)
    )
    return fetch_rows(store, statement, AwardRunRow)


def run_of(store: sa.Engine, run_id: str) -> AwardRunRow | None:
    """One award run; None if there is none."""
    return fetch_one(store, sa.select(award_runs).where(award_runs.c.run_id == run_id), AwardRunRow)


def awards_of(store: sa.Engine, run_id: str) -> list[Award]:
    """Who is named, waits or holds the level already in a run: by level, naming place, rank and branch."""
    columns = [column for column in awards.c if column.name != "run_id"]
    statement = (
        sa.select(*columns)
        .where(awards.c.run_id == run_id)
        .order_by(awards.c.level, awards.c.node_id, awards.c.rank, awards.c.branch_id)
    )
    return fetch_rows(store, statement, Award)
