"""The correction loop: what a unit has to fix, and what it sends back."""

from pathlib import Path
from typing import Annotated

import typer

from etl.cli.options import (
    PERIOD,
    PROGRAMME,
    PeriodOption,
    ProgrammeOption,
    ProgrammesDirOption,
    configure,
    now,
    say,
)

app = typer.Typer()
ByOption = Annotated[str, typer.Option("--by", help="The office that does it, for the history.")]


@app.command()
def feedback(
    unit: Annotated[str, typer.Option("--unit", help="Code of the unit.")],
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    out: Annotated[Path | None, typer.Option("--out", help="Where to write; named after the unit without it.")] = None,
    by: ByOption = "sanji", programmes_dir: ProgrammesDirOption = None,
) -> None:  # fmt: skip
    """Write a unit's fix-me workbook: its own sheets with what is wrong marked, and what to do first."""
    from etl.tasks.returns import feedback as task

    configure(programmes_dir=programmes_dir)
    say(task(programme, period, unit, out, by, now()))
