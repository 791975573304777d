"""Indicators: what must agree within one, and between those of a catalogue."""

from typing import Any

import pytest
from pydantic import ValidationError

from etl.core.programmes.indicators import build_catalogue

UNITS = {"person": {"zh": "人", "words": ["人", "名"]}, "share": {"zh": "比例", "value_type": "share", "decimals": 1}}
MEMBERS = {"zh": "党员数", "unit": "person", "kind": "stock", "rollup": "sum"}
RATE = {"zh": "参会率", "unit": "share", "kind": "derived", "rollup": "recompute", "formula": "present / due"}


def _raw(**indicators: dict[str, Any]) -> dict[str, Any]:
    return {"units": UNITS, "indicators": indicators}


def test_an_indicator_takes_its_key_from_the_mapping() -> None:
    catalogue = build_catalogue(_raw(members=MEMBERS))
    assert (catalogue.indicators["members"].key, catalogue.unit_of("members").zh) == ("members", "人")


def test_a_derived_indicator_has_its_formula_parsed() -> None:
    catalogue = build_catalogue(_raw(rate=RATE, present=MEMBERS, due=MEMBERS))
    assert catalogue.indicators["rate"].parsed_formula.names == ("present", "due")
    with pytest.raises(ValueError, match="not derived"):
        _ = catalogue.indicators["due"].parsed_formula


REFUSED = {
    "derived without a formula": _raw(rate=RATE | {"formula": None}),
    "a formula on what is filed": _raw(members=MEMBERS | {"formula": "members + 1"}),
    "derived and summed: a rate is never averaged": _raw(rate=RATE | {"rollup": "sum"}, present=MEMBERS, due=MEMBERS),
    "a formula over an unknown indicator": _raw(rate=RATE, present=MEMBERS),
    "a formula that is none": _raw(rate=RATE | {"formula": "present over due"}),
    "must_equal over an unknown indicator": _raw(members=MEMBERS | {"must_equal": "opening + new"}),
    "previous unknown": _raw(members=MEMBERS | {"previous": "members_before"}),
    "part of an unknown whole": _raw(members=MEMBERS | {"part_of": "all"}),
    "part of a whole of another scope": _raw(members=MEMBERS | {"part_of": "all"}, all=MEMBERS | {"scope": "all_members"}),
    "an unknown unit of measure": _raw(members=MEMBERS | {"unit": "persons"}),
    "an unknown key": _raw(members=MEMBERS | {"colour": "red"}),
    "an unknown kind": _raw(members=MEMBERS | {"kind": "average"}),
    "an unknown top key": _raw(members=MEMBERS) | {"weights": {}},
    "a list instead of a mapping": {"units": UNITS, "indicators": [MEMBERS]},
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_agree_does_not_load(case: str) -> None:
    with pytest.raises(ValueError):
        build_catalogue(REFUSED[case])


def test_merging_adds_and_never_overrides() -> None:
    shared, own = build_catalogue(_raw(members=MEMBERS)), build_catalogue(_raw(books=MEMBERS))
    assert set(shared.merged(own).indicators) == {"members", "books"}
    with pytest.raises(ValueError, match="defined twice: members"):
        shared.merged(shared)


def test_an_indicator_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        build_catalogue(_raw(members=MEMBERS)).indicators["members"].zh = "人数"  # type: ignore[misc]  # what is tried is what is refused
