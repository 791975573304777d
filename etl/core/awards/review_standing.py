"""Whose turn it is: where every branch stands with every tier that reviews it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from etl.core.awards.award import Review
from etl.core.awards.review import reaches, reaches_tier, tier_below
from etl.core.awards.scoring import Score
from etl.core.programmes.programme import Programme
from etl.core.register import Register

State = Literal["due", "reviewed", "waiting"]


@dataclass(frozen=True, slots=True)
class Standing:
    """One branch before one tier: the place that reviews, its own review, that of the tier below, the branch's own.

    `due`: the place has still to review it; `waiting`: the tier below has not recommended it up to here.
    """

    score: Score
    tier: str
    node_id: str
    mine: Review | None
    below: Review | None
    own: Review | None
    state: State

    @property
    def own_points(self) -> Decimal | None:
        """The branch's own score: of its application, else what it filed in the year's last return."""
        return own_points(self.score, self.own)


def own_points(score: Score, own: Review | None) -> Decimal | None:
    """A branch's own score: of its application (`own`), else what it filed in the year's last return."""
    return own.points if own is not None and own.points is not None else score.self_points


def standings(
    scores: Iterable[Score], held: Mapping[tuple[str, str], Review], programme: Programme,
    paths: Mapping[str, Mapping[str, str]],
) -> Iterator[Standing]:
    """Every branch before every tier that reviews and is on its way, lowest tier first. `held`: reviews in force by branch and
    tier; `paths`: node → tier → node, as `award_inputs.tier_paths` has them."""
    for score in scores:
        path = paths[score.node_id]
        for tier in programme.reviewing_tiers():
            if tier not in path:
                continue
            lower = tier_below(tier, programme, path)
            mine, below = (held.get((score.branch_id, each)) if each else None for each in (tier, lower))
            ready = lower is None or reaches(below, tier, programme)
            state: State = "reviewed" if mine else "due" if ready else "waiting"
            yield Standing(score, tier, path[tier], mine, below, held.get((score.branch_id, programme.leaf)), state)


def offered_level(standing: Standing, programme: Programme) -> str:
    """The level that agreeing means: what the tier below recommends, else what the branch applies for, else the lowest that this
    tier or one above it confers. Empty where there is none."""
    for said in (standing.below, standing.own):
        if said is not None and said.level and reaches_tier(said.level, standing.tier, programme):
            return said.level
    open_to = [level.key for level in programme.levels if reaches_tier(level.key, standing.tier, programme)]
    return next(iter(open_to), "")


def notes(members: int | None, programme: Programme) -> list[tuple[str, dict[str, int]]]:
    """What whoever judges a branch of so many members should look at, although it excludes nothing: keys of the catalogue's
    section `notes`, with their values."""
    usual = programme.eligibility.max_members if programme.eligibility else None
    if usual is None or members is None or members <= usual:
        return []
    return [("members_many", {"members": members, "usual": usual})]


def list_digest(due: Iterable[Standing], programme: Programme) -> str:
    """Twelve characters that become others when a list does: its branches, their points, what each says of itself, what the tier
    below says of it, and the level that agreeing means. They stand where the list is shown, and in the answer to it."""
    said = sorted(
        (each.score.branch_id, str(each.score.points), str(each.own_points),
         each.below.review_id if each.below else "", offered_level(each, programme))
        for each in due
    )
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12]


def place_name(node_id: str, register: Register) -> str:
    """The name of a place that reviews; a township, which is no node of the register, bears its own in its id."""
    unit, slash, township = node_id.partition("/")
    name = register.names.get(unit, unit)
    return f"{name}{township}" if slash else name
