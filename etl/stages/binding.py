"""What people say about findings, on its way into the store: findings by their names, what is bound to them, its events."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from etl.core.judging.rules import Rule
from etl.core.returns.events import By, Event
from etl.core.returns.explanations import Refused, binding_id, refuse_words
from etl.core.rows import Bound, FindingRow
from etl.edges.feeds import CHINA
from etl.edges.programmes import load_rules
from etl.edges.store.explanations import findings_named
from etl.edges.store.history import UnitEvent
from etl.stages.context import Context

B = TypeVar("B", bound=Bound)
Names = Sequence[str | int]


def named(context: Context, names: Names, words: str) -> tuple[list[FindingRow], list[Refused]]:
    """The findings of these names, each once; refused are unknown names, and all of them for words that will not do."""
    found = findings_named(context.store, *context.key, names)
    unknown = [Refused(str(name), "unknown_finding") for name in dict.fromkeys(names) if name not in found]
    rows = list({row["finding_key"]: row for row in found.values()}.values())
    wrong = refuse_words(words)
    if wrong:
        return [], [*unknown, *(Refused(row["finding_key"], wrong) for row in rows)]
    return rows, unknown


def bound(found: FindingRow, by: By) -> Bound:
    """What is kept of a finding beside what is said about it: its binding, who says it, and when in China's time."""
    return {
        "binding_id": binding_id(found),
        "programme": found["programme"],
        "unit_id": found["unit_id"],
        "subject_id": found["subject_id"] or found["unit_id"],
        "rule": found["rule"],
        "column_key": found["column_key"] or "",
        "observed": found["observed"] or "",
        "actor": by.actor,
        "at": by.at.astimezone(CHINA).isoformat(),
    }


def each_once(kept: Mapping[str, B]) -> list[B]:
    """One row a binding: findings of equal values share it. `kept`: finding's key → what is said about it."""
    return list({row["binding_id"]: row for row in kept.values()}.values())


def happened(kept: Mapping[str, Mapping[str, Any]], event: Event, by: By, *told: str) -> list[UnitEvent]:
    """An event a finding: where, and the words `told`. Not the value, which may be about a person. `kept`: as above."""
    names = ("rule", "subject_id", "column_key", *told)
    return [
        UnitEvent(row["unit_id"], by.at, event, {"finding_key": key, **{name: row[name] for name in names}}, by.actor)
        for key, row in kept.items()
    ]


def done(found: Sequence[FindingRow], refused: Sequence[Refused]) -> tuple[str, ...]:
    """The keys of the findings that were not refused."""
    keys = {each.finding_key for each in refused}
    return tuple(row["finding_key"] for row in found if row["finding_key"] not in keys)


def rules_in_force(context: Context) -> dict[str, Rule]:
    """Rule id → rule, as in force in the period."""
    day = context.period.last_day
    return {rule.id: rule for suite in load_rules() for rule in suite.rules_on(day)}
