"""Which units fall short of what the programme asks, by rules that are configuration: the matter of 存在问题.

Each rule names a figure, how it is compared, the threshold, and what is to be done until when. Units are those below the
reported node; a node with nothing below it is looked at itself. A figure is held against the threshold as it is printed:
who reads "below 90%" beside 90.0% cannot know that it stands for 89.97%. A place of which a unit has not filed the figure
this time has not fallen for all that is known; where it, or one with a small base, fell as far by its figures, the report
says that the others are those that can be compared.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from etl.core.programmes.documents import IssueRule
from etl.core.reports.comparable import units_in_one_period
from etl.core.reports.figure_text import (
    RATE_DECIMALS,
    Measure,
    asked,
    cell_text,
    change,
    limit_text,
    percentage,
    printed,
    prose_text,
)
from etl.core.reports.figures import number_or_none
from etl.core.reports.index import Record
from etl.core.reports.list_rows import Issue, IssueUnit
from etl.core.reports.told import address
from etl.core.totals.suppression import hidden_in_line, is_small
from etl.core.wording import Wording, day_text, one_line
from etl.core.working_days import add_working_days

Figures = Mapping[tuple[str, str], Record]
Judged = tuple[Record, Sequence[str]]
"""The completeness record of a node, and the units that it is made of."""


def issue_rows(
    figures: Figures,
    node_id: str,
    below: Sequence[Judged],
    rules: Sequence[IssueRule],
    issued_on: dt.date,
    measures: Mapping[str, Measure],
    words: Wording,
    fewest: Mapping[str, int],
) -> list[Issue]:
    """One entry a rule that somebody falls short of, in the order of the configuration.

    `fewest` says per unit of measure which counts of people are too small to be told.
    """
    found: list[Issue] = []
    for rule in rules:
        measure = measures[rule.indicator]
        known, short, apart = _fallen_short(rule, figures, below, measure, fewest.get(measure.unit, 0))
        if short:
            units = [_unit(rule, node, value, base, measure, words, _floor(figures, node, rule)) for node, value, base in short]
            found.append({**_issue(rule, node_id, units, known, issued_on, measure, words), "apart": apart})
    return found


def _fallen_short(
    rule: IssueRule, figures: Figures, below: Sequence[Judged], measure: Measure, fewest: int
) -> tuple[int, list[tuple[Record, float, float | None]], bool]:
    """How many nodes could be judged; who falls short, with value and base, furthest off first; whether others seem to."""
    known, short, apart = 0, [], False
    rows = {node["node_id"]: figures.get((node["node_id"], rule.indicator), {}) for node, _ in below}
    values = {node_id: number_or_none(row.get("value")) for node_id, row in rows.items()}
    hidden = hidden_in_line(values, fewest)
    for node, units in below:
        value = values[node["node_id"]]
        base = number_or_none(rows[node["node_id"]].get("previous_value"))
        if value is None or node["node_id"] in hidden or is_small(base, fewest):
            continue
        unlike = rule.compare == "fell_by" and _has_lost(figures, units, rule.indicator)
        gap = None if unlike else _gap(rule, value, base)
        known += gap is not None
        is_short = _is_short(rule, value, base, measure)
        apart |= gap is None and is_short
        if gap is not None and is_short:
            short.append((-gap, str(node["code"]), (node, value, base)))
    short.sort(key=lambda each: each[:2])
    return known, [each for _, _, each in short], apart


def _floor(figures: Figures, node: Record, rule: IssueRule) -> bool:
    return bool(figures[node["node_id"], rule.indicator].get("at_least"))


def _has_lost(figures: Figures, units: Sequence[str], indicator: str) -> bool:
    return bool(units_in_one_period(figures, units, [indicator])["lost"])


def _gap(rule: IssueRule, value: float, base: float | None) -> float | None:
    """How far a value is past the threshold; None where the rule needs a base and there is none worth naming."""
    number, threshold = Decimal(str(value)), Decimal(str(rule.threshold))
    if rule.compare != "fell_by":
        return float(threshold - number if rule.compare == "below" else number - threshold)
    if base is None or base < max(rule.min_base, 1):
        return None
    return float(_fall(value, base) - threshold)


def _fall(value: float, base: float) -> Decimal:
    return (Decimal(str(base)) - Decimal(str(value))) / Decimal(str(base))


def _is_short(rule: IssueRule, value: float, base: float | None, measure: Measure) -> bool:
    """Whether the figure as a reader sees it is past the threshold; a fall by just the threshold is."""
    if rule.compare == "fell_by":
        if base is None or base <= 0:
            return False
        return percentage(float(_fall(value, base)), RATE_DECIMALS) >= 100 * Decimal(str(rule.threshold))
    number, limit = printed(value, measure), asked(rule.threshold, measure)
    return number < limit if rule.compare == "below" else number > limit


def _unit(
    rule: IssueRule, node: Record, value: float, base: float | None, measure: Measure, words: Wording, floor: bool
) -> IssueUnit:
    fall = float(_fall(value, base)) if rule.compare == "fell_by" and base else None
    return {
        "node_id": str(node["node_id"]),
        "name": one_line(str(node["name"])),
        "number": value,
        "text": prose_text(value, measure, words, floor),
        "cell": cell_text(value, measure, words, floor),
        "change": change(value, base, measure, words, floor),
        "fall": fall,
        "fall_text": "" if fall is None else f"{percentage(fall, RATE_DECIMALS):f}%",
        "address": address(str(node["node_id"]), measure.key),
    }


def _issue(
    rule: IssueRule,
    node_id: str,
    units: list[IssueUnit],
    known: int,
    issued_on: dt.date,
    measure: Measure,
    words: Wording,
) -> Issue:
    due = add_working_days(issued_on, rule.days)
    limited = replace(measure, percent=True, unit_zh="%") if rule.compare == "fell_by" else measure
    return {
        "key": rule.key,
        "title": rule.title.get(words.language, rule.title["zh"]),
        "remedy": rule.remedy.get(words.language, rule.remedy["zh"]),
        "compare": rule.compare,
        "indicator": rule.indicator,
        "zh": measure.zh,
        "unit_zh": measure.unit_zh,
        "percent": measure.percent,
        "decimals": measure.decimals,
        "threshold": rule.threshold,
        "threshold_text": limit_text(rule.threshold, limited, words),
        "least_base_text": limit_text(rule.min_base, measure, words) if rule.compare == "fell_by" else "",
        "count": len(units),
        "of": known,
        "due": due.isoformat(),
        "due_zh": day_text(due, words),
        "units": units,
        "address": address(node_id, "issue", rule.key),
    }
