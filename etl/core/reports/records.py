"""What stands under 组织管理情况: duties done and still owed, facts about branches, as the registers had them at the cut-off.

The frames hold no entry that was made after the half-year's cut-off and nothing that came to be after its last day, so that a
half-year made again years later tells the same (`etl.stages.report_records`).
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from etl.core.period import Period
from etl.core.programmes.documents import DispatchSettings
from etl.core.reports.figure_text import count_text, is_known
from etl.core.reports.index import Record, ReportFrames
from etl.core.reports.list_rows import Duty, Fact, OnRecord
from etl.core.reports.model import ReportModel
from etl.core.reports.told import address
from etl.core.totals.suppression import is_small
from etl.core.wording import Wording, one_line

NOTHING: OnRecord = {"duties": [], "facts": []}


def records_part(
    frames: ReportFrames, node_id: str, tier: str, period: Period, settings: DispatchSettings, words: Wording
) -> OnRecord:
    """The model's `on_record`: a row each of what is on record at the node and below it."""
    inside = frames.inside(node_id)
    duties = [row for row in frames.duties.to_dict("records") if row["node_id"] in inside]
    facts = [row for row in frames.facts.to_dict("records") if row["node_id"] in inside]
    fewest = 0 if tier in settings.own_rows_tiers else settings.hide_people_below
    rows_of_duties = [_duty(node_id, key, rows, period, words) for key, rows in _by(duties, "duty").items()]
    return {
        "duties": [row for row in rows_of_duties if row["owed"] or row["done"]],
        "facts": [
            _fact(node_id, key, rows, fewest, words) for key, rows in _by(facts, "kind", "outcome").items()
        ],
    }


def has_annex(told: OnRecord) -> bool:
    """Whether there is more to list than the prose says: facts, or those who owe a duty beside the node itself."""
    return bool(told["facts"]) or any(row["missing"] and not row["own"] for row in told["duties"])


def recorded(model: ReportModel) -> OnRecord:
    """What a dispatch tells of the registers; nothing in one that was kept from before it was told."""
    return model.get("on_record", NOTHING)


def _by(rows: list[Record], *columns: str) -> dict[tuple[str, ...], list[Record]]:
    """The rows by what stands in some columns, in the order in which they come: that of the programme."""
    groups: dict[tuple[str, ...], list[Record]] = {}
    for row in rows:
        groups.setdefault(tuple(str(row[column]) for column in columns), []).append(row)
    return groups


def _duty(
    node_id: str, key: tuple[str, ...], rows: list[Record], period: Period, words: Wording
) -> Duty:
    """How many owe a duty, how many are through with it, who is not."""
    first, owing = rows[0], bool(rows[0]["owing"])
    undone = [row for row in rows if not row["done_on"]]
    due = dt.date.fromisoformat(first["due_on"]) if owing else None
    return {
        "key": key[0],
        "zh": duty_name(first, words),
        "owed": len(rows) if owing else None,
        "done": len(rows) - len(undone),
        "missing": [one_line(str(row["name"])) for row in undone] if owing else [],
        "own": {row["node_id"] for row in rows} == {node_id},
        "overdue": due is not None and due <= period.last_day,
        "address": address(node_id, "duty", key[0]),
    }


def duty_name(row: Record, words: Wording) -> str:
    """What a duty is called in the report's language."""
    return str(row["en"] or row["zh"]) if words.language == "en" else str(row["zh"])


def _fact(
    node_id: str, key: tuple[str, ...], rows: list[Record], fewest: int, words: Wording
) -> Fact:
    """Branches of which a kind of fact holds, each counted once a place, and their members where the kind tells of members.

    None are told where there are none, or too few of them.
    """
    kind, outcome = key
    members = sum(int(row["members"]) for row in rows if is_known(row["members"]))
    few = is_small(members, fewest)
    return {
        "kind": kind,
        "outcome": outcome,
        "zh": fact_name(rows[0], words),
        "branches": len({(row["node_id"], row["branch_id"]) for row in rows}),
        "members": members if members and not few else None,
        "members_text": words.numbers.hidden if few else count_text(members, words, False) if members else words.numbers.none,
        "address": address(node_id, "fact", fact_key(kind, outcome)),
    }


def fact_key(kind: str, outcome: str) -> str:
    """What stands for a kind of fact and its outcome in an address."""
    return f"{kind}-{outcome}" if outcome else kind


def fact_name(row: Mapping[str, Any], words: Wording) -> str:
    """What branches are called of which a fact holds; of a sweep what came of it, as the programme calls it.

    An outcome that the programme no longer has is its key: the lint knows no such name and keeps the paper back.
    """
    if not row["outcome"]:
        return words.facts[str(row["kind"])]
    return str((words.language == "en" and row["outcome_en"]) or row["outcome_zh"] or row["outcome"])
