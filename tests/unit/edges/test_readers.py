"""Many files read in several processes: the same as in one, each file once, and no process left behind."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from etl import tasks
from etl.core.period import Period
from etl.core.programmes.layout import Layout
from etl.core.reading.fixes import ChangedCell, FixRecord
from etl.core.rows import NewReceipt
from etl.edges import readers
from etl.edges.landing import Landing
from etl.edges.programmes import load_bundle
from etl.edges.readers import PART_FILES, FileRead, read_files
from etl.edges.texts import text_cells
from etl.errors import Lost
from tests.support.filing import home_at, unit, write

YUNNAN, PERIOD = "yunnan-model-branch", "2018H1"
FILES = 3 * PART_FILES + 5


@pytest.fixture
def sharing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few files are worth a process."""
    monkeypatch.setattr(readers, "WORTH_A_PROCESS", 10)


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Landing:
    return Landing(tmp_path_factory.mktemp("landing"))


@pytest.fixture(scope="module")
def layout() -> Layout:
    return load_bundle(YUNNAN).layout(Period.parse(PERIOD))


def _receipt(landing: Landing, number: int, content: bytes, name: str) -> NewReceipt:
    return {
        "receipt_id": f"r{number:03d}", "programme": YUNNAN, "period": PERIOD, "unit_id": "P530102", "unit_code": "530102",
        "sha256": landing.keep_raw(content), "file_name": name, "size": len(content), "arrived_at": "2018-07-05T09:00:00",
        "on_time": True, "status": "received",
    }


@pytest.fixture(scope="module")
def receipts(landing: Landing, layout: Layout) -> list[NewReceipt]:
    """CSV files of one branch each; one that cannot be read, one that rests on others, in the middle."""
    heads = [column.headings[0] for column in layout.table("branches").columns]
    files = [
        (",".join(heads) + "\n" + ",".join(str(number + at) for at in range(len(heads))) + "\n").encode()
        for number in range(FILES)
    ]
    files[PART_FILES + 1] = b"\x00\x01\x02"
    cell = ChangedCell(table="branches", row=2, column="members", value="3", before="2")
    fixed = FixRecord(
        programme=YUNNAN, period=PERIOD, unit_id="P530102", actor="甲", at="2018-07-06T09:00:00", reason="笔误",
        base={"branches": "r000"}, cells=(cell,),
    )
    files[PART_FILES + 2] = fixed.content()
    return [_receipt(landing, number, content, f"{number}.csv") for number, content in enumerate(files)]


def _told(landing: Landing, read: list[FileRead]) -> list[object]:
    return [
        (each.receipt_id, each.findings, each.resting is not None, [
            (row, text_cells(landing, row["text_path"], each.receipt_id).to_pylist()) for row in each.tables
        ])
        for each in read
    ]


def test_several_processes_read_what_one_reads(
    landing: Landing, layout: Layout, receipts: list[NewReceipt], sharing: None
) -> None:
    seen: list[str] = []
    alone = read_files(landing, layout, receipts, lambda _: None, processes=1)
    shared = read_files(landing, layout, receipts, lambda receipt: seen.append(receipt["receipt_id"]), processes=3)
    assert [each.receipt_id for each in alone] == [receipt["receipt_id"] for receipt in receipts]
    assert _told(landing, shared) == _told(landing, alone)
    assert sorted(seen) == [receipt["receipt_id"] for receipt in receipts]
    unreadable, resting = shared[PART_FILES + 1], shared[PART_FILES + 2]
    assert (unreadable.tables, [finding.rule for finding in unreadable.findings]) == ([], ["R11"])
    assert resting.resting is not None
    assert resting.resting[0] == landing.raw(receipts[PART_FILES + 2]["sha256"])
    assert [len(each.tables) for each in shared].count(1) == FILES - 2
    assert not multiprocessing.active_children()


def test_bytes_that_are_gone_are_lost_in_another_process_too(
    landing: Landing, layout: Layout, receipts: list[NewReceipt], sharing: None
) -> None:
    gone: list[NewReceipt] = [{**receipt, "sha256": "0" * 64} for receipt in receipts[:PART_FILES]]  # what the other takes first
    with pytest.raises(Lost, match="gone from the landing's folder raw: raw/00/0"):
        read_files(landing, layout, [*gone, *receipts[PART_FILES:]], lambda _: None, processes=2)
    assert not multiprocessing.active_children()


def test_what_is_lost_is_told_the_same_out_of_another_process() -> None:
    lost = Lost("raw", ["2018H1 530103", "2018H1 530102"])
    again = pickle.loads(pickle.dumps(lost))
    assert (str(again), again.folder, type(again)) == (str(lost), "raw", Lost)


def test_a_process_that_is_killed_stops_the_reading(
    landing: Landing, layout: Layout, receipts: list[NewReceipt], sharing: None
) -> None:
    """As when memory runs out: it is an error, not a wait for ever, and nothing is passed over."""

    def kill(_: NewReceipt) -> None:
        for child in multiprocessing.active_children():
            child.kill()

    with pytest.raises(BrokenProcessPool):
        read_files(landing, layout, receipts, kill, processes=2)


_READS_AND_WAITS = """
import multiprocessing, pathlib, sys, threading, time
from etl.core.period import Period
from etl.edges import readers
from etl.edges.landing import Landing
from etl.edges.programmes import load_bundle

def wait(receipt):
    if threading.current_thread() is not threading.main_thread():
        return
    while not (started := multiprocessing.active_children()):
        time.sleep(0.01)
    print(*(child.pid for child in started), flush=True)
    time.sleep(60)

if __name__ == "__main__":
    layout = load_bundle("yunnan-model-branch").layout(Period.parse("2018H1"))
    receipt = {"receipt_id": "r", "sha256": sys.argv[2], "file_name": "a.csv"}
    try:
        readers.read_files(Landing(pathlib.Path(sys.argv[1])), layout, [receipt] * 400, wait, 2)
    except KeyboardInterrupt:
        print("stopped")
"""


@contextmanager
def _reading(landing: Landing, receipts: list[NewReceipt], folder: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A command that reads and waits, in a process group of its own; with it the processes it has started."""
    script = folder / "reads.py"
    script.write_text(_READS_AND_WAITS, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(script), str(landing.folder), receipts[0]["sha256"]], stdout=subprocess.PIPE, text=True,
        stderr=subprocess.STDOUT, start_new_session=True, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    ) as reading:
        assert reading.stdout is not None
        yield reading, [int(pid) for pid in reading.stdout.readline().split()]


def test_no_process_outlives_the_one_that_started_it(landing: Landing, receipts: list[NewReceipt], tmp_path: Path) -> None:
    with _reading(landing, receipts, tmp_path) as (reading, others):
        reading.send_signal(signal.SIGKILL)
    assert others
    assert _all_gone(others, seconds=20)


def test_interrupted_only_the_first_process_says_so(landing: Landing, receipts: list[NewReceipt], tmp_path: Path) -> None:
    """Ctrl-C reaches the whole group, the other process while it starts."""
    with _reading(landing, receipts, tmp_path) as (reading, others):
        os.killpg(reading.pid, signal.SIGINT)
        said, _ = reading.communicate(timeout=30)
    assert said == "stopped\n"
    assert _all_gone(others, seconds=20)


@pytest.mark.parametrize("end", [os.kill, os.killpg])
def test_terminated_it_ends_as_terminated_and_says_nothing(
    landing: Landing, receipts: list[NewReceipt], tmp_path: Path, end: Callable[[int, int], None]
) -> None:
    """Whether the first process alone is told, or all."""
    with _reading(landing, receipts, tmp_path) as (reading, others):
        end(reading.pid, signal.SIGTERM)
        said, _ = reading.communicate(timeout=30)
    assert (said, reading.returncode) == ("", 128 + signal.SIGTERM)
    assert _all_gone(others, seconds=20)


def test_a_few_files_start_no_process(landing: Landing, layout: Layout, receipts: list[NewReceipt]) -> None:
    started: list[object] = []
    read_files(landing, layout, receipts, lambda _: started.extend(multiprocessing.active_children()), processes=8)
    assert not started


def test_all_cores_are_for_a_whole_programme_and_a_batch_has_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a task of Airflow, which reads a batch, no further process can be started."""
    given: list[int] = []

    def read_by_one(*arguments: Any) -> list[FileRead]:
        given.append(arguments[-1])
        return read_files(*arguments[:-1])

    monkeypatch.setattr("etl.stages.read.read_files", read_by_one)
    with home_at(tmp_path / "home") as home:
        write(home, YUNNAN, PERIOD, [unit(YUNNAN, PERIOD, "530102")])
        tasks.gather(YUNNAN, PERIOD, None, "2018-07-31")
        tasks.read(YUNNAN, PERIOD, "P530100")
        tasks.read(YUNNAN, PERIOD, None)
    assert given == [1, os.cpu_count()]


def _all_gone(processes: list[int], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not any(Path(f"/proc/{pid}/cmdline").exists() for pid in processes):
            return True
        time.sleep(0.05)
    return False
