"""Figures in a report's model, key by key: of one node, of those ranked below it, as its charts show them.

A share is a number between 0 and 1 (`percent`), any other figure is in its own unit (`unit_zh`). A `text` is written as a
sentence says it, a `cell` as a table shows it.
"""

from typing import Literal, NotRequired, TypedDict

Direction = Literal["up", "down", "same"]


class Change(TypedDict):
    """How a figure has changed since a base. `by`: signed, in the figure's unit; of a share all `…_text` is in percentage points.

    `direction`: as it is shown, so that a change that rounds to nothing is `same`. `rate_text`: empty for shares and small bases.
    `good`: None where neither direction is better.
    """

    base: float
    base_text: str
    base_cell: str
    by: float
    direction: Direction
    verb: str
    about: str
    by_text: str
    rate_text: str
    signed_text: str
    good: bool | None


class Measured(TypedDict):
    """How a figure's numbers are written; `decimals`: of a share those of its percentage."""

    percent: bool
    decimals: int


class Tile(TypedDict):
    """A headline figure as a tile shows it: in 万 or 亿 when it is long."""

    number: str
    unit: str


class OwnRank(TypedDict):
    """Where a node stands among its equals: 1 is best, of how many that have the figure."""

    rank: int
    of: int


class Figure(Measured):
    """One indicator's figure of the reported node. `number`: None where nobody filed it or it is held back.

    `telling`: worth a sentence, as it is not nought now and before. `missing`: submitting units that did not file it.
    """

    key: str
    address: str
    zh: str
    counted_zh: str
    definition: str
    unit_zh: str
    number: float | None
    text: str
    cell: str
    tile: Tile
    known: bool
    telling: bool
    at_least: bool
    missing: int
    previous: Change | None
    last_year: Change | None
    rank: OwnRank | None


class Column(Measured):
    """A further figure of the ranked table."""

    key: str
    zh: str
    unit_zh: str


class PlainRow(TypedDict):
    """One of the ranked nodes with the ranking figure now and in the period before, and the table's other figures in the order
    of its columns. `moved`: places gained since then. `own`: among equals, whether it is the reported node itself.
    """

    node_id: str
    address: str
    rank: int | None
    code: str
    name: str
    number: float | None
    previous: float | None
    text: str
    cell: str
    change: Change | None
    moved: int | None
    cells: list[str]
    numbers: list[float | None]
    own: NotRequired[bool]


class RankedRow(PlainRow):
    """A row beside the table's reference: whether it reads below it."""

    below: bool


class GroupHead(TypedDict):
    """The nodes of one tier, ranked among themselves: how the tier is called, how many they are."""

    tier: str
    tier_zh: str
    count: int


class PlainGroup(GroupHead):
    """A group before it is known what its rows are held against."""

    rows: list[PlainRow]


class Tick(TypedDict):
    """A mark on an axis, in the figure's own unit."""

    at: float
    text: str


class Axis(TypedDict):
    """A scale with round ticks, in the figure's own unit."""

    lo: float
    hi: float
    ticks: list[Tick]


class Scaled(TypedDict):
    """Rows with what their dot strip needs. `filed`: how many have the figure. `reference`: the whole's share, or the median."""

    rows: list[RankedRow]
    filed: int
    reference: float | None
    reference_text: str
    scale: Axis | None


class PeerGroup(GroupHead, Scaled):
    """The reported node among its equals under the same parent."""


class Movers(TypedDict):
    """Who rose and who fell most since the period before, and how many did either."""

    up: PlainRow | None
    down: PlainRow | None
    risen: int
    fallen: int


class DumbbellRow(TypedDict):
    """A row of the chart: now and before. `name`: as short as the axis needs it."""

    number: float | None
    previous: float | None
    cell: str
    change: Change | None
    name: str


class Dumbbell(TypedDict):
    """The ranked rows as a chart. `omitted` rows are left out after the first `cut`; `compared`: any has a period before."""

    axis: Axis
    reference: float | None
    omitted: int
    cut: int | None
    compared: bool
    rows: list[DumbbellRow]


class RankedGroup(GroupHead, Scaled):
    """A ranked table below the reported node, with its chart, None where fewer than two have the figure."""

    movers: Movers
    chart: Dumbbell | None


class TrendPoint(TypedDict):
    """One period of a trend."""

    label: str
    value: float


class Trend(TypedDict):
    """The ranking figure over the same period last year, the period before and now; `text`: now, as a table shows it."""

    axis: Axis
    points: list[TrendPoint]
    text: str


class Bar(TypedDict):
    """A rule, as briefly as a bar's label, and its findings."""

    label: str
    count: int


class Bars(TypedDict):
    """The rules with most findings. `most`: of the longest bar; `rest`: what the other rules found."""

    rows: list[Bar]
    most: int
    rest: int
