"""Figures on a later map: recodes, renames, moves, merges and splits, on the shipped divisions and on invented ones."""

import datetime as dt
from decimal import Decimal

import pytest

from etl.core.period import Period
from etl.core.places import Change, Division, PlaceMap
from etl.core.programmes.indicators import IndicatorCatalogue
from etl.core.programmes.programme import Programme
from etl.core.register import SideUnit
from etl.core.totals.two_maps import Amount, Difference, differences, homes, redrawn, register_on, successors
from etl.edges.programmes import load_bundle
from etl.edges.reference import load_places

D = dt.date.fromisoformat
HALF = Period.parse("2018H1")
TODAY = D("2026-11-27")


@pytest.fixture(scope="module")
def shipped() -> Programme:
    """A programme with counties, prefectures and a province; of another province each time it is used."""
    return load_bundle("yunnan-model-branch").programme


@pytest.fixture(scope="module")
def catalogue() -> IndicatorCatalogue:
    return load_bundle("yunnan-model-branch").catalogue


def of_province(programme: Programme, code: str) -> Programme:
    return programme.model_copy(update={"top": programme.top.model_copy(update={"code": code})})


def told(found: list[Difference]) -> list[tuple[str, str, str, str]]:
    return [(each.kind, each.name, each.new_name, each.figures) for each in found]


def test_yunnan_from_2018_to_today() -> None:
    found = differences(load_places(), HALF.last_day, TODAY, "P530000")
    assert told(found) == [
        ("recoded", "马龙县", "马龙区", "kept"),
        ("recoded", "澄江县", "澄江市", "kept"),
        ("recoded", "水富县", "水富市", "kept"),
        ("recoded", "禄丰县", "禄丰市", "kept"),
        ("ground", "维西傈僳族自治县", "德钦县", "none"),
    ]
    assert (found[0].code, found[0].new_code, found[0].document) == ("530321", "530304", "国函〔2018〕24号")


@pytest.mark.parametrize(
    ("since", "until", "top", "expected"),
    [
        ("2018-06-30", "2018-09-30", "P530000", []),
        ("2010-09-30", "2010-10-01", "P533100", [("renamed", "潞西市", "芒市", "kept")]),
        ("2020-06-30", "2020-12-31", "P370600", [
            ("merged", "长岛县", "蓬莱区", "added"), ("recoded", "蓬莱市", "蓬莱区", "kept"),
        ]),
        ("2018-06-30", "2018-12-31", "P371200", [
            ("merged", "莱芜市", "济南市", "left"), ("moved", "莱城区", "莱芜区", "left"), ("moved", "钢城区", "钢城区", "left"),
        ]),
        ("2018-06-30", "2018-12-31", "P370100", [
            ("recoded", "济阳县", "济阳区", "kept"), ("moved", "莱城区", "莱芜区", "none"), ("moved", "钢城区", "钢城区", "none"),
        ]),
        ("2013-06-30", "2013-12-31", "P520100", [
            ("split", "乌当区", "观山湖区", "none"), ("merged", "小河区", "花溪区", "added"),
        ]),
    ],
)
def test_each_change_of_the_map_tells_what_it_did(since: str, until: str, top: str, expected: list[tuple[str, ...]]) -> None:
    assert told(differences(load_places(), D(since), D(until), top)) == expected


def test_earlier_maps_are_refused() -> None:
    with pytest.raises(ValueError, match="later maps only"):
        differences(load_places(), TODAY, HALF.last_day, "P530000")


def test_a_county_that_moved_takes_its_figures_along(shipped: Programme, catalogue: IndicatorCatalogue) -> None:
    programme, places, day = of_province(shipped, "370000"), load_places(), D("2018-12-31")
    side = [SideUnit("371200-001", "某局", "prefectural_unit", "371200")]
    then = register_on(programme, places, side, HALF, HALF.last_day)
    now = register_on(programme, places, side, HALF, day)
    where = homes(then, now, places, HALF.last_day, day)
    assert (where["P371202"], where["U371200-001"], where["P371200-own"]) == ("P371202", "U371200-001", "P370100-own")
    filed = {
        node: {("members", ""): Amount(Decimal(value))}
        for node, value in [("P371202", 5), ("P371203", 7), ("P370102", 100), ("U371200-001", 20), ("P371200-own", 1)]
    }
    after = redrawn(filed, where, now, catalogue)
    assert after["P370100"]["members", ""].value == 133
    assert "P371200" not in after
    assert after["P370000"] == redrawn(filed, {n: n for n in filed}, then, catalogue)["P370000"]
    codes = {node.node_id: (node.code, node.name, node.parent_id) for node in now.nodes}
    assert codes["P371202"] == ("370116", "莱芜区", "P370100")


def test_merged_counties_are_added_and_shares_recomputed(shipped: Programme, catalogue: IndicatorCatalogue) -> None:
    programme, places, day = of_province(shipped, "370000"), load_places(), D("2020-12-31")
    period = Period.parse("2020H1")
    then, now = (register_on(programme, places, [], period, on) for on in (period.last_day, day))
    where = homes(then, now, places, period.last_day, day)
    due, present, excused, rate = "attendance_due", "attendance_present", "attendance_excused", "attendance_rate"
    filed = {
        node: {(due, ""): Amount(Decimal(a)), (present, ""): Amount(Decimal(b)), (excused, ""): Amount(Decimal(0)),
               (rate, ""): Amount(Decimal(b) / Decimal(a)), ("room_haves", ""): Amount(Decimal(6))}
        for node, a, b in [("P370634", 10, 5), ("P370684", 90, 90)]
    }
    after = redrawn(filed, where, now, catalogue)
    assert after["P370684"][rate, ""].value == Decimal("0.95")
    assert after["P370600"][due, ""].value == 100
    assert ("room_haves", "") not in after["P370600"]


SPLIT = D("2002-12-26")
LIJIANG = PlaceMap(
    [
        Division("530000", "云南省", "", "province"),
        Division("530700", "丽江", "530000", "prefecture"),
        Division("530721", "纳西县", "530700", "county", valid_to=SPLIT),
        Division("530702", "古城区", "530700", "county", SPLIT),
        Division("530722", "玉龙县", "530700", "county", SPLIT),
    ],
    [Change("split", "530721", code, False, SPLIT, "day", "国函〔2002〕119号") for code in ("530702", "530722")],
)


def test_a_split_is_not_divided(shipped: Programme, catalogue: IndicatorCatalogue) -> None:
    period = Period.parse("2002H1")
    found = differences(LIJIANG, period.last_day, SPLIT, "P530000")
    assert told(found) == [("split", "纳西县", "古城区", "not_divided"), ("split", "纳西县", "玉龙县", "not_divided")]
    assert successors(LIJIANG, "P530721", period.last_day, SPLIT) == ("P530702", "P530722")
    then, now = (register_on(shipped, LIJIANG, [], period, on) for on in (period.last_day, SPLIT))
    where = homes(then, now, LIJIANG, period.last_day, SPLIT)
    assert where["P530721"] == "P530700"
    after = redrawn({"P530721": {("members", ""): Amount(Decimal(8), True)}}, where, now, catalogue)
    assert after["P530700"]["members", ""] == Amount(Decimal(8), True)
    assert not after.get("P530702")


BEFORE, DAY_OF_CHANGE = D("2018-06-30"), D("2018-10-01")


def _row(code: str, name: str, parent: str, since: dt.date = dt.date.min, until: dt.date = dt.date.max) -> Division:
    tier = "province" if not parent else "prefecture" if parent == "990000" else "county"
    return Division(code, name, parent, tier, since, until)  # type: ignore[arg-type]  # one of three words


def _change(kind: str, old: str, new: str, continues: bool = False) -> Change:
    return Change(kind, old, new, continues, DAY_OF_CHANGE, "day", f"批〔{old}〕{new}")


ALL_KINDS = PlaceMap(
    [
        _row("990000", "甲省", ""), _row("990100", "甲市", "990000"), _row("990200", "乙市", "990000"),
        _row("990101", "东县", "990100", until=DAY_OF_CHANGE), _row("990101", "东区", "990100", DAY_OF_CHANGE),
        _row("990102", "西县", "990100", until=DAY_OF_CHANGE), _row("990202", "西县", "990200", DAY_OF_CHANGE),
        _row("990103", "南县", "990100", until=DAY_OF_CHANGE),
        _row("990104", "北县", "990100", until=DAY_OF_CHANGE),
        _row("990105", "上区", "990100", DAY_OF_CHANGE), _row("990106", "下区", "990200", DAY_OF_CHANGE),
        _row("990107", "左县", "990100"), _row("990108", "右县", "990100"), _row("990109", "开发区", "990200", DAY_OF_CHANGE),
        _row("990110", "前县", "990100"), _row("990111", "后县", "990100", DAY_OF_CHANGE),
    ],
    [
        _change("rename", "990101", "990101", continues=True), _change("moved_and_recoded", "990102", "990202", continues=True),
        _change("merge", "990103", "990101"), _change("split", "990104", "990105"), _change("split", "990104", "990106"),
        _change("boundary", "990107", "990108"), _change("split", "990110", "990111"),
    ],
)
TOLD = [
    ("renamed", "990101 东县 甲市", "990101 东区 甲市", "批〔990101〕990101", "kept"),
    ("moved", "990102 西县 甲市", "990202 西县 乙市", "批〔990102〕990202", "kept"),
    ("merged", "990103 南县 甲市", "990101 东区 甲市", "批〔990103〕990101", "added"),
    ("split", "990104 北县 甲市", "990105 上区 甲市", "批〔990104〕990105", "not_divided"),
    ("split", "990104 北县 甲市", "990106 下区 乙市", "批〔990104〕990106", "not_divided"),
    ("ground", "990107 左县 甲市", "990108 右县 甲市", "批〔990107〕990108", "none"),
    ("new", "  ", "990109 开发区 乙市", "", "none"),
    ("split", "990110 前县 甲市", "990111 后县 甲市", "批〔990110〕990111", "none"),
]


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (BEFORE, DAY_OF_CHANGE, TOLD),
        (DAY_OF_CHANGE - dt.timedelta(days=1), DAY_OF_CHANGE, TOLD),
        (BEFORE, DAY_OF_CHANGE - dt.timedelta(days=1), []),
        (DAY_OF_CHANGE, D("2019-06-30"), []),
        (DAY_OF_CHANGE, DAY_OF_CHANGE, []),
    ],
)
def test_a_difference_tells_both_standings_and_its_document_from_its_day_on(
    since: dt.date, until: dt.date, expected: list[tuple[str, ...]]
) -> None:
    found = differences(ALL_KINDS, since, until, "P990000")
    assert [
        (each.kind, f"{each.code} {each.name} {each.parent}", f"{each.new_code} {each.new_name} {each.new_parent}",
         each.document, each.figures)
        for each in found
    ] == expected
    assert {each.effective_from for each in found if each.kind != "new"} <= {DAY_OF_CHANGE}


def test_what_was_merged_twice_is_told_and_added_where_it_stands_in_the_end(
    shipped: Programme, catalogue: IndicatorCatalogue
) -> None:
    recoded, first, second = D("2014-10-01"), D("2015-01-01"), D("2018-01-01")
    places = PlaceMap(
        [
            Division("990000", "甲省", "", "province"),
            Division("990100", "甲市", "990000", "prefecture"),
            Division("990101", "东县", "990100", "county", valid_to=recoded),
            Division("990111", "东市", "990100", "county", recoded, first),
            Division("990102", "西县", "990100", "county", valid_to=second),
            Division("990103", "南区", "990100", "county"),
        ],
        [
            Change("recode", "990101", "990111", True, recoded, "day"),
            Change("merge", "990111", "990102", False, first, "day"),
            Change("merge", "990102", "990103", False, second, "day"),
        ],
    )
    period, day = Period.parse("2014H1"), D("2018-06-30")
    found = differences(places, period.last_day, day, "P990000")
    assert told(found) == [("merged", "东县", "南区", "added"), ("merged", "西县", "南区", "added")]
    assert {(each.new_place_id, each.new_code, each.new_parent) for each in found} == {("P990103", "990103", "甲市")}
    programme = of_province(shipped, "990000")
    then, now = (register_on(programme, places, [], period, on) for on in (period.last_day, day))
    where = homes(then, now, places, period.last_day, day)
    after = redrawn({"P990101": {("members", ""): Amount(Decimal(8))}}, where, now, catalogue)
    assert after["P990103"]["members", ""] == Amount(Decimal(8))
    assert [each.code for each in found] == ["990101", "990102"]  # that it was recoded before says nothing now
    half_way = differences(places, period.last_day, D("2017-06-30"), "P990000")
    assert told(half_way) == [("merged", "东县", "西县", "added")]


def test_a_programmes_top_is_found_under_its_code_of_the_later_day(shipped: Programme) -> None:
    programme, period = of_province(shipped, "420321"), Period.parse("2014H1")
    tops = [register_on(programme, load_places(), [], period, day).top for day in (period.last_day, D("2014-12-31"))]
    assert [(top.node_id, top.code, top.name) for top in tops] == [
        ("P420321", "420321", "郧县"), ("P420321", "420304", "郧阳区"),
    ]


def test_what_leaves_the_programme_is_told_and_not_counted(shipped: Programme, catalogue: IndicatorCatalogue) -> None:
    gone = D("2019-01-01")
    places = PlaceMap(
        [
            Division("990000", "甲省", "", "province"),
            Division("980000", "乙省", "", "province"),
            Division("990100", "甲市", "990000", "prefecture"),
            Division("980100", "乙市", "980000", "prefecture"),
            Division("990102", "东县", "990100", "county", valid_to=gone),
            Division("980102", "东县", "980100", "county", gone),
            Division("980103", "新县", "980100", "county", gone),
        ],
        [Change("moved_and_recoded", "990102", "980102", True, gone, "day")],
    )
    programme = of_province(shipped, "990000")
    then, now = (register_on(programme, places, [], HALF, on) for on in (HALF.last_day, gone))
    where = homes(then, now, places, HALF.last_day, gone)
    assert where["P990102"] is None
    assert redrawn({"P990102": {("members", ""): Amount(Decimal(8))}}, where, now, catalogue).get("P990000") in (None, {})
    assert told(differences(places, HALF.last_day, gone, "P990000")) == [("moved", "东县", "东县", "left")]
    assert told(differences(places, HALF.last_day, gone, "P980000"))[0] == ("new", "", "新县", "none")
