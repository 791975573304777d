"""Explanations, waivers"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'


def upgrade() -> None:
    with op.batch_alter_table('findings') as batch:
        batch.add_column(sa.Column('finding_key', sa.String(length=12), nullable=False, server_default=''))
        batch.add_column(sa.Column('subject_id', sa.String(length=64), nullable=True))
        batch.create_index(batch.f('ix_findings_finding_key'), ['finding_key'])
