"""The map of divisions: the shipped data on and around the days it changed, and what a map refuses."""

from datetime import date, timedelta

import pytest

from etl.core.period import Period
from etl.core.places import Change, Division, PlaceMap
from etl.edges.reference import load_places

D = date.fromisoformat
YUNNAN = "P530000"


@pytest.fixture(scope="module")
def places() -> PlaceMap:
    return load_places()


def test_yunnan_in_the_middle_of_2018(places: PlaceMap) -> None:
    view = places.for_period(Period.parse("2018H1"))
    prefectures = view.children(YUNNAN)
    assert [len(view.children(p.place_id)) for p in prefectures] == [
        14, 9, 9, 5, 11, 5, 10, 8, 10, 13, 8, 3, 12, 5, 4, 3
    ]
    assert len(prefectures) == 16
    counties = view.descendants(YUNNAN, "county")
    assert len(counties) == 129
    assert [c.code for c in counties] == sorted(c.code for c in counties)


@pytest.mark.parametrize("day", ["2010-01-01", "2016-06-30", "2018-12-31", "2021-02-02", "2026-09-01"])
def test_yunnan_always_has_129_counties(places: PlaceMap, day: str) -> None:
    assert len(places.on(D(day)).descendants(YUNNAN, "county")) == 129


def test_the_map_of_today_has_every_province_prefecture_and_county(places: PlaceMap) -> None:
    view = places.on(D("2026-09-01"))
    assert [sum(place.tier == tier for place in view) for tier in ("province", "prefecture", "county")] == [34, 333, 2847]
    assert len(view) == 34 + 333 + 2847


@pytest.mark.parametrize(
    ("old", "new", "day", "names"),
    [
        ("530122", "530115", "2016-12-01", "晋宁县 晋宁区"),
        ("530321", "530304", "2018-10-01", "马龙县 马龙区"),
        ("530630", "530681", "2018-10-01", "水富县 水富市"),
        ("530422", "530481", "2019-12-13", "澄江县 澄江市"),
        ("532331", "532302", "2021-02-02", "禄丰县 禄丰市"),
        ("520321", "520304", "2016-06-01", "遵义县 播州区"),
        ("420321", "420304", "2014-10-01", "郧县 郧阳区"),
        ("371202", "370116", "2018-12-31", "莱城区 莱芜区"),
        ("370684", "370614", "2020-12-31", "蓬莱市 蓬莱区"),
    ],
)
def test_a_place_outlives_its_code(places: PlaceMap, old: str, new: str, day: str, names: str) -> None:
    before, after = places.on(D(day) - timedelta(days=1)), places.on(D(day))
    place_id = f"P{old}"
    assert places.resolve(old) == places.resolve(new) == place_id
    assert (before.by_id(place_id).code, after.by_id(place_id).code) == (old, new)
    assert [before.by_id(place_id).name, after.by_id(place_id).name] == names.split()
    assert (before.by_code(new), after.by_code(old)) == (None, None)
    assert [(s.code, s.valid_from, s.valid_to) for s in places.codes_of(place_id)] == [
        (old, date.min, D(day)),
        (new, D(day), date.max),
    ]


def test_a_period_uses_the_map_of_its_last_day(places: PlaceMap) -> None:
    names = [places.for_period(Period.parse(p)).by_id("P530321").name for p in ("2018H1", "2018H2")]
    assert names == ["马龙县", "马龙区"]


def test_a_rename_keeps_the_code(places: PlaceMap) -> None:
    assert [span.name for span in places.codes_of("P533103")] == ["潞西市", "芒市"]
    assert [(e.kind, e.from_id, e.to_id) for e in places.lineage("P533103")] == [
        ("rename", "P533103", "P533103")
    ]


def test_a_move_to_another_prefecture_changes_the_parent(places: PlaceMap) -> None:
    parents = [places.on(D(day)).by_id("P371203").parent_id for day in ("2018-12-30", "2018-12-31")]
    assert parents == ["P371200", "P370100"]


def test_merged_places_end_and_leave_an_edge(places: PlaceMap) -> None:
    for ended, into in [("P370634", "P370684"), ("P370802", "P370811"), ("P371200", "P370100")]:
        (edge,) = places.lineage(ended)
        assert (edge.kind, edge.from_id, edge.to_id) == ("merge", ended, into)
        assert ended in places.on(edge.effective_from - timedelta(days=1))
        assert ended not in places.on(edge.effective_from)
        assert into in places.on(edge.effective_from)


def test_a_split_makes_a_new_place(places: PlaceMap) -> None:
    assert places.resolve("520115") == "P520115"
    assert [(e.kind, e.from_id) for e in places.lineage("P520115")] == [("split", "P520112")]
    assert "P520115" not in places.on(D("2013-07-31"))


def test_a_boundary_change_touches_both_and_no_code(places: PlaceMap) -> None:
    (edge,) = places.lineage("P533422")
    assert (edge.kind, edge.from_id, edge.effective_from) == ("boundary", "P533423", D("2024-09-27"))
    assert len(places.codes_of("P533423")) == 1


def test_lists_of_places_are_in_order_of_codes_whatever_order_they_came_in() -> None:
    codes = ["990202", "990100", "990301", "990101", "990200", "990000"]  # 990301 has come to the first prefecture
    tiers = ["county", "prefecture", "county", "county", "prefecture", "province"]
    parents = ["990200", "990000", "990100", "990100", "990000", ""]
    rows = [Division(code, code, parent, tier) for code, parent, tier in zip(codes, parents, tiers, strict=True)]  # type: ignore[arg-type]  # a list of texts
    view = PlaceMap(rows, []).on(D("2018-06-30"))
    assert [place.code for place in view] == sorted(codes)
    assert [place.code for place in view.children("P990000")] == ["990100", "990200"]
    assert [place.code for place in view.descendants("P990000", "county")] == ["990101", "990202", "990301"]


def test_every_day_of_change_has_a_sound_map(places: PlaceMap) -> None:
    for day in places.change_days:
        for view in (places.on(day - timedelta(days=1)), places.on(day)):
            assert len({p.code for p in view}) == len({p.place_id for p in view}) == len(view)
            assert all(p.parent_id is None or p.parent_id in view for p in view)
            assert {p.tier for p in view if p.parent_id is None} == {"province"}


def test_every_change_falls_on_an_edge_of_a_span(places: PlaceMap) -> None:
    for place in places.on(D("2026-09-01")):
        for edge in places.lineage(place.place_id):
            spans = places.codes_of(edge.from_id) + places.codes_of(edge.to_id)
            edges_of_spans = {day for s in spans for day in (s.valid_from, s.valid_to)}
            assert edge.kind == "boundary" or edge.effective_from in edges_of_spans


def test_no_place_is_ever_off_the_map_between_two_of_its_spans(places: PlaceMap) -> None:
    for place in places.on(D("2026-09-01")):
        spans = places.codes_of(place.place_id)
        assert [s.valid_to for s in spans] == [*(s.valid_from for s in spans[1:]), date.max]


def test_counties_straight_under_a_province_and_prefectures_without_counties(places: PlaceMap) -> None:
    view = places.on(D("2026-09-01"))
    xiantao = view.by_code("429004")
    assert xiantao is not None
    assert (xiantao.tier, xiantao.parent_id) == ("county", "P420000")
    assert xiantao in view.children("P420000", "county")
    assert xiantao not in view.children("P420000", "prefecture")
    assert xiantao in view.descendants("P420000", "county")
    assert len(view.children("P110000", "county")) == 16
    assert view.children("P441900") == ()


def test_ancestors_come_nearest_first(places: PlaceMap) -> None:
    view = places.on(D("2018-06-30"))
    assert [p.name for p in view.ancestors("P530321")] == ["曲靖市", "云南省"]
    assert view.ancestors(YUNNAN) == ()


def test_unknown_codes_and_places(places: PlaceMap) -> None:
    view = places.on(D("2018-06-30"))
    assert places.resolve("999999") is None
    assert view.by_code("999999") is None
    assert places.codes_of("P999999") == places.lineage("P999999") == ()
    with pytest.raises(KeyError):
        view.by_id("P520115X")


DAY = D("2020-01-01")
TOP = Division("100000", "甲省", "", "province")


def county(code: str, valid_from: date = date.min, valid_to: date = date.max) -> Division:
    return Division(code, f"县{code}", "100000", "county", valid_from, valid_to)


def recode(old: str, new: str, day: date) -> Change:
    return Change("county_to_district", old, new, continues=True, effective_from=day, precision="day")


def test_a_place_keeps_its_id_over_two_recodes_and_back() -> None:
    later, last = D("2021-01-01"), D("2022-01-01")
    rows = [TOP, county("100009", date.min, DAY), county("100002", DAY, later), county("100001", later, last)]
    rows.append(county("100009", last))
    changes = [
        recode("100001", "100009", last),
        recode("100002", "100001", later),
        recode("100009", "100002", DAY),
    ]
    places = PlaceMap(rows[::-1], changes)
    assert {places.resolve(c) for c in ("100001", "100002", "100009")} == {"P100009"}
    assert [s.code for s in places.codes_of("P100009")] == ["100009", "100002", "100001", "100009"]


def test_the_map_is_another_from_the_day_on_which_a_place_begins_or_ends() -> None:
    later = D("2021-01-01")
    places = PlaceMap([TOP, county("100001", date.min, later), county("100002", DAY)], [])
    assert places.change_days == (DAY, later)
    days = [day + timedelta(days=shift) for day in (DAY, later) for shift in (-1, 0)]
    told = [[place.code for place in places.on(day) if place.tier == "county"] for day in days]
    assert told == [["100001"], ["100001", "100002"], ["100001", "100002"], ["100002"]]


def test_two_origins_cannot_both_continue() -> None:
    rows = [TOP, county("100001", date.min, DAY), county("100002", date.min, DAY), county("100003", DAY)]
    with pytest.raises(ValueError, match="continue both"):
        PlaceMap(rows, [recode("100001", "100003", DAY), recode("100002", "100003", DAY)])


@pytest.mark.parametrize(("old", "new"), [("100001", "100009"), ("100009", "100001")])
def test_a_change_must_name_known_codes(old: str, new: str) -> None:
    with pytest.raises(ValueError, match=r"unknown codes: \['100009'\]"):
        PlaceMap([TOP, county("100001")], [recode(old, new, DAY)])


@pytest.mark.parametrize(
    "rows",
    [
        [TOP, county("100001"), county("100001", DAY)],
        [TOP, county("100001", date.min, D("2020-01-02")), county("100002", DAY)],
    ],
)
def test_spans_of_a_place_must_not_overlap(rows: list[Division]) -> None:
    places = PlaceMap(rows, [recode("100001", rows[-1].code, DAY)])
    with pytest.raises(ValueError, match="same place"):
        places.on(DAY)


def test_a_parent_must_exist_on_the_day() -> None:
    top = Division("100000", "甲省", "", "province", DAY)
    places = PlaceMap([top, county("100001")], [])
    with pytest.raises(ValueError, match="P100000"):
        places.on(DAY - timedelta(days=1))
    assert len(places.on(DAY)) == 2
