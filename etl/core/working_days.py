"""China's working days, with holidays moved and weekends worked in exchange (调休).

Source: the yearly notices of the General Office of the State Council as kept by the library `holidays`
(`holidays.countries.china`); release 0.109 has 2001 to 2026. For other years up to 2100 it knows the
statutory holidays alone, those on a weekend moved to the next working day, and no worked weekend: a
deadline worked out before the notice of its year (usually November of the year before) may shift when the
library is updated. Outside 1950 to 2100 it knows no holiday at all.
"""

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays.countries.china import China


@cache
def _calendar() -> "China":
    # Imported on first use: the library takes 0.13 s to load, and most commands ask for no working day.
    # It fills itself in year by year as days are asked for, and its worked weekends know their own year.
    from holidays.countries.china import China  # noqa: PLC0415 - see above

    return China()


def last_announced_year() -> int:
    """The last year whose 调休 the library knows from its notice."""
    from holidays.countries.china import ChinaStaticHolidays  # noqa: PLC0415 - see above

    years: dict[int, object] = ChinaStaticHolidays.special_public_holidays
    return max(years)


def next_working_day_on_or_after(day: date) -> date:
    """`day` itself if it is worked, else the first working day after it."""
    return add_working_days(day, 0)


def add_working_days(day: date, n: int) -> date:
    """The n-th working day after `day`, or before it for a negative n; for 0 the first one on or after it.

    >>> add_working_days(date(2018, 2, 9), 1).isoformat()  # Friday; the Sunday is worked
    '2018-02-11'
    """
    found: date = _calendar().get_nth_working_day(day, n)
    return found


def working_days_between(start: date, end: date) -> int:
    """How many working days lie after `start` up to and including `end`; negative when `end` is earlier.

    >>> working_days_between(date(2018, 7, 13), date(2018, 7, 17))  # Friday to Tuesday
    2
    """
    if end < start:
        return -working_days_between(end, start)
    if end == start:
        return 0
    return int(_calendar().get_working_days_count(start + timedelta(days=1), end))
