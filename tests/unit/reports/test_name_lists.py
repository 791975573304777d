"""Lists of names: order, grouping, columns, spacing."""

import random

import pytest

from etl.core.period import Period
from etl.core.reports.name_lists import LONG_LIST, columns_for, name_list, places_below, spaced, units_under
from etl.edges.programmes import load_bundle

YUNNAN = load_bundle("yunnan-model-branch").register(Period.parse("2018"))
KUNMING, WUHUA, PANLONG, QUJING_COUNTY, SIDE = "P530100", "P530102", "P530103", "P530302", "U530000-001"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王芳", "王　芳"),
        (" 王 芳 ", "王　芳"),
        ("岩温香", "岩温香"),
        ("欧阳云起", "欧阳云起"),
        ("甲\n乙丙", "甲 乙丙"),
    ],
)
def test_a_name_of_two_characters_is_as_wide_as_one_of_three(name: str, shown: str) -> None:
    assert spaced(name) == shown


WIDTHS = [(3, "large", 5), (4, "large", 5), (5, "large", 4), (12, "large", 1), (11, "large", 2), (16, "small", 1),
          (15, "small", 2)]


@pytest.mark.parametrize(("longest", "size", "columns"), WIDTHS)
def test_the_longest_name_settles_the_columns(longest: int, size: str, columns: int) -> None:
    assert columns_for(["甲" * longest, "乙"], size) == columns


def test_letters_and_digits_are_half_as_wide() -> None:
    assert columns_for(["A" * 22], "large") == columns_for(["甲" * 11], "large") == 2


ENTRIES = [
    (QUJING_COUNTY, "丁支部"),
    (PANLONG, "丙支部"),
    (SIDE, "戊支部"),
    (WUHUA, "乙支部"),
    (WUHUA, "甲支部"),
]


@pytest.mark.parametrize("seed", range(4))
def test_names_stand_by_place_in_division_order_whatever_order_they_come_in(seed: int) -> None:
    entries = ENTRIES[:]
    random.Random(seed).shuffle(entries)
    made = name_list("先进", entries, YUNNAN, "P530000", of_people=False)
    assert [(group["place"], group["count"], group["names"]) for group in made["groups"]] == [
        ("昆明市", 3, ["乙支部", "甲支部", "丙支部"]), ("曲靖市", 1, ["丁支部"]), ("", 1, ["戊支部"]),
    ]
    assert (made["count"], made["size"]) == (5, "large")


def test_below_a_prefecture_names_stand_by_county_and_below_a_county_by_nothing() -> None:
    of_kunming = name_list("先进", [(WUHUA, "甲"), (PANLONG, "乙")], YUNNAN, KUNMING, of_people=False)
    assert [group["place"] for group in of_kunming["groups"]] == ["五华区", "盘龙区"]
    of_wuhua = name_list("先进", [(WUHUA, "乙"), (WUHUA, "甲")], YUNNAN, WUHUA, of_people=False)
    assert [(group["place"], group["names"]) for group in of_wuhua["groups"]] == [("", ["乙", "甲"])]


def test_people_of_a_place_with_nothing_below_it_stand_by_unit() -> None:
    district = load_bundle("dongxihu-small-gear").register(Period.parse("2018"))
    first, second = [unit for unit in district.units if unit.unit_id.startswith("U")][:2]
    entries = [(second.unit_id, "王甲"), (first.unit_id, "王乙丙"), (first.unit_id, "王甲")]
    made = name_list("优秀", entries, district, "P420112", of_people=True)
    assert [(group["place"], group["names"]) for group in made["groups"]] == [
        (first.name, ["王　甲", "王乙丙"]), (second.name, ["王　甲"]),
    ]
    alone = name_list("优秀", entries[1:], district, "P420112", of_people=True)
    assert [group["place"] for group in alone["groups"]] == [""]
    of_branches = name_list("先进", entries, district, "P420112", of_people=False)
    assert [group["place"] for group in of_branches["groups"]] == [""]


def test_a_long_list_is_set_smaller() -> None:
    for count, size in ((LONG_LIST, "large"), (LONG_LIST + 1, "small")):
        made = name_list(
            "先进", [(WUHUA, f"第{n:03d}") for n in range(count)], YUNNAN, "P530000", of_people=False
        )
        assert made["size"] == size


def test_offices_and_side_units_are_units_of_a_place_and_no_places() -> None:
    assert {WUHUA, PANLONG, f"{KUNMING}-own"} <= units_under(YUNNAN, KUNMING)
    assert not {QUJING_COUNTY, SIDE} & units_under(YUNNAN, KUNMING)
    assert SIDE in units_under(YUNNAN, "P530000")
    assert SIDE not in places_below(YUNNAN, "P530000")
    assert f"{KUNMING}-own" not in places_below(YUNNAN, KUNMING)
