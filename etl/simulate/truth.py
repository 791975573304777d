"""The totals that the system must come to: added up here in plain Python, by another way than the system's own.

`accepted` leaves out held rows; `complete` is what would stand there if nothing had gone wrong and nobody were missing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import numpy as np
import pandas as pd

from etl.core.programmes.forms import PART
from etl.core.programmes.layout import FIGURE_TABLES
from etl.core.register import OWN, Node, Register
from etl.edges.programmes import Bundle
from etl.simulate.draft import Draft, TableDraft

LEDGER = ("ledger_entries", "ledger_person_times", "ledger_active_branches")
Key = tuple[str, str, str]  # node, indicator, part


class Amount(NamedTuple):
    """A sum and whether any of its figures is a floor (余)."""

    value: Decimal
    at_least: bool


@dataclass
class UnitTruth:
    """One unit's own sums by (node, indicator, part), townships apart; `node_id` is where the unit stands."""

    node_id: str
    accepted: dict[Key, Amount]
    complete: dict[Key, Amount]


def unit_truth(draft: Draft) -> UnitTruth:
    """What a unit adds to the totals."""
    accepted, complete = _Sums(draft), _Sums(draft)
    for key in FIGURE_TABLES:
        if key in draft.tables:
            table = draft.tables[key]
            if draft.context.plan.status != "missing":
                accepted.add(key, table, table.filed, ~table.held)
            complete.add(key, table, table.true, np.ones(len(table), dtype=bool))
    if "activities" in draft.tables and draft.context.plan.status != "missing":
        accepted.add_ledger(draft, ~draft.tables["activities"].held)
    if "activities" in draft.tables:
        complete.add_ledger(draft, draft.ledger_branch >= 0)
    return UnitTruth(draft.context.plan.unit.node_id, accepted.found, complete.found)


class _Sums:
    """Adds figures up at the unit's node or at its townships."""

    def __init__(self, draft: Draft) -> None:
        self.draft, self.found = draft, dict[Key, Amount]()
        self.townships = "township" in draft.context.bundle.programme.tier_keys()

    def add(self, key: str, table: TableDraft, values: dict[str, np.ndarray], keep: np.ndarray) -> None:
        """Add the counted columns of the rows to keep."""
        nodes = [self._node(key, row) for row in range(len(keep))]
        for column in self._counted(key, values):
            indicator, _, part = column.partition(PART)
            for row, value in enumerate(values[column]):
                if keep[row] and not np.isnan(value):
                    self._put(
                        (nodes[row], indicator, part),
                        Decimal(f"{value:.4f}"),
                        (row, column) in table.at_least,
                    )

    def add_ledger(self, draft: Draft, keep: np.ndarray) -> None:
        """Add entries, those present, and the branches that have an entry."""
        cells = draft.tables["activities"].cells
        present = np.array([value if isinstance(value, int) else 0 for value in cells["attendance_present"]])
        ids = {branch: at for at, branch in enumerate(draft.branches["branch_id"])}
        at = np.array([ids.get(branch, -1) for branch in cells["branch_id"]], dtype=int)
        nodes: dict[str, set[int]] = defaultdict(set)
        for branch in np.unique(at[keep & (at >= 0)]):
            nodes[self._node("branches", int(branch), of_entry=True)].add(int(branch))
        for node, branches in nodes.items():
            mine = keep & np.isin(at, list(branches))
            for indicator, value in zip(
                LEDGER, (mine.sum(), present[mine].sum(), len(branches)), strict=True
            ):
                self._put((node, indicator, ""), Decimal(int(value)), False)

    def _put(self, key: Key, value: Decimal, floor: bool) -> None:
        known = self.found.get(key, Amount(Decimal(0), False))
        self.found[key] = Amount(known.value + value, known.at_least or floor)

    def _node(self, table: str, row: int, *, of_entry: bool = False) -> str:
        unit = self.draft.context.plan.unit.node_id
        if table != "branches" or not self.townships:
            return unit
        blanked = of_entry and (row, "township") in self.draft.tables["branches"].texts
        return unit if blanked else f"{unit}/{self.draft.branches['township'][row]}"

    def _counted(self, key: str, values: dict[str, np.ndarray]) -> list[str]:
        bundle, counted = self.draft.context.bundle, []
        uses = {use.key: use for use in bundle.programme.indicators}
        for column in values:
            indicator = column.partition(PART)[0]
            if indicator not in uses or (key == "unit_figures" and uses[indicator].control_total):
                continue
            rollup = bundle.catalogue.indicators[indicator].rollup
            if rollup == "sum" or (rollup == "none" and key == "unit_figures"):
                counted.append(column)
        return counted


def totals_table(bundle: Bundle, register: Register, truths: Iterable[UnitTruth], which: str) -> pd.DataFrame:
    """One row per node, indicator and part that has a value: tier, code, name, node_id, indicator, part, value, at_least."""
    nodes = dict(register.nodes_by_id)
    sums: dict[Key, Amount] = {}
    for truth in truths:
        own: Mapping[Key, Amount] = getattr(truth, which)
        for (node_id, indicator, part), amount in own.items():
            _note_township(nodes, node_id)
            once = bundle.catalogue.indicators[indicator].rollup == "none"
            for above in _climb(nodes, node_id, once=once):
                known = sums.get((above, indicator, part), Amount(Decimal(0), False))
                sums[above, indicator, part] = Amount(
                    known.value + amount.value, known.at_least or amount.at_least
                )
    kept = {use.key for use in bundle.programme.indicators}
    sums = {key: amount for key, amount in sums.items() if key[1] in kept}
    _recompute(bundle, sums)
    rows = [
        (
            nodes[n].tier,
            nodes[n].code,
            nodes[n].name,
            n,
            indicator,
            part,
            round(float(amount.value), 6),
            amount.at_least,
        )
        for (n, indicator, part), amount in sums.items()
    ]
    columns = ["tier", "code", "name", "node_id", "indicator", "part", "value", "at_least"]
    return pd.DataFrame(rows, columns=columns).sort_values(
        ["code", "node_id", "indicator", "part"], ignore_index=True
    )


def _note_township(nodes: dict[str, Node], node_id: str) -> None:
    if node_id not in nodes:
        unit, _, township = node_id.partition("/")
        nodes[node_id] = Node(node_id, unit, "township", f"{nodes[unit].code}/{township}", township)


def _climb(nodes: Mapping[str, Node], node_id: str, *, once: bool) -> Iterable[str]:
    """A node and all above it; `once`: only itself, and the place of which it is the own office."""
    yield node_id
    parent = nodes[node_id].parent_id
    if once:
        if node_id.endswith(f"-{OWN}") and parent:
            yield parent
        return
    while parent is not None:
        yield parent
        parent = nodes[parent].parent_id


def _recompute(bundle: Bundle, sums: dict[Key, Amount]) -> None:
    for use in bundle.programme.indicators:
        indicator = bundle.catalogue.indicators[use.key]
        if indicator.kind != "derived":
            continue
        names = indicator.parsed_formula.names
        for node in {node for node, key, _ in sums if key in names}:
            parts = {name: sums[node, name, ""].value for name in names if (node, name, "") in sums}
            value = indicator.parsed_formula.value(parts)
            if value is not None:
                sums[node, use.key, ""] = Amount(value * Decimal(str(indicator.scale)), False)
