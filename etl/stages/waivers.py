"""Waive and withdraw: what a person decides about held rows counts at once, for their own units alone."""

import datetime as dt
from collections.abc import Mapping

from etl.core.returns.events import By, Reason
from etl.core.returns.explanations import Act, Answer, Refused, binding_id, refuse_change, refuse_waiver
from etl.core.rows import WaiverRow
from etl.edges.feeds import CHINA
from etl.edges.store.explanations import keep_waivers
from etl.stages.binding import Names, bound, done, each_once, happened, named, rules_in_force
from etl.stages.context import Context
from etl.stages.explanations import waivers_that_hold
from etl.stages.publish import is_published, put_in_force
from etl.stages.read import texts_in_force
from etl.stages.returns import record_outcomes
from etl.stages.validate import judge


def waive(context: Context, finding_ids: Names, act: Act, by: By) -> Answer:
    """Accept held rows as they are, from this period until `act.until`; their units are judged again and published.

    What is not waivable, or not by that tier, is refused with the tier that could; so is what a tier above has waived already.
    """
    found, refused = named(context, finding_ids, act.reason)
    rules, tiers = rules_in_force(context), context.bundle.programme.tier_keys()
    there = waivers_that_hold(context)
    kept: dict[str, WaiverRow] = {}
    for each in found:
        rule = rules.get(each["rule"])
        no = refuse_waiver(each, rule.meta.waivable_by if rule else None, act, context.period, tiers)
        if no is None and (before := there.get(binding_id(each))):
            no = refuse_change(each["finding_key"], before, act.tier, tiers, "given_higher")
        if no:
            refused.append(no)
            continue
        kept[each["finding_key"]] = {
            **bound(each, by), "since_period": context.key[1], "until_period": str(act.until), "reason": act.reason.strip(),
            "tier": act.tier, "withdrawn_reason": None, "withdrawn_by": None, "withdrawn_at": None,
        }
    events = happened(kept, "waived", by, "reason", "tier", "until_period")
    keep_waivers(context.store, each_once(kept), context.key[1], events)
    _judge_again(context, kept, by.at, "waived")
    return Answer(done(found, refused), tuple(refused))


def withdraw(context: Context, finding_ids: Names, reason: str, tier: str, by: By) -> Answer:
    """Take back the waivers that hold for findings in this period; their units are judged again, the rows held again.

    `tier`: at which it is decided. What a tier above has waived is refused with the tier that could.
    """
    found, refused = named(context, finding_ids, reason)
    waived, tiers = waivers_that_hold(context), context.bundle.programme.tier_keys()
    kept: dict[str, WaiverRow] = {}
    for each in found:
        waiver = waived.get(binding_id(each))
        if waiver is None:
            refused.append(Refused(each["finding_key"], "nothing_to_withdraw"))
            continue
        if no := refuse_change(each["finding_key"], waiver, tier, tiers, "withdrawn_higher"):
            refused.append(no)
            continue
        kept[each["finding_key"]] = {
            **waiver, "withdrawn_reason": reason.strip(), "withdrawn_by": by.actor,
            "withdrawn_at": by.at.astimezone(CHINA).isoformat(),
        }
    events = happened(kept, "withdrawn", by, "withdrawn_reason")
    keep_waivers(context.store, each_once(kept), context.key[1], events)
    _judge_again(context, kept, by.at, "withdrawn")
    return Answer(done(found, refused), tuple(refused))


def _judge_again(context: Context, kept: Mapping[str, WaiverRow], at: dt.datetime, because: Reason) -> None:
    """Judge the units of what was decided as their returns stand, and publish them; tell what came of it.

    A return that is not published yet, or has a newer file that waits to be judged, is left to its own validation.
    """
    texts = texts_in_force(context)
    unit_ids = [
        unit_id
        for unit_id in sorted({row["unit_id"] for row in kept.values()})
        if is_published(context, unit_id, [text for text in texts if text.unit_id == unit_id])
    ]
    if unit_ids:
        put_in_force(context, unit_ids, judge(context, texts, unit_ids))
        record_outcomes(context, unit_ids, at, because)
