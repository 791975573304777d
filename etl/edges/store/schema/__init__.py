"""Tables of the store, for SQLite and PostgreSQL alike, one module a subject."""

from etl.edges.store.schema.awards import (
    award_runs,
    awards,
    branch_records,
    duty_records,
    notices,
    objections,
    quota_moves,
    reviews,
    rulings,
    score_runs,
    scores,
    successions,
    titles,
    withdrawals,
)
from etl.edges.store.schema.base import metadata
from etl.edges.store.schema.explanations import explanations, waivers
from etl.edges.store.schema.half_year import (
    completeness,
    current_slices,
    edition_documents,
    editions,
    findings,
    ready_slices,
    receipt_tables,
    receipts,
    repairs,
    totals,
)
from etl.edges.store.schema.messages import inbound_mails, message_events, message_releases, messages
from etl.edges.store.schema.proofs import edition_checks, edition_faults, edition_inputs
from etl.edges.store.schema.returns import returned_files, unit_events

__all__ = [
    "award_runs",
    "awards",
    "branch_records",
    "completeness",
    "current_slices",
    "duty_records",
    "edition_checks",
    "edition_documents",
    "edition_faults",
    "edition_inputs",
    "editions",
    "explanations",
    "findings",
    "inbound_mails",
    "message_events",
    "message_releases",
    "messages",
    "metadata",
    "notices",
    "objections",
    "quota_moves",
    "ready_slices",
    "receipt_tables",
    "receipts",
    "repairs",
    "returned_files",
    "reviews",
    "rulings",
    "score_runs",
    "scores",
    "successions",
    "titles",
    "totals",
    "unit_events",
    "waivers",
    "withdrawals",
]
