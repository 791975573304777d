"""The receipt of a file that came, whichever way: out of the drop folder, over the page, by mail, from a command."""

from etl.core.register import Unit, due_day
from etl.core.rows import NewReceipt
from etl.edges.feeds import Delivery
from etl.edges.store.receipts import receipt_id
from etl.stages.context import Context


def new_receipt(context: Context, unit: Unit, delivery: Delivery) -> NewReceipt:
    """The receipt of a file whose bytes are in the landing from now on."""
    digest = context.landing.keep_raw(delivery.content)
    programme, period = context.key
    due = due_day(context.bundle.programme, context.period)
    return {
        "receipt_id": receipt_id(programme, period, unit.unit_id, digest),
        "programme": programme,
        "period": period,
        "unit_id": unit.unit_id,
        "unit_code": delivery.unit_code,
        "sha256": digest,
        "file_name": delivery.file_name,
        "size": len(delivery.content),
        "arrived_at": delivery.arrived_at.isoformat(),
        "on_time": delivery.arrived_at.date() <= due,
        "status": "received",
    }
