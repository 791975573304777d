"""Tables of the store, for SQLite and PostgreSQL alike, one module a subject."""

from etl.edges.store.schema.base import metadata
from etl.edges.store.schema.half_year import (
    completeness,
    current_slices,
    deliveries,
    editions,
    findings,
    ready_slices,
    receipt_tables,
    receipts,
    repairs,
    totals,
)
from etl.edges.store.schema.returns import unit_events

__all__ = [
    "completeness",
    "current_slices",
    "deliveries",
    "editions",
    "findings",
    "metadata",
    "ready_slices",
    "receipt_tables",
    "receipts",
    "repairs",
    "totals",
    "unit_events",
]
