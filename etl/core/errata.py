"""Errata: which figures of a report that has left move with a newer edition, and the notice that says so.

Two editions are compared by their models: the headline, the ranked figures of the nodes below, and how the returns stand.
What is shown alike has not moved, whatever its last digits do.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from etl.core.editions import Model
from etl.core.indicators import Model as Named
from etl.core.wording import Wording, day_text


class CountName(Named):
    """How a count of returns is called, and its unit."""

    zh: str
    unit_zh: str


Counts = Mapping[str, CountName]
"""Count of `quality` → its name; what is not named is not compared."""


@dataclass(frozen=True)
class Moved:
    """One figure that moved: whose, which, and how it was and is shown."""

    node_id: str
    name: str
    key: str
    zh: str
    unit_zh: str
    old: str
    new: str
    by: str
    direction: str

    @property
    def address(self) -> str:
        """Where the figure is explained."""
        return f"{self.node_id}#{self.key}"


def moved_figures(old: Model, new: Model, counts: Counts, words: Wording) -> list[Moved]:
    """What is shown otherwise in the newer edition of a node's report: its own figures first, then those below it."""
    before, after = _shown(old, counts), _shown(new, counts)
    found = []
    for place, (name, zh, unit_zh, cell, number) in after.items():
        was = before.get(place)
        old_cell = was[3] if was else words.numbers.none
        if old_cell != cell:
            by, direction = _difference(was[4] if was else None, number, unit_zh, words)
            found.append(Moved(place[0], name, place[1], zh, unit_zh, old_cell, cell, by, direction))
    for place, (name, zh, unit_zh, cell, _) in before.items():
        if place not in after and cell != words.numbers.none:
            found.append(Moved(place[0], name, place[1], zh, unit_zh, cell, words.numbers.none, "", "same"))
    return found


_Shown = tuple[str, str, str, str, float | None]


def _shown(model: Model, counts: Counts) -> dict[tuple[str, str], _Shown]:
    """(Node, figure) → name, figure's name, unit, cell, number; a figure that stands twice is there once."""
    found: dict[tuple[str, str], _Shown] = {}
    for place, shown in (*_own(model, counts), *_below(model)):
        found.setdefault(place, shown)
    return found


def _own(model: Model, counts: Counts) -> Iterator[tuple[tuple[str, str], _Shown]]:
    node_id, name = model["edition"]["node_id"], model["edition"]["name"]
    for figure in (*model["headline"], model["ranking"]["figure"]):
        yield (
            (node_id, figure["key"]),
            (name, figure["zh"], figure["unit_zh"], figure["cell"], figure["number"]),
        )
    for key, called in counts.items():
        count = model["quality"][key]
        yield (node_id, f"completeness.{key}"), (name, called.zh, called.unit_zh, str(count), count)


def _below(model: Model) -> Iterator[tuple[tuple[str, str], _Shown]]:
    ranking = model["ranking"]
    figure, columns = ranking["figure"], ranking["columns"]
    for group in ranking["groups"]:
        for row in group["rows"]:
            place = row["node_id"], figure["key"]
            yield place, (row["name"], figure["zh"], figure["unit_zh"], row["cell"], row["number"])
            for column, cell, number in zip(columns, row["cells"], row["numbers"], strict=True):
                yield (
                    (row["node_id"], column["key"]),
                    (row["name"], column["zh"], column["unit_zh"], cell, number),
                )


def _difference(old: float | None, new: float | None, unit_zh: str, words: Wording) -> tuple[str, str]:
    """By how much, signed, and in which direction; nothing where one of the two is not known."""
    if old is None or new is None:
        return "", "same"
    by = Decimal(str(new)) - Decimal(str(old))
    shown = by * 100 if unit_zh == "%" else by
    text = f"{abs(shown.quantize(Decimal('0.1')) if unit_zh == '%' else shown):,f}"
    plain = text.rstrip("0").rstrip(".") if "." in text else text
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
        "rows": [asdict(each) | {"address": each.address} for each in moved],
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
