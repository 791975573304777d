"""Listings on a terminal: nothing is cut off, whatever the width."""

import pandas as pd
import pytest

from etl import tasks
from etl.listings import nothing_listed, show
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
