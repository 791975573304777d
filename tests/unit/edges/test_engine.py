"""DuckDB in memory: what does not fit goes to disk, and comes back."""

import gc
import os
import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa

from etl.edges.engine import fetch, keep_table, memory_engine, number_texts, streamed

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


@pytest.fixture
def spills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which engines make theirs."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_goes_with_its_engine_and_not_with_a_process_forked_from_it(spills: Path) -> None:
    engine = memory_engine(LIMIT)
    child = os.fork()
    if child == 0:
        del engine
        gc.collect()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(list(spills.iterdir())) == 1
    engine.dispose()
    del engine
    gc.collect()
    assert list(spills.iterdir()) == []


def test_what_is_kept_as_numbers_is_text_to_whoever_asks() -> None:
    engine = memory_engine()
    few = pa.array(["P2", "P1", None, "P2"]).dictionary_encode()
    keep_table(engine, "units", pa.table({"unit_id": few, "row_number": [1, 2, 3, 4]}))
    with engine.connect() as connection:
        kinds = connection.exec_driver_sql("select distinct typeof(unit_id) from units").scalars().all()
    assert kinds == ["ENUM('P1', 'P2')"]
    unit_id = sa.table("units", sa.column("unit_id")).c.unit_id
    fetched = fetch(engine, sa.select(unit_id).where(unit_id > "P0").order_by(unit_id))
    assert fetched == pa.table({"unit_id": ["P1", "P2", "P2"]})
    with streamed(engine, sa.select(unit_id).order_by(unit_id.nulls_last()), 2) as rows:
        assert rows.read_all() == pa.table({"unit_id": ["P1", "P2", "P2", None]})


def test_of_no_texts_a_type_can_be_made_too() -> None:
    engine = memory_engine()
    number_texts(engine, "sheet", [None])
    assert fetch(engine, sa.select(sa.text("cast(null as sheet_number) as sheet")))["sheet"].to_pylist() == [None]
