"""One node's figures, head and the units that filed in one of two periods: each field by a few rows."""

import datetime as dt
from typing import Any

import pytest

from etl.core.programmes.documents import DispatchSettings, Letterhead
from etl.core.reports.comparable import units_in_one_period
from etl.core.reports.figures import node_figures
from etl.core.reports.head import edition_part, head_part
from etl.edges.templates import wording
from tests.unit.reports.invented_report import EDITION, MEASURES, SETTINGS, edition_of

NAN = float("nan")
FILED: dict[str, Any] = {
    "value": 60.0, "at_least": False, "missing": 0, "previous_value": 50.0, "last_year_value": 40.0, "rank_in_parent": 2.0,
    "rank_of_parent": 9.0,
}


def _figure(fewest: int = 0, key: str = "members", **row: Any) -> dict[str, Any]:
    (figure,) = node_figures({("P1", key): {**FILED, **row}}, "P1", [key], MEASURES, wording(), lambda _: fewest)
    return figure


def test_figures_come_in_the_order_asked_for_and_only_of_the_node() -> None:
    figures = {("P1", "members"): FILED, ("P2", "branches"): FILED}
    found = node_figures(figures, "P1", ["branches", "members"], MEASURES, wording())
    assert [(each["key"], each["number"], each["cell"], each["known"]) for each in found] == [
        ("branches", None, "—", False), ("members", 60.0, "60", True),
    ]
    assert (found[0]["missing"], found[0]["rank"], found[0]["previous"]) == (0, None, None)


@pytest.mark.parametrize(
    ("value", "fewest", "cell", "known", "at_least"),
    [(4.0, 5, "＊", False, False), (5.0, 5, "≥5", True, True), (0.0, 5, "≥0", True, True), (4.0, 0, "≥4", True, True),
     (NAN, 5, "—", False, False)],
)
def test_too_few_people_are_neither_told_nor_told_to_be_more(
    value: float, fewest: int, cell: str, known: bool, at_least: bool
) -> None:
    figure = _figure(fewest, value=value, at_least=True)
    assert (figure["known"], figure["at_least"]) == (known, at_least)
    assert (figure["cell"], figure["tile"]["number"]) == (cell, cell)
    assert (figure["number"] is None) == (not known)


@pytest.mark.parametrize(
    ("fewest", "previous", "last_year", "changes"),
    [(5, 50.0, 40.0, (10, 20)), (5, 4.0, 4.0, (None, None)), (5, 5.0, 4.0, (55, None)), (5, 4.0, 0.0, (None, 60)),
     (0, 4.0, NAN, (56, None))],
)
def test_each_change_is_told_from_its_own_base_unless_that_is_too_few_people(
    fewest: int, previous: float, last_year: float, changes: tuple[int | None, int | None]
) -> None:
    figure = _figure(fewest, previous_value=previous, last_year_value=last_year)
    assert tuple(change and change["by"] for change in (figure["previous"], figure["last_year"])) == changes


@pytest.mark.parametrize(
    ("value", "previous", "telling"), [(0.0, 0.0, False), (0.0, NAN, False), (0.0, 3.0, True), (1.0, 0.0, True)]
)
def test_nothing_after_nothing_is_not_worth_telling(value: float, previous: float, telling: bool) -> None:
    assert _figure(value=value, previous_value=previous)["telling"] is telling


@pytest.mark.parametrize(("rank", "of", "told"), [(2.0, 9.0, {"rank": 2, "of": 9}), (NAN, 9.0, None), (2.0, None, None)])
def test_a_rank_is_told_with_the_number_ranked(rank: float, of: float | None, told: dict[str, int] | None) -> None:
    assert _figure(rank_in_parent=rank, rank_of_parent=of)["rank"] == told


@pytest.mark.parametrize(("missing", "told"), [(3.0, 3), (NAN, 0), (None, 0)])
def test_units_without_the_figure_are_counted(missing: float | None, told: int) -> None:
    assert _figure(missing=missing)["missing"] == told


def _both(now: float | None, before: float | None) -> dict[str, float | None]:
    return {"value": now, "previous_value": before}


@pytest.mark.parametrize(
    ("members", "branches", "found"),
    [
        (_both(3, 3), _both(None, None), ""),
        (_both(0, None), _both(None, NAN), "gained"),  # nought is filed
        (_both(NAN, 0), {}, "lost"),
        (_both(None, 12), _both(3, 3), "lost"),  # its own row is held, those of its branches are not
        (_both(None, 3), _both(1, None), "lost gained"),
        (_both(NAN, None), {}, ""),
    ],
)
def test_a_unit_with_a_figure_in_one_of_two_periods_only_is_gained_or_lost(
    members: dict[str, Any], branches: dict[str, Any], found: str
) -> None:
    figures = {("U", "members"): members, ("U", "branches"): branches, ("U", "dues"): _both(1, None)}
    told = units_in_one_period(figures, ["U"], ["members", "branches"])
    assert told == {kind: ["U"] if kind in found.split() else [] for kind in ("lost", "gained")}


def _head(settings: DispatchSettings, parent: Any = None) -> dict[str, Any]:
    return head_part(EDITION, "晋宁区", "county", parent, settings, wording())


def test_a_head_fills_every_placeholder_of_its_tiers_patterns() -> None:
    settings = SETTINGS.model_copy(
        update={
            "issuer": {"county": "{parent}{name}", "default": "别处"},
            "number": {"county": "{initial}{kind}〔{year}〕{number}号"},
            "to": {"county": "{organ}、{called}"},
            "cc": {"default": "{whole}"},
            "title_lines": ("{period}", "{programme}"),
        }
    )
    head = _head(settings, parent={"name": "昆明市\n"})
    assert head["organ"] == "昆明市晋宁区"
    assert head["number"] == "晋区〔2018〕10号"
    assert head["to"] == f"昆明市晋宁区、{head['called']}"
    assert (head["cc"], head["printed_by"]) == ("全区", "昆明市晋宁区")  # the issuer prints where nobody else is named
    assert head["title_lines"] == ["2018年上半年", "离退休干部“示范党支部”创建"]
    assert _head(settings)["organ"] == "晋宁区"
    printed = settings.model_copy(update={"printed_by": {"county": "{name}印刷厂"}})
    assert _head(printed)["printed_by"] == "晋宁区印刷厂"


def test_the_number_of_a_district_does_not_read_as_the_citys() -> None:
    settings = SETTINGS.model_copy(update={"number": {"default": "{initial}老干通〔{year}〕{number}号"}})
    assert head_part(EDITION, "市中区", "county", None, settings, wording())["number"] == "市中老干通〔2018〕10号"


@pytest.mark.parametrize(
    ("form", "told"), [({}, "document"), ({"default": "letter"}, "letter"), ({"county": "letter"}, "letter"),
                       ({"province": "letter"}, "document"), ({"county": "document", "default": "letter"}, "document")],
)
def test_a_paper_is_a_document_unless_its_tier_writes_letters(form: dict[str, str], told: str) -> None:
    assert _head(SETTINGS.model_copy(update={"form": form}))["form"] == told


@pytest.mark.parametrize(
    ("direction", "told"), [({}, "通报"), ({"county": "upward"}, "报告"), ({"province": "upward"}, "通报"),
                            ({"default": "upward"}, "报告"), ({"county": "downward", "default": "upward"}, "通报")],
)
def test_a_paper_goes_down_unless_its_tier_reports_upward(direction: dict[str, str], told: str) -> None:
    assert _head(SETTINGS.model_copy(update={"direction": direction}))["called"] == told


def test_an_edition_tells_its_days_and_what_it_compares_with() -> None:
    part = edition_part(edition_of("P530122", revision=2, previous=None), "晋宁区", "county", wording())
    assert (part["key"], part["revision"], part["period"]) == ("2018H1/invented-programme/P530122/r2", 2, "2018H1")
    assert (part["previous_zh"], part["last_year_zh"]) == ("", "2017年上半年")
    days = [part[name] for name in ("issued_on_zh", "data_as_of_zh", "reply_by_zh")]
    assert days == ["2018年8月6日", "2018年7月31日", "2018年8月31日"]
    first = edition_part(edition_of("P530122", last_year=None, issued_on=dt.date(2018, 12, 1)), "晋宁区", "county", wording())
    assert (first["previous_zh"], first["last_year_zh"], first["issued_on"]) == ("2017年下半年", "", "2018-12-01")
    assert (first["name"], first["tier"], first["whole"]) == ("晋宁区", "county", "全区")


def test_an_english_paper_has_its_own_letterhead_where_there_is_one() -> None:
    english = Letterhead(issuer={"default": "Bureau"}, number={"default": "No. {number}"}, to={"default": "All"})
    settings = SETTINGS.model_copy(update={"english": english})
    head = head_part(EDITION, "Jinning", "county", None, settings, wording("en"))
    assert (head["organ"], head["number"], head["to"]) == ("Bureau", "No. 10", "All")
    assert _head(settings)["organ"] == "晋宁区委老干部局"
