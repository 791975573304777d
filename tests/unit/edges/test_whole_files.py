"""Files are there whole or not at all, also when several write the same one."""

import os
import resource
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from etl.edges.seal import seal_secret
from etl.edges.whole_files import write_whole
from etl.settings import Settings

WRITERS = 8


def at_once(act: Callable[[int], object]) -> list[object]:
    barrier = threading.Barrier(WRITERS)

    def together(number: int) -> object:
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(together, range(WRITERS)))


def test_of_several_writers_one_is_read_whole_and_nothing_is_left(tmp_path: Path) -> None:
    for turn in range(20):
        path = tmp_path / f"{turn}" / "message.eml"
        at_once(lambda number, path=path: write_whole(path, bytes([number]) * 100_000))  # type: ignore[misc]  # bound here
        content = path.read_bytes()
        assert len(content) == 100_000
        assert len(set(content)) == 1
        assert list(path.parent.iterdir()) == [path]


def test_a_file_that_finds_no_room_is_named_and_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "raw" / "message.eml"
    write_whole(path, b"before")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError, match=f"'{path}'$"):
            write_whole(path, b"x" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [(each, each.read_bytes()) for each in path.parent.iterdir()] == [(path, b"before")]


def test_bytes_are_on_the_disk_before_they_bear_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, synced = tmp_path / "message.eml", []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        fsync(descriptor)
        synced.append((os.fstat(descriptor).st_size, path.exists()))

    monkeypatch.setattr(os, "fsync", watched)
    write_whole(path, b"x" * 2000)
    assert synced == [(2000, False)]


def test_all_who_ask_for_the_first_key_at_once_get_the_same(tmp_path: Path) -> None:
    for turn in range(20):
        given = Settings(home=tmp_path / f"{turn}")
        assert len(set(at_once(lambda _, given=given: seal_secret(given)))) == 1  # type: ignore[misc]  # bound here
