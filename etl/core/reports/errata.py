"""Errata: which figures of a report that has left move with a newer edition, and the notice that says so.

Two editions are compared by their models, in everything that `etl.core.reports.errata_shown` finds in them: figures, ranks,
activities, issues, findings, and the lists. What is shown alike has not moved, whatever its last digits do.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, TypedDict, cast

from etl.core.reports.editions import Model
from etl.core.reports.errata_shown import Counts, Place, Shown, came_and_left, ranks_moved, shown_in_both
from etl.core.reports.figure_rows import Direction
from etl.core.reports.figure_text import trimmed
from etl.core.reports.model import HeadPart, PaperEdition, Report, Words
from etl.core.wording import Wording, day_text


@dataclass(frozen=True)
class Moved:
    """One figure that moved: whose, which, and how it was and is shown.

    Of a list `came` and `left` are those who stand in it now and did not, and the other way round; `ranks` the places of a
    ranking that moved: name, place before, place now. `words`: what moved are a unit's own words. `address`: where the figure is
    explained.
    """

    node_id: str
    name: str
    key: str
    zh: str
    unit_zh: str
    old: str
    new: str
    by: str
    direction: Direction
    came: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    ranks: tuple[tuple[str, int, int], ...] = ()
    words: bool = False
    address: str = ""


class MovedRow(TypedDict):
    """A `Moved` in the model, as JSON has it."""

    node_id: str
    name: str
    key: str
    zh: str
    unit_zh: str
    old: str
    new: str
    by: str
    direction: Direction
    came: list[str]
    left: list[str]
    ranks: list[list[str | int]]
    words: bool
    address: str


class Corrected(TypedDict):
    """An edition that a 更正通报 names: the one that left, or the one that comes in its place."""

    revision: int
    digest: str
    issued_on_zh: str
    title: str
    number: str


class Erratum(TypedDict):
    """A 更正通报 without its prose: which edition it corrects by which, why, what moved; `own`: rows about the node itself."""

    kind: Literal["erratum"]
    edition: PaperEdition
    head: HeadPart
    corrects: Corrected
    by: Corrected
    reason: str
    own: int
    rows: list[MovedRow]


class ErratumPaper(Erratum, Words):
    """A 更正通报 with its words; `replaces` and `brings`: ids of the edition that left and of the newer one."""

    replaces: str
    brings: str


def as_erratum(paper: Model) -> ErratumPaper:
    """A paper as it was kept, as the 更正通报 that it is; ValueError for any other kind of paper."""
    if paper["kind"] != "erratum":
        raise ValueError(f"an erratum is asked for, not a paper of the kind {paper['kind']!r}")
    return cast(ErratumPaper, paper)


def moved_figures(old: Report, new: Report, counts: Counts, words: Wording) -> list[Moved]:
    """What is shown otherwise in the newer edition of a node's report: its own figures first, then those below it."""
    before, after = shown_in_both(old, new, counts)
    places = [*after, *(place for place in before if place not in after)]
    moved = (_moved(place, before.get(place), after.get(place), words) for place in places)
    found = [each for each in moved if each is not None]
    own = new["edition"]["node_id"]
    return sorted(found, key=lambda each: each.node_id != own)


def _moved(place: Place, old: Shown | None, new: Shown | None, words: Wording) -> Moved | None:
    """What moved at one place; None where it is shown as it was."""
    here = new or old
    if here is None or (here.only_in_both and not (old and new)):
        return None
    absent = ("0", 0.0) if here.counted else (words.numbers.none, None)
    was, was_number = (old.cell, old.number) if old else absent
    now, now_number = (new.cell, new.number) if new else absent
    came, left = came_and_left(old, new)
    ranks = ranks_moved(old, new)
    if was == now and not (came or left or ranks):
        return None
    by, direction = _difference(was_number, now_number, here.unit_zh, words) if was != now else ("", "same")
    return Moved(
        place[0], here.name, place[1], here.zh, here.unit_zh, was, now, by, direction, came, left, ranks, here.words,
        here.address or "#".join(place),
    )


def _difference(old: float | None, new: float | None, unit_zh: str, words: Wording) -> tuple[str, Direction]:
    """By how much, signed, and in which direction; nothing where one of the two is not known."""
    if old is None or new is None:
        return "", "same"
    by = Decimal(str(new)) - Decimal(str(old))
    shown = by * 100 if unit_zh == "%" else by
    plain = trimmed(abs(shown.quantize(Decimal("0.1"), ROUND_HALF_UP) if unit_zh == "%" else shown), grouped=True)
    sign = "+" if by > 0 else words.numbers.minus if by < 0 else ""
    return f"{sign}{plain}", "up" if by > 0 else "down" if by < 0 else "same"


def build_erratum(
    old: Report,
    new: Report,
    moved: Sequence[Moved],
    reason: str,
    issued_on: dt.date,
    revision: int,
    words: Wording,
) -> Erratum:
    """The 更正通报 of one node as a JSON-able model, without its prose; in the name of the report that it corrects."""
    edition = new["edition"]
    return {
        "kind": "erratum",
        "edition": {
            "programme": edition["programme"],
            "programme_zh": edition["programme_zh"],
            "period": edition["period"],
            "period_zh": edition["period_zh"],
            "node_id": edition["node_id"],
            "name": edition["name"],
            "tier": edition["tier"],
            "key": f"{edition['period']}/{edition['programme']}/{edition['node_id']}/erratum/r{revision}",
            "revision": revision,
            "issued_on": issued_on.isoformat(),
            "issued_on_zh": day_text(issued_on, words),
        },
        "head": new["head"],
        "corrects": _corrected(old),
        "by": _corrected(new),
        "reason": reason.strip().rstrip("。"),
        "own": sum(each.node_id == edition["node_id"] for each in moved),
        "rows": [_row(each) for each in moved],
    }


def _row(moved: Moved) -> MovedRow:
    return {
        "node_id": moved.node_id,
        "name": moved.name,
        "key": moved.key,
        "zh": moved.zh,
        "unit_zh": moved.unit_zh,
        "old": moved.old,
        "new": moved.new,
        "by": moved.by,
        "direction": moved.direction,
        "came": list(moved.came),
        "left": list(moved.left),
        "ranks": [list(each) for each in moved.ranks],
        "words": moved.words,
        "address": moved.address,
    }


def _corrected(model: Report) -> Corrected:
    edition = model["edition"]
    return {
        "revision": edition["revision"],
        "digest": edition.get("digest", ""),
        "issued_on_zh": edition["issued_on_zh"],
        "title": "".join(model["head"]["title_lines"]),
        "number": model["head"]["number"],
    }
