"""Where a unit's return stands: due → received → being checked → returned → partly accepted → accepted; late, missing.

A delivery that a newer one replaced is superseded; the return itself goes on with the newer one.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from etl.core.working_days import working_days_between

Outcome = Literal["returned", "partly_accepted", "accepted"]
Status = Literal["due", "late", "missing", "received", "checking", Outcome]
STATUSES: tuple[Status, ...] = (
    "missing", "late", "due", "received", "checking", "returned", "partly_accepted", "accepted",
)
"""In the order in which somebody should look at them."""
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@dataclass(frozen=True, slots=True)
class Return:
    """What is known of one unit's return. Faults are findings that hold a row or a table; warnings hold nothing."""

    deliveries: int = 0
    superseded: int = 0
    first_arrived_on: dt.date | None = None
    newest_arrived_at: dt.datetime | None = None
    unread: int = 0
    unjudged: int = 0
    faults: int = 0
    warnings: int = 0
    rows_in: int = 0
    rows_accepted: int = 0
    rows_held: int = 0


@dataclass(frozen=True, slots=True)
class Delivered:
    """One readable file of a unit and the tables it carries. `counts_since`: its arrival, or when it was taken after that."""

    receipt_id: str
    counts_since: dt.datetime
    tables: frozenset[str]
    file_name: str = ""

    @property
    def turn(self) -> tuple[dt.datetime, str, str]:
        """By which files follow one another: of two, the later one counts."""
        return self.counts_since, self.file_name, self.receipt_id


def status(filed: Return, as_of: dt.date, due: dt.date, cutoff: dt.date) -> Status:
    """The rung on which a return stands on a day. `late`: nothing came by the due day; `missing`: nor by the cut-off."""
    if not filed.deliveries:
        return "due" if as_of <= due else "late" if as_of <= cutoff else "missing"
    if filed.unread:
        return "received"
    return "checking" if filed.unjudged else outcome(filed)


def outcome(filed: Return) -> Outcome:
    """What judging made of a return: of one without a row that counts, nothing is accepted."""
    if not filed.faults and not filed.rows_held:
        return "accepted"
    return "partly_accepted" if filed.rows_accepted else "returned"


def days_after_due(filed: Return, as_of: dt.date, due: dt.date, cutoff: dt.date) -> int:
    """Working days from the due day to the arrival, or to today while nothing has come; negative before it.

    Waiting ends with the cut-off: from then on the return is missing, not later still.
    """
    return working_days_between(due, filed.first_arrived_on or min(as_of, cutoff))


def superseded(delivered: Iterable[Delivered]) -> Mapping[str, Delivered]:
    """Receipt id → the delivery that made it old: the one with which the last of its tables had come again."""
    later: dict[str, list[Delivered]] = defaultdict(list)
    old: dict[str, Delivered] = {}
    for each in sorted(delivered, key=lambda d: d.turn, reverse=True):
        if each.tables and all(later[table] for table in each.tables):
            old[each.receipt_id] = max((later[table][-1] for table in each.tables), key=lambda d: d.turn)
        for table in each.tables:
            later[table].append(each)
    return old
