"""Who receives a report: offices by pattern, each mailbox once."""

import pytest

from etl.core.offices import Offices, recipients
from etl.core.programme import Report
from etl.core.register import Node, Register, Unit

OFFICES = Offices.model_validate(
    {
        "offices": {
            "bureau": {"zh": "{name}委某局", "address": "ju-{code}@example.test", "children": True, "origin": "assumed"},
            "department": {"zh": "{name}委某部", "address": "bu-{code}@example.test", "origin": "assumed"},
            "same": {"zh": "{name}委某室", "address": "bu-{code}@example.test", "origin": "assumed"},
        },
        "units": {"zh": "{name}", "address": "dw-{code}@example.test", "origin": "assumed"},
    }
)
TOP = Node("P1", None, "province", "10", "某省")
SIDE = Unit("U1", "10-001", "省一局", "provincial_unit", "U1", "P1", "P1", True)
OWN = Unit("P1-own", "10", "某省", "own", "P1-own", "P1", "P1", False)
REGISTER = Register(
    (SIDE, OWN),
    (TOP, Node("P2", "P1", "prefecture", "11", "甲市"), Node("P3", "P2", "county", "12", "乙县"),
     Node("U1", "P1", "provincial_unit", "10-001", "省一局"), Node("P1-own", "P1", "own", "10", "某省")),
)  # fmt: skip


def _addresses(*to: str, node: Node = TOP) -> list[str]:
    report = Report(key="dispatch", zh="通报", cadence="half_year", tiers=("province",), to=to, origin="assumed")
    return [found.address for found in recipients(report, node, REGISTER, OFFICES)]


def test_an_office_and_those_just_below() -> None:
    assert _addresses("bureau") == ["ju-10@example.test", "ju-11@example.test"]


def test_an_office_without_children() -> None:
    assert _addresses("department") == ["bu-10@example.test"]


def test_side_units_of_the_node_only() -> None:
    assert _addresses("provincial_unit") == ["dw-10-001@example.test"]
    assert _addresses("provincial_unit", node=REGISTER.node("P2")) == []


def test_each_mailbox_once_in_order() -> None:
    assert _addresses("department", "same", "bureau") == ["bu-10@example.test", "ju-10@example.test", "ju-11@example.test"]


def test_names_are_filled_in() -> None:
    report = Report(key="x", zh="报", cadence="year", tiers=("province",), to=("department",), origin="assumed")
    (found,) = recipients(report, TOP, REGISTER, OFFICES)
    assert (found.office, found.kind) == ("某省委某部", "department")


def test_an_unknown_office_is_an_error() -> None:
    with pytest.raises(LookupError, match="no office ministry"):
        _addresses("ministry")
