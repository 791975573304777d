"""From awards to titles: the public notice, the objections against it, and the naming itself. Everything is a record."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from etl.core.award import Award
from etl.core.quota import title_ends
from etl.core.titles import gone
from etl.core.working_days import add_working_days
from etl.edges.award_words import say
from etl.edges.feeds import CHINA
from etl.edges.store.awards import awards_of
from etl.edges.store.records import add_records, record_id, records_of
from etl.edges.store.schema import notices, objections, rulings, successions, titles, withdrawals
from etl.stages.award import the_run
from etl.stages.context import Context

Row = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What came of an act: the ids of new records, and what must be said, in Chinese."""

    ids: tuple[str, ...]
    said: tuple[str, ...] = ()


def open_notices(
    context: Context, run_id: str | None, opened_on: dt.date, actor: str, at: dt.datetime
) -> Answer:
    """Open the public notices of a run, one a naming place and level; one that is open already stays as it is.

    They close on the last of the configured working days; levels that are states are reached, not named, and need none.
    """
    run = the_run(context, run_id)
    programme = context.bundle.programme
    days = programme.naming.public_notice.working_days if programme.naming else 0
    known = {
        (row["level"], row["node_id"]): row for row in _notices(context) if row["run_id"] == run["run_id"]
    }
    rows, said = [], []
    for (level, node_id), named in _by_place(awards_of(context.store, run["run_id"])).items():
        if programme.level(level).state:
            continue
        if (level, node_id) in known:
            open_ = known[level, node_id]
            said.append(say("notice", "open_already", **_where(context, level, node_id), **_days(open_)))
            continue
        rows.append(
            {**_by(context, actor, at), "notice_id": record_id(run["run_id"], level, node_id), "period": context.key[1],
             "run_id": run["run_id"], "level": level, "node_id": node_id, "opened_on": opened_on.isoformat(),
             "closes_on": add_working_days(opened_on, days).isoformat(), "working_days": days,
             "branch_ids": [each.branch_id for each in named]}
        )  # fmt: skip
    add_records(context.store, notices, rows)
    return Answer(tuple(row["notice_id"] for row in rows), tuple(said))


def object_to(
    context: Context,
    notice_id: str,
    branch_id: str,
    statement: str,
    raised_on: dt.date,
    actor: str,
    at: dt.datetime,
) -> Answer:
    """Keep an objection and answer it. One after the deadline is kept too, and stops nothing."""
    notice = next((row for row in _notices(context) if row["notice_id"] == notice_id), None)
    if notice is None:
        return Answer((), (say("notice", "unknown", id=notice_id),))
    if branch_id not in notice["branch_ids"]:
        return Answer((), (say("notice", "unknown_branch", branch_id=branch_id),))
    if not statement.strip():
        return Answer((), (say("notice", "no_statement"),))
    if raised_on.isoformat() < notice["opened_on"]:
        return Answer((), (say("notice", "not_open_yet", opened_on=notice["opened_on"]),))
    in_time = raised_on.isoformat() <= notice["closes_on"]
    row = {
        **_by(context, actor, at), "objection_id": record_id(notice_id, branch_id, raised_on, statement.strip()),
        "notice_id": notice_id, "branch_id": branch_id, "raised_on": raised_on.isoformat(), "statement": statement.strip(),
        "in_time": in_time,
    }  # fmt: skip
    add_records(context.store, objections, [row])
    answer = (
        say("notice", "taken")
        if in_time
        else say("notice", "late", closes_on=notice["closes_on"], raised_on=raised_on)
    )
    return Answer((row["objection_id"],), (answer,))


def rule_on(
    context: Context,
    objection_id: str,
    upheld: bool,
    reason: str,
    ruled_on: dt.date,
    actor: str,
    at: dt.datetime,
) -> Answer:
    """Keep what was found of an objection; one ruling each."""
    programme = context.key[0]
    known = {row["objection_id"] for row in records_of(context.store, objections, programme)}
    if objection_id not in known:
        return Answer((), (say("notice", "unknown", id=objection_id),))
    before = records_of(context.store, rulings, programme, objection_id=objection_id)
    if before:
        return Answer((), (say("notice", "ruled_already", ruled_on=before[0]["ruled_on"]),))
    row = {
        **_by(context, actor, at), "ruling_id": record_id(objection_id), "objection_id": objection_id, "upheld": upheld,
        "ruled_on": ruled_on.isoformat(), "reason": reason.strip(),
    }  # fmt: skip
    add_records(context.store, rulings, [row])
    return Answer((row["ruling_id"],))


def name_branches(
    context: Context,
    run_id: str | None,
    decided_on: dt.date,
    document_number: str,
    actor: str,
    at: dt.datetime,
) -> Answer:
    """Confer the titles of a run whose notices have closed; say of every branch left out why. Again is nothing new."""
    run = the_run(context, run_id)
    notice = {
        (row["level"], row["node_id"]): row for row in _notices(context) if row["run_id"] == run["run_id"]
    }
    against = _against(context)
    left = gone(records_of(context.store, successions, context.key[0]), decided_on)
    rows, said = [], []
    for (level, node_id), named in _by_place(awards_of(context.store, run["run_id"])).items():
        where = _where(context, level, node_id)
        if not context.bundle.programme.level(level).state:
            open_ = notice.get((level, node_id))
            if open_ is None:
                said.append(say("naming", "no_notice", **where))
                continue
            if decided_on.isoformat() <= open_["closes_on"]:
                said.append(
                    say("naming", "notice_running", **where, day=decided_on, closes_on=open_["closes_on"])
                )
                continue
        for each in named:
            why = _why_not_named(each, against.get((run["run_id"], level, each.branch_id)), left)
            if why:
                said.append(why)
            else:
                rows.append(
                    _title(context, each, run["run_id"], decided_on, document_number)
                    | _by(context, actor, at)
                )
    add_records(context.store, titles, rows)
    return Answer(tuple(row["title_id"] for row in rows), tuple(said))


def _why_not_named(award: Award, objection: str | None, left: Mapping[str, Mapping[str, Any]]) -> str:
    if award.branch_id in left:
        gone_on = left[award.branch_id]["effective_on"]
        return say("naming", "dissolved", branch=award.branch_name, effective_on=gone_on)
    return say("naming", objection, branch=award.branch_name) if objection else ""


def _against(context: Context) -> dict[tuple[str, str, str], str]:
    """(run, level, branch) → what an objection in time means for its naming: not ruled on yet, or upheld."""
    store, programme = context.store, context.key[0]
    ruled = {row["objection_id"]: row["upheld"] for row in records_of(store, rulings, programme)}
    notice = {row["notice_id"]: row for row in _notices(context)}
    found: dict[tuple[str, str, str], str] = {}
    for row in records_of(store, objections, programme):
        upheld = ruled.get(row["objection_id"])
        if not row["in_time"] or row["notice_id"] not in notice or upheld is False:
            continue
        of = notice[row["notice_id"]]
        key = (of["run_id"], of["level"], row["branch_id"])
        found[key] = (
            "objection_upheld" if upheld or found.get(key) == "objection_upheld" else "objection_open"
        )
    return found


def _title(context: Context, award: Award, run_id: str, decided_on: dt.date, document_number: str) -> Row:
    level = context.bundle.programme.level(award.level)
    ends = title_ends(level, decided_on)
    unit = context.register.unit(award.unit_id)
    return {
        "title_id": record_id(*context.key, award.branch_id, award.level), "period": context.key[1],
        "branch_id": award.branch_id, "level": award.level, "title": level.title, "node_id": award.node_id,
        "conferred_by": context.register.node(award.node_id).name, "decided_on": decided_on.isoformat(),
        "valid_until": ends.isoformat() if ends else None, "document_number": document_number,
        "branch_name": award.branch_name, "unit_id": unit.unit_id, "unit_code": unit.code, "unit_name": unit.name,
        "highest": award.highest, "run_id": run_id,
    }  # fmt: skip


def withdraw_title(
    context: Context, title_id: str, reason: str, withdrawn_on: dt.date, actor: str, at: dt.datetime
) -> Answer:
    """Take a title back; its record stays, and so does the place it took unless the quota refills."""
    programme = context.key[0]
    if title_id not in {row["title_id"] for row in records_of(context.store, titles, programme)}:
        return Answer((), (say("titles", "unknown", id=title_id),))
    before = records_of(context.store, withdrawals, programme, title_id=title_id)
    if before:
        return Answer((), (say("titles", "withdrawn_already", day=before[0]["withdrawn_on"]),))
    row = {
        **_by(context, actor, at), "withdrawal_id": record_id(title_id), "title_id": title_id,
        "withdrawn_on": withdrawn_on.isoformat(), "reason": reason.strip(),
    }  # fmt: skip
    add_records(context.store, withdrawals, [row])
    return Answer((row["withdrawal_id"],))


def _by_place(awards: Iterable[Award]) -> dict[tuple[str, str], list[Award]]:
    """(level, naming place) → those named there, in rank order."""
    found: dict[tuple[str, str], list[Award]] = {}
    for each in awards:
        if each.outcome == "named":
            found.setdefault((each.level, each.node_id), []).append(each)
    return found


def _notices(context: Context) -> list[Row]:
    return records_of(context.store, notices, context.key[0], period=context.key[1])


def _where(context: Context, level: str, node_id: str) -> dict[str, str]:
    return {"node": context.register.node(node_id).name, "title": context.bundle.programme.level(level).title}


def _days(notice: Row) -> dict[str, str]:
    return {name: notice[name] for name in ("opened_on", "closes_on")}


def _by(context: Context, actor: str, at: dt.datetime) -> Row:
    hour = at.astimezone(CHINA).isoformat(timespec="seconds")
    return {"programme": context.key[0], "actor": actor, "entered_at": hour}
