"""The ladder: each rung at its edge."""

import datetime as dt

import pytest

from etl.core.returns.status import Delivered, Return, days_after_due, outcome, status, superseded

DUE, CUTOFF = dt.date(2018, 7, 10), dt.date(2018, 7, 24)  # a Tuesday, and ten working days later
NINE = dt.datetime.fromisoformat("2018-07-05T09:00:00+08:00")


@pytest.mark.parametrize(
    ("day", "told"),
    [("2018-07-10", "due"), ("2018-07-11", "late"), ("2018-07-24", "late"), ("2018-07-25", "missing")],
)
def test_what_has_not_come_is_due_then_late_then_missing(day: str, told: str) -> None:
    assert status(Return(), dt.date.fromisoformat(day), DUE, CUTOFF) == told


@pytest.mark.parametrize(
    ("filed", "told"),
    [
        (Return(deliveries=1, unread=1), "received"),
        (Return(deliveries=2, unread=1, rows_accepted=5), "received"),  # the newest delivery is what counts
        (Return(deliveries=1, unjudged=1), "checking"),
        (Return(deliveries=1, faults=1), "returned"),
        (Return(deliveries=1, faults=3, rows_held=3, rows_accepted=1), "partly_accepted"),
        (Return(deliveries=1, rows_held=2), "returned"),
        (Return(deliveries=1, warnings=9, rows_accepted=4), "accepted"),
    ],
)
def test_what_came_climbs_by_what_was_done_with_it(filed: Return, told: str) -> None:
    for day in (DUE, CUTOFF + dt.timedelta(days=1)):
        assert status(filed, day, DUE, CUTOFF) == told


def test_a_return_without_rows_and_faults_is_accepted() -> None:
    assert outcome(Return(deliveries=1)) == "accepted"


@pytest.mark.parametrize(
    ("arrived", "day", "days"),
    [
        ("2018-07-06", "2018-07-30", -2),  # Friday to Tuesday
        ("2018-07-10", "2018-07-30", 0),
        ("2018-07-16", "2018-07-30", 4),  # the weekend does not count
        (None, "2018-07-09", -1),
        (None, "2018-07-13", 3),
        (None, "2019-07-13", 10),  # waiting ends with the cut-off
    ],
)
def test_days_are_working_days_from_the_due_day(arrived: str | None, day: str, days: int) -> None:
    filed = Return(first_arrived_on=dt.date.fromisoformat(arrived) if arrived else None)
    assert days_after_due(filed, dt.date.fromisoformat(day), DUE, CUTOFF) == days


def _delivered(name: str, hours: int, *tables: str) -> Delivered:
    return Delivered(name, NINE + dt.timedelta(hours=hours), frozenset(tables))


def test_a_delivery_is_superseded_when_its_last_table_has_come_again() -> None:
    first, second = _delivered("a", 0, "branches", "activities"), _delivered("b", 1, "branches")
    third, fourth = _delivered("c", 2, "activities"), _delivered("d", 3, "branches")
    assert superseded([first, second]) == {}  # its activities still count
    told = {old: by.receipt_id for old, by in superseded([fourth, second, third, first]).items()}
    assert told == {"a": "c", "b": "d"}
    assert superseded([first, third, second])["a"].receipt_id == "c"


def test_a_later_delivery_does_not_change_who_superseded_whom() -> None:
    files = [_delivered(name, hours, "branches") for hours, name in enumerate("abc")]
    assert superseded(files[:2])["a"].receipt_id == superseded(files)["a"].receipt_id == "b"
