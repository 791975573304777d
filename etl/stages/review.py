"""Review: what offices enter about branches → records that are only added to, or an answer why not."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from etl.core.awards.award import Review
from etl.core.awards.award_inputs import in_force, tier_paths
from etl.core.awards.review import Drift, Entry, Ground, drifts, points_of, problems
from etl.core.awards.review_standing import own_points
from etl.core.awards.scoring import Score, judged_items
from etl.core.returns.events import By
from etl.core.year_rows import ReviewRow
from etl.edges.award_words import award_words, say
from etl.edges.feeds import CHINA
from etl.edges.store.awards import as_review, reviews_of
from etl.edges.store.records import add_records, record_id
from etl.edges.store.schema import reviews
from etl.stages.context import Context
from etl.stages.notice import entered
from etl.stages.review_totals import reviews_on
from etl.stages.score import known_scores

Row = dict[str, Any]


@dataclass(frozen=True)
class Refusal:
    """An entry that was not taken: its place among those given (from 1), its branch, and why, in Chinese."""

    number: int
    branch_id: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Taken:
    """What came of entries: the ids of new records, how many were there already, what was refused."""

    review_ids: tuple[str, ...]
    again: int
    refused: tuple[Refusal, ...]


def enter(context: Context, entries: Sequence[Entry], by: By) -> Taken:
    """Take in what can be taken, in the order given, and answer the rest. The same entry again is the same record."""
    known = reviews_of(context.store, *context.key)
    ids = {each.review_id for each in known}
    ground = _ground(context, known_scores(context), known, by.at)
    rows, refused, again = list[ReviewRow](), list[Refusal](), 0
    for number, entry in enumerate(entries, 1):
        row = _row(context, entry, ground, by)
        if row["review_id"] in ids:
            again += 1
            continue
        said = problems(entry, ground)
        if said:
            refused.append(
                Refusal(number, entry.branch_id, tuple(_in_words(context, *each) for each in said))
            )
            continue
        rows.append(row)
        ground.held.setdefault(entry.branch_id, {})[entry.tier] = _review(row)
        ids.add(row["review_id"])
    add_records(context.store, reviews, rows)
    return Taken(tuple(row["review_id"] for row in rows), again, tuple(refused))


def _ground(context: Context, scores: Iterable[Score], known: Iterable[Review], at: dt.datetime) -> Ground:
    programme = context.bundle.programme
    listed = list(scores)
    paths = tier_paths(context.register, {score.node_id for score in listed})
    items = judged_items(programme, context.bundle.catalogue, context.period.last_day)
    rubric = programme.rubric
    held: dict[str, dict[str, Review]] = {}
    for (branch_id, tier), each in in_force(known).items():
        held.setdefault(branch_id, {})[tier] = each
    most = Decimal(rubric.most(context.period.last_day)) if rubric else Decimal(0)
    return Ground(
        programme, {score.branch_id: paths[score.node_id] for score in listed}, held,
        {judged.item.key: judged.item.points for judged in items}, most, at.astimezone(CHINA).date(),
    )


def _row(context: Context, entry: Entry, ground: Ground, by: By) -> ReviewRow:
    own = entry.tier == ground.programme.leaf
    path = ground.path_of.get(entry.branch_id, {})
    points = points_of(entry.points) if entry.points.strip() else None
    said = (
        *context.key, entry.branch_id, entry.tier, entry.verdict, entry.level, points, sorted(entry.item_points.items()),
        entry.reason, entry.evidence, sorted((entry.visit or {}).items()), entry.supersedes, by.actor,
    )
    return {
        **entered(context, by), "review_id": record_id(*said), "period": context.key[1], "branch_id": entry.branch_id,
        "tier": entry.tier, "node_id": next(iter(path.values()), "") if own else path.get(entry.tier, entry.node_id),
        "verdict": entry.verdict, "level": entry.level or None, "points": points,
        "item_points": dict(entry.item_points) or None, "reason": entry.reason.strip(), "evidence": entry.evidence.strip(),
        "visit": dict(entry.visit) if entry.visit else None, "supersedes": entry.supersedes or None,
    }


def _review(row: ReviewRow) -> Review:
    kept: dict[str, Any] = {name: value for name, value in row.items() if name not in ("programme", "period")}
    return as_review(**kept)


def _in_words(context: Context, key: str, values: dict[str, Any]) -> str:
    shown = dict(values)
    if key == "wrong_place":
        shown = {name: context.register.names.get(node, node) for name, node in values.items()}
    if key == "double":
        shown["verdict"] = award_words()["verdicts"][values["verdict"]]
    if key == "unknown_branch":
        shown["period"] = context.period.zh
    return say("review", key, **shown)


def review_listing(context: Context, as_of: dt.date | None = None) -> pd.DataFrame:
    """The scores side by side: one row a branch that was reviewed or filed its own score, with its measured score, its own, and
    each tier's verdict, level and points in force as of a day."""
    listed = reviews_on(context, as_of)
    now = in_force(listed)
    programme = context.bundle.programme
    tiers = [programme.leaf, *programme.reviewing_tiers()]
    branches = {branch for branch, _ in now}
    rows = []
    for score in known_scores(context):
        if score.branch_id not in branches and score.self_points is None:
            continue
        row: Row = {"branch_id": score.branch_id, "branch": score.branch_name, "measured": score.points}
        for tier in tiers:
            each = now.get((score.branch_id, tier))
            row[f"{tier}_verdict"] = award_words()["verdicts"][each.verdict] if each else ""
            row[f"{tier}_level"] = (each.level or "") if each else ""
            row[f"{tier}_points"] = each.points if each else None
        row[f"{programme.leaf}_points"] = own_points(score, now.get((score.branch_id, programme.leaf)))
        rows.append(row)
    return pd.DataFrame(rows)


def drift_listing(context: Context, as_of: dt.date | None = None) -> list[str]:
    """Self-assessments far from the reviews, in Chinese, furthest first."""
    listed = reviews_on(context, as_of)
    programme, scores, held = context.bundle.programme, known_scores(context), in_force(listed)
    names = {score.branch_id: score.branch_name for score in scores}
    own = {score.branch_id: own_points(score, held.get((score.branch_id, programme.leaf))) for score in scores}
    tiers = programme.tier_names()
    return [_drift_line(each, names, tiers) for each in drifts(held, own, programme)]


def _drift_line(each: Drift, names: dict[str, str], tiers: dict[str, str]) -> str:
    return say(
        "drift", "line", branch=names.get(each.branch_id, each.branch_id), self=each.own, tier=tiers[each.tier],
        given=each.given, gap=abs(each.gap), z=abs(each.z),
    )
