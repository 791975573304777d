"""The tables of a roll-up for any number of provinces: one simulated province, written as many times as asked."""

from pathlib import Path

import sqlalchemy as sa

from benchmarks.half_year import PERIOD, PROGRAMME, prepare
from etl.core.programmes.indicators import Indicator
from etl.core.totals import rollup as core
from etl.edges.engine import fetch, memory_engine
from etl.stages import rollup as stage

TABLES = ("figures", "ledger", "nodes", "closure", "wanted")


def derived_indicators() -> list[Indicator]:
    """What the programme recomputes from its sums."""
    from etl.edges.programmes import load_bundle

    bundle = load_bundle(PROGRAMME, None)
    indicators = (bundle.catalogue.indicators[use.key] for use in bundle.programme.indicators)
    return [indicator for indicator in indicators if indicator.kind == "derived"]


def write_province(home: Path, folder: Path, scale: float = 1.0) -> None:
    """Simulate, validate and publish a province, and keep the tables of its roll-up as Parquet in `folder`."""
    prepare(home, scale)
    from etl import tasks
    from etl.edges.store.results import slices_of
    from etl.stages.context import open_context

    for task in (tasks.read, tasks.validate, tasks.publish):
        task(PROGRAMME, PERIOD, None)
    context = open_context(PROGRAMME, PERIOD)
    engine = memory_engine()
    stage.load_leaves(context, engine, slices_of(context.store, *context.key))
    inside = context.register.subtree(context.register.top.node_id)
    stage._tree(context.register, engine, inside)
    stage._load(engine, "wanted", core.wanted_totals(context.bundle.programme, context.bundle.catalogue))
    folder.mkdir()
    with engine.connect() as connection:
        for name in TABLES:
            connection.exec_driver_sql(f"copy (select * from {name}) to '{folder / name}.parquet'")


def replicated(folder: Path, provinces: int) -> sa.Engine:
    """An engine with the tables `provinces` times over, each under a country of its own number, and no earlier totals."""
    engine = memory_engine("12GB")  # time is what is compared here, not memory
    named = {
        "figures": ("node_id",),
        "ledger": ("node_id", "branch_id"),
        "closure": ("node_id", "above_id"),
        "nodes": ("node_id", "parent_id", "code"),
    }
    with engine.connect() as connection:
        for name in TABLES:
            kept = ", ".join(f"i || '|' || {column} as {column}" for column in named.get(name, ()))
            copies = f"select * replace ({kept}) from '{folder / name}.parquet', range({provinces}) as n(i)"
            once = f"select * from '{folder / name}.parquet'"
            source = f"select * exclude (i) from ({copies})" if kept else once
            connection.exec_driver_sql(f"create table {name} as {source}")
        for name in ("previous_totals", "last_year_totals"):
            connection.exec_driver_sql(
                f"create table {name} (node_id varchar, indicator varchar, part varchar, value double)"
            )
    return engine


def core_rows(engine: sa.Engine, indicators: list[Indicator]) -> int:
    """How many totals the project's own statement gives; what is timed."""
    return int(fetch(engine, core.totals_statement(indicators)).num_rows)
