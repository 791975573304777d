"""Documents of an edition"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "edition_documents",
        sa.Column("edition_id", sa.String(length=24), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["editions.edition_id"],
            name=op.f("fk_edition_documents_edition_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("edition_id", "format", name=op.f("pk_edition_documents")),
        comment="An edition's files in the landing, one a format, all made from its one model.",
    )
    op.execute(
        "INSERT INTO edition_documents (edition_id, format, sha256, path, name, media_type) "
        "SELECT edition_id, 'pdf', document_sha256, path, report || '.pdf', 'application/pdf' "
        "FROM editions"
    )
    op.add_column("editions", sa.Column("model_path", sa.Text(), nullable=True))
    # Not in batch mode: there SQLite would make the table anew, and dropping the old one would empty `deliveries`.
    op.drop_column("editions", "document_sha256")
    op.drop_column("editions", "path")
