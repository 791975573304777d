"""Publish: ready slices become current, in one transaction; a batch's, or at once those of units that were judged alone."""

from collections.abc import Sequence
from typing import Any, Final

from etl.edges.store.receipts import TextFile
from etl.edges.store.results import keep_validation, publish_ready, slices_of
from etl.errors import Bug
from etl.stages.context import Context
from etl.stages.read import texts_in_force
from etl.stages.returns import record_outcomes
from etl.stages.validate import Judged, judge, still_holds

COUNTS: Final = ("rows_in", "rows_accepted", "rows_held", "rows_blank")


def publish(context: Context, batch_id: str | None) -> dict[str, Any]:
    """Switch the pointers of a batch and tell how each return was judged; Bug unless rows in = accepted + held + blank."""
    batches = [batch_id] if batch_id else list(context.register.batch_ids())
    rows = [row for batch in batches for row in publish_ready(context.store, *context.key, batch)]
    counts = {name: sum(row[name] for row in rows) for name in COUNTS}
    if counts["rows_in"] != counts["rows_accepted"] + counts["rows_held"] + counts["rows_blank"]:
        raise Bug(f"{context.key}: rows do not balance: {counts}")
    record_outcomes(context, context.unit_ids(batch_id))
    return {"units": len({row["unit_id"] for row in rows}), **counts}


def put_in_force(context: Context, unit_ids: Sequence[str], judged: Judged) -> None:
    """Keep and publish what was judged of some units: their findings, repairs and pointers, nothing of any other unit.

    If a waiver or a file came in while it was judged, they are judged again: nobody's decision is lost to a slower one.
    """
    keep_validation(context.store, *context.key, unit_ids, judged.findings, judged.repairs, judged.slices)
    for batch_id in sorted({context.register.unit(unit_id).batch_id for unit_id in unit_ids}):
        publish_ready(context.store, *context.key, batch_id, unit_ids)
    if not still_holds(context, unit_ids, judged):
        put_in_force(context, unit_ids, judge(context, texts_in_force(context), unit_ids))


def is_published(context: Context, unit_id: str, texts: Sequence[TextFile]) -> bool:
    """Whether a unit's tables, as they were read out of its newest files, are those that count now; not without any."""
    current = {row["table_name"]: row["receipt_id"] for row in slices_of(context.store, *context.key, [unit_id])}
    return bool(texts) and all(current.get(text.table_name) == text.receipt_id for text in texts)
