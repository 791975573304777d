"""The store's tables: what migrations make is what the code names."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from etl.edges.store.database import open_store
from etl.edges.store.schema import metadata


def test_migrations_make_the_tables_that_the_code_names(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with store.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
