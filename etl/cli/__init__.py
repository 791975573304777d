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
from etl.errors import Retryable, SanjiError, disk_says, server_says

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
    """Entry point: our own errors and a machine's faults become one line and their exit code; any other shows itself."""
    try:
        app()
    except SanjiError as error:
        _stop(str(error), error.exit_code)
    except Exception as error:
        said = disk_says(error) or server_says(error)
        if said is None:
            raise
        where = getattr(error, "filename", None)
        _stop(f"{said}{f' ({where})' if where else ''}", Retryable.exit_code)


def _stop(said: str, code: int) -> None:
    errors.print(f"sanji: {said}", style="red", highlight=False, soft_wrap=True)
    sys.exit(code)
