"""Known names, figures, sentences and words folded to one character each, so that prose can be read by short patterns.

A unit may be called 县（市、区）直机关 or hold digits, brackets and commas; folded it is one token, and what is left of the
text are numbers and the template's own words.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

KINDS = ("name", "indicator", "problem", "remedy", "period", "activity", "theme", "filed", "issue", "duty", "fact", "word")
_FIRST, _ROOM = 0x100000, 0x1400
"""Tokens stand in the last private plane, one stretch a kind."""


def token_class(kind: str) -> str:
    """A regular expression for any token of a kind."""
    first = _FIRST + KINDS.index(kind) * _ROOM
    return f"[{chr(first)}-{chr(first + _ROOM - 1)}]"


class Lexicon:
    """What is known, by kind. The longest known text wins; of equal texts the kind that stands first in KINDS."""

    def __init__(self, known: Mapping[str, Iterable[str]]) -> None:
        """Raises ValueError if a kind has more texts than it has room for."""
        self._token: dict[str, str] = {}
        self._text: dict[str, str] = {}
        for kind in KINDS:
            texts = sorted({text for text in known.get(kind, ()) if text})
            if len(texts) > _ROOM:
                raise ValueError(f"{len(texts)} texts of kind {kind}, room for {_ROOM}")
            for place, text in enumerate(texts):
                token = chr(_FIRST + KINDS.index(kind) * _ROOM + place)
                self._text[token] = text
                self._token.setdefault(text, token)

    @cached_property
    def _known(self) -> re.Pattern[str]:
        ordered = sorted(self._token, key=lambda text: (-len(text), text))
        return re.compile("|".join(map(re.escape, ordered)) or "(?!)")

    def fold(self, text: str) -> str:
        """The text with each known text as one token."""
        return self._known.sub(lambda found: self._token[found[0]], text)

    def unfold(self, text: str) -> str:
        """The text with each token as what it stands for."""
        return "".join(self._text.get(character, character) for character in text)
