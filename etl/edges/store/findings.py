"""Findings as rows of the store, each with a key by which people can name it."""

import hashlib
from collections.abc import Collection, Sequence
from typing import Final

import sqlalchemy as sa

from etl.core.rows import FindingRow, NewFinding
from etl.edges.store.queries import fetch_rows, of_period
from etl.edges.store.returned_files import counts_since
from etl.edges.store.schema import current_slices, findings, receipt_tables, receipts

ABOUT_RETURNS = ("read", "validate")
"""The stages whose findings are about what a unit sent; those of `totals` and `render` are about nodes and papers."""
_NAMED_BY: Final = (
    "programme", "period", "unit_id", "receipt_id", "table_name", "sheet", "row_number", "column_letter", "column_key",
    "rule", "observed", "expected",
)


def finding_key(finding: NewFinding) -> str:
    """Twelve digits out of where a finding stands and what it says: the same file judged again gives the same key."""
    told = (finding[name] for name in _NAMED_BY)
    text = "|".join("" if each is None else str(each) for each in told)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def overtaken() -> sa.ColumnElement[bool]:
    """That reading found it on a sheet whose table counts out of a newer file by now, though other sheets of the file count.

    A fix-me workbook brings back some of a file's tables; what was wrong with these sheets is no longer.
    """
    old, new = receipts.alias(), receipts.alias()
    newer = (
        sa.select(1)
        .select_from(receipt_tables)
        .join(old, old.c.receipt_id == receipt_tables.c.receipt_id)
        .join(
            current_slices,
            sa.and_(
                *(current_slices.c[name] == old.c[name] for name in ("programme", "period", "unit_id")),
                current_slices.c.table_name == receipt_tables.c.table_name,
                current_slices.c.receipt_id != receipt_tables.c.receipt_id,
            ),
        )
        .join(new, new.c.receipt_id == current_slices.c.receipt_id)
        .where(
            receipt_tables.c.receipt_id == findings.c.receipt_id,
            receipt_tables.c.sheet == findings.c.sheet,
            counts_since(new) > counts_since(old),
        )
    )
    return sa.and_(findings.c.stage == "read", newer.exists())


def replaced(programme: str, period: str) -> sa.ColumnElement[bool]:
    """That it is about a file that newer ones replaced, that was only offered, or that could not be read and came again."""
    old, new = receipts.alias(), receipts.alias()
    later = sa.or_(
        counts_since(new) > counts_since(old),
        sa.and_(counts_since(new) == counts_since(old), new.c.file_name > old.c.file_name),
    )
    mine = (new.c[name] == old.c[name] for name in ("programme", "period", "unit_id"))
    again = sa.exists().where(*mine, new.c.status == "current", later)
    gone = sa.or_(
        old.c.status.in_(["superseded", "offered"]), sa.and_(old.c.status == "unreadable", again)
    )
    return findings.c.receipt_id.in_(sa.select(old.c.receipt_id).where(of_period(old, programme, period), gone))


def insert_findings(connection: sa.Connection, found: Sequence[NewFinding]) -> None:
    """Add findings, each under its key."""
    if found:
        connection.execute(sa.insert(findings), [{**row, "finding_key": finding_key(row)} for row in found])


def reading_findings(store: sa.Engine, receipt_ids: Collection[str], sheet: str | None = None) -> list[FindingRow]:
    """What the reading of receipts found, or on one of their sheets, in the order in which it was found."""
    statement = sa.select(findings).where(
        findings.c.receipt_id.in_(list(receipt_ids)), findings.c.stage == "read"
    )
    if sheet is not None:
        statement = statement.where(findings.c.sheet == sheet)
    return fetch_rows(store, statement.order_by(findings.c.finding_id), FindingRow)


def findings_of(store: sa.Engine, programme: str, period: str, unit_id: str) -> list[FindingRow]:
    """The findings on a unit's files and rows that no newer file has overtaken, in the order in which they were made."""
    statement = (
        sa.select(findings)
        .where(of_period(findings, programme, period), findings.c.unit_id == unit_id)
        .where(findings.c.stage.in_(ABOUT_RETURNS), sa.not_(overtaken()))
        .order_by(findings.c.finding_id)
    )
    return fetch_rows(store, statement, FindingRow)


def replace_document_findings(
    store: sa.Engine, programme: str, period: str, node_ids: Sequence[str], found: Sequence[NewFinding]
) -> None:
    """Replace what the making of papers found on these nodes."""
    mine = (
        of_period(findings, programme, period),
        findings.c.stage == "render",
        findings.c.unit_id.in_(list(node_ids)),
    )
    with store.begin() as connection:
        connection.execute(sa.delete(findings).where(*mine))
        insert_findings(connection, found)
