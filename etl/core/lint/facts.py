"""What a node's report may say, derived from the store's tables alone.

Nothing here reads the report model or calls what makes it: who ranks where, what rose, which units are missing and which
counts of people are held back are worked out a second time, from totals, completeness, units and findings.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any, Literal, get_args

import pandas as pd

from etl.core.programmes.documents import DispatchSettings
from etl.core.reports.dispatch import Edition
from etl.core.reports.figure_text import Measure
from etl.core.reports.index import Record, ReportFrames
from etl.core.totals.suppression import hidden_in_line, is_small
from etl.core.wording import Wording, one_line

CountedName = Literal[
    "units_expected", "units_received", "units_on_time", "units_late", "units_missing", "rows_in", "rows_accepted",
    "rows_held", "rows_blank",
]
COUNTED: tuple[CountedName, ...] = get_args(CountedName)


def exact(value: Any) -> Decimal | None:
    """A stored number as a Decimal with its shortest digits; None for a missing one."""
    return None if value is None or pd.isna(value) else Decimal(str(float(value)))


@dataclass(frozen=True)
class Filed:
    """One figure of one node: its value and what it is compared with. Held back, it has none of these."""

    measure: Measure
    value: Decimal | None
    previous: Decimal | None
    last_year: Decimal | None
    at_least: bool
    hidden: bool = False


@dataclass(frozen=True)
class Ranked:
    """One child in its group: by the ranking figure, 1 for the best; `before` its rank last period."""

    node_id: str
    name: str
    filed: Filed
    rank: int | None
    before: int | None
    change: Decimal | None


@dataclass
class NodeFacts:
    """The facts of one node and edition."""

    frames: ReportFrames
    edition: Edition
    settings: DispatchSettings
    measures: Mapping[str, Measure]
    words: Wording
    node: Record = field(init=False)
    tier: str = field(init=False)

    def __post_init__(self) -> None:
        """Raises KeyError if the node has no line in `completeness`."""
        self.node = self.frames.nodes[self.edition.node_id]
        self.tier = str(self.node["tier"])

    def ids_of(self, name: str) -> tuple[str, ...]:
        """The nodes of that name below the node; several may be called alike."""
        return self._named.get(name, ())

    @cached_property
    def _named(self) -> dict[str, tuple[str, ...]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for node_id, row in self.frames.nodes.items():
            if node_id != self.edition.node_id and self.is_inside(node_id):
                found[one_line(str(row["name"]))].append(node_id)
        return {name: tuple(ids) for name, ids in found.items()}

    @cached_property
    def _parents(self) -> dict[str, str | None]:
        return {node_id: row["parent_id"] for node_id, row in self.frames.nodes.items()}

    def is_inside(self, node_id: str | None) -> bool:
        """Whether a node is the reported one or lies below it."""
        while node_id is not None and node_id in self._parents:
            if node_id == self.edition.node_id:
                return True
            node_id = self._parents[node_id]
        return False

    @cached_property
    def units(self) -> list[Record]:
        """The submitting units of the node, itself among them if it submits."""
        return [
            unit
            for unit in self.frames.units.to_dict("records")
            if unit["unit_id"] == self.edition.node_id or self.is_inside(unit["node_id"])
        ]

    @cached_property
    def unit_names(self) -> dict[str, list[str]]:
        """Names of the units by status, the latest first, then in code order."""
        names: defaultdict[str, list[str]] = defaultdict(list)
        for unit in sorted(self.units, key=_by_delay):
            names[unit["status"]].append(one_line(str(unit["name"])))
        return dict(names)

    @cached_property
    def findings(self) -> list[Record]:
        """What the rules found at the node's units."""
        return self.frames.findings_at(self.units)

    @cached_property
    def problems(self) -> Counter[str]:
        """How many findings each rule's sentence has."""
        return _counted((one_line(str(found["sentence"])).rstrip("。"), found) for found in self.findings)

    @cached_property
    def by_rule(self) -> Counter[str]:
        """How many findings each rule has."""
        return _counted((str(found["rule"]), found) for found in self.findings)

    @cached_property
    def remedies(self) -> set[str]:
        """The remedies of what was found, as a sentence of several may name them."""
        texts = {one_line(str(found["remedy"])).rstrip("。") for found in self.findings}
        return texts | {text.replace("；", "，") for text in texts}

    @cached_property
    def children(self) -> list[Record]:
        """The nodes straight below that are ranked."""
        below = [row for row in self.frames.nodes.values() if row["parent_id"] == self.edition.node_id]
        return [row for row in below if row["tier"] not in self.settings.unranked_tiers]

    def fewest(self, key: str) -> int:
        """Below how many people a figure is held back in this report; 0: nothing is."""
        people = self.measures[key].unit in self.settings.people_units
        return (
            self.settings.hide_people_below if people and self.tier not in self.settings.own_rows_tiers else 0
        )

    def own(self, key: str) -> Filed:
        """The node's own figure."""
        return self._filed(self.edition.node_id, key, hidden=False)

    @cached_property
    def held_back(self) -> dict[str, set[str]]:
        """Indicator → the children whose count of people is not shown."""
        ids = [str(child["node_id"]) for child in self.children]
        return {
            key: hidden_in_line(
                {node: _value(self.frames, node, key, "value") for node in ids}, self.fewest(key)
            )
            for key in (self.settings.ranking, *self.settings.table)
        }

    def stored(self, node_id: str, key: str, column: str) -> float | None:
        """A number of the store's totals, whatever may be shown of it."""
        return _value(self.frames, node_id, key, column)

    def unmasked(self, node_id: str, key: str) -> Filed:
        """A figure of any node below, of which it is known that it may be told."""
        return self._filed(node_id, key, hidden=False)

    def of_child(self, node_id: str, key: str) -> Filed:
        """A child's figure."""
        return self._filed(node_id, key, hidden=node_id in self.held_back.get(key, ()))

    def _filed(self, node_id: str, key: str, *, hidden: bool) -> Filed:
        row = self.frames.figures.get((node_id, key), {})
        value, fewest = exact(row.get("value")), self.fewest(key)
        hidden = hidden or is_small(None if value is None else float(value), fewest)
        if hidden or value is None:
            return Filed(self.measures[key], None, None, None, False, hidden)
        bases = [exact(row.get(column)) for column in ("previous_value", "last_year_value")]
        previous, last_year = (
            None if base is not None and is_small(float(base), fewest) else base for base in bases
        )
        return Filed(self.measures[key], value, previous, last_year, bool(row["at_least"]))

    @cached_property
    def groups(self) -> list[list[Ranked]]:
        """The ranked children, one list a tier in the order of the tables."""
        order = [*self.words.tiers]
        tiers = {str(child["tier"]) for child in self.children}
        ordered = sorted(tiers, key=lambda tier: order.index(tier) if tier in order else len(order))
        return [self._ranked([child for child in self.children if child["tier"] == tier]) for tier in ordered]

    def _ranked(self, members: Sequence[Record]) -> list[Ranked]:
        key = self.settings.ranking
        now = {m["node_id"]: _value(self.frames, m["node_id"], key, "value") for m in members}
        before = {m["node_id"]: _value(self.frames, m["node_id"], key, "previous_value") for m in members}
        down = self.measures[key].better == "down"
        ranks, old = _ranks(now, smallest_first=down), _ranks(before, smallest_first=down)
        rows = []
        for member in members:
            node_id, filed = str(member["node_id"]), self.of_child(member["node_id"], key)
            gap = None if filed.value is None or filed.previous is None else filed.value - filed.previous
            rows.append(
                Ranked(
                    node_id, one_line(str(member["name"])), filed, ranks.get(node_id), old.get(node_id), gap
                )
            )
        codes = {m["node_id"]: (str(m["code"]), one_line(str(m["name"]))) for m in members}
        return sorted(rows, key=lambda row: (row.rank is None, row.rank or 0, codes[row.node_id]))


def _counted(findings: Iterable[tuple[str, Record]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for key, found in findings:
        counts[key] += int(found["count"])
    return counts


def _by_delay(unit: Record) -> tuple[int, str, str]:
    days = 0 if pd.isna(unit["days_late"]) else int(unit["days_late"])
    return -days, str(unit["code"]), str(unit["name"])


def _value(frames: ReportFrames, node_id: str, key: str, column: str) -> float | None:
    value = frames.figures.get((node_id, key), {}).get(column)
    return None if value is None or pd.isna(value) else float(value)


def _ranks(values: Mapping[str, float | None], *, smallest_first: bool) -> dict[str, int]:
    """1 + how many are better; equal values share a rank."""
    known = {node: value if smallest_first else -value for node, value in values.items() if value is not None}
    return {node: 1 + sum(other < value for other in known.values()) for node, value in known.items()}


def paper_step(measure: Measure) -> Decimal:
    """The last place in which the measure is written: 0.001 for a share with one decimal."""
    return Decimal(1).scaleb(-measure.decimals - (2 if measure.percent else 0))


def shown_change(filed: Filed, base: str) -> Decimal | None:
    """The change from `previous` or `last_year` to the measure's last place; None where there is none to tell."""
    before: Decimal | None = getattr(filed, base)
    if filed.value is None or before is None:
        return None
    step = paper_step(filed.measure)
    return ((filed.value - before) / step).quantize(Decimal(1), ROUND_HALF_UP) * step


def most(rows: Iterable[Ranked], sign: int) -> list[Ranked]:
    """Those that rose (sign 1) or fell (−1) most, all of them if several did alike; empty where none did."""
    changed = [row for row in rows if row.change is not None]
    best = max((sign * row.change for row in changed if row.change is not None), default=Decimal(0))
    found = [row for row in changed if row.change is not None and sign * row.change == best]
    return [row for row in found if (shown_change(row.filed, "previous") or 0) * sign > 0]
