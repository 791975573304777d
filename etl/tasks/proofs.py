"""What proves a report: its lint, the way back from a figure, errata."""

from typing import Any

from etl.errors import Misuse
from etl.progress import Progress, silent
from etl.stages.context import open_period


def lint(
    programme: str, period: str, node_id: str | None = None, progress: Progress = silent
) -> dict[str, int]:
    """Check every edition in force of a half-year or a year, or one node's, against the store."""
    from etl.stages.lint import lint_editions

    return lint_editions(open_period(programme, period), node_id, progress)


def demand_none_kept_back(programme: str, period: str, blocked: int) -> None:
    """Misuse if reports are kept back, with node, place and kind of each fault; the sentences may hold names and are not told."""
    from etl.stages.lint import faults_listing

    if not blocked:
        return
    rows = faults_listing(open_period(programme, period)).to_dict("records")
    told = "".join(f"\n{row['node_id']} {row['place']}: {row['says']}" for row in rows)
    raise Misuse(f"{blocked} reports are kept back; `sanji lint` shows the sentences:{told}")


def errata(programme: str, period: str, reason: str) -> dict[str, Any]:
    """Make and queue what corrects reports that have left."""
    from etl.edges.clock import now
    from etl.stages.errata import make_errata

    return make_errata(open_period(programme, period), reason, now())
