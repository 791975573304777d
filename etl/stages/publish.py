"""Publish: a batch's ready slices become current, in one transaction."""

from typing import Any

from etl.edges.store.results import publish_ready
from etl.errors import Bug
from etl.stages.context import Context
from etl.stages.returns import record_outcomes

COUNTS = ("rows_in", "rows_accepted", "rows_held", "rows_blank")


def publish(context: Context, batch_id: str | None) -> dict[str, Any]:
    """Switch the pointers of a batch and tell how each return was judged; Bug unless rows in = accepted + held + blank."""
    batches = [batch_id] if batch_id else list(context.register.batch_ids())
    rows = [row for batch in batches for row in publish_ready(context.store, *context.key, batch)]
    counts = {name: sum(row[name] for row in rows) for name in COUNTS}
    if counts["rows_in"] != counts["rows_accepted"] + counts["rows_held"] + counts["rows_blank"]:
        raise Bug(f"{context.key}: rows do not balance: {counts}")
    record_outcomes(context, context.unit_ids(batch_id))
    return {"units": len({row["unit_id"] for row in rows}), **counts}
