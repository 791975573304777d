"""Which cells of a published table of people are held back, so that no count of few people can be read or worked out.

A count of 1 to `below` - 1 people is small and is hidden. Whoever has the line's total could get a lone hidden cell back
by taking the others away, so further cells are hidden with it. A hidden cell is safe if it lies on a circle of hidden
cells, going from rows to columns and back: then numbers can be moved along the circle without changing a total. What
lies on no circle is determined by the totals. Zeros and cells nobody filed are shown: they hide nothing.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

Cell = tuple[str, str]
"""Row and column of a table."""

_OUTSIDE = ("outside", "")
"""Stands for every line whose total is not published: what is missing there is unknown anyway."""

_Line = tuple[str, str]


def is_small(value: float | None, below: int) -> bool:
    """Whether a count of people is too small to be shown.

    >>> [is_small(value, 5) for value in (None, 0, 1, 4, 5)]
    [False, False, True, True, False]
    """
    return value is not None and 0 < value < below


def hidden_in_line(values: Mapping[str, float | None], below: int) -> set[str]:
    """Who is held back in one line of people whose total is published.

    Beside the small ones, the smallest others until at least two are hidden and make up `below` people together.

    >>> sorted(hidden_in_line({"a": 4, "b": 9, "c": 30}, 5)), sorted(hidden_in_line({"a": 1, "b": 2, "c": 6, "d": 9}, 5))
    (['a', 'b'], ['a', 'b', 'c'])
    """
    cells = {(key, ""): value for key, value in values.items()}
    return {row for row, _ in hidden_cells(cells, below, columns_with_total=("",))}


def hidden_cells(
    values: Mapping[Cell, float | None],
    below: int,
    rows_with_total: Iterable[str] = (),
    columns_with_total: Iterable[str] = (),
) -> frozenset[Cell]:
    """The cells of a table held back, small ones and those that would give them back.

    `rows_with_total` and `columns_with_total` name the lines whose sum is published too. A table that has no other cell
    to hide beside a small one keeps it hidden alone.
    """
    known = {cell: value for cell, value in values.items() if value is not None and value > 0}
    lines = {("row", name) for name in rows_with_total} | {("column", name) for name in columns_with_total}
    ends = {cell: _ends(cell, lines) for cell in known}
    small = {cell for cell, value in known.items() if value < below}
    hidden = set(small)
    for cell in sorted(small, key=lambda cell: (-known[cell], cell)):
        hidden |= _circle(cell, known, ends, hidden)
    for line in sorted(lines):
        hidden |= _enough_people([cell for cell in known if line in ends[cell]], known, small, hidden, below)
    return frozenset(hidden)


def _ends(cell: Cell, lines: set[_Line]) -> tuple[_Line, _Line]:
    row, column = ("row", cell[0]), ("column", cell[1])
    return row if row in lines else _OUTSIDE, column if column in lines else _OUTSIDE


def _circle(
    cell: Cell, known: Mapping[Cell, float], ends: Mapping[Cell, tuple[_Line, _Line]], hidden: set[Cell]
) -> set[Cell]:
    """The cheapest cells that close a circle with this one; those hidden already cost nothing (Dijkstra's way)."""
    start, goal = ends[cell]
    if start == goal:
        return set()
    steps: defaultdict[_Line, list[tuple[Cell, _Line]]] = defaultdict(list)
    for other in sorted(known.keys() - {cell}):
        one, two = ends[other]
        steps[one].append((other, two))
        steps[two].append((other, one))
    queue: list[tuple[float, int, tuple[Cell, ...], _Line]] = [(0, 0, (), start)]
    done: set[_Line] = set()
    while queue:
        cost, length, path, at = heapq.heappop(queue)
        if at == goal:
            return set(path)
        if at in done:
            continue
        done.add(at)
        for other, to in steps[at]:
            price = 0 if other in hidden else known[other]
            heapq.heappush(queue, (cost + price, length + 1, (*path, other), to))
    return set()


def _enough_people(
    line: list[Cell], known: Mapping[Cell, float], small: set[Cell], hidden: set[Cell], below: int
) -> set[Cell]:
    """More cells of a line in which the hidden small ones together still are few people; none for other lines."""
    held = [cell for cell in line if cell in hidden]
    if not any(cell in small for cell in held):
        return set()
    return set(_until(below - sum(known[cell] for cell in held), [c for c in line if c not in hidden], known))


def _until(lacking: float, others: list[Cell], known: Mapping[Cell, float]) -> Iterator[Cell]:
    for cell in sorted(others, key=lambda cell: (known[cell], cell)):
        if lacking <= 0:
            return
        lacking -= known[cell]
        yield cell
