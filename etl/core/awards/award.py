"""Reviews and awards: the nouns that travel from the review to the papers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

Verdict = Literal["apply", "recommend", "return", "refuse"]
Outcome = Literal["named", "waiting", "held", "not_named"]


@dataclass(frozen=True, slots=True)
class Review:
    """One judgement of one branch by one office. `apply` is the branch's own, with its self-assessment.

    `level` is the highest level that it asks for or is recommended to; a recommendation covers the levels below it too.
    """

    review_id: str
    branch_id: str
    tier: str
    node_id: str
    actor: str
    verdict: Verdict
    level: str | None
    points: Decimal | None
    reason: str
    evidence: str
    entered_at: str
    item_points: Mapping[str, Decimal] = field(default_factory=dict)
    visit: Mapping[str, Any] | None = None
    supersedes: str | None = None


@dataclass(frozen=True, slots=True)
class Award:
    """What came of a branch at one level. `node_id` names it; it counts at this level only where `highest`."""

    branch_id: str
    unit_id: str
    node_id: str
    branch_name: str
    level: str
    outcome: Outcome
    score: Decimal
    rank: int | None
    highest: bool
    reason: str = ""
