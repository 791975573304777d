"""Which reminders are owed on a day: a ladder in working days that stops on arrival, then tells the tier above.

A reminder goes to the unit; an escalation goes to the office of the tier above and names units, never what is wrong with them.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from etl.core.period import Period
from etl.core.programmes.programme import Programme
from etl.core.register import Unit, due_day
from etl.core.working_days import add_working_days

Kind = Literal["reminder", "escalation"]


@dataclass(frozen=True, slots=True)
class Reminder:
    """One letter that is owed. `to_id`: the unit reminded, or the node above it; `unit_ids`: whose returns it is about."""

    kind: Kind
    to_id: str
    step: int
    due_on: dt.date
    unit_ids: tuple[str, ...]

    def subject_id(self, programme: str, period: str) -> str:
        """What the ledger knows it by: the same step to the same office is owed once, however often it is asked for."""
        return self._ladder(programme, period) + f"{self.step:+d}"

    def is_past(self, programme: str, period: str, subjects: Iterable[str]) -> bool:
        """Whether a later step of the same ladder to the same office is among what the ledger knows already."""
        ladder = self._ladder(programme, period)
        return any(int(each.removeprefix(ladder)) > self.step for each in subjects if each.startswith(ladder))

    def _ladder(self, programme: str, period: str) -> str:
        return "|".join((self.kind, programme, period, self.to_id, ""))


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps of a programme, in working days from the due day."""

    reminders: tuple[int, ...]
    escalations: tuple[int, ...]


def owed_on(
    day: dt.date, due: dt.date, units: Iterable[Unit], arrived: Collection[str],
    reminders: Sequence[int], escalations: Sequence[int],
) -> list[Reminder]:
    """The letters owed on a day, in code order: the newest step that has come, of each ladder, for whoever sent nothing.

    Steps are working days from the due day, negative before it. Days on which nobody ran are caught up with one letter,
    not with one for each step. Nothing is owed to or about a unit that has sent anything or need not report.
    """
    waiting = [unit for unit in units if unit.must_report and unit.unit_id not in arrived]
    owed = []
    if (step := _newest(day, due, reminders)) is not None:
        owed += [Reminder("reminder", unit.unit_id, step, due, (unit.unit_id,)) for unit in waiting]
    if (step := _newest(day, due, escalations)) is not None:
        below: dict[str, list[str]] = defaultdict(list)
        for unit in waiting:
            below[unit.parent_id or unit.node_id].append(unit.unit_id)
        owed += [Reminder("escalation", node, step, due, tuple(ids)) for node, ids in sorted(below.items())]
    return owed


def _newest(day: dt.date, due: dt.date, steps: Sequence[int]) -> int | None:
    """The last step whose day has come; None before the first."""
    return max((step for step in steps if add_working_days(due, step) <= day), default=None)


def periods_in_reach(programme: Programme, day: dt.date) -> list[Period]:
    """The periods of a programme for which letters may be owed on a day: from the first step to a month after the last.

    Later than that, nobody is helped by a reminder. Empty for a programme without a ladder or without a calendar cadence.
    """
    found = []
    current = Period.containing(day, programme.periods.cadence)
    for period in (current.previous(), current):
        steps = sorted((*steps_on(programme, period).reminders, *steps_on(programme, period).escalations))
        if not steps or not programme.covers(period):
            continue
        due = due_day(programme, period)
        last = add_working_days(due, steps[-1]) + dt.timedelta(days=31)
        if add_working_days(due, steps[0]) <= day <= last:
            found.append(period)
    return found


def steps_on(programme: Programme, period: Period) -> Ladder:
    """The ladder in force on a period's last day; empty where the programme has none."""
    day, due = period.last_day, programme.due
    return Ladder(
        due.reminders.on(day) if due.reminders else (), due.escalations.on(day) if due.escalations else ()
    )
