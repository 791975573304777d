"""The rules as people read them, and what people say about findings: explanations, waivers, what if."""

from pathlib import Path
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
    now,
)

app = typer.Typer()

Keys = Annotated[list[str], typer.Argument(help="Keys of findings, as `sanji findings` lists them.")]
ActorOption = Annotated[str, typer.Option("--by", help="The office that says so.")]


@app.command()
def explain_finding(
    keys: Keys,
    text: Annotated[str, typer.Option("--text", help="Why the value is right.")],
    by: ActorOption = "sanji",
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD, programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Explain warnings. An explanation outlives a resubmission and is asked for again when the value changes."""
    from etl.tasks.explanations import explain

    configure(programmes_dir=programmes_dir)
    _answer(explain(programme, period, keys, text, by, now().isoformat()))


@app.command()
def waive(
    keys: Keys,
    reason: Annotated[str, typer.Option("--reason", help="Why the row counts as it is, or no longer does.")],
    until: Annotated[str | None, typer.Option("--until", help="Last period for which it counts; this one without it.")] = None,
    tier: Annotated[str, typer.Option("--tier", help="The tier of who decides: county, prefecture, province.")] = "",
    by: ActorOption = "sanji",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take the waiver back.")] = False,
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD, programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Let held rows count as they are until a period, or withdraw that: both count at once, in totals with the next roll-up."""
    from etl.tasks.explanations import waive as waive_task
    from etl.tasks.explanations import withdraw as withdraw_task

    configure(programmes_dir=programmes_dir)
    if withdraw:
        _answer(withdraw_task(programme, period, keys, reason, tier, by, now().isoformat()))
    else:
        _answer(waive_task(programme, period, keys, reason, until or period, tier, by, now().isoformat()))


@app.command()
def what_if(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    place: Annotated[str | None, typer.Option("--place", help="Code of one place or unit; the top without it.")] = None,
    format_: FormatOption = "table", programmes_dir: ProgrammesDirOption = None,
) -> None:
    """The totals of a place as they stand, and as they would be if every held row under it counted. Keeps nothing."""
    from etl.listings import show, what_if_listing

    configure(programmes_dir=programmes_dir)
    show(what_if_listing(programme, period, place), format_)


@app.command()
def rules(
    period: Annotated[str | None, typer.Option("--period", help="Only those in force in 2018H1, say.")] = None,
    format_: FormatOption = "table",
) -> None:
    """The rules: sentence, level, remedy, example, first and last day, who may waive."""
    from etl.core.period import Period
    from etl.errors import Misuse
    from etl.listings import rules_listing, show

    try:
        day = Period.parse(period).last_day if period else None
    except ValueError as error:
        raise Misuse(str(error)) from error
    show(rules_listing(day), format_)


@app.command()
def revalidate(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    unit: Annotated[str | None, typer.Option("--unit", help="Code of one unit; all without it.")] = None,
    rules_dir: Annotated[Path | None, typer.Option("--rules", help="A folder of suites to judge by instead.")] = None,
    only: Annotated[str | None, typer.Option("--only", help="findings, rows or totals, as one table.")] = None,
    format_: FormatOption = "table", programmes_dir: ProgrammesDirOption = None,
) -> None:
    """What would change if the period were judged again now: findings, rows held, totals. Keeps nothing."""
    from etl.listings import show
    from etl.stages.context import open_context
    from etl.stages.revalidate import revalidate as stage

    configure(programmes_dir=programmes_dir)
    context = open_context(programme, period)
    changes = stage(context, context.unit_ids_of(unit), rules_dir)
    tables = {"findings": changes.findings, "rows": changes.rows, "totals": changes.totals}
    if only is not None and only not in tables:
        raise typer.BadParameter(f"{only}: write findings, rows or totals")
    if only is None:
        typer.echo(", ".join(f"{title} {len(rows)}" for title, rows in tables.items()))
    for title, rows in tables.items():
        if only == title or (only is None and len(rows)):
            show(rows, format_)


def _answer(result: dict[str, list[str]]) -> None:
    """Say what was kept and why the rest was not; exit code 2 if anything was refused."""
    typer.echo(f"kept {len(result['done'])}")
    for line in result["refused"]:
        typer.echo(line, err=True)
    if result["refused"]:
        raise typer.Exit(2)
