"""Blocks of a programme: between which bounds its figures should lie, and how far they may move."""

from typing import Literal

from pydantic import model_validator

from etl.core.programmes.formula import parse_formula
from etl.core.programmes.sourced import Sourced

Severity = Literal["warn", "error"]


class Threshold(Sourced):
    """A ratio of filed figures that should lie between two bounds.

    `ratio` is a formula over indicator keys and the constants `months` and `quarters` of the period.
    """

    zh: str
    ratio: str
    min: float | None = None
    max: float | None = None
    severity: Severity

    @model_validator(mode="after")
    def _has_a_bound(self) -> "Threshold":
        parse_formula(self.ratio)
        if self.min is None and self.max is None:
            raise ValueError("a threshold needs min, max or both")
        return self


class YearCheck(Sourced):
    """What must hold over a whole year: a ratio of its figures between two bounds, for each branch or each unit.

    `ratio` is a formula over indicator keys, flows added up over the year (or over its `half` alone), stocks as they stood
    last; `visits` stands for the inspection visits on record. `bound_of` takes the bound from where the programme states it.
    """

    key: str
    zh: str
    ratio: str
    on: Literal["branch", "unit"]
    min: float | None = None
    max: float | None = None
    half: Literal[1, 2] | None = None
    bound_of: Literal[
        "secretary_monthly_min", "committee_share_max", "branch_funds_yearly_min", "dues_return_rate"
    ] | None = None

    @model_validator(mode="after")
    def _is_a_formula(self) -> "YearCheck":
        parse_formula(self.ratio)
        return self


class ChangeToExplain(Sourced):
    """E12: a change of a unit's sum beyond `pct` percent needs an explanation; small bases are left alone."""

    pct: float
    min_base: float = 20
    severity: Severity = "warn"
