"""SQLite has one writer: the others wait, as long as a clock says.

Its own busy_timeout adds up the pauses that it meant to make. On a machine with much to do each of them is longer, and a minute
became two and a half.
"""

import sqlite3
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

PATIENCE = 60.0
"""Seconds to wait for another process before giving up."""
TRY_MS, _PAUSE = 5000, 0.05


def wait_by_the_clock(engine: sa.Engine) -> None:
    """Set each connection up, and let what begins a transaction be tried until PATIENCE is over."""
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "do_execute", _execute)
    event.listen(engine, "do_executemany", _execute_many)


def _set_up(connection: sqlite3.Connection, _record: Any) -> None:
    # FULL: a message that was claimed, and may have left, is claimed after a power cut too; else it would be sent once more.
    for pragma in (f"busy_timeout={TRY_MS}", "journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
        _patiently(connection, partial(connection.execute, f"PRAGMA {pragma}"))


def _execute(cursor: sqlite3.Cursor, statement: str, parameters: Any, _context: Any) -> bool:
    _patiently(cursor.connection, partial(cursor.execute, statement, parameters))
    return True


def _execute_many(cursor: sqlite3.Cursor, statement: str, parameters: Any, _context: Any) -> bool:
    _patiently(cursor.connection, partial(cursor.executemany, statement, parameters))
    return True


def _patiently(connection: sqlite3.Connection, act: Callable[[], object]) -> None:
    """Do it, again and again while another process is in the way; within a transaction once, for that holds its lock already."""
    begins, end = not connection.in_transaction, time.monotonic() + PATIENCE
    while True:
        try:
            act()
        except sqlite3.OperationalError as error:
            busy = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF == sqlite3.SQLITE_BUSY
            if not (begins and busy and time.monotonic() < end):
                raise
            connection.rollback()  # the transaction that Python opened for it
            time.sleep(_PAUSE)
        else:
            return
