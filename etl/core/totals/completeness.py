"""How complete a node's figures are: units expected, received, on time, late, missing; rows and findings."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from etl.core.register import Register

COUNTS = (
    "units_expected", "units_received", "units_on_time", "units_late", "units_missing", "rows_in", "rows_accepted",
    "rows_held", "rows_blank", "findings_file", "findings_row", "findings_warning",
)


@dataclass(frozen=True, slots=True)
class UnitState:
    """What one unit has done: whether it filed, whether in time, and how its rows and findings stand."""

    unit_id: str
    received: bool
    on_time: bool
    rows_in: int = 0
    rows_accepted: int = 0
    rows_held: int = 0
    rows_blank: int = 0
    findings_file: int = 0
    findings_row: int = 0
    findings_warning: int = 0


def completeness(register: Register, states: Iterable[UnitState]) -> list[dict[str, object]]:
    """One mapping a node (its identity and `COUNTS`), in code order. A unit that need not report is never missing."""
    by_unit = {state.unit_id: state for state in states}
    sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTS, 0))
    for unit in register.units:
        state = by_unit.get(unit.unit_id, UnitState(unit.unit_id, received=False, on_time=False))
        if not unit.must_report and not state.received:
            continue
        for node_id in register.above[unit.node_id]:
            _add(sums[node_id], _counts(state))
    return [{**asdict(node), **sums[node.node_id]} for node in register.nodes]


def _counts(state: UnitState) -> Mapping[str, int]:
    own = {name: getattr(state, name) for name in COUNTS if not name.startswith("units_")}
    return {
        "units_expected": 1,
        "units_received": int(state.received),
        "units_on_time": int(state.received and state.on_time),
        "units_late": int(state.received and not state.on_time),
        "units_missing": int(not state.received),
        **own,
    }


def _add(into: dict[str, int], counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        into[name] += count
