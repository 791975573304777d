"""Shares a programme's totals, statuses and faults out over its units, before any unit is made."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from etl.core.period import Period
from etl.core.programmes.programme import Programme
from etl.core.register import OWN, Register, Unit, due_day
from etl.edges.feeds import CHINA
from etl.edges.programmes import Bundle
from etl.simulate.profile import allot, ordinal, profile_of, rng_for

Status = Literal["on_time", "late", "missing"]


@dataclass(frozen=True)
class Options:
    """What to make. `fault_rate`: planted faults for each branch row, or "each" for every rule at least once.

    `scale` shrinks branches and with them the ledgers, never below one branch a unit.
    """

    seed: int = 2018
    scale: float = 1.0
    fault_rate: float | Literal["each"] = 0.0
    late: int = 0
    missing: int = 0
    activities_per_branch: int | None = None


@dataclass(frozen=True)
class UnitPlan:
    """One unit's share: branches in the reference period, exact sums, namings, faults, and when it sends.

    `named`: how many of its branches are named, by level; `awarded`: which ones, by branch, where the year's reviews were
    simulated before; then `named` says nothing. `held`: the highest level that each branch was named at until now, likewise.
    """

    unit: Unit
    tier: str
    folder: str
    branches: int
    status: Status
    arrived_at: dt.datetime
    totals: dict[str, int] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)
    named: dict[str, int] = field(default_factory=dict)
    awarded: Mapping[str, str] | None = None
    held: Mapping[str, str] | None = None
    faults: tuple[str, ...] = ()

    @property
    def is_own(self) -> bool:
        """Whether this is a tier's own office, which has no branches."""
        return self.unit.kind == OWN


def plan_units(bundle: Bundle, register: Register, period: Period, options: Options) -> list[UnitPlan]:
    """The plans of all units, in register order; faults are shared out by `assign.assign` afterwards."""
    profile = profile_of(bundle.programme.programme)
    filing = filing_units(register)
    branches = _branches(bundle, filing, profile, options)
    sums = _sums(profile, branches, options)
    named = _named(bundle, filing, branches, profile, period, options)
    counted = _counted(bundle, filing, branches, profile, period, options)
    status = _status(filing, period, options)
    plans = [
        UnitPlan(
            unit=unit, tier=unit.kind, folder=unit.code, branches=int(branches[at]), status=status[unit.unit_id],
            arrived_at=arrival(bundle, unit, period, status[unit.unit_id], options.seed),
            totals={key: int(share[at]) for key, share in sums.items()},
            counted={key: int(share[at]) for key, share in counted.items()},
            named={level: int(share[at]) for level, share in named.items()},
        )
        for at, unit in enumerate(filing)
    ]
    plans += _own_offices(bundle, register, profile, period, options)
    return sorted(plans, key=lambda plan: (plan.unit.code, plan.unit.unit_id))


def filing_units(register: Register) -> list[Unit]:
    """The units whose files are on time, late or missing: all but the offices' own rows."""
    return [unit for unit in register.units if unit.kind != OWN]


def arrival(bundle: Bundle, unit: Unit, period: Period, status: Status, seed: int) -> dt.datetime:
    """When the unit's files arrive: in the days before the due day, or after it when late. China's time."""
    rng = rng_for(seed, "arrival", unit.unit_id, period)
    due = due_day(bundle.programme, period)
    day = due + dt.timedelta(days=int(rng.integers(1, 7)) if status == "late" else -int(rng.integers(0, 6)))
    clock = dt.time(int(rng.integers(8, 18)), int(rng.integers(0, 60)), int(rng.integers(0, 60)))
    return dt.datetime.combine(day, clock, tzinfo=CHINA)


def _branches(bundle: Bundle, units: Sequence[Unit], profile: dict[str, Any], options: Options) -> np.ndarray:
    """Branches of each unit in the reference period: one at least, the rest by uneven weights."""
    leaf_is_branch = bundle.programme.leaf == "branch"
    if not leaf_is_branch:
        return np.zeros(len(units), dtype=int)
    wanted = profile.get("branches", profile["branches_per_unit"] * len(units))
    weights = [
        rng_for(options.seed, "size", unit.unit_id).uniform(0.5, 1.5)
        * (1.0 if unit.kind == bundle.programme.submitting_tier else profile.get("side_unit_weight", 0.5))
        for unit in units
    ]
    total = max(len(units), round(wanted * options.scale))
    return 1 + allot(total - len(units), weights)


def _sums(profile: dict[str, Any], branches: np.ndarray, options: Options) -> dict[str, np.ndarray]:
    shares: dict[str, np.ndarray] = {}
    total = max(int(branches.sum()), 1)
    scale = total / profile["branches"] if "branches" in profile else options.scale
    for key, wanted in profile.get("totals", {}).items():
        weights, most = branches, None
        if key == "branches_taking_part":
            most = branches
        elif key == "members_taking_part" and "branches_taking_part" in shares:
            weights = shares["branches_taking_part"]
        shares[key] = allot(round(wanted * scale), weights, most)
    return shares


def _named(
    bundle: Bundle,
    units: Sequence[Unit],
    branches: np.ndarray,
    profile: dict[str, Any],
    period: Period,
    options: Options,
) -> dict[str, np.ndarray]:
    """Branches whose highest naming of this period is at each level; the highest levels are shared out first."""
    told = profile.get("named", {}).get(str(period))
    levels = [level.key for level in bundle.programme.levels]
    if told is None:
        share = profile["named_share"] if namings_filed(bundle.programme, period) else 0.0
        wanted = {level: int(branches.sum() * share / 2**at) for at, level in enumerate(levels)}
    else:
        full = profile.get("branches", branches.sum())
        wanted = {level: round(told.get(level, 0) * branches.sum() / full) for level in levels}
    room = branches // 3
    shares: dict[str, np.ndarray] = {}
    for level in reversed(levels):
        weights = [
            rng_for(options.seed, "named", level, unit.unit_id, period).uniform(0.2, 1) for unit in units
        ]
        shares[level] = allot(wanted[level], np.asarray(weights) * room, room)
        room = room - shares[level]
    return shares


def namings_filed(programme: Programme, period: Period) -> bool:
    """Whether units have namings to file: a year's are decided early in the year after, a batch's at any time."""
    if programme.periods.naming == "batch":
        return True
    return period.number == 1 and period.year > programme.valid.since.year


def _counted(
    bundle: Bundle,
    units: Sequence[Unit],
    branches: np.ndarray,
    profile: dict[str, Any],
    period: Period,
    options: Options,
) -> dict[str, np.ndarray]:
    """Units' own figures of which the period's sum is known, and the places of the tier that have a committee."""
    full = profile.get("branches", max(int(branches.sum()), 1))
    shares = {
        key: allot(round(wanted * branches.sum() / full), branches)
        for key, wanted in profile.get("counted", {}).get(str(period), {}).items()
    }
    leaf = np.array([unit.kind == bundle.programme.submitting_tier for unit in units])
    for key, most in (("working_committees", leaf.astype(int)), ("contact_points", None)):
        wanted = (
            profile.get("committees", {}).get("county") if key == "working_committees" else profile.get(key)
        )
        if wanted is not None:
            lots = [rng_for(options.seed, key, unit.unit_id).uniform() for unit in units]
            shares[key] = allot(wanted, np.asarray(lots) * leaf, most)
    return shares


def _status(units: Sequence[Unit], period: Period, options: Options) -> dict[str, Status]:
    """The first units of a drawn order are missing, the next late."""
    order = sorted(
        units, key=lambda unit: float(rng_for(options.seed, "status", unit.unit_id, period).uniform())
    )
    status: dict[str, Status] = {unit.unit_id: "on_time" for unit in units}
    for at, unit in enumerate(order[: options.missing + options.late]):
        status[unit.unit_id] = "missing" if at < options.missing else "late"
    return status


def _own_offices(
    bundle: Bundle, register: Register, profile: dict[str, Any], period: Period, options: Options
) -> list[UnitPlan]:
    """The own offices that file: the top's, and some of the tiers between."""
    plans: list[UnitPlan] = []
    told = profile.get("own", {})
    for tier, figures in told.items():
        offices = [
            unit
            for unit in register.units
            if unit.kind == OWN and unit.parent_id and register.node(unit.parent_id).tier == tier
        ]
        offices.sort(key=lambda unit: float(rng_for(options.seed, "own", unit.unit_id).uniform()))
        committees = profile.get("committees", {}).get(tier, 0)
        for at, unit in enumerate(offices[: profile.get("own_offices", 6)]):
            counted = {**figures, "working_committees": int(at < committees)}
            plans.append(
                UnitPlan(
                    unit=unit, tier=tier, folder=unit.code, branches=0, status="on_time", counted=counted,
                    arrived_at=arrival(bundle, unit, period, "on_time", options.seed),
                )
            )
    return plans


def births_window(period: Period) -> range:
    """The periods, as ordinals, in which branches may be set up or dissolved: eight before, twelve after."""
    return range(ordinal(period) - 8, ordinal(period) + 13)
