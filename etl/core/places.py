"""The map of divisions on any day: places that last, and the codes, names and parents they had.

A division code (GB/T 2260) changes when a county becomes a city or a district; the place does not. So a
place has a stable id, ``P`` + the earliest code known for it, and dated spans say under which code and name
it stood where. A span holds from its first day up to, not including, `valid_to`. A period uses the map of
its last day. The shipped data has a history for four provinces only (37, 42, 52, 53), from about 2010;
elsewhere, and before that, the table known answers for any day. etl/places/README.md has the sources and
says how merged places go on.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from etl.core.period import Period

Tier = Literal["province", "prefecture", "county"]


@dataclass(frozen=True, slots=True)
class Division:
    """One code with one name and parent over a span of days; a row of divisions.csv."""

    code: str
    name: str
    parent_code: str
    """Empty for a province."""
    tier: Tier
    valid_from: date = date.min
    """First day; date.min: as far back as is known."""
    valid_to: date = date.max
    """First day it no longer holds; date.max: holds today."""


@dataclass(frozen=True, slots=True)
class Change:
    """A code that gave way, or ground, to another; a row of changes.csv."""

    kind: str
    from_code: str
    to_code: str
    continues: bool
    """Whether `to_code` is the same place as `from_code`."""
    effective_from: date
    precision: str
    """How exact the day is: day, table (first code table showing it) or year."""
    document: str = ""


@dataclass(frozen=True, slots=True)
class LineageEdge:
    """A change as seen from places; `from_id` equals `to_id` for a recode or rename."""

    kind: str
    from_id: str
    to_id: str
    from_code: str
    to_code: str
    effective_from: date
    precision: str
    document: str


@dataclass(frozen=True, slots=True)
class PlaceOn:
    """A place as it stood on some day."""

    place_id: str
    code: str
    name: str
    tier: Tier
    parent_id: str | None
    """None for a province; the province for a county that hangs straight on it (省直辖)."""


class PlacesOn:
    """All divisions of one day. Lists of places are in order of their codes."""

    def __init__(self, places: Iterable[PlaceOn]) -> None:
        """Raises ValueError when two share a code or an id, or when a parent is missing."""
        ordered = sorted(places, key=lambda place: place.code)
        self._by_id = {place.place_id: place for place in ordered}
        self._by_code = {place.code: place for place in ordered}
        if not len(ordered) == len(self._by_id) == len(self._by_code):
            raise ValueError("Two divisions of one day share a code or are the same place.")
        self._children: dict[str, list[PlaceOn]] = defaultdict(list)
        for place in ordered:
            if place.parent_id is not None:
                self._children[place.parent_id].append(place)
        orphaned = self._children.keys() - self._by_id.keys()
        if orphaned:
            raise ValueError(f"Divisions of one day hang on places that are not there: {sorted(orphaned)}.")

    def __iter__(self) -> Iterator[PlaceOn]:
        return iter(self._by_code.values())

    def __len__(self) -> int:
        return len(self._by_code)

    def __contains__(self, place_id: object) -> bool:
        return place_id in self._by_id

    def by_code(self, code: str) -> PlaceOn | None:
        """The place that bore `code` on that day, or None; an outdated code is not found here."""
        return self._by_code.get(code)

    def by_id(self, place_id: str) -> PlaceOn:
        """The place as it stood on that day. KeyError when it did not exist then (`in` asks first)."""
        return self._by_id[place_id]

    def children(self, place_id: str, tier: Tier | None = None) -> tuple[PlaceOn, ...]:
        """The places right under this one, of one tier if named; a province may have counties among them."""
        below = self._children.get(place_id, ())
        return tuple(place for place in below if tier is None or place.tier == tier)

    def ancestors(self, place_id: str) -> tuple[PlaceOn, ...]:
        """The places above this one, nearest first. KeyError when it did not exist on that day."""
        parent_id = self._by_id[place_id].parent_id
        return () if parent_id is None else (self._by_id[parent_id], *self.ancestors(parent_id))

    def descendants(self, place_id: str, tier: Tier) -> tuple[PlaceOn, ...]:
        """All places of a tier anywhere under this one."""
        found = [place for child in self.children(place_id) for place in self._self_and_below(child)]
        return tuple(sorted((p for p in found if p.tier == tier), key=lambda place: place.code))

    def _self_and_below(self, place: PlaceOn) -> Iterator[PlaceOn]:
        yield place
        for child in self.children(place.place_id):
            yield from self._self_and_below(child)


class PlaceMap:
    """The divisions of all days and what became of them."""

    def __init__(self, divisions: Iterable[Division], changes: Iterable[Change]) -> None:
        """Raises ValueError when a change names an unknown code or would make one code two places."""
        rows = sorted(divisions, key=lambda row: (row.valid_from, row.code))
        dated = sorted(changes, key=lambda change: (change.effective_from, change.from_code))
        self._place_of = _place_ids({row.code for row in rows}, dated)
        self._spans: dict[str, list[Division]] = defaultdict(list)
        for row in rows:
            self._spans[self._place_of[row.code]].append(row)
        self._edges = tuple(self._edge(change) for change in dated)
        edge_days = {day for row in rows for day in (row.valid_from, row.valid_to)}
        self.change_days = tuple(sorted(edge_days - {date.min, date.max}))
        """The days on which the map differs from the day before."""
        self._views: dict[int, PlacesOn] = {}

    def on(self, day: date) -> PlacesOn:
        """The map as valid on `day`; made once for all days between two changes."""
        epoch = bisect_right(self.change_days, day)
        if epoch not in self._views:
            self._views[epoch] = PlacesOn(self._standing(day))
        return self._views[epoch]

    def for_period(self, period: Period) -> PlacesOn:
        """The map a period uses: the one valid on its last day."""
        return self.on(period.last_day)

    def resolve(self, code: str) -> str | None:
        """The id of the place that bears or ever bore `code`, whatever the day; None for an unknown code."""
        return self._place_of.get(code)

    def codes_of(self, place_id: str) -> tuple[Division, ...]:
        """The spans of a place, earliest first; empty for an unknown id."""
        return tuple(self._spans.get(place_id, ()))

    def lineage(self, place_id: str) -> tuple[LineageEdge, ...]:
        """Every change the place took part in, earliest first; recodes and renames too."""
        return tuple(edge for edge in self._edges if place_id in (edge.from_id, edge.to_id))

    def _standing(self, day: date) -> Iterator[PlaceOn]:
        for place_id, spans in self._spans.items():
            for row in spans:
                if row.valid_from <= day < row.valid_to:
                    parent_id = self._place_of[row.parent_code] if row.parent_code else None
                    yield PlaceOn(place_id, row.code, row.name, row.tier, parent_id)

    def _edge(self, change: Change) -> LineageEdge:
        return LineageEdge(
            change.kind,
            self._place_of[change.from_code],
            self._place_of[change.to_code],
            change.from_code,
            change.to_code,
            change.effective_from,
            change.precision,
            change.document,
        )


def _place_ids(codes: set[str], dated: Iterable[Change]) -> dict[str, str]:
    """The place of every code. Changes come in order of time, so an origin is named before its successors."""
    place_of: dict[str, str] = {}
    for change in dated:
        unknown = {change.from_code, change.to_code} - codes
        if unknown:
            raise ValueError(f"A change of {change.effective_from} names unknown codes: {sorted(unknown)}.")
        if change.continues:
            origin = place_of.setdefault(change.from_code, f"P{change.from_code}")
            known = place_of.setdefault(change.to_code, origin)
            if known != origin:
                raise ValueError(f"{change.to_code} would continue both {known} and {origin}.")
    return {code: place_of.get(code, f"P{code}") for code in codes}
