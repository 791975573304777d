"""Places of claims about duties and about facts on record of branches."""

import re

from etl.core.lint.claims import NO_SUCH_FACT, Asked
from etl.core.lint.doing_places import MOST_NAMED
from etl.core.lint.lexicon import token_class
from etl.core.lint.places import Check, ReportFacts, listed


def _duty(facts: ReportFacts, asked: Asked) -> str | None:
    """A duty; `own_done` and `own_owing`: one that the node alone owes, and is or is not through with."""
    name = asked.context.record = facts.lexicon.unfold(asked.found)
    duty = facts.records.duties.get(name)
    if duty is None or duty.own != asked.fact.startswith("own"):
        return NO_SUCH_FACT
    return asked.fact if asked.fact and bool(duty.done) != (asked.fact == "own_done") else None


def _fact(facts: ReportFacts, asked: Asked) -> str | None:
    asked.context.record = facts.lexicon.unfold(asked.found)
    return None if asked.context.record in facts.records.facts else NO_SUCH_FACT


def _owing(facts: ReportFacts, asked: Asked) -> str | None:
    """Who owes the duty still: all of them in their order, or the first ones and how many there are."""
    duty = facts.records.duties.get(asked.context.record)
    expected = duty.missing if duty else ()
    lists = facts.node.words.lists
    named, more, count = asked.found.partition(lists.more_uncounted)
    names = tuple(facts.lexicon.unfold(token) for token in re.findall(token_class("name"), named))
    said = int(re.sub(r"\D", "", count) or 0) if more else len(names)
    right = names == expected[:MOST_NAMED] and said == len(expected)
    return None if right else listed(facts, expected)


RECORD_CHECKS: dict[str, Check] = {"duty": _duty, "fact": _fact, "owing": _owing}
