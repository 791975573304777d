"""Explain: what a report tells of duties and facts on record, and the records that are counted, as they were at the cut-off."""

from typing import Any

import pandas as pd

from etl.core.reports.dispatch import ReportFrames
from etl.core.reports.figures import count_or_zero
from etl.core.reports.records import fact_key
from etl.core.totals.figures import FigureAddress
from etl.core.wording import one_line
from etl.errors import Misuse

Row = dict[str, Any]


def records_behind(store: ReportFrames, node_id: str, asked: FigureAddress) -> tuple[int, list[Row]]:
    """The count and its rows, columns as the other counts have them. Misuse for what nothing was on record of, or is not told."""
    return _duty(store, node_id, asked) if asked.key == "duty" else _fact(store, node_id, asked)


def _duty(store: ReportFrames, node_id: str, asked: FigureAddress) -> tuple[int, list[Row]]:
    """The nodes that are through with a duty, or owe it, or owe it still, each with the days on which it is due and was done."""
    aspect = _aspect(asked, "done", "owed", "missing")
    rows = [
        {"unit_id": each["node_id"], "unit": one_line(str(each["name"])), "value": 1,
         "what": f"{each['zh']} {each['done_on']}".strip(), "due_on": each["due_on"], "arrived_on": each["done_on"]}
        for each in _of_node(store, node_id, store.duties.assign(key=store.duties["duty"]), asked)
        if aspect == "owed" or bool(each["done_on"]) == (aspect == "done")
    ]
    return len(rows), rows


def _fact(store: ReportFrames, node_id: str, asked: FigureAddress) -> tuple[int, list[Row]]:
    """The facts on record of branches of a kind, each with the day on which it began; or the members that they are about."""
    aspect, facts = _aspect(asked, "branches", "members"), store.facts
    named = [fact_key(*each) for each in zip(facts["kind"], facts["outcome"], strict=True)]
    found = _of_node(store, node_id, facts.assign(key=named), asked)
    if aspect == "branches":  # one of which a fact holds twice is one branch
        found = list({(each["node_id"], each["branch_id"]): each for each in found}.values())
    rows = [
        {"unit_id": each["node_id"], "unit": one_line(str(each["name"])), "what": f"{each['branch_id']} {each['since']}",
         "value": 1 if aspect == "branches" else count_or_zero(each["members"])}
        for each in found
    ]
    return sum(row["value"] for row in rows), rows


def _aspect(asked: FigureAddress, *known: str) -> str:
    """What is told of it: the first of the known ones if nothing is said."""
    if asked.aspect not in ("", *known):
        raise Misuse(f"of a {asked.key} {', '.join(known)} are told, not {asked.aspect}")
    return asked.aspect or known[0]


def _of_node(store: ReportFrames, node_id: str, table: pd.DataFrame, asked: FigureAddress) -> list[Row]:
    inside = store.inside(node_id)
    found = [row for row in table.to_dict("records") if row["key"] == asked.part and row["node_id"] in inside]
    if not found:
        raise Misuse(f"{asked.key}.{asked.part}: nothing of it was on record by the cut-off")
    return found
