"""What proves a report: its lint, the way back from a figure, errata."""

from typing import TYPE_CHECKING, Annotated

import typer

from etl.cli.options import (
    PERIOD,
    PROGRAMME,
    FormatOption,
    LanguageOption,
    PeriodOption,
    ProgrammeOption,
    ProgrammesDirOption,
    configure,
    errors,
    followed,
    line_of,
    show_period,
)

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer()
MOST_SHOWN = 40
"""Rows of each part that a terminal is given; --format json gives all."""


@app.command()
def lint(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    node: Annotated[str | None, typer.Option("--node", help="One node's reports.")] = None,
    language: LanguageOption = None, format_: FormatOption = "table", programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Read the reports in force back and hold each figure, name and list against the store; list what keeps them back."""
    from etl import tasks
    from etl.listings import show
    from etl.stages.context import open_period
    from etl.stages.lint import faults_listing

    configure(programmes_dir=programmes_dir, language=language)
    checked = followed(programme, period, "lint", lambda progress: tasks.lint(programme, period, node, progress))
    faults = faults_listing(open_period(programme, period), node)
    if len(faults) or format_ != "table":
        show(faults, format_)
    errors.print(f"editions {checked['editions']}, blocked {checked['blocked']}")


@app.command()
def explain(
    edition: Annotated[str, typer.Argument(help="An edition's id, or a code such as 530100 (the newest) or 530100-r1.")],
    figure: Annotated[str, typer.Argument(help="attendance_rate, 530102/branches_named.county, P530000#members@previous.")],
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    format_: Annotated[str, typer.Option("--format", help="table (the first rows) or json (all of it).")] = "table",
    programmes_dir: ProgrammesDirOption = None,
) -> None:
    """From a figure of an edition to its formula, the nodes below, every filed cell, and what was said about each."""
    import json

    from etl.listings import show
    from etl.stages.context import open_context
    from etl.stages.explain import as_plain, find_edition
    from etl.stages.explain import explain as explain_address

    configure(programmes_dir=programmes_dir)
    context = open_context(programme, period)
    found = explain_address(context, find_edition(context, edition), figure)
    if format_ == "json":
        typer.echo(json.dumps(as_plain(found), ensure_ascii=False, indent=1, default=str))
        return
    for name, value in found.figure.items():
        typer.echo(f"{name:<15} {value}")
    for name, rows in found.frames().items():
        if len(rows):
            typer.echo(f"\n{name} ({len(rows)})")
            there = rows.loc[:, [bool(rows[column].replace("", None).notna().any()) for column in rows]]
            show((_narrow(rows) if name == "rows" else there).head(MOST_SHOWN), "table")


def _narrow(cells: "pd.DataFrame") -> "pd.DataFrame":
    """Filed cells with their place in one column, so that a terminal has room for them."""
    at = [
        f"{row.column_letter}{int(row.row_number)}" if row.column_letter else "" for row in cells.itertuples()
    ]
    places = [
        f"{file} {sheet} {cell}"
        for file, sheet, cell in zip(cells["file_name"], cells["sheet"], at, strict=True)
    ]
    return cells.assign(place=places)["unit subject_id value text_filed text_read place".split()]


@app.command()
def errata(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    reason: Annotated[str, typer.Option("--reason", help="Why, in Chinese; without it they are only listed.")] = "",
    format_: FormatOption = "table", programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Which reports that have left show other figures now; with --reason make the notices and queue them for those offices."""
    from etl.stages.context import open_context
    from etl.stages.errata import corrections_frame
    from etl.tasks.proofs import errata as make

    configure(programmes_dir=programmes_dir)
    show_period(corrections_frame(open_context(programme, period)), format_, programme, period)
    if reason:
        made = make(programme, period, reason)
        errors.print(line_of(made))
