"""The `sanji` command: the same verbs as the tasks, and listings of what they made."""

import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from etl.errors import SanjiError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Half-yearly reporting for branch-building programmes.",
)
errors = Console(stderr=True)

ProgrammeOption = Annotated[
    str, typer.Option("--programme", "-p", help="Programme key, see `sanji programmes`.")
]
PeriodOption = Annotated[str, typer.Option("--period", help="2018H1, 2020 or 2024B2.")]
BatchOption = Annotated[str | None, typer.Option("--batch", help="One batch, e.g. P530100; all without it.")]
FormatOption = Annotated[str, typer.Option("--format", help="table, csv or json.")]
FeedsOption = Annotated[
    Path | None, typer.Option("--feeds", help="Drop folder: <programme>/<period>/<unit code>/files.")
]
ProgrammesDirOption = Annotated[
    Path | None, typer.Option("--programmes-dir", help="A folder of programmes outside the package.")
]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help="Take in files up to this day; the cut-off day without it.")
]

PROGRAMME, PERIOD = "yunnan-model-branch", "2018H1"


@app.callback()
def _main() -> None:
    """Gather, validate, roll up, report and mail, for every programme by configuration."""


def _configure(
    feeds: Path | None = None, programmes_dir: Path | None = None, home: Path | None = None
) -> None:
    """Options win over the environment: settings are read once, here."""
    import os

    from etl.settings import settings

    given = {"SANJI_FEEDS": feeds, "SANJI_PROGRAMMES_DIR": programmes_dir, "SANJI_HOME": home}
    for name, value in given.items():
        if value is not None:
            os.environ[name] = str(value)
    settings.cache_clear()


def _as_of(programme: str, period: str, as_of: str | None) -> str:
    from etl.core.register import cutoff_day
    from etl.stages.context import open_context

    if as_of:
        try:
            return dt.date.fromisoformat(as_of).isoformat()
        except ValueError as error:
            raise typer.BadParameter(f"{as_of} is not a day: write 2018-08-20") from error
    context = open_context(programme, period)
    return (cutoff_day(context.bundle.programme, context.period) + dt.timedelta(days=1)).isoformat()


def _say(result: dict[str, Any]) -> None:
    typer.echo(
        ", ".join(
            f"{key} {len(value) if isinstance(value, list) else value}" for key, value in result.items()
        )
    )


@app.command()
def gather(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD, batch: BatchOption = None,
    as_of: AsOfOption = None, feeds: FeedsOption = None, programmes_dir: ProgrammesDirOption = None,
) -> None:  # fmt: skip
    """Take in what the units sent: raw bytes to the landing, a receipt each."""
    from etl import tasks

    _configure(feeds, programmes_dir)
    _say(tasks.gather(programme, period, batch, _as_of(programme, period, as_of)))


def _stage(name: str, summary: str) -> None:
    def command(
        programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD, batch: BatchOption = None,
        programmes_dir: ProgrammesDirOption = None,
    ) -> None:  # fmt: skip
        from etl import tasks

        _configure(programmes_dir=programmes_dir)
        _say(getattr(tasks, name)(programme, period, batch))

    app.command(name, help=summary)(command)


_stage("read", "Read the delivered files into text tables with addresses.")
_stage("validate", "Judge all rows: what is wrong, where, and what to do about it.")
_stage("publish", "Make the accepted rows current, in one transaction.")


@app.command()
def rollup(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    node: Annotated[str | None, typer.Option("--node", help="One node and all below it.")] = None,
    programmes_dir: ProgrammesDirOption = None,
) -> None:  # fmt: skip
    """Add up every indicator at every node of the programme's tree."""
    from etl import tasks

    _configure(programmes_dir=programmes_dir)
    _say(tasks.roll_up(programme, period, node))


@app.command()
def render(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    node: Annotated[str | None, typer.Option("--node", help="One node's report.")] = None,
    programmes_dir: ProgrammesDirOption = None,
) -> None:  # fmt: skip
    """Make the dispatch reports; where nothing has changed, nothing is made."""
    from etl import tasks

    _configure(programmes_dir=programmes_dir)
    _say(tasks.render(programme, period, node))


@app.command()
def dispatch(
    programme: ProgrammeOption = PROGRAMME,
    period: PeriodOption = PERIOD,
    programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Write what is owed to each office into the outbox, once."""
    from etl import tasks

    _configure(programmes_dir=programmes_dir)
    _say(tasks.dispatch(programme, period))


@app.command()
def run(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD, as_of: AsOfOption = None,
    feeds: FeedsOption = None, programmes_dir: ProgrammesDirOption = None,
) -> None:  # fmt: skip
    """The whole half-year: gather, read, validate, publish, roll up, render, dispatch."""
    _configure(feeds, programmes_dir)
    _run(programme, period, as_of)


def _run(programme: str, period: str, as_of: str | None) -> None:
    from etl import tasks

    day = _as_of(programme, period, as_of)
    steps: dict[str, Callable[[], dict[str, Any]]] = {
        "gather": lambda: tasks.gather(programme, period, None, day),
        "read": lambda: tasks.read(programme, period, None),
        "validate": lambda: tasks.validate(programme, period, None),
        "publish": lambda: tasks.publish(programme, period, None),
        "rollup": lambda: tasks.roll_up(programme, period),
        "render": lambda: tasks.render(programme, period),
        "dispatch": lambda: tasks.dispatch(programme, period),
    }
    for name, step in steps.items():
        with errors.status(f"{programme} {period}: {name} …"):
            result = step()
        typer.echo(f"{name:<9} ", nl=False)
        _say(result)


@app.command()
def simulate(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    out: Annotated[Path | None, typer.Option("--out", help="Drop folder; the configured one without it.")] = None,
    scale: Annotated[float, typer.Option(help="Branches and ledger entries, as a share of the real programme.")] = 0.05,
    faults: Annotated[str, typer.Option(help="Share of faulty rows, e.g. 0.01; or `each` for one of every kind.")] = "0.01",
    late: Annotated[int, typer.Option(help="Units that file after the due day.")] = 0,
    missing: Annotated[int, typer.Option(help="Units that file nothing.")] = 0,
    seed: int = 1, programmes_dir: ProgrammesDirOption = None,
) -> None:  # fmt: skip
    """Write the feeds of a whole programme for a period, with the truth beside them."""
    from etl.settings import settings
    from etl.simulated import simulate_period

    _configure(programmes_dir=programmes_dir)
    with errors.status(f"writing feeds of {programme} {period} …"):
        summary = simulate_period(
            programme, period, out or settings().feeds_dir, scale=scale, faults=faults, seed=seed, late=late, missing=missing
        )
    _say(summary)


@app.command()
def demo(
    programme: ProgrammeOption = PROGRAMME,
    period: Annotated[str | None, typer.Option(help="Last of the two half-years.")] = None,
    scale: float = 0.05, home: Annotated[Path, typer.Option(help="Where everything is written.")] = Path("demo"),
    programmes_dir: ProgrammesDirOption = None,
) -> None:  # fmt: skip
    """Two half-years of a simulated province, from feeds to reports in an outbox."""
    from etl.demo import run_demo

    _configure(programmes_dir=programmes_dir, home=home)
    run_demo(programme, period, scale, lambda name, when: _run(name, when, None))


@app.command()
def totals(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    place: Annotated[str | None, typer.Option("--place", help="Code of one place or unit; all without it.")] = None,
    format_: FormatOption = "table", programmes_dir: ProgrammesDirOption = None,
) -> None:  # fmt: skip
    """The totals of a place: every indicator, with its base values and ranks."""
    from etl.listings import show, totals_listing

    _configure(programmes_dir=programmes_dir)
    show(totals_listing(programme, period, place), format_)


@app.command()
def findings(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    unit: Annotated[str | None, typer.Option("--unit", help="Code of one unit; all without it.")] = None,
    format_: FormatOption = "table", programmes_dir: ProgrammesDirOption = None,
) -> None:  # fmt: skip
    """What is wrong: file, sheet, row, column, rule, found, expected, remedy."""
    from etl.listings import findings_listing, show

    _configure(programmes_dir=programmes_dir)
    show(findings_listing(programme, period, unit), format_)


@app.command()
def status(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD, format_: FormatOption = "table",
    programmes_dir: ProgrammesDirOption = None,
) -> None:  # fmt: skip
    """Which units have reported, which are late or missing, how their rows stand."""
    from etl.listings import show, status_listing

    _configure(programmes_dir=programmes_dir)
    show(status_listing(programme, period), format_)


@app.command()
def programmes(format_: FormatOption = "table", programmes_dir: ProgrammesDirOption = None) -> None:
    """The programmes there are."""
    from etl.listings import programmes_listing, show

    _configure(programmes_dir=programmes_dir)
    show(programmes_listing(), format_)


@app.command()
def doctor() -> None:
    """Is this machine ready: Python, store, folders, fonts, configuration?"""
    from etl.doctor import examine

    raise typer.Exit(examine())


def main() -> None:
    """Entry point: our own errors become one line and their exit code; anything else is a bug and shows itself."""
    try:
        app()
    except SanjiError as error:
        errors.print(f"sanji: {error}", style="red", highlight=False)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
