"""Holding each place of a claim against the facts of its node: one small function a kind of place."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from etl.core.lint.claims import NO_SUCH_FACT, Asked
from etl.core.lint.doings import Activity, Doings
from etl.core.lint.facts import Filed, NodeFacts, paper_step, shown_change
from etl.core.lint.lexicon import Lexicon, token_class
from etl.core.lint.numbers import Said, agrees, read_number
from etl.core.lint.records import Records
from etl.core.lint.scalars import Scalars
from etl.core.reports.figure_text import counted_name, told_unit
from etl.core.wording import Wording

"""Stands as what was expected where the store holds nothing of the kind."""


def pairs(text: str, words: Wording) -> list[tuple[str, str]]:
    """Names, as tokens, each with what stands in brackets after it."""
    opening, closing = map(re.escape, words.lists.brackets)
    found: list[tuple[str, str]] = re.findall(rf"({token_class('name')}){opening}([^{closing}]*){closing}", text)
    return found


@dataclass
class ReportFacts:
    """The facts of one node's report, asked for by claims."""

    node: NodeFacts
    scalars: Scalars
    doings: Doings
    records: Records
    lexicon: Lexicon
    checks: Mapping[str, "Check"]

    def expected(self, kind: str, asked: Asked) -> str | None:
        """None if what was found is right, else what should stand there."""
        return self.checks[kind](self, asked)

    def filed(self, asked: Asked) -> list[Filed]:
        """The figures a place may be about: of the indicator and the node named before it, else of the node itself."""
        keys = asked.context.keys or (self.node.settings.ranking,)
        if not asked.context.nodes:
            return [self.node.own(key) for key in keys]
        return [self.node.of_child(node_id, key) for node_id in asked.context.nodes for key in keys]

    def said(self, asked: Asked) -> Said:
        """The number that stands there."""
        return read_number(asked.found, self.node.words)


Check = Callable[[ReportFacts, Asked], str | None]
"""None if what was asked about is right, else what should stand there."""


def _number(facts: ReportFacts, asked: Asked) -> str | None:
    if asked.fact == "problem":
        value: Decimal | None = Decimal(facts.node.problems.get(asked.context.problem, 0))
    elif asked.fact.startswith("activity."):
        activity = facts.doings.activities.get(asked.context.activity, Activity())
        value = Decimal(getattr(activity, asked.fact.removeprefix("activity.")))
    elif asked.fact.startswith(("duty.", "fact.")):
        value = facts.records.number(asked.fact, asked.context.record)
    else:
        value = facts.scalars.numbers.get(asked.scoped)
    if value is None:
        return NO_SUCH_FACT
    return None if agrees(facts.said(asked), value) else f"{value:f}"


def _value(facts: ReportFacts, asked: Asked) -> str | None:
    if asked.fact == "ranking":
        asked.context.keys = (facts.node.settings.ranking,)
    said, filed = facts.said(asked), facts.filed(asked)
    if asked.fact == "group":
        filed = [row.filed for row in facts.node.groups[asked.context.scope]]
    if any(says(said, each, facts.node.words) for each in filed):
        return None
    return next((f"{each.value:f}" for each in filed if each.value is not None), NO_SUCH_FACT)


def says(said: Said, filed: Filed, words: Wording) -> bool:
    """Whether a number with its unit is the figure."""
    if filed.value is None or said.unit != told_unit(filed.measure, words) or said.floor != filed.at_least:
        return False
    return agrees(said, filed.value, paper_step(filed.measure))


def _bare(said: Said, filed: Filed) -> Said:
    """A number without its unit as the measure's own: of a share so many in a hundred."""
    factor = Decimal("0.01") if filed.measure.percent else Decimal(1)
    return Said(said.value * factor, said.step * factor, said.floor, "")


def _cell(facts: ReportFacts, asked: Asked) -> str | None:
    filed = facts.filed(asked)
    said = _bare(facts.said(asked), filed[0])
    values = [facts.scalars.numbers.get(asked.scoped)] if asked.fact else [each.value for each in filed]
    known = [value for value in values if value is not None]
    if any(agrees(said, value) for value in known):
        return None
    return f"{known[0]:f}" if known else NO_SUCH_FACT


def _change(facts: ReportFacts, asked: Asked) -> str | None:
    right = any(same_change(facts, asked.found, each, asked.fact) for each in facts.filed(asked))
    return None if right else _change_there(facts, asked)


def _change_there(facts: ReportFacts, asked: Asked) -> str:
    changes = [shown_change(each, asked.fact) for each in facts.filed(asked)]
    return next((f"{change:+f}" for change in changes if change is not None), NO_SUCH_FACT)


def same_change(facts: ReportFacts, found: str, filed: Filed, base: str) -> bool:
    """Whether verb, amount and rate say the change: direction by the verb, about exactly if the figure is a floor."""
    change, words = shown_change(filed, base), facts.node.words.change
    if change is None or change == 0 or (words.about in found) != filed.at_least:
        return False
    verbs, (opening, closing) = words.share if filed.measure.percent else words.count, facts.node.words.lists.brackets
    verb, rest = verbs.up if change > 0 else verbs.down, found.replace(words.about, "", 1)
    amount, _, rate = rest.removeprefix(verb).strip().removesuffix(closing).partition(opening)
    if not rest.startswith(verb) or not _amount(facts, amount, filed, abs(change)):
        return False
    return not rate or rate_says(facts, rate, filed, base)


def _amount(facts: ReportFacts, amount: str, filed: Filed, by: Decimal) -> bool:
    points = facts.node.words.change.points
    if filed.measure.percent != amount.endswith(points):
        return False
    said = read_number(amount.removesuffix(points), facts.node.words)
    return said.unit in ("", filed.measure.unit_zh) and agrees(_bare(said, filed), by)


def rate_says(facts: ReportFacts, rate: str, filed: Filed, base: str) -> bool:
    """Whether verb and percentage are the change since the base."""
    before: Decimal | None = getattr(filed, base)
    if filed.value is None or not before:
        return False
    words = facts.node.words.change.count
    rose = filed.value > before
    verb, plain = (words.rate_up, words.up) if rose else (words.rate_down, words.down)
    if not rate.startswith(verb):
        return False
    digits = rate.removeprefix(verb or plain).strip()
    if re.fullmatch(r"\d[\d,]*(?:\.\d+)?%", digits) is None:
        return False
    return agrees(read_number(digits, facts.node.words), abs(filed.value - before) / before)


def _same(facts: ReportFacts, asked: Asked) -> str | None:
    """A change of nothing: the words for it stand there, so that only the facts are asked."""
    still = any(shown_change(each, asked.fact) == 0 for each in facts.filed(asked))
    return None if still and asked.found else _change_there(facts, asked)


def _signed(facts: ReportFacts, asked: Asked) -> str | None:
    said, signs = facts.said(asked), ("+", facts.node.words.numbers.minus)
    for each in facts.filed(asked):
        change = shown_change(each, asked.fact)
        if change is not None and change == _bare(said, each).value and asked.found[:1] in signs:
            return None
    return _change_there(facts, asked)


def _name(facts: ReportFacts, asked: Asked) -> str | None:
    name = facts.lexicon.unfold(asked.found)
    asked.context.name, asked.context.nodes = name, facts.node.ids_of(name)
    if not asked.fact:
        return None
    allowed = facts.scalars.names.get(asked.scoped, ())
    return None if name in allowed else listed(facts, allowed)


def listed(facts: ReportFacts, names: Sequence[str]) -> str:
    """Names in a row, as what should stand there."""
    return facts.node.words.lists.comma.join(names) or NO_SUCH_FACT


def _names(facts: ReportFacts, asked: Asked) -> str | None:
    """All of them in their order, or the first ones and how many there are in all."""
    lists = facts.node.words.lists
    expected = facts.scalars.names.get(asked.scoped, ())
    first, more, count = asked.found.partition(lists.more_uncounted)
    names = tuple(facts.lexicon.unfold(token) for token in first.split(lists.comma))
    asked.context.nodes = facts.node.ids_of(names[0])  # what follows is said of all of them
    digits = re.sub(r"\D", "", count)
    whole = len(names) < len(expected) if more else len(names) == len(expected)
    counted = not digits or int(digits) == len(expected)
    return None if whole and counted and names == expected[: len(names)] else listed(facts, expected)


def _rows(facts: ReportFacts, asked: Asked) -> str | None:
    """Names in their order, each with its ranking figure in brackets."""
    expected = facts.scalars.names.get(asked.scoped, ())
    found = [(facts.lexicon.unfold(token), text) for token, text in pairs(asked.found, facts.node.words)]
    if tuple(name for name, _ in found) != expected:
        return listed(facts, expected)
    key = facts.node.settings.ranking
    for name, text in found:
        filed = [facts.node.of_child(node_id, key) for node_id in facts.node.ids_of(name)]
        if not any(says(read_number(text, facts.node.words), each, facts.node.words) for each in filed):
            return f"{name} {', '.join(f'{each.value}' for each in filed)}"
    return None


def _indicator(facts: ReportFacts, asked: Asked) -> str | None:
    zh, ranking, words = facts.lexicon.unfold(asked.found), facts.node.settings.ranking, facts.node.words
    asked.context.keys = tuple(
        key for key, measure in facts.node.measures.items() if zh in (measure.zh, counted_name(measure, words))
    )
    return (
        None if asked.fact != "ranking" or ranking in asked.context.keys else facts.node.measures[ranking].zh
    )


def _problem(facts: ReportFacts, asked: Asked) -> str | None:
    asked.context.problem = facts.lexicon.unfold(asked.found)
    return None if facts.node.problems.get(asked.context.problem) else NO_SUCH_FACT


def _remedy(facts: ReportFacts, asked: Asked) -> str | None:
    """Known to the lexicon by the rules' own texts; it must be that of a rule that found something at the node."""
    remedy = facts.lexicon.unfold(asked.found)
    return None if remedy in facts.node.remedies else NO_SUCH_FACT


def _word(facts: ReportFacts, asked: Asked) -> str | None:
    expected = facts.scalars.words.get(asked.scoped, NO_SUCH_FACT)
    return None if facts.lexicon.unfold(asked.found) == expected else expected


def _day(facts: ReportFacts, asked: Asked) -> str | None:
    year, month, day = (int(part) for part in re.findall(r"\d+", asked.found))
    expected = facts.scalars.days[asked.fact]
    return None if f"{year:04d}-{month:02d}-{day:02d}" == expected else expected


def _if(facts: ReportFacts, asked: Asked) -> str | None:
    return None if facts.scalars.holds[asked.fact] else asked.fact


CHECKS: dict[str, Check] = {
    "number": _number, "value": _value, "cell": _cell, "change": _change, "same": _same, "signed": _signed,
    "name": _name, "names": _names, "rows": _rows, "indicator": _indicator, "problem": _problem, "remedy": _remedy,
    "word": _word, "period": _word, "day": _day, "if": _if,
}
