"""What each figure means, in one home for every programme.

A programme names the indicators it uses by key; names, units, kinds and the relations between figures live here, so that
two programmes can never mean different things by one key.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from etl.core.programmes.formula import Formula, parse_formula

Kind = Literal["stock", "flow", "derived"]
Rollup = Literal["sum", "none", "recompute", "count_distinct"]
ValueType = Literal["whole", "number", "money", "share", "yes_no", "date", "text"]
Grain = Literal["branch", "unit", "ledger"]
Scope = Literal["retired_cadre", "all_members"]


class Model(BaseModel):
    """Base of everything read from configuration: frozen, and unknown keys do not load."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class MeasureUnit(Model):
    """A unit of measure: how it is written after a number, and which words a clerk may write."""

    zh: str
    words: tuple[str, ...] = ()
    decimals: int = 0
    value_type: ValueType = "whole"


class Indicator(Model):
    """One figure. Relations to other figures are formulas over indicator keys of the same row."""

    key: str
    zh: str
    en: str = ""  # its name in English editions; its key if not said
    unit: str
    kind: Kind
    rollup: Rollup
    filed_by: Grain = "branch"
    scope: Scope = "retired_cadre"  # figures of different scopes enter into no relation (E15)
    better: Literal["up", "down", "none"] = "none"
    synonyms: tuple[str, ...] = ()
    formula: str | None = None  # derived: recomputed from rolled-up parts, never averaged
    scale: float = 1.0  # the formula's result is multiplied by this (sex ratio: 100)
    decimals: int | None = None
    must_equal: str | None = None  # E1
    previous: str | None = None  # E2: equals last period's value of that indicator
    part_of: str | None = None  # E5
    counts_rows_of: str | None = None  # E6: a unit's own figure equals its number of such rows
    counts_places: bool = False  # E7: parts are tiers; may not exceed the places known
    within: Literal["rubric"] | None = None  # at most what the programme's rubric gives in all
    lists: Literal["organisation", "member"] | None = None  # whom of the honours list (praise, honours, medals) it counts
    titles: Literal["decided", "in_force"] | None = None  # its parts by level count titles: of the period, or as of its last day
    ledger_kind: str | None = None  # the activity kind whose ledger entries this figure counts
    ledger_measure: Literal["records", "person_times", "active_branches"] | None = None
    of_members: bool = (
        False  # counts people by formal relation: functional and temporary branches add none (E17)
    )
    median: bool = False
    yes_no_at_branch: bool = False  # a branch answers yes or no, which adds up to a count

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "Indicator":
        if (self.kind == "derived") != (self.formula is not None):
            raise ValueError(f"{self.key}: a derived indicator has a formula, and no other has one")
        if self.kind == "derived" and self.rollup != "recompute":
            raise ValueError(f"{self.key}: a derived indicator is recomputed")
        for text in (self.formula, self.must_equal):
            if text is not None:
                parse_formula(text)
        return self

    @property
    def parsed_formula(self) -> Formula:
        """The formula of a derived indicator; ValueError for any other."""
        if self.formula is None:
            raise ValueError(f"{self.key} is not derived")
        return parse_formula(self.formula)


class IndicatorCatalogue(Model):
    """All indicators, units of measure and breakdowns that a programme may name."""

    units: Mapping[str, MeasureUnit]
    breakdowns: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    indicators: Mapping[str, Indicator]

    @model_validator(mode="after")
    def _all_keys_known(self) -> "IndicatorCatalogue":
        for indicator in self.indicators.values():
            if indicator.unit not in self.units:
                raise ValueError(f"{indicator.key}: unknown unit {indicator.unit}")
            for name in _names_in(indicator):
                if name not in self.indicators:
                    raise ValueError(f"{indicator.key}: unknown indicator {name}")
                if self.indicators[name].scope != indicator.scope:
                    raise ValueError(f"{indicator.key} and {name} are of different scopes and cannot be related")
        return self

    def unit_of(self, key: str) -> MeasureUnit:
        """The unit of measure of an indicator; KeyError if there is no such indicator."""
        return self.units[self.indicators[key].unit]

    def merged(self, other: "IndicatorCatalogue") -> "IndicatorCatalogue":
        """This catalogue with another's entries added; a key defined twice raises ValueError."""
        clash = set(self.indicators) & set(other.indicators)
        if clash:
            raise ValueError(f"indicators defined twice: {', '.join(sorted(clash))}")
        return IndicatorCatalogue(
            units={**self.units, **other.units},
            breakdowns={**self.breakdowns, **other.breakdowns},
            indicators={**self.indicators, **other.indicators},
        )


def _names_in(indicator: Indicator) -> Iterator[str]:
    for text in (indicator.formula, indicator.must_equal):
        if text is not None:
            yield from parse_formula(text).names
    for name in (indicator.previous, indicator.part_of):
        if name is not None:
            yield name


def build_catalogue(raw: Mapping[str, object]) -> IndicatorCatalogue:
    """The catalogue out of a parsed indicators.yaml, where each indicator's key is its mapping key.

    Raises ValueError (pydantic's) for anything unknown or contradictory.
    """
    indicators = raw.get("indicators", {})
    if not isinstance(indicators, Mapping):
        raise ValueError("indicators: must be a mapping of key to definition")
    keyed = {key: {"key": key, **value} for key, value in indicators.items()}
    return IndicatorCatalogue.model_validate({**raw, "indicators": keyed})
