"""A SQLite store that another process keeps to itself: those who wait do so by the clock, and say in the end what kept them."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from etl.core.rows import NewReceipt
from etl.edges.store import patience
from etl.edges.store.database import open_store
from etl.edges.store.receipts import add_receipts, receipts_of
from etl.edges.store.schema import receipts
from etl.errors import Retryable

RECEIPT: NewReceipt = {
    "receipt_id": "r1", "programme": "yunnan-model-branch", "period": "2018H1", "unit_id": "P530102", "unit_code": "530102",
    "sha256": "1", "file_name": "a.xlsx", "size": 1, "arrived_at": "2018-07-05T09:00:00+08:00", "on_time": True,
    "status": "received",
}
HELD = "another process holds up the database: database is locked: let it end, or end it"
WRITES = """
import sys, time, sqlalchemy as sa
from etl.edges.store import patience
patience.PATIENCE, patience.TRY_MS = 3.0, 300
from etl.edges.store.database import open_store
from etl.edges.store.schema import receipts
store = open_store(sys.argv[1])
print("opened", flush=True)
sys.stdin.readline()
began = time.monotonic()
try:
    with store.begin() as connection:
        connection.execute(sa.delete(receipts))
except Exception as error:
    print(round(time.monotonic() - began, 2), error, flush=True)
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.sqlite'}"


@pytest.fixture(autouse=True)
def a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 1.0)
    monkeypatch.setattr(patience, "TRY_MS", 100)


@contextmanager
def held(url: str) -> Iterator[sqlite3.Connection]:
    """The store as long as somebody else has it."""
    holder = sqlite3.connect(sa.make_url(url).database or "", isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    yield holder
    holder.close()


def waited(act: Callable[[], object]) -> float:
    """The seconds until it was given up."""
    began = time.monotonic()
    with pytest.raises(Retryable) as stopped:
        act()
    assert str(stopped.value) == HELD
    return time.monotonic() - began


def test_whoever_writes_waits_and_is_told_in_the_end(url: str) -> None:
    store = open_store(url)
    with held(url), store.connect() as connection:
        for statement in (sa.delete(receipts), sa.insert(receipts).from_select(["receipt_id"], sa.select(receipts.c.receipt_id))):
            assert 1 <= waited(lambda what=statement: connection.execute(what)) < 2
            connection.rollback()


def test_a_store_that_is_only_being_opened_is_waited_for_as_long(url: str) -> None:
    """A new one is not in WAL mode yet, and to put it there is a change."""
    sqlite3.connect(sa.make_url(url).database or "").close()
    with held(url):
        assert 1 <= waited(lambda: open_store(url)) < 2


def test_who_waited_goes_on_once_the_other_has_ended(url: str) -> None:
    store = open_store(url)
    add_receipts(store, [RECEIPT])
    with held(url) as holder, store.begin() as connection:
        timer, began = threading.Timer(0.5, holder.rollback), time.monotonic()
        timer.start()
        changed = connection.execute(sa.delete(receipts)).rowcount
        seconds = time.monotonic() - began  # a single try ends after TRY_MS
        timer.join()
    assert (changed, seconds >= 0.5) == (1, True)
    assert receipts_of(store, RECEIPT["programme"], RECEIPT["period"]) == []


def test_a_process_that_is_given_little_time_waits_no_longer(url: str) -> None:
    """As on a machine with much to do: it runs for a fifth of the time, and each pause that it makes becomes longer."""
    piped = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", WRITES, url], stdin=piped, stdout=piped, text=True) as waiting:
        assert waiting.stdin is not None
        assert waiting.stdout is not None
        assert waiting.stdout.readline() == "opened\n"
        with held(url):
            waiting.stdin.write("\n")
            waiting.stdin.flush()
            while waiting.poll() is None:
                time.sleep(0.05)
                os.kill(waiting.pid, signal.SIGSTOP)
                time.sleep(0.2)
                os.kill(waiting.pid, signal.SIGCONT)
        seconds, _, said = waiting.stdout.read().strip().partition(" ")
    assert said == HELD
    assert 3 <= float(seconds) < 4.5
