"""What reports read out of the current slices: activities counted by unit, and the units' own words."""

import pandas as pd

from etl.core.reports.activity import kinds_statement, texts_statement, themes_statement
from etl.edges.engine import fetch, memory_engine
from etl.edges.slices import load_activities, load_figures
from etl.edges.store.results import slices_of
from etl.stages.context import Context


def activity_frames(context: Context) -> dict[str, pd.DataFrame]:
    """`activities`, `themes` and `texts` of a programme and period; columns as `ReportFrames` says."""
    rows, engine = slices_of(context.store, *context.key), memory_engine()
    load_activities(engine, "activities", context.landing, rows)
    load_figures(engine, "unit_texts", context.landing, rows, ["unit_figures"])
    statements = {"activities": kinds_statement(), "themes": themes_statement(), "texts": texts_statement()}
    return {name: fetch(engine, statement).to_pandas() for name, statement in statements.items()}
