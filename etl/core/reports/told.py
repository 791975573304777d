"""Numbers in prose and where they come from: an address for every figure, marks around it, spans that point to it.

An address is ``NODE#FIGURE``: ``P530000#attendance_rate``, a part ``P530000#branches_named.county``, what it is held
against ``P530000#attendance_rate@previous``, what was worked out of both ``…@previous.by``. Figures that are no
indicator have a first word that says where they stand: ``completeness.units_late``, ``findings.F02``,
``activity.theme_day``, ``issue.low_attendance``. What belongs to the paper and to no node has no node before the #:
``#edition.reply_by``, ``#annex.ranking``.

A template wraps a number in marks (control characters, which no name can hold: `one_line` takes them out); `spans_of`
takes the marks off again and says which stretch of the text is which figure.
"""

import re
from typing import TypedDict

_OPEN, _BAR, _CLOSE = "\x02", "\x1f", "\x03"
_MARK = re.compile(f"{_OPEN}([^{_BAR}]*){_BAR}([^{_CLOSE}]*){_CLOSE}")


class Span(TypedDict):
    """A stretch of a text, its end not included, that is the figure at an address."""

    start: int
    end: int
    address: str


def address(node_id: str, figure: str, part: str = "", of: str = "") -> str:
    """The address of a figure of a node.

    >>> address("P530000", "branches_named", "county", "previous")
    'P530000#branches_named.county@previous'
    """
    return f"{node_id}#{figure}{'.' if part else ''}{part}{'@' if of else ''}{of}"


def told(text: object, where: str) -> str:
    """The text marked as the figure at an address."""
    return f"{_OPEN}{where}{_BAR}{text}{_CLOSE}"


def spans_of(marked: str) -> tuple[str, list[Span]]:
    """The text without marks, and its spans in order.

    >>> spans_of("共" + told("12个", "P1#branches") + "。")
    ('共12个。', [{'start': 1, 'end': 4, 'address': 'P1#branches'}])
    """
    plain, at = "", 0
    spans: list[Span] = []
    for mark in _MARK.finditer(marked):
        plain += marked[at : mark.start()]
        spans.append({"start": len(plain), "end": len(plain) + len(mark.group(2)), "address": mark.group(1)})
        plain += mark.group(2)
        at = mark.end()
    return plain + marked[at:], spans
