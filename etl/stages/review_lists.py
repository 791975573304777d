"""Whole lists of reviews: the workbook that a place fills in, and files that come back with entries."""

import csv
import datetime as dt
import io
from dataclasses import dataclass
from typing import Any

from etl.core.award_inputs import in_force, tier_paths
from etl.core.review import Entry, reaches, tier_below, tier_names
from etl.edges.award_words import award_words, say
from etl.edges.review_workbook import VISIT, ReadBack, ReviewList, read_back, workbook_bytes
from etl.edges.seal import seal_secret
from etl.edges.store.awards import reviews_of
from etl.errors import Misuse
from etl.stages.context import Context
from etl.stages.review import Taken, enter
from etl.stages.score import known_scores

Row = dict[str, Any]
_FIELDS = ("branch_id", "tier", "verdict", "level", "points", "reason", "evidence", "supersedes")


@dataclass(frozen=True)
class Imported:
    """What came of a file: why it was refused as a whole (Chinese, or empty), else what came of its entries."""

    refusal: str
    taken: Taken


NOTHING = Taken((), 0, ())


def review_workbook(context: Context, tier: str, code: str) -> bytes:
    """The workbook of the place with that code at a tier: the branches whose turn it is. Misuse for an unknown place or tier."""
    return workbook_bytes(
        review_list(context, tier, code), award_words()["workbook"], seal_secret(context.settings)
    )


def review_list(context: Context, tier: str, code: str) -> ReviewList:
    """The branches that the place has still to review: the tier below has recommended them, or there is none."""
    programme = context.bundle.programme
    if tier not in programme.reviewing_tiers():
        raise Misuse(
            f"{tier} does not review in {programme.programme}; there are: {', '.join(programme.reviewing_tiers())}"
        )
    place = next((node for node in context.register.nodes if node.code == code and node.tier == tier), None)
    if place is None:
        raise Misuse(f"no {tier} with the code {code} in {programme.programme} {context.period}")
    words, names = award_words(), tier_names(programme)
    title = f"{programme.title.zh}{context.period.zh}{place.name}{words['workbook']['sheet']}"
    levels = {level.key: level.title for level in programme.levels}
    verdicts = {key: words["verdicts"][key] for key in ("recommend", "return", "refuse")}
    rubric = programme.rubric
    most = float(rubric.total.on(context.period.last_day) + rubric.bonus.max) if rubric else 0.0
    return ReviewList(
        programme.programme, str(context.period), tier, place.node_id, f"{title}（{names[tier]}）",
        _due(context, tier, place.node_id), verdicts, levels, most, rubric is not None and rubric.mode == "inspection",
    )  # fmt: skip


def _due(context: Context, tier: str, node_id: str) -> list[Row]:
    programme, now = context.bundle.programme, in_force(reviews_of(context.store, *context.key))
    scores = known_scores(context)
    paths = tier_paths(context.register, {score.node_id for score in scores})
    units = {unit.unit_id: unit.name for unit in context.register.units}
    rows = []
    for score in scores:
        path = paths[score.node_id]
        below = tier_below(tier, programme, path)
        before = now.get((score.branch_id, below)) if below else None
        ready = below is None or reaches(before, tier, programme)
        if path.get(tier) != node_id or (score.branch_id, tier) in now or not ready:
            continue
        own = now.get((score.branch_id, programme.leaf))
        rows.append(
            {"branch_id": score.branch_id, "branch_name": score.branch_name, "unit_name": units.get(score.unit_id, ""),
             "measured": score.points, "self": own.points if own else None, "below": before.points if before else None}
        )  # fmt: skip
    return rows


def import_reviews(context: Context, content: bytes, file_name: str, actor: str, at: dt.datetime) -> Imported:
    """Take in a filled review workbook, or a CSV with the columns of an entry; everything else is answered, nothing is lost."""
    if file_name.lower().endswith(".csv"):
        return Imported("", enter(context, csv_entries(content), actor, at))
    words = award_words()
    levels = {level.key: level.title for level in context.bundle.programme.levels}
    back = read_back(content, words["workbook"], words["verdicts"], levels, seal_secret(context.settings))
    refusal = back.refusal and say("workbook", back.refusal)
    if not refusal and (back.programme, back.period) != context.key:
        refusal = _other(context, back)
    return Imported(refusal, NOTHING) if refusal else Imported("", enter(context, back.entries, actor, at))


def _other(context: Context, back: ReadBack) -> str:
    wanted, given = " ".join(context.key), f"{back.programme} {back.period}"
    return say("workbook", "other", given=given, wanted=wanted)


def csv_entries(content: bytes) -> list[Entry]:
    """Entries out of a CSV (UTF-8): the columns of an entry, `item:<key>` for points of an item, and those of a visit."""
    entries = []
    for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"))):
        given = {key: (value or "").strip() for key, value in row.items() if key}
        items = {
            key.removeprefix("item:"): text for key, text in given.items() if key.startswith("item:") and text
        }
        visit = {key: given[key] for key in VISIT if given.get(key)}
        known = {key: given.get(key, "") for key in _FIELDS}
        entries.append(Entry(**known, item_points=items, visit=visit or None))
    return entries


def pending_lists(context: Context) -> list[Row]:
    """The lists that wait for a decision, lowest tier first: tier, code and name of the place, how many branches."""
    names = context.bundle.programme.reviewing_tiers()
    nodes = sorted(
        (node for node in context.register.nodes if node.tier in names),
        key=lambda node: names.index(node.tier),
    )
    found = (
        {"tier": node.tier, "code": node.code, "name": node.name, "node_id": node.node_id} for node in nodes
    )
    counted = ({**row, "branches": len(_due(context, row["tier"], row["node_id"]))} for row in found)
    return [row for row in counted if row["branches"]]


def decide_list(
    context: Context, tier: str, code: str, verdict: str, level: str, reason: str, actor: str, at: dt.datetime
) -> Taken:
    """One verdict over a place's whole list, as a person signs it off or sends it back: a review of every branch on it."""
    due = review_list(context, tier, code).rows
    entries = [Entry(str(row["branch_id"]), tier, verdict, level, reason=reason) for row in due]
    return enter(context, entries, actor, at)
