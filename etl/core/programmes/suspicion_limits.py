"""From where on a figure must be explained: what a programme says about leaps, outliers, ceilings, heaps, copies, evidence.

A part that is left out is not looked for. All of it asks; none of it holds a row.
"""

from pydantic import Field

from etl.core.programmes.indicators import Model
from etl.core.programmes.sourced import Sourced


class Leap(Sourced):
    """A branch's stock against the period before: more than `pct` percent up or down, from a base of `min_base`."""

    pct: float = Field(gt=0)
    min_base: float = Field(gt=0)


class Peers(Sourced):
    """A branch's figure against the other branches of its unit, where `min_branches` file it.

    `z_score`: distance from the mean in population standard deviations. `modified_z`: 0.6745 × distance from the median in
    median absolute deviations (Iglewicz and Hoaglin 1993). `min_max`: how far outside the others' range, in ranges.
    """

    min_branches: int = Field(ge=3)
    z_score: float | None = Field(default=None, gt=0)
    modified_z: float | None = Field(default=None, gt=0)
    min_max: float | None = Field(default=None, gt=0)


class Most(Sourced):
    """The most that a branch can file under an indicator."""

    indicator: str
    value: float


class Ceilings(Sourced):
    """The share of a unit's branches that file exactly the most there is; shares have 1, `most` says it of others."""

    min_branches: int = Field(ge=3)
    share: float = Field(gt=0, le=1)
    most: tuple[Most, ...] = ()


class Heaps(Sourced):
    """Shares of a unit's branches with round or equal figures, among figures whose median is `min_value` or more."""

    min_branches: int = Field(ge=3)
    min_value: float = Field(gt=0)
    multiples_of_5: float | None = Field(default=None, gt=0, le=1)
    multiples_of_10: float | None = Field(default=None, gt=0, le=1)
    equal: float | None = Field(default=None, gt=0, le=1)


class Copies(Sourced):
    """Texts of `min_characters` that equal another's, or are `similarity` percent alike; rows of `min_figures` equal figures.

    Rows are held against other branches', and against their own of the period before.
    """

    min_characters: int = Field(ge=1)
    similarity: float = Field(gt=50, le=100)
    min_figures: int = Field(ge=3)


class Evidence(Sourced):
    """Activities that a branch reports without one entry in the ledger that its unit keeps, from `min_activities` on."""

    min_activities: int = Field(ge=1)


class Suspicions(Model):
    """What is looked for, and from where on."""

    leap: Leap | None = None
    peers: Peers | None = None
    ceilings: Ceilings | None = None
    heaps: Heaps | None = None
    copies: Copies | None = None
    evidence: Evidence | None = None
