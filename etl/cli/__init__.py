"""The `sanji` command: the same verbs as the tasks, and listings of what they made. One module a subject."""

import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

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
from etl.errors import ConfigError, Retryable, SanjiError, disk_says, server_says, template_says

PANELS = {
    "To try it out": "demo simulate serve doctor programmes",
    "A half-year, in its order": "run gather read validate publish rollup render lint dispatch",
    "What came of it": "status board findings totals explain what-if divisions",
    "What units put right": "feedback resubmit explain-finding waive letters remind",
    "Mail, and what is put right after it": "outbox release deliveries mail-in errata",
    "A year": "score review award why-not notice name titles record commend",
    "Rules": "rules revalidate",
}
"""What `sanji --help` lists under which heading, in this order."""


class _InPanels(TyperGroup):
    """The commands in the order of their panels."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - what click asks for
        for panel, names in PANELS.items():
            for name in names.split():
                self.commands[name].rich_help_panel = panel  # type: ignore[attr-defined] # typer's commands have it
        return " ".join(PANELS.values()).split()


app = typer.Typer(
    cls=_InPanels,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Half-yearly reporting for branch-building programmes.",
)
for subject in (annual, awards, board, explanations, half_year, listings, mail, proofs, record, returns, review):
    app.add_typer(subject.app)


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(version("sanji"))
        raise typer.Exit


@app.callback()
def _main(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Gather, validate, roll up, report and mail, for every programme by configuration."""


def main() -> None:
    """Entry point: our own errors and a machine's faults become one line and their exit code; any other shows itself."""
    try:
        app()
    except SanjiError as error:
        _stop(str(error), error.exit_code)
    except Exception as error:
        if at_fault := template_says(error):
            _stop(at_fault, ConfigError.exit_code)
        said = disk_says(error) or server_says(error)
        if said is None:
            raise
        where = getattr(error, "filename", None)
        _stop(f"{said}{f' ({where})' if where else ''}", Retryable.exit_code)


def _stop(said: str, code: int) -> None:
    errors.print(f"sanji: {said}", style="red", highlight=False, soft_wrap=True)
    sys.exit(code)
