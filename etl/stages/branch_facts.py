"""Records that people enter beside reviews: facts about branches, what became of a branch, places of a quota moved."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from etl.core.annual.rows import FactAt, OutcomeNames
from etl.core.awards.branch_records import (
    KINDS,
    Fact,
    as_told,
    counted,
    current,
    members_managed,
    problems,
    same_fact,
    taken_back,
)
from etl.core.awards.quota import places_left
from etl.core.programmes.naming import SweepOutcome
from etl.core.returns.events import By
from etl.core.year_rows import FactRow, QuotaMoveRow, SuccessionRow
from etl.edges.award_words import award_words, say
from etl.edges.store.records import add_records, record_id, records_of
from etl.edges.store.schema import branch_records, quota_moves, successions
from etl.errors import Misuse
from etl.stages.award_records import award_inputs
from etl.stages.branch_homes import known_branches
from etl.stages.context import Context
from etl.stages.notice import Answer, entered

SUCCESSIONS = ("recode", "move", "merge", "split", "dissolve")


def keep_fact(context: Context, fact: Fact, by: By) -> Answer:
    """Keep a fact about a branch, or say why it cannot be one. Misuse for an unknown branch or place."""
    return keep_facts(context, [fact], by)


def keep_facts(context: Context, facts: Sequence[Fact], by: By) -> Answer:
    """Keep the facts that can be, each judged with those before it on record, and say of every other why not.

    What is on record so already is nothing new. Misuse for an unknown branch or place, before anything is kept.
    """
    branches = known_branches(context, branch_ids={fact.branch_id for fact in facts})
    nodes = {node.node_id for node in context.register.nodes}
    for fact in facts:
        if fact.branch_id not in branches:
            raise Misuse(f"no branch {fact.branch_id} among those of {context.key[1]}: none is scored or accepted under this id")
        unknown = {fact.node_id, fact.other_node_id} - nodes - {""}
        if unknown:
            raise Misuse(f"no place {', '.join(sorted(unknown))} in {context.key[0]} {context.key[1]}")
    known = records_of(context.store, branch_records, FactRow, context.key[0])
    now = {same_fact(row): row for row in known}
    rows, ids, said = list[FactRow](), list[str](), list[str]()
    for fact in facts:
        why = problems(fact, context.bundle.programme, [*known, *rows], branches[fact.branch_id].members)
        said += [_in_words(key, values) for key, values in why]
        if why:
            continue
        row = _row(context, fact, by)
        before = now.get(same_fact(row))
        if before and all(before[name] == row[name] for name in ("until", "members", "note")):
            ids.append(before["record_id"])
            continue
        if before:  # what was said before may be said again, after something else was: another record
            row["record_id"] = record_id(row["record_id"], before["record_id"])
        now[same_fact(row)] = row
        rows.append(row)
        ids.append(row["record_id"])
    add_records(context.store, branch_records, rows)
    return Answer(tuple(ids), tuple(said))


def _row(context: Context, fact: Fact, by: By) -> FactRow:
    said = record_id(context.key[0], *sorted(asdict(fact).items()))
    return {**as_told(fact), **entered(context, by), "record_id": said}


def _in_words(key: str, values: dict[str, Any]) -> str:
    kinds = award_words()["records"]
    shown = {**values, "kind": kinds.get(values.get("kind"), values.get("kind"))}
    return say("records", key, **shown)


def keep_succession(
    context: Context, from_branch: str, to_branch: str | None, kind: str, effective_on: dt.date, reason: str, by: By,
) -> Answer:
    """Keep what became of a branch: its titles follow a recode, a move or a merger. Misuse for a wrong kind or successor."""
    if kind not in SUCCESSIONS:
        raise Misuse(f"{kind} is not what becomes of a branch: {', '.join(SUCCESSIONS)}")
    if (to_branch is None) != (kind in ("split", "dissolve")):
        raise Misuse(f"{kind}: say which branch it goes on as, except for split and dissolve")
    row: SuccessionRow = {
        **entered(context, by), "succession_id": record_id(context.key[0], from_branch, to_branch, kind, effective_on),
        "from_branch_id": from_branch, "to_branch_id": to_branch, "kind": kind, "effective_on": effective_on.isoformat(),
        "reason": reason.strip(),
    }
    add_records(context.store, successions, [row])
    return Answer((row["succession_id"],))


def move_places(
    context: Context, level: str, places: int, from_node: str | None, to_node: str | None, reason: str, by: By,
) -> Answer:
    """Move places of a level's quota for the year from one node to another; grant or withdraw them with one side only.

    Misuse for a level without a quota, no side at all, or a place that does not name there.
    """
    programme = context.bundle.programme
    try:
        of = programme.level(level)
    except LookupError as error:
        raise Misuse(str(error)) from error
    names = {node.node_id for node in context.register.nodes if node.tier == of.tier}
    wrong = {from_node, to_node} - {None} - names
    if of.quota is None or wrong or places < 1 or from_node == to_node:
        raise Misuse(
            f"quota of {level}: needs a level with a quota, places from 1 on, and places of the tier {of.tier}"
        )
    whose, why = entered(context, by), reason.strip()
    row: QuotaMoveRow = {
        **whose, "move_id": record_id(*whose.values(), context.key[1], level, from_node, to_node, places, why),
        "period": context.key[1], "level": level, "from_node": from_node, "to_node": to_node, "places": places, "reason": why,
    }
    add_records(context.store, quota_moves, [row])
    return Answer((row["move_id"],))


def quota_listing(context: Context, as_of: dt.date) -> pd.DataFrame:
    """One row a level and naming place with a quota: in all, named so far, left for the year."""
    inputs = award_inputs(context, as_of)
    rows = []
    for level in inputs.programme.levels:
        for node in context.register.nodes:
            if level.quota is None or node.tier != level.tier:
                continue
            places = places_left(
                inputs.programme, level, node.node_id, inputs.period.year, inputs.taken(), inputs.moves
            )
            rows.append((level.key, node.code, node.name, places.quota, places.taken, places.left))
    return pd.DataFrame(rows, columns=["level", "code", "named_by", "quota", "named", "left"])


def facts_at(context: Context, day: dt.date) -> list[FactAt]:
    """One row a place, kind and outcome on record as of a day, with all below it; kinds and outcomes in the order in which they
    are declared. Sweeps by outcome are the sweep report."""
    rows = records_of(context.store, branch_records, FactRow, context.key[0])
    below = counted(rows, day)
    found: dict[tuple[str, str, str], list[int]] = {}
    for (place, kind, outcome), numbers in below.items():
        for above in context.register.above.get(place, ()):
            total = found.setdefault((above, kind, outcome), [0, 0])
            total[0], total[1] = total[0] + numbers[0], total[1] + numbers[1]
    order = sorted(found, key=lambda key: declared(context, key[1], key[2]))
    return [
        {"node_id": node, "kind": kind, "outcome": outcome, **outcome_names(context, outcome),
         "branches": found[node, kind, outcome][0], "members": found[node, kind, outcome][1]}
        for node, kind, outcome in order
    ]


def declared(context: Context, kind: str, outcome: str) -> tuple[int, int, str]:
    """Where a kind of fact and an outcome stand in the order in which they are declared; one that the programme no longer has
    comes last."""
    outcomes = ("", *sweep_outcomes(context))
    return KINDS.index(kind), outcomes.index(outcome) if outcome in outcomes else len(outcomes), outcome


def sweep_outcomes(context: Context) -> Mapping[str, SweepOutcome]:
    """What may come of a sweep in the programme, by key, in the order in which they are declared."""
    gate = context.bundle.programme.gate
    return gate.sweep_outcomes.by_key if gate else {}


def outcome_names(context: Context, outcome: str) -> OutcomeNames:
    """What an outcome on record is called; both empty for one that the programme no longer has."""
    known = sweep_outcomes(context).get(outcome)
    return {"outcome_zh": known.zh if known else "", "outcome_en": known.en if known else ""}


class FactInWords(FactRow):
    """A fact on record as it is shown: kind and outcome in words, places by name, how many records say so one after another."""

    kind_zh: str
    outcome_zh: str
    place: str
    other: str
    taken_back: bool
    times: int


def facts_of_branch(context: Context, branch_id: str) -> list[FactInWords]:
    """What is on record of one branch, as of `facts_of_branches`."""
    return _told(context, records_of(context.store, branch_records, FactRow, context.key[0], branch_id=branch_id))


def facts_of_branches(context: Context, branch_ids: Collection[str]) -> list[FactInWords]:
    """What is on record of some branches, each fact as it was entered last, the newest first."""
    rows = records_of(context.store, branch_records, FactRow, context.key[0])
    return _told(context, [row for row in rows if row["branch_id"] in branch_ids])


def _told(context: Context, rows: Sequence[FactRow]) -> list[FactInWords]:
    words, names = award_words()["records"], context.register.names
    times = Counter(same_fact(row) for row in rows)
    return [
        {
            **row, "kind_zh": words[row["kind"]],
            "outcome_zh": outcome_names(context, row["outcome"] or "")["outcome_zh"] or row["outcome"] or "",
            "place": names.get(row["node_id"], ""), "other": names.get(row["other_node_id"] or "", ""),
            "taken_back": taken_back(row), "times": times[same_fact(row)],
        }
        for row in sorted(current(rows), key=lambda row: row["since"], reverse=True)
    ]


def facts_listing(context: Context, day: dt.date) -> pd.DataFrame:
    """What is on record of branches as of a day, one row a place, kind and outcome, each place with all below it."""
    words = award_words()["records"]
    at = context.register.nodes_by_id
    rows = [
        (at[row["node_id"]].code, at[row["node_id"]].name, words[row["kind"]], row["outcome_zh"] or row["outcome"],
         row["branches"], row["members"] or None)
        for row in facts_at(context, day)
    ]
    listed = pd.DataFrame(rows, columns=["code", "place", "kind", "outcome", "branches", "members"])
    return listed.astype({"members": "Int64"}).sort_values(["code", "kind", "outcome"], ignore_index=True)


def members_listing(context: Context, day: dt.date) -> pd.DataFrame:
    """Members under dual management or away as of a day, one row a place: whom it counts, and those with whom it only takes part.

    Only the first may be added up: the second are the same members seen from the other side.
    """
    managed = members_managed(records_of(context.store, branch_records, FactRow, context.key[0]), day)
    rows = [
        (node.code, node.name, managed.get((node.node_id, "counts"), 0), managed.get((node.node_id, "takes_part"), 0))
        for node in context.register.nodes
        if {(node.node_id, "counts"), (node.node_id, "takes_part")} & managed.keys()
    ]
    return pd.DataFrame(rows, columns=["code", "name", "members_counted", "members_taking_part"])
