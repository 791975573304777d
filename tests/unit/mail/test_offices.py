"""Who receives a report: offices by pattern, each mailbox once."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from etl.core.mail.offices import Offices, recipients
from etl.core.programmes.programme import Report
from etl.core.register import Node, Register, Unit
from etl.edges.programmes import load_offices
from etl.errors import ConfigError

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
DAY = dt.date(2018, 8, 6)
SIDE = Unit("U1", "10-001", "省一局", "provincial_unit", "U1", "P1", "P1", True)
OWN = Unit("P1-own", "10", "某省", "own", "P1-own", "P1", "P1", False)
REGISTER = Register(
    (SIDE, OWN),
    (TOP, Node("P2", "P1", "prefecture", "11", "甲市"), Node("P3", "P2", "county", "12", "乙县"),
     Node("U1", "P1", "provincial_unit", "10-001", "省一局"), Node("P1-own", "P1", "own", "10", "某省")),
)


def _addresses(*to: str, node: Node = TOP) -> list[str]:
    report = Report(key="dispatch", zh="通报", cadence="half_year", tiers=("province",), to=to, origin="assumed")
    return [found.address for found in recipients(report, node, REGISTER, OFFICES, DAY)]


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
    (found,) = recipients(report, TOP, REGISTER, OFFICES, DAY)
    assert (found.office, found.kind, found.reason) == ("某省委某部", "department", "own")


def test_an_unknown_office_is_an_error() -> None:
    with pytest.raises(LookupError, match="no office ministry"):
        _addresses("ministry")


def _dated(**mailbox: Any) -> Offices:
    raw = OFFICES.model_dump(mode="json")
    raw["mailboxes"] = [{"office": "bureau", "code": "11", "origin": "assumed"} | mailbox]
    return Offices.model_validate(raw)


def _bureau(offices: Offices, day: dt.date) -> list[str]:
    report = Report(key="x", zh="报", cadence="year", tiers=("province",), to=("bureau",), origin="assumed")
    return [found.address for found in recipients(report, TOP, REGISTER, offices, day)]


def test_an_office_with_a_mailbox_of_its_own_is_written_to_there_while_it_is_in_use() -> None:
    offices = _dated(address="jia@mail.example", valid_from="2018-08-06", valid_to="2018-08-08")
    told = {day: _bureau(offices, dt.date(2018, 8, day))[1] for day in (5, 6, 7, 8)}
    assert told == {
        5: "ju-11@example.test", 6: "jia@mail.example", 7: "jia@mail.example", 8: "ju-11@example.test",
    }


def test_an_office_may_ask_for_a_form_alone_or_with_its_kind() -> None:
    report = Report(key="x", zh="报", cadence="year", tiers=("province",), to=("bureau", "department"), origin="assumed")

    def forms(offices: Offices, day: dt.date = DAY) -> list[str | None]:
        return [each.form for each in recipients(report, TOP, REGISTER, offices, day)]

    one = _dated(address="jia@mail.example", form="letter", valid_from="2018-08-06")
    assert forms(one) == [None, "letter", None]
    assert forms(one, dt.date(2018, 8, 5)) == [None, None, None]
    raw = one.model_dump(mode="json")
    raw["offices"]["bureau"]["form"], raw["mailboxes"][0]["form"] = "letter", "document"
    assert forms(Offices.model_validate(raw)) == ["letter", "document", None]
    with pytest.raises(ValueError, match="form"):
        _dated(address="jia@mail.example", form="postcard")


def test_an_office_that_is_no_more_gets_nothing() -> None:
    raw = OFFICES.model_dump(mode="json")
    raw["offices"]["bureau"]["valid_to"] = "2018-08-06"
    offices = Offices.model_validate(raw)
    assert _bureau(offices, dt.date(2018, 8, 5)) == ["ju-10@example.test", "ju-11@example.test"]
    assert _bureau(offices, DAY) == []


def test_why_each_is_on_the_list() -> None:
    report = Report(key="x", zh="报", cadence="year", tiers=("province",), to=("bureau", "provincial_unit"), origin="assumed")
    reasons = [found.reason for found in recipients(report, TOP, REGISTER, OFFICES, DAY)]
    assert reasons == ["own", "child", "unit"]


def test_a_paper_that_goes_up_reaches_the_place_above_and_nobody_below() -> None:
    report = Report(
        key="x", zh="报", cadence="year", tiers=("prefecture", "province"), upward=("prefecture", "province"),
        to=("bureau", "department"), origin="assumed",
    )
    found = recipients(report, REGISTER.node("P2"), REGISTER, OFFICES, DAY)
    assert [(each.address.partition("@")[0], each.reason) for each in found] == [
        ("ju-11", "own"), ("ju-10", "above"), ("bu-11", "own"), ("bu-10", "above"),
    ]
    assert {each.reason for each in recipients(report, TOP, REGISTER, OFFICES, DAY)} == {"own"}


def test_a_bureaus_own_list_stands_in_place_of_the_assumed_one(tmp_path: Path) -> None:
    assert load_offices(tmp_path) == load_offices()
    own = tmp_path / "own"
    own.mkdir()
    (own / "offices.yaml").write_text(json.dumps(OFFICES.model_dump(mode="json")), encoding="utf-8")
    assert load_offices(own) == OFFICES
    (own / "broken").mkdir()
    (own / "broken" / "offices.yaml").write_text("offices: {}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"broken/offices\.yaml"):
        load_offices(own / "broken")


WRONG = {
    "two on one day": [
        {"office": "bureau", "code": "11", "address": "a@x.example"},
        {"office": "bureau", "code": "11", "address": "b@x.example", "valid_from": "2018-01-01"},
    ],
    "of an office that is not listed": [{"office": "ministry", "code": "11", "address": "a@x.example"}],
}


@pytest.mark.parametrize("case", WRONG)
def test_doubtful_mailboxes_do_not_load(case: str) -> None:
    raw = OFFICES.model_dump(mode="json")
    raw["mailboxes"] = [mailbox | {"origin": "assumed"} for mailbox in WRONG[case]]
    with pytest.raises(ValueError, match=r"on one day|no office ministry"):
        Offices.model_validate(raw)
