"""The board of all units, and the maintainers' page."""

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
    show_units,
    today,
)

app = typer.Typer()


@app.command()
def board(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Due, late or missing on this day; today without it.")] = None,
    format_: FormatOption = "table", programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Where each unit's return stands: due, late, missing, received, being checked, returned, partly accepted, accepted."""
    from etl.stages.board import board as stage
    from etl.stages.context import open_context

    configure(programmes_dir=programmes_dir)
    rows = stage(open_context(programme, period), today(as_of))
    narrow = "code name status arrived_on days_after_due faults warnings rows_held last_event last_at".split()
    shown = rows[narrow] if format_ == "table" else rows.drop(columns=["unit_id", "parent_id", "batch_id"])
    show_units(shown, rows, format_, programme, period)


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine's loopback address.")] = 8091,
    account: Annotated[str | None, typer.Option(help="Look as this account of SANJI_ACCOUNTS; an operator without it.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="The day the board stands on; today without it.")] = None,
    programmes_dir: ProgrammesDirOption = None,
) -> None:
    """The maintainers' page without Airflow, for trying out: on this machine only, without a login."""
    import uvicorn

    from etl.web.alone import create_page

    configure(programmes_dir=programmes_dir)
    page = create_page(account, today(as_of) if as_of else None)
    typer.echo(f"http://127.0.0.1:{port}/  (Ctrl-C ends it)")
    uvicorn.run(page, host="127.0.0.1", port=port, log_level="warning")
