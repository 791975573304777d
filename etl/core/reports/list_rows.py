"""The lists in a report's model, key by key: what units did, what is on record, who falls short, what was found and still stands.

An `address` says where a count is explained (`etl.core.reports.told`). Days ending in `_zh` are written out.
"""

from typing import Literal, NotRequired, TypedDict

from etl.core.reports.figure_rows import Change, Measured


class ActivityLeader(TypedDict):
    """A unit that held most of a kind of activity."""

    name: str
    entries: int
    entries_text: str
    address: str


class Activity(TypedDict):
    """A kind of activity at the node's units: ledger entries, people present summed up, branches, units that held any."""

    kind: str
    zh: str
    entries: int
    person_times: int
    branches: int
    entries_text: str
    person_times_text: str
    branches_text: str
    units: int
    leading: list[ActivityLeader]
    address: str


class ActivityTheme(TypedDict):
    """A title that many activities bore: how many entries, of how many units."""

    title: str
    entries: int
    units: int
    address: str


class UnitFigure(TypedDict):
    """A unit's ranking figure, told beside its words."""

    number: float
    text: str
    address: str


class OwnWords(TypedDict):
    """What a unit wrote of itself, whole clauses. `figure`: None where it filed none, or one of people."""

    name: str
    text: str
    figure: UnitFigure | None
    address: str


class Practice(TypedDict):
    """What the units did and wrote. `most_activities`: how many of them the prose names."""

    activities: list[Activity]
    most_activities: int
    themes: list[ActivityTheme]
    practices: list[OwnWords]
    difficulties: list[OwnWords]
    plans: list[OwnWords]


class Duty(TypedDict):
    """A duty on record. `owed`: by how many, None where it is done whenever; `missing`: who has not done it.

    `own`: only the reported node itself owes it. `overdue`: it was to be done by the period's last day.
    """

    key: str
    zh: str
    owed: int | None
    done: int
    missing: list[str]
    own: bool
    overdue: bool
    address: str


class Fact(TypedDict):
    """A kind of fact, and of how many branches it holds. `outcome`: of a sweep, else empty. `members`: None where not told."""

    kind: str
    outcome: str
    zh: str
    branches: int
    members: int | None
    members_text: str
    address: str


class OnRecord(TypedDict):
    """What the registers had at the cut-off."""

    duties: list[Duty]
    facts: list[Fact]


class IssueUnit(TypedDict):
    """A node that falls short, with its figure. `fall`: since the period before, as a share of it, where the rule asks for it."""

    node_id: str
    name: str
    number: float
    text: str
    cell: str
    change: Change | None
    fall: NotRequired[float | None]  # editions kept from before falls were told have neither
    fall_text: NotRequired[str]
    address: str


class Issue(Measured):
    """What a rule finds short, those furthest off first. `threshold`: a share between 0 and 1, else in the figure's unit; of
    `fell_by` the share by which it fell. `of`: how many could be judged; `apart`: whether somebody fell as far who was not.
    `due`: ISO, when the remedy is. Editions kept from before something was told have none of it.
    """

    key: str
    title: str
    remedy: str
    compare: Literal["below", "above", "fell_by"]
    indicator: str
    zh: str
    unit_zh: NotRequired[str]
    threshold: float
    threshold_text: str
    least_base_text: NotRequired[str]
    count: int
    of: int
    apart: NotRequired[bool]
    due: str
    due_zh: str
    units: list[IssueUnit]
    address: str


class Problem(TypedDict):
    """What a rule of data found, at how many units. `units`: the five with most, named with their counts."""

    rule: str
    address: str
    sentence: str
    remedy: str
    level: str
    count: int
    unit_count: int
    units: str


class Outstanding(TypedDict):
    """A unit that was not received on time. `parent`: the place that it lies in, empty for the reported one.

    `due`, `arrived`: days without their year; `days_late`: working days.
    """

    unit_id: str
    name: str
    parent: str
    code: str
    status: Literal["missing", "held", "late"]
    status_zh: str
    due: str
    arrived: str
    days_late: int
    rows_held: int


class Standing(TypedDict):
    """What figures rest on: answered findings of a unit, or a rule's open ones with `name` naming the units with most.

    `state`: waived, explained or open.
    """

    name: str
    rule: str
    sentence: str
    state: str
    reason: str
    count: int
    address: str


class Division(TypedDict):
    """A change on the map: the place as it was and is, the day and the decree, what became of its figures."""

    kind: str
    was: str
    now: str
    day: str
    document: str
    figures: str
