"""Blocks of a programme: between which bounds its figures should lie, and how far they may move."""

from typing import Literal

from pydantic import model_validator

from etl.core.programmes.formula import parse_formula
from etl.core.programmes.sourced import Sourced

Severity = Literal["warn", "error"]


class EachQuarter(Sourced):
    """That a bound on so many a quarter holds in each quarter of the period, by the days in the activity ledger."""

    zh: str
    severity: Severity


class Threshold(Sourced):
    """A ratio of filed figures that should lie between two bounds.

    `ratio` is a formula over indicator keys and the constants `months` and `quarters` of the period. Where it is a figure by
    the quarter which the ledger counts, `each_quarter` looks at each quarter: the filed figure knows the period as a whole.
    """

    zh: str
    ratio: str
    min: float | None = None
    max: float | None = None
    severity: Severity
    each_quarter: EachQuarter | None = None

    @model_validator(mode="after")
    def _has_a_bound(self) -> "Threshold":
        parse_formula(self.ratio)
        if self.min is None and self.max is None:
            raise ValueError("a threshold needs min, max or both")
        if self.each_quarter is not None and (self.min is None or self.by_the_quarter() is None):
            raise ValueError("each_quarter needs a min, and a ratio that is one figure / quarters")
        return self

    def by_the_quarter(self) -> str | None:
        """The figure of a ratio `figure / quarters`; None if it is another ratio."""
        figure, divided, quarters = self.ratio.partition("/")
        return figure.strip() if divided and quarters.strip() == "quarters" and figure.strip().isidentifier() else None


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
