"""The `sanji` command: the same verbs as the tasks, and listings of what they made. One module a subject."""

import sys

import typer

from etl.cli import (
    annual,
    awards,
    board,
    explanations,
    half_year,
    listings,
    mail,
    proofs,
    record,
    returns,
    review,
)
from etl.cli.options import errors
from etl.errors import SanjiError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Half-yearly reporting for branch-building programmes.",
)
for subject in (
    annual,
    awards,
    board,
    explanations,
    half_year,
    listings,
    mail,
    proofs,
    record,
    returns,
    review,
):
    app.add_typer(subject.app)


@app.callback()
def _main() -> None:
    """Gather, validate, roll up, report and mail, for every programme by configuration."""


def main() -> None:
    """Entry point: our own errors become one line and their exit code; anything else is a bug and shows itself."""
    try:
        app()
    except SanjiError as error:
        errors.print(f"sanji: {error}", style="red", highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
