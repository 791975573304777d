"""Explain, waive, withdraw: what people say about findings, and how the findings stand for it."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from etl.core.events import Event
from etl.core.explanations import (
    Act,
    Answer,
    Refused,
    binding_id,
    holds_in,
    refuse_explanation,
    refuse_waiver,
    refuse_words,
    state_of,
)
from etl.core.rules import Rule
from etl.edges.feeds import CHINA
from etl.edges.programmes import load_rules
from etl.edges.store.explanations import (
    explanations_of,
    findings_named,
    findings_that_stand,
    keep_explanations,
    keep_waivers,
    waivers_of,
)
from etl.edges.store.history import UnitEvent
from etl.edges.store.schema import findings
from etl.stages.context import Context

Row = dict[str, Any]
Names = Sequence[str | int]
_ANSWER = ("state", "waivable_by", "answer", "answered_by", "answered_at", "until")


def explain(context: Context, finding_ids: Names, text: str, actor: str, at: dt.datetime) -> Answer:
    """Keep one explanation for several warnings, named by key or id. An explanation given again replaces the one before."""
    named, refused = _named(context, finding_ids, text)
    kept: list[Row] = []
    for found in named:
        reason = refuse_explanation(found)
        if reason:
            refused.append(Refused(found["finding_key"], reason))
            continue
        kept.append({**_bound(found), **_said(actor, at), "period": context.key[1], "text": text.strip()})
    happened = _events(kept, "explained", "text")
    keep_explanations(context.store, _each_once(kept), context.key[1], happened)
    return Answer(_done(named, refused), tuple(refused))


def waive(context: Context, finding_ids: Names, act: Act, actor: str, at: dt.datetime) -> Answer:
    """Accept held rows as they are, from this period until `act.until`; they count at the next validation.

    What is not waivable, or not by that tier, is refused with the tier that could.
    """
    named, refused = _named(context, finding_ids, act.reason)
    rules, tiers = _rules(context), context.bundle.programme.tier_names()
    kept = []
    for found in named:
        rule = rules.get(found["rule"])
        no = refuse_waiver(found, rule.meta.waivable_by if rule else None, act, context.period, tiers)
        if no:
            refused.append(no)
            continue
        given = {
            "since_period": context.key[1],
            "until_period": str(act.until),
            "reason": act.reason.strip(),
            "tier": act.tier,
        }
        kept.append({**_bound(found), **_said(actor, at), **given, **_NOT_WITHDRAWN})
    keep_waivers(
        context.store,
        _each_once(kept),
        context.key[1],
        _events(kept, "waived", "reason", "tier", "until_period"),
    )
    return Answer(_done(named, refused), tuple(refused))


def withdraw(context: Context, finding_ids: Names, reason: str, actor: str, at: dt.datetime) -> Answer:
    """Take back the waivers that hold for findings in this period; the rows are held again at the next validation."""
    named, refused = _named(context, finding_ids, reason)
    waived = waivers_that_hold(context)
    kept = []
    for found in named:
        waiver = waived.get(binding_id(found))
        if waiver is None:
            refused.append(Refused(found["finding_key"], "nothing_to_withdraw"))
            continue
        back = {
            "withdrawn_reason": reason.strip(),
            "withdrawn_by": actor,
            "withdrawn_at": at.astimezone(CHINA).isoformat(),
        }
        kept.append({**waiver, **back, "finding_key": found["finding_key"]})
    happened = [
        UnitEvent(row["unit_id"], at, "withdrawn", _detail(row, ("withdrawn_reason",)), actor) for row in kept
    ]
    keep_waivers(context.store, _each_once(kept), context.key[1], happened)
    return Answer(_done(named, refused), tuple(refused))


def waivers_that_hold(context: Context) -> dict[str, Row]:
    """Binding → the waiver that counts in the context's period."""
    return {
        row["binding_id"]: row
        for row in waivers_of(context.store, context.key[0])
        if holds_in(row, context.period)
    }


def open_findings(context: Context, unit_id: str | None) -> pd.DataFrame:
    """A unit's findings (all units' without one) as they stand, in sheet order.

    Columns of `findings`, and: state (open, explained or waived), waivable_by (the lowest tier that may, or None), and
    of an explanation or a waiver its words `answer`, answered_by, answered_at and `until` (the waiver's last period).
    """
    found = findings_that_stand(context.store, *context.key, None if unit_id is None else [unit_id])
    explained, waived = explanations_of(context.store, context.key[0]), waivers_that_hold(context)
    rules = _rules(context)
    rows = [{**row, **_answer(row, explained, waived, rules)} for row in found]
    return pd.DataFrame(rows, columns=[*findings.c.keys(), *_ANSWER])


_NOT_WITHDRAWN = dict.fromkeys(("withdrawn_reason", "withdrawn_by", "withdrawn_at"))


def _named(context: Context, names: Names, words: str) -> tuple[list[Row], list[Refused]]:
    """The findings of these names, each once; refused are unknown names, and all of them for words that will not do."""
    found = findings_named(context.store, *context.key, names)
    unknown = [Refused(str(name), "unknown_finding") for name in dict.fromkeys(names) if name not in found]
    rows = list({row["finding_key"]: row for row in found.values()}.values())
    wrong = refuse_words(words)
    if wrong:
        return [], [*unknown, *(Refused(row["finding_key"], wrong) for row in rows)]
    return rows, unknown


def _bound(found: Row) -> Row:
    return {
        "finding_key": found["finding_key"],
        "binding_id": binding_id(found),
        "programme": found["programme"],
        "unit_id": found["unit_id"],
        "subject_id": found["subject_id"] or found["unit_id"],
        "rule": found["rule"],
        "column_key": found["column_key"] or "",
        "observed": found["observed"] or "",
    }


def _said(actor: str, at: dt.datetime) -> Row:
    return {"actor": actor, "at": at.astimezone(CHINA).isoformat()}


def _each_once(kept: Iterable[Row]) -> list[Row]:
    """One row a binding: findings of equal values share it. The finding's key is not kept with it."""
    rows = {row["binding_id"]: row for row in kept}
    return [{name: value for name, value in row.items() if name != "finding_key"} for row in rows.values()]


def _events(kept: Iterable[Row], event: Event, *told: str) -> list[UnitEvent]:
    return [
        UnitEvent(
            row["unit_id"], dt.datetime.fromisoformat(row["at"]), event, _detail(row, told), row["actor"]
        )
        for row in kept
    ]


def _detail(row: Row, told: Sequence[str]) -> Row:
    """What the history shows: where, and the words. Not the value, which may be about a person."""
    return {name: row[name] for name in ("finding_key", "rule", "subject_id", "column_key", *told)}


def _done(named: Sequence[Row], refused: Sequence[Refused]) -> tuple[str, ...]:
    keys = {each.finding_key for each in refused}
    return tuple(row["finding_key"] for row in named if row["finding_key"] not in keys)


def _rules(context: Context) -> dict[str, Rule]:
    """Rule id → rule, as in force in the period."""
    day = context.period.last_day
    return {rule.id: rule for suite in load_rules() for rule in suite.rules_on(day)}


def _answer(row: Row, explained: dict[str, Row], waived: dict[str, Row], rules: dict[str, Rule]) -> Row:
    key = binding_id(row)
    state = state_of(row["level"], key in explained, row["level"] == "row" and key in waived)
    kept = {"explained": explained, "waived": waived}.get(state, {}).get(key, {})
    rule = rules.get(row["rule"])
    told = {
        "answer": kept.get("text", kept.get("reason")),
        "answered_by": kept.get("actor"),
        "answered_at": kept.get("at"),
    }
    waivable = rule.meta.waivable_by if rule and row["level"] == "row" else None
    return {"state": state, "waivable_by": waivable, **told, "until": kept.get("until_period")}
