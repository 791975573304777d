"""Is a review one that may be taken? Checks of what an office enters, each with an answer for people."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from etl.core.awards.award import Review
from etl.core.programmes.programme import Programme


@dataclass(frozen=True, slots=True)
class Entry:
    """What an office entered, as texts: nothing is trusted yet. Empty text: not given."""

    branch_id: str
    tier: str
    verdict: str
    level: str = ""
    points: str = ""
    reason: str = ""
    evidence: str = ""
    node_id: str = ""
    supersedes: str = ""
    item_points: Mapping[str, str] = field(default_factory=dict)
    visit: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Ground:
    """What entries are judged against. `path_of`: branch → tier → node; `held`: branch → tier → the review in force, kept up
    while entries are taken; `items`: item → most points; `day`: of entering."""

    programme: Programme
    path_of: Mapping[str, Mapping[str, str]]
    held: dict[str, dict[str, Review]]
    items: Mapping[str, Decimal]
    most: Decimal
    day: dt.date


Problem = tuple[str, dict[str, Any]]  # a key of the catalogue's section `review`, and its values


def problems(entry: Entry, ground: Ground) -> list[Problem]:
    """Why the entry cannot be taken; empty if it can. Whose review it is comes first: without that nothing else is said."""
    whose = list(_whose(entry, ground))
    return whose or [
        *_verdict(entry, ground),
        *_points(entry, ground),
        *_visit(entry, ground),
        *_order(entry, ground),
    ]


def _whose(entry: Entry, ground: Ground) -> Iterator[Problem]:
    programme, names = ground.programme, ground.programme.tier_names()
    own = entry.tier == programme.leaf
    if entry.branch_id not in ground.path_of:
        yield "unknown_branch", {"branch_id": entry.branch_id}
    elif not own and entry.tier not in programme.reviewing_tiers():
        yield "tier_may_not", {"tier": names.get(entry.tier, entry.tier)}
    elif not own and entry.tier not in ground.path_of[entry.branch_id]:
        yield "tier_absent", {"tier": names[entry.tier]}
    elif not own and entry.node_id and entry.node_id != ground.path_of[entry.branch_id][entry.tier]:
        yield "wrong_place", {"right": ground.path_of[entry.branch_id][entry.tier], "given": entry.node_id}


def _verdict(entry: Entry, ground: Ground) -> Iterator[Problem]:
    own = entry.tier == ground.programme.leaf
    levels = {level.key for level in ground.programme.levels}
    if entry.verdict not in ("apply", "recommend", "return", "refuse"):
        yield "unknown_verdict", {"verdict": entry.verdict}
    elif own and entry.verdict != "apply":
        yield "own_only_applies", {}
    elif not own and entry.verdict == "apply":
        yield "apply_is_own", {}
    if entry.verdict == "recommend" and not entry.level:
        yield "level_needed", {}
    if entry.level and entry.level not in levels:
        yield "unknown_level", {"level": entry.level}
    if entry.verdict in ("return", "refuse") and not entry.reason.strip():
        yield "reason_needed", {}


def points_of(text: str) -> Decimal | None:
    """Points as a number with two decimals at most; None if the text is no such number."""
    try:
        points = Decimal(text.strip())
    except InvalidOperation:
        return None
    exponent = points.normalize().as_tuple().exponent
    return points if isinstance(exponent, int) and exponent >= -2 else None


def _points(entry: Entry, ground: Ground) -> Iterator[Problem]:
    if entry.points.strip():
        points = points_of(entry.points)
        if points is None:
            yield "points_unreadable", {"points": entry.points}
        elif not 0 <= points <= ground.most:
            yield "points_outside", {"points": entry.points, "most": ground.most}
    for item, text in entry.item_points.items():
        points = points_of(text)
        if item not in ground.items:
            yield "unknown_item", {"item": item}
        elif points is None:
            yield "points_unreadable", {"points": text}
        elif not 0 <= points <= ground.items[item]:
            yield "item_points_outside", {"item": item, "points": text, "most": ground.items[item]}


def _visit(entry: Entry, ground: Ground) -> Iterator[Problem]:
    rubric = ground.programme.rubric
    on_site = rubric is not None and rubric.mode == "inspection" and entry.tier != ground.programme.leaf
    if (
        on_site
        and entry.verdict == "recommend"
        and entry.tier == ground.programme.top.tier
        and not entry.visit
    ):
        yield "visit_missing", {}
    if entry.visit and str(entry.visit.get("visited_on", "")) > ground.day.isoformat():
        yield "visit_in_future", {"day": entry.visit["visited_on"]}


def _order(entry: Entry, ground: Ground) -> Iterator[Problem]:
    """Once a tier, unless it says which record it replaces; and not before the tier below has recommended."""
    names = ground.programme.tier_names()
    mine = ground.held.get(entry.branch_id, {})
    before = mine.get(entry.tier)
    if entry.supersedes:
        if before is None or before.review_id != entry.supersedes:
            yield "supersedes_unknown", {"review_id": entry.supersedes, "tier": names[entry.tier]}
        if not entry.reason.strip():
            yield "supersede_reason", {}
    elif before is not None:
        yield "double", {
            "tier": names[entry.tier], "day": before.entered_at[:10], "verdict": before.verdict, "review_id": before.review_id,
        }
    below = tier_below(entry.tier, ground.programme, ground.path_of[entry.branch_id])
    if entry.verdict == "recommend" and below and not reaches(mine.get(below), entry.tier, ground.programme):
        yield "tier_below_missing", {"below": names[below], "tier": names[entry.tier]}


def tier_below(tier: str, programme: Programme, path: Mapping[str, str]) -> str | None:
    """The nearest reviewing tier under this one on a branch's way; a tier that is not on it is passed over."""
    tiers = [each for each in programme.reviewing_tiers() if each in path]
    return tiers[tiers.index(tier) - 1] if tier in tiers and tiers.index(tier) > 0 else None


def reaches(review: Review | None, tier: str, programme: Programme) -> bool:
    """Whether a review recommends the branch to a level that this tier, or one above it, confers."""
    if review is None or review.verdict != "recommend" or review.level is None:
        return False
    return reaches_tier(review.level, tier, programme)


def reaches_tier(level: str, tier: str, programme: Programme) -> bool:
    """Whether a level is conferred by a tier or one above it."""
    return programme.height(programme.level(level).tier) >= programme.height(tier)


@dataclass(frozen=True, slots=True)
class Drift:
    """A self-assessment far from a tier's review: the gap in points, and how many standard deviations from all gaps."""

    branch_id: str
    tier: str
    own: Decimal
    given: Decimal
    gap: Decimal
    z: float


def drifts(
    reviews: Mapping[tuple[str, str], Review], own: Mapping[str, Decimal | None], programme: Programme
) -> list[Drift]:
    """Own scores of branches that lie beyond the configured z-score of all gaps to the same tier's points, furthest first."""
    if programme.naming is None:
        return []
    found: list[Drift] = []
    for tier in programme.reviewing_tiers():
        pairs = [
            (branch, mine, each.points)
            for (branch, at), each in reviews.items()
            if at == tier and (mine := own.get(branch)) is not None and each.points is not None
        ]
        found += _beyond(tier, pairs, programme.naming.drift.z, programme.naming.drift.min_reviews)
    return sorted(found, key=lambda drift: (-abs(drift.z), drift.branch_id, drift.tier))


def _beyond(
    tier: str, pairs: list[tuple[str, Decimal, Decimal]], limit: float, least: int
) -> Iterator[Drift]:
    gaps = [float(own - given) for _, own, given in pairs]
    if len(gaps) < least:
        return
    mean = sum(gaps) / len(gaps)
    deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    for (branch, own, given), gap in zip(pairs, gaps, strict=True):
        z = (gap - mean) / deviation if deviation else 0.0
        if abs(z) > limit:
            yield Drift(branch, tier, own, given, own - given, round(z, 2))
