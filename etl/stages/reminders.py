"""Reminders: what the ladder owes on a day → letters to units that sent nothing, and to the tier above with their names."""

import datetime as dt
from collections import defaultdict
from typing import Any

from etl.core.mail.offices import Recipient, recipients
from etl.core.mail.reminders import Kind, Reminder, owed_on, steps_on
from etl.core.register import Node, due_day
from etl.core.returns.events import SYSTEM, Event
from etl.core.wording import day_text, one_line
from etl.core.working_days import working_days_between
from etl.edges.feeds import CHINA
from etl.edges.programmes import load_offices
from etl.edges.store.history import UnitEvent, history_of, record_all
from etl.edges.store.messages import messages_of, withdraw
from etl.edges.templates import wording
from etl.stages.compose import Letter
from etl.stages.context import Context
from etl.stages.letters import Place, letter_to, queue_letters, unit_letter
from etl.stages.render import REPORT
from etl.stages.returns import returns

ACTOR = "reminders"
_TOLD: dict[Kind, Event] = {"reminder": "reminded", "escalation": "escalated"}


def remind(
    context: Context, as_of: dt.date, at: dt.datetime, largest_bytes: int | None = None
) -> dict[str, Any]:
    """Queue what is owed on the day `as_of`, each step once; take back what is not needed any more.

    A day may be past: the letters bear it, as what they say holds on it; a step after which a later one was written to the same
    office is owed no longer.
    Gives back how many letters are owed (`owed`), are `new`, and were `withdrawn`.
    """
    arrived = set(returns(context))
    programme = context.bundle.programme
    due, ladder = due_day(programme, context.period), steps_on(programme, context.period)
    owed = owed_on(as_of, due, context.register.units, arrived, ladder.reminders, ladder.escalations)
    known = defaultdict(list)
    for row in messages_of(context.store, *context.key, kinds=["reminder"]):
        known[row["node_id"]].append(row["subject_id"])
    owed = [each for each in owed if not each.is_past(*context.key, known[each.to_id])]
    written = [(each, letter) for each in owed if (letter := _letter(context, each, as_of, at))]
    answered = _withdraw_answered(context, arrived, at)
    queued = queue_letters(context, [letter for _, letter in written], at, largest_bytes)
    _tell(context, [each for each, _ in written], as_of)
    return {"owed": len(written), "new": queued["new"], "withdrawn": queued["withdrawn"] + answered}


def _letter(context: Context, owed: Reminder, as_of: dt.date, at: dt.datetime) -> Letter | None:
    """The letter; None for an escalation to a place without an office on the list of the half-yearly report."""
    names = [one_line(context.register.unit(unit_id).name) for unit_id in owed.unit_ids]
    facts = {
        "kind": "reminder",
        "names": names if owed.kind == "escalation" else [],
        "as_of": as_of.isoformat(),
        "day_zh": day_text(as_of, wording()),
        "days_after_due": working_days_between(owed.due_on, as_of),
        "due_zh": day_text(owed.due_on, wording()),
    }
    subject_id = owed.subject_id(*context.key)
    if owed.kind == "reminder":
        return unit_letter(context, context.register.unit(owed.to_id), facts, at, subject_id=subject_id)
    node = context.register.node(owed.to_id)
    office = _office(context, node, as_of)
    if office is None:
        return None
    place = Place(node.node_id, node.code, node.parent_id, one_line(office.office))
    return letter_to(context, office, place, facts, at, subject_id=subject_id)


def _office(context: Context, node: Node, day: dt.date) -> Recipient | None:
    """The first office of the place itself on the list of the half-yearly report."""
    offices = load_offices(context.settings.programmes_dir)
    listed = recipients(context.bundle.programme.report(REPORT), node, context.register, offices, day)
    return next((each for each in listed if each.reason == "own"), None)


def _withdraw_answered(context: Context, arrived: set[str], at: dt.datetime) -> int:
    """A reminder that has not left is not needed when the return has come."""
    waiting = messages_of(context.store, *context.key, states=["queued", "released"], kinds=["reminder"])
    keys = [row["message_key"] for row in waiting if row["node_id"] in arrived]
    return withdraw(context.store, keys, ACTOR, at.isoformat(), "the return has come")


def _tell(context: Context, written: list[Reminder], as_of: dt.date) -> None:
    """Tell the history of each unit, on the day for which its letter was written; a step that it knows is not told again."""
    units = {unit_id for each in written for unit_id in each.unit_ids}
    known = {
        (row["unit_id"], row["event"], row["detail"]["step"], row["detail"]["to"])
        for row in history_of(context.store, *context.key, units)
        if row["event"] in _TOLD.values()
    }
    at = dt.datetime.combine(as_of, dt.time(), CHINA)
    happened = [
        UnitEvent(unit_id, at, _TOLD[each.kind], {"step": each.step, "to": each.to_id}, SYSTEM)
        for each in written
        for unit_id in each.unit_ids
        if (unit_id, _TOLD[each.kind], each.step, each.to_id) not in known
    ]
    record_all(context.store, *context.key, happened)
