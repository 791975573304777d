"""Who files what, and by when: a programme's tiers, the units beside them, periods and due days, the figures that it asks for."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from etl.core.programmes.indicators import Grain
from etl.core.programmes.sourced import Dated, Sourced


class Tier(Sourced):
    """One storey of the tree. `submits`: its places send the files; `own_figures`: its own office files figures too."""

    tier: str
    zh: str
    count: int | None = None
    names: bool = False
    reviews: bool = False
    submits: bool = False
    own_figures: bool = False


class SideUnitKind(Sourced):
    """Units that report straight to a tier, outside the geographic tree."""

    kind: str
    zh: str
    reports_to: str
    count: int | None = None
    qualifier: Literal["at_least"] | None = None


class Periods(Sourced):
    cadence: Literal["half_year", "year"]
    naming: Literal["year", "batch"] | None = None
    plan_years: int | None = None


class Due(Sourced):
    """Last day for a tier's returns: a day of the n-th month after the period, or the next working day."""

    day: int = Field(ge=1, le=28)
    months_after: int = Field(default=1, ge=1, le=12)
    cutoff_working_days: int = Field(default=10, ge=0)
    reminders: Dated[tuple[int, ...]] | None = None  # working days from the due day on which a unit is reminded
    escalations: Dated[tuple[int, ...]] | None = None  # and on which the tier above is told who is missing


class BranchKind(Sourced):
    kind: str
    zh: str
    counts_members: bool


class IndicatorUse(Sourced):
    """One indicator in this programme. `by`: the breakdown it is filed in beside its total."""

    key: str
    required: bool
    by: tuple[str, ...] = ()
    filed_by: Grain | None = None
    tier: str | None = None  # only this tier's own office files it
    headings: tuple[str, ...] = ()
    control_total: bool = False  # the unit files its own sum too, to be compared (E6)

    @model_validator(mode="before")
    @classmethod
    def _one_breakdown(cls, raw: object) -> object:
        if isinstance(raw, Mapping) and isinstance(raw.get("by"), str):
            return {**raw, "by": [raw["by"]]}
        return raw
