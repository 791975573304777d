"""What places and units owe beside their figures: plans that they make, supervision and liaison visits that they are given.

Which duties there are, of whom and how often, is the programme's (`duties`). Each time one is done is a record: `duty`, `node_id`
(who made the plan, who was visited), `period` (the year that it is for), `done_on`.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from etl.core.period import Period
from etl.core.sourced import Sourced

Row = Mapping[str, Any]
Problem = tuple[str, dict[str, Any]]  # a key of the catalogue's section `duties`, and its values


class Duty(Sourced):
    """Something owed of every place of some tiers, every unit of some kinds (`of`).

    `every`: once a year, once in the programme's whole plan, or whenever (nothing is missing then); `half`: it counts for the
    year only if it was done in that half.
    """

    key: str
    zh: str
    of: tuple[str, ...]
    every: Literal["year", "plan", "whenever"]
    half: Literal[1, 2] | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a duty has come in a year: the nodes that owe it, those of them that are through with it, all records of it."""

    duty: Duty
    owed: tuple[str, ...]
    done: frozenset[str]
    times: int


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
    duties: Iterable[Duty], years: Mapping[str, range], tiers: Mapping[str, str], rows: Sequence[Row]
) -> list[Standing]:
    """Each duty as it stands. `years`: duty → the years of which a record of it counts; `tiers`: node → tier."""
    found = []
    for duty in duties:
        owed = tuple(node for node, tier in tiers.items() if tier in duty.of)
        mine = [
            row for row in rows if row["duty"] == duty.key and Period.parse(row["period"]).year in years[duty.key]
            and row["node_id"] in owed
        ]  # fmt: skip
        found.append(Standing(duty, owed, frozenset(row["node_id"] for row in mine), len(mine)))
    return found
