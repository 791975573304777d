"""Places of claims about the units' doings, their own words, and who falls short of what is asked."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from etl.core.lint.claims import NO_SUCH_FACT, Asked
from etl.core.lint.doings import Activity, Shortfall, worded
from etl.core.lint.facts import Filed
from etl.core.lint.lexicon import token_class
from etl.core.lint.numbers import agrees, read_number
from etl.core.lint.places import Check, ReportFacts, listed, pairs, rate_says, same_change, says

_QUOTED = re.compile(rf"“({token_class('theme')})”（([^）]*)）")
MOST_NAMED = 5


def _activity(facts: ReportFacts, asked: Asked) -> str | None:
    asked.context.activity = facts.lexicon.unfold(asked.found)
    return None if asked.context.activity in facts.doings.activities else NO_SUCH_FACT


def _leading(facts: ReportFacts, asked: Asked) -> str | None:
    expected = facts.doings.activities.get(asked.context.activity, Activity()).leading
    return _counted_pairs(facts, pairs(asked.found, facts.node.words), expected)


def _themes(facts: ReportFacts, asked: Asked) -> str | None:
    return _counted_pairs(facts, _QUOTED.findall(asked.found), facts.doings.themes)


def _counted_pairs(
    facts: ReportFacts, found: Sequence[tuple[str, str]], expected: Sequence[tuple[str, int]]
) -> str | None:
    """The same names with the same counts in the same order, or what should stand there."""
    right = len(found) == len(expected) and all(
        facts.lexicon.unfold(token) == name and agrees(read_number(count, facts.node.words), Decimal(entries))
        for (token, count), (name, entries) in zip(found, expected, strict=True)
    )
    return None if right else listed(facts, [f"{name}（{entries}）" for name, entries in expected])


def _filed(facts: ReportFacts, asked: Asked) -> str | None:
    """A unit's own words: filed by the unit named before them."""
    names = facts.doings.texts.get(facts.lexicon.unfold(asked.found), frozenset())
    return None if asked.context.name in names else listed(facts, sorted(names))


def _issue(facts: ReportFacts, asked: Asked) -> str | None:
    """The title of a rule that somebody is short of."""
    titles = [worded(each.rule.title, facts.node.words) for each in facts.doings.shortfalls]
    return None if facts.lexicon.unfold(asked.found) in titles else _either(titles)


def _required(facts: ReportFacts, asked: Asked) -> str | None:
    """A threshold of a rule of this kind and figure; what follows is about the units short of it."""
    said = read_number(asked.found, facts.node.words)
    rules = [
        each
        for each in facts.doings.shortfalls
        if each.rule.compare == asked.fact and each.rule.indicator in asked.context.keys
    ]
    asked.context.rules = tuple(r.rule.key for r in rules if Decimal(str(r.rule.threshold)) == said.value)
    return None if asked.context.rules else _either(f"{each.rule.threshold}" for each in rules)


def _short_remedy(facts: ReportFacts, asked: Asked) -> str | None:
    """What is asked of those short of a rule; the rest of the sentence is about them."""
    remedy = facts.lexicon.unfold(asked.found)
    asked.context.rules = tuple(r.rule.key for r in facts.doings.shortfalls if worded(r.rule.remedy, facts.node.words) == remedy)
    return None if asked.context.rules else NO_SUCH_FACT


def _rules(facts: ReportFacts, asked: Asked) -> list[Shortfall]:
    return [each for each in facts.doings.shortfalls if each.rule.key in asked.context.rules]


def _short_count(facts: ReportFacts, asked: Asked) -> str | None:
    counts = [str(len(each.units)) for each in _rules(facts, asked)]
    return None if asked.found in counts else _either(counts)


def _uncompared(facts: ReportFacts, asked: Asked) -> str | None:
    """That some are not compared: by their figures they fell as far."""
    return None if any(each.apart for each in _rules(facts, asked)) else NO_SUCH_FACT


def _short_names(facts: ReportFacts, asked: Asked) -> str | None:
    found = [facts.lexicon.unfold(token) for token in re.findall(token_class("name"), asked.found)]
    expected = [[name for name, _ in each.units] for each in _rules(facts, asked)]
    return None if found in expected else _either(listed(facts, names) for names in expected)


def _short_day(facts: ReportFacts, asked: Asked) -> str | None:
    found = "-".join(f"{int(part):02d}" for part in re.findall(r"\d+", asked.found))
    days = [each.due.isoformat() for each in _rules(facts, asked)]
    return None if found in days else _either(days)


def _short_pairs(facts: ReportFacts, asked: Asked) -> str | None:
    """The first units short of a rule, each with its figure or its fall."""
    found = [(facts.lexicon.unfold(token), text) for token, text in pairs(asked.found, facts.node.words)]
    rules = _rules(facts, asked)
    if any(_all_tell(facts, found, each) for each in rules):
        return None
    return _either(listed(facts, [f"{name} {filed.value}" for name, filed in each.units]) for each in rules)


def _all_tell(facts: ReportFacts, found: Sequence[tuple[str, str]], short: Shortfall) -> bool:
    named = short.units[:MOST_NAMED]
    return len(found) == len(named) and all(
        said == name and _tells(facts, text, filed, short)
        for (said, text), (name, filed) in zip(found, named, strict=True)
    )


def _tells(facts: ReportFacts, text: str, filed: Filed, short: Shortfall) -> bool:
    if short.rule.compare == "fell_by":
        return rate_says(facts, text, filed, "previous") or same_change(facts, text, filed, "previous")
    return says(read_number(text, facts.node.words), filed, facts.node.words)


def _either(expected: Iterable[str]) -> str:
    return " / ".join(expected) or NO_SUCH_FACT


DOING_CHECKS: dict[str, Check] = {
    "activity": _activity, "leading": _leading, "themes": _themes, "filed": _filed, "issue": _issue, "required": _required,
    "shortremedy": _short_remedy, "shortcount": _short_count, "uncompared": _uncompared, "shortnames": _short_names,
    "shortday": _short_day, "shortpairs": _short_pairs,
}
