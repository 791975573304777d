"""Working days around the days the State Council moved."""

from datetime import date, timedelta

import pytest

from etl.core.working_days import (
    add_working_days,
    last_announced_year,
    next_working_day_on_or_after,
    working_days_between,
)

D = date.fromisoformat


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2018-02-10", False),  # a plain Saturday
        ("2018-02-11", True),  # Sunday worked for 02-15
        ("2018-02-15", False),
        ("2018-02-24", True),  # Saturday worked for 02-21
        ("2018-12-29", True),  # Saturday worked for 12-31
        ("2018-12-31", False),
        ("2011-12-31", True),  # Saturday worked for 2012-01-03: announced with the next year
        ("2020-01-31", False),  # the holiday prolonged that year
        ("2024-02-04", True),
        ("2024-02-18", True),
        ("2026-01-04", True),
        ("2026-02-14", True),
        ("2026-02-28", True),
        ("2026-02-23", False),
        ("2026-10-10", True),
    ],
)
def test_a_moved_day_is_worked_or_free_as_announced(day: str, worked: bool) -> None:
    assert (next_working_day_on_or_after(D(day)) == D(day)) is worked


@pytest.mark.parametrize(
    ("start", "n", "found"),
    [
        ("2018-07-13", 5, "2018-07-20"),
        ("2018-07-14", 1, "2018-07-16"),  # from a Saturday
        ("2018-02-14", 1, "2018-02-22"),  # over the Spring Festival
        ("2018-02-22", -1, "2018-02-14"),
        ("2018-07-14", 0, "2018-07-16"),
        ("2018-07-16", 0, "2018-07-16"),
        ("2018-12-28", 2, "2019-01-02"),  # over the year's end, 12-29 worked
    ],
)
def test_added_days_pass_over_holidays_and_count_worked_weekends(start: str, n: int, found: str) -> None:
    assert add_working_days(D(start), n) == D(found)


def test_first_working_day_from_a_holiday_and_from_a_working_day() -> None:
    assert next_working_day_on_or_after(D("2018-02-15")) == D("2018-02-22")
    assert next_working_day_on_or_after(D("2018-02-24")) == D("2018-02-24")


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2018-07-16", "2018-07-16", 0),
        ("2018-07-14", "2018-07-15", 0),
        ("2018-07-13", "2018-07-16", 1),
        ("2018-07-16", "2018-07-13", -1),
        ("2018-02-09", "2018-02-14", 4),  # the worked Sunday counts
    ],
)
def test_days_between_are_worked_ones_after_the_first_up_to_the_last(start: str, end: str, count: int) -> None:
    assert working_days_between(D(start), D(end)) == count


@pytest.mark.parametrize("n", range(1, 30))
def test_between_undoes_adding(n: int) -> None:
    start = D("2018-02-03")
    assert working_days_between(start, add_working_days(start, n)) == n


@pytest.mark.parametrize(("years_on", "known"), [(0, True), (1, False)])
def test_the_last_year_announced_is_the_last_with_a_worked_weekend(years_on: int, known: bool) -> None:
    first = date(last_announced_year() + years_on, 1, 1)
    weekends = (day for day in (first + timedelta(n) for n in range(365)) if day.weekday() >= 5)
    assert any(next_working_day_on_or_after(day) == day for day in weekends) is known
