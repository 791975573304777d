"""Who must report: submitting units, the batches they are worked in, and the tree their figures roll up."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from etl.core.period import Period
from etl.core.places import Division, PlaceMap, PlaceOn, PlacesOn
from etl.core.programmes.programme import Programme
from etl.core.working_days import add_working_days, next_working_day_on_or_after

OWN = "own"


@dataclass(frozen=True, slots=True)
class SideUnit:
    """A unit outside the county tree, as listed in a programme's units.csv."""

    code: str
    name: str
    kind: str
    reports_to: str
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None

    def stands_on(self, day: dt.date) -> bool:
        """Whether the unit exists on that day: from `valid_from`, before `valid_to`."""
        return (self.valid_from or dt.date.min) <= day < (self.valid_to or dt.date.max)


@dataclass(frozen=True, slots=True)
class Unit:
    """One submitting unit of one period. Its figures stand at `node_id`, under `parent_id`."""

    unit_id: str
    code: str
    name: str
    kind: str
    node_id: str
    parent_id: str | None
    batch_id: str
    must_report: bool


@dataclass(frozen=True, slots=True)
class Node:
    """A point of the reporting tree."""

    node_id: str
    parent_id: str | None
    tier: str
    code: str
    name: str


@dataclass(frozen=True)
class Register:
    """All units and nodes of a programme in one period, in code order."""

    units: tuple[Unit, ...]
    nodes: tuple[Node, ...]

    @cached_property
    def units_by_id(self) -> Mapping[str, Unit]:
        """Unit id → unit, in code order."""
        return {unit.unit_id: unit for unit in self.units}

    @cached_property
    def nodes_by_id(self) -> Mapping[str, Node]:
        """Node id → node, in code order."""
        return {node.node_id: node for node in self.nodes}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Node or unit id → its name."""
        names = {node.node_id: node.name for node in self.nodes}
        return names | {unit.unit_id: unit.name for unit in self.units}

    @cached_property
    def above(self) -> Mapping[str, tuple[str, ...]]:
        """Node id → the node itself and those above it, lowest first: the way that sums climb."""
        return {node_id: tuple(self._climb(node_id)) for node_id in self.nodes_by_id}

    def _climb(self, node_id: str) -> Iterator[str]:
        at: str | None = node_id
        while at is not None:
            yield at
            at = self.nodes_by_id[at].parent_id

    def unit(self, unit_id: str) -> Unit:
        """The unit with that id; KeyError if it does not report in this period."""
        return self.units_by_id[unit_id]

    def node(self, node_id: str) -> Node:
        """The node with that id; KeyError if there is none."""
        return self.nodes_by_id[node_id]

    def batch_ids(self) -> tuple[str, ...]:
        """Batches in code order; the batch of the top's own side units comes last."""
        ordered = dict.fromkeys(unit.batch_id for unit in self.units)
        top = self.top.node_id
        return (*(batch for batch in ordered if batch != top), *([top] if top in ordered else []))

    def batch(self, batch_id: str) -> tuple[Unit, ...]:
        """The units of one batch; KeyError if there is no such batch."""
        units = tuple(unit for unit in self.units if unit.batch_id == batch_id)
        if not units:
            raise KeyError(batch_id)
        return units

    @property
    def top(self) -> Node:
        """The node everything rolls up to."""
        return next(node for node in self.nodes if node.parent_id is None)

    def children(self, node_id: str) -> tuple[Node, ...]:
        """The nodes straight under one, in code order."""
        return tuple(node for node in self.nodes if node.parent_id == node_id)

    def subtree(self, node_id: str) -> frozenset[str]:
        """The ids of a node and all below it."""
        return frozenset(node for node, above in self.above.items() if node_id in above)


def build_register(
    programme: Programme, places: PlacesOn, side_units: Iterable[SideUnit], period: Period
) -> Register:
    """The register of a period on the map of its last day.

    Counties (or whatever tier submits) come from the map; side units from their list; each tier with `own_figures` has a
    unit of its own that may file but need not. Tiers that the programme does not have are skipped.
    Raises ValueError when a side unit reports to a place outside the programme, or is listed twice for the day.
    """
    top = places.by_code(programme.top.code)
    if top is None:
        raise ValueError(f"no place has the code {programme.top.code} on {period.last_day}")
    standing = _standing_places(programme, places, top)
    nodes = [_place_node(place, parent) for place, parent in standing]
    units = [*_submitting_units(programme, standing), *_own_units(programme, standing)]
    by_code = {place.code: place for place, _ in standing}
    standing_units = [listed for listed in side_units if listed.stands_on(period.last_day)]
    for code, times in Counter(listed.code for listed in standing_units).items():
        if times > 1:
            raise ValueError(f"{code}: listed {times} times for {period.last_day}")
    for listed in standing_units:
        if listed.reports_to not in by_code:
            raise ValueError(f"{listed.code}: reports to {listed.reports_to}, which is not in the programme")
        units.append(_side_unit(listed, by_code[listed.reports_to]))
    batches = _batches(top, standing)
    placed = [_in_batch(unit, batches) for unit in units]
    seen = {node.node_id for node in nodes}
    nodes += [Node(u.node_id, u.parent_id, u.kind, u.code, u.name) for u in placed if u.node_id not in seen]
    return Register(
        units=tuple(sorted(placed, key=lambda unit: (unit.code, unit.unit_id))),
        nodes=tuple(sorted(nodes, key=lambda node: (node.code, node.node_id))),
    )


def titles_nowhere(programme: Programme, places: PlaceMap) -> list[tuple[str, str]]:
    """(Level, code) of titles of a place's own whose code no place of the level's tier in the programme ever bears.

    A place that changes its code while the programme is in force is written with each of its codes.
    """
    return [
        (level.key, code)
        for level in programme.levels
        for code in level.titles
        if not any(_is_of(programme, places, span, level.tier) for span in _spans(places, code))
    ]


def _spans(places: PlaceMap, code: str) -> Iterator[Division]:
    place_id = places.resolve(code)
    return (span for span in places.codes_of(place_id or "") if span.code == code)


def _is_of(programme: Programme, places: PlaceMap, span: Division, tier: str) -> bool:
    """Whether a place of that tier stands in the programme under a code, on the first day on which both are in force."""
    day = max(span.valid_from, programme.valid.since)
    if span.tier != tier or day >= span.valid_to or day > (programme.valid.until or day):
        return False
    view, place_id = places.on(day), places.resolve(span.code) or ""
    inside = (place_id, *(above.place_id for above in view.ancestors(place_id)))
    return places.resolve(programme.top.code) in inside


def unlike_counts(programme: Programme, register: Register) -> list[tuple[str, int, int]]:
    """Tiers and kinds of side units of which the programme counts more or fewer than there are: name, its count, the register's.

    Where the programme says at least, more are no difference.
    """
    tiers = Counter(node.tier for node in register.nodes)
    kinds = Counter(unit.kind for unit in register.units)
    said = [(tier.zh, tier.count, tiers[tier.tier], False) for tier in programme.tiers[1:]]
    said += [(each.zh, each.count, kinds[each.kind], each.qualifier == "at_least") for each in programme.side_units]
    return [
        (name, count, found)
        for name, count, found, at_least in said
        if count is not None and (found < count or (found > count and not at_least))
    ]


def due_day(programme: Programme, period: Period) -> dt.date:
    """The last day on which a return is on time: the configured day, or the next working day."""
    month = period.last_day.month - 1 + programme.due.months_after
    day = dt.date(period.last_day.year + month // 12, month % 12 + 1, programme.due.day)
    return next_working_day_on_or_after(day)


def cutoff_day(programme: Programme, period: Period) -> dt.date:
    """The day after which a missing unit is settled as missing and the roll-up goes on without it."""
    return add_working_days(due_day(programme, period), programme.due.cutoff_working_days)


def _standing_places(
    programme: Programme, places: PlacesOn, top: PlaceOn
) -> list[tuple[PlaceOn, str | None]]:
    """Places from the submitting tier up to the top, each with the id of its parent in the programme's tree."""
    if programme.submitting_tier is None:
        return [(top, None)]
    kept = set(programme.tier_keys()[programme.height(programme.submitting_tier) :])
    standing: list[tuple[PlaceOn, str | None]] = [(top, None)]
    below = (place for tier in kept - {top.tier} for place in places.descendants(top.place_id, tier))  # type: ignore[arg-type]  # a programme's tier may be one the map has not, and then has no places
    for place in below:
        parent = next(above for above in places.ancestors(place.place_id) if above.tier in kept)
        standing.append((place, parent.place_id))
    return standing


def _place_node(place: PlaceOn, parent_id: str | None) -> Node:
    return Node(place.place_id, parent_id, place.tier, place.code, place.name)


def _submitting_units(programme: Programme, standing: list[tuple[PlaceOn, str | None]]) -> list[Unit]:
    return [
        Unit(place.place_id, place.code, place.name, place.tier, place.place_id, parent, "", must_report=True)
        for place, parent in standing
        if place.tier == programme.submitting_tier
    ]


def _own_units(programme: Programme, standing: list[tuple[PlaceOn, str | None]]) -> list[Unit]:
    tiers = {tier.tier for tier in programme.tiers if tier.own_figures}
    own = {f"{place.place_id}-{OWN}": place for place, _ in standing if place.tier in tiers}
    return [
        Unit(unit_id, place.code, place.name, OWN, unit_id, place.place_id, "", must_report=False)
        for unit_id, place in own.items()
    ]


def _side_unit(listed: SideUnit, parent: PlaceOn) -> Unit:
    unit_id = f"U{listed.code}"
    return Unit(
        unit_id, listed.code, listed.name, listed.kind, unit_id, parent.place_id, "", must_report=True
    )


def _batches(top: PlaceOn, standing: list[tuple[PlaceOn, str | None]]) -> dict[str, str]:
    """Place id → the place just under the top that it belongs to; places that submit straight to the top go with it."""
    parents = {place.place_id: parent for place, parent in standing}
    has_children = set(parents.values())
    batches = {top.place_id: top.place_id}
    for place_id in parents:
        at: str = place_id
        while (above := parents[at]) is not None and above != top.place_id:
            at = above
        batches[place_id] = at if at in has_children else top.place_id
    return batches


def _in_batch(unit: Unit, batches: dict[str, str]) -> Unit:
    at = unit.node_id if unit.node_id in batches else unit.parent_id or ""
    return replace(unit, batch_id=batches[at])
