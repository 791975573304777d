"""Errata: editions that have left, and newer ones whose figures differ → a 更正通报 to those who have the old one.

An edition that has not left is simply replaced by the newer one; where no figure that is shown has moved, nothing is made.
"""

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from etl.core.lint.privacy import lint_private
from etl.core.mail.mailing import LEFT
from etl.core.mail.offices import recipients
from etl.core.programmes.documents import PaperForm
from etl.core.reports.editions import Document, Model, file_name
from etl.core.reports.errata import ErratumPaper, Moved, as_erratum, build_erratum, moved_figures
from etl.core.rows import EditionRow, MessageRow
from etl.edges.feeds import CHINA
from etl.edges.fonts import FontChain, resolve_fonts
from etl.edges.lint_files import count_names
from etl.edges.mail import Mailbox
from etl.edges.programmes import load_offices
from etl.edges.store.editions import editions_of_report, latest_editions
from etl.edges.store.messages import messages_of, queue
from etl.edges.templates import narrate, wording
from etl.edges.typesetting import typeset
from etl.errors import Misuse
from etl.stages.asked_form import as_asked
from etl.stages.compose import Letter, compose
from etl.stages.context import Context
from etl.stages.editions import Paper, drawing_digest, kept_files, kept_model, kept_report, make_editions
from etl.stages.lint import ERRATUM, Gate
from etl.stages.render import REPORT, draw_documents

TEMPLATE = "erratum/erratum.typ"
ACTOR = "errata"


@dataclass(frozen=True)
class Correction:
    """One node whose report has left and differs now: the edition that left, the one in force, what moved."""

    node_id: str
    old: EditionRow
    new: EditionRow
    moved: tuple[Moved, ...]
    recipients: tuple[tuple[str, str], ...]


def corrections(context: Context) -> list[Correction]:
    """Every report that has left and of which figures have moved since, in node order."""
    editions, left = editions_of_report(context.store, *context.key, REPORT), _left(context)
    found = []
    newest = {row["node_id"]: row for row in editions.values()}
    for node_id, new in sorted(newest.items()):
        messages = left.get(node_id, [])
        sent = [editions[row["subject_id"]] for row in messages if row["subject_id"] in editions]
        old = max(sent, key=lambda edition: edition["number"], default=None)
        if old is None or old["edition_id"] == new["edition_id"]:
            continue
        recipients = {(row["recipient"], row["office"]) for row in messages if row["subject_id"] == old["edition_id"]}
        moved = moved_figures(
            kept_report(context.landing, old), kept_report(context.landing, new), count_names(), wording()
        )
        if moved:
            found.append(Correction(node_id, old, new, tuple(moved), tuple(sorted(recipients))))
    return found


def _left(context: Context) -> dict[str, list[MessageRow]]:
    """Node → the messages with one of its editions that have left this machine."""
    found: dict[str, list[MessageRow]] = {}
    for row in messages_of(context.store, *context.key, states=LEFT, kinds=["edition"]):
        found.setdefault(row["node_id"], []).append(row)
    return found


def make_errata(context: Context, reason: str, at: dt.datetime) -> dict[str, Any]:
    """Make and queue a 更正通报 for every report that has left and whose figures have moved; once for each newer edition.

    Gives back the ids of the `errata`, how many are `new`, how many messages were `queued`, and how many were `blocked`
    because the corrected edition or its notice is at fault itself, or cannot be set. Misuse without a reason, or for one that
    tells of a person.
    """
    if not reason.strip():
        raise Misuse("an erratum says why: give --reason")
    found, gate = corrections(context), Gate(context)
    private = lint_private({"reason": reason}, gate.checks.private, (), gate.checks.people)
    if private:
        raise Misuse(f"the reason tells of a person ({private[0].rule.removeprefix('private_')}): {private[0].found}")
    ready = [each for each in found if not gate.faults(each.new)]
    before = latest_editions(context.store, *context.key, ERRATUM)
    fresh = [each for each in ready if not _tells(context, before.get(each.node_id), each)]
    fonts = resolve_fonts(context.settings.fonts_dir)
    papers = (_paper(context, each, reason, at.astimezone(CHINA).date()) for each in fresh)
    drawn_with = drawing_digest(fonts, "common", ERRATUM)
    made = make_editions(context, ERRATUM, papers, partial(_documents, fonts), drawn_with)
    errata = latest_editions(context.store, *context.key, ERRATUM)
    told = [each for each in ready if _tells(context, errata.get(each.node_id), each)]
    owed = [letters for each in told if (letters := _letters(context, errata[each.node_id], each, at, fonts, gate))]
    return {
        "errata": made["editions"],
        "new": made["new"],
        "queued": sum(_queue(context, letters, at) for letters in owed),
        "blocked": len(found) - len(owed),
    }


def _tells(context: Context, erratum: EditionRow | None, each: Correction) -> bool:
    """Whether an erratum brings this very edition."""
    return erratum is not None and as_erratum(kept_model(context.landing, erratum))["brings"] == each.new["edition_id"]


def _paper(context: Context, each: Correction, reason: str, day: dt.date) -> Paper:
    node = context.register.node(each.node_id)
    return Paper(each.node_id, node.name, day, partial(_model, context, each, reason, day))


def _model(context: Context, each: Correction, reason: str, day: dt.date, revision: int) -> ErratumPaper:
    old, new = kept_report(context.landing, each.old), kept_report(context.landing, each.new)
    model = build_erratum(old, new, each.moved, reason, day, revision, wording())
    return as_erratum(narrate({**model, "brings": each.new["edition_id"], "replaces": each.old["edition_id"]}))


def _documents(fonts: FontChain, model: Model, issued_on: dt.date) -> list[Document]:
    name = file_name(model["labels"]["subject"], "pdf")
    return [Document("pdf", name, typeset(model, TEMPLATE, issued_on, fonts))]


def _letters(
    context: Context, erratum: EditionRow, each: Correction, at: dt.datetime, fonts: FontChain, gate: Gate
) -> list[Letter]:
    """The erratum with the corrected edition, to those who have the old one; none while the lint keeps one of the papers back,
    as they are kept or as an office asks for them."""
    if gate.faults(erratum):
        return []
    forms = _forms_asked(context, each.node_id, at.astimezone(CHINA).date())
    papers = [
        (edition, (kept_model(context.landing, edition), kept_files(context, edition["edition_id"])), partial(draw, fonts))
        for edition, draw in ((erratum, _documents), (each.new, draw_documents))
    ]
    letters = []
    for address, office in each.recipients:
        asked = [
            (edition, kept, as_asked(kept, forms.get(address), office, dt.date.fromisoformat(edition["issued_on"]), draw))
            for edition, kept, draw in papers
        ]
        if any(paper is not kept and gate.faults(edition, *paper) for edition, kept, paper in asked):
            return []
        model = asked[0][2][0]
        letters.append(
            Letter(
                kind=ERRATUM,
                subject_id=erratum["edition_id"],
                node_id=each.node_id,
                recipient=Mailbox(office, address),
                reason=f"has edition {each.old['number']} of {each.node_id}",
                sender_name=model["head"]["organ"],
                model=model,
                sent_at=at.astimezone(CHINA),
                stem=f"{each.node_id}-erratum-r{erratum['number']}",
                attachments=[file for *_, (_, files) in asked for file in files],
            )
        )
    return letters


def _queue(context: Context, letters: list[Letter], at: dt.datetime) -> int:
    """Queue letters; what is queued already stays."""
    rows = [row for letter in letters for row in compose(context, letter, context.settings.mail_largest_bytes)]
    return queue(context.store, rows, ACTOR, at.isoformat())


def _forms_asked(context: Context, node_id: str, day: dt.date) -> dict[str, PaperForm | None]:
    """Address → the form in which that office wants the papers of a node."""
    report, node = context.bundle.programme.report(REPORT), context.register.node(node_id)
    offices = load_offices(context.settings.programmes_dir)
    return {each.address: each.form for each in recipients(report, node, context.register, offices, day)}


def corrections_frame(context: Context) -> pd.DataFrame:
    """What `corrections` found, a row a figure: node, editions, indicator, old and new, by how much, and `recipients`.

    `came` and `left` name who came into a list and who left it; `recipients` counts the offices that have the old edition.
    """
    rows = [
        (each.node_id, each.old["number"], each.new["number"], moved.node_id, moved.name, moved.key, moved.zh, moved.old,
         moved.new, moved.by, "、".join(moved.came), "、".join(moved.left), len(each.recipients))
        for each in corrections(context)
        for moved in each.moved
    ]
    columns = (
        "report edition_left edition_now node_id name indicator indicator_zh old new by came left recipients".split()
    )
    return pd.DataFrame(rows, columns=columns)
