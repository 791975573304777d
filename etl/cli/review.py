"""Reviews: list, enter one, import a file, write the workbook of a place."""

from pathlib import Path
from typing import Annotated

import typer

from etl.cli.awards import ByOption, speak
from etl.cli.options import (
    PROGRAMME,
    YEAR,
    FormatOption,
    ProgrammeOption,
    ProgrammesDirOption,
    YearOption,
    configure,
    now,
    say,
)
from etl.core.returns.events import By

review = typer.Typer(no_args_is_help=True)
app = typer.Typer()
app.add_typer(
    review, name="review", help="What offices judge of branches: list, enter, import, workbook, simulate."
)


@review.command("list")
def list_reviews(
    programme: ProgrammeOption = PROGRAMME, period: YearOption = YEAR,
    drift: Annotated[bool, typer.Option("--drift", help="Only self-assessments far from the review.")] = False,
    format_: FormatOption = "table", programmes_dir: ProgrammesDirOption = None,
) -> None:
    """The measured score, the branch's own and every tier's, side by side."""
    from etl.listings import show
    from etl.stages.context import open_year
    from etl.stages.review import drift_listing, review_listing

    configure(programmes_dir=programmes_dir)
    context = open_year(programme, period)
    if drift:
        for line in drift_listing(context):
            typer.echo(line)
    else:
        show(review_listing(context), format_)


@review.command()
def enter(
    branch: Annotated[str, typer.Argument(help="Branch id.")],
    tier: Annotated[str, typer.Option("--tier", help="Who judges: county, prefecture, province; branch for its own.")],
    verdict: Annotated[str, typer.Option("--verdict", help="apply, recommend, return or refuse.")],
    level: Annotated[str, typer.Option("--level", help="Highest level applied for or recommended to.")] = "",
    points: Annotated[str, typer.Option("--points", help="Points in all, two decimals at most.")] = "",
    item: Annotated[list[str] | None, typer.Option("--item", help="Points of one item: rules_kept=12.5.")] = None,
    reason: str = "", evidence: Annotated[str, typer.Option("--evidence", help="Where the evidence lies.")] = "",
    supersedes: Annotated[str, typer.Option("--supersedes", help="Id of the record that this one replaces.")] = "",
    visited_on: Annotated[str, typer.Option("--visited-on", help="Day of an inspection.")] = "",
    steps: str = "", places: str = "", findings: str = "",
    programme: ProgrammeOption = PROGRAMME, period: YearOption = YEAR, by: ByOption = "sanji",
    programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Enter one review; a second one of the same tier must say which record it replaces."""
    from etl.core.awards.review import Entry
    from etl.stages.context import open_year
    from etl.stages.review import enter as stage

    configure(programmes_dir=programmes_dir)
    seen = {"visited_on": visited_on, "steps": steps, "places": places, "findings": findings}
    visit = {key: text for key, text in seen.items() if text} or None
    items = dict(text.partition("=")[::2] for text in item or ())
    entry = Entry(
        branch, tier, verdict, level, points, reason, evidence, supersedes=supersedes, item_points=items, visit=visit
    )
    taken = stage(open_year(programme, period), [entry], By(by, now()))
    for review_id in taken.review_ids:
        typer.echo(review_id)
    speak([reason for each in taken.refused for reason in each.reasons])


@review.command("import")
def import_(
    file: Annotated[Path, typer.Argument(
        help="A filled review workbook, or a CSV with the columns of an entry.", exists=True, dir_okay=False
    )],
    programme: ProgrammeOption = PROGRAMME, period: YearOption = YEAR, by: ByOption = "sanji",
    programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Take in a list of reviews; what cannot be taken is answered row by row."""
    from etl.tasks.awards import import_reviews

    configure(programmes_dir=programmes_dir)
    came = import_reviews(programme, period, str(file), by, now().isoformat())
    if came["refusal"]:
        speak([came["refusal"]])
    typer.echo(f"taken {came['taken']}, again {came['again']}, refused {len(came['refused'])}")
    speak(came["refused"])


@review.command()
def workbook(
    out: Annotated[Path, typer.Argument(help="Where to write the workbook.")],
    tier: Annotated[str, typer.Option("--tier", help="The tier that fills it in.")],
    place: Annotated[str, typer.Option("--place", help="Code of the place, e.g. 530100.")],
    programme: ProgrammeOption = PROGRAMME, period: YearOption = YEAR, programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Write the sealed workbook of the branches that a place has still to review."""
    from etl.stages.context import open_year
    from etl.stages.review_lists import review_workbook

    configure(programmes_dir=programmes_dir)
    out.write_bytes(review_workbook(open_year(programme, period), tier, place))
    typer.echo(f"{out}")


@review.command()
def simulate(
    programme: ProgrammeOption = PROGRAMME, period: YearOption = YEAR, scale: float = 0.05, seed: int = 1,
    programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Enter invented reviews of a scored year, with the truth beside the feeds."""
    from etl.simulated import simulate_reviews

    configure(programmes_dir=programmes_dir)
    say(simulate_reviews(programme, period, scale=scale, seed=seed))
