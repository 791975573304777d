"""Connecting to the store and bringing its tables up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from etl.edges.store.faults import tell_faults
from etl.edges.store.patience import wait_by_the_clock
from etl.edges.store.schema import receipts
from etl.errors import ConfigError

MIGRATIONS = Path(__file__).parent.parent.parent / "migrations"
MIGRATION_LOCK = 0x73616E6A69
"""PostgreSQL's advisory locks go by number: this one is the word "sanji"."""


@cache
def open_store(url: str) -> sa.Engine:
    """The store at `url`, migrated to the newest schema; SQLite gets WAL, foreign keys and a patient lock.

    ConfigError for what is no URL, names another database or driver, or is a store of a newer version. What the database says of
    itself, then and later, is raised as an error of ours (`faults.py`); of any other error the rows' values are not told.
    """
    parsed = _url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed, hide_parameters=True, pool_pre_ping=True)
    tell_faults(engine)
    if engine.dialect.name == "sqlite":
        wait_by_the_clock(engine)
    try:
        _migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _url(url: str) -> sa.URL:
    """What was written, if the store knows that database and driver; else ConfigError, without the password in it."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise ConfigError(f"SANJI_STORE_URL is no database's URL: {_WRITE}") from error
    if parsed.drivername not in _DRIVERS:
        raise ConfigError(f"SANJI_STORE_URL names {parsed.drivername}, which the store is not made for: {_WRITE}")
    return parsed


_DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql+psycopg")
_WRITE = "write sqlite:////a/file or postgresql+psycopg://…"


def _migrate(engine: sa.Engine) -> None:
    """Bring the tables up to date; of several processes that open a new store at once, one does it.

    Raises ConfigError for a store that a newer version of the program has changed.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    with engine.connect() as connection:
        current = set(MigrationContext.configure(connection).get_current_heads())
    if current == set(scripts.get_heads()):
        return
    if current - known:
        newer = ", ".join(sorted(current - known))
        raise ConfigError(f"the store is of a newer version ({newer}): use that version, or another SANJI_STORE_URL")
    with _rows_kept(engine) as connection, connection.begin():
        # Held until the transaction ends; whoever comes second finds the work done.
        connection.exec_driver_sql(
            "BEGIN IMMEDIATE"
            if engine.dialect.name == "sqlite"
            else f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"
        )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def try_writing(engine: sa.Engine) -> None:
    """Raise what the store says to a change, and change nothing: reading alone, one that takes none looks well."""
    with engine.connect() as connection:
        connection.execute(sa.delete(receipts).where(sa.false()))
        connection.rollback()


@contextmanager
def _rows_kept(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection on which SQLite may make a table anew: dropping the old one deletes no rows of tables that refer to it."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")  # heard outside transactions only
        connection.rollback()
        yield connection
        connection.invalidate()  # whoever is next gets one that is set up anew
