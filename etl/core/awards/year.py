"""When a year can be closed: both half-years are, each by its dispatch or by its cut-off."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from etl.core.period import Period

HalfStatus = Literal["closed", "not_rolled_up", "behind", "before_cutoff"]


@dataclass(frozen=True, slots=True)
class HalfState:
    """How far a half-year has come. `rows_current` lie in its published slices, `rows_rolled_up` are in its totals."""

    period: Period
    cutoff: dt.date
    rolled_up: bool
    rows_current: int
    rows_rolled_up: int
    dispatch_released: bool


def half_status(state: HalfState, as_of: dt.date) -> HalfStatus:
    """Whether a half-year is closed, or what it waits for.

    It is closed once the dispatch of the whole has been released; or else when its cut-off lies behind and all that was
    published is in the totals. Units that have not filed by then do not hold up the year: they are missing.
    """
    if not state.rolled_up:
        return "not_rolled_up"
    if state.dispatch_released:
        return "closed"
    if as_of <= state.cutoff:
        return "before_cutoff"
    return "closed" if state.rows_current == state.rows_rolled_up else "behind"


def year_closed(states: Sequence[HalfState], as_of: dt.date) -> bool:
    """Whether both half-years of a year are closed."""
    return len(states) == 2 and all(half_status(state, as_of) == "closed" for state in states)
