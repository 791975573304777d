"""Editions and their deliveries: the outbox ledger."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from etl.edges.store.schema import deliveries, editions

Row = dict[str, Any]


def latest_editions(store: sa.Engine, programme: str, period: str, report: str) -> dict[str, Row]:
    """Node id → its newest edition of a report."""
    statement = (
        sa.select(editions)
        .where(editions.c.programme == programme, editions.c.period == period, editions.c.report == report)
        .order_by(editions.c.number)
    )
    with store.connect() as connection:
        return {row["node_id"]: dict(row) for row in connection.execute(statement).mappings()}


def add_editions(store: sa.Engine, rows: Sequence[Row]) -> None:
    """Keep new editions; one that is there already stays as it is."""
    with store.begin() as connection:
        ids = [row["edition_id"] for row in rows]
        known = set(
            connection.scalars(sa.select(editions.c.edition_id).where(editions.c.edition_id.in_(ids)))
        )
        new = [row for row in rows if row["edition_id"] not in known]
        if new:
            connection.execute(sa.insert(editions), new)


def queue_deliveries(store: sa.Engine, rows: Sequence[Row]) -> list[Row]:
    """Claim what is owed; gives back every delivery of these editions that is queued and not yet written."""
    ids = sorted({row["edition_id"] for row in rows})
    mine = deliveries.c.edition_id.in_(ids)
    with store.begin() as connection:
        known = {
            (row.edition_id, row.recipient) for row in connection.execute(sa.select(deliveries).where(mine))
        }
        new = [row for row in rows if (row["edition_id"], row["recipient"]) not in known]
        if new:
            connection.execute(sa.insert(deliveries), new)
        queued = (
            sa.select(deliveries)
            .where(mine, deliveries.c.state == "queued")
            .order_by(*deliveries.primary_key.columns)
        )
        return [dict(row) for row in connection.execute(queued).mappings()]


def mark_written(store: sa.Engine, edition_id: str, recipient: str, path: str) -> None:
    """Record that a message stands in the outbox."""
    with store.begin() as connection:
        key = (deliveries.c.edition_id == edition_id, deliveries.c.recipient == recipient)
        connection.execute(sa.update(deliveries).where(*key).values(state="written", path=path))


def deliveries_of(store: sa.Engine, programme: str, period: str) -> list[Row]:
    """All deliveries of a period's editions."""
    statement = (
        sa.select(deliveries, editions.c.node_id, editions.c.number)
        .join(editions, deliveries.c.edition_id == editions.c.edition_id)
        .where(editions.c.programme == programme, editions.c.period == period)
        .order_by(editions.c.node_id, deliveries.c.recipient)
    )
    with store.connect() as connection:
        return [dict(row) for row in connection.execute(statement).mappings()]
