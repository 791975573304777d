"""From delivered files to findings and totals, in one process: every expectation drawn from the reports (E1 to E18).

Two half-years of one programme and one of two others, each unit with one edge in it. What is clean must stay clean.
"""

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from etl import tasks
from etl.edges.feeds import CHINA
from etl.stages.context import open_context, open_year
from etl.stages.feedback import faults_of
from etl.stages.rollup import roll_up
from etl.stages.year import year_status
from tests.support.filing import Unit, home_at, letter, run, stored, total, unit, write

YUNNAN, PERIOD, BEFORE = "yunnan-model-branch", "2018H1", "2017H2"
NAMING = {"honour_kind": "命名", "recipient": "测试第1党支部", "honour_title": "示范党支部", "decided_on": "2018-06-01",
          "document_number": "测试〔2018〕1号"}


def _county(code: str, period: str = PERIOD, **kwargs: int) -> Unit:
    return unit(YUNNAN, period, code, **kwargs)


def _office(code: str, **values: str) -> Unit:
    return unit(YUNNAN, PERIOD, code, own=True).set("unit_figures", 0, **values)


def _named(*rows: dict[str, str]) -> list[dict[str, str]]:
    return [NAMING | row for row in rows]


def _before() -> list[Unit]:
    """The half-year before: what openings, changes, quotas and the level below are held against."""
    held = _county("530102", BEFORE)
    held.tables["honours"] = _named({"level": "州（市）级示范党支部", "branch_id": "530102-B001", "decided_on": "2017-10-01"})
    held.tables["honours"] += _named({"level": "县（市、区）级示范党支部", "branch_id": "530102-B001"})
    held.tables["honours"][1]["decided_on"] = "2017-09-01"
    office = unit(YUNNAN, BEFORE, "530100", own=True)
    office.set("unit_figures", 0, branches_named="70", branches_named__county="0", branches_named__prefecture="0",
               branches_named__province="70")
    return [held, office, *(_county(code, BEFORE) for code in ("530103", "530112", "530113", "530111"))]


def _now() -> list[Unit]:
    clean = _county("530102")  # the same branches; its namings are all in order
    clean.tables["honours"] = _named({"level": "省级示范党支部", "branch_id": "530102-B001"})
    parts = {"branches_named__province": "38", "branches_named__prefecture": "209", "branches_named__county": "361"}
    namings = _county("530425").set("branches", 1, rectifying="是")
    namings.tables["honours"] = _named(
        {"level": "县（市、区）级示范党支部", "branch_id": "530425-B001"},
        {"level": "省级示范党支部", "branch_id": "530425-B001"},
        {"level": "县（市、区）级示范党支部", "branch_id": "530425-B002"},
        {"level": "县（市、区）级示范党支部", "branch_id": "530425-B009"},
    )
    return [
        clean,
        _office("530100", branches_opening="6066", branches_established="200", branches_dissolved="10", branches="6255"),
        _office("530300", branches_opening="6066", branches_established="200", branches_dissolved="10", branches="6256"),
        _county("530103").set("unit_figures", 0, branches_opening="4", branches_dissolved="1"),
        _office("530400", branches_named="607", **parts),
        _office("530500", branches_named="608", **parts),
        _county("530114").set("branches", 0, members="38", members_50_years="15", members_taking_part="39", dues_collected="2280")
        .set("unit_figures", 0, members="78"),
        _county("530115").set("unit_figures", 0, members="61"),
        _office("530600", working_committees="13", working_committees__county="13"),
        _county("530124", branches=4)
        .set("branches", 0, members="33", dues_collected="1980").set("branches", 1, members="38", dues_collected="2280")
        .set("branches", 2, members="16", dues_collected="960").set("branches", 3, members="152", dues_collected="9120")
        .set("unit_figures", 0, members="239"),
        _county("530125").set("branches", 1, dues_collected="60"),
        _county("530126").set("branches", 2, party_meetings="1"),
        _county("530112").set("branches", 0, members="35", dues_collected="2100").set("unit_figures", 0, members="75"),
        _county("530113").set("branches", 0, members="32", dues_collected="1920").set("unit_figures", 0, members="72"),
        _county("530127").set("branches", 0, secretaries_trained=""),
        _county("530128").set("branches", 1, attendance_due="41户").set("branches", 2, attendance_due="41人次"),
        _county("530129").set("branches", 2, figures_scope="全体党员"),
        namings,
        _county("530181").set("branches", 0, attendance_rate="0.9", attendance_due="21"),
        _county("530111").set("branches", 0, attendance_present="15", attendance_excused="5")
        .set("branches", 1, attendance_present="18", attendance_excused="3")
        .set("branches", 2, attendance_present="18", attendance_excused="3", attendance_rate="1"),
        _county("530402").set("branches", 0, branch_kind="功能性党支部", members_taking_part="0", members_away="0",
                              members_away_managed="0"),
        _county("530403").set("branches", 0, branch_id="530423-B001"),
        _county("530423"),
        _county("530424").set("branches", 0, branch_name="測試第１黨支部").set("branches", 1, branch_name="测试shì第2党支部"),
    ]


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pd.DataFrame]:
    with home_at(tmp_path_factory.mktemp("yunnan")) as home:
        write(home, YUNNAN, BEFORE, _before())
        run(YUNNAN, BEFORE, "2018-07-31")
        write(home, YUNNAN, PERIOD, _now())
        run(YUNNAN, PERIOD, "2018-07-31")
        yield stored("findings", YUNNAN, PERIOD)


def _told(findings: pd.DataFrame, unit_id: str) -> list[tuple[str, ...]]:
    """Of one unit or node: (rule, level, table, row, column letter, observed, expected)."""
    columns = ["rule", "level", "table_name", "row_number", "column_letter", "observed", "expected"]
    mine = findings[findings.unit_id == unit_id].sort_values(["rule", "row_number"])
    rows = mine[columns].astype(object).where(mine[columns].notna(), None)
    return [tuple(int(each) if isinstance(each, float) else each for each in row) for row in rows.itertuples(index=False)]


def _at(table: str, row: int | None, key: str | None) -> tuple[str, int | None, str | None]:
    return table, row, letter(YUNNAN, PERIOD, table, key) if key else None


B, U, H = "branches", "unit_figures", "honours"
EXPECTED = {
    "clean, and named at the level above the one held (E16)": ("P530102", []),
    "E1: 6066 + 200 - 10 is not 6255": ("P530100-own", [("F07", "row", *_at(U, 2, "branches"), "6255", "6256")]),
    "E1: 6066 + 200 - 10 = 6256": ("P530300-own", []),
    "E2: opening 4, closing before 3": ("P530103", [("F08", "row", *_at(U, 2, "branches_opening"), "4", "3")]),
    "E3: 38 + 209 + 361 is not 607": ("P530400-own", [("F09", "row", *_at(U, 2, "branches_named"), "607", "608")]),
    "E3: 38 + 209 + 361 = 608": ("P530500-own", []),
    "E4: 70 and 38 named of 100": ("P530000", [("N01", "file", None, None, None, "108", "100")]),
    "E5: 39 of 38 members": ("P530121", [("F10", "row", *_at(B, 2, "members_taking_part"), "39", "不大于38")]),
    "E5: 18 came and 3 asked leave of 20, whatever rate is filed": ("P530111", [
        ("F16", "row", *_at(B, row, "attendance_rate"), "1.05", "不大于1") for row in (3, 4)]),
    "E6: 61, and 20 in each of three branches": ("P530122", [("F11", "row", *_at(U, 2, "members"), "61", "60")]),
    "E7: committees in 13 of 11 counties": ("P530600", [("N02", "warning", None, None, None, "13", "11")]),
    "E8: 33, 38 and 16 pass, 152 is asked about": ("P530124", [
        ("T02", "warning", *_at(B, 5, "members"), "152", "不大于50（每个党支部党员数）")]),
    "E10: half a yuan a member and month": ("P530125", [
        ("T01", "warning", *_at(B, 3, "dues_collected"), "0.5", "不小于2（人均月缴党费（元））")]),
    "E11: one meeting in two quarters": ("P530126", [
        ("T01", "row", *_at(B, 4, "party_meetings"), "0.5", "不小于1（每季度党员大会次数）")]),
    "E12: from 60 to 75, one branch from 20 to 35": ("P530112", [
        ("P01", "warning", *_at(B, 2, "members"), "35", "20"), ("S01", "warning", *_at(B, None, "members"), "75", "60")]),
    "E12: from 60 to 72 is within 20 %": ("P530113", []),
    "E13: missing is missing": ("P530127", [("F02", "row", *_at(B, 2, "secretaries_trained"), "未填", "整数")]),
    "E14: households where person-times are asked": ("P530128", [("F06", "row", *_at(B, 3, "attendance_due"), "户", "人次")]),
    "E15: another scope": ("P530129", [("B07", "row", *_at(B, 4, "figures_scope"), "全体党员", "离退休干部党员")]),
    "E16: not known, level below missing, rectifying": ("P530425", [
        ("H02", "row", *_at(H, 5, "branch_id"), "530425-B009", "已报送的支部编码"),
        ("H03", "row", *_at(H, 3, "level"), "省级示范党支部", "州（市）级示范党支部"),
        ("H04", "row", *_at(H, 4, "branch_id"), "530425-B002", "整顿已完成"),
    ]),
    "a rate of 17 in 21 that says 0.9": ("P530181", [("F13", "warning", *_at(B, 2, "attendance_rate"), "0.9", "0.8095")]),
    "E17: a functional branch has no members of its own": ("P530402", [
        ("F04", "row", *_at(B, 2, "members"), "20", "不大于0"),
    ]),
    "E17: one branch, two units": ("P530421", [("B02", "row", *_at(B, 2, "branch_id"), "530423-B001", "每个支部一行")]),
    "E18: traditional is folded, pinyin is noise": ("P530424", [
        ("B04", "row", *_at(B, 3, "branch_name"), "测试shì第2党支部", "规范简化字"),
    ]),
}


@pytest.mark.parametrize("case", EXPECTED)
def test_each_expectation_finds_its_edge_and_nothing_else(findings: pd.DataFrame, case: str) -> None:
    unit_id, told = EXPECTED[case]
    assert _told(findings, unit_id) == told


SUBJECTS = [
    ("P530121", "F10", "530114-B001"), ("P530122", "F11", "P530122"), ("P530124", "T02", "530124-B004"),
    ("P530112", "S01", "P530112"), ("P530421", "B02", "530423-B001"), ("P530425", "H04", "530425-B002"),
    ("P530425", "H02", None), ("P530000", "N01", "P530000"),
]


@pytest.mark.parametrize(("unit_id", "rule", "subject"), SUBJECTS)
def test_a_finding_says_which_branch_or_unit_it_is_about(
    findings: pd.DataFrame, unit_id: str, rule: str, subject: str | None
) -> None:
    found = findings[(findings.unit_id == unit_id) & (findings.rule == rule)].subject_id
    assert found.astype(object).where(found.notna(), None).tolist() == [subject]


def test_findings_are_named_by_keys_of_their_own(findings: pd.DataFrame) -> None:
    assert findings.finding_key.is_unique
    assert findings.finding_key.str.fullmatch("[0-9a-f]{12}").all()


def test_repeating_every_stage_changes_nothing(findings: pd.DataFrame) -> None:
    before = {name: stored(name, YUNNAN, PERIOD) for name in ("totals", "completeness", "current_slices", "findings")}
    run(YUNNAN, PERIOD, "2018-07-31")
    for name, was in before.items():
        pd.testing.assert_frame_equal(
            *(frame.drop(columns="finding_id", errors="ignore").sort_values(list(was.columns[1:])).reset_index(drop=True)
              for frame in (was, stored(name, YUNNAN, PERIOD)))
        )


def test_rows_in_are_accepted_held_or_blank(findings: pd.DataFrame) -> None:
    complete = stored("completeness", YUNNAN, PERIOD).set_index("node_id")
    province = complete.loc["P530000"]
    filed = sum(len(rows) for each in _now() for rows in each.tables.values())
    assert province.rows_in == filed == province.rows_accepted + province.rows_held + province.rows_blank
    held = findings[findings.level == "row"].drop_duplicates(["receipt_id", "row_number"])
    assert province.rows_held == len(held)
    assert complete.loc["P530122", ["rows_in", "rows_held", "findings_row"]].tolist() == [4, 1, 1]


def test_a_ratio_comes_with_the_filed_figures_that_make_it(findings: pd.DataFrame) -> None:
    told = findings[findings.shown.notna()][["unit_id", "rule", "shown", "observed"]].drop_duplicates()
    assert sorted(told.itertuples(index=False, name=None)) == [
        ("P530111", "F16", "（18＋3）÷20＝1.05", "1.05"),
        ("P530124", "T02", "152", "152"),  # one figure alone, as it is filed
        ("P530125", "T01", "60÷20÷6＝0.5", "0.5"),
        ("P530126", "T01", "1÷2＝0.5", "0.5"),
    ]
    rows = findings[findings.shown.notna()].astype(object)
    faults = faults_of(rows.where(rows.notna(), None).to_dict("records"), [])
    assert {fault.found for fault in faults if not fault.worked_out} == {"152"}


def test_held_rows_do_not_count_and_control_totals_are_not_added(findings: pd.DataFrame) -> None:
    totals = stored("totals", YUNNAN, PERIOD)
    assert total(totals, "P530122", "members") == 60  # its own 61 is held, and would only control
    assert total(totals, "P530122", "branches") is None  # stood in the held row
    assert total(totals, "P530127", "members") == 40  # one of three branches left a required figure out
    assert total(totals, "P530129", "members") == 40  # one counted another scope


def test_what_was_read_otherwise_is_told(findings: pd.DataFrame) -> None:
    repairs = stored("repairs", YUNNAN, PERIOD)
    told = set(repairs[["unit_id", "text_before", "text_after"]].itertuples(index=False, name=None))
    assert ("P530424", "測試第１黨支部", "测试第1党支部") in told
    assert ("P530128", "41人次", "41.0") in told


def test_the_quota_is_not_used_up_by_the_period_before_alone(findings: pd.DataFrame) -> None:
    before = stored("findings", YUNNAN, BEFORE)
    assert before[before.stage == "totals"].empty


DONGXIHU, SHIYAN, ZUNYI, LATER = "dongxihu-small-gear", "shiyan-six-good", "zunyi-six-good", "2024H2"


def test_people_and_attendances_are_taken_in_their_own_units(tmp_path_factory: pytest.TempPathFactory) -> None:
    """E14: 41人次 of visits and 23人 who were brought study, not the other way about; E5 without the nearest whole."""
    with home_at(tmp_path_factory.mktemp("shiyan")) as home:
        office = unit(SHIYAN, LATER, "420300-001").set("branches", 0, care_visits="41人次", home_study_reached="23人")
        office.set("branches", 1, care_visits="41人").set("branches", 2, home_study_reached="23人次")
        office.tables["branches"].append(office.tables["branches"][2] | {
            "branch_id": "420300-001-B004", "home_study_reached": "21", "members_away_managed": "21"})  # of 20 members
        write(home, SHIYAN, LATER, [office])
        run(SHIYAN, LATER, "2025-01-31")
        found = stored("findings", SHIYAN, LATER).sort_values("row_number")
        assert found[["rule", "row_number", "observed", "expected"]].values.tolist() == [
            ["F06", 3, "人", "人次"], ["F06", 4, "人次", "人"], ["F10", 5, "21", "不大于20"]]


def test_a_district_alone_returns_seventy_percent(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One tier, only side units: E9 at 0.70."""
    with home_at(tmp_path_factory.mktemp("dongxihu")) as home:
        right, wrong = (unit(DONGXIHU, PERIOD, f"420112-00{n}") for n in (1, 2))
        for row in range(3):
            right.set("branches", row, dues_returned="840")
            wrong.set("branches", row, dues_returned="840" if row else "900")
        write(home, DONGXIHU, PERIOD, [right, wrong])
        run(DONGXIHU, PERIOD, "2018-07-31")
        found = stored("findings", DONGXIHU, PERIOD)
        assert found[["unit_id", "rule", "row_number", "observed", "expected"]].values.tolist() == [
            ["U420112-002", "T02", 2, "0.75", "不大于0.705（党费下拨比例）"]
        ]
        totals = stored("totals", DONGXIHU, PERIOD)
        assert total(totals, "P420112", "dues_returned") == 5 * 840


def test_townships_stand_under_their_county_and_missing_members_stay_missing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """E9 at 1.00, E13, and a tier below the unit that files."""
    with home_at(tmp_path_factory.mktemp("zunyi")) as home:
        county = unit(ZUNYI, LATER, "520329").set("branches", 1, township="乙镇").set(
            "branches", 2, dues_returned="1188"
        )
        county.tables["branches"].append(county.tables["branches"][0] | {"branch_id": "520329-B004", "members": ""})
        write(home, ZUNYI, LATER, [county])
        run(ZUNYI, LATER, "2025-01-31")
        found = stored("findings", ZUNYI, LATER)
        told = found[found.rule != "F11"][["unit_id", "rule", "row_number", "observed", "expected"]]
        missing, short = ["P520329", "F02", 5, "未填", "整数"], ["P520329", "T01", 4, "0.99", "不小于0.995（党费返还比例）"]
        assert sorted(told.values.tolist()) == [missing, short]
        totals = stored("totals", ZUNYI, LATER)
        assert [total(totals, f"P520329{end}", "dues_returned") for end in ("/甲乡", "/乙镇", "")] == [1200, 1200, 2400]
        assert totals[totals.node_id == "P520329/乙镇"].tier.unique().tolist() == ["township"]
        assert total(totals, "P520302", "dues_returned") is None  # a county that sent nothing has no figure, not 0


def test_a_unit_that_has_left_the_register_is_not_added_up_and_is_told_of(home: Path) -> None:
    write(home, YUNNAN, PERIOD, [_county("530102", branches=2), _county("530103", branches=3)])
    run(YUNNAN, PERIOD, "2018-07-31")
    context = open_context(YUNNAN, PERIOD)
    assert total(stored("totals", YUNNAN, PERIOD), "P530100", "branches") == 5
    smaller = replace(
        context.register,
        units=tuple(each for each in context.register.units if each.unit_id != "P530103"),
        nodes=tuple(each for each in context.register.nodes if each.node_id != "P530103"),
    )
    rolled = roll_up(replace(context, register=smaller), None)
    assert (rolled["units_received"], rolled["units_left_out"]) == (1, 1)
    totals = stored("totals", YUNNAN, PERIOD)
    assert total(totals, "P530100", "branches") == 2
    assert "P530103" not in set(totals.node_id)
    assert "units_left_out" not in roll_up(context, None)


def test_a_unit_that_has_left_the_register_holds_up_no_year(home: Path) -> None:
    write(home, YUNNAN, PERIOD, [_county("530102", branches=2), _county("530103", branches=3)])
    run(YUNNAN, PERIOD, "2018-07-31")
    context = open_context(YUNNAN, PERIOD)
    with context.store.begin() as connection:
        connection.exec_driver_sql("update current_slices set unit_id = 'P999999' where unit_id = 'P530103'")
    assert year_status(open_year(YUNNAN, "2018"), dt.date(2018, 8, 1))[PERIOD] == "behind"
    roll_up(context, None)
    assert year_status(open_year(YUNNAN, "2018"), dt.date(2018, 8, 1))[PERIOD] == "closed"


def test_a_unit_whose_first_file_could_not_be_read_is_late_with_its_second_everywhere(home: Path) -> None:
    folder = home / "feeds" / YUNNAN / PERIOD / "530102"
    folder.mkdir(parents=True)
    (folder / "坏.xlsx").write_bytes(b"PK cut off on the way")
    in_time = dt.datetime(2018, 7, 5, 9, tzinfo=CHINA).timestamp()
    os.utime(folder / "坏.xlsx", (in_time, in_time))
    assert tasks.gather(YUNNAN, PERIOD, None, "2018-07-06")["late"] == 0
    tasks.read(YUNNAN, PERIOD, None)
    write(home, YUNNAN, PERIOD, [replace(_county("530102"), arrived=dt.datetime(2018, 7, 20, 9))])  # noqa: DTZ001 - as the simulator has it: local time
    gathered = tasks.gather(YUNNAN, PERIOD, None, "2018-07-25")
    run(YUNNAN, PERIOD, "2018-07-25")
    complete = stored("completeness", YUNNAN, PERIOD).set_index("node_id")
    assert (gathered["late"], complete.units_late["P530102"]) == (1, 1)
