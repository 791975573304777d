"""What came of it: listings for people and for other programs."""

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
    show_period,
    show_units,
)

app = typer.Typer()

MapOption = Annotated[str, typer.Option("--map", help="The divisions of this day, e.g. 2026-06-30.")]


@app.command()
def totals(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    place: Annotated[str | None, typer.Option("--place", help="Code of one place or unit; all without it.")] = None,
    map_: MapOption = "", format_: FormatOption = "table", programmes_dir: ProgrammesDirOption = None,
) -> None:
    """The totals of a place: every indicator, with its base values and ranks; with --map drawn on another day's divisions."""
    from etl.listings import totals_listing, totals_on_listing

    configure(programmes_dir=programmes_dir)
    listed = (
        totals_on_listing(programme, period, place, map_)
        if map_
        else totals_listing(programme, period, place)
    )
    show_period(listed, format_, programme, period)


@app.command()
def divisions(
    map_: MapOption, programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD, format_: FormatOption = "table",
    programmes_dir: ProgrammesDirOption = None,
) -> None:
    """What changed in the programme's divisions since the period, and what became of the figures."""
    from etl.listings import divisions_listing, show

    configure(programmes_dir=programmes_dir)
    show(divisions_listing(programme, period, map_), format_)


@app.command()
def findings(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    unit: Annotated[str | None, typer.Option("--unit", help="Code of one unit; all without it.")] = None,
    format_: FormatOption = "table", programmes_dir: ProgrammesDirOption = None,
) -> None:
    """What is wrong: file, sheet, row, column, rule, found, expected, remedy."""
    from etl.listings import findings_listing

    configure(programmes_dir=programmes_dir)
    show_period(findings_listing(programme, period, unit), format_, programme, period)


@app.command()
def status(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD, format_: FormatOption = "table",
    programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Which units have reported, which are late or missing, how their rows stand."""
    from etl.listings import status_listing

    configure(programmes_dir=programmes_dir)
    rows = status_listing(programme, period)
    show_units(rows, rows, format_, programme, period)


@app.command()
def programmes(format_: FormatOption = "table", programmes_dir: ProgrammesDirOption = None) -> None:
    """The programmes there are."""
    from etl.listings import programmes_listing, show

    configure(programmes_dir=programmes_dir)
    show(programmes_listing(), format_)


@app.command()
def doctor() -> None:
    """Is this machine ready: Python, store, folders, fonts, configuration?"""
    from etl.doctor import examine

    raise typer.Exit(examine())
