"""Duties on record: plans made, supervision and visits given; who is through with them and who is not yet."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pandas as pd

from etl.core.annual.rows import DutyAt
from etl.core.programmes.duties import Standing, problems, standings
from etl.core.returns.events import By
from etl.core.wording import one_line
from etl.core.year_rows import DutyRow
from etl.edges.award_words import say
from etl.edges.store.records import add_records, record_id, records_of
from etl.edges.store.schema import duty_records
from etl.errors import Misuse
from etl.stages.context import Context
from etl.stages.notice import Answer, entered

Row = dict[str, Any]


def keep_duty(context: Context, duty: str, node_id: str, done_on: dt.date, note: str, by: By) -> Answer:
    """Keep that a duty was done for the year, or say why it cannot be; the same again is nothing new. Misuse: unknown place."""
    nodes = context.register.nodes_by_id
    if node_id not in nodes:
        raise Misuse(f"no place {node_id} in {context.key[0]} {context.key[1]}")
    of = next((each for each in context.bundle.programme.duties if each.key == duty), None)
    said = list(problems(of, duty, nodes[node_id].tier, context.period, done_on))
    if said:
        return Answer((), tuple(say("duties", key, node=nodes[node_id].name, **values) for key, values in said))
    return _enter(context, duty, node_id, done_on, note.strip(), False, by)


def take_back_duty(
    context: Context, duty: str, node_id: str, done_on: dt.date, reason: str, by: By
) -> Answer:
    """Take back a record of a duty that was entered by mistake, with the reason; both stay on record."""
    last = _entered_last(context, duty, node_id, done_on)
    if last is None or last["taken_back"]:
        return Answer((), (say("duties", "nothing_to_take_back", day=done_on),))
    if not reason.strip():
        return Answer((), (say("duties", "no_reason"),))
    return _enter(context, duty, node_id, done_on, reason.strip(), True, by)


def _enter(
    context: Context, duty: str, node_id: str, done_on: dt.date, note: str, taken_back: bool, by: By
) -> Answer:
    """The record of a duty as it is to stand; nothing new if it does."""
    last = _entered_last(context, duty, node_id, done_on)
    if last and (last["note"], last["taken_back"]) == (note, taken_back):
        return Answer((last["record_id"],))
    before = (last["record_id"],) if last else ()  # what was said once may be said again, after something else was
    row: DutyRow = {
        **entered(context, by), "record_id": record_id(*context.key, duty, node_id, done_on, *before),
        "period": context.key[1], "duty": duty, "node_id": node_id, "done_on": done_on.isoformat(), "note": note,
        "taken_back": taken_back,
    }
    add_records(context.store, duty_records, [row])
    return Answer((row["record_id"],))


def _entered_last(context: Context, duty: str, node_id: str, done_on: dt.date) -> DutyRow | None:
    rows = records_of(
        context.store, duty_records, DutyRow, context.key[0], duty=duty, node_id=node_id, period=context.key[1],
        done_on=done_on.isoformat(),
    )
    return rows[-1] if rows else None


def duty_standings(
    context: Context, done_by: dt.date | None = None, entered_by: dt.date | None = None
) -> list[Standing]:
    """Every duty of the programme as it stands in the year.

    `done_by`, `entered_by`: the last days on which what counts was done and was entered; None: whenever it was.
    """
    programme, year = context.bundle.programme, context.period.year
    tiers = {node.node_id: node.tier for node in context.register.nodes}
    years = {duty.key: programme.duty_years(duty, year) for duty in programme.duties}
    rows = records_of(context.store, duty_records, DutyRow, context.key[0], entered_by)
    return standings(
        programme.duties, years, tiers, [row for row in rows if done_by is None or row["done_on"] <= done_by.isoformat()]
    )


def duties_at(context: Context) -> list[DutyAt]:
    """One row a node and duty of which anything is on record."""
    names = {node.node_id: one_line(node.name) for node in context.register.nodes}
    under = {node.node_id: context.register.subtree(node.node_id) for node in context.register.nodes}
    used = [each for each in duty_standings(context) if each.times]
    return [
        _row(node_id, each, [owed for owed in each.owed if owed in inside], names)
        for node_id, inside in under.items()
        for each in used
        if inside & set(each.owed)
    ]


def _row(node_id: str, standing: Standing, mine: Sequence[str], names: dict[str, str]) -> DutyAt:
    owing = standing.duty.every != "whenever"
    done = [each for each in mine if each in standing.done]
    missing = [names[each] for each in mine if owing and each not in standing.done]
    return {
        "node_id": node_id, "zh": standing.duty.zh, "owed": len(mine) if owing else None, "done": len(done), "missing": missing,
        "own": list(mine) == [node_id],
    }


def duties_listing(context: Context) -> pd.DataFrame:
    """One row a duty and place or unit that owes it: its last day on record for the year, empty where there is none."""
    nodes = context.register.nodes_by_id
    rows = []
    for each in duty_standings(context):
        last = {row["node_id"]: row["done_on"] for row in each.records}
        rows += [
            (each.duty.key, each.duty.zh, nodes[node].code, nodes[node].name, last.get(node, "")) for node in each.owed
        ]
    return pd.DataFrame(rows, columns=["duty", "name", "code", "place", "done_on"])
