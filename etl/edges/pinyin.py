"""Names of places in Latin letters: pinyin, with the kind of place as the English catalogue calls it."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from etl.core.reports.dispatch import ReportFrames
from etl.core.wording import Wording

_NAMES = {
    "totals": ["name"], "completeness": ["name"], "units": ["name"], "findings": ["name"], "standing": ["name"],
    "duties": ["name"], "facts": ["name"],
    "divisions": ["name", "parent", "new_name", "new_parent"],
}
"""Table → its columns with names of places."""


def spelled(name: str, words: Wording) -> str:
    """A place's name in pinyin, the peoples in it and what kind of place it is; a name that ends as no place does stays.

    >>> from etl.edges.templates import wording
    >>> [spelled(name, wording("en")) for name in ("云南省", "西安市", "市中区", "省财政厅")]
    ['Yunnan Province', "Xi'an City", 'Shizhong District', '省财政厅']
    >>> spelled("红河哈尼族彝族自治州", wording("en"))
    'Honghe Hani and Yi Autonomous Prefecture'
    """
    kinds = sorted((ending for ending in words.places if name.endswith(ending) and name != ending), key=len)
    if not kinds:
        return name
    proper, peoples = _without_peoples(name.removesuffix(kinds[-1]), words.peoples)
    *others, last = [words.peoples[each] for each in peoples] or [""]
    named = words.lists.pair.format(first=words.lists.comma.join(others), last=last) if others else last
    return " ".join(filter(None, (_word(proper), named, words.places[kinds[-1]])))


def _without_peoples(proper: str, known: Mapping[str, str]) -> tuple[str, list[str]]:
    """What stands before the peoples' names, and these in order."""
    for people in sorted(known, key=len, reverse=True):
        if proper.endswith(people) and proper != people:
            before, others = _without_peoples(proper.removesuffix(people), known)
            return before, [*others, people]
    return proper, []


def _word(name: str) -> str:
    """Syllables as one word; an apostrophe before a later one that begins with a vowel."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - its tables are only needed where this language is asked for

    first, *others = lazy_pinyin(name)
    return (first + "".join(("'" if each[:1] in "aoe" else "") + each for each in others)).capitalize()


def in_latin(frames: ReportFrames, words: Wording) -> ReportFrames:
    """The frames with all names of places spelled in pinyin."""
    changed = {}
    for table, columns in _NAMES.items():
        rows: pd.DataFrame = getattr(frames, table)
        known = {name: spelled(str(name), words) for column in columns for name in rows[column].dropna().unique()}
        changed[table] = rows.assign(**{column: rows[column].map(known) for column in columns})
    return replace(frames, **changed)
