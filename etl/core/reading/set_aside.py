"""Lines below the headings that are no records: notes, signatures, totals, repeated headings, examples."""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.core.reading.grids import Grid, shortened
from etl.core.reading.headings import HeadingMatch, fold_heading

_PEOPLE_WORDS = (
    r"(?:填表|填报|制表|报送|统计|经办|复核|审核|审批|联系|负责|分管领导|主要领导|领导|单位|部门|科室|党组织)*"
    r"(?:人|负责人|领导|电话|手机|日期|时间|签字|签名|签章|盖章|公章|单位)"
)
_PEOPLE = re.compile(rf"({_PEOPLE_WORDS})(?:\([^()]*\))?\s*[:：]\s*\S*")
_PEOPLE_ALONE = re.compile(rf"{_PEOPLE_WORDS}(?:\([^()]*\))?[:：]?")
_REMARK = re.compile(
    r"(?:填表|填报|指标|有关|特别)?(?:说明|注|备注|附注|注意事项|注意|须知|口径)\d*(?:[:：.、]|$)"
)
_SUM = re.compile(
    r"\(?(?:[全本各]?[省市州盟县区旗乡镇页表项单位]{0,2})?(?:合计|总计|小计|共计|累计)\)?[:：]?"
)
_EXAMPLE = re.compile(r"\(?(?:示例|样例|例|例如|填写示例|填报示例)\)?[:：]?")
_ORDINALS = "甲乙丙丁戊己庚辛壬癸"
_LOOKED_AT = 3  # how far right a total's label may stand
_SUM_WORD = r"(?:^|[^统审会设])计(?:[^划算生]|$)"  # not that of 统计局 or 工作计划, which fill whole ledgers
_LABEL_BYTES = 100  # what is longer, a sentence on 统计 or 计划, is no total's label, however many blanks stand in it


def lines_set_aside(grid: Grid, match: HeadingMatch, mapped: Sequence[pa.Array]) -> dict[int, str]:
    """Data line (0-based, from below the headings) -> what stood there, without people's names and numbers.

    ``mapped`` are the found columns from the first data line. Only lines without a required value are taken
    for notes; a total is known by its label wherever it stands.
    """
    start = match.data_line
    body = [column.slice(start) for column in grid.columns]
    candidates = _candidates(body, match, mapped)
    if not len(candidates):
        return {}
    taken = pa.RecordBatch.from_arrays(body, names=[""] * len(body)).take(candidates)
    lines = [column.to_pylist() for column in taken.columns]
    headings = _heading_cells(grid, match)
    found: dict[int, str] = {}
    remark_at: int | None = None
    for number, line in zip(candidates.to_pylist(), zip(*lines, strict=True), strict=True):
        cells = [_plain(cell) for cell in line if cell]
        if remark_at is not None and number - remark_at <= 2 and len(cells) == 1:
            found[number], remark_at = shortened(cells[0]), number  # a remark that goes on
            continue
        note = _note(cells, first=number == 0) or _repeated_heading(line, headings)
        if note is not None:
            found[number] = note
            remark_at = number if cells and _REMARK.match(cells[0]) else None
    return found


def _plain(cell: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", cell))


def _candidates(body: Sequence[pa.Array], match: HeadingMatch, mapped: Sequence[pa.Array]) -> pa.Array:
    """The lines worth looking at: the first, those that lack a required value, those with a word for a sum,
    those that begin like the headings. All others are records and never leave Arrow."""
    required = {column.key for column in match.table.columns if column.required}
    needed = [array for key, array in zip(match.places, mapped, strict=True) if key in required] or mapped[:1]
    height = len(body[0])
    lacking = pa.array(np.arange(height) == 0)
    for array in needed:
        if array.null_count:
            lacking = pc.or_(lacking, pc.is_null(array))
    for array in body[:_LOOKED_AT]:
        if pc.match_substring(array, "计").true_count:
            word = pc.match_substring_regex(array, _SUM_WORD)
            short = pc.and_(word, pc.less(pc.binary_length(array), _LABEL_BYTES))
            lacking = pc.or_(lacking, pc.fill_null(short, False))
    key, place = next(iter(match.places.items()))
    last_part = place.heading.rpartition("/")[2]
    lacking = pc.or_(lacking, pc.fill_null(pc.equal(mapped[list(match.places).index(key)], last_part), False))
    return pc.indices_nonzero(lacking)


def _note(cells: list[str], *, first: bool) -> str | None:
    """What a line is kept as when its cells say that it is no record; null for a record or a blank line."""
    if not cells:
        return None
    for cell in cells[:_LOOKED_AT]:
        if _SUM.fullmatch(cell):
            return cell
    lead = cells[0]
    if _REMARK.match(lead):
        return shortened(_PEOPLE.sub(r"\1", lead))
    if _PEOPLE_ALONE.fullmatch(lead) or _PEOPLE.match(lead):
        labels = [label for cell in cells for label in _PEOPLE.findall(cell)]
        return shortened(" ".join(labels) or lead)
    if first and (_EXAMPLE.fullmatch(lead) or _is_numbering(cells)):
        return shortened(lead)
    return None


def _is_numbering(cells: list[str]) -> bool:
    """Whether the cells number the columns, 甲 乙 1 2 3, as statistical forms do."""
    names = [cell for cell in cells if not cell.isdigit()]
    numbers = [int(cell) for cell in cells if cell.isdigit() and len(cell) < 5]
    named = names == list(_ORDINALS[: len(names)])
    counted = numbers == list(range(1, len(numbers) + 1))
    return named and counted and len(names) + len(numbers) == len(cells) and len(cells) > 2


def _heading_cells(grid: Grid, match: HeadingMatch) -> list[list[str]]:
    lines = grid.lines(match.first_line, match.depth) if not match.downward else []
    return [[fold_heading(cell) if cell else "" for cell in line] for line in lines]


def _repeated_heading(line: Sequence[str | None], headings: list[list[str]]) -> str | None:
    """A heading line that stands again, as at the top of each printed page."""
    cells = [fold_heading(cell) if cell else "" for cell in line]
    for heading in headings:
        same = sum(1 for cell, other in zip(cells, heading, strict=True) if cell and cell == other)
        if same > 1 and same * 2 > sum(1 for cell in cells if cell):
            return shortened("/".join(cell for cell in cells if cell))
    return None
