"""The year's steps, for DAG and command line alike: ids in, counts out; no name ever travels."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from etl.progress import Progress, silent

if TYPE_CHECKING:
    from etl.stages.context import Context
    from etl.stages.sign_requests import Asked

Result = dict[str, Any]


def year_status(programme: str, year: str, as_of: str) -> Result:
    """Whether the year is closed, and the status of each half."""
    from etl.stages.context import open_year
    from etl.stages.year import year_status as stage

    return stage(open_year(programme, year), dt.date.fromisoformat(as_of[:10]))


def commend(programme: str, year: str) -> Result:
    """Count the year's commendations: organisations and members at the top, each once, and what does not agree."""
    from etl.core.awards.commendation import COMMENDED
    from etl.stages.commend import commended
    from etl.stages.context import open_year

    context = open_year(programme, year)
    found = commended(context)
    counts = found.counts  # tier '': whoever conferred
    top = counts[(counts["node_id"] == context.register.top.node_id) & (counts["tier"] == "")]
    counted = {(row.kind, row.recipient_kind): int(row.distinct_count) for row in top.itertuples()}
    unequal = found.reconciliation["value"] != found.reconciliation["listed"]
    return {
        "branches_named": counted.get(("naming", "organisation"), 0),
        "organisations_commended": counted.get((COMMENDED, "organisation"), 0),
        "members_commended": counted.get((COMMENDED, "member"), 0),
        "differences": int(unequal.sum()),
    }


def render_paper(
    programme: str, period: str, report: str, node_id: str | None = None, progress: Progress = silent
) -> Result:
    """Make a year's papers of one kind for every node that the programme says, or for one."""
    from etl.stages.annual_papers import render_annual
    from etl.stages.context import open_year

    return render_annual(open_year(programme, period), report, node_id, progress)


def reviewed(programme: str, period: str) -> Result:
    """How many branches are scored, and how many of them each tier has reviewed: counts only."""
    from etl.edges.store.awards import reviews_of, scores_of
    from etl.stages.context import open_year

    context = open_year(programme, period)
    reviews = reviews_of(context.store, programme, period)
    counts = {
        tier: len({review.branch_id for review in reviews if review.tier == tier})
        for tier in context.bundle.programme.reviewing_tiers()
    }
    return {"scored": len(scores_of(context.store, programme, period)), **counts}


def review_round(programme: str, period: str, number: int) -> list[Result]:
    """The whole lists that wait for a person in a round, the lowest reviewing tier being round 1. Empty beyond the tiers.

    Of each: tier, node and code of the place, its title for people, how many branches, the digest of the list, the levels to
    choose from.
    """
    from etl.stages.context import open_year

    context = open_year(programme, period)
    tiers = context.bundle.programme.reviewing_tiers()
    return _waiting(context, tiers[number - 1]) if number <= len(tiers) else []


def waiting_list(programme: str, period: str, tier: str, node_id: str) -> Result | None:
    """One place's list as it waits now, as `review_round` tells it; None if nothing on it waits any more."""
    from etl.stages.context import open_year

    rows = _waiting(open_year(programme, period), tier)
    return next((row for row in rows if row["node_id"] == node_id), None)


def _waiting(context: "Context", tier: str) -> list[Result]:
    from etl.core.awards.review import reaches_tier
    from etl.stages.review_lists import pending_lists

    rules = context.bundle.programme
    levels = {level.key: level.title for level in rules.levels if reaches_tier(level.key, tier, rules)}
    tier_zh = rules.tier_names()[tier]
    return [
        {**row, "code": context.register.node(row["node_id"].partition("/")[0]).code, "levels": levels,
         "title": f"{rules.title.zh}{context.period.zh}{row['name']}（{tier_zh}）"}
        for row in pending_lists(context, tier)
    ]


def decide_review_list(  # noqa: PLR0913 - Airflow hands over an answer's fields as they are
    programme: str,
    period: str,
    tier: str,
    node_id: str,
    shown: str,
    verdict: str,
    level: str,
    reason: str,
    actor: str,
    at: str,
) -> Result:
    """One verdict over a place's whole list, of which the person saw the digest `shown`.

    How many reviews it made (`taken`), and why others, or all since the list is another by now, were `refused`, each reason once.
    """
    from etl.core.returns.events import By
    from etl.stages.context import open_year
    from etl.stages.review_lists import decide_list

    hour = dt.datetime.fromisoformat(at)
    answer = decide_list(open_year(programme, period), tier, node_id, shown, verdict, level, reason, By(actor, hour))
    reasons = [answer.refusal] if answer.refusal else [reason for each in answer.taken.refused for reason in each.reasons]
    return {"taken": len(answer.taken.review_ids), "refused": list(dict.fromkeys(reasons))}


def reviews_request(programme: str, period: str, counts: Result) -> Result:
    """The words with which a person is asked whether all reviews are entered: `subject` and `body` (Markdown)."""
    from etl.stages.context import open_year
    from etl.stages.sign_requests import reviews_request as stage

    return stage(open_year(programme, period), counts)


def sign_request(programme: str, period: str, run_id: str, asked: "Asked") -> Result:
    """The words with which a person is asked to sign a run's `notice` or `naming`: `subject` and `body` (Markdown)."""
    from etl.stages.context import open_year
    from etl.stages.sign_requests import sign_request as stage

    return stage(open_year(programme, period), run_id, asked)


def notices_over(programme: str, period: str, run_id: str, as_of: str) -> bool:
    """Whether every public notice of an award run has closed before the day `as_of`; True where none was needed."""
    from etl.edges.store.conferred import last_notice_day
    from etl.stages.context import open_year

    closes = last_notice_day(open_year(programme, period).store, programme, period, run_id)
    return closes is None or closes < as_of[:10]
