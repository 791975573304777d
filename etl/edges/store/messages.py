"""The ledger of messages. Every move is one transaction that also appends an event; a move that is not allowed is none.

Claim before handing over, record after: a claim without a record is a doubt that a person decides.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from etl.core.mail.mailing import MOVES
from etl.core.rows import MessageRow, NewMessage
from etl.edges.store.queries import fetch_one, fetch_rows, of_period
from etl.edges.store.schema import message_events, message_releases, messages
from etl.edges.store.writing import insert_new

Row = dict[str, Any]


def known_subjects(store: sa.Engine, programme: str, period: str) -> set[tuple[str, str, str]]:
    """(kind, subject id, recipient) of every message there is: what need not be composed again."""
    columns = (messages.c.kind, messages.c.subject_id, messages.c.recipient)
    statement = sa.select(*columns).where(of_period(messages, programme, period))
    with store.connect() as connection:
        return {(kind, subject, recipient) for kind, subject, recipient in connection.execute(statement)}


def queue(store: sa.Engine, rows: Sequence[NewMessage], actor: str, at: str) -> int:
    """Put composed messages into the ledger, in one transaction; a message that is there already stays as it is.

    Gives back how many are new.
    """
    with store.begin() as connection:
        new = insert_new(
            connection, messages, [{**row, "state": "queued", "tries": 0, "queued_at": at} for row in rows]
        )
        if new:
            _tell(connection, new, "queued", actor, at)
    return len(new)


def messages_of(
    store: sa.Engine, programme: str, period: str, states: Iterable[str] = (), kinds: Iterable[str] = ()
) -> list[MessageRow]:
    """Messages of a period, of some states and kinds or of all, in the order in which they leave."""
    statement = (
        sa.select(messages)
        .where(of_period(messages, programme, period))
        .order_by(messages.c.node_id, messages.c.recipient, messages.c.queued_at, messages.c.part)
    )
    if states := list(states):
        statement = statement.where(messages.c.state.in_(states))
    if kinds := list(kinds):
        statement = statement.where(messages.c.kind.in_(kinds))
    return fetch_rows(store, statement, MessageRow)


def message(store: sa.Engine, key: str) -> MessageRow | None:
    """One message by its key; None if the ledger has none."""
    return fetch_one(store, sa.select(messages).where(messages.c.message_key == key), MessageRow)


def release(
    store: sa.Engine, keys: Sequence[str], person: str, persons_needed: int, at: str, automatic: bool = False
) -> int:
    """Note that a person lets these messages go; gives back how many now have as many different persons as it takes.

    One that waits no longer stays as it is: released again while a sender has it, it would leave twice.
    """
    released = 0
    with store.begin() as connection:
        for key in sorted(keys):
            held = sa.select(messages.c.state).where(messages.c.message_key == key).with_for_update()
            if connection.scalar(held) != "queued":  # two persons at once: the second counts the first
                continue
            row = {"message_key": key, "person": person, "automatic": automatic, "released_at": at}
            insert_new(connection, message_releases, [row])
            given = sa.select(sa.func.count()).where(message_releases.c.message_key == key)
            if connection.execute(given).scalar_one() >= persons_needed:
                detail = "automatic" if automatic else ""
                released += _move(connection, key, "released", person, at, detail, {"released_at": at})
    return released


def releases_of(store: sa.Engine, keys: Sequence[str]) -> dict[str, list[str]]:
    """Message key → who has released it so far, in order; those nobody released are left out."""
    statement = (
        sa.select(message_releases)
        .where(message_releases.c.message_key.in_(list(keys)))
        .order_by(message_releases.c.released_at, message_releases.c.person)
    )
    found: dict[str, list[str]] = {}
    with store.connect() as connection:
        for row in connection.execute(statement):
            found.setdefault(row.message_key, []).append(row.person)
    return found


def claim(store: sa.Engine, key: str, actor: str, at: str) -> bool:
    """Take a released message for sending, in a transaction of its own; False if another sender was faster."""
    more = {"claimed_at": at, "tries": messages.c.tries + 1}
    with store.begin() as connection:
        return _move(connection, key, "claimed", actor, at, "", more) == 1


def settle(
    store: sa.Engine, key: str, state: str, actor: str, at: str, detail: str = "", came_from: Sequence[str] | None = None
) -> bool:
    """Record what became of a message; False (and nothing changes) if it cannot come to that state from where it is.

    `detail` is what a server or a person said; for a refusal or a doubt it is kept as the last error. `came_from`: the only
    states from which it may come, of those that the rules allow.
    """
    more: Row = {"settled_at": at}
    if state in ("released", "refused", "bounced", "uncertain"):
        more["last_error"] = detail
    with store.begin() as connection:
        return _move(connection, key, state, actor, at, detail, more, came_from) == 1


def withdraw(store: sa.Engine, keys: Iterable[str], actor: str, at: str, why: str = "") -> int:
    """Take back messages that have not left; gives back how many."""
    return sum(settle(store, key, "withdrawn", actor, at, why) for key in keys)


def doubt_stale_claims(store: sa.Engine, claimed_before: str, actor: str, at: str) -> int:
    """Claims older than that whose sender never said what came of them become uncertain; gives back how many."""
    stale = sa.select(messages.c.message_key).where(
        messages.c.state == "claimed", messages.c.claimed_at < claimed_before
    )
    said = "claimed, and nothing recorded since"
    with store.begin() as connection:
        keys = list(connection.scalars(stale))
        return sum(
            _move(connection, key, "uncertain", actor, at, said, {"last_error": said, "settled_at": at})
            for key in keys
        )


def events_of(store: sa.Engine, key: str) -> list[Row]:
    """Every move of a message, oldest first."""
    statement = (
        sa.select(message_events)
        .where(message_events.c.message_key == key)
        .order_by(message_events.c.event_id)
    )
    return fetch_rows(store, statement, Row)


def _move(
    connection: sa.Connection, key: str, state: str, actor: str, at: str, detail: str, more: Row,
    came_from: Sequence[str] | None = None,
) -> int:
    """One message into a state it may come to; 1 if it moved. The condition is part of the update, so two cannot both."""
    allowed = [each for each in MOVES[state] if came_from is None or each in came_from]
    statement = (
        sa.update(messages)
        .where(messages.c.message_key == key, messages.c.state.in_(allowed))
        .values(state=state, **more)
    )
    moved = connection.execute(statement).rowcount
    if moved:
        _tell(connection, [key], state, actor, at, detail)
    return moved


def _tell(
    connection: sa.Connection, keys: Sequence[str], state: str, actor: str, at: str, detail: str = ""
) -> None:
    rows = [{"message_key": key, "state": state, "actor": actor, "at": at, "detail": detail} for key in keys]
    connection.execute(sa.insert(message_events), rows)
