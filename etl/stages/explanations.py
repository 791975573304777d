"""Explanations, and how findings stand for what people said about them: open, explained, waived."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from etl.core.judging.rules import Rule
from etl.core.returns.events import By
from etl.core.returns.explanations import Answer, Refused, binding_id, holds_in, refuse_explanation, state_of
from etl.core.rows import ExplanationRow, FindingRow, WaiverRow
from etl.edges.store.explanations import explanations_of, findings_that_stand, keep_explanations, waivers_of
from etl.edges.store.schema import findings
from etl.stages.binding import Names, bound, done, each_once, happened, named, rules_in_force
from etl.stages.context import Context

Row = dict[str, Any]
ABOUT_PAPERS = "render"
"""The stage whose findings are about papers, not about what units filed."""
_ANSWER = ("state", "waivable_by", "answer", "answered_by", "answered_at", "until", "waived_at_tier")


def explain_warnings(context: Context, finding_ids: Names, text: str, by: By) -> Answer:
    """Keep one explanation for several warnings, named by key or id. An explanation given again replaces the one before."""
    found, refused = named(context, finding_ids, text)
    kept: dict[str, ExplanationRow] = {}
    for each in found:
        reason = refuse_explanation(each)
        if reason:
            refused.append(Refused(each["finding_key"], reason))
            continue
        kept[each["finding_key"]] = {**bound(each, by), "period": context.key[1], "text": text.strip()}
    events = happened(kept, "explained", by, "text")
    keep_explanations(context.store, each_once(kept), context.key[1], events)
    return Answer(done(found, refused), tuple(refused))


def waivers_that_hold(context: Context) -> dict[str, WaiverRow]:
    """Binding → the waiver that counts in the context's period."""
    return {
        row["binding_id"]: row
        for row in waivers_of(context.store, context.key[0])
        if holds_in(row, context.period)
    }


def findings_with_answers(context: Context, unit_id: str | None) -> pd.DataFrame:
    """A unit's findings (all units' without one) as they stand, in sheet order.

    Columns of `findings`, and: state (open, explained or waived), waivable_by (the lowest tier that may, or None), and
    of an explanation or a waiver its words `answer`, answered_by, answered_at, and of a waiver `until` (its last period) and
    waived_at_tier (the tier that gave it).
    """
    found = findings_that_stand(context.store, *context.key, None if unit_id is None else [unit_id])
    explained, waived = explanations_of(context.store, context.key[0]), waivers_that_hold(context)
    rules = rules_in_force(context)
    rows = [{**row, **_answer(row, explained, waived, rules)} for row in found]
    return pd.DataFrame(rows, columns=[*findings.c.keys(), *_ANSWER])


def faults_that_stand(context: Context) -> pd.DataFrame:
    """The findings of all units that stand, as of `findings_with_answers`: without waived rows, which count, and papers' own."""
    found = findings_with_answers(context, None)
    return found[(found["stage"] != ABOUT_PAPERS) & (found["state"] != "waived")]


def _answer(
    row: FindingRow, explained: Mapping[str, ExplanationRow], waived: Mapping[str, WaiverRow], rules: Mapping[str, Rule]
) -> Row:
    key = binding_id(row)
    state = state_of(row["level"], key in explained, row["level"] == "row" and key in waived)
    kept: Mapping[str, Any] = {"explained": explained, "waived": waived}.get(state, {}).get(key, {})
    rule = rules.get(row["rule"])
    told = {
        "answer": kept.get("text", kept.get("reason")),
        "answered_by": kept.get("actor"),
        "answered_at": kept.get("at"),
        "until": kept.get("until_period"),
        "waived_at_tier": kept.get("tier"),
    }
    waivable = rule.meta.waivable_by if rule and row["level"] == "row" else None
    return {"state": state, "waivable_by": waivable, **told}
