"""The views `figures`, `ratios` and `unit_sums`: what each figure is held against."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from etl.edges.workbench import no_figures, titles_table
from tests.support.bench import bench, counties, view

UNIT, B1 = "P530102", "530102-B001"
BRANCH = {"branch_id": B1, "branch_name": "测试党支部"}


def _previous(*rows: tuple[str, str, str, str, int, bool]) -> pa.Table:
    names = no_figures().schema.names
    made = [dict(zip(names, row, strict=True)) | {"value": Decimal(row[4])} for row in rows]
    return pa.Table.from_pylist(made, schema=no_figures().schema)


def _figure(folder: Path, filed: dict[str, list[dict[str, str]]], key: str, *columns: str, **before: Any) -> tuple[Any, ...]:
    made = bench(folder, {(UNIT, table): rows for table, rows in filed.items()}, **before)
    table = "unit_figures" if "unit_figures" in filed else "branches"
    return view(made, "figures", *columns, column_key=key, table_name=table)[0]


def test_closing_must_be_opening_and_set_up_less_dissolved(tmp_path: Path) -> None:
    whole = {"branches_opening": "6066", "branches_established": "200", "branches_dissolved": "10", "branches": "6250"}
    part = {key: text for key, text in whole.items() if key != "branches_dissolved"}  # nothing to compare with
    first, second = counties(2)
    made = bench(tmp_path, {(first, "unit_figures"): [whole], (second, "unit_figures"): [part]})
    assert view(made, "figures", "value", "must_equal", column_key="branches") == [(6250, 6256), (6250, None)]


def test_opening_is_held_against_the_closing_before_of_the_same_unit(tmp_path: Path) -> None:
    first, second, new = counties(3)
    before = _previous(
        (first, first, "branches", "", 6066, True), (second, second, "branches", "", 9, True),
        (first, first, "branches", "a_part", 5, True), (first, first, "members", "", 7, True),
    )
    filed = {(unit, "unit_figures"): [{"branches_opening": "6065"}] for unit in (first, second, new)}
    made = bench(tmp_path, filed, previous_figures=before)
    assert view(made, "figures", "closing_before", column_key="branches_opening") == [(6066,), (9,), (None,)]


def test_a_units_figures_of_the_commended_are_held_against_its_list_of_honours(tmp_path: Path) -> None:
    praise = {"honour_kind": "表扬", "recipient": "甲支部", "recipient_kind": "党组织", "conferred_tier": "省级"}
    listed = [
        praise, praise | {"honour_kind": "荣誉"}, praise | {"recipient_kind": "党员"},
        praise | {"honour_kind": "命名", "level": "省级示范党支部"},  # a naming is no praise
        praise | {"honour_kind": "奖金"}, praise | {"recipient": None},  # held back as rows, so not counted
    ]
    row = {"organisations_commended": "3", "members_commended": "1"}
    made = bench(tmp_path, {(UNIT, "unit_figures"): [row], (UNIT, "honours"): listed, ("P530103", "unit_figures"): [row]})

    def told(key: str) -> list[tuple[Any, ...]]:
        return view(made, "figures", "unit_id", "value", "listed", column_key=key)

    assert told("organisations_commended") == [(UNIT, 3, 2), ("P530103", 3, 0)]  # who sends no list has listed nobody
    assert told("members_commended") == [(UNIT, 1, 1), ("P530103", 1, 0)]
    assert told("branches_opening")[0][2] is None
    shiyan = bench(tmp_path, {("P420302", "unit_figures"): [{"members_commended": "2", "members_commended__title_1": "2"}]},
                   "shiyan-six-good", "2024H1")
    by_title = dict(view(shiyan, "figures", "part", "listed", table_name="unit_figures", indicator="members_commended"))
    assert (by_title[""], by_title["title_1"]) == (0, None)


def test_a_units_figures_of_titles_are_held_against_those_on_record(tmp_path: Path) -> None:
    """Each level of which anything is on record; a unit without a title there should file none."""
    named = [("530102-B1", UNIT, "province"), ("530102-B2", UNIT, "province"), ("530103-B1", "P530103", "prefecture")]
    standing = [(f"530102-B{number}", UNIT, "province") for number in range(5)]  # which this figure does not count
    on_record = titles_table(
        [{"basis": basis, "branch_id": branch, "unit_id": unit, "level": level}
         for basis, rows in (("decided", named), ("in_force", standing)) for branch, unit, level in rows]
    )
    row = {"branches_named": "4", "branches_named__province": "3", "branches_named__county": "1"}
    filed = {(UNIT, "unit_figures"): [row], ("P530103", "unit_figures"): [row]}
    filed[UNIT, "branches"] = [{"branch_id": branch} for branch, _, _ in standing]
    made = bench(tmp_path, filed, titles_recorded=on_record)
    cells = view(made, "figures", "unit_id", "part", "titled", indicator="branches_named")
    told = {(unit, part): titled for unit, part, titled in cells}
    assert told == {
        (UNIT, "province"): 2, (UNIT, "prefecture"): 0, (UNIT, "county"): None, (UNIT, ""): None,
        ("P530103", "province"): 0, ("P530103", "prefecture"): 1, ("P530103", "county"): None, ("P530103", ""): None,
    }
    assert view(bench(tmp_path, filed), "figures", "titled", column_key="branches_named__province") == [(None,), (None,)]


def test_titles_in_force_count_where_the_branch_is_filed_now(tmp_path: Path) -> None:
    """A branch moved since it was named: the unit that files it now answers for it, and one filed nowhere is nobody's."""
    title = {"basis": "in_force", "unit_id": "P370402", "level": "standardised"}
    on_record = titles_table([{**title, "branch_id": branch} for branch in ("B1", "B2", "B3")])
    filed = {
        ("P370402", "branches"): [{"branch_id": "B1"}], ("P370403", "branches"): [{"branch_id": "b2"}],
        **{(unit, "unit_figures"): [{"branches_by_level__standardised": "1"}] for unit in ("P370402", "P370403")},
    }
    made = bench(tmp_path, filed, "zaozhuang-true-colour-home", "2021H1", titles_recorded=on_record)
    assert view(made, "figures", "titled", column_key="branches_by_level__standardised") == [(1,), (1,)]


OWN_SCORES = [("zaozhuang-true-colour-home", "2021H2", 110), ("yunnan-model-branch", "2017H2", 100)]


@pytest.mark.parametrize(("programme", "period", "most"), OWN_SCORES)
def test_a_branchs_own_score_is_at_most_the_full_score_with_its_bonus(
    tmp_path: Path, programme: str, period: str, most: int
) -> None:
    unit = {"zaozhuang-true-colour-home": "P370402", "yunnan-model-branch": UNIT}[programme]
    rows = [BRANCH | {"self_score": text} for text in ("99.5", "九十多")]
    made = bench(tmp_path, {(unit, "branches"): rows}, programme, period)
    found = view(made, "figures", "value", "maximum", "unreadable_text", column_key="self_score")
    assert found == [(Decimal("99.5"), most, None), (None, most, "九十多")]


def test_a_number_is_at_least_nought_and_a_share_or_a_tick_at_most_one(tmp_path: Path) -> None:
    keys = ("members", "attendance_rate", "branches_taking_part", "dues_collected", "last_election_on")
    made = bench(tmp_path, {(UNIT, "branches"): [BRANCH | dict.fromkeys(keys, "1")]})
    told = {key: (low, high) for key, low, high in view(made, "figures", "column_key", "minimum", "maximum")}
    assert [told[key] for key in keys] == [(0, None), (0, 1), (0, 1), (0, None), (None, None)]


def test_parts_are_summed_as_soon_as_one_is_filed(tmp_path: Path) -> None:
    parts = {"branches_named__province": "38", "branches_named__prefecture": "209", "branches_named__county": "361"}
    rows = (parts, {"branches_named__county": "361"}, {"branches_named": "608"})
    units = counties(len(rows))
    made = bench(tmp_path, {(unit, "unit_figures"): [row] for unit, row in zip(units, rows, strict=True)})
    assert view(made, "figures", "parts_sum", column_key="branches_named") == [(608,), (361,), (None,)]
    assert view(made, "figures", "parts_sum", column_key="branches_named__county") == [(None,)] * 3


def test_a_part_is_held_against_its_whole_in_the_same_row(tmp_path: Path) -> None:
    filed = {"branches": [BRANCH | {"members": "38", "members_taking_part": "15"}]}
    assert _figure(tmp_path, filed, "members_taking_part", "value", "whole_value") == (15, 38)


def test_a_part_is_held_against_the_whole_of_its_whole_where_that_is_not_asked_for(tmp_path: Path) -> None:
    row = {"branch_id": "420300-001-B001", "members": "20", "members_away_managed": "21"}  # Shiyan asks for no members_away
    made = bench(tmp_path, {("U420300-001", "branches"): [row]}, programme="shiyan-six-good", period="2024H1")
    assert view(made, "figures", "value", "whole_value", column_key="members_away_managed") == [(21, 20)]


def test_a_units_own_figures_are_held_against_its_branches(tmp_path: Path) -> None:
    branches = [BRANCH | {"members": "20"}, BRANCH | {"members": "21"}, BRANCH | {"members": "x"}]
    made = bench(tmp_path, {(UNIT, "branches"): branches, (UNIT, "unit_figures"): [{"members": "50", "branches": "5"}]})
    told = {key: value for key, value, table in view(made, "figures", "column_key", "branch_sum", "table_name")
            if table == "unit_figures"}
    assert (told["members"], told["branches"]) == (41, 3)


def test_meetings_are_counted_in_the_ledger_of_a_unit_that_keeps_one(tmp_path: Path) -> None:
    entry = {"branch_id": B1, "activity_kind": "党员大会", "held_on": "2018-03-05", "activity_title": "一"}
    ledger = [entry, entry | {"activity_title": "二"}, entry, entry | {"activity_kind": "党课"}]  # the third is a repeat
    filed: dict[str, list[dict[str, str]]] = {"branches": [BRANCH | {"party_meetings": "5"}]}
    assert _figure(tmp_path, filed, "party_meetings", "ledger_count") == (None,)
    filed["activities"] = ledger
    assert _figure(tmp_path, filed, "party_meetings", "ledger_count") == (2,)
    assert _figure(tmp_path, filed, "theme_days", "ledger_count") == (0,)


def test_rates_are_worked_out_again_with_a_hair_for_printing(tmp_path: Path) -> None:
    row = BRANCH | {"attendance_present": "15", "attendance_excused": "2", "attendance_due": "20", "attendance_rate": "85.04%"}
    gap, allowed = _figure(tmp_path, {"branches": [row]}, "attendance_rate", "recomputed_gap", "gap_allowed")
    assert 0.00039 < gap < 0.00041 < allowed < 0.00051


def test_missing_is_marked_where_it_is_required_of_that_unit(tmp_path: Path) -> None:
    offices = {(f"P{code}-own", "unit_figures"): [dict[str, str]()] for code in ("530100", "530000")}
    made = bench(tmp_path, {(UNIT, "branches"): [BRANCH], **offices})
    told = {(unit, key): mark for unit, key, mark in view(made, "figures", "unit_id", "column_key", "missing_mark")}
    assert told[UNIT, "members"] == "未填"
    assert told[UNIT, "attendance_rate"] is None
    assert told["P530100-own", "branches"] is None  # an office may file, and need not
    assert told["P530000-own", "forum_sessions"] == "未填"  # but the province's own figure is its own to file
    assert told["P530100-own", "forum_sessions"] is None


def test_a_figure_is_missing_where_its_cell_is_blank_and_whole_where_it_counts(tmp_path: Path) -> None:
    row = BRANCH | {"members": "3.5", "attendance_rate": "0.5"}
    made = bench(tmp_path, {(UNIT, "branches"): [row, BRANCH | {"members": "二十"}]})
    told = view(made, "figures", "missing_mark", "whole_number", column_key="members")
    assert told == [(None, 3), (None, None)]  # what cannot be read is not missing
    assert view(made, "figures", "whole_number", column_key="attendance_rate") == [(None,), (None,)]


def test_no_members_where_their_relation_is_elsewhere(tmp_path: Path) -> None:
    rows = [BRANCH | {"branch_kind": kind, "members": "5"} for kind in ("普通党支部", "功能性党支部", "临时性党支部")]
    made = bench(tmp_path, {(UNIT, "branches"): rows})
    assert view(made, "figures", "maximum", column_key="members") == [(None,), (0,), (0,)]
    assert view(made, "figures", "maximum", column_key="party_meetings") == [(None,)] * 3  # but meetings are their own
    assert [row for (row,) in view(made, "ratios", "row_number", column_key="members")] == [2]


def test_ratios_know_the_months_and_quarters_of_the_period(tmp_path: Path) -> None:
    row = BRANCH | {"members": "38", "dues_collected": "2280", "party_meetings": "1"}
    made = bench(tmp_path, {(UNIT, "branches"): [row], (UNIT, "unit_figures"): [{"members": "9999"}]})
    told = {key: tuple(rest) for key, *rest in view(made, "ratios", "column_key", "value", "minimum", "level")}
    assert told == {"members": (38, 3, "warning"), "party_meetings": (0.5, 1, "row"), "dues_collected": (10, 2, "warning")}


def test_a_ratio_has_both_bounds_and_the_name_of_what_it_bounds(tmp_path: Path) -> None:
    row = BRANCH | {"members": "0", "dues_collected": "2280", "party_meetings": "1"}
    made = bench(tmp_path, {(UNIT, "branches"): [row]})
    told = view(made, "ratios", "threshold", "subject_id", "value", "minimum", "maximum")
    assert sorted(told, key=str) == [
        ("人均月缴党费（元）", B1, None, 2, 200),  # of nobody there is no share
        ("每个党支部党员数", B1, 0, 3, 50), ("每季度党员大会次数", B1, 0.5, 1, None),
    ]


def test_changes_are_those_of_the_branches_and_not_of_their_control_total(tmp_path: Path) -> None:
    before = _previous((UNIT, B1, "members", "", 60, True), (UNIT, UNIT, "members", "", 60, False))
    filed = {(UNIT, "branches"): [BRANCH | {"members": "75"}], (UNIT, "unit_figures"): [{"members": "75"}]}
    made = bench(tmp_path, filed, previous_figures=before)
    columns = ("table_name", "value", "previous_value", "change_size", "change_limit")
    assert view(made, "unit_sums", *columns, column_key="members") == [("branches", 75, 60, 0.25, 0.2)]


def test_only_what_stands_is_held_against_the_period_before_and_not_what_is_done_in_each(tmp_path: Path) -> None:
    before = _previous((UNIT, B1, "members", "", 60, True), (UNIT, B1, "party_meetings", "", 2, True))
    made = bench(tmp_path, {(UNIT, "branches"): [BRANCH | {"members": "75", "party_meetings": "9"}]}, previous_figures=before)
    assert {key for (key,) in view(made, "unit_sums", "column_key")} >= {"members"}
    assert view(made, "unit_sums", "value", column_key="party_meetings") == []


def test_a_rise_or_fall_is_told_from_the_smallest_base_on(tmp_path: Path) -> None:
    """75 members after 19, which is too small a base, after 20, after 100, and at a unit that is new."""
    units = counties(4)
    branches = {unit: f"{unit[1:]}-B001" for unit in units}
    bases = zip(units[:3], (19, 20, 100), strict=True)
    before = _previous(*((unit, branches[unit], "members", "", base, True) for unit, base in bases))
    filed = {(unit, "branches"): [{"branch_id": branch, "members": "75"}] for unit, branch in branches.items()}
    made = bench(tmp_path, filed, previous_figures=before)
    assert dict(view(made, "unit_sums", "unit_id", "change_size", column_key="members")) == dict(
        zip(units, (None, 2.75, 0.25, None), strict=True)
    )
