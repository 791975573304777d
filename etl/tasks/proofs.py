"""What proves a report: its lint, the way back from a figure, errata."""

from typing import Any

from etl.stages.context import open_context


def lint(programme: str, period: str, node_id: str | None = None) -> dict[str, int]:
    """Check every dispatch in force, or one node's, against the store."""
    from etl.stages.lint import lint_editions

    return lint_editions(open_context(programme, period), node_id)


def errata(programme: str, period: str, reason: str) -> dict[str, Any]:
    """Make and queue what corrects reports that have left."""
    from etl.edges.clock import now
    from etl.stages.errata import make_errata

    return make_errata(open_context(programme, period), reason, now())
