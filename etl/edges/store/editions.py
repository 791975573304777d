"""Editions with their documents."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from etl.core.rows import DocumentRow, EditionRow, NewDocument
from etl.edges.store.queries import fetch_rows, of_period
from etl.edges.store.schema import edition_documents, edition_inputs, editions
from etl.edges.store.writing import insert_new


def latest_editions(store: sa.Engine, programme: str, period: str, report: str) -> dict[str, EditionRow]:
    """Node id → its newest edition of a report."""
    return {row["node_id"]: row for row in editions_of_report(store, programme, period, report).values()}


def editions_of_report(store: sa.Engine, programme: str, period: str, report: str) -> dict[str, EditionRow]:
    """Edition id → each edition of a report, in force or not, by number."""
    statement = (
        sa.select(editions)
        .where(of_period(editions, programme, period), editions.c.report == report)
        .order_by(editions.c.number)
    )
    return {row["edition_id"]: row for row in fetch_rows(store, statement, EditionRow)}


def documents_of(store: sa.Engine, edition_ids: Iterable[str]) -> dict[str, list[DocumentRow]]:
    """Edition id → its documents (`format`, `sha256`, `path` in the landing, `name`, `media_type`), PDF first."""
    statement = (
        sa.select(edition_documents)
        .where(edition_documents.c.edition_id.in_(list(edition_ids)))
        .order_by(
            edition_documents.c.edition_id, edition_documents.c.format != "pdf", edition_documents.c.format
        )
    )
    found: dict[str, list[DocumentRow]] = {}
    for row in fetch_rows(store, statement, DocumentRow):
        found.setdefault(row["edition_id"], []).append(row)
    return found


def add_edition(store: sa.Engine, row: EditionRow, documents: Sequence[NewDocument], inputs: str) -> None:
    """Keep a new edition with its documents and the path of its inputs, in one transaction.

    One that is there already stays as it is.
    """
    with store.begin() as connection:
        if not insert_new(connection, editions, [row]):
            return
        connection.execute(sa.insert(edition_inputs), {"edition_id": row["edition_id"], "path": inputs})
        if documents:
            connection.execute(
                sa.insert(edition_documents), [{**each, "edition_id": row["edition_id"]} for each in documents]
            )


def editions_of_ids(store: sa.Engine, edition_ids: Iterable[str]) -> dict[str, int]:
    """Edition id → its number, of those ids that are editions."""
    statement = sa.select(editions.c.edition_id, editions.c.number).where(
        editions.c.edition_id.in_(list(edition_ids))
    )
    with store.connect() as connection:
        return {row.edition_id: row.number for row in connection.execute(statement)}
