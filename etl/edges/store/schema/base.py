"""What every table of the store shares. Changes of tables go through Alembic (etl/migrations)."""

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


def slice_key() -> list[sa.Column[str]]:
    """The columns of a slice: programme, period, submitting unit."""
    return [
        sa.Column("programme", sa.String(64), nullable=False),
        sa.Column("period", sa.String(8), nullable=False),
        sa.Column("unit_id", sa.String(64), nullable=False),
    ]
