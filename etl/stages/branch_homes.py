"""Where the branches of a year stand: the unit in whose last accepted return of the year each was filed."""

import sqlalchemy as sa

from etl.edges.engine import fetch, memory_engine
from etl.edges.slices import load_figures
from etl.edges.store.results import slices_of
from etl.stages.context import Context, half_contexts


def branch_homes(context: Context) -> dict[str, str]:
    """Branch → unit; of a branch filed by one unit in the first half-year and by another in the second, the second."""
    homes: dict[str, str] = {}
    for half in half_contexts(context):
        engine = memory_engine()
        load_figures(engine, "figures", context.landing, slices_of(half.store, *half.key), ["branches"])
        figure = sa.table("figures", sa.column("subject_id"), sa.column("unit_id"))
        found = fetch(engine, sa.select(figure.c.subject_id, figure.c.unit_id).distinct())
        homes |= dict(zip(found["subject_id"].to_pylist(), found["unit_id"].to_pylist(), strict=True))
    return homes
