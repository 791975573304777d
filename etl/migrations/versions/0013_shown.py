"""What a finding shows as found, where nobody filed what it was judged by"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    with op.batch_alter_table("findings") as table:
        table.add_column(sa.Column("shown", sa.Text(), nullable=True))
