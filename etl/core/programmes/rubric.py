"""What is judged of a branch or its unit, and how: a programme's rubric."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from etl.core.programmes.indicators import Model
from etl.core.programmes.measures import Measured, Share
from etl.core.programmes.sourced import Dated, Sourced

Mode = Literal["score", "points", "inspection", "target", "checklist"]


class RubricItem(Sourced):
    """The smallest judged thing. An item that changes ends (`until` is its last day) and another begins."""

    key: str
    zh: str
    points: Decimal = Field(ge=0, decimal_places=2)
    measure: str | None = None
    how: Measured
    since: dt.date = dt.date.min
    until: dt.date = dt.date.max

    @model_validator(mode="after")
    def _measures_something(self) -> "RubricItem":
        if (self.measure is None) != (self.how.kind == "entered"):
            raise ValueError(f"{self.key}: an item either has a measure or is entered by a reviewer")
        return self

    def in_force(self, day: dt.date) -> bool:
        """Whether the item is judged on that day."""
        return self.since <= day <= self.until

    def indicators(self) -> tuple[str, ...]:
        """The figures that the item needs."""
        needed = [self.measure] if self.measure else []
        return (*needed, *([self.how.of] if isinstance(self.how, Share) else []))


def _from(day: dt.date) -> str:
    return "" if day == dt.date.min else f" from {day} on"


class Dimension(Sourced):
    key: str
    zh: str
    on: Literal["branch", "unit"]
    weight: Dated[int]
    items: tuple[RubricItem, ...]

    def items_on(self, day: dt.date) -> tuple[RubricItem, ...]:
        """The items in force on a day."""
        return tuple(item for item in self.items if item.in_force(day))

    @model_validator(mode="after")
    def _points_add_up(self) -> "Dimension":
        days = {version.since or dt.date.min for version in self.weight.versions}
        days |= {item.since for item in self.items}
        for day in sorted(days):
            points = sum((item.points for item in self.items_on(day)), Decimal(0))
            weight = self.weight.on(day)
            if points != weight:
                raise ValueError(f"{self.key}: item points add to {points}{_from(day)}, not to the weight of {weight}")
        return self


class Extra(Sourced):
    """What comes on top of the dimensions or off them, up to `max` points together."""

    max: int
    items: tuple[RubricItem, ...] = ()


class TieBreak(Sourced):
    """What decides between equal scores: more points in a dimension or an item."""

    by: Literal["dimension", "item"]
    key: str


class SelfScore(Sourced):
    """The figure by which a branch files its own score; it stands beside the tiers' scores and counts for nothing."""

    measure: str


class Rubric(Model):
    """What is judged and how; dimension weights add to the total."""

    mode: Mode
    total: Dated[int]
    pass_mark: Dated[int | None]
    dimensions: tuple[Dimension, ...]
    bonus: Extra
    deduction: Extra | None = None
    tie_breaks: tuple[TieBreak, ...] = ()
    self_score: SelfScore | None = None

    @model_validator(mode="after")
    def _weights_add_up(self) -> "Rubric":
        for version in self.total.versions:
            day = version.since or dt.date.min
            total = sum(dimension.weight.on(day) for dimension in self.dimensions)
            if total != version.value:
                raise ValueError(f"weights add to {total}{_from(day)}, not to {version.value}")
        return self

    @model_validator(mode="after")
    def _agrees_with_its_mode(self) -> "Rubric":
        if self.mode == "checklist":
            for item in (item for dimension in self.dimensions for item in dimension.items):
                if not (item.how.whole or item.how.kind == "entered"):
                    raise ValueError(f"{item.key}: on a checklist an item is met or not, never in part")
        if self.mode != "points" and (self.bonus.items or self.deduction):
            raise ValueError("bonus and deduction items belong to the mode points")
        known = {
            "dimension": {dimension.key for dimension in self.dimensions},
            "item": {item.key for dimension in self.dimensions for item in dimension.items},
        }
        for tie in self.tie_breaks:
            if tie.key not in known[tie.by]:
                raise ValueError(f"tie_breaks: unknown {tie.by} {tie.key}")
        return self

    @model_validator(mode="after")
    def _keys_once(self) -> "Rubric":
        for item in self.all_items():
            others = [each for each in self.all_items() if each.key == item.key and each is not item]
            if any(each.since <= item.until and item.since <= each.until for each in others):
                raise ValueError(f"item {item.key} stands twice")
        return self

    def most(self, day: dt.date) -> int:
        """The most points that a branch can be given in all on a day: the total and the bonus."""
        return self.total.on(day) + self.bonus.max

    def all_items(self) -> Iterator[RubricItem]:
        """Every item of any day: of the dimensions, then bonus and deduction."""
        for dimension in self.dimensions:
            yield from dimension.items
        yield from self.bonus.items
        yield from self.deduction.items if self.deduction else ()
