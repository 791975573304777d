"""The year's steps, for DAG and command line alike: ids in, counts out; no name ever travels."""

import datetime as dt
from typing import Any

Result = dict[str, Any]


def year_status(programme: str, year: str, as_of: str) -> Result:
    """Whether the year is closed, and the status of each half."""
    from etl.stages.context import open_year
    from etl.stages.year import year_status as stage

    return stage(open_year(programme, year), dt.date.fromisoformat(as_of[:10]))


def commend(programme: str, year: str) -> Result:
    """Count the year's commendations: organisations and members at the top, each once, and what does not agree."""
    from etl.core.commendation import COMMENDED
    from etl.stages.commend import commended
    from etl.stages.context import open_year

    context = open_year(programme, year)
    found = commended(context)
    top = found.counts[
        (found.counts["node_id"] == context.register.top.node_id) & (found.counts["tier"] == "")
    ]
    counted = {(row.kind, row.recipient_kind): int(row.distinct_count) for row in top.itertuples()}
    unequal = found.reconciliation["value"] != found.reconciliation["listed"]
    return {
        "branches_named": counted.get(("naming", "organisation"), 0),
        "organisations_commended": counted.get((COMMENDED, "organisation"), 0),
        "members_commended": counted.get((COMMENDED, "member"), 0),
        "differences": int(unequal.sum()),
    }


def render_paper(programme: str, period: str, report: str, node_id: str | None = None) -> Result:
    """Make a year's papers of one kind for every node that the programme says, or for one."""
    from etl.stages.annual_papers import render_annual
    from etl.stages.context import open_year

    return render_annual(open_year(programme, period), report, node_id)
