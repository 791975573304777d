"""Mail in: what lies in the reply mailbox → what became of our messages, and workbooks that come back.

A mail counts only if it answers a message of the ledger (by the token in the reply address, else by its references) and
comes from the mailbox that message went to. Answers go to that mailbox, never to whatever a forged From says. Killed
between taking a workbook and recording the mail, the next run takes the same bytes again, which changes nothing.
"""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import sqlalchemy as sa

from etl.core.mail.inbound import File, Inbound, parse_inbound, reply_tokens
from etl.core.mail.mailing import key_of_token
from etl.core.returns.events import By
from etl.core.returns.resubmission import Answer
from etl.core.rows import MessageRow
from etl.core.wording import day_text
from etl.edges.mailbox import ImapServer, RawMail, open_mailbox
from etl.edges.seal import seal_secret
from etl.edges.store.inbound import is_known, is_replayed, record_inbound
from etl.edges.store.messages import message, settle
from etl.edges.templates import wording
from etl.settings import Settings
from etl.stages.context import Context
from etl.stages.letters import queue_letter, unit_letter, workbook_of

Clock = Callable[[], dt.datetime]
ACTOR = "mail-in"
ASK_FOR_RETURNS = ("feedback", "answer", "reminder")


class TakeBack(Protocol):
    """`etl.stages.resubmit.resubmit`."""

    def __call__(
        self, context: Context, content: bytes, file_name: str, *, unit_id: str, by: By, channel: str
    ) -> Answer: ...


@dataclass(frozen=True)
class Desk:
    """What taking up a mail needs at hand; `open_context` gives the context of a programme and a period."""

    store: sa.Engine
    settings: Settings
    open_context: Callable[[str, str], Context]
    take_back: TakeBack
    now: Clock


@dataclass(frozen=True)
class Verdict:
    """What came of a mail: `taken` (a workbook), `noted`, `refused`, `ignored`; in words for the ledger."""

    outcome: str
    detail: str
    key: str | None = None
    attachment_sha256: str | None = None


@dataclass
class Count:
    """How many mails of each outcome, and the programmes and periods that got an answer to send."""

    outcomes: dict[str, int] = field(default_factory=dict)
    touched: set[tuple[str, str]] = field(default_factory=set)


def mail_in(server: ImapServer, desk: Desk) -> Count:
    """Take up what lies unread in the mailbox. Retryable if the server goes away; what was taken up by then stays."""
    count = Count()
    with open_mailbox(server) as box:
        for raw in box.unread():
            outcome = take_up(raw, desk, count.touched)
            box.taken(raw.uid)
            count.outcomes[outcome] = count.outcomes.get(outcome, 0) + 1
    return count


def take_up(raw: RawMail, desk: Desk, touched: set[tuple[str, str]]) -> str:
    """Take up one mail, once; gives back its outcome (`known` if these bytes were taken up before)."""
    inbound_id = hashlib.sha256(raw.content).hexdigest()
    if is_known(desk.store, inbound_id):
        return "known"
    inbound = parse_inbound(raw.content)
    if inbound.kind in ("delivery_report", "read_receipt"):
        verdict = _reported(inbound, desk)
    elif inbound.kind == "automatic":
        verdict = Verdict("ignored", "an automatic answer")
    else:
        verdict = _replied(inbound, raw, inbound_id, desk, touched)
    record_inbound(
        desk.store,
        {
            "inbound_id": inbound_id,
            "message_id": inbound.message_id[:998],
            "kind": inbound.kind,
            "sender": inbound.sender[:254],
            "message_key": verdict.key,
            "outcome": verdict.outcome,
            "detail": verdict.detail,
            "attachment_sha256": verdict.attachment_sha256,
            "read_at": desk.now().isoformat(),
        },
    )
    return verdict.outcome


def _reported(inbound: Inbound, desk: Desk) -> Verdict:
    """A report of a server, or of a reader's mail program, moves the message that it names."""
    row = _answered(inbound, desk)
    if row is None:
        return Verdict("ignored", "it names no message of ours")
    key = row["message_key"]
    if inbound.fate in ("none", "delayed"):
        return Verdict("noted", f"{inbound.fate} {inbound.words}".strip(), key)
    if inbound.kind == "read_receipt" and inbound.sender != row["recipient"].lower():
        return Verdict("ignored", "a read receipt of somebody else", key)
    moved = settle(desk.store, key, inbound.fate, ACTOR, desk.now().isoformat(), inbound.words)
    return Verdict("noted", f"{inbound.fate}{'' if moved else ', known before'}", key)


def _answered(inbound: Inbound, desk: Desk) -> MessageRow | None:
    """The message that a mail answers: by a token of ours, else by what it refers to; None if none of ours."""
    found = (message(desk.store, key) for key in (*_proven_keys(inbound, desk), *inbound.keys) if key)
    return next((row for row in found if row is not None), None)


def _proven_keys(inbound: Inbound, desk: Desk) -> list[str | None]:
    """For each token in the reply address its key, None for one that was not made here."""
    secret = seal_secret(desk.settings)
    return [key_of_token(token, secret) for token in reply_tokens(inbound, desk.settings.reply_address)]


def _replied(
    inbound: Inbound, raw: RawMail, inbound_id: str, desk: Desk, touched: set[tuple[str, str]]
) -> Verdict:
    row = _answered(inbound, desk)
    if row is None:
        return Verdict("ignored", "it answers no message of ours")
    workbook = inbound.workbooks[0] if len(inbound.workbooks) == 1 else None
    digest = hashlib.sha256(workbook.content).hexdigest() if workbook else None
    reason = _refusal(inbound, raw, row, digest, desk)
    if reason is None:
        settle(desk.store, row["message_key"], "receipt", ACTOR, desk.now().isoformat(), "answered")
        if workbook is None:
            return Verdict("noted", "answered", row["message_key"])
    context = desk.open_context(row["programme"], row["period"])
    reply = _Reply(context, row, inbound_id, inbound.message_id, desk)
    touched.add(context.key)
    if reason is not None:
        _refuse(reply, reason)
        return Verdict("refused", reason, row["message_key"])
    assert workbook is not None  # noqa: S101 - without one it was noted above
    return _take_back(reply, workbook, digest)


def _refusal(inbound: Inbound, raw: RawMail, row: MessageRow, digest: str | None, desk: Desk) -> str | None:
    """Why an answer does not count (a reason of templates/mail/refusals.j2); None if it does."""
    proven = _proven_keys(inbound, desk)
    if proven and row["message_key"] not in proven:
        return "wrong_token"
    if inbound.sender != row["recipient"].lower():
        return "wrong_sender"
    if is_replayed(desk.store, inbound.message_id, digest):
        return "replayed"
    if raw.cut:
        return "too_large"
    if len(inbound.workbooks) > 1:
        return "several_workbooks"
    if inbound.workbooks and row["kind"] not in ASK_FOR_RETURNS:
        return "no_return_asked"
    return None


@dataclass(frozen=True)
class _Reply:
    context: Context
    row: MessageRow
    inbound_id: str
    message_id: str
    desk: Desk

    @property
    def unit_id(self) -> str | None:
        """The unit whose return the answered message was about; None for a report on a place."""
        about_a_unit = self.row["kind"] in ASK_FOR_RETURNS and self.row["node_id"] in self.context.register.units_by_id
        return self.row["node_id"] if about_a_unit else None


def _take_back(reply: _Reply, workbook: File, digest: str | None) -> Verdict:
    unit_id = reply.unit_id
    if unit_id is None:
        _refuse(reply, "no_return_asked")
        return Verdict("refused", "no_return_asked", reply.row["message_key"])
    by = By(reply.row["recipient"], reply.desk.now())
    answer = reply.desk.take_back(
        reply.context, workbook.content, workbook.name, unit_id=unit_id, by=by, channel="mail"
    )
    _answer(reply, unit_id, answer)
    if not answer.accepted:
        return Verdict("refused", "the workbook was refused", reply.row["message_key"])
    return Verdict("taken", "workbook taken up", reply.row["message_key"], digest)


def _refuse(reply: _Reply, reason: str) -> None:
    """Tell the office why nothing was taken. Letters about a place's report have no unit to answer: the ledger tells it."""
    if (unit_id := reply.unit_id) is not None:
        _answer(reply, unit_id, Answer(False), reason)


def _answer(reply: _Reply, unit_id: str, answer: Answer, reason: str = "") -> None:
    """Queue the one answer to a mail: what is fixed, still open and new, with a fresh workbook while anything is.

    `reason`: why the mail itself does not count. Equal refusals of one message are answered once, however often it is tried.
    """
    context, at = reply.context, reply.desk.now()
    facts = {
        "kind": "answer", "accepted": answer.accepted, "reason": reason, "said": answer.refusal, "fixed": len(answer.fixed),
        "still_open": len(answer.still_open), "new": len(answer.new), "taken": answer.taken,
        "standing": answer.standing,
        "received_zh": day_text(at.date(), wording()),
    }
    anything_open = answer.accepted and (answer.still_open or answer.new or not answer.taken)
    answered = f"{reply.row['message_key']}|{reason}" if reason else reply.inbound_id
    letter = unit_letter(
        context, context.register.unit(unit_id), facts, at,
        subject_id=hashlib.sha256(f"answer|{answered}".encode()).hexdigest()[:32],
        attachments=[workbook_of(context, unit_id)] if anything_open else [],
        in_reply_to=reply.message_id,
    )
    queue_letter(context, letter, at, reply.desk.settings.mail_largest_bytes)

