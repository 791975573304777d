"""What offices would put on record in a year beside the reviews: facts about branches, duties done. All invented.

How many branches a fact holds of is the profile's (`records`, shares of the branches scored); how many contact points a place
has is what it filed. Leaders stand by their post alone, and no person is named.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from etl.core.awards.branch_records import Fact
from etl.core.period import Period
from etl.core.programmes.duties import Duty
from etl.core.programmes.programme import Programme
from etl.core.register import OWN, Register
from etl.simulate.profile import names, profile_of, rng_for


@dataclass(frozen=True, slots=True)
class Done:
    """A duty that a node did, or had done to it, on a day."""

    duty: str
    node_id: str
    done_on: dt.date


@dataclass(frozen=True)
class YearKnown:
    """What a year's records are drawn from. `branches`: the year's scores; `contact_points`: node of a unit → how many it filed;
    `open_facts`: (kind, branch) of the facts that hold already when the year begins."""

    programme: Programme
    register: Register
    period: Period
    branches: pd.DataFrame
    contact_points: Mapping[str, int]
    open_facts: Collection[tuple[str, str]] = ()


def facts_for(known: YearKnown, seed: int) -> list[Fact]:
    """The facts of a year, in an order in which they can be kept; none of a kind that the programme does not speak of."""
    return [fact for kind in _FACTS for fact in _FACTS[kind](known, rng_for(seed, "facts", kind, known.period))]


def duties_for(programme: Programme, register: Register, year: Period, seed: int) -> list[Done]:
    """The duties done in a year: most of what is owed, so that a few still owe it; a plan's in the plan's first year alone."""
    profile, found = profile_of(programme.programme), list[Done]()
    for duty in programme.duties:
        if duty.every == "plan" and programme.duty_years(duty, year.year).start != year.year:
            continue
        rng = rng_for(seed, "duties", duty.key, year)
        share = profile["duties_whenever" if duty.every == "whenever" else "duties_done"]
        owed = [node.node_id for node in register.nodes if node.tier in duty.of]
        some = sorted(rng.permutation(len(owed))[: round(len(owed) * share)])
        found += [Done(duty.key, owed[at], _day_of_duty(duty, year, rng)) for at in some]
    return found


def _day_of_duty(duty: Duty, year: Period, rng: np.random.Generator) -> dt.date:
    within = year.halves()[(duty.half or 1) - 1]
    return _day(within, rng)


def _rectifications(known: YearKnown, rng: np.random.Generator) -> Iterator[Fact]:
    """Those that branches filed as open still are; some more ended within the year."""
    if known.programme.gate is None or not known.programme.gate.rectify_first.value:
        return
    first, second = known.period.halves()
    filed = known.branches["rectifying"].fillna(False).astype(bool)
    for branch in _free(known, "rectification", known.branches[filed]).itertuples():
        yield Fact("rectification", str(branch.branch_id), str(branch.node_id), _day(first, rng))
    for branch in _some(known, "rectification", known.branches[~filed], rng).itertuples():
        yield Fact(
            "rectification", str(branch.branch_id), str(branch.node_id), _day(first, rng), until=_day(second, rng)
        )


def _sweeps(known: YearKnown, rng: np.random.Generator) -> Iterator[Fact]:
    """Each ends in one of the programme's outcomes."""
    outcomes = list(known.programme.gate.sweep_outcomes.by_key) if known.programme.gate else []
    if not outcomes:
        return
    for branch in _some(known, "sweep", known.branches, rng).itertuples():
        day, outcome = _day(known.period, rng), str(rng.choice(outcomes))
        yield Fact("sweep", str(branch.branch_id), str(branch.node_id), day, outcome=outcome)


def _contact_points(known: YearKnown, rng: np.random.Generator) -> Iterator[Fact]:
    """As many as each place filed, each of another post of it; a tier's own office stands for its place, with all below it."""
    if known.programme.contact_points is None:
        return
    used = {branch for kind, branch in known.open_facts if kind == "contact_point"}
    for unit in known.register.units:
        place = unit.parent_id if unit.kind == OWN else unit.node_id
        inside = known.register.subtree(place or unit.node_id)
        free = known.branches[known.branches["node_id"].isin(inside) & ~known.branches["branch_id"].isin(used)]
        wanted = min(known.contact_points.get(unit.node_id, 0), len(free))
        for number, at in enumerate(rng.permutation(len(free))[:wanted], 1):
            branch = str(free["branch_id"].iloc[at])
            used.add(branch)
            post = names()["leaders_post"].format(number=number)
            yield Fact("contact_point", branch, place or unit.node_id, _day(known.period.halves()[0], rng), outcome=post)


def _dual_management(known: YearKnown, rng: np.random.Generator) -> Iterator[Fact]:
    yield from _two_sides(known, "dual_management", rng)


def _members_away(known: YearKnown, rng: np.random.Generator) -> Iterator[Fact]:
    yield from _two_sides(known, "members_away", rng)


def _two_sides(known: YearKnown, kind: str, rng: np.random.Generator) -> Iterator[Fact]:
    """The branch's own place counts its members; another one takes part."""
    places = sorted({unit.node_id for unit in known.register.units if unit.kind != OWN})
    able = known.branches[known.branches["members"].fillna(0) >= _FEWEST]
    for branch in _some(known, kind, able, rng).itertuples():
        others = [place for place in places if place != branch.node_id]
        members = int(rng.integers(1, int(branch.members) // _FEWEST + 1))
        yield Fact(
            kind, str(branch.branch_id), str(branch.node_id), _day(known.period, rng), other_node_id=str(rng.choice(others)),
            members=members,
        )


_FEWEST = 5
"""Members from which on a branch has some under dual management or away: one in so many of them at most."""

_FACTS = {
    "rectification": _rectifications,
    "sweep": _sweeps,
    "contact_point": _contact_points,
    "dual_management": _dual_management,
    "members_away": _members_away,
}


def _some(known: YearKnown, kind: str, among: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """As many of the branches as the profile's share of all says, in a drawn order; one at least where there is a share."""
    share = profile_of(known.programme.programme)["records"].get(kind, 0)
    free = _free(known, kind, among)
    wanted = max(1, round(len(known.branches) * share)) if share else 0
    return free.iloc[rng.permutation(len(free))[:wanted]]


def _free(known: YearKnown, kind: str, among: pd.DataFrame) -> pd.DataFrame:
    taken = [branch for of, branch in known.open_facts if of == kind]
    return among[~among["branch_id"].isin(taken)]


def _day(within: Period, rng: np.random.Generator) -> dt.date:
    """A day of a period, its last month left out, so that a fact of it holds on its last day."""
    days = (within.last_day - within.first_day).days - 31
    return within.first_day + dt.timedelta(days=int(rng.integers(0, days)))


def truth_of_facts(facts: Sequence[Fact]) -> str:
    """The facts as CSV: what is to be on record, and nothing that the system works out of it."""
    told = [
        {"kind": fact.kind, "branch_id": fact.branch_id, "node_id": fact.node_id, "other_node_id": fact.other_node_id,
         "since": fact.since, "until": fact.until, "members": fact.members, "outcome": fact.outcome}
        for fact in facts
    ]
    columns = ["kind", "branch_id", "node_id", "other_node_id", "since", "until", "members", "outcome"]
    return str(pd.DataFrame(told, columns=columns).astype({"members": "Int64"}).to_csv(index=False))


def truth_of_duties(duties: Sequence[Done]) -> str:
    """The duties as CSV: duty, node_id, done_on."""
    rows = [(each.duty, each.node_id, each.done_on) for each in duties]
    return str(pd.DataFrame(rows, columns=["duty", "node_id", "done_on"]).to_csv(index=False))
