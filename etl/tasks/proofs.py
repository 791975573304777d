"""What proves a report: its lint, the way back from a figure, errata."""

from etl.stages.context import open_context


def lint(programme: str, period: str, node_id: str | None = None) -> dict[str, int]:
    """Check every dispatch in force, or one node's, against the store."""
    from etl.stages.lint import lint_editions

    return lint_editions(open_context(programme, period), node_id)
