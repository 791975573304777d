"""Records of duties that were entered by mistake are taken back"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    with op.batch_alter_table("duty_records") as table:
        table.add_column(sa.Column("taken_back", sa.Boolean(), nullable=False, server_default=sa.false()))
