"""How units stand and what rules found of them, with the words of the rules: for reports, listings and pages."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from etl.core.register import cutoff_day, due_day
from etl.core.working_days import working_days_between
from etl.edges.programmes import load_rules
from etl.edges.reading_rules import document_rules, reading_rules
from etl.edges.store.results import slices_of
from etl.stages.context import Context
from etl.stages.returns import first_receipts


def unit_states(context: Context, found: pd.DataFrame) -> pd.DataFrame:
    """One row a unit that must report or has: its status, days and counts, in code order."""
    due = due_day(context.bundle.programme, context.period)
    closed = cutoff_day(context.bundle.programme, context.period)
    first, held = first_receipts(context), Counter[str]()
    for row in slices_of(context.store, *context.key):
        held[row["unit_id"]] += row["rows_held"]
    counts = found.groupby("unit_id").size()
    rows = []
    for unit in context.register.units:
        filed = first.get(unit.unit_id)
        if filed is None and not unit.must_report:
            continue
        arrived = dt.date.fromisoformat(filed["arrived_at"][:10]) if filed else None
        rows.append(
            {"unit_id": unit.unit_id, "code": unit.code, "name": unit.name, "node_id": unit.parent_id, "kind": unit.kind,
             "status": _status(filed), "due_on": due, "arrived_on": arrived,
             "days_late": max(0, working_days_between(due, arrived or closed)), "rows_held": held[unit.unit_id],
             "findings": int(counts.get(unit.unit_id, 0))}
        )
    columns = "unit_id code name node_id kind status due_on arrived_on days_late rows_held findings".split()
    return pd.DataFrame(rows, columns=columns)


def _status(receipt: Mapping[str, Any] | None) -> str:
    if receipt is None:
        return "missing"
    if receipt["status"] == "unreadable":
        return "held"
    return "received" if receipt["on_time"] else "late"


def rule_texts(context: Context) -> dict[str, tuple[str, str]]:
    """Rule id → its sentence and remedy, as in force in the period."""
    rules = {
        rule.id: (rule.description, rule.meta.remedy)
        for suite in load_rules()
        for rule in suite.rules_on(context.period.last_day)
    }
    others = {**reading_rules(), **document_rules()}
    return rules | {key: (each.sentence, each.remedy) for key, each in others.items()}


def worked_out_rules() -> frozenset[str]:
    """The rules that show as found what stands in no cell."""
    return frozenset(rule.id for suite in load_rules() for rule in suite.expectations if rule.meta.worked_out)


def is_worked_out(finding: Mapping[str, Any], rules: Collection[str]) -> bool:
    """Whether what a finding observed stands in no cell, of the rules that show such: a ratio may be one filed figure alone."""
    return finding["rule"] in rules and finding["observed"] != finding["shown"]


def findings_by_rule(context: Context, found: pd.DataFrame) -> pd.DataFrame:
    """One row a unit, rule and level with its number of findings and the rule's words."""
    columns = "unit_id node_id name rule sentence remedy level count".split()
    counts = found.groupby(["unit_id", "rule", "level"]).size()
    texts, units = rule_texts(context), context.register.units_by_id
    rows = [
        (unit_id, units[unit_id].parent_id, units[unit_id].name, rule, *texts[rule], level, int(count))
        for (unit_id, rule, level), count in counts.items()
        if unit_id in units
    ]
    return pd.DataFrame(rows, columns=columns)
