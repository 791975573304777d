"""A node's children ranked, its problems by rule, and its late or missing units: the tables of a report."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from etl.core.programmes.documents import DispatchSettings
from etl.core.reports.figure_rows import PlainGroup, PlainRow
from etl.core.reports.figure_text import Measure, cell_text, change, prose_text
from etl.core.reports.figures import count_or_zero, number_or_none
from etl.core.reports.index import Record
from etl.core.reports.list_rows import Outstanding, Problem, Standing
from etl.core.reports.told import address
from etl.core.totals.suppression import hidden_in_line, is_small
from etl.core.wording import Wording, joined, one_line, short_day_text

Figures = Mapping[tuple[str, str], Record]

_OUTSTANDING = {"missing": 0, "held": 1, "late": 2}


def ranked_groups(
    figures: Figures,
    children: Sequence[Record],
    node_tier: str,
    settings: DispatchSettings,
    measures: Mapping[str, Measure],
    words: Wording,
) -> list[PlainGroup]:
    """One ranked table a tier of children (completeness records), geographic tiers first.

    Rank is by the settings' ranking figure, equal values share a rank and stand in order of code; children
    without a value come last, unranked. `moved` is places gained since the last period among those ranked then.
    """
    order = list(words.tiers)
    by_tier: defaultdict[str, list[Record]] = defaultdict(list)
    for child in children:
        by_tier[child["tier"]].append(child)
    ids = [child["node_id"] for child in children]
    columns = {
        key: _Column(figures, ids, measures[key], fewest_shown(measures[key], node_tier, settings))
        for key in (settings.ranking, *settings.table)
    }
    return [
        {
            "tier": tier,
            "tier_zh": tier_word(tier, settings, words),
            "count": len(by_tier[tier]),
            "rows": _ranked_rows(columns, by_tier[tier], settings, words),
        }
        for tier in sorted(by_tier, key=lambda tier: order.index(tier) if tier in order else len(order))
    ]


def peer_group(
    figures: Figures,
    node: Record,
    peers: Sequence[Record],
    settings: DispatchSettings,
    measures: Mapping[str, Measure],
    words: Wording,
) -> PlainGroup | None:
    """The node among its equals under the same parent: ranking figure only, its own row marked; None when it is alone."""
    equals = [peer for peer in peers if peer["tier"] == node["tier"]]
    if len(equals) < 2 or node["tier"] in settings.unranked_tiers:
        return None
    narrow = settings.model_copy(update={"table": ()})
    (group,) = ranked_groups(figures, equals, str(node["tier"]), narrow, measures, words)
    rows: list[PlainRow] = [{**row, "own": row["node_id"] == node["node_id"]} for row in group["rows"]]
    return {**group, "rows": rows} if any(row["rank"] is not None for row in rows) else None


def standing_rows(node_id: str, standing: Sequence[Record], words: Wording, unit_zh: str) -> list[Standing]:
    """What the figures rest on: waivers and explained findings with their reason, a line each; open ones a line a rule.

    Of an open one `name` names the units with most, and how many there are.
    """
    order = {"waived": 0, "explained": 1, "open": 2}
    answered = [_standing(row, one_line(str(row["name"]))) for row in standing if row["state"] != "open"]
    by_rule: defaultdict[str, list[Record]] = defaultdict(list)
    for row in standing:
        if row["state"] == "open":
            by_rule[row["rule"]].append(row)
    opened = [_open(node_id, found, words, unit_zh) for found in by_rule.values()]
    return sorted(
        [*answered, *opened], key=lambda row: (order[row["state"]], -row["count"], row["rule"], row["name"], row["reason"])
    )


def _open(node_id: str, found: Sequence[Record], words: Wording, unit_zh: str) -> Standing:
    most = sorted(found, key=lambda row: (-int(row["count"]), row["unit_id"]))
    names = joined([one_line(str(row["name"])) for row in most], words, unit_zh, most=4)
    row = _standing(most[0], names)
    where = address(node_id, "standing", str(row["rule"]))
    return {**row, "count": sum(int(each["count"]) for each in found), "address": where}


def _standing(row: Record, name: str) -> Standing:
    return {
        "name": name,
        "rule": str(row["rule"]),
        "sentence": one_line(str(row["sentence"])).rstrip("。"),
        "state": str(row["state"]),
        "reason": one_line(str(row["reason"] or "")),
        "count": int(row["count"]),
        "address": address(str(row["unit_id"]), "standing", str(row["rule"])),
    }


def tier_word(tier: str, settings: DispatchSettings, words: Wording) -> str:
    """What a tier's places are called: the programme's word, else the common one."""
    own = settings.tiers.get(tier) if words.language == "zh" else None
    return own or words.tiers.get(tier, words.tiers["default"])


def competition_ranks(values: Mapping[str, float | None], falling: bool) -> dict[str, int]:
    """Rank of each known value, 1 for the best; equal values share the better rank (1, 2, 2, 4).

    >>> competition_ranks({"a": 3, "b": 5, "c": 5, "d": None}, falling=True)
    {'b': 1, 'c': 1, 'a': 3}
    """
    known = [(key, value) for key, value in values.items() if value is not None]
    known.sort(key=lambda pair: -pair[1] if falling else pair[1])
    ranks: dict[str, int] = {}
    last: float | None = None
    rank = 0
    for position, (key, value) in enumerate(known, start=1):
        rank = rank if value == last else position
        ranks[key], last = rank, value
    return ranks


def fewest_shown(measure: Measure, node_tier: str, settings: DispatchSettings) -> int:
    """The least count of people that a report of this tier prints of others; 0 where nothing is held back."""
    leaves_the_county = node_tier not in settings.own_rows_tiers
    return settings.hide_people_below if leaves_the_county and measure.unit in settings.people_units else 0


def _ranked_rows(
    columns: Mapping[str, "_Column"],
    members: Sequence[Record],
    settings: DispatchSettings,
    words: Wording,
) -> list[PlainRow]:
    ids = [member["node_id"] for member in members]
    ranking = columns[settings.ranking]
    falling = ranking.measure.better != "down"
    ranks = competition_ranks({node: ranking.values[node] for node in ids}, falling)
    before = competition_ranks({node: ranking.previous[node] for node in ids}, falling)
    rows: list[PlainRow] = []
    for member, node in zip(members, ids, strict=True):
        value, base = ranking.shown(node), ranking.shown_previous(node)
        rows.append(
            {
                "node_id": node,
                "address": address(node, settings.ranking),
                "rank": ranks.get(node),
                "code": str(member["code"]),
                "name": one_line(str(member["name"])),
                "number": value,
                "previous": base,
                "text": prose_text(value, ranking.measure, words, ranking.floors[node]),
                "cell": ranking.cell(node, words),
                "change": change(value, base, ranking.measure, words, ranking.floors[node]),
                "moved": before[node] - ranks[node] if node in ranks and node in before else None,
                "cells": [columns[key].cell(node, words) for key in settings.table],
                "numbers": [columns[key].shown(node) for key in settings.table],
            }
        )
    return sorted(rows, key=lambda row: (row["rank"] is None, row["rank"], row["code"], row["name"]))


class _Column:
    """One figure of all children: values now and before, floors, and whose few people are held back.

    The children of all tiers are looked at together: their sum is the reported node's own figure, which is printed.
    """

    def __init__(self, figures: Figures, ids: Sequence[str], measure: Measure, fewest: int) -> None:
        records = {node: figures.get((node, measure.key), {}) for node in ids}
        self.measure = measure
        self.values = {node: number_or_none(row.get("value")) for node, row in records.items()}
        self.previous = {node: number_or_none(row.get("previous_value")) for node, row in records.items()}
        self.floors = {
            node: self.values[node] is not None and bool(row["at_least"]) for node, row in records.items()
        }
        self.fewest = fewest
        self.hidden = hidden_in_line(self.values, fewest)

    def shown(self, node: str) -> float | None:
        return None if node in self.hidden else self.values[node]

    def shown_previous(self, node: str) -> float | None:
        before = self.previous[node]
        return None if node in self.hidden or is_small(before, self.fewest) else before

    def cell(self, node: str, words: Wording) -> str:
        if node in self.hidden:
            return words.numbers.hidden
        return cell_text(self.values[node], self.measure, words, self.floors[node])


def problem_rows(node_id: str, findings: Sequence[Record], words: Wording, unit_zh: str) -> list[Problem]:
    """One line a rule, most findings first: sentence, remedy, level, count, and the units it was found at.

    Units are named with their counts, the five with most first.
    """
    by_rule: defaultdict[str, list[Record]] = defaultdict(list)
    for finding in findings:
        by_rule[finding["rule"]].append(finding)
    rows = [_problem(node_id, rule, found, words, unit_zh) for rule, found in by_rule.items()]
    return sorted(rows, key=lambda row: (-row["count"], row["rule"]))


def _problem(
    node_id: str, rule: str, found: Sequence[Record], words: Wording, unit_zh: str
) -> Problem:
    counts: defaultdict[tuple[str, str], int] = defaultdict(int)
    for finding in found:
        counts[finding["unit_id"], one_line(str(finding["name"]))] += int(finding["count"])
    units = sorted(counts, key=lambda unit: (-counts[unit], unit))
    return {
        "rule": rule,
        "address": address(node_id, "findings", rule),
        "sentence": one_line(str(found[0]["sentence"])).rstrip("。"),
        "remedy": one_line(str(found[0]["remedy"])).rstrip("。"),
        "level": str(found[0]["level"]),
        "count": sum(counts.values()),
        "unit_count": len(units),
        "units": joined([f"{unit[1]}（{counts[unit]}）" for unit in units], words, unit_zh),
    }


def outstanding_rows(units: Sequence[Record], parents: Mapping[str, str], words: Wording) -> list[Outstanding]:
    """The units not received on time: missing first, then held, then late ones by days; names of parents beside."""
    rows: list[Outstanding] = [
        {
            "unit_id": str(unit["unit_id"]),
            "name": one_line(str(unit["name"])),
            "parent": one_line(parents.get(unit["node_id"], "")),
            "code": str(unit["code"]),
            "status": unit["status"],
            "status_zh": words.status[unit["status"]],
            "due": _day(unit["due_on"], words),
            "arrived": _day(unit["arrived_on"], words),
            "days_late": count_or_zero(unit["days_late"]),
            "rows_held": count_or_zero(unit["rows_held"]),
        }
        for unit in units
        if unit["status"] in _OUTSTANDING
    ]
    rows.sort(key=lambda row: (_OUTSTANDING[row["status"]], -row["days_late"], row["code"], row["name"]))
    return rows


def _day(value: Any, words: Wording) -> str:
    return words.numbers.none if value is None or pd.isna(value) else short_day_text(value, words)
