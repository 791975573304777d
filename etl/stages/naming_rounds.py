"""How far every place has come with naming at every level of a period."""

import datetime as dt

from etl.core.awards.award import Award
from etl.core.awards.naming_round import Objection, Round
from etl.core.awards.quota import places_left
from etl.core.awards.titles import HeldTitle
from etl.core.year_rows import AwardRunRow, NoticeRow, ObjectionRow, RulingRow
from etl.edges.store.awards import awards_of, runs_of
from etl.edges.store.records import records_of
from etl.edges.store.schema import objections, rulings
from etl.stages.award_records import titles_on_record
from etl.stages.context import Context
from etl.stages.naming import taken_and_moved
from etl.stages.notice import notices_of

Key = tuple[str, str]


def newest_run(context: Context) -> AwardRunRow | None:
    """The newest award run of the period; None before there is any."""
    runs = runs_of(context.store, *context.key)
    return runs[-1] if runs else None


def naming_rounds(context: Context, run_id: str, day: dt.date) -> list[Round]:
    """A round for each level and naming place with anybody to name, waiting or named; highest level first, places by code."""
    awards: dict[Key, dict[str, list[Award]]] = {}
    for each in awards_of(context.store, run_id):
        if each.outcome in ("named", "waiting"):
            awards.setdefault((each.level, each.node_id), {"named": [], "waiting": []})[each.outcome].append(each)
    notices, earlier = dict[Key, NoticeRow](), dict[Key, NoticeRow]()
    for row in notices_of(context):
        (notices if row["run_id"] == run_id else earlier)[row["level"], row["node_id"]] = row
    against, conferred = _objections(context), _titles(context, day)
    quotas = taken_and_moved(context)
    found = []
    for level in reversed(context.bundle.programme.levels):
        for node in context.register.nodes:
            key = (level.key, node.node_id)
            if key not in awards and key not in conferred:
                continue
            places = places_left(context.bundle.programme, level, node.node_id, context.period.year, *quotas)
            mine, notice = awards.get(key, {"named": [], "waiting": []}), notices.get(key)
            found.append(
                Round(
                    level, node.node_id, tuple(mine["named"]), tuple(mine["waiting"]), notice,
                    tuple(against.get(notice["notice_id"], ())) if notice else (), tuple(conferred.get(key, ())), places,
                    places.quota - level.quota.total if level.quota and places.quota is not None else 0,
                    earlier.get(key),
                )
            )
    return found


def _objections(context: Context) -> dict[str, list[Objection]]:
    """Notice → its objections, oldest first."""
    store, programme = context.store, context.key[0]
    ruled = {row["objection_id"]: row for row in records_of(store, rulings, RulingRow, programme)}
    found: dict[str, list[Objection]] = {}
    for row in records_of(store, objections, ObjectionRow, programme):
        found.setdefault(row["notice_id"], []).append(Objection(row, ruled.get(row["objection_id"])))
    return found


def _titles(context: Context, day: dt.date) -> dict[Key, list[HeldTitle]]:
    """(Level, naming place) → the period's titles as they stand on a day."""
    found: dict[Key, list[HeldTitle]] = {}
    for each in titles_on_record(context, day):
        if each.row["period"] == context.key[1]:
            found.setdefault((each.row["level"], each.row["node_id"]), []).append(each)
    return found
