"""Findings as a clerk sees them: equal ones together, their rows as ranges, the most worthwhile first."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

MANY_GROUPS, MOST_OF_THEM = 5, 0.7
HOLDING = ("file", "row")  # levels that keep rows from being counted


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding with its place in the unit's own sheet; what is not known is None or ''.

    `table` and `column` are keys of the layout, `letter` and `heading` what the unit's sheet calls the column.
    """

    rule: str
    level: str
    table: str | None = None
    sheet: str = ""
    row: int | None = None
    column: str | None = None
    letter: str | None = None
    heading: str = ""
    observed: str = ""
    shown: str = ""  # what people read as found, where that is not what was observed
    expected: str = ""
    subject: str | None = None
    worked_out: bool = False  # observed stands in no cell
    file: str = ""  # the name of the file that it was found in, where that is known

    @property
    def found(self) -> str:
        """What was found, as people are shown it."""
        return self.shown or self.observed

    @property
    def key(self) -> "FaultKey":
        """What equal faults share."""
        return self.table or "", self.rule, self.level


FaultKey = tuple[str, str, str]
RowPlace = tuple[str, int]  # table, row number


@dataclass(frozen=True)
class Group:
    """Equal faults: one rule broken in one table, in order of column and row. Without a table: in a whole file."""

    key: FaultKey
    faults: tuple[Fault, ...]

    @property
    def first(self) -> Fault:
        """The uppermost of the faults."""
        return self.faults[0]

    @property
    def rows(self) -> tuple[int, ...]:
        """The row numbers, in order, each once; none for a whole file or table."""
        return rows_of(self.faults)

    def by_column(self) -> list[tuple[Fault, ...]]:
        """The same faults, column by column."""
        return [tuple(each) for _, each in groupby(self.faults, key=_column)]


def rows_of(faults: Iterable[Fault]) -> tuple[int, ...]:
    """The row numbers of faults, in order, each once."""
    return tuple(sorted({fault.row for fault in faults if fault.row is not None}))


def _column(fault: Fault) -> tuple[int, str]:
    return len(fault.letter or ""), fault.letter or fault.column or ""


@dataclass(frozen=True)
class Ranked:
    """A group, how many held rows count again once it and those before it are put right, and their share so far."""

    group: Group
    freed: int
    share: float


def groups_of(faults: Iterable[Fault]) -> list[Group]:
    """Equal faults together, in the order of table, first row and rule."""
    ordered = sorted(faults, key=lambda fault: (fault.key, _column(fault), fault.row or 0))
    together = [Group(key, tuple(each)) for key, each in groupby(ordered, key=lambda fault: fault.key)]
    return sorted(together, key=lambda group: (group.key[0], min(group.rows, default=0), group.key))


def row_ranges(rows: Sequence[int], comma: str = "、", dash: str = "–") -> str:
    """Row numbers as ranges, nothing left out.

    >>> row_ranges([5, 6, 7, 300])
    '5–7、300'
    """
    parts: list[str] = []
    for _, run in groupby(enumerate(sorted(set(rows))), key=lambda pair: pair[1] - pair[0]):
        numbers = [number for _, number in run]
        parts.append(f"{numbers[0]}{dash}{numbers[-1]}" if len(numbers) > 1 else f"{numbers[0]}")
    return comma.join(parts)


def ranked(groups: Sequence[Group], rows: Mapping[str, Collection[int]]) -> list[Ranked]:
    """The groups that hold rows, the most worthwhile first.

    Greedy: the next one is that which brings most rows back given those before it; where none does alone, that which
    stands on most rows still held. `rows` are all rows of each table: a fault of a whole table holds each of them.
    """
    holding = [group for group in groups if group.first.level in HOLDING]
    blockers = Counter(_blockers(holding, rows).values())
    total = sum(blockers.values())
    left, done, order = dict(blockers), 0, list(range(len(holding)))
    result = []
    while order:
        best = _next(order, left)
        freed = left.pop(frozenset({best}), 0)
        left = _without(left, best)
        order.remove(best)
        done += freed
        result.append(Ranked(holding[best], freed, done / total if total else 0.0))
    return result


def _blockers(
    holding: Sequence[Group], rows: Mapping[str, Collection[int]]
) -> dict[RowPlace, frozenset[int]]:
    """Each held row with the groups that hold it, as indices."""
    found: dict[RowPlace, set[int]] = {}
    for index, group in enumerate(holding):
        table = group.first.table
        if table is None:
            continue
        whole = group.first.level == "file"
        for row in rows.get(table, ()) if whole else group.rows:
            found.setdefault((table, row), set()).add(index)
    return {place: frozenset(groups) for place, groups in found.items()}


def _next(order: Sequence[int], left: Mapping[frozenset[int], int]) -> int:
    """The group that frees most rows; then that which stands on most; then the first."""
    touched: Counter[int] = Counter()
    for blockers, count in left.items():
        for index in blockers:
            touched[index] += count
    return max(order, key=lambda index: (left.get(frozenset({index}), 0), touched[index], -index))


def _without(left: Mapping[frozenset[int], int], index: int) -> dict[frozenset[int], int]:
    rest: Counter[frozenset[int]] = Counter()
    for blockers, count in left.items():
        rest[blockers - {index}] += count
    return dict(rest)


def worth_first(ranking: Sequence[Ranked], enough: float) -> tuple[int, int, float]:
    """(groups, rows to put right, share of held rows) of the shortest beginning that brings back `enough` of them.

    A beginning of many groups that leaves few out is no help: then it is all of them.
    """
    rows: set[tuple[str | None, int]] = set()
    for number, each in enumerate(ranking, 1):
        rows |= {(each.group.first.table, row) for row in each.group.rows if each.group.first.level == "row"}
        begins = each.share >= enough and not MANY_GROUPS < number > MOST_OF_THEM * len(ranking)
        if begins or number == len(ranking):
            return number, len(rows), each.share
    return 0, 0, 0.0
