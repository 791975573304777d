"""Reads the data shipped inside the package."""

import csv
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import cast

from etl.core.places import Change, Division, PlaceMap, Tier

_PACKAGE = Path(__file__).parent.parent


@cache
def load_places() -> PlaceMap:
    """The map of divisions of etl/places, read once a process. ValueError when rows contradict each other."""
    return PlaceMap(_divisions(), _changes())


def _divisions() -> Iterator[Division]:
    for code, name, parent_code, tier, valid_from, valid_to in _rows("places/divisions.csv"):
        since = date.fromisoformat(valid_from) if valid_from else date.min
        until = date.fromisoformat(valid_to) if valid_to else date.max
        yield Division(code, name, parent_code, cast(Tier, tier), since, until)


def _changes() -> Iterator[Change]:
    for _, kind, old, new, continues, day, precision, document, _ in _rows("places/changes.csv"):
        yield Change(kind, old, new, continues == "yes", date.fromisoformat(day), precision, document)


def _rows(name: str) -> Iterator[list[str]]:
    with (_PACKAGE / name).open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        yield from rows
