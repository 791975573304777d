"""A period's figures on the divisions of a later day: what changed between the two maps, and the totals drawn anew.

What was filed stays filed: figures follow the place that filed them. A place that was recoded, renamed or moved takes its
figures along; one that was merged away adds them to the place it went into. What was split cannot be divided, since
nothing says which branch stands on which ground: its figures are kept at the place above all its successors.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from etl.core.period import Period
from etl.core.places import LineageEdge, PlaceMap, PlaceOn
from etl.core.programmes.indicators import IndicatorCatalogue
from etl.core.programmes.programme import Programme
from etl.core.register import OWN, Register, SideUnit, build_register

Kind = Literal["recoded", "renamed", "moved", "merged", "split", "new", "ground"]
Figures = Literal["kept", "added", "not_divided", "none", "left"]

FigureKey = tuple[str, str]
"""Indicator and part."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place that stands otherwise on the later map; of a split or merge one for each place it went into.

    `figures`: kept by the place, added to another's, not divided between several, none moved with the ground, or left the
    programme's area with the place.
    """

    kind: Kind
    place_id: str
    code: str
    name: str
    parent: str
    new_place_id: str
    new_code: str
    new_name: str
    new_parent: str
    effective_from: dt.date | None
    document: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Amount:
    """A total: its value and whether it is at least that much."""

    value: Decimal
    at_least: bool = False


def differences(places: PlaceMap, since: dt.date, until: dt.date, top_id: str) -> list[Difference]:
    """What differs between the maps of two days at or under a place, in order of the old codes.

    ValueError if `until` lies before `since`: what was merged cannot be taken apart again.
    """
    if until < since:
        raise ValueError(f"{until} lies before {since}: figures can be drawn on later maps only")
    before, after = _under(places, since, top_id), _under(places, until, top_id)
    found = [
        difference
        for place_id in sorted(before | after)
        for difference in _of_place(places, place_id, since, until, before, after)
    ]
    return sorted(found, key=lambda each: (each.code or each.new_code, each.new_code, each.kind))


def _under(places: PlaceMap, day: dt.date, top_id: str) -> set[str]:
    view = places.on(day)
    if top_id not in view:
        return set()
    return {
        place.place_id
        for place in view
        if place.place_id == top_id or top_id in _above(places, day, place.place_id)
    }


def _above(places: PlaceMap, day: dt.date, place_id: str) -> list[str]:
    return [place.place_id for place in places.on(day).ancestors(place_id)]


def _of_place(
    places: PlaceMap,
    place_id: str,
    since: dt.date,
    until: dt.date,
    before: Collection[str],
    after: Collection[str],
) -> list[Difference]:
    then, now = _standing(places, place_id, since), _standing(places, place_id, until)
    edges = [edge for edge in places.lineage(place_id) if since < edge.effective_from <= until]
    if then is not None and now is not None:
        fate: Figures = "left" if place_id not in after else "kept" if place_id in before else "none"
        changed = _changed(places, then, now, edges, since, until, fate)
        ground = [edge for edge in edges if edge.from_id == place_id and edge.to_id != place_id]
        return [*changed, *(_edge(places, edge, then, since, until, "none") for edge in ground)]
    if then is not None:
        gone = [edge for edge in edges if edge.from_id == place_id and edge.to_id != place_id]
        heirs = successors(places, place_id, since, until)
        figures: Figures = "added" if len(heirs) == 1 else "not_divided"
        if not any(heir in after for heir in heirs):
            figures = "left"
        return [_edge(places, edge, then, since, until, figures) for edge in gone]
    if now is not None and not any(edge.to_id == place_id for edge in edges):
        return [_new(places, now, until)]
    return []  # what it came from tells of it


def _standing(places: PlaceMap, place_id: str, day: dt.date) -> PlaceOn | None:
    view = places.on(day)
    return view.by_id(place_id) if place_id in view else None


def _parent(places: PlaceMap, place: PlaceOn, day: dt.date) -> str:
    return "" if place.parent_id is None else places.on(day).by_id(place.parent_id).name


def _changed(
    places: PlaceMap,
    then: PlaceOn,
    now: PlaceOn,
    edges: Sequence[LineageEdge],
    since: dt.date,
    until: dt.date,
    fate: Figures,
) -> list[Difference]:
    if (then.code, then.name, then.parent_id) == (now.code, now.name, now.parent_id):
        return []
    kind: Kind = (
        "moved" if then.parent_id != now.parent_id else "recoded" if then.code != now.code else "renamed"
    )
    own = [edge for edge in edges if edge.from_id == edge.to_id]
    last = own[-1] if own else None
    return [
        Difference(
            kind, then.place_id, then.code, then.name, _parent(places, then, since), now.place_id, now.code, now.name,
            _parent(places, now, until), last.effective_from if last else None, last.document if last else "", fate,
        )
    ]


def _edge(
    places: PlaceMap, edge: LineageEdge, then: PlaceOn, since: dt.date, until: dt.date, figures: Figures
) -> Difference:
    heirs = successors(places, edge.to_id, since, until)  # what it went into may have gone into another since
    heir = _standing(places, heirs[0], until) if len(heirs) == 1 else None
    stays = _standing(places, edge.from_id, until) is not None
    several = len(successors(places, edge.from_id, since, until)) > 1
    was_there = _standing(places, edge.to_id, since) is not None
    kind: Kind = "ground" if stays and was_there else "split" if stays or several else "merged"
    return Difference(
        kind, edge.from_id, then.code, then.name, _parent(places, then, since), heir.place_id if heir else edge.to_id,
        heir.code if heir else edge.to_code, heir.name if heir else "", _parent(places, heir, until) if heir else "",
        edge.effective_from, edge.document, figures,
    )


def _new(places: PlaceMap, now: PlaceOn, until: dt.date) -> Difference:
    parent = _parent(places, now, until)
    return Difference("new", now.place_id, "", "", "", now.place_id, now.code, now.name, parent, None, "", "none")


def successors(places: PlaceMap, place_id: str, since: dt.date, until: dt.date) -> tuple[str, ...]:
    """The places that a place is on the later day: itself while it stands, else what it went into, and what that did."""
    if place_id in places.on(until):
        return (place_id,)
    found: dict[str, None] = {}
    for edge in places.lineage(place_id):
        if edge.from_id == place_id and edge.to_id != place_id and since < edge.effective_from <= until:
            found |= dict.fromkeys(successors(places, edge.to_id, since, until))
    return tuple(found)


def register_on(
    programme: Programme, places: PlaceMap, side_units: Iterable[SideUnit], period: Period, day: dt.date
) -> Register:
    """The programme's tree on the map of a later day, with the side units of the period at the places of that day."""
    view = places.on(day)

    def code_then(code: str) -> str:
        place_id = places.resolve(code)
        heirs = successors(places, place_id, period.last_day, day) if place_id else ()
        return view.by_id(heirs[0]).code if len(heirs) == 1 else code

    moved = [replace(unit, reports_to=code_then(unit.reports_to)) for unit in side_units]
    top = programme.top.model_copy(update={"code": code_then(programme.top.code)})
    return build_register(programme.model_copy(update={"top": top}), view, moved, period)


def homes(
    then: Register, now: Register, places: PlaceMap, since: dt.date, until: dt.date
) -> dict[str, str | None]:
    """Filing node on the old map → the node of the new map where its figures stand; None where it left the programme."""
    found: dict[str, str | None] = {}
    for unit in then.units:
        node_id = unit.node_id
        if node_id in now.nodes_by_id:
            found[node_id] = node_id
            continue
        own = node_id.endswith(f"-{OWN}")
        heirs = successors(places, node_id.removesuffix(f"-{OWN}"), since, until)
        targets = [f"{heir}-{OWN}" if own and len(heirs) == 1 else heir for heir in heirs]
        found[node_id] = _common([now.above[target] for target in targets if target in now.above])
    return found


def _common(ways: Sequence[Sequence[str]]) -> str | None:
    """The nearest node on all of these ways to the top; None for none."""
    return next((node for node in ways[0] if all(node in way for way in ways)), None) if ways else None


def redrawn(
    filed: Mapping[str, Mapping[FigureKey, Amount]],
    where: Mapping[str, str | None],
    now: Register,
    catalogue: IndicatorCatalogue,
) -> dict[str, dict[FigureKey, Amount]]:
    """Totals of every node of the new map out of the totals that the filing nodes have on the old one.

    What adds up is added, what is derived is recomputed, what does neither stays with the place that filed it.
    """
    sums: defaultdict[str, dict[FigureKey, Amount]] = defaultdict(dict)
    for node_id, figures in filed.items():
        home = where.get(node_id)
        for key, amount in figures.items() if home else ():
            for at in _climbs(now, str(home), catalogue.indicators[key[0]].rollup):
                before = sums[at].get(key, Amount(Decimal(0)))
                sums[at][key] = Amount(before.value + amount.value, before.at_least or amount.at_least)
    for node_id in now.nodes_by_id:
        _derive(sums[node_id], filed, catalogue)
    return dict(sums)


def _climbs(now: Register, home: str, rollup: str) -> Sequence[str]:
    """The nodes at which a figure filed at `home` counts: what does not add up stands there and at its tier's place."""
    if rollup in ("sum", "count_distinct"):
        return now.above[home]
    if rollup == "recompute":
        return ()
    return now.above[home][: 2 if now.node(home).tier == OWN else 1]


def _derive(
    figures: dict[FigureKey, Amount],
    filed: Mapping[str, Mapping[FigureKey, Amount]],
    catalogue: IndicatorCatalogue,
) -> None:
    derived = {
        key for each in filed.values() for key, _ in each if catalogue.indicators[key].kind == "derived"
    }
    values = {key: amount.value for (key, part), amount in figures.items() if part == ""}
    for key in sorted(derived):
        indicator = catalogue.indicators[key]
        value = indicator.parsed_formula.value(values)
        if value is not None:
            figures[key, ""] = Amount(round(value * Decimal(str(indicator.scale)), 6))
