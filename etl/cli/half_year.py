"""The half-year from files to outbox, in steps or at once; simulation and demonstration."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from etl.cli.options import (
    PERIOD,
    PROGRAMME,
    AsOfOption,
    BatchOption,
    FeedsOption,
    LanguageOption,
    PeriodOption,
    ProgrammeOption,
    ProgrammesDirOption,
    as_of_day,
    configure,
    followed,
    say,
)
from etl.progress import Progress

app = typer.Typer()
LEAST = 0.001  # of the real programme: a few branches


@app.command()
def gather(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD, batch: BatchOption = None,
    as_of: AsOfOption = None, feeds: FeedsOption = None, programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Take in what the units sent: raw bytes to the landing, a receipt each."""
    from etl import tasks

    configure(feeds, programmes_dir)
    day = as_of_day(programme, period, as_of)
    say(result := tasks.gather(programme, period, batch, day))
    _say_what_was_left(programme, period, result, day)


def _say_what_was_left(programme: str, period: str, gathered: dict[str, Any], day: str) -> None:
    """What lies in the drop folder and was not taken in: files that came too late for `day`, folders that are no unit's."""
    from etl.stages.context import open_context
    from etl.stages.gather import folders_of_nobody

    if late := gathered["after_as_of"]:
        typer.echo(f"{late} files came after {day} and were left: take them in with a later --as-of", err=True)
    if strange := folders_of_nobody(open_context(programme, period)):
        typer.echo(f"folders that are no unit's, and were left: {', '.join(strange)}", err=True)


def _stage(name: str, summary: str, *, tells: bool = False) -> None:
    """A command for a stage of a batch; `tells`: its task says how far it is."""

    def command(
        programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD, batch: BatchOption = None,
        programmes_dir: ProgrammesDirOption = None,
    ) -> None:
        from etl import tasks

        configure(programmes_dir=programmes_dir)
        task = getattr(tasks, name)

        def step(progress: Progress) -> dict[str, Any]:
            return dict(task(programme, period, batch, **({"progress": progress} if tells else {})))

        say(followed(programme, period, name, step))

    app.command(name, help=summary)(command)


_stage("read", "Read the delivered files into text tables with addresses.", tells=True)
_stage("validate", "Judge all rows: what is wrong, where, and what to do about it.")
_stage("publish", "Make the accepted rows current, in one transaction.")


@app.command()
def rollup(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    node: Annotated[str | None, typer.Option("--node", help="One node and all below it.")] = None,
    programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Add up every indicator at every node of the programme's tree."""
    from etl import tasks

    configure(programmes_dir=programmes_dir)
    say(tasks.roll_up(programme, period, node))


@app.command()
def render(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    node: Annotated[str | None, typer.Option("--node", help="One node's report.")] = None,
    report: Annotated[str, typer.Option("--report", help="dispatch, or a year's paper.")] = "dispatch",
    language: LanguageOption = None,
    programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Make the reports of one kind, dispatches as PDF, Word and workbook; where nothing has changed, nothing is made."""
    from etl import tasks

    configure(programmes_dir=programmes_dir, language=language)
    say(followed(programme, period, "render", lambda progress: tasks.render(programme, period, node, report, progress)))


@app.command()
def run(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD, as_of: AsOfOption = None,
    feeds: FeedsOption = None, programmes_dir: ProgrammesDirOption = None,
) -> None:
    """The whole half-year: gather, read, validate, publish, roll up, render, lint, dispatch."""
    configure(feeds, programmes_dir)
    _run(programme, period, as_of)


def _run(programme: str, period: str, as_of: str | None) -> None:
    from etl import tasks

    day = as_of_day(programme, period, as_of)
    steps: dict[str, Callable[[Progress], dict[str, Any]]] = {
        "gather": lambda _: tasks.gather(programme, period, None, day),
        "read": lambda progress: tasks.read(programme, period, None, progress),
        "validate": lambda _: tasks.validate(programme, period, None),
        "publish": lambda _: tasks.publish(programme, period, None),
        "rollup": lambda _: tasks.roll_up(programme, period),
        "render": lambda progress: tasks.render(programme, period, progress=progress),
        "lint": lambda progress: tasks.lint(programme, period, progress=progress),
        "dispatch": lambda progress: tasks.dispatch(programme, period, progress=progress),
    }
    for name, step in steps.items():
        result = followed(programme, period, name, step)
        typer.echo(f"{name:<9} ", nl=False)
        say(result)
        if name == "gather":
            _say_what_was_left(programme, period, result, day)


@app.command()
def simulate(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    out: Annotated[Path | None, typer.Option("--out", help="Drop folder; the configured one without it.")] = None,
    scale: Annotated[float, typer.Option(min=LEAST, help="Branches and ledger entries, as a share of the real ones.")] = 0.05,
    faults: Annotated[str, typer.Option(help="Share of faulty rows, e.g. 0.01; or `each` for one of every kind.")] = "0.01",
    late: Annotated[int, typer.Option(min=0, help="Units that file after the due day.")] = 0,
    missing: Annotated[int, typer.Option(min=0, help="Units that file nothing.")] = 0,
    seed: int = 1, programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Write the feeds of a whole programme for a period, with the truth beside them."""
    from etl.settings import settings
    from etl.simulated import simulate_period

    configure(programmes_dir=programmes_dir)
    folder = out or settings().feeds_dir

    def step(progress: Progress) -> dict[str, Any]:
        return simulate_period(
            programme, period, folder, scale=scale, faults=faults, seed=seed, late=late, missing=missing, progress=progress
        )

    say(followed(programme, period, "simulate", step))


@app.command()
def demo(
    programme: ProgrammeOption = PROGRAMME,
    year: Annotated[int | None, typer.Option(help="The programme's first year without it.")] = None,
    scale: Annotated[float, typer.Option(min=LEAST, help="Branches, as a share of the real programme.")] = 0.25,
    home: Annotated[Path, typer.Option(help="Where everything is written.")] = Path("demo"),
    programmes_dir: ProgrammesDirOption = None,
) -> None:
    """A year of a simulated province: two half-years from feeds to an outbox, the naming, the year's papers."""
    from etl.demo import run_demo

    configure(programmes_dir=programmes_dir, home=home)
    run_demo(programme, year, scale, lambda name, when: _run(name, when, None))
