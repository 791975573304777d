"""The year's judging as tasks: scores, reviews, awards, notices, namings. Ids and counts travel, answers are in Chinese."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from etl.core.returns.events import By

Result = dict[str, Any]


def score(programme: str, period: str) -> Result:
    """Score every branch of a year."""
    from etl.stages.context import open_year
    from etl.stages.score import score as stage

    return stage(open_year(programme, period))


def import_reviews(programme: str, period: str, path: str, actor: str, at: str) -> Result:
    """Take in a file of reviews: how many are new, how many were there, what was refused."""
    from etl.stages.context import open_year
    from etl.stages.review_lists import import_reviews as stage

    content = Path(path).read_bytes()
    came = stage(open_year(programme, period), content, Path(path).name, By(actor, dt.datetime.fromisoformat(at)))
    return {
        "refusal": came.refusal,
        "taken": len(came.taken.review_ids),
        "again": came.taken.again,
        "refused": [
            f"{each.number} {each.branch_id}：{'；'.join(each.reasons)}" for each in came.taken.refused
        ],
    }


def award(programme: str, period: str, as_of: str) -> Result:
    """Work the awards out as of a day: the run and how many branches count at each level."""
    from etl.stages.award import award_year
    from etl.stages.context import open_year

    return award_year(open_year(programme, period), dt.date.fromisoformat(as_of[:10]))


def notice(
    programme: str,
    period: str,
    run_id: str | None,
    opened_on: str,
    actor: str,
    at: str,
    only: Sequence[tuple[str, str]] | None = None,
) -> Result:
    """Open the public notices of a run: of all its (level, naming place), or of some."""
    from etl.stages.context import open_year
    from etl.stages.notice import open_notices as stage

    day, hour = dt.date.fromisoformat(opened_on[:10]), dt.datetime.fromisoformat(at)
    answer = stage(open_year(programme, period), run_id, day, By(actor, hour), only)
    return {"notices": len(answer.ids), "said": list(answer.said)}


def name(
    programme: str,
    period: str,
    run_id: str | None,
    decided_on: str,
    document_number: str,
    actor: str,
    at: str,
    only: Sequence[tuple[str, str]] | None = None,
) -> Result:
    """Confer the titles of a run whose notices have closed: at all its (level, naming place), or at some."""
    from etl.stages.context import open_year
    from etl.stages.naming import name_branches as stage

    day, hour = dt.date.fromisoformat(decided_on[:10]), dt.datetime.fromisoformat(at)
    answer = stage(open_year(programme, period), run_id, day, document_number, By(actor, hour), only)
    return {"titles": len(answer.ids), "said": list(answer.said)}
