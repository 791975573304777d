"""How a programme's documents are addressed and which figures they show: the `documents` block of its YAML."""

from collections.abc import Mapping
from string import Formatter
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from etl.core.indicators import Model

PLACEHOLDERS = frozenset({"name", "whole", "organ", "year", "number", "period", "programme"})
MOST_TABLE_COLUMNS = 6
"""Figures a portrait table holds beside rank, name and dot strip: the text block is 156 mm wide."""


def _known_placeholders(pattern: str) -> str:
    unknown = {field for _, field, _, _ in Formatter().parse(pattern) if field is not None} - PLACEHOLDERS
    if unknown:
        raise ValueError(f"unknown placeholder {sorted(unknown)} in {pattern!r}")
    return pattern


Pattern = Annotated[str, AfterValidator(_known_placeholders)]
"""Text with {name} {whole} {organ} {year} {number} {period} {programme}; {organ} is not known to the issuer."""

PerTier = Mapping[str, Pattern]
"""A pattern a tier; `default` serves the tiers not named."""


class DispatchSettings(Model):
    """The half-yearly dispatch: `headline` figures, the `ranking` figure, and the ranked table's other columns."""

    issuer: PerTier
    number: PerTier
    to: PerTier
    cc: PerTier = Field(default_factory=dict)
    printed_by: PerTier = Field(default_factory=dict)  # 印发机关; the issuer if not said
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

    @property
    def indicators(self) -> tuple[str, ...]:
        """Every indicator the document names, once each, in order."""
        return tuple(dict.fromkeys((*self.headline, self.ranking, *self.table)))

    @model_validator(mode="after")
    def _ranking_stands_apart(self) -> "DispatchSettings":
        if self.ranking in self.table:
            raise ValueError(f"{self.ranking} is the ranking figure and has its own column already")
        if len(set(self.table)) < len(self.table) or len(set(self.headline)) < len(self.headline):
            raise ValueError("an indicator is named twice")
        return self


class DocumentSettings(Model):
    """All documents of a programme."""

    dispatch: DispatchSettings


def for_tier(patterns: Mapping[str, str], tier: str) -> str:
    """The tier's pattern, else `default`, else nothing."""
    return patterns.get(tier, patterns.get("default", ""))
