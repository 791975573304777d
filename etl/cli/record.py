"""Records beside the reviews: facts about branches, what became of them, quotas moved."""

from typing import Annotated

import typer

from etl.cli.awards import ByOption, DayOption, speak
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
    today,
)
from etl.core.returns.events import By

record = typer.Typer(no_args_is_help=True)
app = typer.Typer()
app.add_typer(record, name="record", help="Facts that awards and papers rest on: fact, succession, quota, duty, members, list.")

PlaceOption = Annotated[str, typer.Option("--place", help="Node of the place that counts, e.g. P530102.")]


@record.command()
def fact(
    kind: Annotated[str, typer.Argument(help="rectification, sweep, contact_point, dual_management or members_away.")],
    branch: Annotated[str, typer.Argument(help="Branch id.")],
    place: PlaceOption, since: Annotated[str, typer.Option("--since", help="First day.")],
    until: Annotated[str | None, typer.Option("--until", help="First day on which it no longer holds.")] = None,
    other: Annotated[str, typer.Option("--other", help="Node of the side that only takes part.")] = "",
    members: Annotated[int | None, typer.Option("--members", help="How many members.")] = None,
    outcome: Annotated[str, typer.Option("--outcome", help="Of a sweep; the leader's post for a contact point.")] = "",
    note: str = "", by: ByOption = "sanji",
    programme: ProgrammeOption = PROGRAMME, period: YearOption = YEAR, programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Record a fact about a branch, by the rules of its kind."""
    from etl.core.awards.branch_records import Fact
    from etl.stages.branch_facts import keep_fact
    from etl.stages.context import open_year

    configure(programmes_dir=programmes_dir)
    first, last = today(since), today(until) if until else None
    kept = keep_fact(
        open_year(programme, period), Fact(kind, branch, place, first, last, other, members, outcome, note), By(by, now())
    )
    for record_id in kept.ids:
        typer.echo(record_id)
    speak(list(kept.said))


@record.command()
def succession(
    branch: Annotated[str, typer.Argument(help="The branch that is no longer as it was.")],
    kind: Annotated[str, typer.Option("--kind", help="recode, move, merge, split or dissolve.")],
    on: DayOption = None, to: Annotated[str | None, typer.Option("--to", help="The branch it goes on as.")] = None,
    reason: str = "", by: ByOption = "sanji",
    programme: ProgrammeOption = PROGRAMME, period: YearOption = YEAR, programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Record what became of a branch; its titles go on with a recode, a move or a merger."""
    from etl.stages.branch_facts import keep_succession
    from etl.stages.context import open_year

    configure(programmes_dir=programmes_dir)
    kept = keep_succession(open_year(programme, period), branch, to, kind, today(on), reason, By(by, now()))
    typer.echo(kept.ids[0])


@record.command()
def quota(
    level: Annotated[str | None, typer.Option("--level", help="Level whose places move; without it, list what is left.")] = None,
    places: int = 1, from_: Annotated[str | None, typer.Option("--from", help="Node that gives; none: granted.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Node that gets; none: withdrawn.")] = None,
    reason: str = "", on: DayOption = None, by: ByOption = "sanji",
    programme: ProgrammeOption = PROGRAMME, period: YearOption = YEAR, format_: FormatOption = "table",
    programmes_dir: ProgrammesDirOption = None,
) -> None:
    """What is left of the quotas; move, grant or withdraw places."""
    from etl.listings import show
    from etl.stages.branch_facts import move_places, quota_listing
    from etl.stages.context import open_year

    configure(programmes_dir=programmes_dir)
    context = open_year(programme, period)
    if level:
        move_places(context, level, places, from_, to, reason, By(by, now()))
    show(quota_listing(context, today(on)), format_)


@record.command()
def duty(
    which: Annotated[str, typer.Argument(help="Key of a duty of the programme: three_year_plan, mid_year, liaison_visits.")],
    place: Annotated[str, typer.Option("--place", help="Node that made the plan or was visited, e.g. P530100.")],
    on: DayOption = None, note: str = "", by: ByOption = "sanji",
    take_back: Annotated[bool, typer.Option("--take-back", help="It was recorded by mistake; --note says why.")] = False,
    programme: ProgrammeOption = PROGRAMME, period: YearOption = YEAR, programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Record that a place or unit has made a plan, or was given a supervision or a visit, for the year."""
    from etl.stages.context import open_year
    from etl.stages.duties import keep_duty, take_back_duty

    configure(programmes_dir=programmes_dir)
    keep = take_back_duty if take_back else keep_duty
    kept = keep(open_year(programme, period), which, place, today(on), note, By(by, now()))
    for record_id in kept.ids:
        typer.echo(record_id)
    speak(list(kept.said))


@record.command("list")
def list_records(
    duties: Annotated[bool, typer.Option("--duties", help="Who owes plans, supervision, visits; when they were done.")] = False,
    on: DayOption = None, programme: ProgrammeOption = PROGRAMME, period: YearOption = YEAR, format_: FormatOption = "table",
    programmes_dir: ProgrammesDirOption = None,
) -> None:
    """What is on record of branches, by place: sweeps by outcome, rectifications, contact points, dual management, away."""
    from etl.listings import show
    from etl.stages.branch_facts import facts_listing
    from etl.stages.context import open_year
    from etl.stages.duties import duties_listing

    configure(programmes_dir=programmes_dir)
    context = open_year(programme, period)
    show(duties_listing(context) if duties else facts_listing(context, today(on)), format_)


@record.command()
def members(
    on: DayOption = None, programme: ProgrammeOption = PROGRAMME, period: YearOption = YEAR, format_: FormatOption = "table",
    programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Members under dual management or away, by place: each counted by one side only."""
    from etl.listings import show
    from etl.stages.branch_facts import members_listing
    from etl.stages.context import open_year

    configure(programmes_dir=programmes_dir)
    show(members_listing(open_year(programme, period), today(on)), format_)


@record.command()
def simulate(
    seed: int = 1, programme: ProgrammeOption = PROGRAMME, period: YearOption = YEAR, programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Put invented facts and duties of a scored year on record, with the truth beside the feeds."""
    from etl.simulated import simulate_records

    configure(programmes_dir=programmes_dir)
    say(simulate_records(programme, period, seed=seed))
