"""What a node's report may say of duties and of facts about branches, worked out a second time."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from etl.core.lint.facts import NodeFacts
from etl.core.wording import Wording, one_line

Row = Mapping[str, Any]


@dataclass(frozen=True)
class OwedDuty:
    """A duty at a node and below it. `owed`: None where it is done whenever; `own`: only the node itself owes it."""

    owed: int | None
    done: int
    missing: tuple[str, ...]
    own: bool


@dataclass(frozen=True)
class HeldFact:
    """Branches of which a kind of fact holds; their members, None where none may be told."""

    branches: int
    members: int | None


@dataclass(frozen=True)
class Records:
    """Duties and facts by what the report calls them, each in the order of the frames."""

    duties: Mapping[str, OwedDuty]
    facts: Mapping[str, HeldFact]

    def number(self, fact: str, said_of: str) -> Decimal | None:
        """`duty.owed`, `fact.branches` and so on, of what a claim has named; None where there is none."""
        kind, _, count = fact.partition(".")
        known: Mapping[str, OwedDuty | HeldFact] = self.duties if kind == "duty" else self.facts
        value = getattr(known.get(said_of), count, None)
        return None if value is None else Decimal(value)


def records(facts: NodeFacts) -> Records:
    """What is on record at a node and below it."""
    duties = [row for row in facts.frames.duties.to_dict("records") if facts.is_inside(row["node_id"])]
    held = [row for row in facts.frames.facts.to_dict("records") if facts.is_inside(row["node_id"])]
    names = dict.fromkeys(_duty_name(row, facts.words) for row in duties)
    called = dict.fromkeys(fact_name(row, facts.words) for row in held)
    found = {name: _owed(facts, [r for r in duties if _duty_name(r, facts.words) == name]) for name in names}
    return Records(
        {name: each for name, each in found.items() if each.owed is not None or each.done},
        {name: _held(facts, [r for r in held if fact_name(r, facts.words) == name]) for name in called},
    )


def _duty_name(row: Row, words: Wording) -> str:
    return str(row["en"] if words.language == "en" and row["en"] else row["zh"])


def fact_name(row: Row, words: Wording) -> str:
    """What branches may be called of which a fact holds; '' of a sweep whose outcome the programme does not name."""
    names = {"zh": row["outcome_zh"], "en": row["outcome_en"] or row["outcome_zh"]}
    return str(names[words.language] if row["outcome"] else words.facts[str(row["kind"])])


def _owed(facts: NodeFacts, rows: list[Row]) -> OwedDuty:
    missing = tuple(one_line(str(row["name"])) for row in rows if row["owing"] and row["done_on"] == "")
    done = sum(row["done_on"] != "" for row in rows)
    own = all(row["node_id"] == facts.edition.node_id for row in rows)
    return OwedDuty(len(rows) if rows[0]["owing"] else None, done, missing, own)


def _held(facts: NodeFacts, rows: list[Row]) -> HeldFact:
    members = sum(int(row["members"]) for row in rows if not pd.isna(row["members"]))
    least = 1 if facts.tier in facts.settings.own_rows_tiers else max(1, facts.settings.hide_people_below)
    told = members if members >= least else None
    return HeldFact(len({(row["node_id"], row["branch_id"]) for row in rows}), told)
