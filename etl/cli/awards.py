"""From scores to titles: score, award, why-not, notice, name, titles."""

from typing import TYPE_CHECKING, Annotated

import typer

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

if TYPE_CHECKING:
    from etl.stages.context import Context

app = typer.Typer()

RunOption = Annotated[str | None, typer.Option("--run", help="An award run; the newest without it.")]
ByOption = Annotated[str, typer.Option("--by", help="The office that acts.")]
AtOption = Annotated[str | None, typer.Option("--place", help="Only what this place (a code, 530100) names; all without it.")]
DayOption = Annotated[str | None, typer.Option("--on", help="The day, 2018-02-01; today without it.")]

WhatIfOption = Annotated[
    list[str] | None,
    typer.Option("--what-if", help="quota.province=40, pass_mark=85, min_members=5: who would enter and leave."),
]


def speak(lines: list[str]) -> None:
    """Print what must be said; exit code 2 if there is anything."""
    for line in lines:
        typer.echo(line, err=True)
    if lines:
        raise typer.Exit(2)


@app.command()
def score(
    programme: ProgrammeOption = PROGRAMME, period: YearOption = YEAR,
    branch: Annotated[str | None, typer.Option("--branch", help="Explain this branch's score, item by item.")] = None,
    against: Annotated[str | None, typer.Option("--against", help="Compare with another year, if its rubric allows.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the scores as they are, without scoring again.")] = False,
    format_: FormatOption = "table", programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Score every branch of a year by the rubric; or explain, list, compare what was scored."""
    from etl.listings import show
    from etl.tasks.awards import score as task
    from etl.year_listings import scores_listing

    configure(programmes_dir=programmes_dir)
    if against:
        from etl.stages.compare import compare
        from etl.stages.context import open_year

        comparison = compare(open_year(programme, against), open_year(programme, period))
        for line in comparison.said:
            typer.echo(line, err=True)
        show(comparison.table, format_)
    elif branch or list_:
        show(scores_listing(programme, period, branch), format_)
    else:
        say(task(programme, period))


@app.command()
def award(
    programme: ProgrammeOption = PROGRAMME, period: YearOption = YEAR,
    as_of: Annotated[str | None, typer.Option("--as-of", help="As known on this day; today without it.")] = None,
    what_if: WhatIfOption = None,
    replay: Annotated[str | None, typer.Option("--replay", help="Work a run out again from its sealed inputs.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the newest run, or that of --run.")] = False,
    run: RunOption = None, level: Annotated[str | None, typer.Option("--level", help="Only this level.")] = None,
    format_: FormatOption = "table", programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Work out who is named at each level, within the quotas; what if a setting were another; replay an old run."""
    from etl.listings import show
    from etl.stages import award as stage
    from etl.stages.context import open_year
    from etl.tasks.awards import award as task
    from etl.year_listings import awards_listing

    configure(programmes_dir=programmes_dir)
    if replay:
        say(stage.replay(open_year(programme, period), replay))
    elif list_ or run:
        show(awards_listing(programme, period, run, level), format_)
    elif what_if:
        changes = dict(_setting(each) for each in what_if)
        for each in stage.what_if(open_year(programme, period), today(as_of), changes):
            typer.echo(f"{each.level}: {each.named_now} → {each.named_then}")
            for sign, branches in (("+", each.enters), ("-", each.leaves)):
                for branch in branches:
                    typer.echo(f"  {sign} {branch}")
    else:
        result = task(programme, period, today(as_of).isoformat())
        answers = result.pop("answers")
        say(result)
        for line in answers:
            typer.echo(line, err=True)


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text}: write quota.province=40")
    return name, value


@app.command()
def why_not(
    branch: Annotated[str, typer.Argument(help="Branch id, as `sanji score --list` shows it.")],
    programme: ProgrammeOption = PROGRAMME, period: YearOption = YEAR, run: RunOption = None,
    programmes_dir: ProgrammesDirOption = None,
) -> None:
    """A slip for one branch: what stands against it at each level, or how far it is from the cut-off."""
    from etl.stages.context import open_year
    from etl.stages.why_not import why_not as stage

    configure(programmes_dir=programmes_dir)
    for line in stage(open_year(programme, period), branch, run):
        typer.echo(line)


@app.command()
def notice(
    programme: ProgrammeOption = PROGRAMME, period: YearOption = YEAR, run: RunOption = None, on: DayOption = None,
    place: AtOption = None,
    list_: Annotated[bool, typer.Option("--list", help="List the notices and the objections.")] = False,
    object_: Annotated[str | None, typer.Option("--object", help="Notice to object to; with --branch and --statement.")] = None,
    branch: Annotated[str, typer.Option("--branch", help="The branch objected to.")] = "",
    statement: Annotated[str, typer.Option("--statement", help="What is said, or why it was found so.")] = "",
    uphold: Annotated[str | None, typer.Option("--uphold", help="Objection that was found right.")] = None,
    dismiss: Annotated[str | None, typer.Option("--dismiss", help="Objection that was found wrong.")] = None,
    by: ByOption = "sanji", format_: FormatOption = "table", programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Open the public notices of a run; take an objection, or rule on one."""
    from etl.listings import show
    from etl.stages.context import open_year
    from etl.stages.notice import object_to, open_notices, rule_on
    from etl.year_listings import notices_listing

    configure(programmes_dir=programmes_dir)
    context, day = open_year(programme, period), today(on)
    if list_:
        show(notices_listing(context), format_)
        return
    if object_:
        answer = object_to(context, object_, branch, statement, day, By(by, now()))
    elif uphold or dismiss:
        answer = rule_on(context, uphold or dismiss or "", bool(uphold), statement, day, By(by, now()))
    else:
        answer = open_notices(context, run, day, By(by, now()), _named_by(context, place))
    for new in answer.ids:
        typer.echo(new)
    if object_ and answer.ids:
        typer.echo(answer.said[0])
    else:
        speak(list(answer.said))


def _named_by(context: "Context", place: str | None) -> list[tuple[str, str]] | None:
    """Every level at one place, by its code."""
    if place is None:
        return None
    nodes = [node.node_id for node in context.register.nodes if node.code == place]
    if not nodes:
        raise typer.BadParameter(f"no place {place} in {context.key[0]} {context.key[1]}")
    return [(level.key, node_id) for level in context.bundle.programme.levels for node_id in nodes]


@app.command()
def name(
    programme: ProgrammeOption = PROGRAMME, period: YearOption = YEAR, run: RunOption = None, on: DayOption = None,
    place: AtOption = None, document: Annotated[str, typer.Option("--document", help="Number of the decision.")] = "",
    withdraw: Annotated[str | None, typer.Option("--withdraw", help="Take this title back; with --reason.")] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why it is taken back.")] = "",
    by: ByOption = "sanji", programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Confer the titles of a run after its notices have closed; or take a title back."""
    from etl.stages import naming
    from etl.stages.context import open_year

    configure(programmes_dir=programmes_dir)
    context, day = open_year(programme, period), today(on)
    if withdraw:
        answer = naming.withdraw_title(context, withdraw, reason, day, By(by, now()))
    else:
        answer = naming.name_branches(context, run, day, document, By(by, now()), _named_by(context, place))
    typer.echo(f"titles {len(answer.ids)}")
    speak(list(answer.said))


@app.command()
def titles(
    branch: Annotated[str, typer.Argument(help="Branch id.")],
    programme: ProgrammeOption = PROGRAMME, period: YearOption = YEAR, on: DayOption = None,
    format_: FormatOption = "table", programmes_dir: ProgrammesDirOption = None,
) -> None:
    """A branch's titles over the years, also those it carries on from others, with the names of their day."""
    from etl.listings import show
    from etl.stages.context import open_year
    from etl.year_listings import standing_level, titles_listing

    configure(programmes_dir=programmes_dir)
    context, day = open_year(programme, period), today(on)
    show(rows := titles_listing(context, branch, day), format_)
    if rows.empty:
        typer.echo(f"no title of {branch} is on record in {programme}", err=True)
    if standing := standing_level(context, branch, day):
        typer.echo(standing, err=True)
