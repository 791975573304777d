"""What a database says of itself, as errors of ours by who must act. What stands in no table here is a bug, and shows itself."""

import re
import sqlite3
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from etl.errors import Refused, Retryable, SanjiError

LONGEST = 300


@dataclass(frozen=True)
class _Fault:
    """Who must act, what is the matter, and what to do about it where that is not plain."""

    error: type[SanjiError]
    matter: str
    do: str = ""


_SILENT = _Fault(Retryable, "the database does not answer")
_FULL = _Fault(Retryable, "the database has no room left")
_SLOW = _Fault(Retryable, "the database took longer than it may")
_HELD = _Fault(Retryable, "another process holds up the database", "let it end, or end it")
_STANDBY = _Fault(Retryable, "the database takes no changes", "lead SANJI_STORE_URL to the server that does, not to a standby")
_READ_ONLY = _Fault(Retryable, "the database takes no changes", "open its file and folder to writing")
_REFUSED = _Fault(Refused, "the database refuses", "put SANJI_STORE_URL right, or the user's rights in the database")
_DAMAGED = _Fault(Refused, "the database is damaged", "restore it from its backup")
_NOT_WHOLE = _Fault(Refused, "the database lacks a table", "restore it whole from its backup")

_OF_POSTGRESQL = {
    "08": _SILENT, "25006": _STANDBY, "28": _REFUSED, "3D": _REFUSED, "40": _HELD, "42501": _REFUSED, "42P01": _NOT_WHOLE,
    "53": _FULL, "55P03": _HELD, "57": _SILENT, "57014": _SLOW, "58": _SILENT, "XX001": _DAMAGED, "XX002": _DAMAGED,
}
"""By SQLSTATE, or by its class where that is enough."""

_OF_SQLITE = {
    sqlite3.SQLITE_PERM: _SILENT, sqlite3.SQLITE_IOERR: _SILENT, sqlite3.SQLITE_CANTOPEN: _SILENT,
    sqlite3.SQLITE_BUSY: _HELD, sqlite3.SQLITE_LOCKED: _HELD, sqlite3.SQLITE_PROTOCOL: _HELD,
    sqlite3.SQLITE_READONLY: _READ_ONLY, sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_CORRUPT: _DAMAGED, sqlite3.SQLITE_NOTADB: _DAMAGED,
}
"""By primary result code."""

_NO_TABLE = re.compile(r"no such table")
_NOT_LET_IN = re.compile(
    r"authentication failed|认证|no password supplied|pg_hba\.conf|does not exist|不存在|not permitted to log in|进行登录"
    r"|permission denied for database|权限不够"
)
"""A server that lets nobody in says why in its own language, and libpq hands on no SQLSTATE: English and Chinese are known."""


def tell_faults(engine: sa.Engine) -> None:
    """Have the engine raise our own error, in one line and without a row's values, wherever its database says what is amiss."""
    event.listen(engine, "handle_error", _told)


def _told(context: sa.engine.ExceptionContext) -> None:
    if context.is_pre_ping:
        return  # a connection that has died in the pool is no fault: another one is opened
    fault = _fault_of(context.original_exception)
    if fault is not None:
        said = str(context.original_exception).strip().splitlines() or [type(context.original_exception).__name__]
        room = LONGEST - len(fault.matter) - len(fault.do)
        raise fault.error(": ".join(part for part in (fault.matter, said[0][:room], fault.do) if part))


def _fault_of(error: Any) -> _Fault | None:
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF  # the rest of it is details
        return _NOT_WHOLE if _NO_TABLE.match(str(error)) else _OF_SQLITE.get(code)
    state = getattr(error, "sqlstate", None)
    if state:
        return _OF_POSTGRESQL.get(state) or _OF_POSTGRESQL.get(state[:2])
    if "OperationalError" not in {each.__name__ for each in type(error).__mro__}:
        return None
    return _REFUSED if _NOT_LET_IN.search(str(error)) else _SILENT
