"""The landing: named by content, written once."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from etl.edges.landing import Landing

ROWS = pa.table({"unit_id": ["P1", "P2"], "value": [1, None]})


def _files(folder: Path) -> dict[str, int]:
    return {path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_the_same_bytes_are_the_same_file_and_are_not_written_again(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    digest = landing.keep_raw(b"a")
    before = _files(tmp_path)
    assert landing.keep_raw(b"a") == digest
    assert _files(tmp_path) == before == {landing.raw_path(digest): next(iter(before.values()))}
    assert landing.raw(digest) == b"a"
    assert landing.keep_raw(b"b") != digest


def test_equal_rows_are_one_slice_and_come_back_as_they_were(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    path = landing.keep_slice(ROWS)
    assert landing.keep_slice(pa.table(ROWS.to_pydict())) == path
    assert pq.read_table(landing.at(path)).equals(ROWS)
    assert landing.keep_slice(ROWS.slice(1)) != path


def test_documents_keep_their_suffix(tmp_path: Path) -> None:
    digest, path = Landing(tmp_path).keep_document(b"%PDF", ".pdf")
    assert path.endswith(f"{digest}.pdf")
    assert (tmp_path / path).read_bytes() == b"%PDF"


def test_no_draft_is_left_behind(tmp_path: Path) -> None:
    Landing(tmp_path).keep_raw(b"a")
    assert not [name for name in _files(tmp_path) if name.endswith(".part")]
