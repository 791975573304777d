"""One place's naming at one level: whom it is to name and who waits, its notice and objections, its titles, its places."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

from etl.core.awards.award import Award
from etl.core.awards.quota import Places
from etl.core.awards.titles import HeldTitle
from etl.core.programmes.naming import NamingLevel
from etl.core.year_rows import NoticeRow, ObjectionRow, RulingRow

Step = Literal["nobody", "to_announce", "on_notice", "due", "objection", "named"]


@dataclass(frozen=True, slots=True)
class Objection:
    """What was said against a naming, and what was found of it, if anything was."""

    said: ObjectionRow
    ruling: RulingRow | None

    @property
    def open(self) -> bool:
        """Whether it holds the naming up: raised in time, and not ruled on."""
        return self.said["in_time"] and self.ruling is None

    @property
    def upheld(self) -> bool:
        """Whether it was raised in time and found right."""
        return self.said["in_time"] and self.ruling is not None and self.ruling["upheld"]


@dataclass(frozen=True, slots=True)
class Round:
    """How far a place has come with naming at a level. `named`, `waiting`: of the award run, in rank order.

    `notice`: that of the run; `earlier`: the last of a run before it. `objections`: to the run's, oldest first. `titles`: what
    the place conferred at the level for the period, of whichever run. `moved`: places of a quota that came to it, less those
    that went.
    """

    level: NamingLevel
    node_id: str
    named: tuple[Award, ...]
    waiting: tuple[Award, ...]
    notice: NoticeRow | None
    objections: tuple[Objection, ...]
    titles: tuple[HeldTitle, ...]
    places: Places
    moved: int = 0
    earlier: NoticeRow | None = None

    @property
    def pending(self) -> tuple[Award, ...]:
        """Those to be named who have no title yet and against whom no objection was upheld."""
        conferred = {each.row["branch_id"] for each in self.titles}
        out = conferred | {each.said["branch_id"] for each in self.objections if each.upheld}
        return tuple(each for each in self.named if each.branch_id not in out)

    @property
    def questioned(self) -> frozenset[str]:
        """The branches whose naming an objection holds up."""
        return frozenset(each.said["branch_id"] for each in self.objections if each.open)

    def step(self, day: dt.date) -> Step:
        """What is next on a day. A level that is a state needs no notice."""
        if not self.pending:
            return "named" if self.titles else "nobody"
        if not self.level.state:
            if self.notice is None:
                return "to_announce"
            if day.isoformat() <= self.notice["closes_on"]:
                return "on_notice"
        return "objection" if {each.branch_id for each in self.pending} <= self.questioned else "due"

    def of_units(self, unit_ids: Collection[str]) -> "Round":
        """What concerns the branches of some units alone; without objections, which are the naming place's to see."""
        return replace(
            self, named=tuple(each for each in self.named if each.unit_id in unit_ids),
            waiting=tuple(each for each in self.waiting if each.unit_id in unit_ids),
            titles=tuple(each for each in self.titles if each.row["unit_id"] in unit_ids), objections=(),
        )
