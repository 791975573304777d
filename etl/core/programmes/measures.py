"""How an item of a rubric is measured: one small model a way, each saying where its numbers come from.

Values and points are whole numbers here: ten-thousandths of a value, hundredths of a point. So every rounding is exact, and
by name: half up.
"""

from decimal import Decimal
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from etl.core.programmes.sourced import Sourced

Whole = np.ndarray
VALUE_SCALE, POINT_SCALE = 10_000, 100


def half_up(numerator: Whole, denominator: Whole | int) -> Whole:
    """Whole quotients of numbers that are not negative, rounded half up."""
    return np.asarray((2 * numerator + denominator) // (2 * np.asarray(denominator)))


def scaled(value: Decimal, scale: int = VALUE_SCALE) -> int:
    """A decimal as a whole number of parts; ValueError if it has more decimals than that."""
    whole = value * scale
    if whole != whole.to_integral_value():
        raise ValueError(f"{value} has too many decimals")
    return int(whole)


class AtLeast(Sourced):
    """All points from `target` on, none below."""

    kind: Literal["at_least"]
    target: Decimal = Field(gt=0)
    whole: ClassVar[bool] = True

    def points(self, value: Whole, _of: Whole | None, most: int) -> Whole:
        """Hundredths of points for values that are there."""
        return np.where(value >= scaled(self.target), most, 0)


class Linear(Sourced):
    """In proportion to the value, all points at `target`."""

    kind: Literal["linear"]
    target: Decimal = Field(gt=0)
    whole: ClassVar[bool] = False

    def points(self, value: Whole, _of: Whole | None, most: int) -> Whole:
        """Hundredths of points for values that are there."""
        target = scaled(self.target)
        return half_up(np.clip(value, 0, target) * most, target)


class Step(Sourced):
    at_least: Decimal
    points: Decimal = Field(ge=0)


class Steps(Sourced):
    """The points of the highest step reached."""

    kind: Literal["steps"]
    steps: tuple[Step, ...]
    whole: ClassVar[bool] = False

    @model_validator(mode="after")
    def _in_order(self) -> "Steps":
        bounds = [step.at_least for step in self.steps]
        if not bounds or bounds != sorted(set(bounds)):
            raise ValueError("steps: at least one, lowest first, no bound twice")
        return self

    def points(self, value: Whole, _of: Whole | None, most: int) -> Whole:
        """Hundredths of points for values that are there."""
        found = np.zeros(len(value), dtype=np.int64)
        for step in self.steps:
            found = np.where(value >= scaled(step.at_least), scaled(step.points, POINT_SCALE), found)
        return np.minimum(found, most)


class Share(Sourced):
    """In proportion to value ÷ `of`, all points at `target`; `whole`: all or nothing.

    Where `of` is 0 there was nothing to do: all points, or none with `when_none: none`.
    """

    kind: Literal["share"]
    of: str
    target: Decimal = Field(default=Decimal(1), gt=0)
    whole: bool = False
    when_none: Literal["all", "none"] = "all"

    def points(self, value: Whole, of: Whole | None, most: int) -> Whole:
        """Hundredths of points for values that are there."""
        base = np.zeros(len(value), dtype=np.int64) if of is None else of
        wanted = np.maximum(half_up(np.maximum(base, 0) * scaled(self.target), VALUE_SCALE), 1)
        reached = np.clip(value, 0, wanted)
        earned = np.where(reached >= wanted, most, 0) if self.whole else half_up(reached * most, wanted)
        return np.where(base > 0, earned, most if self.when_none == "all" else 0)


class PerMiss(Sourced):
    """All points at `target`, `off` points less for each one missing, never below 0."""

    kind: Literal["per_miss"]
    target: Decimal = Field(gt=0)
    off: Decimal = Field(gt=0)
    whole: ClassVar[bool] = False

    def points(self, value: Whole, _of: Whole | None, most: int) -> Whole:
        """Hundredths of points for values that are there."""
        missing = np.maximum(scaled(self.target) - value, 0)
        left: Whole = np.maximum(most - half_up(missing * scaled(self.off, POINT_SCALE), VALUE_SCALE), 0)
        return left


class Each(Sourced):
    """`each` points for every one beyond `over`, up to the item's points."""

    kind: Literal["each"]
    each: Decimal = Field(gt=0)
    over: Decimal = Decimal(0)
    whole: ClassVar[bool] = False

    def points(self, value: Whole, _of: Whole | None, most: int) -> Whole:
        """Hundredths of points for values that are there."""
        beyond = np.maximum(value - scaled(self.over), 0)
        earned: Whole = np.minimum(half_up(beyond * scaled(self.each, POINT_SCALE), VALUE_SCALE), most)
        return earned


class Missing(Sourced):
    """For a deduction: `each` points for every one short of `target`, up to the item's points."""

    kind: Literal["missing"]
    target: Decimal = Field(gt=0)
    each: Decimal = Field(gt=0)
    whole: ClassVar[bool] = False

    def points(self, value: Whole, _of: Whole | None, most: int) -> Whole:
        """Hundredths of points for values that are there."""
        short = np.maximum(scaled(self.target) - value, 0)
        earned: Whole = np.minimum(half_up(short * scaled(self.each, POINT_SCALE), VALUE_SCALE), most)
        return earned


class Within(Sourced):
    """All points if the filed day lies within so many months before the end of the year."""

    kind: Literal["within"]
    months: int = Field(gt=0)
    whole: ClassVar[bool] = True

    def points(self, value: Whole, _of: Whole | None, most: int) -> Whole:
        """Hundredths of points; the value is the number of months begun between the day and the end."""
        return np.where(value <= self.months * VALUE_SCALE, most, 0)


class Filed(Sourced):
    """All points if anything is filed."""

    kind: Literal["filed"]
    whole: ClassVar[bool] = True

    def points(self, value: Whole, _of: Whole | None, most: int) -> Whole:
        """Hundredths of points for values that are there."""
        return np.full(len(value), most)


class Entered(Sourced):
    """Nothing is measured: a reviewer enters the points."""

    kind: Literal["entered"]
    whole: ClassVar[bool] = False

    def points(self, value: Whole, _of: Whole | None, _most: int) -> Whole:
        """No points before a reviewer has entered them."""
        return np.zeros(len(value), dtype=np.int64)


Measured = Annotated[
    AtLeast | Linear | Steps | Share | PerMiss | Each | Missing | Within | Filed | Entered,
    Field(discriminator="kind"),
]
