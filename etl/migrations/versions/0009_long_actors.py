"""Whoever answers by mail goes by a mailbox, which may have 254 characters; a branch goes by what stands in its code's cell"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

LONGER = {
    "unit_events": {"actor": 64},
    "returned_files": {"actor": 64},
    "explanations": {"actor": 64, "subject_id": 128},
    "waivers": {"actor": 64, "subject_id": 128, "withdrawn_by": 64},
}


def upgrade() -> None:
    for name, columns in LONGER.items():
        with op.batch_alter_table(name) as table:
            for column, length in columns.items():
                table.alter_column(column, type_=sa.Text(), existing_type=sa.String(length=length))
