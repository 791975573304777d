"""How complete a node is: who is expected, who came, who came in time."""

from dataclasses import asdict

from etl.core.register import Node, Register, Unit
from etl.core.totals.completeness import COUNTS, UnitState, completeness


def _unit(unit_id: str, parent: str, must_report: bool = True) -> Unit:
    return Unit(unit_id, unit_id, unit_id, "county", unit_id, parent, parent, must_report)


UNITS = (_unit("C1", "P1"), _unit("C2", "P1"), _unit("C3", "P2"), _unit("P1-own", "P1", must_report=False))
NODES = (
    Node("T", None, "province", "0", "省"), Node("P1", "T", "prefecture", "1", "甲"), Node("P2", "T", "prefecture", "2", "乙"),
    *(Node(unit.node_id, unit.parent_id, unit.kind, unit.code, unit.name) for unit in UNITS),
)
REGISTER = Register(UNITS, NODES)


def _at(node_id: str, *states: UnitState) -> dict[str, object]:
    (found,) = (row for row in completeness(REGISTER, states) if row["node_id"] == node_id)
    return {name: found[name] for name in COUNTS if found[name]}


def test_nobody_has_sent_anything() -> None:
    assert _at("T") == {"units_expected": 3, "units_missing": 3}


def test_late_is_received_and_not_missing() -> None:
    states = (UnitState("C1", received=True, on_time=True), UnitState("C2", received=True, on_time=False))
    assert _at("P1", *states) == {"units_expected": 2, "units_received": 2, "units_on_time": 1, "units_late": 1}
    assert _at("T", *states)["units_missing"] == 1
    assert _at("C1", *states) == {"units_expected": 1, "units_received": 1, "units_on_time": 1}
    assert _at("C2", *states) == {"units_expected": 1, "units_received": 1, "units_late": 1}


def test_an_office_that_need_not_report_counts_only_if_it_does() -> None:
    assert "units_expected" not in _at("P1-own")
    assert _at("P1", UnitState("P1-own", received=True, on_time=True))["units_expected"] == 3


def test_counts_climb_to_every_node_above() -> None:
    state = UnitState("C3", True, True, 10, 7, 2, 1, 1, 2, 3)
    counts = {"rows_in": 10, "rows_accepted": 7, "rows_held": 2, "rows_blank": 1, "findings_file": 1, "findings_row": 2,
              "findings_warning": 3}
    for node_id in ("C3", "P2", "T"):
        found = _at(node_id, state)
        assert {name: found[name] for name in counts} == counts
    assert "rows_in" not in _at("P1", state)


def test_one_row_a_node_in_order_with_what_it_is() -> None:
    told = [{name: row[name] for name in row.keys() - set(COUNTS)} for row in completeness(REGISTER, ())]
    assert told == [asdict(node) for node in NODES]
