"""What a report's sentences claim: patterns over folded text, every place in them held against a fact.

A pattern is a regular expression with places such as `{number:units_missing}`: a kind, and the fact that must stand there.
Whatever in a sentence tells something (a number, a name, a verb of change, a rank) must lie inside a match, and every
place of every match must agree with its fact. So a sentence nobody has a claim for cannot leave unnoticed.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from etl.core.lint.lexicon import Lexicon, token_class
from etl.core.programmes.indicators import Model

NO_SUCH_FACT = "∅"
"""Stands as what was expected where the store holds nothing of the kind."""
GAP = "gap"
"""A place that a claim reaches over without covering what lies in it."""
_FIRST = ("indicator", "required", "shortremedy", "duty", "fact")
"""Kinds of places that say what a sentence is about, wherever they stand in it; in this order."""
_PLACE = re.compile(r"\{([a-z]+)(?::([a-z0-9_.]+))?\}")


@dataclass(frozen=True)
class Fault:
    """One thing in an edition that must not leave: which check, where, the sentence, what stands there, what should."""

    rule: str
    place: str
    sentence: str
    found: str = ""
    expected: str = ""


class ListSource(Model):
    """A list that a claim may have as a place: what an entry looks like, and what stands between two of them."""

    item: str
    between: str


class Claims(Model):
    """The file claims.yaml.

    `telling`: regular expressions of words that must lie inside a claim. `whole`: by place, what a text must be altogether.
    `lists`: kinds of places that are whole lists. `words`: what the sentences call a thing that has but a key in the store.
    """

    telling: tuple[str, ...]
    claims: tuple[str, ...]
    whole: Mapping[str, str] = {}
    lists: Mapping[str, ListSource] = {}
    words: Mapping[str, str] = {}


@dataclass
class Topic:
    """What a match has been about so far; `scope` is the number of the ranked group, where a text is about one."""

    scope: int = 0
    keys: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    name: str = ""
    problem: str = ""
    activity: str = ""
    record: str = ""
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """One place of a claim in a text: the fact it names, what stands there, what the match has been about."""

    fact: str
    found: str
    context: Topic

    @property
    def scoped(self) -> str:
        """The fact's name, of the group the text is about if it is one of a group: `group.risen` → `0.risen`."""
        in_group = self.fact.startswith("group.")
        return f"{self.context.scope}.{self.fact.removeprefix('group.')}" if in_group else self.fact


class Facts(Protocol):
    """Tells of each place in a claim what should stand there."""

    def expected(self, kind: str, asked: Asked) -> str | None:
        """None if what was found is right, else what should stand there; may move the context on."""
        ...


@dataclass(frozen=True)
class Claim:
    """A compiled pattern and its places: group name, kind, fact."""

    pattern: re.Pattern[str]
    places: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class ListForm:
    """A compiled kind of list: the pattern of an entry with a group a place, and what stands between two entries."""

    item: re.Pattern[str]
    between: str


@dataclass(frozen=True)
class Grammar:
    """Compiled claims, what must be covered by them, the kinds of lists in them, and the words that the claims' file gives."""

    claims: tuple[Claim, ...]
    whole: Mapping[str, Claim]
    telling: re.Pattern[str]
    forms: Mapping[str, ListForm]
    words: Mapping[str, str]


def compile_claims(source: Claims, kinds: Mapping[str, str]) -> Grammar:
    """The grammar; `kinds` has a regular expression for each kind of place. ValueError for an unknown kind."""
    words = "|".join(source.telling)
    tokens = "|".join(token_class(kind) for kind in ("name", "problem", "theme", "filed", "issue"))
    telling = re.compile(rf"\d+(?:[.,]\d+)*|{tokens}" + (f"|{words}" if words else ""))
    known = {**kinds, **{name: _whole_list(each, kinds) for name, each in source.lists.items()}}
    return Grammar(
        tuple(_claim(each, known) for each in source.claims),
        {place: _claim(each, known) for place, each in source.whole.items()},
        telling,
        {name: ListForm(_entry(each.item, kinds, "({})"), each.between) for name, each in source.lists.items()},
        source.words,
    )


def _whole_list(source: ListSource, kinds: Mapping[str, str]) -> str:
    item = _entry(source.item, kinds, "(?:{})").pattern
    return f"{item}(?:{re.escape(source.between)}{item})*"


def _entry(item: str, kinds: Mapping[str, str], around: str) -> re.Pattern[str]:
    def place(found: re.Match[str]) -> str:
        if found[1] not in kinds:
            raise ValueError(f"unknown kind of place {found[0]} in list {item!r}")
        return around.format(kinds[found[1]])

    return re.compile(_PLACE.sub(place, item))


def _claim(source: str, kinds: Mapping[str, str]) -> Claim:
    places: list[tuple[str, str, str]] = []

    def group(found: re.Match[str]) -> str:
        kind, fact = found[1], found[2] or ""
        if kind == GAP:
            return f"(?P<{GAP}>.*?)"
        if kind not in kinds:
            raise ValueError(f"unknown kind of place {found[0]} in claim {source!r}")
        places.append((f"p{len(places)}", kind, fact))
        return f"(?P<{places[-1][0]}>{kinds[kind]})"

    def turn(place: tuple[str, str, str]) -> int:
        return _FIRST.index(place[1]) if place[1] in _FIRST else len(_FIRST)

    return Claim(re.compile(_PLACE.sub(group, source)), tuple(sorted(places, key=turn)))


def check_text(
    place: str, text: str, grammar: Grammar, lexicon: Lexicon, facts: Facts, scope: int = 0
) -> list[Fault]:
    """What is wrong with one text of a report. Each wrong figure is one fault with the sentence it stands in."""
    folded = lexicon.fold(text)
    faults: dict[tuple[str, str, str], Fault] = {}
    covered: set[int] = set()

    def blame(rule: str, found: str, expected: str, at: int) -> None:
        said, sentence = lexicon.unfold(found), lexicon.unfold(_sentence(folded, at))
        faults[sentence, said, expected] = Fault(rule, place, sentence, said, expected)

    for found, expected, span in _read(folded, grammar.claims, facts, scope):
        covered.update(span)
        if expected is not None:
            blame("figure", found, expected, span[-1])
    for token in grammar.telling.finditer(folded):
        if not covered.issuperset(range(*token.span())):
            blame("underived", token[0], "", token.start())
    whole = grammar.whole.get(place)
    if whole is not None and whole.pattern.fullmatch(folded) is None:
        blame("whole", "", "", 0)
    return list(faults.values())


def _sentence(folded: str, at: int) -> str:
    """The sentence around a place in a text."""
    start = folded.rfind("。", 0, at) + 1
    end = folded.find("。", at)
    return folded[start : end + 1 if end >= 0 else None]


def _read(
    folded: str, claims: Iterable[Claim], facts: Facts, scope: int
) -> Iterable[tuple[str, str | None, list[int]]]:
    """Every place of every claim that matches: what stands there, what should (None if right), what the claim covers."""
    for claim in claims:
        for match in claim.pattern.finditer(folded):
            context = Topic(scope)
            gap = range(*match.span(GAP)) if GAP in claim.pattern.groupindex else range(0)
            covered = [at for at in range(*match.span()) if at not in gap]
            yield "", None, covered
            for group, kind, fact in claim.places:
                if match[group] is not None:
                    yield match[group], facts.expected(kind, Asked(fact, match[group], context)), covered
