"""Rules as data: suites in Great Expectations' vocabulary, each rule dated, with its remedy.

A suite is one file of `expectations/`; how it is written is told in `expectations/README.md`.
"""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Level = Literal["file", "row", "warning"]
LEVELS: tuple[Level, ...] = ("file", "row", "warning")
WaivingTier = Literal["township", "county", "prefecture", "province"]
WAIVING_TIERS: tuple[WaivingTier, ...] = get_args(WaivingTier)
"""Lowest first."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
RuleId = Annotated[str, StringConstraints(pattern=r"^[A-Z]+[0-9]+[a-z]?$")]
ColumnName = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]*$")]


class RuleError(ValueError):
    """Suites that cannot stand beside each other."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Meta(_Model):
    """What we add to an expectation: identity, consequence, remedy and the days it is in force."""

    rule: RuleId
    level: Level
    """file: the table is held; row: the row is held; warning: nothing is held, the submitter is asked."""
    remedy: Text
    example: Text
    """A fault as it comes in, and what should stand there."""
    since: date
    until: date | None = None
    """Last day in force, itself included."""
    observed: ColumnName | None = None
    """The column shown as found, where it is another than the one judged: an explanation is bound to it."""
    worked_out: bool = False
    """What is shown as found was worked out of several cells and stands in none: nobody filed it."""
    shown: ColumnName | None = None
    """The column that people are shown as found, `1÷2＝0.5`, if nobody filed what was observed; nothing is bound to it."""
    shown_as: Text | None = None
    """How that is told where its column holds a word of it only, `各项数字与{}相同`."""
    expected: ColumnName | None = None
    expected_as: Text | None = None
    """How a bound is told, `不小于{}`: the bare figure would read as if only it were right."""
    expected_text: Text | None = None
    level_column: ColumnName | None = None
    covers: tuple[Text, ...] = Field(default=(), strict=False)
    waivable_by: WaivingTier | None = None
    """The lowest tier that may accept a held row as it is; without it nobody may."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.expected and self.expected_text:
            raise ValueError("expected and expected_text exclude each other")
        if self.expected_as and (self.expected_as.count("{}") != 1 or not self.expected):
            raise ValueError("expected_as tells of expected, and holds {} once")
        if self.shown_as and (self.shown_as.count("{}") != 1 or not self.shown):
            raise ValueError("shown_as tells of shown, and holds {} once")
        if self.waivable_by and self.level != "row":
            raise ValueError(f"level {self.level}: only what holds a row can be waived")
        if self.until and self.until < self.since:
            raise ValueError(f"until {self.until} is before since {self.since}")
        return self


class Rule(_Model):
    """One expectation of Great Expectations and what it means for the data."""

    type: Annotated[str, StringConstraints(pattern=r"^expect_[a-z_]+$")]
    kwargs: dict[str, Any]
    severity: Literal["critical", "warning"]
    description: Text
    meta: Meta

    @property
    def id(self) -> str:
        """The rule's short name, unique over all suites."""
        return self.meta.rule

    def holds_on(self, day: date) -> bool:
        """Whether the rule is in force on `day`."""
        return self.meta.since <= day and (self.meta.until is None or day <= self.meta.until)

    @model_validator(mode="after")
    def _severity_is_the_levels(self) -> Self:
        wanted = "warning" if self.meta.level == "warning" else "critical"
        if self.severity != wanted:
            raise ValueError(f"{self.id}: level {self.meta.level} goes with severity {wanted}")
        return self

    @model_validator(mode="after")
    def _patterns_are_anchored(self) -> Self:
        # DuckDB 1.5 matches the whole text, 2.0 and PostgreSQL any part of it: anchored, they agree.
        for pattern in (self.kwargs.get("regex", "^$"), *self.kwargs.get("regex_list", ())):
            if not (pattern.startswith("^") and pattern.endswith("$")):
                raise ValueError(f"{self.id}: the pattern {pattern} must begin with ^ and end with $")
        return self


class Suite(_Model):
    """The rules that run over one table."""

    suite: Text
    table: ColumnName
    expectations: tuple[Rule, ...] = Field(strict=False)

    def rules_on(self, day: date) -> tuple[Rule, ...]:
        """The rules in force on `day`, in the order of the file."""
        return tuple(rule for rule in self.expectations if rule.holds_on(day))


def distinct(suites: Iterable[Suite]) -> tuple[Suite, ...]:
    """Suites that stand beside each other, as they are. RuleError if a suite or rule name is used twice."""
    each = tuple(suites)
    _refuse_repeats("suite", (suite.suite for suite in each))
    _refuse_repeats("rule", (rule.id for suite in each for rule in suite.expectations))
    return each


def _refuse_repeats(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise RuleError(f"the {what} {name} is written twice")
        seen.add(name)
