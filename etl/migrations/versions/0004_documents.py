"""Documents of an edition"""

revision = '0004'
down_revision = '0003'


def upgrade() -> None:
    pass
