"""The store's tables: what migrations make is what the code names."""

import re
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from etl.edges.store.database import MIGRATIONS, open_store
from etl.edges.store.faults import tell_faults
from etl.edges.store.schema import (
    findings,
    messages,
    metadata,
    receipt_tables,
    receipts,
    repairs,
    returned_files,
    unit_events,
)
from etl.errors import ConfigError, Refused, Retryable, SanjiError
from tests.support.opening import open_at_once


def test_migrations_make_the_tables_that_the_code_names(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with store.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("there", [(), ("edition_inputs", "edition_checks", "edition_faults")])
def test_an_older_store_gets_the_tables_that_it_does_not_have(tmp_path: Path, there: tuple[str, ...]) -> None:
    """Stores at 0007 have the tables of proofs, or not, by the day on which they passed 0004."""
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    older = sa.create_engine(url)
    with older.begin() as connection:
        command.upgrade(_config(connection), "0007")
        metadata.create_all(connection, [metadata.tables[name] for name in there])
    older.dispose()
    with open_store(url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_an_older_store_keeps_its_rows_and_what_refers_to_them(tmp_path: Path) -> None:
    """SQLite makes `receipts` anew to bar empty keys; what was read out of each file and how it came back must outlive that."""
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    older = sa.create_engine(url)
    with older.begin() as connection:
        command.upgrade(_config(connection), "0013")
        for number, unit in enumerate(("P530102", None, None)):
            receipt = {"receipt_id": f"r{number}", "programme": "demo", "period": "2018H1", "unit_id": unit, "unit_code": "1",
                       "sha256": "a", "file_name": "a.xlsx", "size": 1, "arrived_at": "", "on_time": 1, "status": "read"}
            table = {"receipt_id": f"r{number}", "table_name": "branches", "sheet": "", "rows_in": 1, "rows_blank": 0,
                     "columns": "{}", "text_path": ""}
            returned = {"receipt_id": f"r{number}", "kind": "file", "channel": "page", "actor": "", "state": "taken"}
            for name, row in (("receipts", receipt), ("receipt_tables", table), ("returned_files", returned)):
                connection.execute(sa.text(_insert(name, row)), row)
    older.dispose()
    with open_store(url).connect() as connection:
        tables = (receipts, receipt_tables, returned_files)
        assert [connection.scalars(sa.select(each.c.receipt_id)).all() for each in tables] == [["r0", "r1", "r2"]] * 3
        assert connection.scalars(sa.select(receipts.c.unit_id)).all() == ["P530102", "r1", "r2"]
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


@pytest.mark.parametrize("table", [receipts, findings, repairs, unit_events], ids=str)
def test_a_row_of_nobody_is_refused(tmp_path: Path, table: sa.Table) -> None:
    row = {column.name: "1" if column.type.python_type is str else 1 for column in table.columns} | {"unit_id": None}
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with store.begin() as connection, pytest.raises(sa.exc.IntegrityError, match="unit_id"):
        connection.execute(sa.insert(table), row)


def test_a_store_of_a_newer_version_is_refused_in_one_line(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    open_store(url).dispose()
    newer = sa.create_engine(url)
    with newer.begin() as connection:
        connection.execute(sa.text("update alembic_version set version_num = '9999'"))
    newer.dispose()
    with pytest.raises(ConfigError, match="newer version \\(9999\\)"):
        open_store(f"{url}?timeout=60")  # opened already, under another address


def test_processes_that_open_a_new_store_at_once_all_get_it(tmp_path: Path) -> None:
    assert open_at_once(f"sqlite:///{tmp_path / 'store.sqlite'}") == []


def test_what_was_committed_outlives_a_power_cut(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}").connect() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {each}").scalar_one() for each in ("journal_mode", "synchronous")]
    assert pragmas == ["wal", 2]  # 2: FULL


def test_deliveries_of_the_older_ledger_go_on_as_queued_messages(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'store.sqlite'}")
    key = "ab" * 16
    with engine.begin() as connection:
        config = _config(connection)
        command.upgrade(config, "0001")
        edition = {"edition_id": "e1", "programme": "demo", "period": "2018H1", "report": "dispatch", "node_id": "P1",
                   "number": 1, "issued_on": "2018-08-06", "inputs_digest": "", "document_sha256": "", "path": ""}
        connection.execute(sa.text(_insert("editions", edition)), edition)
        for name, state in (("a@b.example", "written"), ("c@b.example", "queued")):
            delivery = {"edition_id": "e1", "recipient": name, "message_id": f"<{key}@x.example>", "office": "某局",
                        "state": state, "path": "10-r1.eml"}
            connection.execute(sa.text(_insert("deliveries", delivery)), delivery)
        command.upgrade(config, "head")
        found = connection.execute(sa.select(messages)).mappings().all()
    engine.dispose()
    assert [(row["message_key"], row["recipient"], row["state"], row["path"]) for row in found] == [
        (key, "a@b.example", "queued", "demo/2018H1/10-r1.eml")
    ]


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _insert(table: str, row: dict[str, object]) -> str:
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})"


def test_a_store_that_is_no_database_any_more_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").write_bytes(b"x" * 4096)
    with pytest.raises(Refused, match=r"^the database is damaged: file is not a database: restore it from its backup$"):
        open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")


def test_a_store_without_its_tables_is_one_line(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with store.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE receipts RENAME TO lost")
    with store.connect() as connection, pytest.raises(Refused, match=r"^the database lacks a table: no such table: receipts: "):
        connection.execute(sa.select(receipts))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ('FATAL:  password authentication failed for user "a"', Refused),
        ('致命错误:  用户 "a" Password 认证失败', Refused),
        ('致命错误:  不允许角色"a" 进行登录', Refused),
        ('致命错误:  访问数据库"a"的权限不够', Refused),
        ('致命错误:  数据库 "a" 不存在', Refused),
        ("fe_sendauth: no password supplied", Refused),
        ('FATAL:  too many connections for role "a"', Retryable),
        ("Connection refused", Retryable),
    ],
)
def test_a_server_that_lets_nobody_in_is_understood_in_its_language(said: str, kind: type[SanjiError]) -> None:
    """As PostgreSQL 15 says it, in English and in Chinese, without a SQLSTATE; a server that speaks Chinese needs its locale."""

    def lets_nobody_in(*_: object) -> None:
        raise psycopg.OperationalError(f'connection failed: connection to server at "127.0.0.1", port 1 failed: {said}')

    engine = sa.create_engine("postgresql+psycopg://a@127.0.0.1:1/a")
    tell_faults(engine)
    sa.event.listen(engine, "do_connect", lets_nobody_in)
    with pytest.raises(kind, match=re.escape(said)):
        engine.connect()


@pytest.mark.parametrize("url", ["", "nonsense", "foo://x", "mysql://a:geheim@h/x", "postgresql://a:geheim@h/x", "oracle+oracledb://a:geheim@h"])
def test_another_database_or_driver_is_refused_in_one_line_without_its_password(url: str) -> None:
    with pytest.raises(ConfigError, match=r"^SANJI_STORE_URL .*write sqlite:////a/file or postgresql\+psycopg://…$") as refused:
        open_store(url)
    assert "geheim" not in str(refused.value)
