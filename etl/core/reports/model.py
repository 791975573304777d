"""The dispatch report's model, key by key: what `etl.core.reports.dispatch` builds and everybody after it reads.

It is plain JSON, and kept as such beside the files that are drawn from it; a misspelt key is an error of types. Tests hold
models that are built to it. Its figures are in `figure_rows`, its lists in `list_rows`.
"""

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict, cast

from etl.core.programmes.documents import PaperForm
from etl.core.reports.figure_rows import Bars, Column, Figure, PeerGroup, RankedGroup, Trend
from etl.core.reports.figure_text import Better
from etl.core.reports.list_rows import Division, Issue, OnRecord, Outstanding, Practice, Problem, Standing
from etl.core.reports.prose import Block
from etl.core.reports.told import Span

DISPATCH: Literal["dispatch"] = "dispatch"

Language = Literal["zh-CN", "zh-Hant", "en"]
Labels = dict[str, Any]
"""What a paper's template of labels wrote, by tag: a text, or a list of texts where a tag comes once an item."""


class PaperEdition(TypedDict):
    """What any paper is about. `revision`: counts the editions of a paper; `issued_on`: ISO; `digest`: what the paper prints of
    itself, of one that is not kept yet there is none.
    """

    key: str
    revision: int
    programme: str
    programme_zh: str
    period: str
    period_zh: str
    node_id: str
    name: str
    tier: str
    issued_on: str
    issued_on_zh: str
    digest: NotRequired[str]


class YearTheme(TypedDict):
    """What the programme's year is about, and what is then to be done."""

    zh: str
    actions: list[str]


class EditionPart(PaperEdition):
    """What a dispatch is about, and its days. `number_in_year`: among those that the office issues in a year.

    `previous_zh`, `last_year_zh`: empty where there is no such report. `whole`: what the place is called as a whole, 全省.
    """

    number_in_year: int
    previous_zh: str
    last_year_zh: str
    whole: str
    last_day_zh: str
    data_as_of_zh: str
    reply_by_zh: str
    theme: YearTheme | None


class PaperHead(TypedDict):
    """Who writes to whom, under which number and title."""

    organ: str
    number: str
    title_lines: list[str]
    to: str
    cc: str
    printed_by: str


class HeadPart(PaperHead):
    """The head of a dispatch: a letter or a document, and what it calls itself."""

    form: PaperForm
    called: str


class ParentPart(TypedDict):
    """How the node's equals under the same parent are called, and the parent as a whole."""

    whole: str
    tier_zh: str


class Comparable(TypedDict):
    """How many units have figures in the period before only, or in this one only."""

    lost: int
    gained: int


class RankingPart(TypedDict):
    """Those below the node, ranked by one figure: a group a tier. `figure`: the node's own."""

    figure: Figure
    better: Better
    columns: list[Column]
    groups: list[RankedGroup]


class StatusNames(TypedDict):
    """The units of each status, named in one text."""

    missing: str
    late: str
    held: str


class Counts(TypedDict):
    """How complete the node is: its units, the rows that they filed, what was found at them, by severity."""

    units_expected: int
    units_received: int
    units_on_time: int
    units_late: int
    units_missing: int
    rows_in: int
    rows_accepted: int
    rows_held: int
    rows_blank: int
    findings_file: int
    findings_row: int
    findings_warning: int


class Quality(Counts):
    """How complete and in time the returns are. `addresses`: of each count. `on_time_share`: 0 to 1, None where none is expected.

    `most_days_late`: working days. `balanced`: the rows that came are those accepted, held and blank.
    """

    addresses: dict[str, str]
    on_time_share: float | None
    names: StatusNames
    units_held: int
    most_days_late: int
    balanced: bool


class Definition(TypedDict):
    """What an indicator counts, in its programme's words."""

    zh: str
    definition: str


class ReportModel(TypedDict):
    """A dispatch without its prose: all that it tells of one node, every figure as number and as text.

    `annexes`: those that have something to show, in their order.
    """

    kind: Literal["dispatch"]
    edition: EditionPart
    head: HeadPart
    parent: ParentPart | None
    headline: list[Figure]
    comparable: Comparable
    ranking: RankingPart
    peers: PeerGroup | None
    practice: Practice
    on_record: NotRequired[OnRecord]  # editions kept from before it was told have none
    issues: list[Issue]
    quality: Quality
    problems: list[Problem]
    outstanding: list[Outstanding]
    divisions: list[Division]
    standing: list[Standing]
    trend: Trend | None
    bars: Bars | None
    definitions: list[Definition]
    annexes: list[str]


class Words(TypedDict):
    """What templates add to a paper: numbered prose, labels, and which stretch of a label is which figure."""

    language: NotRequired[Language]  # editions kept from before there were several have none
    blocks: list[Block]
    labels: Labels
    label_spans: dict[str, list[Span] | list[list[Span]]]


class Report(ReportModel, Words):
    """A dispatch with its words."""


def as_report(paper: Mapping[str, Any]) -> Report:
    """A paper as its templates made it, or as it was kept, as the dispatch that it is; ValueError for any other kind of paper."""
    if paper["kind"] != DISPATCH:
        raise ValueError(f"a dispatch is asked for, not a paper of the kind {paper['kind']!r}")
    return cast(Report, paper)
