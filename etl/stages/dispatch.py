"""Dispatch: what persons have released → messages that have left. Without a mail server all stay in the outbox as .eml.

Claim, hand over, record: each in a transaction of its own. Killed between claim and record, a message may have left or not;
it becomes `uncertain` and a person decides, because a second copy and a missing one are both wrong.
"""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl.core.rows import MessageRow
from etl.edges.signing import Signer, dkim_signer, smime_signer
from etl.edges.smtp import HandOver, Pace, Session, SmtpServer, open_session
from etl.edges.store.messages import claim, doubt_stale_claims, messages_of, release, releases_of, settle
from etl.errors import OUTBOX, Lost, Misuse, Retryable
from etl.progress import Progress, silent
from etl.settings import Settings
from etl.stages.context import Context
from etl.stages.outbox import compose_editions

Clock = Callable[[], dt.datetime]
SENDER, AUTOMATIC = "dispatch", "automatic"
ASSUMED_BYTES = 5_000_000
"""The largest message made while the server is not to be reached: half of what Postfix takes unless told otherwise."""


@dataclass(frozen=True)
class SizeLimit:
    """The largest message that may be made (None: any), and whether it was assumed because no server answered."""

    bytes: int | None
    assumed: bool = False

    @property
    def told(self) -> dict[str, int]:
        """For the result of whoever composed under it: `size_assumed`, if it was."""
        return {"size_assumed": self.bytes} if self.assumed and self.bytes is not None else {}


def dispatch(
    context: Context, now: Clock, server: SmtpServer | None = None, progress: Progress = silent
) -> dict[str, Any]:
    """Queue what is owed, then send what is released, if there is a server.

    Gives back how many messages of editions there are (`deliveries`) and are `new`, and of all messages how many were
    `sent` by this call, have been `refused`, are `uncertain`, and are `waiting` for a person. Retryable, after all
    others have been tried, if some could not be handed over for now.
    """
    return fill_outbox(context, now, server, progress) | send_released(context, now, server, progress)


def send_released(
    context: Context, now: Clock, server: SmtpServer | None, progress: Progress = silent
) -> dict[str, int]:
    """Send what is released, if there is a server; counts and errors as of `dispatch`.

    Lost, after all others have been sent, for messages whose .eml is gone.
    """
    answers: dict[str, int] = {}
    gone: list[MessageRow] = []
    if server is not None:
        doubt_old_claims(context, now())
        waiting = messages_of(context.store, *context.key, states=["released"])
        gone = [row for row in waiting if not _eml(context, row).exists()]
        answers = _send_all(context, now, server, progress, [row for row in waiting if row not in gone])
    states = [row["state"] for row in messages_of(context.store, *context.key)]
    if answers.get("deferred"):
        raise Retryable(
            f"{answers['deferred']} messages were not taken for now, {answers.get('sent', 0)} were sent"
        )
    if gone:
        raise Lost(OUTBOX, [f"{row['kind']} to {row['office']}" for row in gone])
    return {
        "sent": answers.get("sent", 0),
        "refused": states.count("refused"),
        "uncertain": states.count("uncertain"),
        "waiting": states.count("queued"),
    }


def fill_outbox(
    context: Context, now: Clock, server: SmtpServer | None = None, progress: Progress = silent
) -> dict[str, Any]:
    """Compose what is owed, no message larger than the server takes; gives back counts and the digest of what waits.

    `size_assumed` is there if the server was not to be reached: the largest message made then.
    """
    limit = size_limit(context.settings, server)
    composed = compose_editions(context, now(), limit.bytes, progress)
    release_by_itself(context, now())
    return composed | limit.told | {"preview": preview_digest(context)}


def release_by_itself(context: Context, at: dt.datetime) -> None:
    """Let go what the programme or the settings let go without a person; the ledger tells it as automatic."""
    waiting = messages_of(context.store, *context.key, states=["queued"])
    everything, needed = context.settings.release_automatically, context.bundle.programme.release
    for row in waiting:
        persons = needed.persons(row["kind"])
        if everything or persons == 0:
            release(context.store, [row["message_key"]], AUTOMATIC, 1, at.isoformat(), automatic=True)


def size_limit(settings: Settings, server: SmtpServer | None) -> SizeLimit:
    """As set, else what the server says, else without limit; a server that is down stops nobody from composing."""
    if settings.mail_largest_bytes is not None or server is None:
        return SizeLimit(settings.mail_largest_bytes)
    try:
        with open_session(server) as session:
            return SizeLimit(session.largest_bytes)
    except Retryable:
        return SizeLimit(ASSUMED_BYTES, assumed=True)


def preview_digest(context: Context) -> str:
    """Stands for exactly the messages that wait for a person, so that nobody releases what he has not seen."""
    waiting = messages_of(context.store, *context.key, states=["queued"])
    lines = sorted(f"{row['message_key']} {row['size']}" for row in waiting)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


def release_outbox(context: Context, person: str, preview: str | None, at: dt.datetime) -> dict[str, int]:
    """Let go what waits, in this person's name. Misuse if `preview` is the digest of something else.

    Gives back how many are `released` now, and how many still need another person (`waiting`).
    """
    if preview is not None and preview != preview_digest(context):
        raise Misuse("the outbox has changed since it was looked at: see `sanji outbox` again")
    waiting = messages_of(context.store, *context.key, states=["queued"])
    needed = context.bundle.programme.release
    released = sum(
        release(
            context.store, [row["message_key"]], person, max(1, needed.persons(row["kind"])), at.isoformat()
        )
        for row in waiting
    )
    return {"released": released, "waiting": len(waiting) - released}


def releasers(context: Context) -> dict[str, list[str]]:
    """Message key → who has released it so far, of what waits."""
    waiting = messages_of(context.store, *context.key, states=["queued"])
    return releases_of(context.store, [row["message_key"] for row in waiting])


def doubt_old_claims(context: Context, at: dt.datetime) -> int:
    """Claims older than any sender would need become uncertain; gives back how many."""
    before = at - dt.timedelta(minutes=context.settings.smtp_claim_minutes)
    return doubt_stale_claims(context.store, before.isoformat(), SENDER, at.isoformat())


def _send_all(
    context: Context, now: Clock, server: SmtpServer, progress: Progress, waiting: list[MessageRow]
) -> dict[str, int]:
    """Send messages over one connection, which is opened anew if it breaks; gives back the answers counted."""
    counted, in_all = dict[str, int](), len(waiting)
    pace, sign = Pace(context.settings.smtp_messages_per_minute), _signer(context.settings)
    while waiting:
        with open_session(server) as session:
            while waiting and session.open:
                row = waiting.pop(0)
                content = sign(_eml(context, row).read_bytes())
                pace.wait()
                if claim(context.store, row["message_key"], SENDER, now().isoformat()):
                    answer = _hand_over(context, session, row, content)
                    _record(context, row, answer, now())
                    counted[answer.state] = counted.get(answer.state, 0) + 1
                progress(in_all)
    return counted


def _eml(context: Context, row: MessageRow) -> Path:
    return context.settings.outbox_dir / row["path"]


def _hand_over(context: Context, session: Session, row: MessageRow, content: bytes) -> HandOver:
    largest = session.largest_bytes
    if largest is not None and len(content) > largest:
        return HandOver("refused", f"552 larger than the {largest} bytes that the server takes")
    return session.hand_over(context.settings.reply_address, row["recipient"], content, row["message_key"])


def _record(context: Context, row: MessageRow, answer: HandOver, at: dt.datetime) -> None:
    state = "released" if answer.state == "deferred" else answer.state
    settle(context.store, row["message_key"], state, SENDER, at.isoformat(), answer.text)


def _signer(settings: Settings) -> Signer:
    """S/MIME, then DKIM, each if its key is configured."""
    signers: list[Signer] = []
    if settings.smime_certificate and settings.smime_key:
        signers.append(smime_signer(settings.smime_certificate, settings.smime_key))
    if settings.dkim_key:
        domain = settings.mail_from.rpartition("@")[2]
        signers.append(dkim_signer(settings.dkim_key, settings.dkim_selector, domain))

    def sign(content: bytes) -> bytes:
        for each in signers:
            content = each(content)
        return content

    return sign


def decide(context: Context, key: str, choice: str, person: str, at: dt.datetime) -> None:
    """A person says of an uncertain message that it was `sent`, or that it goes `again`. Misuse if it is not uncertain."""
    states = {"sent": "sent", "again": "released"}
    if choice not in states:
        raise Misuse(f"--decide {choice}: write sent or again")
    if not settle(context.store, key, states[choice], person, at.isoformat(), f"decided: {choice}", ["uncertain"]):
        raise Misuse(f"message {key} is not uncertain")
