"""The score that a branch files for itself; whoever enters a record of a year goes by an account or a mailbox of any length"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

RECORDS = (
    "reviews", "notices", "objections", "rulings", "titles", "withdrawals", "successions", "quota_moves", "branch_records",
)


def upgrade() -> None:
    with op.batch_alter_table("scores") as scores:
        scores.add_column(sa.Column("self_points", sa.Integer()))
    for name in RECORDS:
        with op.batch_alter_table(name) as table:
            table.alter_column("actor", type_=sa.Text(), existing_type=sa.String(length=64), existing_nullable=False)
