"""When a half-year, and a year, is closed."""

import datetime as dt
from dataclasses import replace

import pytest

from etl.core.awards.year import HalfState, half_status, year_closed
from etl.core.period import Period

CUTOFF = dt.date(2018, 7, 24)
STATE = HalfState(Period.parse("2018H1"), CUTOFF, True, 100, 100, False)
DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("change", "as_of", "status"),
    [
        ({}, CUTOFF + DAY, "closed"),
        ({}, CUTOFF, "before_cutoff"),
        ({"dispatch_released": True}, CUTOFF - DAY, "closed"),
        ({"rows_current": 101}, CUTOFF + DAY, "behind"),
        ({"rows_current": 101, "dispatch_released": True}, CUTOFF + DAY, "closed"),  # what comes later is an erratum
        ({"rolled_up": False, "dispatch_released": True}, CUTOFF + DAY, "not_rolled_up"),
    ],
)
def test_a_half_is_closed_by_its_dispatch_or_by_its_cutoff(
    change: dict[str, bool | int], as_of: dt.date, status: str
) -> None:
    assert half_status(replace(STATE, **change), as_of) == status  # type: ignore[arg-type]  # a test's own changes


def test_a_year_needs_both_halves() -> None:
    second = replace(STATE, period=Period.parse("2018H2"), cutoff=dt.date(2019, 1, 24))
    assert not year_closed([STATE], second.cutoff + DAY)
    assert not year_closed([STATE, second], second.cutoff)
    assert year_closed([STATE, second], second.cutoff + DAY)
