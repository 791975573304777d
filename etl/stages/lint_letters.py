"""Letters read back: what a letter about one unit's return says is worked out of the store again before it is queued."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from etl.core.lint.claims import Fault
from etl.core.lint.letters import MOST_LISTED, lint_letter, problems_told, worth_telling
from etl.core.lint.lexicon import Lexicon
from etl.core.lint.told import Items, Told
from etl.core.register import due_day
from etl.core.returns.feedback import ENOUGH
from etl.core.wording import day_text, one_line
from etl.core.working_days import add_working_days, working_days_between
from etl.edges.copies import read_mail
from etl.edges.lint_files import letter_grammar
from etl.edges.templates import wording
from etl.edges.texts import text_cells
from etl.errors import Bug
from etl.stages.compose import Letter
from etl.stages.context import Context
from etl.stages.feedback import faults_of, standing_rows
from etl.stages.frames import rule_texts
from etl.stages.read import texts_in_force
from etl.stages.returns import returns

REPLY_WORKING_DAYS = 5


@dataclass
class _Facts:
    """What one letter may say, by the names that its claims call it by; `words` and `names` stand in it as one piece."""

    numbers: dict[str, Decimal | int] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    holds: dict[str, bool] = field(default_factory=dict)
    lists: dict[str, Items] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def demand_agreement(context: Context, letter: Letter) -> None:
    """Bug, with node and kinds of faults but not a word of the letter, if it says what the store does not bear out."""
    faults = letter_faults(context, letter)
    if faults:
        kinds = ", ".join(sorted({f"{fault.rule} in {fault.place}" for fault in faults}))
        raise Bug(f"{letter.kind} letter about {letter.node_id} does not agree with the store and was not queued: {kinds}")


def letter_faults(context: Context, letter: Letter) -> list[Fault]:
    """What a letter says otherwise than the store; empty if it may be queued."""
    facts = _FACTS[letter.kind](context, letter)
    texts = {
        "organ": letter.sender_name, "day": day_text(letter.sent_at.date(), wording()), "period": context.period.zh,
        "programme": context.bundle.programme.title.zh, **facts.texts,
    }
    names = [letter.sender_name, texts["unit"], *facts.names]
    lexicon = Lexicon({"name": names, "period": [texts["period"]], "word": [texts["programme"], *facts.words]})
    numbers = {key: Decimal(value) for key, value in facts.numbers.items()}
    grammar = letter_grammar()
    told = Told(wording(), lexicon, grammar.forms, numbers, texts, facts.lists, _Answers(facts.holds))
    plain, marked = read_mail(letter.model)
    return lint_letter(letter.model["labels"]["subject"], plain, marked, told, grammar)


class _Answers(dict[str, bool]):
    """Conditions of a letter's claims; what a kind of letter does not know does not hold."""

    def __missing__(self, key: str) -> bool:
        return False


def _feedback(context: Context, letter: Letter) -> _Facts:
    unit_id = letter.node_id
    texts, filed = texts_in_force(context, [unit_id]), returns(context, [unit_id]).get(unit_id)
    found = faults_of(standing_rows(context, unit_id, texts), texts)
    rows = {
        text.table_name: text_cells(context.landing, text.text_path, text.receipt_id).column("row_number").to_pylist()
        for text in texts
    }
    problems = [tuple(map(one_line, each)) for each in problems_told(found, rows, rule_texts(context))]
    groups, lines, share = worth_telling(found, rows, ENOUGH)
    asked = sum(each.level == "warning" for each in found)
    kinds = len({each.key for each in found if each.level != "warning"})
    return _Facts(
        numbers={
            "accepted": filed.rows_accepted if filed else 0, "held": filed.rows_held if filed else 0, "questions": asked,
            "faults": kinds, "groups": len(problems), "rest": len(problems) - MOST_LISTED,
            "first_groups": groups, "first_rows": lines, "first_share": Decimal(str(share)),
        },
        texts=_unit(context, unit_id) | {
            "reply_by": day_text(add_working_days(letter.sent_at.date(), REPLY_WORKING_DAYS), wording()),
        },
        holds={
            "not_filed": filed is None, "none_counted": not (filed and (filed.rows_accepted or filed.rows_held)),
            "first_is_all": share == 1,
        },
        lists={"problems": problems[:MOST_LISTED]},
        words=[text for problem in problems for text in problem[:2]],
    )


def _reminder(context: Context, letter: Letter) -> _Facts:
    """Days from the half-year's due day to the day for which the letter is owed; of an escalation who sent nothing."""
    arrived, as_of = set(returns(context)), dt.date.fromisoformat(letter.model["as_of"])
    due = due_day(context.bundle.programme, context.period)
    days = working_days_between(due, as_of)
    waiting = [
        one_line(unit.name) for unit in context.register.units
        if unit.must_report and unit.unit_id not in arrived and (unit.parent_id or unit.node_id) == letter.node_id
    ]
    of_a_unit = letter.node_id in context.register.units_by_id
    return _Facts(
        numbers={"names": len(waiting), "days_late": days, "days_left": -days},
        texts=(_unit(context, letter.node_id) if of_a_unit else {"unit": letter.recipient.name})
        | {"due": day_text(due, wording()), "day": day_text(as_of, wording())},
        holds={"due_today": days == 0},
        lists={"names": [(name,) for name in waiting]},
        names=waiting,
    )


def _answer(context: Context, letter: Letter) -> _Facts:
    """The counts are those of the answer itself, which nothing in the store keeps; they must be told as they are."""
    told: Mapping[str, Any] = letter.model
    said = told["said"] or told["standing"]  # why it was refused, or what came of it
    open_still = bool(told["still_open"] or told["new"] or not told["taken"])
    return _Facts(
        numbers={key: told[key] for key in ("fixed", "still_open", "new")},
        texts=_unit(context, letter.node_id) | {"said": said},
        holds={
            "refused": not told["accepted"], "still_open": told["accepted"] and open_still,
            "all_fixed": told["accepted"] and not open_still,
        },
        words=[said],
    )


def _unit(context: Context, unit_id: str) -> dict[str, str]:
    return {"unit": one_line(context.register.unit(unit_id).name)}


_FACTS: Mapping[str, Callable[[Context, Letter], _Facts]] = {
    "feedback": _feedback, "reminder": _reminder, "answer": _answer,
}
