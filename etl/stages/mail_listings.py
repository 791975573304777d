"""The ledger as frames: what waits, what became of it, the history of one message."""

from typing import Any

import pandas as pd

from etl.core.rows import MessageRow
from etl.edges.store.editions import editions_of_ids
from etl.edges.store.messages import events_of, message, messages_of, releases_of
from etl.edges.templates import environment
from etl.errors import Misuse
from etl.stages.context import Context

OUTBOX = (
    "state kind edition about office recipient reason part attachments kilobytes released_by needed subject message_key"
).split()
DELIVERIES = "state kind about office recipient part tries last_error settled_at message_key".split()
DOUBTFUL = ("claimed", "uncertain")
LEAVING = ("queued", "released")
FAILED = ("refused", "bounced", "uncertain")


def outbox_listing(context: Context) -> pd.DataFrame:
    """One row a message that has not left: what it is, for whom and why, and who has let it go so far.

    Columns: state (queued, released); kind; edition (its number, empty for letters); about (the place or unit); office,
    recipient, reason (own, child, unit); part (1/2); attachments; kilobytes; released_by, needed (persons); subject; message_key.
    """
    rows = messages_of(context.store, *context.key, states=LEAVING)
    released = releases_of(context.store, [row["message_key"] for row in rows])
    numbers = editions_of_ids(context.store, {row["subject_id"] for row in rows})
    needed = context.bundle.programme.release
    told = [
        {
            **row,
            "edition": str(numbers.get(row["subject_id"], "")),
            "about": context.register.names.get(row["node_id"], row["node_id"]),
            "part": f"{row['part']}/{row['parts']}",
            "attachments": "; ".join(row["attachments"]),
            "kilobytes": round(row["size"] / 1000),
            "released_by": ", ".join(released.get(row["message_key"], [])),
            "needed": needed.persons(row["kind"]),
        }
        for row in rows
    ]
    return pd.DataFrame(told, columns=OUTBOX)


def deliveries_listing(context: Context, uncertain: bool = False) -> pd.DataFrame:
    """One row a message and its state; with `uncertain` only those claimed by a sender that has not said what came of it."""
    rows = messages_of(context.store, *context.key, states=DOUBTFUL if uncertain else ())
    told = [
        {
            **row,
            "about": context.register.names.get(row["node_id"], row["node_id"]),
            "part": f"{row['part']}/{row['parts']}",
            "last_error": row["last_error"] or "",
            "settled_at": row["settled_at"] or row["claimed_at"] or row["released_at"] or row["queued_at"],
        }
        for row in rows
    ]
    return pd.DataFrame(told, columns=DELIVERIES)


def left_behind(context: Context) -> list[MessageRow]:
    """The newest message of each kind about each place to each office that was refused, came back or is in doubt."""
    rows = sorted(messages_of(context.store, *context.key), key=lambda row: str(row["queued_at"]))
    newest = {tuple(row[name] for name in ("kind", "node_id", "office", "part")): row for row in rows}
    return [row for row in newest.values() if row["state"] in FAILED]


def history_listing(context: Context, key: str) -> pd.DataFrame:
    """Every move of one message: at, state, actor, detail. Misuse if the ledger has none with that key."""
    if message(context.store, key) is None:
        raise Misuse(f"no message {key}")
    return pd.DataFrame(events_of(context.store, key), columns=["at", "state", "actor", "detail"])


def release_request(context: Context) -> dict[str, Any]:
    """The words with which a person is asked to let go what waits: every message, by the paper or letter it carries."""
    rows = outbox_listing(context)
    rows = rows[rows["state"] == "queued"]
    groups = [
        {"kind": kind, "about": about, "edition": edition, "rows": group.to_dict("records")}
        for (kind, about, edition), group in rows.groupby(["kind", "about", "edition"], sort=False)
    ]
    facts = {
        "programme_zh": context.bundle.programme.title.zh,
        "period_zh": context.period.zh,
        "groups": groups,
        "waiting": len(rows),
        "released_by": sorted({name for names in rows["released_by"] for name in names.split(", ") if name}),
    }
    template = environment().get_template
    return {
        "waiting": len(rows),
        "subject": " ".join(template("mail/release.subject.j2").render(facts).split()),
        "body": template("mail/release.md.j2").render(facts),
    }
