"""A node's children ranked, its problems by rule, and its late or missing units: the tables of a report."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from etl.core.documents import DispatchSettings
from etl.core.report_figures import count_or_zero, number_or_none
from etl.core.wording import Measure, Wording, cell_text, change, joined, one_line, prose_text, short_day_text

Rows = list[dict[str, Any]]

_LATE_ORDER = {"missing": 0, "held": 1, "late": 2}


def ranked_groups(
    totals: pd.DataFrame,
    children: pd.DataFrame,
    node_tier: str,
    settings: DispatchSettings,
    measures: Mapping[str, Measure],
    words: Wording,
) -> list[dict[str, Any]]:
    """One ranked table a tier of children (`children`: node_id, code, name, tier), geographic tiers first.

    Rank is by the settings' ranking figure, equal values share a rank and stand in order of code; children
    without a value come last, unranked. `moved` is places gained since the last period among those ranked then.
    """
    keys = [settings.ranking, *settings.table]
    cells = totals[
        totals["node_id"].isin(children["node_id"]) & (totals["part"] == "") & totals["indicator"].isin(keys)
    ]
    order = list(words.tiers)
    tiers = sorted(children["tier"].unique(), key=lambda t: order.index(t) if t in order else len(order))
    masks_people = node_tier not in settings.own_rows_tiers
    groups = []
    for tier in tiers:
        members = children[children["tier"] == tier]
        wide = _wide(cells, members, keys)
        hidden = _hidden(wide["value"], settings, measures) if masks_people else wide["value"].isna() & False
        groups.append(
            {
                "tier": tier,
                "tier_zh": settings.tiers.get(tier) or words.tiers.get(tier, words.tiers["default"]),
                "count": len(members),
                "rows": _ranked_rows(members, wide, hidden, settings, measures, words),
            }
        )
    return groups


def _wide(cells: pd.DataFrame, members: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Columns (value | previous_value | at_least) × indicator, one line a member, all keys present."""
    columns = ["value", "previous_value", "at_least"]
    wide = cells.pivot(index="node_id", columns="indicator", values=columns)
    return wide.reindex(
        index=pd.Index(members["node_id"]), columns=pd.MultiIndex.from_product([columns, list(keys)])
    )


def _hidden(
    values: pd.DataFrame, settings: DispatchSettings, measures: Mapping[str, Measure]
) -> pd.DataFrame:
    """Which cells are held back: counts of people too small to publish, and of a lone one the next smallest too.

    Without the second cell the first could be had back by taking the others from the total.
    """
    hidden = pd.DataFrame(False, index=values.index, columns=values.columns)
    for key in values.columns:
        if measures[key].unit not in settings.people_units:
            continue
        column = values[key].astype(float)
        small = (column > 0) & (column < settings.hide_people_below)
        if small.sum() == 1:
            others = column[~small & (column > 0)]
            if not others.empty:
                small[others.idxmin()] = True
        hidden[key] = small
    return hidden


def _ranked_rows(
    members: pd.DataFrame,
    wide: pd.DataFrame,
    hidden: pd.DataFrame,
    settings: DispatchSettings,
    measures: Mapping[str, Measure],
    words: Wording,
) -> Rows:
    key, measure = settings.ranking, measures[settings.ranking]
    falling = measure.better != "down"
    ranks = wide[("value", key)].astype(float).rank(method="min", ascending=not falling)
    before = wide[("previous_value", key)].astype(float).rank(method="min", ascending=not falling)
    rows = []
    for member in members.itertuples(index=False):
        line, masked = wide.loc[member.node_id], hidden.loc[member.node_id]
        value = None if masked[key] else number_or_none(line[("value", key)])
        base = None if masked[key] else number_or_none(line[("previous_value", key)])
        rank, old = number_or_none(ranks[member.node_id]), number_or_none(before[member.node_id])
        rows.append(
            {
                "rank": None if rank is None else int(rank),
                "code": str(member.code),
                "name": one_line(str(member.name)),
                "number": value,
                "previous": base,
                "text": prose_text(value, measure, words, _is_floor(line, key)),
                "cell": _cell(line, masked, key, measures, words),
                "change": change(value, base, measure, words),
                "moved": None if rank is None or old is None else int(old - rank),
                "cells": [_cell(line, masked, other, measures, words) for other in settings.table],
            }
        )
    return sorted(rows, key=lambda row: (row["rank"] is None, row["rank"], row["code"], row["name"]))


def _cell(line: Any, masked: Any, key: str, measures: Mapping[str, Measure], words: Wording) -> str:
    if masked[key]:
        return words.numbers.hidden
    return cell_text(number_or_none(line[("value", key)]), measures[key], words, _is_floor(line, key))


def _is_floor(line: Any, key: str) -> bool:
    flag = line[("at_least", key)]
    return not pd.isna(flag) and bool(flag)


def problem_rows(findings: pd.DataFrame, words: Wording, unit_zh: str) -> Rows:
    """One line a rule, most findings first: sentence, remedy, level, count, and the units it was found at.

    Units are named with their counts, the five with most first.
    """
    at_units = findings.groupby(["rule", "unit_id", "name"], sort=True)["count"].sum()
    by_rule: dict[str, list[tuple[str, int]]] = {}
    for (rule, _, name), count in at_units.items():
        by_rule.setdefault(str(rule), []).append((one_line(str(name)), int(count)))
    rows = []
    for first in findings.drop_duplicates("rule").to_dict("records"):
        found = sorted(by_rule[str(first["rule"])], key=lambda unit: -unit[1])  # stable: equal ones by unit_id
        rows.append(
            {
                "rule": str(first["rule"]),
                "sentence": one_line(str(first["sentence"])).rstrip("。"),
                "remedy": one_line(str(first["remedy"])).rstrip("。"),
                "level": str(first["level"]),
                "count": sum(count for _, count in found),
                "unit_count": len(found),
                "units": joined([f"{name}（{count}）" for name, count in found], words, unit_zh),
            }
        )
    return sorted(rows, key=lambda row: (-row["count"], row["rule"]))


def outstanding_rows(units: pd.DataFrame, parents: Mapping[str, str], words: Wording) -> Rows:
    """The units not received on time: missing first, then held, then late ones by days; names of parents beside."""
    rows = [
        {
            "unit_id": str(unit.unit_id),
            "name": one_line(str(unit.name)),
            "parent": one_line(parents.get(unit.node_id, "")),
            "code": str(unit.code),
            "status": unit.status,
            "status_zh": words.status[unit.status],
            "due": _day(unit.due_on, words),
            "arrived": _day(unit.arrived_on, words),
            "days_late": count_or_zero(unit.days_late),
            "rows_held": count_or_zero(unit.rows_held),
        }
        for unit in units[units["status"].isin(list(_LATE_ORDER))].itertuples(index=False)
    ]
    return sorted(rows, key=lambda row: (_LATE_ORDER[row["status"]], -row["days_late"], row["code"], row["name"]))


def _day(value: Any, words: Wording) -> str:
    return words.numbers.none if value is None or pd.isna(value) else short_day_text(value, words)
