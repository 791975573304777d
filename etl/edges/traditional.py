"""A narrated model in traditional characters, and back to be read: every text converted, nothing that identifies anything."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from etl.core.reports.index import ReportFrames

_NOT_WORDS = frozenset(
    "key address addresses node_id unit_id code kind tier indicator rule status state direction compare form language "
    "programme period issued_on due digest column label_spans spans annexes".split()
)


_TOLD = ("name", "new_name", "parent", "new_parent", "sentence", "remedy", "reason", "text", "title", "zh")
"""Columns of the frames that a report quotes."""
_LEFT_OVER = str.maketrans("乾濬澂", "干浚澄")
"""What OpenCC turns other characters into and not back; of names of places, these are all."""


@functools.cache
def _converter(tables: str) -> Any:
    import opencc  # noqa: PLC0415 - its tables are only needed where this language is asked for

    return opencc.OpenCC(tables)


def in_traditional(value: Any) -> Any:
    """The value with all texts converted, character for character, so that spans still point to the same figures."""
    return _each_text(value, _converted)


def in_simplified(value: Any) -> Any:
    """The value with all texts folded to simplified characters.

    What was converted and its origin fold alike: 乾縣 and 乾县 both become 干县. So an edition in traditional characters is
    read back against frames that are folded too (`folded`), by the claims of the simplified one.
    """
    return _each_text(value, _folded)


def folded(frames: ReportFrames) -> ReportFrames:
    """The frames with all that a report quotes of them folded to simplified characters."""
    changed = {}
    for table in ("completeness", "units", "findings", "themes", "texts", "standing", "divisions", "duties"):
        rows: pd.DataFrame = getattr(frames, table)
        quoted = {column: rows[column].map(in_simplified, na_action="ignore") for column in _TOLD if column in rows}
        changed[table] = rows.assign(**quoted)
    return replace(frames, **changed)


def _each_text(value: Any, convert: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return convert(value)
    if isinstance(value, Mapping):
        return {key: inner if key in _NOT_WORDS else _each_text(inner, convert) for key, inner in value.items()}
    return [_each_text(inner, convert) for inner in value] if isinstance(value, list) else value


def _converted(text: str) -> str:
    converted: str = _converter("s2t").convert(text)
    if len(converted) == len(text):
        return converted
    return "".join(_converter("s2t").convert(character)[:1] or character for character in text)


def _folded(text: str) -> str:
    folded: str = _converter("t2s").convert(text)
    return (folded if len(folded) == len(text) else "".join(map(_simple, text))).translate(_LEFT_OVER)


@functools.cache
def _simple(character: str) -> str:
    folded: str = _converter("t2s").convert(character)
    return folded if len(folded) == 1 else character
