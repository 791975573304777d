"""What people say about findings: explanations and waivers."""

from typing import Annotated

import typer

from etl.cli.options import PERIOD, PROGRAMME, PeriodOption, ProgrammeOption, ProgrammesDirOption, configure

app = typer.Typer()

Keys = Annotated[list[str], typer.Argument(help="Keys of findings, as `sanji findings` lists them.")]
ActorOption = Annotated[str, typer.Option("--by", help="The office that says so.")]


@app.command()
def explain_finding(
    keys: Keys,
    text: Annotated[str, typer.Option("--text", help="Why the value is right.")],
    by: ActorOption = "sanji",
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD, programmes_dir: ProgrammesDirOption = None,
) -> None:  # fmt: skip
    """Explain warnings. An explanation outlives a resubmission and is asked for again when the value changes."""
    from etl.tasks.explanations import explain

    configure(programmes_dir=programmes_dir)
    _answer(explain(programme, period, keys, text, by, _now()))


@app.command()
def waive(
    keys: Keys,
    reason: Annotated[str, typer.Option("--reason", help="Why the row counts as it is, or no longer does.")],
    until: Annotated[str | None, typer.Option("--until", help="Last period for which it counts; this one without it.")] = None,
    tier: Annotated[str, typer.Option("--tier", help="The tier of who decides: county, prefecture, province.")] = "",
    by: ActorOption = "sanji",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take the waiver back.")] = False,
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD, programmes_dir: ProgrammesDirOption = None,
) -> None:  # fmt: skip
    """Let held rows count as they are until a period, or withdraw that; both take effect at the next `sanji validate`."""
    from etl.tasks.explanations import waive as waive_task
    from etl.tasks.explanations import withdraw as withdraw_task

    configure(programmes_dir=programmes_dir)
    if withdraw:
        _answer(withdraw_task(programme, period, keys, reason, by, _now()))
    else:
        _answer(waive_task(programme, period, keys, reason, until or period, tier, by, _now()))


def _now() -> str:
    """The hour, with its zone: here, at the edge, the clock is asked."""
    import datetime as dt

    return dt.datetime.now(dt.UTC).isoformat()


def _answer(result: dict[str, list[str]]) -> None:
    """Say what was kept and why the rest was not; exit code 2 if anything was refused."""
    typer.echo(f"kept {len(result['done'])}")
    for line in result["refused"]:
        typer.echo(line, err=True)
    if result["refused"]:
        raise typer.Exit(2)
