"""A narrated model in traditional characters: every text converted, nothing that identifies anything."""

import functools
from collections.abc import Mapping
from typing import Any

_NOT_WORDS = frozenset(
    "key address addresses node_id unit_id code kind tier indicator rule status state direction compare form language "
    "programme period issued_on due digest column label_spans spans annexes".split()
)


@functools.cache
def _converter() -> Any:
    import opencc  # noqa: PLC0415 - its tables are only needed where this language is asked for

    return opencc.OpenCC("s2t")


def in_traditional(value: Any) -> Any:
    """The value with all texts converted, character for character, so that spans still point to the same figures."""
    if isinstance(value, str):
        return _converted(value)
    if isinstance(value, Mapping):
        return {key: inner if key in _NOT_WORDS else in_traditional(inner) for key, inner in value.items()}
    return [in_traditional(inner) for inner in value] if isinstance(value, list) else value


def _converted(text: str) -> str:
    converted: str = _converter().convert(text)
    if len(converted) == len(text):
        return converted
    return "".join(_converter().convert(character)[:1] or character for character in text)
