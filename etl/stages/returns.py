"""How each unit's return stands, out of its receipts, slices and findings; and what is told of it in the history."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from etl.core.returns.events import Event, Reason
from etl.core.returns.status import OUTCOMES, Delivered, Return, outcome, superseded
from etl.core.rows import ReceiptRow, SliceRow
from etl.edges.store.history import UnitEvent, history_of, record_all
from etl.edges.store.receipts import receipts_in_turn, receipts_of
from etl.edges.store.returns import delivered_tables, finding_counts, published
from etl.stages.context import Context


def returns(context: Context, unit_ids: Iterable[str] | None = None) -> dict[str, Return]:
    """Unit id → its return, for the units that sent anything; only some units if they are given."""
    ids = None if unit_ids is None else list(unit_ids)
    by_unit: dict[str, list[ReceiptRow]] = defaultdict(list)
    for receipt in receipts_in_turn(context.store, *context.key, ids):
        by_unit[receipt["unit_id"]].append(receipt)
    readable = delivered_tables(context.store, *context.key, ids)
    slices = published(context.store, *context.key)
    counts = finding_counts(context.store, *context.key)
    return {
        unit_id: _return(mine, readable.get(unit_id, []), slices.get(unit_id, []), counts[unit_id])
        for unit_id, mine in by_unit.items()
    }


def first_receipts(context: Context, unit_ids: Iterable[str] | None = None) -> dict[str, ReceiptRow]:
    """Unit id → the receipt that says when its return came: its first file that could be read, else its first.

    Of all units, or of some.
    """
    by_unit: dict[str, list[ReceiptRow]] = defaultdict(list)
    for receipt in receipts_of(context.store, *context.key, unit_ids):
        by_unit[receipt["unit_id"]].append(receipt)
    return {unit_id: _first(mine) for unit_id, mine in by_unit.items()}


def _first(receipts: list[ReceiptRow]) -> ReceiptRow:
    came = sorted(receipts, key=lambda each: (each["arrived_at"], each["file_name"], each["receipt_id"]))
    return next((receipt for receipt in came if receipt["status"] != "unreadable"), came[0])


def record_received(context: Context, receipts: Iterable[ReceiptRow]) -> None:
    """Tell of files that came, at the hour at which they came."""
    record_all(
        context.store, *context.key,
        [_of_receipt(receipt, "received") for receipt in sorted(receipts, key=lambda r: r["arrived_at"])],
    )


def record_checking(context: Context, receipts: Iterable[ReceiptRow]) -> None:
    """Tell of files that are read and judged now. The hour is that of their arrival: stages ask no clock."""
    record_all(context.store, *context.key, [_of_receipt(receipt, "checking") for receipt in receipts])


def record_superseded(context: Context, unit_ids: Iterable[str]) -> None:
    """Tell of deliveries that newer ones replaced, at the hour from which the newer one counts."""
    happened = [
        UnitEvent(unit_id, by.counts_since, "superseded", {"receipt_id": old, "by": by.receipt_id})
        for unit_id, delivered in delivered_tables(context.store, *context.key, unit_ids).items()
        for old, by in sorted(superseded(delivered).items())
    ]
    record_all(context.store, *context.key, sorted(happened, key=lambda event: event.at))


def record_outcomes(
    context: Context, unit_ids: Iterable[str], at: dt.datetime | None = None, because: Reason | None = None
) -> None:
    """Tell how the units' returns were judged, at the hour at which the newest delivery came, unless that was told last.

    `at` and `because`: they were judged again at that hour, because of what a person had decided; that is always told.
    """
    units = list(unit_ids)
    told = {} if because else _last_outcomes(context, units)
    happened = []
    for unit_id, filed in returns(context, units).items():
        if filed.unread or filed.unjudged or filed.newest_arrived_at is None:
            continue
        detail = {
            "faults": filed.faults, "warnings": filed.warnings, "rows_accepted": filed.rows_accepted,
            "rows_held": filed.rows_held, "deliveries": filed.deliveries,
        }
        if told.get(unit_id) != (outcome(filed), detail):
            more = {"because": because} if because else {}
            happened.append(UnitEvent(unit_id, at or filed.newest_arrived_at, outcome(filed), detail | more))
    record_all(context.store, *context.key, happened)


def _last_outcomes(context: Context, unit_ids: list[str]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Unit id → the outcome that its history told last, and its figures."""
    return {
        row["unit_id"]: (row["event"], {name: each for name, each in row["detail"].items() if name != "because"})
        for row in history_of(context.store, *context.key, unit_ids)
        if row["event"] in OUTCOMES
    }


def _of_receipt(receipt: ReceiptRow, event: Event) -> UnitEvent:
    at = dt.datetime.fromisoformat(receipt["arrived_at"])
    return UnitEvent(receipt["unit_id"], at, event, {"receipt_id": receipt["receipt_id"]})


def _return(
    receipts: list[ReceiptRow], readable: list[Delivered], slices: list[SliceRow], counts: Counter[tuple[str | None, str]]
) -> Return:
    old = superseded(readable)
    newest = {table: each.receipt_id for each in readable for table in each.tables}
    judged = {row["table_name"]: row["receipt_id"] for row in slices}
    kept = standing(receipts, set(newest.values()))
    came = [dt.datetime.fromisoformat(receipt["arrived_at"]) for receipt in receipts]
    levels: Counter[str] = Counter()
    for (receipt_id, level), count in counts.items():
        if receipt_id is None or receipt_id in kept:
            levels[level] += count
    return Return(
        deliveries=len(receipts),
        superseded=len(old),
        first_arrived_on=dt.date.fromisoformat(_first(receipts)["arrived_at"][:10]),
        newest_arrived_at=max(came + [each.counts_since for each in readable]),
        unread=sum(receipt["status"] == "received" for receipt in receipts),
        unjudged=sum(judged.get(table) != receipt_id for table, receipt_id in newest.items()),
        faults=levels["file"] + levels["row"],
        warnings=levels["warning"],
        rows_in=sum(row["rows_in"] for row in slices),
        rows_accepted=sum(row["rows_accepted"] for row in slices),
        rows_held=sum(row["rows_held"] for row in slices),
    )


def standing(receipts: list[ReceiptRow], newest: set[str]) -> set[str]:
    """The receipts whose findings still matter: the newest of each table, and unreadable ones that came after all those.

    `receipts`: in the order in which they count.
    """
    after = max((n for n, receipt in enumerate(receipts) if receipt["receipt_id"] in newest), default=-1)
    unreadable = {r["receipt_id"] for r in receipts[after + 1 :] if r["status"] == "unreadable"}
    return newest | unreadable
