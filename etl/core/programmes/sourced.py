"""Configuration that says where it comes from, and values that change over the years."""

import datetime as dt
from collections.abc import Mapping
from typing import Generic, Literal, TypeVar

from pydantic import model_validator

from etl.core.programmes.indicators import Model

Origin = Literal["seed", "public", "assumed"]
T = TypeVar("T")


class Sourced(Model):
    """Anything with an origin. What comes from a public page names it in `ref`."""

    origin: Origin
    ref: str | None = None

    @model_validator(mode="after")
    def _public_has_ref(self) -> "Sourced":
        if self.origin == "public" and not self.ref:
            raise ValueError("origin: public needs a ref that says where it stands")
        return self


class DatedValue(Sourced, Generic[T]):
    """One value and the day from which it holds (the beginning of the programme if not said)."""

    value: T
    since: dt.date | None = None


class Dated(Model, Generic[T]):
    """A value that may change over the years, each version with its origin."""

    versions: tuple[DatedValue[T], ...]

    @model_validator(mode="before")
    @classmethod
    def _accept_one(cls, raw: object) -> object:
        """`{value, origin}` is short for one version; a list gives several."""
        if isinstance(raw, Mapping) and "versions" not in raw:
            return {"versions": [raw]}
        return {"versions": raw} if isinstance(raw, list) else raw

    @model_validator(mode="after")
    def _in_order(self) -> "Dated[T]":
        days = [version.since or dt.date.min for version in self.versions]
        if not days or days != sorted(set(days)):
            raise ValueError("dated values need at least one version, oldest first, no day twice")
        return self

    def on(self, day: dt.date) -> T:
        """The value in force on a day; LookupError before the first."""
        for version in reversed(self.versions):
            if (version.since or dt.date.min) <= day:
                return version.value
        raise LookupError(f"no value in force on {day}")
