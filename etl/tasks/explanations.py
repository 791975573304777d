"""Explanations and waivers as tasks: keys of findings in, keys and Chinese refusals out."""

import datetime as dt

from etl.core.returns.events import By
from etl.core.returns.explanations import Act, Answer
from etl.stages.context import Context, open_context, period_of

Kept = dict[str, list[str]]


def explain(programme: str, period: str, keys: list[str], text: str, actor: str, at: str) -> Kept:
    """Explain warnings."""
    from etl.stages.explanations import explain_warnings as stage

    context = open_context(programme, period)
    return _kept(context, stage(context, keys, text, By(actor, dt.datetime.fromisoformat(at))))


def waive(
    programme: str, period: str, keys: list[str], reason: str, until: str, tier: str, actor: str, at: str
) -> Kept:
    """Let held rows count until the period `until`, at once. Misuse if that is no period of the programme's kind."""
    from etl.errors import Misuse
    from etl.stages.waivers import waive as stage

    context = open_context(programme, period)
    last = period_of(until)
    if last.kind != context.period.kind:
        raise Misuse(f"{until} is a {last.kind}; {programme} reports by {context.period.kind}")
    act = Act(reason, last, tier)
    return _kept(context, stage(context, keys, act, By(actor, dt.datetime.fromisoformat(at))))


def withdraw(
    programme: str, period: str, keys: list[str], reason: str, tier: str, actor: str, at: str
) -> Kept:
    """Take waivers back, at once; those of a tier above are refused."""
    from etl.stages.waivers import withdraw as stage

    context = open_context(programme, period)
    return _kept(context, stage(context, keys, reason, tier, By(actor, dt.datetime.fromisoformat(at))))


def _kept(context: Context, answer: Answer) -> Kept:
    from etl.edges.refusals import refusal_text

    names = context.bundle.programme.tier_names()
    return {
        "done": list(answer.done),
        "refused": [f"{each.finding_key} {refusal_text(each, names)}" for each in answer.refused],
    }
