"""The facts of a paper that is no dispatch, by the names that its claims call them by: single ones and whole lists.

Whoever makes them takes them from the store, not from the paper's model; here they are only held against what stands there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from etl.core.lint.claims import NO_SUCH_FACT, Asked, ListForm
from etl.core.lint.lexicon import Lexicon, token_class
from etl.core.lint.numbers import agrees, read_number
from etl.core.wording import Wording

Items = Sequence[tuple[str, ...]]
"""A list as it should stand: an entry a tuple of texts, in the order of the places of the list's `item`."""
_NUMBER = r"\d[\d,]*(?:\.\d+)?%?"


@dataclass(frozen=True)
class Told:
    """What one paper may say. `texts`: what must stand at a place; `lists`: what must be listed there, whole and in order."""

    words: Wording
    lexicon: Lexicon
    forms: Mapping[str, ListForm]
    numbers: Mapping[str, Decimal] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, Items] = field(default_factory=dict)
    holds: Mapping[str, bool] = field(default_factory=dict)

    def expected(self, kind: str, asked: Asked) -> str | None:
        """None if what was found is right, else what should stand there."""
        if kind == "if":
            return None if self.holds[asked.fact] else asked.fact
        if kind in self.forms:
            return self._listed(self.forms[kind], asked)
        if kind == "number":
            value = self.numbers.get(asked.scoped)
            said = read_number(asked.found, self.words)
            right = value is not None and said.step <= 1 and agrees(said, value)
            return None if right else NO_SUCH_FACT if value is None else f"{value:f}"
        text = self.texts.get(asked.scoped, NO_SUCH_FACT)
        return None if self.lexicon.unfold(asked.found) == text else text

    def _listed(self, form: ListForm, asked: Asked) -> str | None:
        found = [
            tuple(self.lexicon.unfold(part).replace(",", "") for part in match)
            for match in form.item.findall(asked.found)
        ]
        expected = self.lists.get(asked.fact, ())
        if found == [tuple(part.replace(",", "") for part in each) for each in expected]:
            return None
        return form.between.join(" ".join(each) for each in expected) or NO_SUCH_FACT


def plain_places() -> dict[str, str]:
    """A regular expression for each kind of place that is no list."""
    tokens = {kind: token_class(kind) for kind in ("name", "word", "period")}
    names = rf"{tokens['name']}(?:、{tokens['name']})*"
    return {"number": _NUMBER, "names": names, "text": r"[^。，《》]+?", "if": "", **tokens}
