"""A branch's titles over the years: what it holds on a day, also those that came to it from the branches that it goes on from.

And what a level's title is called by those who stand in reach of it.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from etl.core.programmes.naming import NamingLevel
from etl.core.register import Register
from etl.core.year_rows import SuccessionRow, TitleRow, WithdrawalRow


@dataclass(frozen=True, slots=True)
class HeldTitle:
    """One title as it stands on a day for the branch that carries it now. `state`: in_force, expired or withdrawn."""

    row: TitleRow
    branch_id: str
    state: str
    withdrawal: WithdrawalRow | None
    came_by: SuccessionRow | None


def title_for(level: NamingLevel, register: Register, node_id: str) -> str:
    """The words of a level's title for whoever stands at a node: as the place of the level's tier confers it, there or above.

    The level's own words where that tier is not on the way up.
    """
    way = (register.nodes_by_id[above] for above in register.above.get(node_id.partition("/")[0], ()))
    return next((level.title_at(node.code) for node in way if node.tier == level.tier), level.title)


def present_branch(
    branch_id: str, successions: Sequence[SuccessionRow], day: dt.date
) -> tuple[str | None, SuccessionRow | None]:
    """The branch that carries a branch's titles on a day, and the last succession on the way; None: nobody does.

    A step is taken only if it is not before the one that led to it: so titles come back with a branch that comes back.
    """
    at: str | None = branch_id
    last: SuccessionRow | None = None
    ahead = [row for row in successions if row["effective_on"] <= day.isoformat()]
    while step := {row["from_branch_id"]: row for row in ahead}.get(at or ""):
        last = step
        at = last["to_branch_id"]  # None after a split or a dissolution: then titles go to nobody
        ahead = [row for row in ahead if row is not last and row["effective_on"] >= last["effective_on"]]
    return at, last


def gone(successions: Sequence[SuccessionRow], day: dt.date) -> dict[str, SuccessionRow]:
    """Branch → the succession by which it no longer stands under that id on a day; one that came back stands."""
    left = {row["from_branch_id"]: row for row in successions if row["effective_on"] <= day.isoformat()}
    return {branch: row for branch, row in left.items() if present_branch(branch, successions, day)[0] != branch}


def titles_on(
    titles: Iterable[TitleRow], withdrawals: Iterable[WithdrawalRow], successions: Sequence[SuccessionRow], day: dt.date
) -> list[HeldTitle]:
    """All titles decided up to a day, as they stand on it, oldest first. What is entered later, or decided later, is not seen."""
    withdrawn = {row["title_id"]: row for row in withdrawals if row["withdrawn_on"] <= day.isoformat()}
    found = []
    for row in sorted(titles, key=lambda row: (row["decided_on"], row["title_id"])):
        if row["decided_on"] > day.isoformat():
            continue
        carrier, came_by = present_branch(row["branch_id"], successions, day)
        back = withdrawn.get(row["title_id"])
        ended = row["valid_until"] is not None and row["valid_until"] < day.isoformat()
        state = "withdrawn" if back else "expired" if ended else "in_force"
        found.append(HeldTitle(row, carrier or row["branch_id"], state, back, came_by))
    return found


def titles_recorded(
    held: Sequence[HeldTitle], levels: Sequence[str], first_day: dt.date
) -> list[dict[str, str]]:
    """What units' figures of titles can be held against: basis, branch_id, unit_id, level; a branch once, at its highest.

    `held`: as of the period's last day. Basis `decided`: titles decided from its first day on; `in_force`: those that stand.
    """
    bases = {
        "decided": [
            each for each in held if each.state != "withdrawn" and each.row["decided_on"] >= first_day.isoformat()
        ],
        "in_force": [each for each in held if each.state == "in_force"],
    }
    found: dict[tuple[str, str], dict[str, str]] = {}
    for basis, mine in bases.items():
        for each in sorted((e for e in mine if e.row["level"] in levels), key=lambda e: levels.index(e.row["level"])):
            row = {"branch_id": each.branch_id, "unit_id": each.row["unit_id"], "level": each.row["level"]}
            found[basis, each.branch_id] = {"basis": basis, **row}
    return list(found.values())


def level_on(held: Iterable[HeldTitle], branch_id: str, levels: Sequence[str]) -> str | None:
    """The level that a branch is at: its highest in force; None before any."""
    mine = {each.row["level"] for each in held if each.branch_id == branch_id and each.state == "in_force"}
    return next((level for level in reversed(levels) if level in mine), None)
