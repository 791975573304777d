"""Listings on a terminal: nothing is cut off, whatever the width."""

import datetime as dt
import re

import pandas as pd
import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from etl import tasks
from etl.cli import app
from etl.listings import nothing_listed, show, tally
from tests.support.filing import unit, write

WIDE = pd.DataFrame(
    [{f"column_{n}": f"第{n}栏的说明文字" for n in range(12)} | {"yuan": 3738654.25, "empty": None}]
)


@pytest.fixture
def terminal(monkeypatch):
    """A terminal so many columns wide."""

    def of(columns):
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("COLUMNS", str(columns))

    return of


def test_a_listing_too_wide_for_the_terminal_becomes_records(capsys, terminal):
    terminal(80)
    show(WIDE, "table")
    out = capsys.readouterr().out
    assert "…" not in out
    assert all(f"第{n}栏的说明文字" in out for n in range(12))
    assert "column_3" in out
    assert "empty" not in out


def test_a_listing_a_little_too_wide_is_folded_and_not_cut(capsys, terminal):
    terminal(40)
    show(pd.DataFrame({"name": ["孟连傣族拉祜族佤族自治县"], "remedy": ["请核对后书面说明原因"]}), "table")
    out = capsys.readouterr().out
    assert "…" not in out
    assert "name" in out.splitlines()[0]
    assert "remedy" in out.splitlines()[0]


def test_what_is_the_same_in_every_row_of_a_wide_listing_is_said_once(capsys, terminal):
    terminal(60)
    units = {"name": ["孟连傣族拉祜族佤族自治县", "双江拉祜族佤族布朗族傣族自治县"], "days_late": [0, 12]}
    alike = {"due_on": "2018-01-10", "status": "received", "kind": "prefecture_unit", "until": None}
    rows = pd.DataFrame(units).assign(**alike)
    show(rows, "table")
    out = capsys.readouterr().out
    assert [out.count(text) for text in ("2018-01-10", "received", "until", "孟连")] == [1, 1, 0, 1]


def test_numbers_and_keys_are_never_folded(capsys, terminal):
    terminal(60)
    keys, names = ["branches_dissolved", "branches_established"], ["撤并离退休干部党支部数", "新建离退休干部党支部数"]
    rows = pd.DataFrame({"indicator": keys, "indicator_zh": names, "value": [3738654.25, 12.0], "filed_by": [375.25, 1.0]})
    show(rows, "table")
    lines = capsys.readouterr().out.splitlines()
    assert not any("/2" in line for line in lines)  # a table, no records
    assert any("branches_dissolved" in line and "3738654.25" in line for line in lines)


def test_a_record_holds_as_many_fields_on_a_line_as_fit(capsys, terminal):
    terminal(80)
    show(pd.concat([WIDE, WIDE.assign(column_0="另一行", column_3="又一行")]), "table")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) < 12
    assert all(cell_len(re.sub(r"\x1b\[[0-9;]*m", "", line)) <= 80 for line in lines)


def test_another_program_gets_a_line_a_row(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    show(WIDE, "table")
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_large_numbers_keep_their_digits(capsys, monkeypatch):
    show(WIDE[["yuan"]], "table")
    assert "3738654.25" in capsys.readouterr().out


@pytest.mark.parametrize("how", ["table", "csv", "json"])
def test_whole_numbers_beside_a_missing_one_stay_whole(capsys, how):
    show(pd.DataFrame({"row_number": [2.0, None], "value": [2.5, 3.0]}), how)
    out = capsys.readouterr().out
    assert "2.0" not in out
    assert "2.5" in out


@pytest.mark.parametrize("how", ["table", "csv", "json"])
def test_a_day_is_a_day_without_an_hour(capsys, how):
    show(pd.DataFrame({"since": [dt.date(2017, 1, 1), None]}, dtype=object), how)
    out = capsys.readouterr().out
    assert "2017-01-01" in out
    assert "00:00" not in out


def test_what_stands_in_brackets_is_text_and_no_style(capsys, monkeypatch):
    show(pd.DataFrame({"heading": ["[red]党员数[/red]", "[/]"]}), "table")
    assert "[red]党员数[/red]" in capsys.readouterr().out


def test_an_empty_listing_says_for_which_periods_anything_has_come(home):
    key = "dongxihu-small-gear"
    assert nothing_listed(key, "2018H1").endswith(f"nothing has come in for {key} 2018H1, nor for any other period")
    write(home, key, "2017H2", [unit(key, "2017H2", "420112-001")])
    tasks.gather(key, "2017H2", None, "2030-01-01")
    assert nothing_listed(key, "2018H1").endswith(f"nothing has come in for {key} 2018H1, only for 2017H2")
    assert nothing_listed(key, "2017H2") == nothing_listed(key, "2017") == "nothing to list"


def test_the_few_with_whom_somebody_must_act_are_named_and_the_gravest_told_first():
    six = [f"{n}县" for n in "甲乙丙丁戊己"]
    states = pd.DataFrame({"name": [*six, "庚县", "辛县"], "status": ["accepted"] * 6 + ["late", "missing"], "rows_held": 1})
    assert tally(states) == "8 units: missing 1 (辛县), late 1 (庚县), accepted 6; rows held 8"
    assert tally(states.assign(status="late")) == "8 units: late 8; rows held 8"


@pytest.mark.parametrize("command", ["status", "board"])
def test_a_list_of_units_ends_with_how_many_stand_where_and_what_to_look_at(home, command):
    key = "dongxihu-small-gear"
    write(home, key, "2017H2", [unit(key, "2017H2", "420112-001")])
    tasks.gather(key, "2017H2", None, "2030-01-01")

    def said(period, *more):
        result = CliRunner().invoke(app, [command, "--programme", key, "--period", period, *more])
        assert result.exit_code == 0
        return result.stdout, result.stderr

    out, told = said("2017H2")
    assert "units" not in out
    assert re.match(r"\d+ units: missing \d+, .*; rows held 0\n", told)
    assert told.endswith(f"sanji findings --programme {key} --period 2017H2 --unit CODE\n")
    assert said("2018H1")[1].endswith(f"nothing has come in for {key} 2018H1, only for 2017H2\n")
    assert said("2017H2", "--format", "csv")[1] == ""
