"""What stands before the people who let a year go on: how far reviews are, what a run proposes, days, objections."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from etl.core.awards.award import Award
from etl.edges.store.awards import awards_of
from etl.edges.templates import environment
from etl.stages.award import the_run
from etl.stages.context import Context
from etl.stages.naming import objected_to
from etl.stages.notice import notices_of

Row = dict[str, Any]
Asked = Literal["notice", "naming"]


def reviews_request(context: Context, counts: Mapping[str, int]) -> dict[str, str]:
    """The words with which a person is asked whether all reviews are entered: `subject` and `body` (Markdown).

    `counts`: how many branches are `scored`, and how many each reviewing tier has reviewed, as `etl.tasks.annual.reviewed` tells.
    """
    names = context.bundle.programme.tier_names()
    facts = {
        "programme_zh": context.bundle.programme.title.zh,
        "period_zh": context.period.zh,
        "scored": counts["scored"],
        "tiers": [(names[tier], number) for tier, number in counts.items() if tier != "scored"],
    }
    return _words("reviews_done", facts)


def sign_request(context: Context, run_id: str, asked: Asked) -> dict[str, str]:
    """The words with which a person is asked to sign what a run proposes: `subject` and `body` (Markdown).

    Misuse if there is no such run. Of branches it tells how many; what the run had to say, of a tie say, may name some.
    """
    run = the_run(context, run_id)
    notices = [row for row in notices_of(context) if row["run_id"] == run_id]
    facts = {
        "programme_zh": context.bundle.programme.title.zh,
        "period_zh": context.period.zh,
        "run": run,
        "levels": _levels(context, run_id),
        "answers": run["answers"],
        "opened_on": min((row["opened_on"] for row in notices), default=""),
        "closes_on": max((row["closes_on"] for row in notices), default=""),
        "objections": Counter(why for key, why in objected_to(context).items() if key[0] == run_id),
    }
    return _words(f"sign_{asked}", facts)


def _words(name: str, facts: Row) -> dict[str, str]:
    template = environment().get_template
    return {
        "subject": " ".join(template(f"naming/{name}.subject.j2").render(facts).split()),
        "body": template(f"naming/{name}.md.j2").render(facts),
    }


def _levels(context: Context, run_id: str) -> list[Row]:
    """Of each level that the run has to do with, highest first: its title, naming places, and branches by outcome.

    A branch is counted as named at its highest level only, as in the decision.
    """
    found = awards_of(context.store, run_id)
    return [
        {"title": level.title, **_counted([each for each in found if each.level == level.key])}
        for level in reversed(context.bundle.programme.levels)
        if any(each.level == level.key for each in found)
    ]


def _counted(awards: Sequence[Award]) -> dict[str, int]:
    outcomes = Counter(each.outcome for each in awards)
    named = [each for each in awards if each.outcome == "named"]
    return {
        "named": sum(each.highest for each in named),
        "places": len({each.node_id for each in named}),
        "waiting": outcomes["waiting"],
        "held": outcomes["held"],
    }
