"""The ladder of reminders: due on the 10th of July 2018, a Tuesday; the 30th of June and 1st of July are a weekend."""

import datetime as dt

import pytest

from etl.core.mail.reminders import Reminder, owed_on, periods_in_reach
from etl.core.register import Unit
from etl.edges.programmes import load_bundle

DUE = dt.date(2018, 7, 10)
STEPS, UP = (-10, -3, 0, 3), (5, 10)


def _unit(name: str, parent: str | None = "P1", must_report: bool = True) -> Unit:
    return Unit(name, name, name, "county", name, parent, "P1", must_report)


UNITS = [_unit("A"), _unit("B"), _unit("C", "P2"), _unit("own", must_report=False)]


def _owed(day: str, arrived: str = "") -> list[Reminder]:
    return owed_on(dt.date.fromisoformat(day), DUE, UNITS, arrived.split(), STEPS, UP)


def _told(day: str, arrived: str = "") -> list[tuple[str, str, int]]:
    return [(each.kind, each.to_id, each.step) for each in _owed(day, arrived)]


def test_nothing_is_owed_before_the_first_step() -> None:
    assert _told("2018-06-25") == []


@pytest.mark.parametrize(
    ("day", "step"),
    [
        ("2018-06-26", -10),
        ("2018-07-04", -10),
        ("2018-07-05", -3),
        ("2018-07-09", -3),
        ("2018-07-10", 0),
        ("2018-07-13", 3),
    ],
)
def test_each_step_begins_on_its_working_day(day: str, step: int) -> None:
    assert _told(day) == [("reminder", name, step) for name in "ABC"]


def test_the_ladder_stops_on_arrival() -> None:
    assert _told("2018-07-10", "A C") == [("reminder", "B", 0)]
    assert _told("2018-07-24", "A B C") == []


def test_from_the_fifth_day_the_tier_above_is_told_names() -> None:
    assert [each for each in _told("2018-07-16") if each[0] == "escalation"] == []
    owed = [each for each in _owed("2018-07-17", "B") if each.kind == "escalation"]
    assert [(each.to_id, each.unit_ids) for each in owed] == [("P1", ("A",)), ("P2", ("C",))]


def test_a_unit_that_nobody_stands_above_is_told_itself() -> None:
    owed = owed_on(dt.date(2018, 7, 17), DUE, [_unit("T", None)], [], (), UP)
    assert [(each.to_id, each.unit_ids) for each in owed] == [("T", ("T",))]


def test_days_without_a_run_are_caught_up_with_one_letter() -> None:
    assert _told("2018-08-30", "A B") == [("reminder", "C", 3), ("escalation", "P2", 10)]


def test_a_letter_is_the_same_whenever_it_is_asked_for() -> None:
    first, again = (_owed(day, "A B")[0].subject_id("p", "2018H1") for day in ("2018-07-05", "2018-07-09"))
    assert first == again == "reminder|p|2018H1|C|-3"
    assert _owed("2018-07-10", "A B")[0].subject_id("p", "2018H1") == "reminder|p|2018H1|C|+0"


@pytest.mark.parametrize(
    ("told", "past"),
    [
        ("reminder|p|2018H1|C|+3", True), ("reminder|p|2018H1|C|+0", False), ("reminder|p|2018H1|C|-10", False),
        ("reminder|p|2018H1|A|+3", False), ("escalation|p|2018H1|C|+5", False), ("reminder|p|2017H2|C|+3", False),
    ],
)
def test_a_step_is_past_once_a_later_one_of_its_ladder_went_to_the_same_office(told: str, past: bool) -> None:
    (owed,) = _owed("2018-07-10", "A B")
    assert owed.is_past("p", "2018H1", [told]) is past


def test_without_a_ladder_nothing_is_owed() -> None:
    assert owed_on(DUE, DUE, UNITS, [], (), ()) == []


PROGRAMME = load_bundle("yunnan-model-branch").programme


@pytest.mark.parametrize(
    ("day", "periods"),
    [
        ("2018-06-25", []),
        ("2018-06-26", ["2018H1"]),  # while the half-year still runs
        ("2018-08-24", ["2018H1"]),
        ("2018-08-25", []),
        ("2019-12-31", ["2019H2"]),
        ("2020-07-10", []),  # the programme has ended
        ("2017-06-26", ["2017H1"]),  # the half-year before was none of the programme's
    ],
)
def test_a_period_is_in_reach_from_its_first_step_to_a_month_after_the_last(day: str, periods: list[str]) -> None:
    assert [str(period) for period in periods_in_reach(PROGRAMME, dt.date.fromisoformat(day))] == periods


def test_without_a_ladder_no_period_is_in_reach() -> None:
    quiet = PROGRAMME.model_copy(update={"due": PROGRAMME.due.model_copy(update={"reminders": None, "escalations": None})})
    assert periods_in_reach(quiet, DUE) == []
