"""What a branch's figures are worth under a rubric: the nouns that travel on from scoring."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ItemScore:
    """One item of one branch's score: what was measured, what it is worth, out of how much, and on what ground."""

    item: str
    zh: str
    dimension: str
    measure: str
    value: Decimal | None
    points: Decimal
    most: Decimal
    ground: str


@dataclass(frozen=True, slots=True)
class Score:
    """What a branch's filed figures of a year are worth by themselves, and the gates that it fails."""

    branch_id: str
    unit_id: str
    node_id: str
    branch_name: str
    branch_kind: str
    members: int | None
    points: Decimal
    bonus: Decimal
    deduction: Decimal
    dimensions: Mapping[str, Decimal]
    gates: tuple[str, ...]
