"""Which number a half-year's report bears among those that an office issues in one year, in the order in which it issues them."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count

from etl.core.period import Period
from etl.core.programmes.programme import Programme


def issued_in_one_year(programme: Programme, period: Period, year_of: Callable[[Period], int]) -> list[Period]:
    """The periods of the programme whose reports are issued in the same year as that of `period`, in order of time.

    `year_of` gives the year in which a period's report is issued: that of a second half-year is issued in the next one.
    """
    if period.kind == "batch":
        return [period]
    found, year = [period], year_of(period)
    while programme.covers(found[0].previous()) and year_of(found[0].previous()) == year:
        found.insert(0, found[0].previous())
    while programme.covers(found[-1].next()) and year_of(found[-1].next()) == year:
        found.append(found[-1].next())
    return found


def number_in_year(period: Period, in_year: Sequence[Period], left: Mapping[Period, int]) -> int:
    """The number of a period's report among those of `in_year`: the lowest free one, in order of issue.

    `left`: the numbers under which reports have left the office; those stay, and are nobody else's.
    """
    free = (number for number in count(1) if number not in left.values())
    numbers = {each: left[each] if each in left else next(free) for each in in_year}
    return numbers[period]
