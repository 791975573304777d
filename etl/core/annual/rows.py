"""What the papers of a year are made of, row by row, beside frames and the sums of year checks."""

from typing import TypedDict


class RecommendedRow(TypedDict):
    """A branch that a place put forward, for a level."""

    node_id: str
    unit_id: str
    name: str
    level: str


class HalfRow(TypedDict):
    """How many units under a node were to report in a half-year and did."""

    node_id: str
    period: str
    period_zh: str
    units_expected: int
    units_received: int


class DutyAt(TypedDict):
    """A duty at a node and below it. `owed`: by how many, None where it is done whenever; `missing`: who owes it still.

    `own`: the node itself owes it and nobody below it.
    """

    node_id: str
    zh: str
    owed: int | None
    done: int
    missing: list[str]
    own: bool


class OutcomeNames(TypedDict):
    """What came of a sweep, as the programme calls it; empty for an outcome that it no longer has, or of no sweep."""

    outcome_zh: str
    outcome_en: str


class FactAt(OutcomeNames):
    """Branches and members, at a node and below it, of which a kind of fact holds. `outcome`: of a sweep, else empty."""

    node_id: str
    kind: str
    outcome: str
    branches: int
    members: int


class VisitRow(TypedDict):
    """A visit of a place to a branch, on which its review rests. `points`: as text, empty where none were given."""

    node_id: str
    branch_id: str
    branch_name: str
    unit_id: str
    visited_on: str
    verdict: str
    points: str
    findings: str
