"""Options that commands share, and what every command does with them."""

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

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


def configure(
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


def as_of_day(programme: str, period: str, as_of: str | None) -> str:
    """The day up to which files are taken in: the one given, else the day after the cut-off."""
    from etl.core.register import cutoff_day
    from etl.stages.context import open_context

    if as_of:
        try:
            return dt.date.fromisoformat(as_of).isoformat()
        except ValueError as error:
            raise typer.BadParameter(f"{as_of} is not a day: write 2018-08-20") from error
    context = open_context(programme, period)
    return (cutoff_day(context.bundle.programme, context.period) + dt.timedelta(days=1)).isoformat()


def say(result: dict[str, Any]) -> None:
    """Print the counts that a stage gives back, on one line."""
    typer.echo(
        ", ".join(
            f"{key} {len(value) if isinstance(value, list) else value}" for key, value in result.items()
        )
    )
