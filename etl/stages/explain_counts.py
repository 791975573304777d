"""Explain: a count that is no indicator — returns, findings, activities, themes, units that fall short — and what it counts.

The count of the edition is kept in its model; the rows are those of the store as it is now, so that a count that has moved
since shows as two numbers. Units that fall short and headline figures are told from the model alone.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from etl.core.reports.comparable import units_in_one_period
from etl.core.reports.dispatch import ReportFrames
from etl.core.reports.model import Report
from etl.core.reports.practice import own_words
from etl.core.totals.completeness import COUNTS
from etl.core.totals.figures import FigureAddress
from etl.core.wording import one_line
from etl.errors import Misuse
from etl.stages.context import Context
from etl.stages.explain_records import records_behind
from etl.stages.report_frames import report_frames

Row = dict[str, Any]
COLUMNS = ["unit_id", "unit", "what", "value", "status", "due_on", "arrived_on", "days_late", "address"]
"""A row one thing that was counted. `what`: the rule's sentence, the kind or the figure where units alone do not say it;
`address`: the figure that the row rests on, where it is one."""


@dataclass(frozen=True)
class Counted:
    """One count and what it counts: `figure` (edition, address, name of the node, value now), `counted` as `COLUMNS`."""

    figure: Row
    counted: pd.DataFrame

    def frames(self) -> dict[str, pd.DataFrame]:
        """What stands under the count, by name."""
        return {"counted": self.counted}


@dataclass(frozen=True)
class Question:
    """What is asked of one edition at one node, with what it is answered from."""

    context: Context
    model: Report
    node_id: str
    asked: FigureAddress

    @cached_property
    def store(self) -> ReportFrames:
        """The store's tables as they are now."""
        return report_frames(self.context)

    @cached_property
    def units(self) -> list[Row]:
        """The submitting units under the node, with how their returns stand."""
        return self.store.units_under(self.node_id)

    @property
    def own(self) -> bool:
        """Whether the edition's own node is asked for: its model tells of no other."""
        return self.node_id == self.model["edition"]["node_id"]


def explain_count(question: Question) -> tuple[float | None, pd.DataFrame]:
    """The count as the rows make it up, and the rows; Misuse for one that no report has."""
    value, rows = _KINDS[question.asked.key](question)
    return value, pd.DataFrame(rows, columns=COLUMNS)


def _completeness(question: Question) -> tuple[float | None, list[Row]]:
    """Of each unit its own part of the count; a share is that of units on time in units expected."""
    count = question.asked.part
    if count == "on_time_share":
        on_time, expected = (_own_counts(question, each) for each in ("units_on_time", "units_expected"))
        rows = [_row(unit, value=on_time[unit["unit_id"]]) for unit in question.units]
        return (sum(on_time.values()) / sum(expected.values()) if sum(expected.values()) else None), rows
    if count == "units_held":
        return _units(replace(question, asked=replace(question.asked, part="held")))
    if count not in COUNTS:
        raise Misuse(f"completeness.{count} is no count: there are {', '.join(COUNTS)}")
    own = _own_counts(question, count)
    rows = [_row(unit, value=own[unit["unit_id"]]) for unit in question.units if own[unit["unit_id"]]]
    return sum(own.values()), rows


def _own_counts(question: Question, count: str) -> dict[str, int]:
    """Unit → its own part of a count: what its node has beside the nodes below it."""
    nodes, children = question.store.nodes, question.store.children
    return {
        unit["unit_id"]: int(nodes.get(unit["unit_id"], {}).get(count, 0))
        - sum(int(child[count]) for child in children.get(unit["unit_id"], ()))
        for unit in question.units
    }


def _units(question: Question) -> tuple[float | None, list[Row]]:
    if question.asked.part == "held":
        rows = [_row(unit, value=1) for unit in question.units if unit["status"] == "held"]
        return len(rows), rows
    if question.asked.part in ("lost", "gained"):
        keys = [figure["key"] for figure in question.model["headline"]]
        ids = units_in_one_period(question.store.figures, [unit["unit_id"] for unit in question.units], keys)
        rows = [_row(unit, value=1) for unit in question.units if unit["unit_id"] in ids[question.asked.part]]
        return len(rows), rows
    late = [unit for unit in question.units if unit["status"] == "late"]
    rows = [_row(unit, value=unit["days_late"]) for unit in sorted(late, key=lambda unit: -unit["days_late"])]
    return max((row["value"] for row in rows), default=0), rows


def _findings(question: Question) -> tuple[float | None, list[Row]]:
    rule = question.asked.part
    by_id = {unit["unit_id"]: unit for unit in question.units}
    found = question.store.findings_at(question.units)
    rows = [
        _row(by_id[each["unit_id"]], value=each["count"], what=f"{each['rule']} {each['sentence']}")
        for each in found
        if not rule or each["rule"] == rule
    ]
    if question.asked.aspect == "units":
        return len({row["unit_id"] for row in rows}), rows
    return _sum(rows), rows


def _activity(question: Question) -> tuple[float | None, list[Row]]:
    """Of each unit the entries of its ledger, the people present or the branches, by kind."""
    kind, measure = question.asked.part, question.asked.aspect or "entries"
    by_id = {unit["unit_id"]: unit for unit in question.units}
    names = {row["kind"]: row["zh"] for row in question.model["practice"]["activities"]}
    found = question.store.of_units("activities", question.units)
    if measure == "leading":
        leading = _leading(question, kind)
        return len(leading), leading
    if measure not in ("entries", "person_times", "branches"):
        raise Misuse(f"activities are counted by entries, person_times and branches, not by {measure}")
    rows = [
        _row(by_id[each["unit_id"]], value=each[measure], what=names.get(each["kind"], each["kind"]))
        for each in found
        if not kind or each["kind"] == kind
    ]
    return _sum(rows), rows


def _leading(question: Question, kind: str) -> list[Row]:
    """The units that the edition names as those with most entries of a kind."""
    kinds = [row for row in question.model["practice"]["activities"] if question.own and row["kind"] == kind]
    return [
        {"unit_id": unit["address"].partition("#")[0], "unit": unit["name"], "what": row["zh"], "value": unit["entries"],
         "address": f"{unit['address']}@entries"}
        for row in kinds
        for unit in row["leading"]
    ]


def _theme(question: Question) -> tuple[float | None, list[Row]]:
    themes = question.model["practice"]["themes"] if question.own else []
    if not question.asked.part:
        return len(themes), [
            {"unit_id": question.node_id, "unit": question.model["edition"]["name"], "what": theme["title"],
             "value": theme["entries"], "address": theme["address"]}
            for theme in themes
        ]
    number = int(question.asked.part) if question.asked.part.isdigit() else 0
    if not 0 < number <= len(themes):
        raise Misuse(f"theme.{question.asked.part} is none of the {len(themes)} themes of this edition")
    title = themes[number - 1]["title"]
    by_id = {unit["unit_id"]: unit for unit in question.units}
    rows = [
        _row(by_id[each["unit_id"]], value=each["entries"], what=title)
        for each in question.store.of_units("themes", question.units)
        if one_line(each["title"]) == title
    ]
    return _sum(rows), rows


def _issue(question: Question) -> tuple[float | None, list[Row]]:
    """The nodes that fall short of a rule, as the edition names them, each with the figure that shows it."""
    issues = {issue["key"]: issue for issue in question.model["issues"]} if question.own else {}
    if question.asked.part not in issues:
        raise Misuse(f"issue.{question.asked.part} is none of this edition: there are {', '.join(issues) or 'none'}")
    issue = issues[question.asked.part]
    rows = [
        {"unit_id": unit["node_id"], "unit": unit["name"], "what": f"{issue['zh']} {unit['text']}", "value": unit["number"],
         "address": unit["address"]}
        for unit in issue["units"]
    ]
    return issue["of"] if question.asked.aspect == "of" else issue["count"], rows


def _headline(question: Question) -> tuple[float | None, list[Row]]:
    """The headline figures that went up, or down, against the period before."""
    way = question.asked.way
    figures = question.model["headline"] if question.own else []
    rows = [
        {"unit_id": question.node_id, "unit": question.model["edition"]["name"], "what": f"{figure['zh']} {figure['text']}",
         "value": figure["number"], "address": figure["address"]}
        for figure in figures
        if figure["previous"] and way in ("", figure["previous"]["direction"])
    ]
    return len(rows), rows


def _standing(question: Question) -> tuple[float | None, list[Row]]:
    """Findings that the figures rest on, by unit: of one rule and state, or all of them."""
    rule, state = question.asked.part, question.asked.aspect
    by_id = {unit["unit_id"]: unit for unit in question.units}
    rows = [
        _row(by_id[each["unit_id"]], value=each["count"], what=f"{each['rule']} {each['sentence']}")
        for each in question.store.of_units("standing", question.units)
        if (not rule or each["rule"] == rule) and (not state or each["state"] == state)
    ]
    return _sum(rows), rows


def _divisions(question: Question) -> tuple[float | None, list[Row]]:
    """The changes of divisions that the edition lists."""
    changes = question.model["divisions"] if question.own else []
    rows = [
        {"unit_id": question.node_id, "unit": row["now"], "what": f"{row['was']} → {row['now']} {row['document']}", "value": 1}
        for row in changes
    ]
    return len(rows), rows


def _told_units(question: Question) -> tuple[float | None, list[Row]]:
    """The units whose own words the edition tells, and where each is explained."""
    told = own_words(question.model["practice"])[question.asked.key] if question.own else []
    rows = [
        {"unit_id": row["address"].partition("#")[0], "unit": row["name"], "what": row["text"], "value": 1,
         "address": row["address"]}
        for row in told
    ]
    return len(rows), rows


def _on_record(question: Question) -> tuple[float | None, list[Row]]:
    return records_behind(question.store, question.node_id, question.asked)


def _row(unit: Mapping[str, Any], **more: Any) -> Row:
    kept = {name: unit.get(name) for name in ("unit_id", "status", "due_on", "arrived_on", "days_late")}
    return {**kept, "unit": one_line(str(unit["name"])), "what": "", "address": "", **more}


def _sum(rows: Iterable[Row]) -> int:
    return sum(int(row["value"]) for row in rows)


_KINDS: dict[str, Callable[[Question], tuple[float | None, list[Row]]]] = {
    "completeness": _completeness,
    "units": _units,
    "findings": _findings,
    "activity": _activity,
    "theme": _theme,
    "issue": _issue,
    "headline": _headline,
    "standing": _standing,
    "divisions": _divisions,
    "practices": _told_units,
    "difficulties": _told_units,
    "plans": _told_units,
    "duty": _on_record,
    "fact": _on_record,
}
