"""Quotas over years: 100 in three years, 38 taken, 62 left; shares of a year, carried over or not; moves; refilling."""

import datetime as dt

import pytest

from etl.core.awards.quota import Move, Places, Taken, move_of, places_left, title_ends
from etl.core.programmes.naming import NamingLevel, Quota
from etl.edges.programmes import load_bundle

PROGRAMME = load_bundle("yunnan-model-branch").programme
LEVEL = PROGRAMME.level("province")
NODE = "P530000"


def taken(count: int, year: int = 2017, *, freed: bool = False) -> list[Taken]:
    """So many titles of a year."""
    return [Taken("province", NODE, year, freed)] * count


def left(year: int, named: list[Taken], moves: list[Move] | None = None, **changes: object) -> int | None:
    """What is left of the quota in a year."""
    quota = Quota.model_validate({**(LEVEL.quota or QUOTA).model_dump(), **changes})
    return places_left(
        PROGRAMME, LEVEL.model_copy(update={"quota": quota}), NODE, year, named, moves or []
    ).left


QUOTA = Quota(origin="assumed", total=1, over_years=1)


def test_thirty_eight_of_a_hundred_leave_sixty_two() -> None:
    assert left(2017, []) == 38
    assert left(2018, taken(38)) == 62
    assert left(2019, taken(38) + taken(20, 2018)) == 42


SHARES = [{"year": year, "value": value, "origin": "assumed"} for year, value in ((2017, 38), (2018, 30))]


@pytest.mark.parametrize(
    ("year", "named", "carried", "not_carried"),
    [(2017, [], 38, 38), (2018, taken(30), 38, 30), (2018, taken(30) + taken(10, 2018), 28, 20)],
)
def test_what_a_year_leaves_goes_on_only_if_carried_over(
    year: int, named: list[Taken], carried: int, not_carried: int
) -> None:
    assert left(year, named, by_year=SHARES, carry_over=True) == carried
    assert left(year, named, by_year=SHARES, carry_over=False) == not_carried


@pytest.mark.parametrize(("carry_over", "places"), [(True, 42), (False, 34)])
def test_places_moved_to_a_node_are_added_to_its_years_share(carry_over: bool, places: int) -> None:
    moves = [Move("province", 2018, None, NODE, 4)]
    assert left(2018, taken(30), moves, by_year=SHARES, carry_over=carry_over) == places


def test_nothing_is_carried_over_from_the_plan_before() -> None:
    shares = [{"year": year, "value": value, "origin": "assumed"} for year, value in ((2019, 30), (2020, 30))]
    assert left(2020, [], by_year=shares) == 30


def test_a_years_share_never_gives_more_than_the_plan_has() -> None:
    assert left(2018, taken(38) + taken(25, 2018), by_year=SHARES, total=65) == 2


@pytest.mark.parametrize(("refill", "places"), [(False, 62), (True, 63)])
def test_a_withdrawn_title_frees_its_place_only_where_said(refill: bool, places: int) -> None:
    assert left(2018, taken(37) + taken(1, freed=True), refill=refill) == places


def test_places_move_between_nodes_from_their_year_on() -> None:
    moves = [Move("province", 2018, NODE, "P530100", 5), Move("province", 2019, None, NODE, 2)]
    assert left(2018, taken(38), moves) == 57
    assert left(2019, taken(38), moves) == 59


def test_a_move_counts_at_its_own_level_and_in_its_own_plan() -> None:
    moves = [Move("county", 2018, None, NODE, 5), Move("province", 2016, None, NODE, 7)]
    assert left(2018, taken(38), moves) == 62


def test_a_record_of_places_moved_is_the_move_it_says() -> None:
    row = {"level": "province", "period": "2018", "from_node": NODE, "to_node": "P530100", "places": 5}
    assert move_of(row) == Move("province", 2018, NODE, "P530100", 5)


def test_other_places_levels_and_plans_take_nothing() -> None:
    others = [
        Taken("county", NODE, 2017, False),
        Taken("province", "P530100", 2017, False),
        *taken(9, 2016),
        *taken(9, 2020),
    ]
    assert left(2018, others) == 100


@pytest.mark.parametrize(("named", "left", "overdrawn"), [(99, 1, 0), (100, 0, 0), (103, 0, 3)])
def test_overdrawn_is_said_and_leaves_nothing(named: int, left: int, overdrawn: int) -> None:
    assert places_left(PROGRAMME, LEVEL, NODE, 2018, taken(named), []) == Places(100, named, left, overdrawn)


def test_a_level_without_a_quota_has_no_end() -> None:
    assert places_left(PROGRAMME, PROGRAMME.level("county"), "P530102", 2017, [], []) == Places(None, 0, None, 0)


def test_plans_follow_on_each_other() -> None:
    quota = LEVEL.quota
    assert quota is not None
    assert [PROGRAMME.plan(year, quota.over_years).start for year in (2017, 2019, 2020)] == [2017, 2017, 2020]


ENDS = [(None, "2018-02-13", None), (3, "2018-02-13", "2021-02-13"), (3, "2020-02-29", "2023-02-28"),
        (4, "2020-02-29", "2024-02-29")]


@pytest.mark.parametrize(("years", "decided", "ends"), ENDS)
def test_a_title_ends_so_many_years_later(years: int | None, decided: str, ends: str | None) -> None:
    level = NamingLevel.model_validate({**LEVEL.model_dump(), "valid_years": years})
    found = title_ends(level, dt.date.fromisoformat(decided))
    assert (found and found.isoformat()) == ends
