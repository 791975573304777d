"""Files are there whole or not at all, also when several write the same one."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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


def test_all_who_ask_for_the_first_key_at_once_get_the_same(tmp_path: Path) -> None:
    for turn in range(20):
        given = Settings(home=tmp_path / f"{turn}")
        assert len(set(at_once(lambda _, given=given: seal_secret(given)))) == 1  # type: ignore[misc]  # bound here
