"""From a run whose notices have closed to titles; titles taken back. Everything is a record."""

import datetime as dt
from collections.abc import Mapping

from etl.core.awards.award import Award
from etl.core.awards.quota import Move, Taken, move_of, places_left, title_ends
from etl.core.awards.titles import gone
from etl.core.period import Period
from etl.core.returns.events import By
from etl.core.year_rows import (
    Entered,
    NoticeRow,
    ObjectionRow,
    QuotaMoveRow,
    RulingRow,
    SuccessionRow,
    TitleRow,
    WithdrawalRow,
)
from etl.edges.award_words import say
from etl.edges.store.awards import awards_of
from etl.edges.store.records import add_records, record_id, records_of
from etl.edges.store.schema import objections, quota_moves, rulings, successions, titles, withdrawals
from etl.stages.award import the_run
from etl.stages.context import Context
from etl.stages.notice import Answer, Where, by_place, entered, notices_of, where


def name_branches(
    context: Context,
    run_id: str | None,
    decided_on: dt.date,
    document_number: str,
    by: By,
    only: Where = None,
) -> Answer:
    """Confer the titles of a run whose notices have closed; say of every branch left out why. Again is nothing new."""
    run = the_run(context, run_id)
    notice = {
        (row["level"], row["node_id"]): row for row in notices_of(context) if row["run_id"] == run["run_id"]
    }
    against = objected_to(context)
    left = gone(records_of(context.store, successions, SuccessionRow, context.key[0]), decided_on)
    rows, said = list[TitleRow](), list[str]()
    for (level, node_id), named in by_place(awards_of(context.store, run["run_id"]), only).items():
        not_yet = _not_yet(context, level, node_id, notice.get((level, node_id)), decided_on)
        if not_yet:
            said.append(not_yet)
            continue
        why = {
            each: _why_not_named(each, against.get((run["run_id"], level, each.branch_id)), left)
            for each in named
        }
        able = [
            _title(context, each, run["run_id"], decided_on, document_number, entered(context, by))
            for each in named
            if not why[each]
        ]
        within, beyond = _within_quota(context, level, node_id, able)
        rows += within
        here = where(context, level, node_id)
        said += [reason for reason in why.values() if reason]
        said += [say("naming", "over_quota", **here, branch=row["branch_name"]) for row in beyond]
    add_records(context.store, titles, rows)
    return Answer(tuple(row["title_id"] for row in rows), tuple(said))


def _not_yet(context: Context, level: str, node_id: str, notice: NoticeRow | None, decided_on: dt.date) -> str:
    """Why a place cannot name at a level on a day: no notice, or one that still runs; a state needs none."""
    here = where(context, level, node_id)
    if context.bundle.programme.level(level).state:
        return ""
    if notice is None:
        return say("naming", "no_notice", **here)
    if decided_on.isoformat() <= notice["closes_on"]:
        return say("naming", "notice_running", **here, day=decided_on, closes_on=notice["closes_on"])
    return ""


def _within_quota(context: Context, level: str, node_id: str, able: list[TitleRow]) -> tuple[list[TitleRow], list[TitleRow]]:
    """The titles that the quota has room for beside those conferred already, and those beyond; in rank order."""
    programme, year = context.bundle.programme, context.period.year
    there = {row["title_id"] for row in records_of(context.store, titles, TitleRow, context.key[0])}
    left = places_left(programme, programme.level(level), node_id, year, *taken_and_moved(context)).left
    new = [row for row in able if row["title_id"] not in there]
    room = len(new) if left is None else left
    beyond = {row["title_id"] for row in new[room:]}
    return [row for row in able if row["title_id"] not in beyond], [
        row for row in able if row["title_id"] in beyond
    ]


def taken_and_moved(context: Context) -> tuple[list[Taken], list[Move]]:
    """What the programme's quotas are worked out from: every title that takes a place, and every move of places."""
    store, programme = context.store, context.key[0]
    freed = {row["title_id"] for row in records_of(store, withdrawals, WithdrawalRow, programme)}
    taken = [
        Taken(row["level"], row["node_id"], Period.parse(row["period"]).year, row["title_id"] in freed)
        for row in records_of(store, titles, TitleRow, programme)
    ]
    return taken, [move_of(row) for row in records_of(store, quota_moves, QuotaMoveRow, programme)]


def _why_not_named(award: Award, objection: str | None, left: Mapping[str, SuccessionRow]) -> str:
    if award.branch_id in left:
        gone_on = left[award.branch_id]["effective_on"]
        return say("naming", "dissolved", branch=award.branch_name, effective_on=gone_on)
    return say("naming", objection, branch=award.branch_name) if objection else ""


def objected_to(context: Context) -> dict[tuple[str, str, str], str]:
    """(run, level, branch) → what an objection in time means for its naming: not ruled on yet, or upheld."""
    store, programme = context.store, context.key[0]
    ruled = {row["objection_id"]: row["upheld"] for row in records_of(store, rulings, RulingRow, programme)}
    notice = {row["notice_id"]: row for row in notices_of(context)}
    found: dict[tuple[str, str, str], str] = {}
    for row in records_of(store, objections, ObjectionRow, programme):
        upheld = ruled.get(row["objection_id"])
        if not row["in_time"] or row["notice_id"] not in notice or upheld is False:
            continue
        of = notice[row["notice_id"]]
        key = (of["run_id"], of["level"], row["branch_id"])
        found[key] = (
            "objection_upheld" if upheld or found.get(key) == "objection_upheld" else "objection_open"
        )
    return found


def _title(
    context: Context, award: Award, run_id: str, decided_on: dt.date, document_number: str, entered: Entered
) -> TitleRow:
    level = context.bundle.programme.level(award.level)
    ends = title_ends(level, decided_on)
    unit, named_by = context.register.unit(award.unit_id), context.register.node(award.node_id)
    return {
        **entered, "title_id": record_id(*context.key, award.branch_id, award.level), "period": context.key[1],
        "branch_id": award.branch_id, "level": award.level, "title": level.title_at(named_by.code), "node_id": award.node_id,
        "conferred_by": named_by.name, "decided_on": decided_on.isoformat(),
        "valid_until": ends.isoformat() if ends else None, "document_number": document_number,
        "branch_name": award.branch_name, "unit_id": unit.unit_id, "unit_code": unit.code, "unit_name": unit.name,
        "highest": award.highest, "run_id": run_id,
    }


def withdraw_title(
    context: Context, title_id: str, reason: str, withdrawn_on: dt.date, by: By
) -> Answer:
    """Take a title back; its record stays, and so does the place it took unless the quota refills.

    Refused without a reason, before the day on which it was decided, and a second time.
    """
    programme = context.key[0]
    conferred = records_of(context.store, titles, TitleRow, programme, title_id=title_id)
    if not conferred:
        return Answer((), (say("titles", "unknown", id=title_id),))
    before = records_of(context.store, withdrawals, WithdrawalRow, programme, title_id=title_id)
    if before:
        return Answer((), (say("titles", "withdrawn_already", day=before[0]["withdrawn_on"]),))
    if not reason.strip():
        return Answer((), (say("titles", "no_reason"),))
    if withdrawn_on.isoformat() < conferred[0]["decided_on"]:
        return Answer((), (say("titles", "before_decided", day=withdrawn_on, decided_on=conferred[0]["decided_on"]),))
    row: WithdrawalRow = {
        **entered(context, by), "withdrawal_id": record_id(title_id), "title_id": title_id,
        "withdrawn_on": withdrawn_on.isoformat(), "reason": reason.strip(),
    }
    add_records(context.store, withdrawals, [row])
    return Answer((row["withdrawal_id"],))
