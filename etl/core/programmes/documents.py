"""How a programme's documents are addressed and which figures they show: the `documents` block of its YAML."""

from collections.abc import Mapping
from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from etl.core.programmes.indicators import Model
from etl.core.programmes.sourced import Sourced

PLACEHOLDERS = frozenset(
    {"name", "initial", "kind", "parent", "whole", "organ", "year", "number", "period", "programme", "called"}
)
MOST_TABLE_COLUMNS = 6
"""Figures a portrait table holds beside rank, name and dot strip: the text block is 156 mm wide."""


def _known_placeholders(pattern: str) -> str:
    unknown = {field for _, field, _, _ in Formatter().parse(pattern) if field is not None} - PLACEHOLDERS
    if unknown:
        raise ValueError(f"unknown placeholder {sorted(unknown)} in {pattern!r}")
    return pattern


Pattern = Annotated[str, AfterValidator(_known_placeholders)]
"""Text with {name} {initial} (its first character, or two) {kind} (its last: 市, 州, 县) {parent} (the place above) {whole}
{organ} {year} {number} {period} {programme} {called} (what the paper is).

{organ} is not known to the issuer. {number} of a dispatch: which of the year's the office issues with it
(`etl.core.reports.issue_numbers`); of a batch's paper the batch's, of a year's 1.
"""

PerTier = Mapping[str, Pattern]
"""A pattern a tier; `default` serves the tiers not named."""


PaperForm = Literal["document", "letter"]
Direction = Literal["downward", "upward"]
"""How a paper looks: with the red head of a 文件, or as a letter (信函格式) to a single bureau."""

Worded = Mapping[str, str]
"""The same words by language; `zh` must be there and serves the languages not named."""


class IssueRule(Sourced):
    """When a unit's figure is an issue to be named in 存在问题, and what is asked of the unit.

    `below` and `above` hold the figure against `threshold` (in the figure's own measure, a share as 0.85); `fell_by` holds
    its fall since the last period, as a share of a base of at least `min_base`, against it, where no unit of the place has
    left the figure out since. `days` are working days from the paper's date to the date the remedy is due.
    """

    key: str
    indicator: str
    compare: Literal["below", "above", "fell_by"]
    threshold: float
    min_base: float = 20
    title: Worded
    remedy: Worded
    days: int = Field(ge=1, le=120)

    @model_validator(mode="after")
    def _has_chinese(self) -> "IssueRule":
        if not (self.title.get("zh") and self.remedy.get("zh")):
            raise ValueError(f"issue {self.key}: title and remedy need zh")
        return self


class PracticeSettings(Model):
    """What is told of the units' doings: how many kinds of activity, themes and units' own words, and how long."""

    activities: int = 4
    themes: int = 3
    units: int = 3
    longest: int = 120
    practices: str = "main_practices"
    difficulties: str = "difficulties"
    plans: str = "next_plans"


class Letterhead(Model):
    """Who writes to whom, under which number: in another language than Chinese, in place of the programme's own."""

    issuer: PerTier
    number: PerTier
    to: PerTier
    cc: PerTier = Field(default_factory=dict)
    printed_by: PerTier = Field(default_factory=dict)  # 印发机关; the issuer if not said


class DispatchSettings(Model):
    """The half-yearly dispatch: `headline` figures, the `ranking` figure, and the ranked table's other columns.

    `english`: the letterhead of English editions.
    """

    form: Mapping[str, PaperForm] = Field(default_factory=dict)  # by tier; a document if not said
    direction: Mapping[str, Direction] = Field(default_factory=dict)  # by tier; downward (通报), not upward (报告), if not said
    issuer: PerTier
    number: PerTier
    to: PerTier
    cc: PerTier = Field(default_factory=dict)
    printed_by: PerTier = Field(default_factory=dict)  # 印发机关; the issuer if not said
    english: Letterhead | None = None
    title_lines: tuple[Pattern, ...]
    headline: tuple[str, ...] = Field(min_length=1, max_length=8)
    ranking: str
    table: tuple[str, ...] = Field(default=(), max_length=MOST_TABLE_COLUMNS)
    tiers: Mapping[str, str] = Field(default_factory=dict)  # this programme's words for tiers
    unranked_tiers: tuple[str, ...] = ("own",)  # a tier's own office is no peer of its places
    # Counts of people below this are held back in tables about other places' units (privacy, assumed value).
    hide_people_below: int = 5
    people_units: tuple[str, ...] = ("person",)
    own_rows_tiers: tuple[str, ...] = ("county",)  # these see their own rows unmasked
    practice: PracticeSettings = PracticeSettings()
    issues: tuple[IssueRule, ...] = ()

    def letterhead(self, language: str) -> Letterhead:
        """Who writes to whom in a language; as in Chinese where nothing else is said."""
        if language == "en" and self.english:
            return self.english
        return Letterhead(issuer=self.issuer, number=self.number, to=self.to, cc=self.cc, printed_by=self.printed_by)

    @property
    def indicators(self) -> tuple[str, ...]:
        """Every indicator the document names, once each, in order."""
        issues = (rule.indicator for rule in self.issues)
        return tuple(dict.fromkeys((*self.headline, self.ranking, *self.table, *issues)))

    @model_validator(mode="after")
    def _ranking_stands_apart(self) -> "DispatchSettings":
        if self.ranking in self.table:
            raise ValueError(f"{self.ranking} is the ranking figure and has its own column already")
        if len(set(self.table)) < len(self.table) or len(set(self.headline)) < len(self.headline):
            raise ValueError("an indicator is named twice")
        return self


class PaperSettings(Model):
    """A paper with lists of names: how it is addressed, and in which order names stand.

    `number` is its document number when nobody has given it one. `unranked`: the order says nothing (排名不分先后). `purpose`
    and `basis` go into its opening; `hope` is what it asks of those named.
    """

    issuer: PerTier
    number: PerTier
    to: PerTier
    cc: PerTier = Field(default_factory=dict)
    printed_by: PerTier = Field(default_factory=dict)
    title_lines: tuple[Pattern, ...]
    unranked: bool = True
    basis: str = ""
    purpose: str = ""
    hope: str = ""


class InspectionSettings(PaperSettings):
    """The report of visits to branches. `inspection`: what the programme calls these (检查考评, 督查), as the title says."""

    inspection: str = Field(min_length=1)

    @model_validator(mode="after")
    def _title_says_it(self) -> "InspectionSettings":
        if self.inspection not in "".join(self.title_lines):
            raise ValueError(f"title_lines of the inspection_report do not say {self.inspection}")
        return self


class DocumentSettings(Model):
    """All documents of a programme: the half-yearly dispatch, and the year's papers by report key."""

    dispatch: DispatchSettings
    commendation_summary: PaperSettings | None = None
    naming_decision: PaperSettings | None = None
    recommendation: PaperSettings | None = None
    inspection_report: InspectionSettings | None = None


def inspection_word(settings: PaperSettings) -> str:
    """What a report of visits calls them; '' for another paper."""
    return settings.inspection if isinstance(settings, InspectionSettings) else ""


def for_tier(patterns: Mapping[str, str], tier: str) -> str:
    """The tier's pattern, else `default`, else nothing."""
    return patterns.get(tier, patterns.get("default", ""))
