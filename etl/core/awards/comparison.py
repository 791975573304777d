"""Do the scores of two years compare: what changed in the rubric between them."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from etl.core.programmes.rubric import Rubric, RubricItem

Said = tuple[str, dict[str, Any]]  # a key of the catalogue's section `comparison`, and its values


@dataclass(frozen=True)
class Comparison:
    """Whether scores may be set side by side, and what must be said with them or instead."""

    holds: bool
    said: tuple[Said, ...]


def comparison(rubric: Rubric, before: dt.date, after: dt.date) -> Comparison:
    """Whether scores under the rubric of two days compare.

    Refused where the total or the dimensions and their weights differ; items that changed within a dimension are footnoted.
    """
    totals = rubric.total.on(before), rubric.total.on(after)
    if totals[0] != totals[1]:
        return Comparison(False, (("total_changed", {"before": totals[0], "after": totals[1]}),))
    weights = [{each.key: each.weight.on(day) for each in rubric.dimensions} for day in (before, after)]
    if weights[0] != weights[1]:
        return Comparison(False, (("dimensions_changed", {}),))
    notes = tuple(_notes(rubric, before, after))
    return Comparison(True, notes or (("holds", {}),))


def _notes(rubric: Rubric, before: dt.date, after: dt.date) -> Iterator[Said]:
    old, new = (_items(rubric, day) for day in (before, after))
    for key in sorted({*old, *new}):
        values: dict[str, Any] = {"year": after.year, "item": (new.get(key) or old[key]).zh}
        if key not in old:
            yield "added", {**values, "after": new[key].points}
        elif key not in new:
            yield "dropped", {**values, "before": old[key].points}
        elif (old[key].points, old[key].how) != (new[key].points, new[key].how):
            yield "footnote", {**values, "before": old[key].points, "after": new[key].points}


def _items(rubric: Rubric, day: dt.date) -> dict[str, RubricItem]:
    return {item.key: item for item in rubric.all_items() if item.in_force(day)}
