"""A year's papers, key by key: the models that are built of `etl.core.annual.rows` and that everybody reads.

As a dispatch's model (`etl.core.reports.model`) they are plain JSON and kept as such; tests hold built ones to these types.
"""

from typing import Literal, TypedDict, cast

from etl.core.annual.rows import DutyAt, HalfRow
from etl.core.judging.year_checks import CheckSum
from etl.core.reports.editions import Model
from etl.core.reports.model import PaperEdition, PaperHead, Words
from etl.core.reports.name_lists import NameList


class YearEdition(PaperEdition):
    """What a year's paper is about. `tier_zh`, `whole`: what the place's tier is called, and the place as a whole."""

    year: int
    tier_zh: str
    whole: str


class PaperList(NameList):
    """A list as the paper has it. `ordinal`: its Chinese number, empty of one that stands alone."""

    ordinal: str


class NamingList(PaperList):
    """Those named at a level. `notice_days`: working days of their public notice, None where there was none."""

    level: str
    first: str
    notice_days: int | None


class SummaryList(PaperList):
    """Those named, or commended. `of`: naming, organisation or member."""

    of: str


class SetTexts(TypedDict):
    """What the programme has every paper of the kind say."""

    basis: str
    purpose: str
    hope: str


class YearParts(TypedDict):
    """What every paper of a year has. `unranked`: the order of names says nothing."""

    edition: YearEdition
    head: PaperHead
    unranked: bool
    texts: SetTexts


class Naming(YearParts):
    """A decision by which a place names. `counts_higher`: some of those it named hold a higher title and are not listed."""

    kind: Literal["naming"]
    lists: list[NamingList]
    counts_higher: bool


class Recommendation(YearParts):
    """What a place recommends upward."""

    kind: Literal["recommendation"]
    lists: list[PaperList]


class Visit(TypedDict):
    """A visit as the report shows it. `place`: just below, empty of a branch straight under it; `visited_on`: ISO."""

    place: str
    branch: str
    visited_on: str
    day_zh: str
    verdict: str
    points: str
    findings: str


class VerdictCount(TypedDict):
    """How many visits came to a verdict."""

    verdict: str
    count: int


class PlaceCount(TypedDict):
    """How many visits were made in a place just below."""

    name: str
    count: int


class Inspection(YearParts):
    """What a place found on its visits. `inspection`: what the programme calls these; `places`: most visits first."""

    kind: Literal["inspection"]
    lists: list[PaperList]
    inspection: str
    visits: list[Visit]
    first_day_zh: str
    last_day_zh: str
    verdicts: list[VerdictCount]
    places: list[PlaceCount]
    annexes: list[str]


class NamedLevel(TypedDict):
    """How many branches count at a level."""

    level: str
    zh: str
    tier_zh: str
    count: int


class TierCount(TypedDict):
    """How many were commended by a tier; `tier` may be unstated."""

    tier: str
    zh: str
    count: int


class KindCount(TypedDict):
    """How many have a kind of praise."""

    kind: str
    count: int


class Praised(TypedDict):
    """How many were commended, each counted once, by tier (highest first) and by kind."""

    total: int
    tiers: list[TierCount]
    kinds: list[KindCount]


class Commended(TypedDict):
    """Who was commended, by what they are."""

    organisation: Praised
    member: Praised


class LevelName(TypedDict):
    """What a level's tier is called."""

    zh: str


class PlaceRow(TypedDict):
    """A place just below. `levels`: named at each, in the order of the table; `organisations`, `members`: commended."""

    name: str
    named: int
    levels: list[int]
    organisations: int
    members: int


class PlaceTable(TypedDict):
    """Namings and commendations by place, those straight under the paper's place last. `place_zh`: what places are called."""

    place_zh: str
    levels: list[LevelName]
    rows: list[PlaceRow]
    total: PlaceRow


class Reconciled(TypedDict):
    """A filed figure beside the list: mentions, of how many, how many of them again; None where one is missing."""

    indicator: str
    filed: int | None
    listed: int | None
    distinct: int | None
    repeated: int | None


class FactTold(TypedDict):
    """A kind of fact with what the branches are called of which it holds."""

    node_id: str
    kind: str
    outcome: str
    branches: int
    members: int
    zh: str


class Summary(YearParts):
    """What a place and all below it was commended with. `kinds`: of praise, all that the programme knows.

    `highest_only`: who was commended by several tiers counts at the highest.
    """

    kind: Literal["commendation"]
    lists: list[SummaryList]
    named: list[NamedLevel]
    named_total: int
    commended: Commended
    kinds: list[str]
    table: PlaceTable
    reconciliation: list[Reconciled]
    checks: list[CheckSum]
    halves: list[HalfRow]
    duties: list[DutyAt]
    facts: list[FactTold]
    highest_only: bool
    annexes: list[str]


class NamingPaper(Naming, Words):
    """A naming decision with its words."""


class RecommendationPaper(Recommendation, Words):
    """A recommendation with its words."""


class InspectionPaper(Inspection, Words):
    """A report of visits with its words."""


class SummaryPaper(Summary, Words):
    """A commendation summary with its words."""


YearModel = Naming | Recommendation | Inspection | Summary
YearPaper = NamingPaper | RecommendationPaper | InspectionPaper | SummaryPaper
KINDS = frozenset(("naming", "recommendation", "inspection", "commendation"))


def as_year_paper(paper: Model) -> YearPaper:
    """A paper as it was kept, as the year's paper that it is; ValueError for any other kind of paper."""
    if paper["kind"] not in KINDS:
        raise ValueError(f"a year's paper is asked for, not a paper of the kind {paper['kind']!r}")
    return cast(YearPaper, paper)
