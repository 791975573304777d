"""Finds a table's headings in a grid, however a unit arranged, spelled and spread them."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from etl.core.programmes.layout import TableLayout
from etl.core.reading.grids import Grid
from etl.core.repairs import to_simplified

SEARCHED_LINES = 20  # headings further down are not headings
_DEEPEST = 3  # group, part, unit
_LINES_DOWNWARD = 400
_SHORT = 5  # a table of one row with fewer columns may be one written downwards

_DROPPED = re.compile("[\\s\u00ad\u200b-\u200f\u2060\ufeff*※★☆]+")
_BRACKETS = str.maketrans("[{【〔〖〈《", "(((((((") | str.maketrans("]}】〕〗〉》", ")))))))")
_NUMBERING = re.compile(r"^(?:\d{1,2}|[一二三四五六七八九十]{1,2})[.、](?=\D)")
_SEPARATORS = re.compile(r"[-—–_/\\·:;|]+")
_BRACKETED = re.compile(r"^(.*?)/?\((?:单位/?)?([^()]+)\)$")

# Words for a counted unit as they stand behind or below a heading; a layout adds its own.
_UNIT_WORDS = frozenset("人名位户次场期批个家件项条册本套份篇支对所处例起节张枚块天元%") | {
    *("人次", "人/次", "户次", "场次", "个次", "小时", "百元", "千元", "万元", "亿元", "平方米", "m2")
}
_TOTAL_WORDS = frozenset({"合计", "总计", "总数", "小计", "共计", "计", "总"})
_LABEL_WORDS = frozenset({"指标", "指标名称", "项目", "项目名称", "填报项目", "统计指标", "填报指标", "内容"})
_VALUE_WORDS = frozenset(
    {"数值", "数量", "填报数", "填报值", "本期数", "本期", "数据", "填报数据", "指标值", "填报内容"}
)
_UNIT_HEADINGS = frozenset({"单位", "计量单位"})
_SERIAL_WORDS = frozenset({"序号", "编号", "行号", "代码", "no.", "no"})


@dataclass(frozen=True)
class Place:
    """Where a column stands: index in the grid, the heading as written, a unit word found with it.

    ``line`` is the line of the value in a table written downwards, else null.
    """

    index: int
    heading: str
    unit: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class HeadingMatch:
    """One way to read a grid as a table: the heading lines and what each column turned out to be."""

    table: TableLayout
    first_line: int
    depth: int
    places: Mapping[str, Place]
    repeated: tuple[tuple[str, Place], ...] = ()
    unknown: tuple[Place, ...] = ()
    unheaded: tuple[int, ...] = ()
    downward: bool = False

    @property
    def missing(self) -> int:
        """How many required columns were not found."""
        return sum(1 for column in self.table.columns if column.required and column.key not in self.places)

    @property
    def score(self) -> int:
        """The higher, the better the grid fits; an absent required column outweighs a found one."""
        return len(self.places) - self.missing

    @property
    def data_line(self) -> int:
        """The first line below the headings."""
        return self.first_line + self.depth


@lru_cache(maxsize=20_000)
def fold_heading(text: str) -> str:
    """A heading in the form in which headings are compared.

    NFKC, no white space, one kind of brackets and of separators, no numbering, Simplified, lower case.

    >>> fold_heading("2.黨員 人數【人】："), fold_heading("命名党支部数—县级")
    ('党员人数(人)', '命名党支部数/县级')
    """
    plain = _DROPPED.sub("", unicodedata.normalize("NFKC", text)).translate(_BRACKETS)
    plain = _NUMBERING.sub("", to_simplified(plain).lower())
    return _SEPARATORS.sub("/", plain).strip("/.。,")


class HeadingIndex:
    """A table's accepted headings and column keys, folded."""

    def __init__(self, table: TableLayout) -> None:
        self.table = table
        self._keys: dict[str, str] = {}
        units: set[str] = set(_UNIT_WORDS)
        for column in table.columns:
            for heading in (*column.headings, column.key):
                self._keys.setdefault(fold_heading(heading), column.key)
            units.update(fold_heading(word) for word in column.unit_words)
        self._units = units
        required = sum(1 for column in table.columns if column.required)
        self.enough = max(min(2, len(table.columns)), 0.3 * required)
        """Two columns and three tenths of the required ones: with fewer found the likeness is chance."""
        # Reports of one layout repeat the same headings: hundreds of files, one resolution.
        self.resolve = lru_cache(maxsize=20_000)(self._resolve)

    def _resolve(self, path: tuple[str, ...]) -> tuple[str, str | None, int] | None:
        """(column key, unit word beside it, how many of the path's last parts were used), or null.

        ``path`` is the heading from its group downwards; a group that says nothing is left out.
        """
        folded = [fold_heading(part) for part in path]
        for start in range(len(folded)):
            for heading, unit in self._variants([part for part in folded[start:] if part]):
                if heading in self._keys:
                    return self._keys[heading], unit, len(path) - start
        return None

    def unit(self, text: str | None) -> str | None:
        """The unit word a cell holds, bare or in brackets, else null."""
        folded = fold_heading(text or "").strip("()").removeprefix("单位/")
        return folded if folded in self._units else None

    def _variants(self, parts: list[str]) -> Iterator[tuple[str, str | None]]:
        yield "/".join(parts), None
        if len(parts) > 1:
            unit = self.unit(parts[-1])
            if unit or parts[-1] in _TOTAL_WORDS:
                for heading, inner in self._variants(parts[:-1]):
                    yield heading, unit or inner
        bases, inside = [], None
        for part in parts:
            match = _BRACKETED.match(part)
            bases.append(match[1] if match and match[1] else part)
            inside = match[2] if match else inside
        if inside:
            yield "/".join([*bases, inside]), None
            yield "/".join(bases), self.unit(inside)


def find_headings(grid: Grid, indexes: Sequence[HeadingIndex]) -> HeadingMatch | None:
    """The best way to read the grid as one of the tables; null when it fits none of them.

    Ties go to the table whose layout names this sheet, then to fewer heading lines, then to the upper ones.
    """
    lines = grid.lines(0, SEARCHED_LINES + _DEEPEST)
    best: HeadingMatch | None = None
    for first in range(min(len(lines), SEARCHED_LINES)):
        if not any(lines[first]):
            continue
        for depth in range(1, min(_DEEPEST, len(lines) - first) + 1):
            paths = _paths(lines[first : first + depth])
            for index, match in _matches(indexes, paths, first, depth):
                one_row = index.table.one_row and len(match.places) < _SHORT
                if all(paths) and _is_whole(match) and not one_row and not _has_units(index, lines, match.data_line):
                    return match
                best = _better(best, match, grid.sheet)
        # A repeated heading is a group whose parts stand on a line that this window does not reach.
        if best and not best.missing and not best.repeated and len(best.places) > len(best.unknown):
            if not best.table.one_row:
                return best
            break  # a short list of figures written downwards looks like headings too
    for index in indexes:
        if index.table.one_row:
            best = _better(best, _match_downward(index, grid), grid.sheet)
    return best


def _is_whole(match: HeadingMatch) -> bool:
    """Whether nothing is left to be found by looking further."""
    return not (match.missing or match.unknown or match.repeated)


def _has_units(index: HeadingIndex, lines: list[list[str | None]], number: int) -> bool:
    """Whether a line of unit words stands there."""
    return number < len(lines) and any(index.unit(cell) for cell in lines[number])


def _better(best: HeadingMatch | None, other: HeadingMatch | None, sheet: str) -> HeadingMatch | None:
    if other is None:
        return best
    return other if best is None or _rank(other, sheet) > _rank(best, sheet) else best


def _rank(match: HeadingMatch, sheet: str) -> tuple[int, bool, int, int, int]:
    named = any(fold_heading(name) == fold_heading(sheet) for name in match.table.sheet_names)
    units = sum(1 for place in match.places.values() if place.unit)
    return match.score, named, units, -match.depth, -match.first_line


def _paths(block: list[list[str | None]]) -> list[tuple[str, ...]]:
    """Each column's heading from the group down. A merged group stands in its left cell only: it is carried
    to the right while something stands below, and never beyond the group above it."""
    filled = [list(line) for line in block]
    for level in range(len(block) - 1):
        carried: str | None = None
        for index in range(len(block[0])):
            if level and index and filled[level - 1][index] != filled[level - 1][index - 1]:
                carried = None
            below = any(line[index] for line in block[level + 1 :])
            carried = filled[level][index] or (carried if below else None)
            filled[level][index] = carried
    return [tuple(part for part in column if part) for column in zip(*filled, strict=True)]


def _matches(
    indexes: Sequence[HeadingIndex], paths: list[tuple[str, ...]], first: int, depth: int
) -> Iterator[tuple[HeadingIndex, HeadingMatch]]:
    """The tables that a window of lines may head."""
    for index in indexes:
        match = _match(index, paths, first, depth)
        if match is not None:
            yield index, match


def _match(index: HeadingIndex, paths: list[tuple[str, ...]], first: int, depth: int) -> HeadingMatch | None:
    """What each column is in the table; null when too few of them are any, as it is with most lines and tables."""
    resolved = [index.resolve(path) if path else None for path in paths]
    if len({found[0] for found in resolved if found}) < index.enough:
        return None
    places: dict[str, Place] = {}
    repeated: list[tuple[str, Place]] = []
    unknown: list[Place] = []
    for position, (path, found) in enumerate(zip(paths, resolved, strict=True)):
        if found is None:
            if path and fold_heading(path[-1]) not in _SERIAL_WORDS:
                unknown.append(Place(position, "/".join(path)))
            continue
        key, unit, used = found
        place = Place(position, "/".join(path[-used:]), unit)
        if key in places:
            repeated.append((key, place))
        else:
            places[key] = place
    unheaded = tuple(position for position, path in enumerate(paths) if not path)
    return HeadingMatch(index.table, first, depth, places, tuple(repeated), tuple(unknown), unheaded)


def _match_downward(index: HeadingIndex, grid: Grid) -> HeadingMatch | None:
    """The grid as one record written downwards: labels in a column, each value to their right. Null when too few are known."""
    lines = grid.lines(0, _LINES_DOWNWARD)
    if len(grid.columns) < 2:
        return None
    first, labels, value, unit_column = _downward_shape(lines)
    places: dict[str, Place] = {}
    repeated: list[tuple[str, Place]] = []
    unknown: list[Place] = []
    group: str | None = None
    for number, line in enumerate(lines[first:], first):
        if len(labels) > 1:
            group = line[labels[0]] or group
        path = tuple(part for part in (group, *(line[at] for at in labels[1:] or labels)) if part)
        found = index.resolve(path) if path else None
        heading = "/".join(path)
        if found is None:
            if path and line[value]:
                unknown.append(Place(value, heading, line=number))
            continue
        key, unit, used = found
        written = index.unit(line[unit_column]) if unit_column is not None else None
        place = Place(value, "/".join(path[-used:]), written or unit, number)
        if key in places:
            repeated.append((key, place))
        else:
            places[key] = place
    if len(places) < index.enough:
        return None
    return HeadingMatch(index.table, 0, first, places, tuple(repeated), tuple(unknown), downward=True)


def _downward_shape(lines: list[list[str | None]]) -> tuple[int, list[int], int, int | None]:
    """(first line of figures, label columns, value column, unit column); the first two columns by default."""
    for number, line in enumerate(lines[:SEARCHED_LINES]):
        words = [fold_heading(cell) if cell else "" for cell in line]
        label = next((at for at, word in enumerate(words) if word in _LABEL_WORDS), None)
        value = next((at for at, word in enumerate(words) if word in _VALUE_WORDS), None)
        if label is not None and value is not None and label < value:
            apart = _UNIT_HEADINGS | _SERIAL_WORDS
            labels = [at for at in range(label, value) if words[at] not in apart]
            unit = next((at for at, word in enumerate(words) if word in _UNIT_HEADINGS), None)
            return number + 1, labels, value, unit
    return 0, [0], 1, None
