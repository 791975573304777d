"""What editions were made from, and what the lint said of them

These tables were first written into 0004, after there were stores that had it: whoever came from such a store got none of
them, and whoever began later has them already.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    def edition() -> sa.Column[str]:
        return sa.Column("edition_id", sa.String(length=24), nullable=False)

    def of_edition(table: str, *key: str) -> tuple[sa.Constraint, sa.Constraint]:
        return (
            sa.ForeignKeyConstraint(
                ["edition_id"],
                ["editions.edition_id"],
                name=op.f(f"fk_{table}_edition_id"),
                ondelete="CASCADE",
            ),
            sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}")),
        )

    op.create_table(
        "edition_inputs",
        edition(),
        sa.Column("path", sa.Text(), nullable=False),
        *of_edition("edition_inputs", "edition_id"),
        comment="What an edition was made from: slices of its periods, digest of the programme, version of the code.",
        if_not_exists=True,
    )
    op.create_table(
        "edition_checks",
        edition(),
        sa.Column("faults", sa.Integer(), nullable=False),
        *of_edition("edition_checks", "edition_id"),
        comment="The last lint of an edition; with faults it does not leave.",
        if_not_exists=True,
    )
    op.create_table(
        "edition_faults",
        edition(),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(length=32), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("place", "sentence", "found", "expected")),
        *of_edition("edition_faults", "edition_id", "position"),
        comment="What keeps an edition back: the sentence, what stands in it, what the store says.",
        if_not_exists=True,
    )
