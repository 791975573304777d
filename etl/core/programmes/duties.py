"""What places and units owe beside their figures: plans that they make, supervision and liaison visits that they are given.

Which duties there are, of whom, by whom and how often, is the programme's (`duties`). Each time one is done is a record:
`duty`, `node_id` (who made the plan, who was visited), `period` (the year that it is for), `done_on`. A record
that was entered by mistake is taken back by another of the same day, `taken_back`; whichever was entered last holds.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from etl.core.period import Period
from etl.core.programmes.sourced import Sourced
from etl.core.year_rows import DutyRow

Problem = tuple[str, dict[str, Any]]  # a key of the catalogue's section `duties`, and its values


class Duty(Sourced):
    """Something owed of every place of some tiers, every unit of some kinds (`of`).

    `every`: once a year, once in the programme's whole plan, or whenever (nothing is missing then); `half`: it counts for the
    year only if it was done in that half. `by`: who does it: those who owe it themselves, or the place above them, which is also
    who puts it on record. `en`: its name in English papers, the Chinese one if not said.
    """

    key: str
    zh: str
    en: str = ""
    of: tuple[str, ...]
    every: Literal["year", "plan", "whenever"]
    half: Literal[1, 2] | None = None
    by: Literal["itself", "above"] = "itself"

    def due_on(self, years: range) -> dt.date | None:
        """The last day on which it is done in time: of its half-year, of the year, of a plan's first year; None: whenever.

        `years`: those of which a record of it counts.
        """
        if self.every == "whenever":
            return None
        return dt.date(years.start, 6, 30) if self.half == 1 else dt.date(years.start, 12, 31)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a duty has come in a year: the nodes that owe it, and all records of it, the day done last coming last."""

    duty: Duty
    owed: tuple[str, ...]
    records: tuple[DutyRow, ...]
    due_on: dt.date | None

    @property
    def done(self) -> frozenset[str]:
        """The nodes that are through with it."""
        return frozenset(row["node_id"] for row in self.records)

    @property
    def times(self) -> int:
        """How many records of it there are."""
        return len(self.records)

    def within(self, nodes: Collection[str]) -> "Standing":
        """The same of some nodes alone."""
        owed = tuple(node for node in self.owed if node in nodes)
        return replace(self, owed=owed, records=tuple(row for row in self.records if row["node_id"] in owed))


def problems(duty: Duty | None, key: str, tier: str, period: Period, done_on: dt.date) -> Iterator[Problem]:
    """Why a record of a duty cannot be one. `tier`: of the node, which for a side unit is its kind."""
    if duty is None:
        yield "unknown", {"duty": key}
        return
    if tier not in duty.of:
        yield "not_owed", {"zh": duty.zh}
    if duty.half is not None and (done_on.year, 1 if done_on.month <= 6 else 2) != (period.year, duty.half):
        yield "other_half", {"zh": duty.zh, "year": period.year, "half": duty.half}


def standings(
    duties: Iterable[Duty], years: Mapping[str, range], tiers: Mapping[str, str], rows: Sequence[DutyRow]
) -> list[Standing]:
    """Each duty as it stands. `years`: duty → the years of which a record of it counts; `tiers`: node → tier.

    `rows`: as they were entered, oldest first.
    """
    kept, found = current(rows), []
    for duty in duties:
        owed = tuple(node for node, tier in tiers.items() if tier in duty.of)
        mine = [
            row for row in kept if row["duty"] == duty.key and Period.parse(row["period"]).year in years[duty.key]
            and row["node_id"] in owed
        ]
        mine.sort(key=lambda row: row["done_on"])
        found.append(Standing(duty, owed, tuple(mine), duty.due_on(years[duty.key])))
    return found


def current(rows: Iterable[DutyRow]) -> list[DutyRow]:
    """Each record once, as it was entered last, without those taken back. `rows`: as they were entered, oldest first."""
    return [row for row in {_same_record(row): row for row in rows}.values() if not row["taken_back"]]


def _same_record(row: DutyRow) -> tuple[str, ...]:
    """What two entries of one record have in common: everything but its words."""
    return tuple(row[name] for name in ("duty", "node_id", "period", "done_on"))
