"""Gather: files of the feeds → raw bytes in the landing, a receipt each."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from etl.core.reading.returned import is_fix_me
from etl.core.register import Unit, cutoff_day, due_day
from etl.core.returns.events import SYSTEM, By
from etl.core.returns.resubmission import Answer
from etl.core.rows import NewReceipt, ReceiptRow
from etl.edges.feeds import Delivery, deliveries, folder_names
from etl.edges.reference import load_places
from etl.edges.store.receipts import add_receipts, receipts_of
from etl.stages.context import Context
from etl.stages.receipts import new_receipt
from etl.stages.returns import first_receipts, record_received


def gather(context: Context, batch_id: str | None, as_of: dt.date) -> dict[str, Any]:
    """Take in what a batch's units sent up to `as_of`: new receipts, and how many units are received, late, missing.

    Files that came later are left for a later day and counted in `after_as_of`.

    A fix-me workbook in the folder is no new return: it is held against what counts, like one that came another way.

    A folder under another code of the same county (its old or coming one) counts as that county's.
    """
    units = {unit.unit_id: unit for unit in context.units(batch_id)}
    due = due_day(context.bundle.programme, context.period)
    unit_of, rows, returned, later = _finder(units), [], [], 0
    for delivery in deliveries("local", context.settings.feeds_dir, *context.key):
        unit = unit_of(delivery.unit_code)
        if unit is None:
            continue
        if delivery.arrived_at.date() > as_of:
            later += 1
            continue
        if is_fix_me(delivery.content):
            returned.append((unit, delivery))
            continue
        rows.append(new_receipt(context, unit, delivery))
    unique = {row["receipt_id"]: row for row in reversed(rows)}
    new = add_receipts(context.store, list(unique.values()))
    record_received(context, _as_kept(context, unique))
    answers = [_settled(context, unit, delivery) for unit, delivery in returned]
    arrived = {unit_id: row["on_time"] for unit_id, row in first_receipts(context, units).items()}
    expected = [unit_id for unit_id, unit in units.items() if unit.must_report]
    return {
        "receipts": new,
        "returned": sum(answer.taken and not answer.repeated for answer in answers),
        "received": sum(unit_id in arrived for unit_id in units),
        "late": sum(not on_time for on_time in arrived.values()),
        "missing": sum(unit_id not in arrived for unit_id in expected) if as_of > due else 0,
        "after_as_of": later,
    }


def folders_of_nobody(context: Context) -> list[str]:
    """The folders of the period's drop folder whose names are no unit's code: nobody takes in what lies there."""
    unit_of = _finder(context.register.units_by_id)
    return [name for name in folder_names(context.settings.feeds_dir, *context.key) if unit_of(name) is None]


def settled_units(context: Context, batch_id: str, as_of: dt.date) -> list[str]:
    """The units that must report and with which the roll-up may go on: published, or missing after the cut-off."""
    from etl.edges.store.results import slices_of  # noqa: PLC0415 - pandas stays out of the gather task

    published = {row["unit_id"] for row in slices_of(context.store, *context.key)}
    closed = as_of > cutoff_day(context.bundle.programme, context.period)
    return [
        u.unit_id for u in context.units(batch_id) if u.must_report and (closed or u.unit_id in published)
    ]


def _settled(context: Context, unit: Unit, delivery: Delivery) -> Answer:
    from etl.stages.resubmit import resubmit  # noqa: PLC0415 - what judges, and pandas, stay out of a gathering without returns

    return resubmit(
        context,
        delivery.content,
        delivery.file_name,
        unit_id=unit.unit_id,
        by=By(SYSTEM, delivery.arrived_at),
        channel="feed",
    )


def _as_kept(context: Context, delivered: Mapping[str, NewReceipt]) -> list[ReceiptRow]:
    """The receipts as the store has them: bytes that lie in the folder anew keep the hour of their first arrival."""
    units = {row["unit_id"] for row in delivered.values()}
    return [row for row in receipts_of(context.store, *context.key, units) if row["receipt_id"] in delivered]


def _finder(units: Mapping[str, Unit]) -> Callable[[str], Unit | None]:
    """Code of a folder → the unit whose it is, if any: by its code of the period, else by one that its place had or will have."""
    own_first = sorted(units.values(), key=lambda unit: unit.kind != "own")  # of equal codes the last one stays
    by_code, places = {unit.code: unit for unit in own_first}, load_places()
    return lambda code: by_code.get(code) or units.get(places.resolve(code) or "")
