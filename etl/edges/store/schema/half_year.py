"""What a half-year leaves: receipts, findings, slices, totals, editions."""

import sqlalchemy as sa

from etl.edges.store.schema.base import metadata, slice_key

receipts = sa.Table(
    "receipts",
    metadata,
    sa.Column("receipt_id", sa.String(24), primary_key=True),
    *slice_key(),
    sa.Column("unit_code", sa.String(64), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("arrived_at", sa.String(32), nullable=False),
    sa.Column("on_time", sa.Boolean, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),  # received, read, unreadable, current, superseded, offered
    sa.Column("layout_digest", sa.String(64)),
    sa.UniqueConstraint("programme", "period", "unit_id", "sha256"),
    comment="One delivered file of one unit for one period; the same bytes again are the same receipt.",
)

receipt_tables = sa.Table(
    "receipt_tables",
    metadata,
    sa.Column("receipt_id", sa.ForeignKey("receipts.receipt_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("table_name", sa.String(32), primary_key=True),
    sa.Column("sheet", sa.Text, nullable=False),
    sa.Column("rows_in", sa.Integer, nullable=False),
    sa.Column("rows_blank", sa.Integer, nullable=False),
    sa.Column("columns", sa.JSON, nullable=False),  # column key → [heading, letter]
    sa.Column("text_path", sa.Text, nullable=False),
    comment="The tables read out of a receipt, as text with addresses.",
)

findings = sa.Table(
    "findings",
    metadata,
    sa.Column("finding_id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("finding_key", sa.String(12), nullable=False),  # of what was found where: lasts over reruns
    *slice_key(),
    sa.Column("subject_id", sa.Text),  # the branch as filed, or the unit for its own row; nothing for a file
    sa.Column("stage", sa.String(16), nullable=False),  # read, validate, totals
    sa.Column("batch_id", sa.String(64), nullable=False),
    sa.Column("receipt_id", sa.String(24)),
    sa.Column("table_name", sa.String(32)),
    sa.Column("sheet", sa.Text),
    sa.Column("row_number", sa.Integer),
    sa.Column("column_letter", sa.String(8)),
    sa.Column("heading", sa.Text),
    sa.Column("column_key", sa.String(96)),
    sa.Column("rule", sa.String(8), nullable=False),
    sa.Column("level", sa.String(8), nullable=False),
    sa.Column("observed", sa.Text),
    sa.Column("shown", sa.Text),  # what people read as found, 1÷2＝0.5; nothing where that is what was observed
    sa.Column("expected", sa.Text),
    sa.Index(None, "programme", "period", "unit_id"),
    sa.Index(None, "finding_key"),
    comment="What is wrong, where, and what was expected; sentence and remedy stand with the rule.",
)

repairs = sa.Table(
    "repairs",
    metadata,
    sa.Column("repair_id", sa.Integer, primary_key=True, autoincrement=True),
    *slice_key(),
    sa.Column("receipt_id", sa.String(24), nullable=False),
    sa.Column("table_name", sa.String(32), nullable=False),
    sa.Column("sheet", sa.Text),
    sa.Column("row_number", sa.Integer),
    sa.Column("column_key", sa.String(96), nullable=False),
    sa.Column("text_before", sa.Text, nullable=False),
    sa.Column("text_after", sa.Text),
    sa.Index(None, "programme", "period", "unit_id"),
    comment="What was read otherwise than written; the raw text stays in the landing.",
)


def _slices(name: str, comment: str) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        sa.Column("programme", sa.String(64), primary_key=True),
        sa.Column("period", sa.String(8), primary_key=True),
        sa.Column("unit_id", sa.String(64), primary_key=True),
        sa.Column("table_name", sa.String(32), primary_key=True),
        sa.Column("batch_id", sa.String(64), nullable=False),
        sa.Column("receipt_id", sa.String(24)),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("rows_in", sa.Integer, nullable=False),
        sa.Column("rows_accepted", sa.Integer, nullable=False),
        sa.Column("rows_held", sa.Integer, nullable=False),
        sa.Column("rows_blank", sa.Integer, nullable=False),
        comment=comment,
    )


ready_slices = _slices("ready_slices", "Slices that validation made; publishing makes them current.")
current_slices = _slices(
    "current_slices", "Which immutable slice is current for a unit's table: switching this pointer publishes."
)

totals = sa.Table(
    "totals",
    metadata,
    sa.Column("programme", sa.String(64), primary_key=True),
    sa.Column("period", sa.String(8), primary_key=True),
    sa.Column("node_id", sa.String(128), primary_key=True),
    sa.Column("indicator", sa.String(96), primary_key=True),
    sa.Column("part", sa.String(64), primary_key=True),
    sa.Column("parent_id", sa.String(128)),
    sa.Column("tier", sa.String(32), nullable=False),
    sa.Column("code", sa.String(128), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("value", sa.Double),
    sa.Column("at_least", sa.Boolean, nullable=False),
    sa.Column("filed", sa.Integer, nullable=False),
    sa.Column("missing", sa.Integer, nullable=False),
    sa.Column("median", sa.Double),
    sa.Column("previous_value", sa.Double),
    sa.Column("last_year_value", sa.Double),
    sa.Column("rank_in_tier", sa.Integer),
    sa.Column("rank_of_tier", sa.Integer),
    sa.Column("rank_in_parent", sa.Integer),
    sa.Column("rank_of_parent", sa.Integer),
)

completeness = sa.Table(
    "completeness",
    metadata,
    sa.Column("programme", sa.String(64), primary_key=True),
    sa.Column("period", sa.String(8), primary_key=True),
    sa.Column("node_id", sa.String(128), primary_key=True),
    sa.Column("parent_id", sa.String(128)),
    sa.Column("tier", sa.String(32), nullable=False),
    sa.Column("code", sa.String(128), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    *(
        sa.Column(name, sa.Integer, nullable=False)
        for name in (
            "units_expected", "units_received", "units_on_time", "units_late", "units_missing", "rows_in",
            "rows_accepted", "rows_held", "rows_blank", "findings_file", "findings_row", "findings_warning",
        )
    ),
)

editions = sa.Table(
    "editions",
    metadata,
    sa.Column("edition_id", sa.String(24), primary_key=True),
    sa.Column("programme", sa.String(64), nullable=False),
    sa.Column("period", sa.String(8), nullable=False),
    sa.Column("report", sa.String(32), nullable=False),
    sa.Column("node_id", sa.String(128), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("issued_on", sa.String(10), nullable=False),
    sa.Column("inputs_digest", sa.String(64), nullable=False),
    sa.Column("model_path", sa.Text),  # the narrated model, JSON in the landing; null before models were kept
    sa.UniqueConstraint("programme", "period", "report", "node_id", "number"),
    comment="One report for one node; another content is another number, never a silent edit.",
)

edition_documents = sa.Table(
    "edition_documents",
    metadata,
    sa.Column("edition_id", sa.ForeignKey("editions.edition_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("format", sa.String(8), primary_key=True),  # pdf, docx, xlsx
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),  # as recipients see it
    sa.Column("media_type", sa.String(128), nullable=False),
    comment="An edition's files in the landing, one a format, all made from its one model.",
)
