"""The forms that follow from a programme: columns, headings, choices, dated changes."""

import datetime as dt
from typing import Any

import pytest

from etl.core.period import Period
from etl.core.programmes.forms import OwnForms, build_layout, filed_uses, parts_of
from etl.core.programmes.layout import Column, Layout
from etl.edges.programmes import Bundle, load_bundle

YUNNAN, PERIOD = "yunnan-model-branch", Period.parse("2018H1")


def _layout(programme: str = YUNNAN, period: str = "2018H1", **own: Any) -> Layout:
    bundle: Bundle = load_bundle(programme)
    forms = OwnForms.model_validate(own)
    return build_layout(bundle.programme, bundle.catalogue, bundle.forms, forms, Period.parse(period))


def _column(layout: Layout, table: str, key: str) -> Column:
    return next(column for column in layout.table(table).columns if column.key == key)


def _keys(layout: Layout, table: str) -> set[str]:
    return {column.key for column in layout.table(table).columns}


def test_a_figure_stands_with_who_files_it() -> None:
    layout = _layout()
    assert {"party_meetings", "members"} <= _keys(layout, "branches")
    assert {"branches", "branches_named"} <= _keys(layout, "unit_figures") - _keys(layout, "branches")
    assert "members" in _keys(layout, "unit_figures")  # its control total
    assert not {"ledger_entries"} & (_keys(layout, "branches") | _keys(layout, "unit_figures"))


def test_parts_follow_their_whole() -> None:
    keys = [column.key for column in _layout().table("unit_figures").columns if column.indicator == "branches_named"]
    assert keys == ["branches_named", "branches_named__county", "branches_named__prefecture", "branches_named__province"]
    assert _column(_layout(), "unit_figures", "rooms_built__new").headings[0] == "新建改建扩建活动室数/新建"


def test_two_breakdowns_are_crossed_and_an_unknown_one_is_refused() -> None:
    bundle = load_bundle(YUNNAN)
    use = next(use for use in bundle.programme.indicators if use.key == "rooms_built")
    crossed = use.model_copy(update={"by": ("build_kind", "build_mode")})
    assert parts_of(crossed, bundle.programme, bundle.catalogue)["new_led"] == "新建带建"
    with pytest.raises(ValueError, match="unknown breakdown colour"):
        parts_of(use.model_copy(update={"by": ("colour",)}), bundle.programme, bundle.catalogue)


def test_derived_figures_may_be_left_out_and_offices_figures_are_not_asked_of_counties() -> None:
    layout = _layout()
    required = {column.key: column.required for table in layout.tables for column in table.columns if column.indicator}
    assert required["party_meetings"]
    assert _column(layout, "branches", "members").required  # its control total need not be filed
    assert not _column(layout, "unit_figures", "members").required
    assert not required["attendance_rate"]
    assert not required["forum_sessions"]
    assert not required["branches_named__county"]


def test_a_branch_answers_yes_or_no_where_a_unit_would_count() -> None:
    column = _column(_layout(), "branches", "branches_taking_part")
    assert (column.type, column.choices["是"], column.choices["×"], column.unit_words) == ("yes_no", "1", "0", ())


def test_headings_come_with_the_unit_written_behind() -> None:
    headings = _column(_layout(), "branches", "dues_collected").headings
    assert headings[:2] == ("收缴党费", "收缴党费金额")
    assert "收缴党费（元）" in headings


def test_identity_columns_follow_the_programme() -> None:
    assert "rectifying" in _keys(_layout(), "branches")
    assert "township" not in _keys(_layout(), "branches")
    zunyi = _layout("zunyi-six-good", "2024H2")
    assert _column(zunyi, "branches", "township").required
    assert "rectifying" not in _keys(zunyi, "branches")


def test_levels_and_kinds_are_the_programmes_own() -> None:
    layout = _layout()
    assert _column(layout, "honours", "level").choices["省级示范党支部"] == "province"
    assert _column(layout, "branches", "branch_kind").choices["功能性党支部"] == "functional"


def test_a_heading_holds_from_its_first_to_its_last_day() -> None:
    dated = {"text": "党员总数", "since": dt.date(2018, 1, 1), "until": dt.date(2018, 6, 30)}
    own = {"headings": {"branches": {"members": [dated, "总人数"]}}}
    told = {}
    for period in ("2017H2", "2018H1", "2018H2"):
        headings = _column(_layout(period=period, **own), "branches", "members").headings
        told[period] = ("党员总数" in headings, "总人数" in headings)
    assert told == {"2017H2": (False, True), "2018H1": (True, True), "2018H2": (False, True)}


def test_another_heading_is_another_layout() -> None:
    own = {"headings": {"branches": {"members": ["总人数"]}}}
    assert _layout(**own).digest != _layout().digest == _layout().digest


def test_a_heading_for_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown columns colour"):
        _layout(headings={"branches": {"colour": ["颜色"]}})


def test_every_filed_use_has_exactly_one_whole_column() -> None:
    bundle, layout = load_bundle(YUNNAN), _layout()
    for table in ("branches", "unit_figures"):
        wholes = [c.indicator for c in layout.table(table).columns if c.indicator and not c.part]
        assert wholes == [use.key for use in filed_uses(bundle.programme, bundle.catalogue, table)]
