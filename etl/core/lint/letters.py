"""A letter about one unit's return, read back before it is queued: its subject, its text part, the numbers of its HTML part."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from etl.core.lint.claims import Fault, Grammar, check_text
from etl.core.lint.numbers import DIGITS
from etl.core.lint.told import Items, Told
from etl.core.returns.faults import Fault as Found
from etl.core.returns.faults import groups_of, ranked, worth_first

MOST_LISTED = 5
"""Problems that a letter lists; the others stand in its workbook."""
_EMPTY_LINES = re.compile(r"\n\s*\n")


def lint_letter(subject: str, plain: str, marked: str, told: Told, grammar: Grammar) -> list[Fault]:
    """What a letter says otherwise than `told`, and what it leaves out of its lists.

    `marked`: the words of its HTML part, which may tell no number that neither the text part nor `told` has.
    """
    blocks = [block.strip() for block in _EMPTY_LINES.split(plain) if block.strip()]
    places = ["subject", "txt/head", "txt/salutation", *("txt" for _ in blocks[2:])]
    faults = [
        fault
        for place, text in zip(places, [subject, *blocks], strict=False)
        for fault in check_text(place, text, grammar, told.lexicon, told)
    ]
    faults += [
        Fault("list", "txt", fact, "", " ".join(entry))
        for fact, entries in told.lists.items() for entry in entries if any(part not in plain for part in entry)
    ]
    known = " ".join((told.lexicon.fold(plain), *told.texts.values(), *(f"{number:f}" for number in told.numbers.values())))
    numbers = set(DIGITS.findall(known))
    faults += [
        Fault("copy", "html", told.lexicon.unfold(line), number)
        for line in map(told.lexicon.fold, marked.splitlines())
        for number in DIGITS.findall(line)
        if number not in numbers
    ]
    return faults


def worth_telling(found: Sequence[Found], rows: Mapping[str, Collection[int]], enough: float) -> tuple[int, int, float]:
    """How many problems to put right first, on how many rows, and which share of the held rows comes back with them."""
    return worth_first(ranked(groups_of(found), rows), enough)


def problems_told(
    found: Sequence[Found], rows: Mapping[str, Collection[int]], texts: Mapping[str, tuple[str, str]]
) -> Items:
    """Each kind of fault in a table: 【rule】sentence, remedy and how many places; whole files first, warnings last."""
    groups = groups_of(found)
    holding = [each.group for each in ranked(groups, rows)]
    ordered = [
        *(group for group in holding if not group.key[0]), *(group for group in holding if group.key[0]),
        *(group for group in groups if group.first.level == "warning"),
    ]
    counts = Counter(each.key for each in found)
    return [
        (f"【{group.first.rule}】{texts[group.first.rule][0]}", texts[group.first.rule][1], str(counts[group.key]))
        for group in ordered
    ]
