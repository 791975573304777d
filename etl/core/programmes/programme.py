"""A programme: one bureau's whole scheme as frozen, dated, sourced configuration.

Every block that holds a number carries its `origin`: `seed` (stated by the programme's own source), `public` (from a public
page, named in `ref`) or `assumed` (a plausible value for the bureau to replace). Blocks about who files what are in `filing.py`,
about naming in `naming.py`, bounds of figures in `bounds.py`, the rubric in `rubric.py`, papers in `documents.py`, what looks
careless in `suspicion_limits.py`, what is laid down for rooms, dues, allowances and contact points in `provisions.py`.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from pydantic import Field, model_validator

from etl.core.period import Period
from etl.core.programmes.bounds import ChangeToExplain, Threshold, YearCheck
from etl.core.programmes.documents import DispatchSettings, DocumentSettings
from etl.core.programmes.duties import Duty
from etl.core.programmes.filing import BranchKind, Due, IndicatorUse, Periods, SideUnitKind, Tier
from etl.core.programmes.formula import parse_formula
from etl.core.programmes.indicators import Model
from etl.core.programmes.naming import Commendation, CountRule, Eligibility, Gate, Naming, NamingLevel
from etl.core.programmes.provisions import Amount, ContactPoints, Dues, RoomStandard
from etl.core.programmes.rubric import Rubric
from etl.core.programmes.sourced import Dated, Sourced
from etl.core.programmes.suspicion_limits import Suspicions


class Title(Sourced):
    zh: str
    en: str


class Basis(Sourced):
    zh: str
    issued_by: tuple[str, ...]


class Span(Sourced):
    """The days on which the programme is in force; `until` None = open."""

    since: dt.date
    until: dt.date | None = None

    def covers(self, day: dt.date) -> bool:
        """Whether the day lies in the span, both ends included."""
        return self.since <= day and (self.until is None or day <= self.until)


class Top(Sourced):
    code: str
    tier: str


class Theme(Sourced):
    """What a year is about; the dispatches of the year say so. `actions`: what is then to be done, in a few words each."""

    year: int
    zh: str
    actions: tuple[str, ...] = ()


class Report(Sourced):
    """A kind of paper: which tiers make it, which offices get it; from `upward` tiers it goes to the place above, not below."""

    key: str
    zh: str
    cadence: Literal["half_year", "year", "batch", "on_demand"]
    tiers: tuple[str, ...]
    to: tuple[str, ...]
    upward: tuple[str, ...] = ()


class Release(Sourced):
    """How many different persons must release a message of a kind before it leaves; 0 = it leaves by itself."""

    edition: int = Field(default=1, ge=1, le=3)
    erratum: int = Field(default=1, ge=1, le=3)
    feedback: int = Field(default=0, ge=0, le=3)
    answer: int = Field(default=0, ge=0, le=3)
    reminder: int = Field(default=0, ge=0, le=3)

    def persons(self, kind: str) -> int:
        """The number for a kind of message."""
        return int(getattr(self, kind))


class Programme(Model):
    """The whole scheme. Cross references are checked on loading: nothing doubtful runs."""

    programme: str
    title: Title
    sources: Mapping[str, str]
    basis: tuple[Basis, ...]
    valid: Span
    top: Top
    tiers: tuple[Tier, ...]  # leaf first
    side_units: tuple[SideUnitKind, ...] = ()
    periods: Periods
    due: Due
    themes: tuple[Theme, ...] = ()
    eligibility: Eligibility | None = None
    gate: Gate | None = None
    branch_kinds: tuple[BranchKind, ...] = ()
    rubric: Rubric | None = None
    levels: tuple[NamingLevel, ...] = ()
    naming: Naming | None = None
    count_rule: CountRule | None = None
    indicators: tuple[IndicatorUse, ...]
    room_standard: RoomStandard | None = None
    dues: Dues | None = None
    subsidies: Mapping[str, Amount] = Field(default_factory=dict)
    contact_points: ContactPoints | None = None
    duties: tuple[Duty, ...] = ()
    commendation: Commendation | None = None
    thresholds: Mapping[str, Threshold] = Field(default_factory=dict)
    year_checks: tuple[YearCheck, ...] = ()
    change_to_explain: ChangeToExplain | None = None
    suspicions: Dated[Suspicions] | None = None
    reports: tuple[Report, ...]
    documents: DocumentSettings | None = None
    release: Release = Release(origin="assumed")

    @model_validator(mode="after")
    def _references_hold(self) -> "Programme":
        names = [tier.tier for tier in self.tiers]
        if len(set(names)) != len(names) or names[-1] != self.top.tier:
            raise ValueError("tiers: each once, leaf first, the last is the top")
        for level in self.levels:
            unknown = {level.tier} - set(names) | set(level.needs) - {each.key for each in self.levels}
            if unknown:
                raise ValueError(f"level {level.key}: unknown {', '.join(sorted(unknown))}")
        for report in self.reports:
            if set(report.tiers) - set(names):
                raise ValueError(f"report {report.key}: unknown tier")
        for unit in self.side_units:
            if unit.reports_to not in names:
                raise ValueError(f"side unit {unit.kind}: unknown tier {unit.reports_to}")
        keys = [use.key for use in self.indicators]
        if len(set(keys)) != len(keys):
            raise ValueError("indicators: a key stands twice")
        return self

    @model_validator(mode="after")
    def _duties_are_of_somebody(self) -> "Programme":
        known = {*self.tier_keys(), *(unit.kind for unit in self.side_units)}
        for duty in self.duties:
            if set(duty.of) - known:
                raise ValueError(f"duty {duty.key}: unknown {', '.join(sorted(set(duty.of) - known))}")
        return self

    @model_validator(mode="after")
    def _judges_what_it_asks_for(self) -> "Programme":
        asked = {use.key for use in self.indicators}
        for where, names in self._judged():
            if unknown := set(names) - asked:
                raise ValueError(f"{where}: not among the indicators: {', '.join(sorted(unknown))}")
        return self

    def _judged(self) -> Iterator[tuple[str, Iterable[str]]]:
        """Where figures are bounded or scored, and which."""
        for key, threshold in self.thresholds.items():
            yield f"threshold {key}", set(parse_formula(threshold.ratio).names) - {"months", "quarters"}
        for check in self.year_checks:
            yield f"year check {check.key}", set(parse_formula(check.ratio).names) - {"visits"}
        if self.rubric is not None:
            for item in self.rubric.all_items():
                yield f"rubric item {item.key}", item.indicators()
            if self.rubric.self_score is not None:
                yield "rubric: self_score", (self.rubric.self_score.measure,)

    @property
    def leaf(self) -> str:
        """The tier at the bottom: what one row of the main table is about."""
        return self.tiers[0].tier

    @property
    def submitting_tier(self) -> str | None:
        """The tier whose places send files; None where only side units do."""
        return next((tier.tier for tier in self.tiers if tier.submits), None)

    def tier_keys(self) -> tuple[str, ...]:
        """The tiers' keys, leaf first."""
        return tuple(tier.tier for tier in self.tiers)

    def tier_names(self) -> dict[str, str]:
        """Tier → its Chinese name, leaf first."""
        return {tier.tier: tier.zh for tier in self.tiers}

    def height(self, tier: str) -> int:
        """How high a tier stands, the leaf being 0; ValueError if the programme has no such tier."""
        return self.tier_keys().index(tier)

    def dispatch_settings(self) -> DispatchSettings | None:
        """How the half-year's dispatch is addressed, with the programme's own words for tiers above its leaf and for side units.

        None where it has no papers.
        """
        if self.documents is None:
            return None
        own = {tier.tier: tier.zh for tier in self.tiers[1:]} | {unit.kind: unit.zh for unit in self.side_units}
        return self.documents.dispatch.model_copy(update={"tiers": {**own, **self.documents.dispatch.tiers}})

    def covers(self, period: Period) -> bool:
        """Whether the programme is in force on the period's last day."""
        return self.valid.covers(period.last_day)

    def compared(self, period: Period) -> tuple[Period, ...]:
        """A period and those that its report is compared with, in order of time: the one before and that of last year, as far as
        the programme was in force. A batch is compared with nothing."""
        if period.kind == "batch":
            return (period,)
        each = {period, period.previous(), period.same_last_year()}
        return tuple(sorted((one for one in each if self.covers(one)), key=lambda one: one.last_day))

    def plan(self, year: int, years: int) -> range:
        """The years of the plan (of so many years) that a year lies in; plans follow on each other from the first year."""
        first = self.valid.since.year
        start = first + (year - first) // years * years
        return range(start, start + years)

    def duty_years(self, duty: Duty, year: int) -> range:
        """The years in which a record of a duty counts for a year: the year itself, or those of the plan that it lies in."""
        return self.plan(year, (self.periods.plan_years or 1) if duty.every == "plan" else 1)

    def level(self, key: str) -> NamingLevel:
        """The level with that key; LookupError if the programme has none."""
        for level in self.levels:
            if level.key == key:
                return level
        raise LookupError(f"{self.programme} has no level {key}")

    def reviewing_tiers(self) -> tuple[str, ...]:
        """The tiers that review, lowest first."""
        return tuple(tier.tier for tier in self.tiers if tier.reviews)

    def theme(self, year: int) -> Theme | None:
        """The theme of a year, if it has one."""
        return next((theme for theme in self.themes if theme.year == year), None)

    def report(self, key: str) -> Report:
        """The report with that key; LookupError if the programme has none."""
        for report in self.reports:
            if report.key == key:
                return report
        raise LookupError(f"{self.programme} has no report {key}")
