"""The branches of a unit over the years: who they are, when they were set up and dissolved.

Nothing here depends on the period asked for, so two periods tell one story: an opening count is the closing count before.
"""

from typing import Any

import numpy as np
import pandas as pd

from etl.core.period import Period
from etl.core.register import Unit
from etl.edges.programmes import Bundle
from etl.simulate.plan import Options, UnitPlan, births_window
from etl.simulate.profile import names, ordinal, profile_of, rng_for

_ALWAYS = 10**6


def branches_ever(bundle: Bundle, plan: UnitPlan, options: Options) -> pd.DataFrame:
    """All branches a unit ever had: branch_id, branch_name, kind, township, born, died (ordinals), pool (stood in the
    reference period), rectifying, in the order of their numbers."""
    profile = profile_of(bundle.programme.programme)
    reference = Period.parse(profile["reference"])
    rng = rng_for(options.seed, "branches", plan.unit.unit_id)
    frame = _lives(plan.branches, reference, profile, rng)
    count = len(frame)
    first_code = plan.unit.unit_id[1:]
    frame["branch_id"] = [f"{first_code}-B{number:04d}" for number in range(1, count + 1)]
    frame["kind"] = _kinds(bundle, count, profile, rng)
    towns = _townships(profile, rng)
    frame["township"] = [towns[at] for at in rng.integers(0, len(towns), count)]
    frame["branch_name"] = _names(plan.unit, _is_office(bundle, plan.unit), frame, rng)
    frame["rectifying"] = rng.uniform(size=count) < profile["rectifying"]
    return frame


def standing(frame: pd.DataFrame, at: int) -> np.ndarray:
    """Which branches stood at the end of a period (its ordinal)."""
    return np.asarray((frame["born"].to_numpy() <= at) & (at < frame["died"].to_numpy()))


def movements(frame: pd.DataFrame, period: Period) -> dict[str, int]:
    """How many stood before, were set up, were dissolved and stand at the period's end."""
    now = ordinal(period)
    return {
        "branches_opening": int(standing(frame, now - 1).sum()),
        "branches_established": int((frame["born"] == now).sum()),
        "branches_dissolved": int((frame["died"] == now).sum()),
        "branches": int(standing(frame, now).sum()),
    }


def _lives(pool: int, reference: Period, profile: dict[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """`pool` branches standing in the reference period, those dissolved before it and set up after it."""
    born, died = np.full(pool, -_ALWAYS), np.full(pool, _ALWAYS)
    now, window = ordinal(reference), births_window(reference)
    changes = pool >= 6  # in a handful, one branch more would look like a leap
    free = rng.permutation(pool).tolist()
    extra: list[tuple[int, int]] = []
    for at in window if changes else ():
        for _ in range(rng.binomial(pool, profile["births"])):
            if at > now:
                extra.append((at, _ALWAYS))
            elif len(free) > pool // 2:
                born[free.pop()] = at
        for _ in range(rng.binomial(pool, profile["deaths"])):
            if at <= now:
                extra.append((-_ALWAYS, at))
            elif len(free) > pool // 2:
                died[free.pop()] = at
    extra.sort()
    frame = pd.DataFrame(
        {
            "born": [*born, *(pair[0] for pair in extra)],
            "died": [*died, *(pair[1] for pair in extra)],
            "pool": [True] * pool + [False] * len(extra),
        }
    )
    return frame.astype({"born": "int64", "died": "int64", "pool": "bool"})


def _kinds(bundle: Bundle, count: int, profile: dict[str, Any], rng: np.random.Generator) -> list[str]:
    kinds = [kind.kind for kind in bundle.programme.branch_kinds] or [""]
    share = profile["other_kinds"]
    chances = [1 - share * (len(kinds) - 1), *([share] * (len(kinds) - 1))]
    return [kinds[at] for at in rng.choice(len(kinds), count, p=chances)]


def _townships(profile: dict[str, Any], rng: np.random.Generator) -> list[str]:
    low, high = profile["townships"]
    heads = rng.permutation(names()["township_names"])[: rng.integers(low, high + 1)]
    ends = names()["township_ends"]
    return [f"{head}{ends[rng.integers(len(ends))]}" for head in heads]


def _is_office(bundle: Bundle, unit: Unit) -> bool:
    """Whether a unit is one office, whose branches bear its name alone, and no place with offices of its own."""
    return any(unit.kind == each.kind for each in bundle.programme.side_units)


def _names(unit: Unit, is_office: bool, frame: pd.DataFrame, rng: np.random.Generator) -> list[str]:
    word = names()
    bureaus, taken, found = word["bureaus"], dict[str, int](), []
    for kind, at in zip(frame["kind"], rng.integers(0, len(bureaus), len(frame)), strict=True):
        inside = "" if is_office else bureaus[at]
        name = f"{unit.name}{inside}{word['kind_branch_ends'].get(kind, word['branch_end'])}"
        taken[name] = taken.get(name, 0) + 1
        found.append(name if taken[name] == 1 else name.replace("党支部", f"第{taken[name]}党支部"))
    return found
