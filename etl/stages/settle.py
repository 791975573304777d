"""Settle: an offered version of one unit's return is judged and held against the version in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from etl.core.returns.events import By
from etl.core.returns.faults import Fault
from etl.core.returns.feedback_questions import warning_keys
from etl.core.returns.resubmission import (
    Answer,
    Compared,
    Objection,
    RowNames,
    Standing,
    compare,
    matched,
    objection,
    same_rows,
    standing_of,
    subjects,
)
from etl.core.rows import NewFinding, SliceRow
from etl.edges.store.findings import reading_findings
from etl.edges.store.history import UnitEvent, record
from etl.edges.store.receipts import TextFile, mark_superseded, texts_of
from etl.edges.store.results import slices_of
from etl.edges.store.returned_files import status_of, take
from etl.edges.templates import feedback_words
from etl.stages.context import Context
from etl.stages.explanations import explain_warnings
from etl.stages.feedback import faults_of, open_rows, source_of, standing_rows
from etl.stages.overtaken import corrections_lost
from etl.stages.publish import is_published, put_in_force
from etl.stages.read import texts_in_force
from etl.stages.returns import record_outcomes, record_superseded
from etl.stages.validate import Judged, judge

Found = Sequence[NewFinding]
Texts = Mapping[str, TextFile]  # by table


@dataclass(frozen=True)
class Sent:
    """A file that was received: from whom, for which unit, and what it says of its rows.

    `bases`: table → the receipt it was made from; `keyed`: table → row → row of that receipt; `said`: explanations by
    warning key.
    """

    unit_id: str
    receipt_id: str
    kind: str
    channel: str
    by: By
    take: bool
    bases: Mapping[str, str] = field(default_factory=dict)
    keyed: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)


def settle(context: Context, sent: Sent) -> Answer:
    """Judge what was sent beside all other units' current tables, keep and publish it if it is better or to be taken.

    Of no other unit anything is changed. Sent again once it counts, nothing is new.
    """
    words, state = feedback_words().standing, status_of(context.store, sent.receipt_id)
    texts = texts_in_force(context)
    before = {text.table_name: text for text in texts if text.unit_id == sent.unit_id}
    mine = {text.table_name: text for text in texts_of(context.store, [sent.receipt_id])}
    in_force = any(text.receipt_id == sent.receipt_id for text in before.values())
    if in_force and is_published(context, sent.unit_id, list(before.values())):
        return Answer(True, receipt_id=sent.receipt_id, taken=True, repeated=True, standing=words.repeated)
    if not in_force and state == "superseded" and not sent.take:
        return Answer(True, receipt_id=sent.receipt_id, repeated=True, standing=words.superseded)
    if not in_force and _says_the_same(context, before, mine):
        explained = _explain(context, sent, before)
        return Answer(True, receipt_id=sent.receipt_id, standing=words.same, explained=explained)
    after = {**before, **({} if in_force else mine)}
    others = [text for text in texts if text.unit_id != sent.unit_id]
    judged = judge(context, [*others, *after.values()], [sent.unit_id])
    old, new = standing_rows(context, sent.unit_id, list(before.values())), _rows(context, judged, after)
    compared = _compare(context, sent, (old, before), (new, after))
    then, now = _standing_before(context, sent.unit_id, old, before), _standing(new, after, judged.slices)
    lost = corrections_lost(context, sent.unit_id, sent.bases, sent.keyed, before, mine)
    no = objection(then, now, equal_is_enough=sent.kind == "fix") or ("undoes" if lost else None)
    taken = in_force or no is None or sent.take
    if taken:
        _put_in_force(context, sent, judged, forced=no is not None)
    explained = _explain(context, sent, after if taken else before)
    waiting = set(faults_of(open_rows(context, new), list(after.values())))  # what was explained in the file is done with
    still_open, fresh = (tuple(f for f in told if f in waiting) for told in (compared.still_open, compared.new))
    answer = Answer(
        True, "", sent.receipt_id, compared.fixed, still_open, fresh, taken,
        _sentence(sent.kind, no if not taken else None, then, now, lost), explained,
    )
    _tell(context, sent, answer)
    return answer


def _put_in_force(context: Context, sent: Sent, judged: Judged, *, forced: bool) -> None:
    """Only this unit's rows change: its findings, its repairs, its pointers."""
    take(context.store, sent.receipt_id, sent.kind, sent.channel, sent.by.actor, sent.by.at)
    mark_superseded(context.store, *context.key, [sent.unit_id])
    put_in_force(context, [sent.unit_id], judged)
    record_superseded(context, [sent.unit_id])
    if forced:
        detail = {"receipt_id": sent.receipt_id, "channel": sent.channel}
        record(context.store, *context.key, UnitEvent(sent.unit_id, sent.by.at, "taken", detail, sent.by.actor))
    record_outcomes(context, [sent.unit_id])


def _says_the_same(context: Context, before: Texts, mine: Texts) -> bool:
    layout = context.bundle.layout(context.period)

    def cells(text: TextFile) -> Any:
        return source_of(context, layout, text).cells

    return all(name in before and same_rows(cells(before[name]), cells(text)) for name, text in mine.items())


def _rows(context: Context, judged: Judged, texts: Texts) -> list[NewFinding]:
    """The open findings of a version that is judged and not yet kept; not those of sheets that are no part of it."""
    receipts = {text.receipt_id for text in texts.values()}
    gone = {(text.receipt_id, text.sheet) for text in texts_of(context.store, receipts) if text not in texts.values()}
    read = [row for row in reading_findings(context.store, receipts) if (row["receipt_id"], row["sheet"]) not in gone]
    return open_rows(context, [*read, *judged.findings])


def _compare(
    context: Context, sent: Sent, old: tuple[Found, Texts], new: tuple[Found, Texts]
) -> Compared:
    old_names, new_names = _names(context, sent, old[1], new[1])
    return compare(
        faults_of(old[0], list(old[1].values())),
        faults_of(new[0], list(new[1].values())),
        old_names,
        new_names,
    )


def _names(context: Context, sent: Sent, before: Texts, after: Texts) -> tuple[RowNames, RowNames]:
    """The rows of both versions by the same names: those of the version before, and new ones."""
    layout = context.bundle.layout(context.period)
    old: dict[tuple[str, int], str] = {}
    new: dict[tuple[str, int], str] = {}
    for name, text in after.items():
        table, cells = layout.table(name), source_of(context, layout, text).cells
        if text == before.get(name):  # of a ledger of ten thousand lines that nobody touched
            same = {(name, row): f"{row}" for row in cells.column("row_number").to_pylist()}
            old, new = old | same, new | same
            continue
        now = subjects(table, cells)
        then = subjects(table, source_of(context, layout, before[name]).cells) if name in before else {}
        keyed = sent.keyed.get(name, {}) if _is_base(sent, name, before) else {}
        found = matched(then, now, keyed)
        old |= {(name, row): f"{row}" for row in then}
        new |= {(name, row): f"{found[row]}" if row in found else f"+{row}" for row in now}
    return old, new


def _is_base(sent: Sent, table: str, before: Texts) -> bool:
    return table in before and sent.bases.get(table) == before[table].receipt_id


def _standing_before(context: Context, unit_id: str, rows: Found, texts: Texts) -> Standing | None:
    slices = slices_of(context.store, *context.key, [unit_id])
    return _standing(rows, texts, slices) if slices else None


def _standing(rows: Found, texts: Texts, slices: Sequence[SliceRow]) -> Standing:
    accepted, held = (sum(row[name] for row in slices) for name in ("rows_accepted", "rows_held"))
    return standing_of(faults_of(rows, list(texts.values())), accepted, held)


def _sentence(kind: str, no: Objection | None, then: Standing | None, now: Standing, lost: int) -> str:
    """What is said of a version that is taken, or why it is not, with the counts of both versions, or of corrections lost."""
    words = feedback_words().standing
    if no is None:
        return words.fixed if kind == "fix" else words.taken
    counts = {
        "more_held": (then.rows_held if then else 0, now.rows_held),
        "fewer_accepted": (then.rows_accepted if then else 0, now.rows_accepted),
        "undoes": (0, lost),
        "not_fewer": _not_fewer(then, now) if then else (0, now.findings),
    }[no]
    return str(getattr(words, f"fix_{no}" if kind == "fix" else no)).format(old=counts[0], new=counts[1])


def _not_fewer(then: Standing, now: Standing) -> tuple[int, int]:
    """The counts that decided: faults come before warnings."""
    return (then.faults, now.faults) if then.faults != now.faults else (then.findings, now.findings)


def _explain(context: Context, sent: Sent, texts: Texts) -> int:
    """Hand over what was explained in the workbook: each sentence to the warnings that its line stood for."""
    if not sent.said:
        return 0
    rows = standing_rows(context, sent.unit_id, list(texts.values()))
    faults = faults_of(rows, list(texts.values()))
    named: dict[str, list[str]] = {}
    for row, fault in zip(rows, faults, strict=True):
        if fault.level == "warning":
            for key in warning_keys(_as_sent(fault, sent, texts), sent.bases):
                named.setdefault(key, []).append(row["finding_key"])
    done = 0
    for key, text in sent.said.items():
        if key in named:
            done += len(explain_warnings(context, named[key], text, sent.by).done)
    return done


def _as_sent(fault: Fault, sent: Sent, texts: Texts) -> Fault:
    """The fault at the row that it had in the workbook."""
    table = fault.table or ""
    if fault.row is None or table not in texts or texts[table].receipt_id != sent.receipt_id:
        return fault
    return replace(fault, row=sent.keyed.get(table, {}).get(fault.row))


def _tell(context: Context, sent: Sent, answer: Answer) -> None:
    detail = {
        "receipt_id": sent.receipt_id, "kind": sent.kind, "channel": sent.channel, "fixed": len(answer.fixed),
        "still_open": len(answer.still_open), "new": len(answer.new), "taken": answer.taken, "explained": answer.explained,
        **({} if answer.taken else {"reason": answer.standing}),  # who put it into the folder reads it there, later
    }
    if sent.kind != "fix":
        record(context.store, *context.key, UnitEvent(sent.unit_id, sent.by.at, "uploaded", detail, sent.by.actor))
