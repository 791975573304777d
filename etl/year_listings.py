"""Listings of a year: scores, awards, notices, titles, commendations; for people and for other programs."""

import datetime as dt
from typing import Any, Final

import pandas as pd

from etl.core.awards.titles import HeldTitle, level_on
from etl.core.register import OWN
from etl.core.year_rows import NoticeRow, ObjectionRow, RulingRow
from etl.edges.award_words import award_words, measured_words, place_words, say
from etl.edges.store.awards import awards_of
from etl.edges.store.records import records_of
from etl.edges.store.schema import notices, objections, rulings
from etl.errors import Misuse
from etl.stages.award import the_run
from etl.stages.award_records import titles_on_record
from etl.stages.commend import commended
from etl.stages.context import Context, open_year
from etl.stages.score import explain_score, known_scores


def scores_listing(programme: str, period: str, branch: str | None) -> pd.DataFrame:
    """One row a branch with its points; with a branch, one row an item: what was measured, points, the most, on what ground."""
    context = open_year(programme, period)
    if branch is None:
        columns = ("branch_id", "branch_name", "members", "points", "bonus", "deduction")
        rows = [tuple(getattr(score, name) for name in columns) for score in known_scores(context)]
        return pd.DataFrame(rows, columns=list(columns)).sort_values(
            ["points", "branch_id"], ascending=[False, True]
        )
    origins = award_words()["origins"]
    items = [
        (place_words(each), each.zh, measured_words(each), each.points, each.most, origins.get(each.ground, each.ground))
        for each in explain_score(context, branch)
    ]
    return pd.DataFrame(items, columns=["dimension", "item", "measured", "points", "most", "ground"])


def awards_listing(programme: str, period: str, run_id: str | None, level: str | None) -> pd.DataFrame:
    """Who is named, who waits, who holds the level already, in a run (the newest without one). Misuse for an unknown level."""
    context = open_year(programme, period)
    levels = [each.key for each in context.bundle.programme.levels]
    if level not in (None, *levels):
        raise Misuse(f"no level {level} in {programme}; there are: {', '.join(levels)}")
    run = the_run(context, run_id)
    outcomes, names = award_words()["outcomes"], context.register.names
    rows = [
        (each.level, names.get(each.node_id, each.node_id), each.rank, each.branch_id, each.branch_name, each.score,
         outcomes[each.outcome], each.highest)
        for each in awards_of(context.store, run["run_id"])
        if level in (None, each.level)
    ]
    return pd.DataFrame(
        rows, columns=["level", "named_by", "rank", "branch_id", "branch", "score", "outcome", "counts"]
    )


def notices_listing(context: Context) -> pd.DataFrame:
    """The public notices of a year with their objections: one row a notice, or an objection to it."""
    store, programme = context.store, context.key[0]
    ruled = {row["objection_id"]: row for row in records_of(store, rulings, RulingRow, programme)}
    said = records_of(store, objections, ObjectionRow, programme)
    rows: list[dict[str, Any]] = []
    for notice in records_of(store, notices, NoticeRow, programme, period=context.key[1]):
        known = {name: notice[name] for name in ("notice_id", "level", "node_id", "opened_on", "closes_on")}
        mine: list[ObjectionRow | None] = [row for row in said if row["notice_id"] == notice["notice_id"]]
        for row in mine or [None]:
            ruling = ruled.get(row["objection_id"]) if row else None
            rows.append(
                {**known, "branches": len(notice["branch_ids"]), "objection_id": row["objection_id"] if row else "",
                 "branch_id": row["branch_id"] if row else "", "in_time": row["in_time"] if row else None,
                 "upheld": ruling["upheld"] if ruling else None}
            )
    return pd.DataFrame(rows)


def titles_listing(context: Context, branch_id: str, day: dt.date) -> pd.DataFrame:
    """A branch's titles as of a day, with the names of their day; also those of branches that it goes on from."""
    kept: Final = (
        "period",
        "title",
        "conferred_by",
        "decided_on",
        "valid_until",
        "document_number",
        "branch_name",
        "unit_name",
    )
    rows = [
        {**{name: each.row[name] for name in kept}, "state": _state(each), "came_by": _came_by(each),
         "title_id": each.row["title_id"]}
        for each in titles_on_record(context, day)
        if branch_id in (each.branch_id, each.row["branch_id"])
    ]
    return pd.DataFrame(rows, columns=[*kept, "state", "came_by", "title_id"])


def standing_level(context: Context, branch_id: str, day: dt.date) -> str:
    """The sentence on the level that a branch is at as of a day, the highest of its titles in force; empty before any."""
    rules = context.bundle.programme
    level = level_on(titles_on_record(context, day), branch_id, [each.key for each in rules.levels])
    return say("titles", "standing", day=day, title=rules.level(level).title) if level else ""


def commendations_listing(programme: str, period: str, place: str | None) -> pd.DataFrame:
    """Counts of one place (the top without a code), one row a kind, recipient kind and tier; counts only, no names.

    Misuse if the code is not in the programme.
    """
    context = open_year(programme, period)
    code = place or context.register.top.code
    nodes = [node.node_id for node in context.register.nodes if node.code == code and node.tier != OWN]
    if not nodes:
        raise Misuse(f"no place {code} in {programme} {period}")
    counts = commended(context).counts
    return counts[counts["node_id"].isin(nodes)].drop(columns=["node_tier", "node_id"])


def _state(held: HeldTitle) -> str:
    if held.withdrawal is not None:
        return say(
            "titles", "withdrawn", day=held.withdrawal["withdrawn_on"], reason=held.withdrawal["reason"]
        )
    return (
        say("titles", "in_force")
        if held.state == "in_force"
        else say("titles", "expired", day=held.row["valid_until"])
    )


def _came_by(held: HeldTitle) -> str:
    if held.came_by is None or held.branch_id == held.row["branch_id"]:
        return ""
    kind = award_words()["titles"]["kinds"][held.came_by["kind"]]
    return say(
        "titles", "followed", branch=held.row["branch_name"], branch_id=held.row["branch_id"],
        day=held.came_by["effective_on"], kind=kind,
    )
