"""Resubmit: a file that a unit sent to put its return right → judged against the version in force, taken if it is better."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from etl.core.inert import inert
from etl.core.period import Period
from etl.core.reading.fixes import ChangedCell, Fix, FixRecord, Misplaced, changed_cells
from etl.core.reading.tables import Reading, read_file
from etl.core.returns.events import By
from etl.core.returns.resubmission import Answer
from etl.core.rows import NewReceipt
from etl.edges.feeds import CHINA, LARGEST_FILE, Delivery
from etl.edges.reading_rules import reading_rules
from etl.edges.store.history import UnitEvent, record
from etl.edges.store.returned_files import offer, status_of
from etl.edges.templates import feedback_words
from etl.stages.context import Context
from etl.stages.feedback import source_of
from etl.stages.read import read_receipts, texts_in_force
from etl.stages.receipts import new_receipt
from etl.stages.resting import refused_because
from etl.stages.settle import Sent, settle


def resubmit(
    context: Context, content: bytes, file_name: str, *, unit_id: str | None, by: By, channel: str, take: bool = False,
) -> Answer:
    """Judge a file that a unit sent, and let it count if it is better than what counts now, or if `take` says so.

    A fix-me workbook names its unit itself; `unit_id` is needed for any other file. What cannot be taken in is refused with a
    Chinese reason. The same file again gives the answer that nothing is new.
    """
    file_name = inert(file_name)
    if len(content) > LARGEST_FILE:
        return _refused(context, unit_id, feedback_words().refusals.too_large, file_name, by)
    reading = read_file(content, file_name, context.bundle.layout(context.period))
    claimed = reading.returned.claims.unit_id if reading.returned and reading.returned.claims else None
    refusal = _refusal(context, reading, unit_id, claimed)
    if refusal:
        return _refused(context, unit_id, refusal, file_name, by)
    unit = unit_id or claimed or ""
    receipt = _receipt(context, unit, content, file_name, by.at)
    kind = "workbook" if reading.returned else "file"
    sent = Sent(unit, receipt["receipt_id"], kind, channel, by, take, **_keys_and_words(reading))
    return _received(context, receipt, sent)


def fix_cells(
    context: Context, unit_id: str, fixes: Sequence[Fix], reason: str, by: By
) -> Answer:
    """Put single cells of a unit's current tables right: a new receipt that says who changed what, and why.

    It counts at once unless it makes things worse. Refused without a reason, or for a cell that is not there.
    """
    said = feedback_words().refusals
    if not reason.strip():
        return Answer(False, said.fix_reason)
    texts = {text.table_name: text for text in texts_in_force(context, [unit_id])}
    layout = context.bundle.layout(context.period)
    tables = {name: source_of(context, layout, text).cells for name, text in texts.items()}
    cells = changed_cells(fixes, tables)
    if isinstance(cells, Misplaced):
        return Answer(
            False, said.fix_unknown.format(place=f"{cells.fix.table} {cells.fix.column}{cells.fix.row}")
        )
    if not cells:
        return Answer(False, said.fix_empty)
    programme, period = context.key
    base = {name: texts[name].receipt_id for name in sorted({cell.table for cell in cells})}
    fixed = FixRecord(
        programme=programme, period=period, unit_id=unit_id, actor=by.actor, at=by.at.astimezone(CHINA).isoformat(),
        reason=reason.strip(), base=base, cells=tuple(cells),
    )
    receipt = _receipt(context, unit_id, fixed.content(), f"fix-{by.at.astimezone(CHINA):%Y%m%d-%H%M%S}.json", by.at)
    rows = {name: _same_places(tables[name]) for name in base}
    answer = _received(
        context,
        receipt,
        Sent(unit_id, receipt["receipt_id"], "fix", "page", by, False, bases=base, keyed=rows),
    )
    _record_fixes(context, unit_id, cells, answer, reason, by)
    return answer


def _received(context: Context, receipt: NewReceipt, sent: Sent) -> Answer:
    """Keep the receipt as offered, read it, and settle what becomes of it."""
    if status_of(context.store, sent.receipt_id) in (None, "offered"):
        offer(context.store, receipt, sent.kind, sent.channel, sent.by.actor)
        read_receipts(context, [receipt])
    return settle(context, sent)


def _keys_and_words(reading: Reading) -> dict[str, Any]:
    """By table: the receipt a workbook was made from, and which of its rows each row is; and what was explained."""
    returned = reading.returned
    if returned is None or returned.claims is None:
        return {}
    sealed, keyed = returned.claims.tables, {}
    for table in (table for table in reading.tables if table.table in sealed):
        keyed[table.table] = {
            row: int(key.rpartition("-")[2]) for row, key in returned.keys_of(table.sheet).items()
        }
    return {
        "bases": {name: each.receipt_id for name, each in sealed.items()},
        "keyed": keyed,
        "said": dict(returned.said),
    }


def _same_places(cells: Any) -> dict[int, int]:
    return {row: row for row in cells.column("row_number").to_pylist()}


def _refusal(context: Context, reading: Reading, unit_id: str | None, claimed: str | None) -> str:
    """Why a file is not taken in, in Chinese; '' if it is."""
    said, names = feedback_words().refusals, context.register.names
    if reading.returned is not None:
        texts_in_force(context, [claimed] if claimed else [])  # its rows are held against what it was made from
        wrong = refused_because(context, reading.returned, unit_id)
        claims = reading.returned.claims
        if wrong == "unit" and claims:
            return said.unit.format(other=names.get(claims.unit_id, claims.unit_id), unit=names.get(unit_id or "", ""))
        if wrong == "period" and claims:
            return said.period.format(other=Period.parse(claims.period).zh, period=context.period.zh)
        if wrong:
            return str(getattr(said, wrong))
        if claimed not in context.register.units_by_id:
            return said.unknown_unit
        if reading.tables and not any(table.cells.num_rows for table in reading.tables):
            return said.nothing_filled_in
    elif unit_id is None:
        return said.no_unit
    if not reading.tables:
        finding = next((each for each in reading.findings if reading_rules()[each.rule].level == "file"), None)
        rule = reading_rules()[finding.rule if finding else "R15"]
        return said.unreadable.format(sentence=rule.sentence, remedy=rule.remedy)
    return ""


def _refused(
    context: Context, unit_id: str | None, refusal: str, file_name: str, by: By
) -> Answer:
    if unit_id is not None and unit_id in context.register.units_by_id:
        told = {"file_name": file_name, "reason": refusal}
        record(context.store, *context.key, UnitEvent(unit_id, by.at, "refused", told, by.actor))
    return Answer(False, refusal)


def _receipt(context: Context, unit_id: str, content: bytes, file_name: str, at: dt.datetime) -> NewReceipt:
    unit = context.register.unit(unit_id)
    return new_receipt(context, unit, Delivery(unit.code, file_name, at.astimezone(CHINA), content))


def _record_fixes(
    context: Context, unit_id: str, cells: Sequence[ChangedCell], answer: Answer, reason: str, by: By
) -> None:
    detail = {
        "receipt_id": answer.receipt_id, "reason": reason.strip(), "taken": answer.taken,
        "cells": [{"table": c.table, "row": c.row, "column": c.column} for c in cells],
    }
    record(context.store, *context.key, UnitEvent(unit_id, by.at, "fixed", detail, by.actor))
