"""DuckDB in memory: what does not fit goes to disk, and comes back."""

import gc

import sqlalchemy as sa

from etl.edges.engine import fetch, memory_engine

LIMIT = "24MB"
ROWS = 1_000_000
"""Some 60 MB of texts that do not compress."""


def _filled() -> sa.Engine:
    engine = memory_engine(LIMIT)
    with engine.connect() as connection:
        connection.exec_driver_sql("set threads = 1")
        connection.exec_driver_sql(f"create table texts as select md5(n::varchar) as text from range({ROWS}) as numbers(n)")
    return engine


def _whole(engine: sa.Engine) -> tuple[int, str]:
    (row,) = fetch(engine, sa.select(sa.text("count(*) as rows, max(text) as last from texts"))).to_pylist()
    return row["rows"], row["last"]


def test_what_one_engine_spills_is_safe_from_another_of_the_same_process() -> None:
    first = _filled()
    before = _whole(first)
    second = _filled()
    assert _whole(first) == _whole(second) == before
    first.dispose()
    del first
    gc.collect()
    assert _whole(second) == before
    second.dispose()
