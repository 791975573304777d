"""Outbox: editions in force → one composed message per recipient, kept as .eml and queued in the ledger. Nothing leaves."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from etl.core.mail.mailing import LEFT
from etl.core.mail.offices import Recipient, recipients
from etl.core.programmes.programme import Report
from etl.core.register import Node
from etl.core.reports.editions import Model, says_the_same
from etl.core.reports.model import as_report
from etl.core.rows import EditionRow, MessageRow
from etl.edges.feeds import CHINA
from etl.edges.fonts import FontChain, resolve_fonts
from etl.edges.mail import Attachment, Mailbox
from etl.edges.programmes import load_offices
from etl.edges.store.editions import editions_of_report, latest_editions
from etl.edges.store.messages import messages_of, queue, withdraw
from etl.edges.typesetting import pictures
from etl.progress import Progress, counted, silent
from etl.stages.asked_form import as_asked
from etl.stages.compose import Letter, compose, known_letters
from etl.stages.context import Context
from etl.stages.editions import kept_files, kept_model
from etl.stages.lint import Gate
from etl.stages.render import REPORT, draw_documents

SENT_AT = dt.time(9, 0)
CHART = "mail/chart.typ"
KIND, ACTOR = "edition", "outbox"
CORRECTED = REPORT
"""The report that has errata; of any other the newer edition goes out as it is."""
Content = tuple[Model, Sequence[Attachment], bytes | None]
"""An edition's model, its documents, and the chart shown in the mail, if it has one."""


def compose_editions(
    context: Context,
    at: dt.datetime,
    largest_bytes: int | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Queue every edition in force for every office on its list; what is queued of older editions is withdrawn.

    An edition that the lint keeps back is not queued. Who has an older one of a dispatch gets a newer by an erratum only, and of
    another report only one that tells something else: one drawn anew by newer templates is no reason to write.

    Gives back how many messages of editions the ledger holds (`deliveries`), how many are new, how many withdrawn, and how
    many editions are blocked.
    """
    in_force = [
        (report, edition)
        for report in context.bundle.programme.reports
        for edition in latest_editions(context.store, *context.key, report.key).values()
    ]
    withdrawn = _withdraw_overtaken(context, {edition["edition_id"] for _, edition in in_force}, at)
    known, served = known_letters(context), _served(context, in_force)
    fonts, gate = resolve_fonts(context.settings.fonts_dir), Gate(context)
    new = blocked = 0
    for report, edition in counted(in_force, len(in_force), progress):
        node = context.register.node(edition["node_id"])
        day = dt.date.fromisoformat(edition["issued_on"])
        listed = recipients(report, node, context.register, load_offices(context.settings.programmes_dir), day)
        owed = [
            each
            for each in listed
            if (KIND, edition["edition_id"], each.address) not in known
            and (report.key, node.node_id, each.address) not in served
        ]
        if not owed:
            continue
        content = _content(context, edition, fonts)
        asked = {each.address: _for(each, content, day, fonts) for each in owed}
        redrawn = [each for each in asked.values() if each is not content]
        if gate.faults(edition) or any(gate.faults(edition, *each[:2]) for each in redrawn):
            blocked += 1
        else:
            letters = [_letter(node, edition, each, asked[each.address]) for each in owed]
            rows = [row for letter in letters for row in compose(context, letter, largest_bytes)]
            new += queue(context.store, rows, ACTOR, at.isoformat())
    held = messages_of(context.store, *context.key, kinds=[KIND])
    return {
        "deliveries": sum(row["state"] != "withdrawn" for row in held),
        "new": new,
        "withdrawn": withdrawn,
        "blocked": blocked,
    }


def _for(recipient: Recipient, content: Content, day: dt.date, fonts: FontChain) -> Content:
    """What one recipient gets: the edition as it is kept, or its documents in the form that he asks for."""
    model, documents, chart = content
    kept = (model, documents)
    other = as_asked(kept, recipient.form, recipient.office, day, partial(draw_documents, fonts))
    return content if other is kept else (*other, chart)


def _served(context: Context, in_force: Sequence[tuple[Report, EditionRow]]) -> set[tuple[str, str, str]]:
    """Report, node and recipient of what has left or may have, and need not be sent in its newer edition."""
    gone = messages_of(context.store, *context.key, states=[*LEFT, "claimed", "uncertain"], kinds=[KIND])
    made = {report.key: editions_of_report(context.store, *context.key, report.key) for report, _ in in_force}
    return {
        (report.key, edition["node_id"], recipient)
        for report, edition in in_force
        for recipient, had in _last_had(made[report.key], edition["node_id"], gone).items()
        if report.key == CORRECTED or _no_news(context, had, edition)
    }


def _last_had(made: Mapping[str, EditionRow], node_id: str, gone: Sequence[MessageRow]) -> dict[str, EditionRow]:
    """Recipient → the newest of a report's editions of a node that has left for him."""
    ours = [(made[row["subject_id"]], row) for row in gone if row["node_id"] == node_id and row["subject_id"] in made]
    return {row["recipient"]: edition for edition, row in sorted(ours, key=lambda each: each[0]["number"])}


def _no_news(context: Context, had: EditionRow, edition: EditionRow) -> bool:
    """Whether an edition tells what an earlier one told; not known, and so no, of one that keeps no model any more."""
    if had["edition_id"] == edition["edition_id"]:
        return True
    if not had["model_path"] or context.landing.gone([had["model_path"]]):
        return False
    return says_the_same(kept_model(context.landing, had), kept_model(context.landing, edition))


def _withdraw_overtaken(context: Context, in_force: set[str], at: dt.datetime) -> int:
    """A newer edition makes the older one's messages pointless, if they have not left yet."""
    waiting = messages_of(context.store, *context.key, states=["queued", "released"], kinds=[KIND])
    overtaken = [row["message_key"] for row in waiting if row["subject_id"] not in in_force]
    return withdraw(context.store, overtaken, ACTOR, at.isoformat())


def _letter(
    node: Node,
    edition: EditionRow,
    recipient: Recipient,
    content: Content,
) -> Letter:
    model, documents, chart = content
    return Letter(
        kind=KIND,
        subject_id=edition["edition_id"],
        node_id=node.node_id,
        recipient=Mailbox(recipient.office, recipient.address),
        reason=told_reason(recipient, model),
        sender_name=model["head"]["organ"],
        model=model,
        sent_at=dt.datetime.combine(dt.date.fromisoformat(edition["issued_on"]), SENT_AT, CHINA),
        stem=f"{node.code}-{model['kind']}-r{edition['number']}",
        attachments=documents,
        chart=chart,
    )


def told_reason(recipient: Recipient, model: Model) -> str:
    """Why an office is written to, and in which form where it asked for one: `own`, `child, letter`."""
    asked = recipient.form and recipient.form == model["head"].get("form")
    return f"{recipient.reason}, {recipient.form}" if asked else recipient.reason


def _content(context: Context, edition: EditionRow, fonts: FontChain) -> Content:
    """The edition's model, its documents, and the chart shown in the mail, if it has one."""
    model = kept_model(context.landing, edition)
    issued = dt.date.fromisoformat(edition["issued_on"])
    charted = model["kind"] == REPORT and any(group["chart"] for group in as_report(model)["ranking"]["groups"])
    chart = pictures(model, CHART, issued, fonts)[0] if charted else None
    return model, kept_files(context, edition["edition_id"]), chart
