"""The reviews of a year, as offices would enter them, so that a known number of branches is named; and which they are.

Whom the reviews favour is drawn among the branches that pass the gates; what the offices give is above the pass mark. Where a
quota binds, some more are recommended with fewer points and wait.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from etl.core.awards.award_inputs import AwardInputs
from etl.core.awards.award_table import gates, holds, naming_nodes, pass_mark
from etl.core.awards.quota import places_left
from etl.core.awards.review import Entry
from etl.core.programmes.naming import NamingLevel
from etl.simulate.profile import names, profile_of, rng_for

HIGH, LOW = (0.6, 1.0), (0.1, 0.5)
"""Where between the pass mark and the full score the favoured and the spare ones stand."""


@dataclass(frozen=True)
class Reviewed:
    """The entries in an order in which they can be taken, and for each favoured branch the level that it will count at."""

    entries: tuple[Entry, ...]
    named: Mapping[str, str]


def reviews_for(inputs: AwardInputs, scale: float, seed: int) -> Reviewed:
    """Entries under which as many branches count at each level as the profile says for the scale."""
    profile = profile_of(inputs.programme.programme)
    rng = rng_for(seed, "reviews", inputs.programme.programme, inputs.period)
    free = np.ones(len(inputs.scores), dtype=bool)
    entries, named = list[Entry](), dict[str, str]()
    ids = inputs.scores["branch_id"].to_numpy(dtype=object)
    spare_below: list[int] = []
    for level in reversed(inputs.programme.levels):
        wanted = _wanted(inputs, level, profile, scale)
        able = np.flatnonzero(free & _able(inputs, level))
        chosen = [*_carried(inputs, level, spare_below), *rng.permutation(able).tolist()][:wanted]
        named |= {str(ids[at]): level.key for at in chosen}
        fresh = [at for at in chosen if at not in spare_below]
        entries += _favoured(inputs, fresh, level, HIGH, rng, profile)
        spare_below = []
        if _binds(inputs, level, wanted):
            rest = [at for at in able if at not in chosen and _below_open(inputs, level, int(at))]
            spare_below = rng.permutation(rest).tolist()[: max(1, round(wanted * profile["spare"]))]
            entries += _favoured(inputs, spare_below, level, LOW, rng, profile)
        free[[*chosen, *spare_below]] = False
    unlucky = rng.permutation(np.flatnonzero(free)).tolist()[: round(len(named) * profile["returned"])]
    entries += _turned_down(inputs, unlucky, rng)
    return Reviewed(tuple(entries), named)


def _wanted(inputs: AwardInputs, level: NamingLevel, profile: Mapping[str, Any], scale: float) -> int:
    told = profile.get("awards", {}).get(str(inputs.period))
    if told is not None:
        full: int = told.get(level.key, 0)
        return round(full * scale)
    at = inputs.programme.levels.index(level)
    return max(1, int(len(inputs.scores) * profile["named_share"] / 2**at))


def _able(inputs: AwardInputs, level: NamingLevel) -> np.ndarray:
    """Who passes the gates, has a naming place, does not hold the level, and holds what must be held before."""
    found: np.ndarray = naming_nodes(inputs, level) != ""
    for mask in gates(inputs, level).values():
        found = found & ~mask
    if level.held_before:
        for need in level.needs:
            found = found & holds(inputs, need, before=True)
    able: np.ndarray = found & ~holds(inputs, level.key)
    return able


def _binds(inputs: AwardInputs, level: NamingLevel, wanted: int) -> bool:
    nodes = set(naming_nodes(inputs, level)) - {""}
    places = [
        places_left(inputs.programme, level, node, inputs.period.year, inputs.taken(), inputs.moves).left
        for node in nodes
    ]
    return bool(places) and all(left == wanted for left in places)


def _below_open(inputs: AwardInputs, level: NamingLevel, at: int) -> bool:
    path = inputs.paths[inputs.scores["node_id"].iloc[at]]
    return all(inputs.programme.level(need).tier in path for need in level.needs)


def _carried(inputs: AwardInputs, level: NamingLevel, spare: Sequence[int]) -> list[int]:
    """Those who wait one level up count here."""
    nodes = naming_nodes(inputs, level)
    return [at for at in spare if nodes[at] != ""]


def _favoured(
    inputs: AwardInputs, places: Sequence[int], level: NamingLevel, band: tuple[float, float], rng: np.random.Generator,
    profile: Mapping[str, Any],
) -> Iterator[Entry]:
    """The branch's own application and each tier's recommendation, lowest tier first."""
    programme = inputs.programme
    mark = (pass_mark(inputs, level) or 6000) / 100
    full = programme.rubric.total.on(inputs.period.last_day) if programme.rubric else 100
    for at in places:
        branch = inputs.scores.iloc[at]
        points = round(mark + (full - mark) * rng.uniform(*band), 2)
        own = min(
            full,
            points + (rng.uniform(6, 12) if rng.uniform() < profile["drifting"] else rng.uniform(-0.5, 1)),
        )
        yield Entry(branch.branch_id, programme.leaf, "apply", level.key, f"{own:.2f}")
        for tier in _tiers(inputs, branch.node_id, level.tier):
            given = f"{max(mark, points - rng.uniform(0, 0.05)):.2f}"
            yield Entry(
                branch.branch_id, tier, "recommend", level.key, given, evidence=f"〔{inputs.period.year}〕评审材料",
                visit=_visit(inputs, rng) if tier == level.tier else None,
            )


def _tiers(inputs: AwardInputs, node_id: str, up_to: str) -> list[str]:
    programme = inputs.programme
    on_way = [tier for tier in programme.reviewing_tiers() if tier in inputs.paths[node_id]]
    return [tier for tier in on_way if programme.height(tier) <= programme.height(up_to)]


def _visit(inputs: AwardInputs, rng: np.random.Generator) -> dict[str, str] | None:
    """What an inspection on site found, where the programme judges so."""
    rubric = inputs.programme.rubric
    if rubric is None or rubric.mode != "inspection":
        return None
    day = f"{inputs.period.year}-{int(rng.integers(7, 13)):02d}-{int(rng.integers(1, 28)):02d}"
    said = names()["inspection"]
    return {"visited_on": day, **{key: str(rng.choice(said[key])) for key in ("steps", "places", "findings")}}


def _turned_down(inputs: AwardInputs, places: Sequence[int], rng: np.random.Generator) -> Iterator[Entry]:
    for number, at in enumerate(places):
        branch = inputs.scores.iloc[at]
        tiers = _tiers(inputs, branch.node_id, inputs.programme.top.tier)
        if tiers:
            reason = str(rng.choice(names()["return_reasons"]))
            yield Entry(branch.branch_id, tiers[0], "return" if number % 2 else "refuse", reason=reason)
