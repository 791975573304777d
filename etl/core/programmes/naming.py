"""Blocks of a programme: who may be named, at which levels, how many, and what stands before a naming."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from etl.core.programmes.indicators import Model
from etl.core.programmes.sourced import Sourced


class Eligibility(Sourced):
    """How many members a branch has: with fewer than `min_members` none is named; one with more than `max_members` (the source
    says 一般, usually) may be, and whoever reviews and names it is told."""

    min_members: int
    max_members: int | None = None


class Sweeps(Sourced):
    """How many sweeps a branch must have been through: half-years with `measure` above 0, and sweeps on record."""

    count: int
    measure: str | None = None
    zh: str | None = None


class SweepOutcome(Model):
    """What may come of a sweep, and what papers call it; `en` empty: English ones call it as Chinese ones do."""

    key: str
    zh: str = Field(min_length=1)
    en: str = ""


class SweepOutcomes(Sourced):
    value: tuple[SweepOutcome, ...]

    @model_validator(mode="after")
    def _are_told_apart(self) -> "SweepOutcomes":
        for name in ("key", "zh", "en"):
            names = [text for each in self.value if (text := getattr(each, name))]
            twice = sorted({text for text in names if names.count(text) > 1})
            if twice:
                raise ValueError(f"two outcomes have the {name} {', '.join(twice)}")
        return self

    @property
    def by_key(self) -> Mapping[str, SweepOutcome]:
        """The outcomes by key, as they are declared."""
        return {each.key: each for each in self.value}


class Flag(Sourced):
    value: bool
    zh: str | None = None


class Gate(Model):
    rectify_first: Flag
    sweeps: Sweeps
    sweep_outcomes: SweepOutcomes


class YearQuota(Sourced):
    """How many of a quota are for one year of the plan."""

    year: int
    value: int = Field(ge=0)


class Quota(Sourced):
    """The most that each place of the level's tier may name in a plan of so many years.

    `by_year` shares it out; what a year leaves over goes on to the next if `carry_over`. A year that is not named takes what
    is left. `refill`: a title withdrawn frees its place.
    """

    total: int = Field(ge=0)
    over_years: int = Field(ge=1)
    by_year: tuple[YearQuota, ...] = ()
    carry_over: bool = True
    refill: bool = False


class LevelMark(Sourced):
    """The pass mark of one level, where it is not the rubric's."""

    value: int


class NamingLevel(Sourced):
    """A level a branch can be named at; `needs` are levels it must hold before.

    `held_before`: needs must be held when the year begins to be judged; else a level named in the same round is enough.
    `state`: a level that a branch is in, without a naming. `valid_years`: how long a title stands (None: until withdrawn).
    `titles`: those of places that call it by a name of their own, by the place's code.
    """

    key: str
    zh: str
    tier: str
    needs: tuple[str, ...] = ()
    quota: Quota | None = None
    title_zh: str | None = None
    titles: Mapping[str, str] = Field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    pass_mark: LevelMark | None = None
    held_before: bool = False
    state: bool = False
    valid_years: int | None = None

    @property
    def title(self) -> str:
        """The words of the title: its own, else the level's name."""
        return self.title_zh or self.zh

    def title_at(self, code: str) -> str:
        """The words of the title as the place with that code confers it."""
        return self.titles.get(code, self.title)


class PublicNotice(Sourced):
    working_days: int = Field(ge=1)


class Drift(Sourced):
    """When a self-assessment is called far from the review: beyond `z` standard deviations of all gaps, from so many on."""

    z: float = Field(gt=0)
    min_reviews: int = Field(ge=2)


class Naming(Model):
    """How a naming is prepared: the public notice before it, and when self-assessments look wrong."""

    public_notice: PublicNotice
    drift: Drift


class CountRule(Sourced):
    value: Literal["highest_level_only"]


class Commendation(Sourced):
    kinds: tuple[Literal["naming", "praise", "honour", "medal"], ...]
    titles: tuple[str, ...] = ()
    cadence: Literal["year", "batch"]
