"""The true figures of a unit's branches, before anything goes wrong.

Stocks are drawn once for all periods, flows for each period; relations between figures (parts, sums, ratios) hold.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from etl.core.period import Period
from etl.core.programmes.forms import PART, parts_of
from etl.core.programmes.indicators import Indicator
from etl.core.programmes.layout import Layout
from etl.edges.programmes import Bundle
from etl.simulate.branches import standing
from etl.simulate.plan import Options, UnitPlan
from etl.simulate.profile import allot, names, ordinal, profile_of, profiles, rng_for
from etl.simulate.vectors import evaluate

Values = np.ndarray
"""One number, date or text a branch."""
UNCOUNTED_PEOPLE = 10  # who come to the meetings of a branch whose members are counted elsewhere


@dataclass(frozen=True)
class Context:
    """What every figure of one unit in one period depends on."""

    bundle: Bundle
    plan: UnitPlan
    period: Period
    options: Options
    layout: Layout

    @cached_property
    def profile(self) -> dict[str, Any]:
        """The programme's profile."""
        return profile_of(self.bundle.programme.programme)

    @cached_property
    def uncounted(self) -> frozenset[str]:
        """Kinds of branches whose members are counted elsewhere."""
        return frozenset(kind.kind for kind in self.bundle.programme.branch_kinds if not kind.counts_members)

    def rng(self, *words: object, stock: bool = False) -> np.random.Generator:
        """The unit's generator for these words: one for all periods when `stock`."""
        when = "always" if stock else str(self.period)
        return rng_for(self.options.seed, self.plan.unit.unit_id, when, *words)

    def parts(self, key: str) -> Mapping[str, str]:
        """The parts an indicator is broken down into here."""
        use = next(use for use in self.bundle.programme.indicators if use.key == key)
        return parts_of(use, self.bundle.programme, self.bundle.catalogue)


def split(values: Values, parts: int, rng: np.random.Generator) -> list[Values]:
    """Whole parts that add up to each value, in drawn proportions."""
    shares = rng.dirichlet(np.ones(parts), len(values)) if parts > 1 else np.ones((len(values), 1))
    cut = np.floor(shares * values[:, None])
    cut[:, 0] += values - cut.sum(axis=1)
    return list(cut.T)


class BranchFigures:
    """Figures of all branches a unit ever had; `table` gives those standing at the period's end."""

    def __init__(self, context: Context, branches: pd.DataFrame, entries: Mapping[str, Values]) -> None:
        """`entries` says how many ledger entries of each kind a branch has."""
        self.context, self.branches, self.entries = context, branches, entries
        self.counts_members = ~branches["kind"].isin(context.uncounted).to_numpy()
        self._known: dict[str, Values] = {}

    def table(self) -> dict[str, Values]:
        """One entry a figure column of the branch table (dates and texts as objects), one value a standing branch."""
        columns: dict[str, Values] = {}
        for column in self.context.layout.table("branches").columns:
            if column.indicator is None or column.part:
                continue
            columns[column.key] = self.value(column.indicator)
            parts = self.context.parts(column.indicator)
            if parts:
                cut = split(columns[column.key], len(parts), self._rng(column.indicator, "parts"))
                columns |= {f"{column.key}{PART}{part}": cut[at] for at, part in enumerate(parts)}
        self._keep_thresholds(columns)
        there = standing(self.branches, ordinal(self.context.period))
        return {key: values[there] for key, values in columns.items()}

    def value(self, key: str) -> Values:
        """One figure of all branches."""
        if key not in self._known:
            indicator = self.context.bundle.catalogue.indicators[key]
            values = self._drawn(indicator)
            if indicator.of_members:
                values = np.where(self.counts_members, values, 0)
            self._known[key] = values
        return self._known[key]

    def people(self) -> Values:
        """Who come to a branch's meetings."""
        if "members" not in self.context.bundle.catalogue.indicators:
            return np.full(len(self.branches), UNCOUNTED_PEOPLE)
        return np.where(self.counts_members, self.value("members"), UNCOUNTED_PEOPLE)

    def _rng(self, key: str, *words: object) -> np.random.Generator:
        kind = self.context.bundle.catalogue.indicators[key].kind
        return self.context.rng(key, *words, stock=kind == "stock")

    def _drawn(self, indicator: Indicator) -> Values:
        unit = self.context.bundle.catalogue.unit_of(indicator.key)
        special = {
            "members": self._members,
            "members_taking_part": self._taking_part,
            "room_haves": self._room_haves,
            "dues_returned": self._returned,
        }
        if indicator.ledger_kind:
            return self.entries[indicator.ledger_kind]
        if indicator.yes_no_at_branch:
            return self._answers(indicator)
        if indicator.key in special:
            return special[indicator.key]()
        if indicator.formula:
            parts = {name: self.value(name) for name in indicator.parsed_formula.names}
            return np.round(evaluate(indicator.formula, parts) * indicator.scale, 4)
        if unit.value_type == "date":
            return self._days(indicator)
        if unit.value_type == "text":
            return np.asarray(
                self._rng(indicator.key).choice(names()["brands"], len(self.branches)), dtype=object
            )
        return self._by_recipe(indicator)

    def _by_recipe(self, indicator: Indicator) -> Values:
        rng, count = self._rng(indicator.key), len(self.branches)
        recipe = profiles()["figures"].get(indicator.key)
        if recipe is None or "range" in recipe:
            low, high = (recipe or {}).get("range") or default_range(indicator, "branch")
            values = rng.integers(low, high + 1, count).astype(float)
        elif "share" in recipe:
            low, high = recipe["between"]
            values = np.floor(self.value(recipe["share"]) * rng.uniform(low, high, count))
        else:
            low, high = recipe["between"]
            base = self.people() if recipe["per"] == "people" else self.value(recipe["per"])
            values = base * rng.uniform(low, high, count)
            values = np.round(values, 2) if recipe.get("cents") else np.floor(values)
        if indicator.part_of and self._files(indicator.part_of):
            values = np.minimum(values, self.value(indicator.part_of))
        return values

    def _files(self, key: str) -> bool:
        return any(column.key == key for column in self.context.layout.table("branches").columns)

    def _members(self) -> Values:
        rng, low_high = self.context.rng("members", stock=True), self.context.profile["members"]
        values = rng.integers(low_high[0], low_high[1] + 1, len(self.branches)).astype(float)
        drift = rng.integers(-1, 2, len(self.branches))
        told = self.context.plan.totals
        pool = self.branches["pool"].to_numpy()
        if "members" in told:
            weights = np.where(pool & self.counts_members, values, 0)
            values = np.where(pool, allot(told["members"], weights), values)
        if "members_taking_part" in told:
            values = np.maximum(values, self._shared_out())
        steps = ordinal(self.context.period) - ordinal(Period.parse(self.context.profile["reference"]))
        drifted: Values = np.maximum(values + np.trunc(drift * steps / 2), 3)
        return drifted

    def _shared_out(self) -> Values:
        """The unit's sum of members taking part over the branches of the reference period that take part."""
        rng = self.context.rng("members_taking_part", stock=True)
        taking = self.value("branches_taking_part") * self.counts_members
        weights = rng.uniform(0.8, 1.2, len(self.branches)) * taking
        pool = self.branches["pool"].to_numpy()
        eligibility = self.context.bundle.programme.eligibility
        usual = eligibility.max_members if eligibility and eligibility.max_members else 50
        most = np.where(pool & (taking > 0), usual, 0)
        shared = allot(self.context.plan.totals["members_taking_part"], np.where(pool, weights, 0), most)
        return np.where(pool, shared, np.floor(taking * rng.uniform(20, 30, len(self.branches))))

    def _taking_part(self) -> Values:
        if "members_taking_part" in self.context.plan.totals:
            some: Values = np.minimum(self._shared_out(), self.value("members"))
            return some
        indicator = self.context.bundle.catalogue.indicators["members_taking_part"]
        return self._by_recipe(indicator)

    def _answers(self, indicator: Indicator) -> Values:
        rng = self.context.rng(indicator.key, stock=True)
        lots, pool = rng.uniform(size=len(self.branches)), self.branches["pool"].to_numpy()
        lots = np.where(self.counts_members, lots, lots + 1)  # those without members of their own come last
        told = self.context.plan.totals.get(indicator.key)
        if told is None:
            return np.where(lots < 0.7, 1.0, 0.0)
        first = np.argsort(np.where(pool, lots, 9), kind="stable")[:told]
        answers = np.where(~pool & (lots < 0.6), 1.0, 0.0)
        answers[first] = 1.0
        return answers

    def _room_haves(self) -> Values:
        standard = self.context.bundle.programme.room_standard
        most = len(standard.items) if standard else 6
        return (
            self.context.rng("room_haves", stock=True)
            .integers(most // 2, most + 1, len(self.branches))
            .astype(float)
        )

    def _returned(self) -> Values:
        dues = self.context.bundle.programme.dues
        rate = dues.return_rate if dues and dues.return_rate is not None else 0.5
        return np.round(self.value("dues_collected") * rate, 2)

    def _days(self, indicator: Indicator) -> Values:
        """Days within the three years before the first period ever asked for, so that they stay as they are."""
        back = self.context.rng(indicator.key, stock=True).integers(30, 1000, len(self.branches))
        start = dt.date(Period.parse(self.context.profile["reference"]).year - 1, 1, 1)
        return np.asarray([start - dt.timedelta(days=int(days)) for days in back], dtype=object)

    def _keep_thresholds(self, columns: dict[str, Values]) -> None:
        """Move the first figure of a ratio into its bounds where a draw left it outside."""
        constants = {"months": self.context.period.months, "quarters": self.context.period.quarters}
        for threshold in self.context.bundle.programme.thresholds.values():
            first, *rest = threshold_names(threshold.ratio)
            fixed = (
                first in self.context.plan.totals
                or self.context.bundle.catalogue.indicators[first].ledger_kind
            )
            if fixed or not {first, *rest} <= set(columns):
                continue
            ratio = evaluate(threshold.ratio, {**columns, **constants})
            bounded = np.clip(ratio, threshold.min, threshold.max)
            outside = ~np.isnan(ratio) & (ratio != bounded) & (ratio != 0) & self.counts_members
            columns[first][outside] = np.ceil(
                columns[first][outside] * (bounded / np.where(ratio, ratio, 1))[outside]
            )


def threshold_names(ratio: str) -> list[str]:
    """The figures in a threshold's ratio as they are written, the one divided first."""
    return [name for name in re.findall(r"[a-z_]\w*", ratio) if name not in ("months", "quarters")]


def default_range(indicator: Indicator, grain: str) -> tuple[int, int]:
    """The range of a figure that no recipe names, by its unit of measure."""
    ranges = profiles()["defaults"][grain]
    low, high = ranges.get(indicator.unit, ranges["default"])
    return low, high
