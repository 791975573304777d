"""A unit's own true figures: counts of its branches, control totals, what the unit itself did; a tier's own office's."""

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd

from etl.core.programmes.forms import PART
from etl.core.programmes.formula import parse_formula
from etl.core.programmes.indicators import Indicator
from etl.simulate.branches import movements, standing
from etl.simulate.figures import Context, Values, default_range, split
from etl.simulate.profile import ordinal, profiles
from etl.simulate.vectors import evaluate

WITHOUT_BRANCHES = 20  # what a unit's own figures grow with where a programme knows no branches


def unit_table(
    context: Context, branches: pd.DataFrame, filed: Mapping[str, Values], named: Mapping[str, int]
) -> dict[str, float]:
    """The unit's own figures, column key → value; `filed` are its branches' figures, `named` branches named by level."""
    moved = movements(branches, context.period) if context.bundle.programme.leaf == "branch" else {}
    row: dict[str, float] = {}
    for column in context.layout.table("unit_figures").columns:
        if column.indicator is None or column.part:
            continue
        key, indicator = column.indicator, context.bundle.catalogue.indicators[column.indicator]
        use = next(use for use in context.bundle.programme.indicators if use.key == key)
        if use.tier is not None or context.bundle.catalogue.unit_of(key).value_type == "text":
            continue
        parts = context.parts(key)
        if key in moved:
            row[key] = moved[key]
        elif use.control_total and key in filed:
            row[key] = float(filed[key].sum())
        elif key == "branches_named":
            row |= {f"{key}{PART}{level}": float(named.get(level, 0)) for level in parts}
            row[key] = float(sum(named.values()))
        elif indicator.titles == "in_force" and context.plan.held is not None:
            row |= _standing_levels(context, key, branches, parts)
        else:
            row |= _own_figure(
                context, indicator, use.by, parts, row, moved.get("branches", WITHOUT_BRANCHES)
            )
    _relate(context, row, set(moved))
    return row


def _standing_levels(
    context: Context, key: str, branches: pd.DataFrame, parts: Mapping[str, str]
) -> dict[str, float]:
    """How many of the branches that stand are at each level."""
    there = branches.loc[standing(branches, ordinal(context.period)), "branch_id"]
    at = Counter((context.plan.held or {}).get(branch) for branch in there)
    return {key: float(sum(at[level] for level in parts))} | {f"{key}{PART}{level}": float(at[level]) for level in parts}


def _relate(context: Context, row: dict[str, float], settled: set[str]) -> None:
    """Set what follows from the row's other figures: balances, then rates."""
    indicators = context.bundle.catalogue.indicators
    open_keys = [key for key in row if key in indicators and key not in settled]
    balances = [(key, indicators[key].must_equal, 1.0) for key in open_keys]
    rates = [(key, indicators[key].formula, indicators[key].scale) for key in open_keys]
    for key, formula, scale in (*balances, *rates):
        if formula and set(parse_formula(formula).names) <= set(row):
            row[key] = round(float(evaluate(formula, row)) * scale, 4)


def _own_figure(
    context: Context,
    indicator: Indicator,
    by: tuple[str, ...],
    parts: Mapping[str, str],
    row: Mapping[str, float],
    branches: int,
) -> dict[str, float]:
    key = indicator.key
    rng = context.rng(key, stock=indicator.kind == "stock")
    value = context.plan.counted.get(key)
    if value is None:
        value = _unit_draw(indicator, rng, row, branches)
    if not parts:
        return {key: float(value)}
    if by == ("tier",):
        tier = context.plan.tier
        value = value if tier in parts else 0
        return {key: float(value)} | {
            f"{key}{PART}{part}": float(value if part == tier else 0) for part in parts
        }
    if by == ("level",):
        value = branches
    cut = split(np.array([float(value)]), len(parts), rng)
    return {key: float(value)} | {f"{key}{PART}{part}": float(cut[at][0]) for at, part in enumerate(parts)}


def _unit_draw(
    indicator: Indicator, rng: np.random.Generator, row: Mapping[str, float], branches: int
) -> int:
    recipe = profiles()["figures"].get(indicator.key)
    if recipe is None or "range" in recipe:
        low, high = (recipe or {}).get("range") or default_range(indicator, "unit")
        value = int(rng.integers(low, high + 1))
    else:
        base = branches if recipe.get("per", recipe.get("share")) == "branches" else row[recipe["share"]]
        value = round(base * rng.uniform(*recipe["between"]))
    whole = row.get(indicator.part_of or "")
    return value if whole is None else min(value, int(whole))


def own_table(context: Context) -> dict[str, float]:
    """What a tier's own office files: the figures of its tier, and its tier's part of breakdowns by tier."""
    row: dict[str, float] = {}
    for use in context.bundle.programme.indicators:
        if use.tier == context.plan.tier:
            row[use.key] = float(context.plan.counted.get(use.key, 1))
        elif use.by == ("tier",) and any(
            c.key == use.key for c in context.layout.table("unit_figures").columns
        ):
            value = float(context.plan.counted.get(use.key, 0))
            parts = context.parts(use.key)
            row |= {use.key: value} | {
                f"{use.key}{PART}{part}": value if part == context.plan.tier else 0.0 for part in parts
            }
    return row
