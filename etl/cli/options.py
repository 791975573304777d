"""Options that commands share, and what every command does with them."""

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from etl.progress import Progress

if TYPE_CHECKING:
    import pandas as pd

errors = Console(stderr=True)
Result = TypeVar("Result")

ProgrammeOption = Annotated[
    str, typer.Option("--programme", "-p", help="Programme key, see `sanji programmes`.")
]
PeriodOption = Annotated[str, typer.Option("--period", help="2018H1, 2020 or 2024B2.")]
YearOption = Annotated[str, typer.Option("--period", help="A year, 2017, or a naming batch, 2024B2.")]
BatchOption = Annotated[str | None, typer.Option("--batch", help="One batch, e.g. P530100; all without it.")]
FormatOption = Annotated[str, typer.Option("--format", help="table, csv or json.")]
FeedsOption = Annotated[
    Path | None, typer.Option("--feeds", help="Drop folder: <programme>/<period>/<unit code>/files.")
]
ProgrammesDirOption = Annotated[
    Path | None, typer.Option("--programmes-dir", help="A folder of programmes outside the package.")
]
LanguageOption = Annotated[
    Literal["zh-CN", "zh-Hant", "en"] | None, typer.Option("--language", help="The papers' language.")
]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help="Take in files up to this day; the cut-off day without it.")
]

PROGRAMME, PERIOD, YEAR = "yunnan-model-branch", "2018H1", "2017"


def configure(
    feeds: Path | None = None,
    programmes_dir: Path | None = None,
    home: Path | None = None,
    language: str | None = None,
) -> None:
    """Options win over the environment: settings are read once, here."""
    import os

    from etl.settings import settings

    given = {
        "SANJI_FEEDS": feeds,
        "SANJI_PROGRAMMES_DIR": programmes_dir,
        "SANJI_HOME": home,
        "SANJI_LANGUAGE": language,
    }
    for name, value in given.items():
        if value is not None:
            os.environ[name] = str(value)
    settings.cache_clear()


def as_of_day(programme: str, period: str, as_of: str | None) -> str:
    """The day up to which files are taken in: the one given, else the day after the cut-off."""
    from etl.core.register import cutoff_day
    from etl.stages.context import open_context

    if as_of:
        return _day(as_of).isoformat()
    context = open_context(programme, period)
    return (cutoff_day(context.bundle.programme, context.period) + dt.timedelta(days=1)).isoformat()


def today(as_of: str | None) -> dt.date:
    """The day given, else today in China: the command line may ask the clock, stages may not."""
    return _day(as_of) if as_of else now().date()


def now() -> dt.datetime:
    """This moment in China's time."""
    return dt.datetime.now(ZoneInfo("Asia/Shanghai"))


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text} is not a day: write 2018-08-20") from error


def show_period(rows: "pd.DataFrame", format_: str, programme: str, period: str) -> None:
    """Show a listing of a period; of an empty one say why, beside what other programs read."""
    from etl.listings import nothing_listed, show

    show(rows, format_)
    if rows.empty:
        errors.print(nothing_listed(programme, period), highlight=False, soft_wrap=True)


def show_units(rows: "pd.DataFrame", states: "pd.DataFrame", format_: str, programme: str, period: str) -> None:
    """Show a listing of all units; a person is told last how many stand where, and which command says more."""
    from etl.listings import nothing_came, show, tally

    show(rows, format_)
    if format_ != "table":
        return
    where = f"--programme {programme} --period {period}"
    filed = bool(states["arrived_on"].notna().any())
    more = f"what is wrong: sanji findings {where} --unit CODE" if filed else nothing_came(programme, period)
    errors.print(f"{tally(states)}\n{more}", highlight=False, soft_wrap=True)


def followed(programme: str, period: str, name: str, step: Callable[[Progress], Result]) -> Result:
    """What a step gives back. On a terminal one sees meanwhile that it works, and how far it is where it tells."""
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    label, done = TextColumn("{task.description}"), TextColumn("{task.fields[done]}")
    columns = (SpinnerColumn(), label, BarColumn(), done, TimeElapsedColumn())
    with Bars(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bars:
        bar = bars.add_task(f"{programme} {period}: {name} …", total=None, done="")

        def one_more(in_all: int) -> None:
            task = bars.tasks[bar]
            if task.total != in_all:  # it has come to other things
                bars.reset(bar, total=in_all)
            bars.update(bar, advance=1, done=f"{task.completed + 1:.0f} of {in_all}")

        return step(one_more)


def say(result: Mapping[str, object]) -> None:
    """Print the counts that a stage gives back, on one line."""
    typer.echo(line_of(result))


def line_of(result: Mapping[str, object]) -> str:
    """A stage's counts in one line; of a list how many, of counts within counts each.

    >>> line_of({"editions": ["a", "b"], "findings": {"row": 3, "warning": 4}, "preview": "7e96"})
    'editions 2, findings row 3 warning 4, preview 7e96'
    """
    return ", ".join(f"{name} {_told(value)}" for name, value in result.items())


def _told(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{name} {count}" for name, count in value.items()) or "none"
    return str(len(value) if isinstance(value, list) else value)
