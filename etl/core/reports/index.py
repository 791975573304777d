"""The store's tables of one programme and period, looked up by node: a hundred reports share one reading."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

Record = dict[str, Any]

ACTIVITY_COLUMNS = ["unit_id", "kind", "entries", "person_times", "branches"]
THEME_COLUMNS = ["unit_id", "title", "entries"]
TEXT_COLUMNS = ["unit_id", "indicator", "text"]
DIVISION_COLUMNS = [
    "kind", "place_id", "code", "name", "parent", "new_place_id", "new_code", "new_name", "new_parent", "effective_from",
    "document", "figures",
]
DUTY_COLUMNS = ["duty", "zh", "en", "owing", "due_on", "node_id", "name", "done_on"]
FACT_COLUMNS = ["node_id", "name", "branch_id", "kind", "outcome", "outcome_zh", "outcome_en", "since", "members"]
STANDING_COLUMNS = ["unit_id", "name", "rule", "sentence", "state", "reason", "count"]


@dataclass(frozen=True)
class ReportFrames:
    """The store's tables for all nodes of a programme and period; columns as in docs/architecture.md.

    `units`: unit_id, code, name, node_id (the parent), kind, status (received, late, missing, held), due_on,
    arrived_on, days_late, rows_held, findings. `findings`: unit_id, node_id, name, rule, sentence, remedy, level,
    count. `activities`: unit_id, kind, entries, person_times, branches. `themes`: unit_id, title, entries. `texts`:
    unit_id, indicator, text. `standing`: unit_id, name, rule, sentence, state (open, explained, waived), reason, count.
    `duties`: one row a duty of which anything is on record and node that owes it: duty, zh, en, owing (false where it is done
    whenever), due_on, node_id, name, done_on (days as text, empty where there is none). `facts`: one row a fact that holds of a
    branch: node_id (the place that counts it), name, branch_id, kind, outcome (of a sweep) and what the programme calls it,
    since, members. Both in the programme's order.
    `divisions`: what changed on the map since the earliest period compared with; columns of `core.totals.two_maps.Difference`.
    """

    totals: pd.DataFrame
    completeness: pd.DataFrame
    units: pd.DataFrame
    findings: pd.DataFrame
    activities: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=ACTIVITY_COLUMNS))
    themes: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=THEME_COLUMNS))
    texts: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=TEXT_COLUMNS))
    standing: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=STANDING_COLUMNS))
    divisions: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=DIVISION_COLUMNS))
    duties: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=DUTY_COLUMNS))
    facts: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=FACT_COLUMNS))

    @cached_property
    def nodes(self) -> dict[str, Record]:
        """Completeness by node."""
        return {row["node_id"]: row for row in self.completeness.to_dict("records")}

    @cached_property
    def children(self) -> dict[str, list[Record]]:
        """Completeness of the nodes below each node."""
        return _grouped(self.nodes.values(), "parent_id")

    @cached_property
    def figures(self) -> dict[tuple[str, str], Record]:
        """Whole figures (not their parts) by node and indicator."""
        whole = self.totals[self.totals["part"] == ""]
        return {(row["node_id"], row["indicator"]): row for row in whole.to_dict("records")}

    @cached_property
    def _units_by_parent(self) -> dict[str, list[Record]]:
        return _grouped(self.units.to_dict("records"), "node_id")

    @cached_property
    def _units_by_id(self) -> dict[str, list[Record]]:
        return _grouped(self.units.to_dict("records"), "unit_id")

    @cached_property
    def _findings_by_unit(self) -> dict[str, list[Record]]:
        return _grouped(self.findings.to_dict("records"), "unit_id")

    @cached_property
    def _by_unit(self) -> dict[str, dict[str, list[Record]]]:
        names = ("activities", "themes", "texts", "standing")
        return {name: _grouped(getattr(self, name).to_dict("records"), "unit_id") for name in names}

    def of_units(self, name: str, units: Iterable[Record]) -> list[Record]:
        """The rows of `activities`, `themes`, `texts` or `standing` that are about these units."""
        return [row for unit in units for row in self._by_unit[name].get(unit["unit_id"], ())]

    def units_under(self, node_id: str) -> list[Record]:
        """The submitting units that hang on the node or on any node below it, or are one of these, once each."""
        found = {
            unit["unit_id"]: unit
            for node in self._descendants(node_id)
            for unit in (*self._units_by_parent.get(node, ()), *self._units_by_id.get(node, ()))
        }
        return list(found.values())

    def findings_at(self, units: Iterable[Record]) -> list[Record]:
        """What the rules found at these units."""
        return [row for unit in units for row in self._findings_by_unit.get(unit["unit_id"], ())]

    def inside(self, node_id: str) -> frozenset[str]:
        """The node and every node below it."""
        return frozenset(self._descendants(node_id))

    def _descendants(self, node_id: str) -> list[str]:
        """The node and every node below it."""
        found = [node_id]
        for node in found:  # grows while it is read
            found.extend(child["node_id"] for child in self.children.get(node, ()))
        return found


def _grouped(rows: Iterable[Record], key: str) -> dict[str, list[Record]]:
    groups: defaultdict[str, list[Record]] = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return dict(groups)
