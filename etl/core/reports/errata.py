"""Errata: which figures of a report that has left move with a newer edition, and the notice that says so.

Two editions are compared by their models, in everything that `etl.core.reports.errata_shown` finds in them: figures, ranks,
activities, issues, findings, and the lists. What is shown alike has not moved, whatever its last digits do.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from etl.core.reports.editions import Model
from etl.core.reports.errata_shown import Counts, Place, Shown, came_and_left, ranks_moved, shown_in_both
from etl.core.reports.figure_text import trimmed
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
    direction: str
    came: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    ranks: tuple[tuple[str, int, int], ...] = ()
    words: bool = False
    address: str = ""


def moved_figures(old: Model, new: Model, counts: Counts, words: Wording) -> list[Moved]:
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


def _difference(old: float | None, new: float | None, unit_zh: str, words: Wording) -> tuple[str, str]:
    """By how much, signed, and in which direction; nothing where one of the two is not known."""
    if old is None or new is None:
        return "", "same"
    by = Decimal(str(new)) - Decimal(str(old))
    shown = by * 100 if unit_zh == "%" else by
    plain = trimmed(abs(shown.quantize(Decimal("0.1"), ROUND_HALF_UP) if unit_zh == "%" else shown), grouped=True)
    sign = "+" if by > 0 else words.numbers.minus if by < 0 else ""
    return f"{sign}{plain}", "up" if by > 0 else "down" if by < 0 else "same"


def build_erratum(
    old: Model,
    new: Model,
    moved: Sequence[Moved],
    reason: str,
    issued_on: dt.date,
    revision: int,
    words: Wording,
) -> dict[str, Any]:
    """The 更正通报 of one node as a JSON-able model, without its prose; in the name of the report that it corrects."""
    edition = new["edition"]
    return {
        "kind": "erratum",
        "edition": {
            **{
                name: edition[name]
                for name in ("programme", "programme_zh", "period", "period_zh", "node_id", "name", "tier")
            },
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
        "rows": [asdict(each) for each in moved],
    }


def _corrected(model: Model) -> Mapping[str, Any]:
    edition = model["edition"]
    return {
        "revision": edition["revision"],
        "digest": edition.get("digest", ""),
        "issued_on_zh": edition["issued_on_zh"],
        "title": "".join(model["head"]["title_lines"]),
        "number": model["head"]["number"],
    }
