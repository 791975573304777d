"""The public notice before a naming: what is shown for how many working days, objections, and what was found of them."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from etl.core.awards.award import Award
from etl.core.returns.events import By
from etl.core.working_days import add_working_days
from etl.core.year_rows import Entered, NoticeRow, ObjectionRow, RulingRow
from etl.edges.award_words import say
from etl.edges.feeds import CHINA
from etl.edges.store.awards import awards_of
from etl.edges.store.records import add_records, record_id, records_of
from etl.edges.store.schema import notices, objections, rulings
from etl.stages.award import the_run
from etl.stages.context import Context


@dataclass(frozen=True)
class Answer:
    """What came of an act: the ids of new records, and what must be said, in Chinese."""

    ids: tuple[str, ...]
    said: tuple[str, ...] = ()


Where = Collection[tuple[str, str]] | None
"""The (level, naming place) that an act is about; None: all of a run."""


def open_notices(
    context: Context, run_id: str | None, opened_on: dt.date, by: By, only: Where = None
) -> Answer:
    """Open the public notices of a run, one a naming place and level; one that is open already stays as it is.

    They close on the last of the configured working days; levels that are states are reached, not named, and need none.
    """
    run = the_run(context, run_id)
    programme = context.bundle.programme
    days = programme.naming.public_notice.working_days if programme.naming else 0
    known = {
        (row["level"], row["node_id"]): row for row in notices_of(context) if row["run_id"] == run["run_id"]
    }
    rows, said = list[NoticeRow](), list[str]()
    for (level, node_id), named in by_place(awards_of(context.store, run["run_id"]), only).items():
        if programme.level(level).state:
            continue
        if (level, node_id) in known:
            open_ = known[level, node_id]
            said.append(say("notice", "open_already", **where(context, level, node_id), **_days(open_)))
            continue
        rows.append(
            {**entered(context, by), "notice_id": record_id(run["run_id"], level, node_id), "period": context.key[1],
             "run_id": run["run_id"], "level": level, "node_id": node_id, "opened_on": opened_on.isoformat(),
             "closes_on": add_working_days(opened_on, days).isoformat(), "working_days": days,
             "branch_ids": [each.branch_id for each in named]}
        )
    add_records(context.store, notices, rows)
    return Answer(tuple(row["notice_id"] for row in rows), tuple(said))


def object_to(
    context: Context,
    notice_id: str,
    branch_id: str,
    statement: str,
    raised_on: dt.date,
    by: By,
) -> Answer:
    """Keep an objection and answer it. One after the deadline is kept too, and stops nothing."""
    notice = next((row for row in notices_of(context) if row["notice_id"] == notice_id), None)
    if notice is None:
        return Answer((), (say("notice", "unknown", id=notice_id),))
    if branch_id not in notice["branch_ids"]:
        return Answer((), (say("notice", "unknown_branch", branch_id=branch_id),))
    if not statement.strip():
        return Answer((), (say("notice", "no_statement"),))
    if raised_on.isoformat() < notice["opened_on"]:
        return Answer((), (say("notice", "not_open_yet", opened_on=notice["opened_on"]),))
    in_time = raised_on.isoformat() <= notice["closes_on"]
    row: ObjectionRow = {
        **entered(context, by), "objection_id": record_id(notice_id, branch_id, raised_on, statement.strip()),
        "notice_id": notice_id, "branch_id": branch_id, "raised_on": raised_on.isoformat(), "statement": statement.strip(),
        "in_time": in_time,
    }
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
    by: By,
) -> Answer:
    """Keep what was found of an objection; one ruling each."""
    programme = context.key[0]
    known = {row["objection_id"] for row in records_of(context.store, objections, ObjectionRow, programme)}
    if objection_id not in known:
        return Answer((), (say("notice", "unknown", id=objection_id),))
    before = records_of(context.store, rulings, RulingRow, programme, objection_id=objection_id)
    if before:
        return Answer((), (say("notice", "ruled_already", ruled_on=before[0]["ruled_on"]),))
    row: RulingRow = {
        **entered(context, by), "ruling_id": record_id(objection_id), "objection_id": objection_id, "upheld": upheld,
        "ruled_on": ruled_on.isoformat(), "reason": reason.strip(),
    }
    add_records(context.store, rulings, [row])
    return Answer((row["ruling_id"],))


def by_place(awards: Iterable[Award], only: Where = None) -> dict[tuple[str, str], list[Award]]:
    """(level, naming place) → those named there, in rank order."""
    found: dict[tuple[str, str], list[Award]] = {}
    for each in awards:
        if each.outcome == "named" and (only is None or (each.level, each.node_id) in only):
            found.setdefault((each.level, each.node_id), []).append(each)
    return found


def notices_of(context: Context) -> list[NoticeRow]:
    """The notices of the naming period, oldest first."""
    return records_of(context.store, notices, NoticeRow, context.key[0], period=context.key[1])


def where(context: Context, level: str, node_id: str) -> dict[str, str]:
    """The names of a naming place and of a level's title, for a sentence."""
    node = context.register.node(node_id)
    return {"node": node.name, "title": context.bundle.programme.level(level).title_at(node.code)}


def _days(notice: NoticeRow) -> dict[str, str]:
    return {"opened_on": notice["opened_on"], "closes_on": notice["closes_on"]}


def entered(context: Context, by: By) -> Entered:
    """Whose record it is: programme, author and hour, the same columns in every record table."""
    hour = by.at.astimezone(CHINA).isoformat(timespec="seconds")
    return {"programme": context.key[0], "actor": by.actor, "entered_at": hour}
