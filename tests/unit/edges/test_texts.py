"""Text tables of many receipts in one file: each receipt gets its own rows back, whatever else lies there."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.core.period import Period
from etl.edges.landing import Landing
from etl.edges.programmes import load_bundle
from etl.edges.store.receipts import TextFile
from etl.edges.texts import TextFiles, text_cells
from etl.edges.workbench import Workbench, no_figures, titles_table
from tests.support.bench import NO_LEVELS, counties, view


def _cells(*texts: str | None) -> pa.Table:
    return pa.table({"row_number": pa.array(range(2, len(texts) + 2), pa.int32()), "name": pa.array(texts, pa.string())})


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path)


def _kept(landing: Landing, *tables: tuple[str, str, pa.Table]) -> dict[str, str]:
    files = TextFiles()
    for table, receipt_id, cells in tables:
        files.add(table, receipt_id, cells)
    return files.keep(landing)


def test_each_receipt_gets_its_own_rows_back(landing: Landing) -> None:
    large, small, none = _cells(*("x" for _ in range(6_000))), _cells("a", None, "a"), _cells()
    filed = {"r1": small, "r2": large, "r3": none, "r4": _cells("b")}
    paths = _kept(landing, *(("branches", receipt, cells) for receipt, cells in filed.items()), ("honours", "r1", _cells("c")))
    assert sorted(paths) == ["branches", "honours"]
    for receipt, cells in filed.items():
        assert text_cells(landing, paths["branches"], receipt).equals(cells), receipt
    assert text_cells(landing, paths["honours"], "r1").equals(_cells("c"))


def test_the_same_tables_are_the_same_file_and_others_another(landing: Landing) -> None:
    path = _kept(landing, ("branches", "r1", _cells("a")))["branches"]
    assert path.startswith("text/")
    assert _kept(landing, ("branches", "r1", _cells("a")))["branches"] == path
    assert _kept(landing, ("branches", "r2", _cells("a")))["branches"] != path
    assert _kept(landing, ("branches", "r1", _cells("b")))["branches"] != path


def test_a_file_of_an_earlier_reader_is_one_receipts(landing: Landing) -> None:
    landing.at("old.parquet").parent.mkdir(exist_ok=True)
    pq.write_table(_cells("a", "b"), landing.at("old.parquet"))
    assert text_cells(landing, "old.parquet", "r1").equals(_cells("a", "b"))


def test_a_receipt_that_was_read_again_by_itself_does_not_count_twice(landing: Landing) -> None:
    """Its rows lie in the old file still, beside those of its neighbour, which is judged from there."""
    bundle, when = load_bundle("yunnan-model-branch"), Period.parse("2018H1")
    mine, neighbour = counties(2)
    keys = [column.key for column in bundle.layout(when).table("branches").columns]

    def branch(number: str) -> pa.Table:
        row = {"branch_id": number, "branch_name": f"{number}支部"}
        return pa.table({"row_number": pa.array([2], pa.int32())} | {key: pa.array([row.get(key)], pa.string()) for key in keys})

    both = _kept(landing, ("branches", "r1", branch("B1")), ("branches", "r2", branch("B2")))["branches"]
    alone = _kept(landing, ("branches", "r1", branch("B1")))["branches"]
    texts = [
        TextFile("r1", mine, "branches", "表", 1, 0, {}, alone), TextFile("r2", neighbour, "branches", "表", 1, 0, {}, both)
    ]
    bench = Workbench(bundle, when, landing)
    before = {"previous_figures": no_figures(), "levels_held": NO_LEVELS, "titles_recorded": titles_table()}
    bench.load(texts, [mine, neighbour], before)
    assert view(bench, "rows", "receipt_id", "branch_id") == [("r1", "B1"), ("r2", "B2")]
