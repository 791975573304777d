"""Letters to offices about returns: what to fix, what became of an answer. One letter an outcome, never twice.

A letter's subject id is made of what it is about; the same outcome again is the same letter and is not queued again, and a
letter that a newer outcome overtakes before it left is withdrawn.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from etl.core.mail.offices import Recipient
from etl.core.programmes.documents import for_tier
from etl.core.register import Unit
from etl.core.reports.editions import MEDIA_TYPES
from etl.core.returns.feedback import Feedback
from etl.core.rows import MessageRow
from etl.core.wording import day_text, one_line
from etl.core.working_days import add_working_days
from etl.edges.mail import Attachment, Mailbox
from etl.edges.programmes import load_offices
from etl.edges.store.messages import messages_of, queue, withdraw
from etl.edges.templates import letter_subject, wording
from etl.errors import Bug
from etl.stages.compose import Letter, compose, known_letters
from etl.stages.context import Context
from etl.stages.feedback import feedback_file_name, feedback_model, feedback_workbook
from etl.stages.lint_letters import REPLY_WORKING_DAYS, demand_agreement

Row = dict[str, Any]
ACTOR = "letters"
_MOST_TOLD = 5
_TEXT, _REMEDY, _COUNT = 1, 2, 6  # cells of a line of the workbook's first sheet


def queue_feedback(
    context: Context, unit_ids: Iterable[str], at: dt.datetime, largest_bytes: int | None = None
) -> dict[str, int]:
    """Queue a letter with its fix-me workbook for each unit that has something to fix or to explain.

    A letter that has not left to a unit that has nothing any more is taken back. Gives back how many units have (`units`),
    how many letters are `new`, and how many older ones are `withdrawn`.
    """
    owed = {unit_id: feedback_letter(context, unit_id, at) for unit_id in unit_ids}
    letters = [letter for letter in owed.values() if letter]
    settled = _withdraw_settled(context, {unit_id for unit_id, letter in owed.items() if letter is None}, at)
    queued = queue_letters(context, letters, at, largest_bytes)
    return {"units": len(letters), "new": queued["new"], "withdrawn": queued["withdrawn"] + settled}


def _withdraw_settled(context: Context, unit_ids: set[str], at: dt.datetime) -> int:
    """Take back what asks units to fix their returns that have nothing to fix, and has not left."""
    waiting = messages_of(context.store, *context.key, states=["queued", "released"], kinds=["feedback"])
    keys = [row["message_key"] for row in waiting if row["node_id"] in unit_ids]
    return withdraw(context.store, keys, ACTOR, at.isoformat(), "nothing is left to fix")


def feedback_letter(context: Context, unit_id: str, at: dt.datetime, in_reply_to: str = "") -> Letter | None:
    """The letter that asks a unit to fix its return; None where there is nothing to fix. Misuse for an unknown unit."""
    model = feedback_model(context, unit_id)
    if model.about.filed and not model.problems and not model.questions:
        return None
    unit = context.register.unit(unit_id)
    facts = {
        "kind": "feedback",
        "filed": model.about.filed,
        "summary": model.summary,
        "steps": model.letter_steps,
        "accepted": model.about.accepted,
        "held": model.about.held,
        "questions": model.warnings,
        "faults": sum(each.level != "warning" and each.cells[_COUNT] != "" for each in model.problems),
        "problems": [
            {"text": each.cells[_TEXT], "remedy": each.cells[_REMEDY], "count": each.cells[_COUNT]}
            for each in model.problems
            if each.cells[_COUNT] != ""  # a line that goes on with the places of the one above
        ],
        "reply_by_zh": day_text(add_working_days(at.date(), REPLY_WORKING_DAYS), wording()),
    }
    said = [_outcome(model), *context.key, unit_id]
    subject_id, workbook = _subject(context, said), workbook_of(context, unit_id)
    return unit_letter(context, unit, facts, at, subject_id=subject_id, attachments=[workbook], in_reply_to=in_reply_to)


def workbook_of(context: Context, unit_id: str) -> Attachment:
    """The unit's fix-me workbook as an attachment."""
    return Attachment(feedback_file_name(context, unit_id), MEDIA_TYPES["xlsx"], feedback_workbook(context, unit_id))


def unit_letter(
    context: Context, unit: Unit, facts: Row, at: dt.datetime, *, subject_id: str,
    attachments: Sequence[Attachment] = (), in_reply_to: str = "",
) -> Letter:
    """A letter from the tier above to a unit about its own return; `facts` have the kind and what its template names."""
    mailbox = load_offices(context.settings.programmes_dir).unit_mailbox(unit, at.date())
    place = Place(unit.unit_id, unit.code, unit.parent_id, one_line(unit.name))
    return letter_to(
        context, mailbox, place, facts, at, subject_id=subject_id, attachments=attachments, in_reply_to=in_reply_to
    )


@dataclass(frozen=True)
class Place:
    """Whom a letter is about: a unit or a node, the node above it, and how the letter addresses it."""

    node_id: str
    code: str
    parent_id: str | None
    salutation: str


def letter_to(
    context: Context, mailbox: Recipient, place: Place, facts: Row, at: dt.datetime, *, subject_id: str,
    attachments: Sequence[Attachment] = (), in_reply_to: str = "",
) -> Letter:
    """A letter to an office, from the office of the tier above it."""
    organ = _organ(context, place.parent_id)
    common = {
        "organ": organ,
        "day_zh": day_text(at.date(), wording()),
        "unit_zh": place.salutation,
        "period_zh": context.period.zh,
        "programme_zh": context.bundle.programme.title.zh,
        "edition": {"key": f"{context.period}/{context.key[0]}/{place.node_id}"},
    }
    words = common | facts
    return Letter(
        kind=str(facts["kind"]),
        subject_id=subject_id,
        node_id=place.node_id,
        recipient=Mailbox(one_line(mailbox.office), mailbox.address),
        reason=mailbox.reason,
        sender_name=organ,
        model=words | {"labels": {"subject": letter_subject(str(facts["kind"]), words)}},
        sent_at=at,
        stem=f"{facts['kind']}-{place.code}-{hashlib.sha256(subject_id.encode()).hexdigest()[:8]}",
        attachments=attachments,
        in_reply_to=in_reply_to,
    )


def _organ(context: Context, parent_id: str | None) -> str:
    """The office of the tier above, as the programme calls it; the top's own where there is none above."""
    above = context.register.node(parent_id) if parent_id else context.register.top
    documents = context.bundle.programme.documents
    pattern = for_tier(documents.dispatch.issuer, above.tier) if documents else ""
    period, name = context.period, one_line(above.name)
    values = {"name": name, "whole": name, "year": period.year, "number": period.number, "period": period.zh,
              "programme": context.bundle.programme.title.zh}
    return pattern.format(**values) or name


def queue_letters(
    context: Context, letters: Sequence[Letter], at: dt.datetime, largest_bytes: int | None
) -> dict[str, int]:
    """Queue letters that are not there yet; gives back how many are `new`, and how many older ones were `withdrawn`.

    Bug, after the others have been queued, for letters that do not agree with the store.
    """
    known, wrong = known_letters(context), []
    waiting = messages_of(context.store, *context.key, states=["queued", "released"])
    new = withdrawn = 0
    for letter in letters:
        overtaken = [row["message_key"] for row in waiting if _overtakes(letter, row)]
        withdrawn += withdraw(context.store, overtaken, ACTOR, at.isoformat())
        if _identity(letter) not in known:
            try:
                new += _queue(context, letter, at, largest_bytes)
            except Bug as error:  # the others are queued all the same
                wrong.append(str(error))
    if wrong:
        raise Bug("; ".join(wrong[:_MOST_TOLD]) + (f"; and {len(wrong) - _MOST_TOLD} more" if wrong[_MOST_TOLD:] else ""))
    return {"new": new, "withdrawn": withdrawn}


def queue_letter(context: Context, letter: Letter, at: dt.datetime, largest_bytes: int | None) -> int:
    """Compose and queue one letter unless it is there already; gives back how many messages are new."""
    if _identity(letter) in known_letters(context):
        return 0
    return _queue(context, letter, at, largest_bytes)


def _queue(context: Context, letter: Letter, at: dt.datetime, largest_bytes: int | None) -> int:
    """Compose and queue a letter that agrees with the store; Bug for one that does not: it is not queued."""
    demand_agreement(context, letter)
    return queue(context.store, compose(context, letter, largest_bytes), ACTOR, at.isoformat())


def _identity(letter: Letter) -> tuple[str, str, str]:
    return letter.kind, letter.subject_id, letter.recipient.address


def _overtakes(letter: Letter, row: MessageRow) -> bool:
    """Whether a message that has not left says something older of the same kind to the same office."""
    same = (row["kind"], row["node_id"]) == (letter.kind, letter.node_id)
    return same and row["subject_id"] != letter.subject_id


def _outcome(model: Feedback) -> str:
    """What is wrong with which files, and how many rows count. Not how it is told: newer words for the same are no news."""
    listed = sorted(
        [each.rule, each.level, each.table or "", each.sheet, str(each.row), each.letter or "", each.column or "", each.observed,
         each.expected, each.file]
        for each in model.faults
    )
    tables = {table: each.receipt_id for table, each in model.sealed.tables.items()}
    about = model.about
    return json.dumps([about.filed, about.accepted, about.held, listed, model.sealed.receipts, tables], sort_keys=True)


def _subject(context: Context, said: Sequence[str]) -> str:
    """What stands for an outcome; for one that is back after its letter was taken back, what stands for it this time."""
    gone = messages_of(context.store, *context.key, states=["withdrawn"], kinds=["feedback"])
    withdrawn, subject_id = {row["subject_id"] for row in gone}, _digest(said)
    while subject_id in withdrawn:
        subject_id = _digest([subject_id, "again"])
    return subject_id


def _digest(said: Sequence[str]) -> str:
    return hashlib.sha256("|".join(said).encode()).hexdigest()[:32]
