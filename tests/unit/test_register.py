"""Who must report: units, batches and the tree, on the map of the period's last day."""

import datetime as dt
from collections import Counter
from dataclasses import replace

import pytest

from etl.core.period import Period
from etl.core.places import Change, Division, PlaceMap
from etl.core.programmes.programme import Programme
from etl.core.register import Register, SideUnit, build_register, cutoff_day, due_day, titles_nowhere
from etl.edges.programmes import load_bundle

ASSUMED = {"origin": "assumed"}
HALF = Period.parse("2018H1")


def _shipped(programme: str, period: str) -> Register:
    return load_bundle(programme).register(Period.parse(period))


def _tier(tier: str, **more: bool) -> dict[str, object]:
    return {"tier": tier, "zh": "级", **ASSUMED, **more}


def _programme(*tiers: dict[str, object], code: str = "990000", due: int = 10) -> Programme:
    return Programme.model_validate(
        {
            "programme": "invented", "title": {"zh": "某", "en": "x", **ASSUMED}, "sources": {}, "basis": [],
            "valid": {"since": dt.date(2017, 1, 1), **ASSUMED}, "top": {"code": code, "tier": tiers[-1]["tier"], **ASSUMED},
            "tiers": list(tiers), "periods": {"cadence": "half_year", **ASSUMED}, "due": {"day": due, **ASSUMED},
            "indicators": [], "reports": [],
        }
    )


RECODED = dt.date(2018, 3, 1)
MAP = PlaceMap(
    [
        Division("990000", "某省", "", "province"),
        Division("990100", "甲市", "990000", "prefecture"),
        Division("990200", "空市", "990000", "prefecture"),
        Division("990122", "旧县", "990100", "county", valid_to=RECODED),
        Division("990115", "新区", "990100", "county", RECODED),
        Division("990102", "东区", "990100", "county"),
        Division("999001", "直管市", "990000", "county"),
    ],
    [Change("recode", "990122", "990115", True, RECODED, "day")],
)
LEAF, COUNTY, PREFECTURE, PROVINCE = (
    _tier("branch"), _tier("county", submits=True), _tier("prefecture", own_figures=True), _tier("province", own_figures=True)
)


def _register(period: Period = HALF, side_units: tuple[SideUnit, ...] = ()) -> Register:
    programme = _programme(LEAF, COUNTY, PREFECTURE, PROVINCE)
    return build_register(programme, MAP.for_period(period), side_units, period)


def test_yunnan_in_the_first_half_of_2018() -> None:
    register = _shipped("yunnan-model-branch", "2018H1")
    kinds = Counter(unit.kind for unit in register.units)
    assert kinds == {"county": 129, "provincial_unit": 50, "prefectural_unit": 5, "own": 16 + 1}
    assert len(register.batch_ids()) == 16 + 1
    assert register.batch_ids()[-1] == register.top.node_id == "P530000"
    assert Counter(node.tier for node in register.nodes)["prefecture"] == 16
    assert {unit.kind for unit in register.units if not unit.must_report} == {"own"}


def test_one_district_alone_is_its_own_top_and_only_batch() -> None:
    register = _shipped("dongxihu-small-gear", "2018H1")
    assert register.batch_ids() == ("P420112",)
    assert Counter(unit.kind for unit in register.units) == {"county_unit": 15, "township": 10, "own": 1}
    assert {node.parent_id for node in register.nodes} == {None, "P420112"}


def test_townships_are_no_units_where_the_county_files() -> None:
    register = _shipped("zunyi-six-good", "2024H2")
    assert Counter(unit.kind for unit in register.units)["county"] == 88
    assert "township" not in {unit.kind for unit in register.units}


def test_a_county_keeps_its_id_when_its_code_changes() -> None:
    before, after = _register(Period.parse("2017H2")), _register()
    assert (before.unit("P990122").code, before.unit("P990122").name) == ("990122", "旧县")
    assert (after.unit("P990122").code, after.unit("P990122").name) == ("990115", "新区")
    assert {unit.unit_id for unit in before.units} == {unit.unit_id for unit in after.units}
    dragon = {period: _shipped("yunnan-model-branch", period).unit("P530321").code for period in ("2018H1", "2018H2")}
    assert dragon == {"2018H1": "530321", "2018H2": "530304"}  # 马龙: first seen as a district in October 2018


def test_a_county_straight_under_the_province_goes_with_the_top() -> None:
    register = _register()
    assert register.unit("P999001").parent_id == "P990000"
    assert register.unit("P999001").batch_id == "P990000"
    assert [unit.unit_id for unit in register.batch("P990000")] == [
        "P990000-own", "P990200-own", "P999001"  # 空市, without counties, has a batch of its own no more than they
    ]
    assert register.batch_ids() == ("P990100", "P990000")


def test_a_tier_the_programme_has_not_is_skipped() -> None:
    programme = _programme(LEAF, COUNTY, _tier("province"))
    register = build_register(programme, MAP.for_period(HALF), (), HALF)
    assert {unit.parent_id for unit in register.units} == {"P990000"}
    assert register.batch_ids() == ("P990000",)


def test_side_units_stand_from_their_first_day_until_before_their_last() -> None:
    units = (
        SideUnit("990100-001", "市一局", "prefectural_unit", "990100", dt.date(2018, 6, 30)),
        SideUnit("990100-002", "市二局", "prefectural_unit", "990100", None, dt.date(2018, 6, 30)),
        SideUnit("990100-003", "市三局", "prefectural_unit", "990100", dt.date(2018, 7, 1)),
        SideUnit("990000-001", "省一局", "provincial_unit", "990000"),
    )
    found = {unit.unit_id: unit.batch_id for unit in _register(side_units=units).units if unit.kind.endswith("_unit")}
    assert found == {"U990100-001": "P990100", "U990000-001": "P990000"}


def test_a_side_unit_bears_the_name_of_its_day_and_stands_once() -> None:
    renamed, before, after = "U530000-023", _shipped("yunnan-model-branch", "2018H1"), _shipped("yunnan-model-branch", "2018H2")
    assert (before.unit(renamed).name, after.unit(renamed).name) == ("省国土资源厅", "省自然资源厅")
    assert before.unit("U530000-041").name == "省旅游发展委员会"  # which is one with the office of culture since
    assert "U530000-041" not in after.units_by_id


def test_a_side_unit_that_is_listed_twice_for_a_day_stops_the_run() -> None:
    one = SideUnit("990000-001", "甲厅", "provincial_unit", "990000")
    with pytest.raises(ValueError, match="990000-001: listed 2 times"):
        _register(side_units=(one, replace(one, name="乙厅")))


def test_units_and_nodes_stand_in_the_order_of_codes() -> None:
    register = _register(side_units=(SideUnit("990100-001", "市一局", "prefectural_unit", "990100"),))
    for listed in (register.units, register.nodes):
        codes = [each.code for each in listed]
        assert codes == sorted(codes)
        assert codes.index("990100-001") < codes.index("990102")


def test_a_top_with_nothing_straight_under_it_has_no_batch() -> None:
    places = PlaceMap(
        [
            Division("990000", "某省", "", "province"), Division("990100", "甲市", "990000", "prefecture"),
            Division("990102", "东区", "990100", "county"),
        ],
        [],
    )
    programme = _programme(LEAF, COUNTY, _tier("prefecture"), _tier("province"))
    assert build_register(programme, places.for_period(HALF), (), HALF).batch_ids() == ("P990100",)


def test_a_side_unit_under_a_strange_place_stops_the_run() -> None:
    with pytest.raises(ValueError, match="110000"):
        _register(side_units=(SideUnit("1", "外单位", "provincial_unit", "110000"),))


def test_an_unknown_top_stops_the_run() -> None:
    with pytest.raises(ValueError, match="no place has the code 980000"):
        build_register(_programme(LEAF, COUNTY, PROVINCE, code="980000"), MAP.for_period(HALF), (), HALF)


def test_a_node_knows_those_above_and_below_and_nothing_else_is_found() -> None:
    register = _register()
    assert register.above["P990102"] == ("P990102", "P990100", "P990000")
    assert register.subtree("P990100") == {"P990100", "P990100-own", "P990102", "P990122"}
    assert [node.code for node in register.children("P990100")] == ["990100", "990102", "990115"]
    for call in (register.unit, register.node, register.batch):
        with pytest.raises(KeyError):
            call("P000000")


@pytest.mark.parametrize(
    ("period", "day", "due", "cutoff"),
    [("2018H1", 10, "2018-07-10", "2018-07-24"), ("2018H2", 10, "2019-01-10", "2019-01-24"),
     ("2018H1", 15, "2018-07-16", "2018-07-30"),  # the 15th was a Sunday
     ("2018H2", 28, "2019-01-28", "2019-02-14")],  # the Spring Festival lies between; 2 and 3 February were worked
)
def test_due_and_cutoff_are_working_days(period: str, day: int, due: str, cutoff: str) -> None:
    programme, when = _programme(LEAF, COUNTY, PROVINCE, due=day), Period.parse(period)
    assert (str(due_day(programme, when)), str(cutoff_day(programme, when))) == (due, cutoff)


def _titled(tier: str, code: str) -> list[tuple[str, str]]:
    """What is said of a title that a level of the tier bears at a code, in a programme of 甲市 alone."""
    level = {"key": "best", "zh": "示范党支部", "tier": tier, "titles": {code: "“银辉”党支部"}, **ASSUMED}
    programme = _programme(LEAF, COUNTY, PREFECTURE, code="990100")
    told = programme.model_dump() | {"levels": [level]}
    return titles_nowhere(Programme.model_validate(told), MAP)


@pytest.mark.parametrize(
    ("tier", "code"), [("county", "990102"), ("county", "990122"), ("county", "990115"), ("prefecture", "990100")]
)
def test_a_title_of_a_places_own_stands_under_any_code_that_the_place_bears(tier: str, code: str) -> None:
    assert _titled(tier, code) == []


@pytest.mark.parametrize(
    ("tier", "code", "why"),
    [
        ("prefecture", "990300", "a code that nobody bears"), ("prefecture", "990102", "a county"),
        ("prefecture", "990200", "a city outside the programme"), ("branch", "990102", "a tier without codes"),
    ],
)
def test_a_title_of_no_place_of_the_levels_tier_is_told(tier: str, code: str, why: str) -> None:
    assert _titled(tier, code) == [("best", code)], why
