"""How names stand on a page: grouped by place in division order, in columns, short personal names spaced out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypedDict

from etl.core.register import OWN, Register
from etl.core.wording import one_line

WIDE_SPACE = "\u3000"
LARGE_LINE, SMALL_LINE = 28, 36
"""Characters a line holds in the body's size (GB/T 9704-2012, 5.2.3) and in the smaller one of long lists."""
LONG_LIST = 120
"""A list of more names is set in the smaller size: it would fill more than six pages."""
MOST_COLUMNS = {"large": 5, "small": 7}
BETWEEN = 1
"""Characters between two columns."""
INDENT = 4
"""Characters that names stand in from the left, below the name of their place."""

Size = Literal["large", "small"]


class PlaceNames(TypedDict):
    """The names of one place, empty for those straight under the list's own; as they are set."""

    place: str
    count: int
    names: list[str]


class NameList(TypedDict):
    """A titled list of names by place. `people`: of persons, not of branches; `size`: of its type; `columns`: side by side."""

    zh: str
    count: int
    people: bool
    size: Size
    columns: int
    groups: list[PlaceNames]


def spaced(name: str) -> str:
    """A personal name of two characters as wide as one of three; any other as it is.

    >>> spaced("王芳"), spaced("王建国"), spaced("王 芳")
    ('王\u3000芳', '王建国', '王\u3000芳')
    """
    bare = "".join(name.split())
    return WIDE_SPACE.join(bare) if len(bare) == 2 else one_line(name)


def columns_for(names: Iterable[str], size: Size) -> int:
    """How many columns hold the longest name on one line; at least one.

    >>> columns_for(["王建国"], "large"), columns_for(["五华区教育局离退休干部党支部"], "large")
    (5, 1)
    >>> columns_for(["五华区教育局离退休干部党支部"], "small"), columns_for(["古丽娜尔·阿不都拉"], "large")
    (2, 2)
    """
    longest = max((_width(name) for name in names), default=1)
    room = (LARGE_LINE if size == "large" else SMALL_LINE) - INDENT
    return max(1, min(MOST_COLUMNS[size], int((room + BETWEEN) // (longest + BETWEEN))))


def _width(name: str) -> float:
    """Characters across, Latin letters and digits by half."""
    return sum(0.5 if character.isascii() else 1.0 for character in name)


def name_list(
    title: str, entries: Iterable[tuple[str, str]], register: Register, node_id: str, of_people: bool
) -> NameList:
    """A titled list of (unit id, name) under a node: groups by the place just below it, in division order.

    Within a place by unit in code order, of one unit by name. Where nothing lies below, people stand by unit, as two of one name
    would read as one named twice; branches, whose names say it, in one group without a place. Nothing in it depends on the
    order given.
    """
    below = places_below(register, node_id)
    order = {unit.unit_id: at for at, unit in enumerate(register.units)}
    by_place: dict[str, list[tuple[int, str]]] = {}
    for unit_id, name in entries:
        shown = spaced(name) if of_people else one_line(name)
        by_place.setdefault(below.get(unit_id, ""), []).append((order.get(unit_id, len(order)), shown))
    if of_people and not below:
        groups = _by_unit(by_place.get("", []), register)
    else:
        nodes = register.nodes_by_id
        places = sorted(by_place, key=lambda each: (each == "", nodes[each].code if each in nodes else each))
        groups = [_group(nodes[place].name if place in nodes else "", sorted(by_place[place])) for place in places]
    names = [name for group in groups for name in group["names"]]
    size: Size = "large" if len(names) <= LONG_LIST else "small"
    return {
        "zh": title, "count": len(names), "people": of_people, "size": size, "columns": columns_for(names, size),
        "groups": groups,
    }


def _by_unit(found: Sequence[tuple[int, str]], register: Register) -> list[PlaceNames]:
    """A group a unit; one alone needs no heading."""
    units = sorted({at for at, _ in found})
    if len(units) == 1:
        return [_group("", sorted(found))]
    names = [*(unit.name for unit in register.units), ""]
    return [_group(names[at], sorted(each for each in found if each[0] == at)) for at in units]


def _group(place: str, found: Sequence[tuple[int, str]]) -> PlaceNames:
    return {
        "place": one_line(place),
        "count": len(found),
        "names": [name for _, name in found],
    }


def places_below(register: Register, node_id: str) -> Mapping[str, str]:
    """Unit id → the place just below a node that the unit lies in; units straight under the node lie in none."""
    found: dict[str, str] = {}
    for unit in register.units:
        for above in map(register.node, register.above[unit.node_id]):
            if above.parent_id == node_id and above.node_id.startswith("P") and above.tier != OWN:
                found[unit.unit_id] = above.node_id
    return found


def units_under(register: Register, node_id: str) -> frozenset[str]:
    """The units at a node and below it."""
    inside = register.subtree(node_id)
    return frozenset(
        unit.unit_id for unit in register.units if unit.node_id in inside or unit.parent_id in inside
    )
