"""What is said of a PostgreSQL that is amiss, on a server that really is: who must act, what to do, no row's value."""

import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa

from etl.airflow_support.failures import kind_of, said_by
from etl.airflow_support.wiring import MAY_PASS, RETRY_POLICY
from etl.cli import main
from etl.edges.store import receipts
from etl.edges.store.database import open_store
from etl.errors import Refused, Retryable, SanjiError
from etl.settings import settings
from tests.integration.test_postgresql import receipt

pytestmark = pytest.mark.integration


class Server:
    """The server as its administrator has it, and a store on it of which somebody else is the user."""

    def __init__(self, url: str) -> None:
        self.name = f"clerk_{uuid.uuid4().hex[:8]}"
        self._url = sa.make_url(url)
        self._admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        self.say(f"CREATE ROLE {self.name} LOGIN", f"CREATE DATABASE {self.name} OWNER {self.name}")
        self.url = self._url.set(username=self.name, database=self.name).render_as_string()
        self.opened: list[sa.Engine] = []

    def say(self, *statements: str, inside: bool = False) -> None:
        """Have the administrator do it, `inside` the store's database or beside it."""
        engine = sa.create_engine(self._url.set(database=self.name), isolation_level="AUTOCOMMIT") if inside else self._admin
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        if inside:
            engine.dispose()

    def store(self) -> sa.Engine:
        """The store in a new process: nothing is kept of an earlier connection."""
        self.opened.append(open_store.__wrapped__(self.url))
        return self.opened[-1]

    def stop(self) -> None:
        for engine in self.opened:
            engine.dispose()
        self.say(f"DROP DATABASE {self.name} WITH (FORCE)", f"DROP ROLE {self.name}")
        self._admin.dispose()


@pytest.fixture
def server(postgresql: str) -> Iterator[Server]:
    made = Server(postgresql)
    made.store()
    yield made
    made.stop()


def write(store: sa.Engine) -> object:
    return receipts.add_receipts(store, [receipt(1)])


def told(act: Callable[[], object]) -> tuple[type[SanjiError], str]:
    """Of which kind the error is, and what it says; Airflow sorts it in the same way."""
    with pytest.raises(SanjiError) as stopped:
        act()
    error = stopped.value
    assert kind_of(error, MAY_PASS) == type(error).__name__
    assert said_by(error) == str(error)
    assert "\n" not in str(error)
    again = RETRY_POLICY.evaluate(error, 1, 3).action.name
    assert again == ("RETRY" if isinstance(error, Retryable) else "FAIL")
    return type(error), str(error)


OF_THE_ROLE = [
    ("SET default_transaction_read_only = on", Retryable, "the database takes no changes: cannot execute INSERT in a read-only "
     "transaction: lead SANJI_STORE_URL to the server that does, not to a standby"),
    ("NOLOGIN", Refused, "is not permitted to log in: put SANJI_STORE_URL right, or the user's rights in the database"),
    ("CONNECTION LIMIT 0", Retryable, "too many connections for role"),
]


@pytest.mark.parametrize(("altered", "error", "said"), OF_THE_ROLE)
def test_what_the_server_does_to_the_user(server: Server, altered: str, error: type[SanjiError], said: str) -> None:
    server.say(f"ALTER ROLE {server.name} {altered}")
    kind, line = told(lambda: write(server.store()))
    assert kind is error
    assert said in line


def test_a_standby_is_one_line_and_exit_code_4(server: Server, tmp_path, monkeypatch, capsys) -> None:
    server.say(f"ALTER ROLE {server.name} SET default_transaction_read_only = on")
    monkeypatch.setenv("SANJI_HOME", str(tmp_path))
    monkeypatch.setenv("SANJI_STORE_URL", server.url)
    settings.cache_clear()
    monkeypatch.setattr("sys.argv", ["sanji", "doctor"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 3
    assert "store        NOT READY: the database takes no changes: " in capsys.readouterr().out
    (tmp_path / "feeds").mkdir()
    monkeypatch.setattr("sys.argv", ["sanji", "validate", "--programme", "dongxihu-small-gear", "--period", "2017H1"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 4
    assert capsys.readouterr().err.startswith("sanji: the database takes no changes: ")
    server.opened.append(open_store(server.url))  # the command's own: the same address is opened once in a process
    settings.cache_clear()


def test_a_database_that_is_not_there(server: Server) -> None:
    server.url = sa.make_url(server.url).set(database="nowhere").render_as_string()
    kind, line = told(server.store)
    assert kind is Refused
    assert 'database "nowhere" does not exist: put SANJI_STORE_URL right' in line


def test_a_table_of_another_owner_or_none(server: Server) -> None:
    store = server.store()
    server.say("ALTER TABLE receipts OWNER TO sanji", inside=True)
    kind, line = told(lambda: write(store))
    assert kind is Refused
    assert line.startswith("the database refuses: permission denied for table receipts: ")
    server.say("ALTER TABLE receipts RENAME TO lost", inside=True)
    assert told(lambda: write(store)) == (
        Refused, 'the database lacks a table: relation "receipts" does not exist: restore it whole from its backup'
    )


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("statement_timeout", "the database took longer than it may: canceling statement due to statement timeout"),
        ("lock_timeout", "another process holds up the database: canceling statement due to lock timeout: let it end, or end it"),
    ],
)
def test_a_table_that_another_process_has_locked(server: Server, setting: str, said: str) -> None:
    holder = server.store()
    server.say(f"ALTER ROLE {server.name} SET {setting} = '200ms'")
    waiting = server.store()
    with holder.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE receipts")
        assert told(lambda: write(waiting)) == (Retryable, said)


def test_a_server_without_room(server: Server) -> None:
    server.say(f"ALTER ROLE {server.name} SET temp_file_limit = 1", f"ALTER ROLE {server.name} SET work_mem = 64")
    sorting = sa.text("SELECT n FROM generate_series(1, 100000) AS n ORDER BY -n")
    with server.store().connect() as connection:
        kind, line = told(lambda: connection.execute(sorting))
    assert (kind, line) == (Retryable, "the database has no room left: temporary file size exceeds temp_file_limit (1kB)")


def test_a_server_that_is_stopped_under_a_statement(server: Server) -> None:
    store = server.store()
    stop = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(30)%%'"
    timer = threading.Timer(1, lambda: server.say(stop))
    timer.start()
    with store.connect() as connection:
        kind, line = told(lambda: connection.exec_driver_sql("SELECT pg_sleep(30)"))
    timer.join()
    assert (kind, line) == (Retryable, "the database does not answer: terminating connection due to administrator command")
    assert write(store) == ["r1"]  # and the next one gets a connection that lives


def test_a_server_that_was_restarted_while_nobody_asked_is_not_noticed(server: Server) -> None:
    store = server.store()
    assert write(store) == ["r1"]
    server.say(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{server.name}'")
    assert write(store) == []


def test_two_who_wait_for_each_other(server: Server) -> None:
    store, both = server.store(), threading.Barrier(2)

    def lock(first: str, then: str) -> Any:
        with store.begin() as connection:
            connection.exec_driver_sql(f"LOCK TABLE {first}")
            both.wait()
            connection.exec_driver_sql(f"LOCK TABLE {then}")

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(lock, "receipts", "findings"), pool.submit(lock, "findings", "receipts")]
    [error] = [each.exception() for each in running if each.exception()]
    assert type(error) is Retryable
    assert str(error).startswith("another process holds up the database: deadlock detected")


def test_what_nobody_foresaw_shows_itself_without_a_rows_values(server: Server) -> None:
    store = server.store()
    with pytest.raises(sa.exc.ProgrammingError) as stopped, store.connect() as connection:
        connection.execute(sa.text("SELECT no_such_column FROM receipts WHERE file_name = :name"), {"name": "王某某.xlsx"})
    assert "王某某" not in str(stopped.value)
    with suppress(sa.exc.SQLAlchemyError):
        store.dispose()
