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
    errors,
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
    all_ledgers: Annotated[bool, typer.Option("--all-ledgers", help="Also the ledgers in which nothing is wrong.")] = False,
    by: ByOption = "sanji", programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Write a unit's fix-me workbook: its own sheets with what is wrong marked, and what to do first."""
    from etl.tasks.returns import feedback as task

    configure(programmes_dir=programmes_dir)
    say(task(programme, period, unit, out, by, now(), all_ledgers))


@app.command()
def resubmit(
    file: Annotated[Path, typer.Argument(help="A returned fix-me workbook, or any file.")],
    unit: Annotated[str | None, typer.Option("--unit", help="Code of the unit; a fix-me workbook names its own.")] = None,
    take: Annotated[bool, typer.Option("--take", help="Let it count even if it is not better than what counts now.")] = False,
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    by: ByOption = "sanji", programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Take in a file that a unit sent back, and say what is fixed, still open and new; it counts if it is better."""
    from etl.tasks.returns import resubmit as task

    configure(programmes_dir=programmes_dir)
    answer = task(programme, period, file, unit, by, now(), take)
    if not answer.accepted:
        errors.print(answer.refusal, style="red", highlight=False, soft_wrap=True)
        raise typer.Exit(2)
    counts = {"fixed": answer.fixed, "still open": answer.still_open, "new": answer.new}
    say({**{name: len(faults) for name, faults in counts.items()}, "explained": answer.explained, "taken": answer.taken})
    typer.echo(answer.standing)
    if answer.taken and not answer.repeated:
        typer.echo(f"Totals follow with the next roll-up: sanji rollup --programme {programme} --period {period}")
    for name in ("still open", "new"):
        for fault in counts[name]:
            place = f"{fault.sheet} {fault.letter or ''}{fault.row or ''}".strip()
            typer.echo(f"  {name}: {fault.rule} {place} {fault.heading} {fault.found} → {fault.expected}")
