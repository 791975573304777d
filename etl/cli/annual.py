"""What a year comes to: commendations counted."""

from typing import Annotated

import typer

from etl.cli.options import (
    PROGRAMME,
    YEAR,
    FormatOption,
    ProgrammeOption,
    ProgrammesDirOption,
    YearOption,
    configure,
)

app = typer.Typer()


@app.command()
def commend(
    programme: ProgrammeOption = PROGRAMME, period: YearOption = YEAR,
    place: Annotated[str | None, typer.Option("--place", help="Code of one place or unit; the top without it.")] = None,
    format_: FormatOption = "table", programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Who was commended in a year: organisations and members, each counted once, by kind and tier of the praiser."""
    from etl.listings import show
    from etl.year_listings import commendations_listing

    configure(programmes_dir=programmes_dir)
    show(commendations_listing(programme, period, place), format_)
