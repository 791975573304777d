"""The audit trail of the units' returns: events are added, never changed; the same event again is not added twice."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from etl.core.returns.events import SYSTEM, Detail, Event, event_id
from etl.core.rows import EventRow
from etl.edges.feeds import CHINA
from etl.edges.store.queries import fetch_rows, of_period
from etl.edges.store.schema import unit_events
from etl.edges.store.writing import insert_new
from etl.errors import Bug

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class UnitEvent:
    """One thing that happened to a unit's return. `at` is when it happened, in China's time."""

    unit_id: str
    at: dt.datetime
    event: Event
    detail: Detail = field(default_factory=dict)
    actor: str = SYSTEM


def record(store: sa.Engine, programme: str, period: str, happened: UnitEvent) -> str:
    """Add one event and give back its id; one with the same content that is there already stays as it is."""
    return record_all(store, programme, period, [happened])[0]


def record_all(store: sa.Engine, programme: str, period: str, happened: Sequence[UnitEvent]) -> list[str]:
    """Add events in their order, in one transaction; gives back their ids. Known ones stay as they are."""
    with store.begin() as connection:
        return insert_events(connection, programme, period, happened)


def insert_events(
    connection: sa.Connection, programme: str, period: str, happened: Sequence[UnitEvent]
) -> list[str]:
    """Like `record_all`, within the transaction of what happened."""
    rows = [_row(programme, period, each) for each in happened]
    if rows:
        insert_new(connection, unit_events, rows, key="event_id")
    return [row["event_id"] for row in rows]


def history_of(
    store: sa.Engine, programme: str, period: str, unit_ids: Iterable[str] | None = None
) -> list[EventRow]:
    """The events of a period's units, or of some, in the order in which they happened, as rows of `unit_events`."""
    statement = sa.select(unit_events).where(of_period(unit_events, programme, period))
    if unit_ids is not None:
        statement = statement.where(unit_events.c.unit_id.in_(list(unit_ids)))
    statement = statement.order_by(unit_events.c.at, unit_events.c.event_number)
    return fetch_rows(store, statement, EventRow)


def changed_since_announced(store: sa.Engine) -> dict[tuple[str, str], list[str]]:
    """(programme, period) → units of which something else counts since the roll-ups were last told of them.

    Their return was put right, and is in force, or rows of it were waived or held again.
    """
    judged_again = unit_events.c.detail["because"].as_string().isnot(None)
    statement = (
        sa.select(*(unit_events.c[name] for name in ("programme", "period", "unit_id", "event", "detail")))
        .where(sa.or_(unit_events.c.event.in_(("uploaded", "fixed", "announced")), judged_again))
        .order_by(unit_events.c.at, unit_events.c.event_number)
    )
    waits: dict[tuple[str, str, str], bool] = {}
    with store.connect() as connection:
        for programme, period, unit_id, event, detail in connection.execute(statement):
            key = (programme, period, unit_id)
            if event == "announced" or detail.get("taken") or detail.get("because"):
                waits[key] = event != "announced"
    found: dict[tuple[str, str], list[str]] = {}
    for programme, period, unit_id in sorted(key for key, waiting in waits.items() if waiting):
        found.setdefault((programme, period), []).append(unit_id)
    return found


def last_events(store: sa.Engine, programme: str, period: str) -> dict[str, EventRow]:
    """Unit id → its newest event."""
    return {row["unit_id"]: row for row in history_of(store, programme, period)}


def _row(programme: str, period: str, happened: UnitEvent) -> Row:
    if happened.at.tzinfo is None:
        raise Bug(f"{happened.event} of {happened.unit_id}: an hour without its time zone")
    parts = (happened.unit_id, happened.at, happened.actor, happened.event, happened.detail)
    return {
        "event_id": event_id(programme, period, *parts),
        "programme": programme,
        "period": period,
        "unit_id": happened.unit_id,
        "at": happened.at.astimezone(CHINA).isoformat(),
        "actor": happened.actor,
        "event": happened.event,
        "detail": dict(happened.detail),
    }
