"""The board and the history over real stages: what happened is told once, and stands where it should."""

import datetime as dt
from collections.abc import Iterator

import pandas as pd
import pytest

from etl.edges.feeds import CHINA
from etl.edges.store.history import history_of
from etl.stages.board import COLUMNS, board
from etl.stages.context import open_context
from tests.support.filing import Unit, home_at, run, unit, write

KEY = ("yunnan-model-branch", "2018H1")
FIRST = dt.datetime(2018, 7, 5, 9, tzinfo=CHINA)
LATER = dt.datetime(2018, 7, 12, 15, tzinfo=CHINA)
CUT_OFF_PASSED = dt.date(2018, 7, 31)


def _unit(code: str) -> Unit:
    made = unit(*KEY, code)
    made.arrived = FIRST
    return made


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[pd.DataFrame, list[dict[str, object]]]]:
    """The board after two rounds: 530102 comes clean, 530103 is mended, 530111 is wholly wrong and late."""
    with home_at(tmp_path_factory.mktemp("board")) as home:
        wrong = _unit("530103").set("branches", 1, members_taking_part="21")
        hopeless = _unit("530111")
        del hopeless.tables["unit_figures"]
        for row in range(3):
            hopeless.set("branches", row, members_taking_part="21")
        hopeless.arrived = LATER
        write(home, *KEY, [_unit("530102"), wrong, hopeless])
        for _ in range(2):
            run(*KEY, "2018-07-31", roll_up=False)
        mended = _unit("530103")
        del mended.tables["unit_figures"]
        mended.arrived = LATER
        write(home, *KEY, [mended])
        for _ in range(2):
            run(*KEY, "2018-07-31", roll_up=False)
        context = open_context(*KEY)
        yield board(context, CUT_OFF_PASSED), history_of(context.store, *KEY)


def _of(told: pd.DataFrame, code: str) -> dict[str, object]:
    return told[told.code == code].iloc[0].to_dict()


def test_each_unit_that_must_report_has_one_row(told: tuple[pd.DataFrame, list[dict[str, object]]]) -> None:
    rows, _ = told
    assert list(rows.columns) == COLUMNS
    assert rows.unit_id.is_unique
    context = open_context(*KEY)
    assert set(rows.unit_id) == {each.unit_id for each in context.register.units if each.must_report}


def test_the_board_says_where_each_return_stands(told: tuple[pd.DataFrame, list[dict[str, object]]]) -> None:
    rows, _ = told
    clean, mended, hopeless, absent = (_of(rows, code) for code in ("530102", "530103", "530111", "530112"))
    assert (clean["status"], clean["faults"], clean["days_after_due"], clean["rows_accepted"]) == ("accepted", 0, -3, 4)
    assert (mended["status"], mended["deliveries"], mended["superseded"]) == ("accepted", 3, 1)
    assert mended["days_after_due"] == -3  # the day on which it first came
    assert (hopeless["status"], hopeless["rows_held"], hopeless["rows_accepted"]) == ("returned", 3, 0)
    assert hopeless["faults"] >= 3
    assert hopeless["days_after_due"] == 2
    assert (absent["status"], absent["days_after_due"], pd.isna(absent["last_event"])) == ("missing", 10, True)


def test_the_history_tells_each_step_once(told: tuple[pd.DataFrame, list[dict[str, object]]]) -> None:
    _, events = told
    mine = [(row["event"], str(row["at"])[5:16]) for row in events if row["unit_id"] == "P530103"]
    assert mine == [
        ("received", "07-05T09:00"), ("received", "07-05T09:00"),
        ("checking", "07-05T09:00"), ("checking", "07-05T09:00"),
        ("partly_accepted", "07-05T09:00"),
        ("received", "07-12T15:00"), ("checking", "07-12T15:00"),
        ("superseded", "07-12T15:00"), ("accepted", "07-12T15:00"),
    ]
    assert {row["actor"] for row in events} == {"sanji"}
