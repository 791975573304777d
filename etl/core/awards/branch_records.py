"""Facts about a branch with a beginning and an end: rectification, sweeps, contact points, dual management, members away.

A fact entered again with another end is the same fact: the record that was entered last says how long it holds. One that ends on
the day on which it begins never held: so a mistake is taken back, and stays on record. Each kind has its rules. Of two
organisations that manage the same members, one side counts them: `node_id` is the side that counts (the formal relation),
`other_node_id` the side that only takes part in managing, and never adds them (不重不漏).
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from etl.core.programmes.programme import Programme
from etl.core.year_rows import FactTold

F = TypeVar("F", bound=FactTold)
Problem = tuple[str, dict[str, Any]]  # a key of the catalogue's section `records`, and its values
KINDS = ("rectification", "sweep", "contact_point", "dual_management", "members_away")
FROM_ABOVE = ("rectification", "sweep", "contact_point")
"""Those that a place above the branch's own may put on record, too; members are counted at the branch's own place alone."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact to be recorded. `outcome`: of a sweep; for a contact point the post of the leader (never a name)."""

    kind: str
    branch_id: str
    node_id: str
    since: dt.date
    until: dt.date | None = None
    other_node_id: str = ""
    members: int | None = None
    outcome: str = ""
    note: str = ""


def problems(
    fact: Fact, programme: Programme, known: Sequence[FactTold], branch_members: int | None
) -> list[Problem]:
    """Why a fact cannot be recorded; empty if it can. `known`: the programme's records; `branch_members`: what it filed last."""
    if fact.kind not in _RULES:
        return [("unknown_kind", {"kind": fact.kind})]
    if fact.until is not None and fact.until < fact.since:
        return [("ends_before", {"since": fact.since, "until": fact.until})]
    if fact.until == fact.since:
        there = same_fact(as_told(fact)) in {same_fact(row) for row in known}
        return [] if there else [("nothing_to_take_back", {"kind": fact.kind})]
    return list(_RULES[fact.kind](fact, programme, known, branch_members))


def in_force(rows: Sequence[F], kind: str, day: dt.date) -> list[F]:
    """The records of a kind that hold on a day: begun, and not yet at their end. `rows`: as they were entered, oldest first."""
    iso = day.isoformat()
    mine = current(row for row in rows if row["kind"] == kind)
    return [row for row in mine if row["since"] <= iso and (row["until"] or "9999") > iso]


def current(rows: Iterable[F]) -> list[F]:
    """Each fact once, as it was entered last. `rows`: as they were entered, oldest first."""
    return list({same_fact(row): row for row in rows}.values())


def taken_back(row: FactTold) -> bool:
    """Whether a record says that its fact never held."""
    return row["until"] is not None and row["until"] <= row["since"]


def kinds_of(programme: Programme) -> tuple[str, ...]:
    """The kinds of facts that a programme speaks of."""
    swept = programme.gate is not None and bool(programme.gate.sweep_outcomes.value)
    spoken = {"sweep": swept, "contact_point": programme.contact_points is not None}
    return tuple(kind for kind in KINDS if spoken.get(kind, True))


def same_fact(row: FactTold) -> tuple[Any, ...]:
    """What two records of one fact have in common: everything but its end, its note and how many members it is about."""
    said = (row[name] or "" for name in ("kind", "branch_id", "node_id", "other_node_id", "since", "outcome"))
    return tuple(said)


def members_managed(rows: Sequence[FactTold], day: dt.date) -> dict[tuple[str, str], int]:
    """(node, role) → members under dual management or away on a day. Only the role `counts` may be added up; `takes_part` is the
    same members seen from the other side."""
    found: dict[tuple[str, str], int] = {}
    for kind in ("dual_management", "members_away"):
        for row in in_force(rows, kind, day):
            for node, role in ((row["node_id"], "counts"), (row["other_node_id"], "takes_part")):
                if node:
                    found[node, role] = found.get((node, role), 0) + (row["members"] or 0)
    return found


def counted(rows: Sequence[FactTold], day: dt.date) -> dict[tuple[str, str, str], tuple[int, int]]:
    """(Place, kind, outcome) → branches and members on record up to a day, at the side that counts.

    A sweep stays on record and is told by its outcome; of the other kinds those in force count, and the outcome is empty.
    """
    branches: dict[tuple[str, str, str], set[str]] = {}
    members: dict[tuple[str, str, str], int] = {}
    for row in on_record(rows, day):
        key = (row["node_id"], row["kind"], told_outcome(row))
        branches.setdefault(key, set()).add(row["branch_id"])
        members[key] = members.get(key, 0) + (row["members"] or 0)
    return {key: (len(found), members[key]) for key, found in branches.items()}


def on_record(rows: Sequence[F], day: dt.date) -> list[F]:
    """The facts that papers tell as of a day, by kind: those in force, and of sweeps all made up to it. `rows`: oldest first."""
    swept = [row for row in sweeps(rows) if row["since"] <= day.isoformat()]
    return [row for kind in KINDS for row in (swept if kind == "sweep" else in_force(rows, kind, day))]


def told_outcome(row: FactTold) -> str:
    """The outcome by which a fact is told: of a sweep; of a contact point it is a leader's post, and is not."""
    return row["outcome"] or "" if row["kind"] == "sweep" else ""


def sweeps(rows: Iterable[F]) -> list[F]:
    """The sweeps on record, each once; without those taken back. `rows`: as they were entered, oldest first."""
    return [row for row in current(rows) if row["kind"] == "sweep" and not taken_back(row)]


def as_told(fact: Fact) -> FactTold:
    """A fact as the store keeps it, with days as text."""
    return {
        "kind": fact.kind, "branch_id": fact.branch_id, "node_id": fact.node_id, "other_node_id": fact.other_node_id or None,
        "since": fact.since.isoformat(), "until": fact.until.isoformat() if fact.until else None, "members": fact.members,
        "outcome": fact.outcome or None, "note": fact.note.strip(),
    }


def _others(fact: Fact, known: Sequence[FactTold]) -> list[FactTold]:
    """What else of the kind holds on any day on which a fact does."""
    me = as_told(fact)
    mine = current(row for row in known if row["kind"] == fact.kind)
    return [row for row in mine if same_fact(row) != same_fact(me) and not taken_back(row) and _meet(row, me)]


def _meet(one: FactTold, other: FactTold) -> bool:
    """Whether two facts hold on a same day."""
    return one["since"] < (other["until"] or "9999") and other["since"] < (one["until"] or "9999")


def _open_twice(fact: Fact, known: Sequence[FactTold]) -> Iterator[Problem]:
    for row in _others(fact, known):
        if row["branch_id"] == fact.branch_id:
            yield "branch_twice", {"since": row["since"]}


def _rectification(
    fact: Fact, _programme: Programme, known: Sequence[FactTold], _members: int | None
) -> Iterator[Problem]:
    yield from _open_twice(fact, known)


def _sweep(
    fact: Fact, programme: Programme, _known: Sequence[FactTold], _members: int | None
) -> Iterator[Problem]:
    outcomes = programme.gate.sweep_outcomes.by_key if programme.gate else {}
    if fact.outcome and fact.outcome not in outcomes:
        yield "unknown_outcome", {"outcome": fact.outcome}


def _contact_point(
    fact: Fact, programme: Programme, known: Sequence[FactTold], _members: int | None
) -> Iterator[Problem]:
    yield from _open_twice(fact, known)
    if programme.contact_points and programme.contact_points.one_leader_each:
        for row in _others(fact, known):
            if (row["node_id"], row["outcome"]) == (fact.node_id, fact.outcome):
                yield "leader_twice", {"branch_id": row["branch_id"]}


def _two_sides(
    fact: Fact, _programme: Programme, known: Sequence[FactTold], members: int | None
) -> Iterator[Problem]:
    """Members managed from two sides: both named, and together no more than the branch has."""
    if not fact.other_node_id or fact.other_node_id == fact.node_id:
        yield "needs_other", {"kind": fact.kind}
    if not fact.members:
        yield "members_needed", {"kind": fact.kind}
        return
    others = [row for row in _others(fact, known) if row["branch_id"] == fact.branch_id]
    days = {max(row["since"], fact.since.isoformat()) for row in others}
    before = max((sum(row["members"] or 0 for row in others if _holds(row, day)) for day in days), default=0)
    if members is not None and before + fact.members > members:
        yield "members_beyond", {"kind": fact.kind, "members": before + fact.members, "most": members}


def _holds(row: FactTold, day: str) -> bool:
    return row["since"] <= day < (row["until"] or "9999")


_RULES: Mapping[str, Callable[[Fact, Programme, Sequence[FactTold], int | None], Iterator[Problem]]] = {
    "rectification": _rectification,
    "sweep": _sweep,
    "contact_point": _contact_point,
    "dual_management": _two_sides,
    "members_away": _two_sides,
}
