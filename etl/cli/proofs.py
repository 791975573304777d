"""What proves a report: its lint, the way back from a figure, errata."""

from typing import Annotated

import typer

from etl.cli.options import (
    PERIOD,
    PROGRAMME,
    FormatOption,
    PeriodOption,
    ProgrammeOption,
    ProgrammesDirOption,
    configure,
    errors,
)

app = typer.Typer()


@app.command()
def lint(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    node: Annotated[str | None, typer.Option("--node", help="One node's report.")] = None,
    format_: FormatOption = "table", programmes_dir: ProgrammesDirOption = None,
) -> None:  # fmt: skip
    """Read the reports in force back and hold each figure, name and list against the store; list what keeps them back."""
    from etl import tasks
    from etl.listings import show
    from etl.stages.context import open_context
    from etl.stages.lint import faults_listing

    configure(programmes_dir=programmes_dir)
    checked = tasks.lint(programme, period, node)
    faults = faults_listing(open_context(programme, period), node)
    if len(faults) or format_ != "table":
        show(faults, format_)
    errors.print(f"editions {checked['editions']}, blocked {checked['blocked']}")
