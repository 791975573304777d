"""What waits in the outbox and why, who lets it go, what was sent, what became of it."""

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
    errors,
    followed,
    say,
    show_period,
    today,
)

app = typer.Typer()
ByOption = Annotated[str | None, typer.Option("--by", help="Who does it: a name that the ledger keeps.")]


@app.command()
def outbox(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD, format_: FormatOption = "table",
    programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Compose what is owed and show it before anybody lets it go: who gets what and why, which edition, how large."""
    from etl.stages.context import open_period
    from etl.stages.mail_listings import outbox_listing
    from etl.tasks import mail

    configure(programmes_dir=programmes_dir)
    filled = followed(programme, period, "outbox", lambda progress: mail.fill_outbox(programme, period, progress=progress))
    rows = outbox_listing(open_period(programme, period))
    narrow = "kind edition about recipient reason part kilobytes released_by needed".split()
    show_period(rows[narrow] if format_ == "table" else rows, format_, programme, period)
    if "size_assumed" in filled:
        errors.print(f"the mail server is not to be reached: no message larger than {filled['size_assumed']} bytes was made")
    errors.print(f"new {filled['new']}, withdrawn {filled['withdrawn']}, preview {filled['preview']}")


@app.command()
def release(
    by: Annotated[str, typer.Option("--by", help="Who lets the mail go; two must differ where two are asked for.")],
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    preview: Annotated[str | None, typer.Option("--preview", help="Only if exactly this waits, as `sanji outbox` said.")] = None,
    programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Let go what waits in the outbox. It leaves with the next `sanji dispatch`."""
    from etl.tasks import mail

    configure(programmes_dir=programmes_dir)
    say(mail.release(programme, period, by, preview))


@app.command()
def dispatch(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD, programmes_dir: ProgrammesDirOption = None
) -> None:
    """Put what is owed to each office into the outbox, once; send what is released, if there is a mail server."""
    from etl.tasks import mail

    configure(programmes_dir=programmes_dir)
    say(followed(programme, period, "dispatch", lambda progress: mail.dispatch(programme, period, progress=progress)))


@app.command()
def letters(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    unit: Annotated[list[str] | None, typer.Option("--unit", help="Code of a unit; all that filed without it.")] = None,
    programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Write to each unit that has something to fix or to explain, its fix-me workbook attached: once an outcome."""
    from etl.tasks import mail

    configure(programmes_dir=programmes_dir)
    say(mail.queue_feedback(programme, period, unit))


@app.command()
def remind(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    as_of: Annotated[str | None, typer.Option("--as-of", help="What is owed on this day; today without it.")] = None,
    programmes_dir: ProgrammesDirOption = None,
) -> None:
    """Remind the units that sent nothing, and tell the tier above which they are: each step of the ladder once."""
    from etl.tasks import mail

    configure(programmes_dir=programmes_dir)
    say(mail.remind(programme, period, today(as_of).isoformat()))


@app.command("mail-in")
def mail_in(programmes_dir: ProgrammesDirOption = None) -> None:
    """Read the reply mailbox: bounces, receipts, answers, workbooks that come back; send the answers."""
    from etl.tasks.mail_in import mail_in as take_up

    configure(programmes_dir=programmes_dir)
    say(take_up() or {"mails": 0})


@app.command()
def deliveries(
    programme: ProgrammeOption = PROGRAMME, period: PeriodOption = PERIOD,
    uncertain: Annotated[bool, typer.Option("--uncertain", help="Only those that may or may not have left.")] = False,
    decide: Annotated[str | None, typer.Option("--decide", help="Of an uncertain one: it was `sent`, or goes `again`.")] = None,
    message: Annotated[str | None, typer.Option("--message", help="The key of one message: its whole history.")] = None,
    by: ByOption = None, format_: FormatOption = "table", programmes_dir: ProgrammesDirOption = None,
) -> None:
    """What became of each message: released, sent, accepted, refused, bounced, read, uncertain."""
    from etl.listings import show
    from etl.stages.context import open_period
    from etl.stages.mail_listings import deliveries_listing, history_listing
    from etl.tasks import mail

    configure(programmes_dir=programmes_dir)
    if decide is not None:
        if message is None or by is None:
            raise typer.BadParameter("--decide needs --message KEY and --by NAME")
        mail.decide(programme, period, message, decide, by)
    context = open_period(programme, period)
    if message is not None:
        show(history_listing(context, message), format_)
    else:
        rows = deliveries_listing(context, uncertain)
        shown = rows.drop(columns=["office", "part"]) if format_ == "table" else rows
        show_period(shown, format_, programme, period)
