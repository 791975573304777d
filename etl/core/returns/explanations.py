"""Explanations and waivers: what a finding is bound to, and who may say what about it.

A warning asks for an explanation. A held row may be waived: it counts as it is, until a period, on the word of the tier that
the rule names. Both are bound to the branch (or unit), the rule, the column and the value, not to a file: they outlive a
resubmission, and a changed value is asked about again.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from etl.core.judging.rules import WAIVING_TIERS, WaivingTier
from etl.core.period import Period
from etl.core.rows import FindingRow, WaiverRow

State = Literal["open", "explained", "waived"]
Refusal = Literal[
    "unknown_finding",
    "not_a_warning",
    "not_a_row",
    "not_waivable",
    "tier_too_low",
    "unknown_tier",
    "over_already",
    "no_words",
    "too_many_words",
    "nothing_to_withdraw",
    "given_higher",
    "withdrawn_higher",
]

MOST_WORDS = 2000
"""Characters of an explanation or a reason."""


@dataclass(frozen=True)
class Refused:
    """A finding about which nothing was kept, and why; `needed` is the tier that could."""

    finding_key: str
    reason: Refusal
    needed: str = ""


@dataclass(frozen=True)
class Answer:
    """What became of an act on several findings: the keys it holds for, and those it does not."""

    done: tuple[str, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True)
class Act:
    """What a person says about a held row: why it is accepted, until when, at which tier."""

    reason: str
    until: Period
    tier: str


def binding_id(finding: Mapping[str, Any]) -> str:
    """What an explanation of a finding is bound to, as 24 digits: programme, branch or unit, rule, column, value."""
    bound = (
        finding["programme"],
        finding["subject_id"] or finding["unit_id"],
        finding["rule"],
        finding["column_key"] or "",
        finding["observed"] or "",
    )
    return hashlib.sha256("|".join(bound).encode()).hexdigest()[:24]


def holds_in(waiver: WaiverRow, period: Period) -> bool:
    """Whether a waiver that is not withdrawn counts in a period: from the one it was given in to its last, inclusive."""
    return not waiver["withdrawn_at"] and (
        Period.parse(waiver["since_period"]) <= period <= Period.parse(waiver["until_period"])
    )


def tiers_that_may_waive(needed: WaivingTier, tiers: Sequence[str]) -> tuple[str, ...]:
    """Of a programme's tiers (leaf first), the one that a rule names and those above; the top where none is so high."""
    order = WAIVING_TIERS.index(needed)
    able = tuple(tier for tier in tiers if tier in WAIVING_TIERS[order:])
    return able or tuple(tiers[-1:])


def refuse_words(text: str) -> Refusal | None:
    """What is wrong with the words of a person, if anything."""
    if not text.strip():
        return "no_words"
    return "too_many_words" if len(text) > MOST_WORDS else None


def refuse_explanation(finding: FindingRow) -> Refusal | None:
    """Why a finding takes no explanation, if so: only warnings ask for one; what is wrong must be put right."""
    return None if finding["level"] == "warning" else "not_a_warning"


def refuse_waiver(
    finding: FindingRow,
    waivable_by: WaivingTier | None,
    act: Act,
    period: Period,
    tiers: Sequence[str],
) -> Refused | None:
    """Why a finding is not waived, if so. `waivable_by`: what its rule says; `tiers`: those of the programme, leaf first."""
    reason: Refusal | None = None
    able: tuple[str, ...] = ()
    if finding["level"] != "row":
        reason = "not_a_row"
    elif waivable_by is None:
        reason = "not_waivable"
    elif act.until < period:
        reason = "over_already"
    elif act.tier not in tiers:
        reason = "unknown_tier"
    elif act.tier not in (able := tiers_that_may_waive(waivable_by, tiers)):
        reason = "tier_too_low"
    return Refused(finding["finding_key"], reason, able[0] if able else "") if reason else None


def tiers_that_may_withdraw(given: str, tiers: Sequence[str]) -> tuple[str, ...]:
    """Of a programme's tiers (leaf first), the one that gave a waiver and those above; the top where it has none of that name."""
    return tuple(tiers[tiers.index(given) :]) if given in tiers else tuple(tiers[-1:])


def refuse_change(
    finding_key: str, waiver: WaiverRow, tier: str, tiers: Sequence[str], reason: Refusal
) -> Refused | None:
    """Why a tier takes nothing back, and puts nothing else in the place, of what was waived; `reason` where it stands too low."""
    able = tiers_that_may_withdraw(waiver["tier"], tiers)
    if tier not in tiers:
        return Refused(finding_key, "unknown_tier")
    return None if tier in able else Refused(finding_key, reason, able[0])


def state_of(level: str, explained: bool, waived: bool) -> State:
    """How a finding stands: a warning is open until it is explained, a held row until it is waived."""
    if level == "warning":
        return "explained" if explained else "open"
    return "waived" if waived else "open"
