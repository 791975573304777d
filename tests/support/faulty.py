"""Counties with planted faults of every kind that the simulator knows, and the same counties without a fault."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from etl.core.period import Period
from etl.edges.programmes import load_bundle
from etl.simulate.assign import idle_rules
from etl.simulate.draft import make_draft
from etl.simulate.faults import ALL, plant
from etl.simulate.figures import Context
from etl.simulate.plan import Options, UnitPlan, arrival, plan_units
from etl.simulate.pool import make_units
from etl.simulate.unit_faults import TITLED, UNREADABLE

OPTIONS = Options(seed=7, scale=0.2)
WITHOUT_FINDING = ("duplicate", "superseded", "other_code", *TITLED)
"""Faults of files that reading sorts out by itself, so that a clerk has nothing to put right; and what only titles on record, of
which there are none here, could gainsay."""


@dataclass(frozen=True)
class Round:
    """One county and the kinds of fault that its return holds."""

    plan: UnitPlan
    kinds: tuple[str, ...]


def kinds_to_fix(programme: str, period: str) -> list[str]:
    """Every kind of fault that the simulator knows, the programme's forms have a place for, and a clerk has to act upon."""
    bundle, when = load_bundle(programme), Period.parse(period)
    idle = idle_rules(bundle, bundle.layout(when), when)
    return [rule for rule in ALL if rule not in idle and rule not in WITHOUT_FINDING]


def rounds(programme: str, period: str, branches: int) -> list[Round]:
    """So many counties as it takes until each kind of fault is planted: not all fit into one return."""
    bundle, when = load_bundle(programme), Period.parse(period)
    plans = [p for p in plan_units(bundle, bundle.register(when), when, OPTIONS) if p.unit.kind == "county"]
    left, found = kinds_to_fix(programme, period), []
    for plan in plans:
        if not left:
            break
        wide = replace(plan, branches=branches)
        tried = [UNREADABLE] if left == [UNREADABLE] else [rule for rule in left if rule != UNREADABLE]
        draft = make_draft(Context(bundle, wide, when, OPTIONS, bundle.layout(when)))
        plant(draft, tried)
        kinds = tuple(rule for rule in tried if any(each.rule == rule for each in draft.planted))
        if kinds:
            found.append(Round(replace(wide, faults=kinds), kinds))
            left = [rule for rule in left if rule not in kinds]
    return found


def write_returns(folder: Path, programme: str, period: str, planned: Sequence[Round]) -> None:
    """The counties' returns in a drop folder."""
    bundle, when = load_bundle(programme), Period.parse(period)
    plans = [
        replace(each.plan, arrived_at=arrival(bundle, each.plan.unit, when, "on_time", OPTIONS.seed)) for each in planned
    ]
    make_units(bundle, plans, when, OPTIONS, folder / programme / period, 1)


def faultless(planned: Sequence[Round]) -> list[Round]:
    """The same counties with the same figures, and nothing wrong."""
    return [Round(replace(each.plan, faults=()), ()) for each in planned]
