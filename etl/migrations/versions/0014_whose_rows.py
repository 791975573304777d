"""Whose every row is: programme, period and unit are never empty

A row without them would be nobody's: no listing shows it, and of receipts without a unit the same file may come twice. None has
been written so; one that is there all the same stays, under a key that no unit has.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

KEY = {"programme": 64, "period": 8, "unit_id": 64}
TABLES = {"receipts": "receipt_id", "findings": "''", "repairs": "''", "unit_events": "''"}
"""Table → what stands for a unit that is not told: of two receipts of the same file not the same."""


def upgrade() -> None:
    for name, nobody in TABLES.items():
        op.execute(
            f"UPDATE {name} SET programme = coalesce(programme, ''), period = coalesce(period, ''), "  # noqa: S608 - our own names
            f"unit_id = coalesce(unit_id, {nobody}) WHERE programme IS NULL OR period IS NULL OR unit_id IS NULL"
        )
        with op.batch_alter_table(name) as table:
            for column, length in KEY.items():
                table.alter_column(column, nullable=False, existing_type=sa.String(length=length))
