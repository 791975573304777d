"""Rendered narratives → blocks: tagged lines, numbered headings, and which stretch of a text is which figure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

from etl.core.reports.told import Span, spans_of
from etl.core.wording import Wording


class Block(TypedDict):
    """A heading, with its number, or a paragraph of a paper: `kind` h1, h2 or p; `spans`: which stretches of it are figures."""

    kind: str
    text: str
    spans: list[Span]


def leading(rows: Sequence[Mapping[str, Any]], counted_by: str, most: int, longest: int) -> list[Mapping[str, Any]]:
    """The rows with the most, leaving out none that has as many as one of them; none where too many are level.

    >>> rows = [{"n": n} for n in (5, 4, 3, 3, 1)]
    >>> [row["n"] for row in leading(rows, "n", 3, 5)], [row["n"] for row in leading(rows, "n", 3, 3)]
    ([5, 4, 3, 3], [5, 4])
    """
    some = sorted(rows, key=lambda row: -row[counted_by])
    least = some[min(most, len(some)) - 1][counted_by] if some else 0
    level = [row for row in some if row[counted_by] >= least]
    return level if len(level) <= longest else [row for row in some if row[counted_by] > least]


def tagged_lines(text: str) -> list[tuple[str, str]]:
    """The lines of a rendered narrative as (tag, text); a line is ``tag| text``, one whose text is empty is dropped.

    Values never hold a newline (`one_line`), so no name can start a line and pose as a heading.
    Raises ValueError on a line without a tag, which is a fault of the template.
    """
    lines = []
    for line in filter(str.strip, text.splitlines()):
        tag, bar, content = line.partition("|")
        if not bar or not tag.strip().isidentifier():
            raise ValueError(f"a narrative line starts with its tag and a bar, not with {line[:20]!r}")
        if content.strip():
            lines.append((tag.strip(), content.strip()))
    return lines


def numbered_blocks(lines: Iterable[tuple[str, str]], words: Wording) -> list[Block]:
    """Narrative lines as blocks, headings numbered 一、 and （一） (GB/T 9704-2012, 7.3.3).

    A heading without text below it is dropped, and so is a second-level heading that stands alone.
    Raises ValueError on an unknown tag.
    """
    kept = _without_empty_headings(list(lines))
    blocks: list[Block] = []
    first = second = 0
    for position, (tag, words_of) in enumerate(kept):
        text = words_of
        if tag == "h1":
            first, second = first + 1, 0
            text = words.headings[0].format(number=numeral(first, words), text=text)
        elif tag == "h2":
            if _stands_alone(kept, position):
                continue
            second += 1
            text = words.headings[1].format(number=numeral(second, words), text=text)
        elif tag != "p":
            raise ValueError(f"a narrative block is h1, h2 or p, not {tag!r}")
        plain, spans = spans_of(text)
        blocks.append({"kind": tag, "text": plain, "spans": spans})
    return blocks


def numeral(number: int, words: Wording) -> str:
    """A number from 1 to 99 as it stands before a heading: out of the catalogue, and beyond that made from its tens and units.

    >>> from etl.edges.templates import wording
    >>> [numeral(each, wording()) for each in (3, 12, 13, 20, 47)]
    ['三', '十二', '十三', '二十', '四十七']
    """
    if number <= len(words.numerals):
        return words.numerals[number - 1]
    tens, units = divmod(number, 10)
    before = words.numerals[tens - 1] if tens > 1 else ""
    return before + words.numerals[9] + (words.numerals[units - 1] if units else "")


def _without_empty_headings(lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    kept: list[tuple[str, str]] = []
    for tag, text in reversed(lines):
        below = kept[-1][0] if kept else "end"
        empty = (tag == "h2" and below != "p") or (tag == "h1" and below in ("h1", "end"))
        if not empty:
            kept.append((tag, text))
    return kept[::-1]


def _stands_alone(lines: Sequence[tuple[str, str]], position: int) -> bool:
    before = [tag for tag, _ in lines[:position]]
    start = max((i for i, tag in enumerate(before) if tag == "h1"), default=0)
    after = [tag for tag, _ in lines[position + 1 :]]
    end = after.index("h1") if "h1" in after else len(after)
    return "h2" not in before[start:] and "h2" not in after[:end]
