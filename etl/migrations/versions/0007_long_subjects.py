"""Findings about branches whose code is longer than any code"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    with op.batch_alter_table("findings") as findings:
        findings.alter_column("subject_id", type_=sa.Text(), existing_type=sa.String(length=64))
