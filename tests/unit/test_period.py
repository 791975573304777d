"""Periods: their notation, their days, and their neighbours."""

from datetime import date
from typing import Any

import pytest

from etl.core.period import Period, PeriodKind

P = Period.parse


@pytest.mark.parametrize("written", ["2018H1", "2018H2", "2018", "2024B2", "2024B99", "1950", "2100"])
def test_what_is_written_reads_back_the_same(written: str) -> None:
    assert str(P(written)) == written


@pytest.mark.parametrize(
    "written",
    ["", "2018H0", "2018H3", "2018H", "2018h1", "2018B0", "2018B01", "18H1", "２０１８", "2018H1\n", "1949", "2101"],
)
def test_anything_else_is_refused_in_words(written: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        P(written)


@pytest.mark.parametrize(
    ("kind", "number", "said"),
    [("week", 1, "not a kind of period"), ("year", 0, "1 to 1, not 0"), ("year", 2, "1 to 1, not 2"), ("batch", 100, "1 to 99")],
)
def test_a_period_that_cannot_be_is_not_made(kind: Any, number: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Period(kind, 2018, number)


@pytest.mark.parametrize(
    ("written", "first", "last", "months", "quarters"),
    [
        ("2018H1", "2018-01-01", "2018-06-30", 6, 2),
        ("2018H2", "2018-07-01", "2018-12-31", 6, 2),
        ("2018", "2018-01-01", "2018-12-31", 12, 4),
        ("2024B2", "2024-01-01", "2024-12-31", 12, 4),
    ],
)
def test_a_period_has_its_days_months_and_quarters(written: str, first: str, last: str, months: int, quarters: int) -> None:
    span = P(written)
    assert (span.first_day.isoformat(), span.last_day.isoformat()) == (first, last)
    assert (span.months, span.quarters) == (months, quarters)
    assert span.contains(span.first_day)
    assert span.contains(span.last_day)
    assert not span.contains(date(span.year - 1, 12, 31))
    assert not span.contains(date(span.year + 1, 1, 1))


@pytest.mark.parametrize(
    ("earlier", "later"), [("2017H2", "2018H1"), ("2018H1", "2018H2"), ("2017", "2018"), ("2024B1", "2024B2")]
)
def test_neighbours_lead_to_each_other_and_sort_by_time(earlier: str, later: str) -> None:
    assert P(earlier).next() == P(later)
    assert P(later).previous() == P(earlier)
    assert P(earlier) < P(later)


def test_nothing_says_what_came_before_a_first_batch() -> None:
    with pytest.raises(ValueError, match="first batch"):
        P("2024B1").previous()


@pytest.mark.parametrize(
    ("day", "kind", "found"),
    [
        ("2018-06-30", "half_year", "2018H1"),
        ("2018-07-01", "half_year", "2018H2"),
        ("2018-07-01", "year", "2018"),
    ],
)
def test_a_day_lies_in_one_half_year_and_one_year(day: str, kind: PeriodKind, found: str) -> None:
    assert str(Period.containing(date.fromisoformat(day), kind)) == found


def test_a_day_does_not_tell_its_batch() -> None:
    with pytest.raises(ValueError, match="batch"):
        Period.containing(date(2024, 1, 1), "batch")


@pytest.mark.parametrize("written", ["2018H1", "2024B2"])
def test_only_a_year_has_halves(written: str) -> None:
    with pytest.raises(ValueError, match="Only a year"):
        P(written).halves()


def test_same_period_last_year_keeps_kind_and_number() -> None:
    assert [str(P(w).same_last_year()) for w in ("2018H2", "2018", "2024B2")] == ["2017H2", "2017", "2023B2"]
