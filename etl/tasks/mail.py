"""Mail: what waits in the outbox, who let it go, what was sent, what came back. Ids and counts travel."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from etl.errors import Misuse
from etl.progress import Progress, silent
from etl.stages.context import Context, open_period

if TYPE_CHECKING:
    from etl.edges.smtp import SmtpServer

Result = dict[str, Any]


def fill_outbox(
    programme: str, period: str, server: "SmtpServer | None" = None, progress: Progress = silent
) -> Result:
    """Compose what is owed to each recipient, once; nothing leaves. `preview` stands for exactly what waits."""
    from etl.edges.clock import now
    from etl.stages.dispatch import fill_outbox as stage

    return stage(open_period(programme, period), now, server or configured_server(), progress)


def release(programme: str, period: str, person: str, preview: str | None = None) -> Result:
    """Let what waits go in this person's name, if it still is what `preview` stands for."""
    from etl.edges.clock import now
    from etl.stages.dispatch import release_outbox

    return dict(release_outbox(open_period(programme, period), person, preview, now()))


def release_request(programme: str, period: str) -> Result:
    """How many messages wait (`waiting`), and the words with which a person is asked: `subject` and `body` (Markdown)."""
    from etl.stages.mail_listings import release_request as stage

    return stage(open_period(programme, period))


def released_by(programme: str, period: str) -> list[str]:
    """Who has released some of what still waits."""
    from etl.stages.dispatch import releasers

    return sorted({name for names in releasers(open_period(programme, period)).values() for name in names})


def dispatch(
    programme: str, period: str, server: "SmtpServer | None" = None, progress: Progress = silent
) -> Result:
    """Compose what is owed, and send what is released if there is a server."""
    from etl.edges.clock import now
    from etl.stages.dispatch import dispatch as stage

    return stage(open_period(programme, period), now, server or configured_server(), progress)


def demand_none_left_behind(programme: str, period: str) -> None:
    """Misuse if offices have not got their newest message, with office, state and key of each; addresses are not told."""
    from etl.stages.mail_listings import left_behind

    rows = left_behind(open_period(programme, period))
    if rows:
        told = "".join(f"\n{row['state']} {row['office']} {row['message_key']}" for row in rows)
        raise Misuse(f"messages that have not arrived: {len(rows)}; `sanji deliveries` shows what servers said:{told}")


def decide(programme: str, period: str, key: str, choice: str, person: str) -> None:
    """Settle an uncertain message: it was `sent`, or goes `again`."""
    from etl.edges.clock import now
    from etl.stages.dispatch import decide as stage
    from etl.stages.dispatch import doubt_old_claims

    context, at = open_period(programme, period), now()
    doubt_old_claims(context, at)
    stage(context, key, choice, person, at)


def queue_feedback(
    programme: str, period: str, unit_codes: list[str] | None = None, server: "SmtpServer | None" = None
) -> Result:
    """Write to each unit that has something to fix or to explain, once an outcome; without codes to all that filed.

    Sends what needs no person, if there is a server.
    """
    from etl.edges.clock import now
    from etl.stages.dispatch import size_limit
    from etl.stages.letters import queue_feedback as stage
    from etl.stages.returns import returns

    context, server = open_period(programme, period), server or configured_server()
    filed = returns(context)
    units = [
        unit.unit_id
        for unit in context.register.units
        if (unit.unit_id in filed if unit_codes is None else unit.code in unit_codes)
    ]
    limit = size_limit(context.settings, server)
    queued = stage(context, units, now(), limit.bytes)
    return queued | limit.told | let_go_and_send(context, server)


def letters_wanted(keys: list[tuple[str, str]], as_of: str) -> list[tuple[str, str]]:
    """Of programmes and periods those that are being reported on the day of `as_of`: nobody is written to about the past."""
    from etl.core.mail.reminders import periods_in_reach
    from etl.edges.programmes import load_bundle
    from etl.settings import settings

    day = dt.date.fromisoformat(as_of[:10])
    return [
        (key, period)
        for key, period in keys
        if period in map(str, periods_in_reach(load_bundle(key, settings().programmes_dir).programme, day))
    ]


def remind(
    programme: str, period: str, as_of: str | None = None, server: "SmtpServer | None" = None
) -> Result:
    """Remind the units that sent nothing of what is due on a day, today without one; send what needs no person."""
    from etl.edges.clock import now
    from etl.stages.dispatch import size_limit
    from etl.stages.reminders import remind as stage

    context, server = open_period(programme, period), server or configured_server()
    day = dt.date.fromisoformat(as_of) if as_of else now().date()
    limit = size_limit(context.settings, server)
    return stage(context, day, now(), limit.bytes) | limit.told | let_go_and_send(context, server)


def reminders_due(as_of: str | None = None) -> list[Result]:
    """Programmes and periods of this installation that may owe reminders on a day, today without one; `name` for people."""
    from etl.core.mail.reminders import periods_in_reach
    from etl.edges.clock import now
    from etl.edges.programmes import load_bundle, programme_folders
    from etl.settings import settings

    chosen, day = settings(), dt.date.fromisoformat(as_of) if as_of else now().date()
    keys = [key.strip() for key in chosen.programmes.split(",") if key.strip()]
    programmes = [
        load_bundle(key, chosen.programmes_dir).programme
        for key in keys or programme_folders(chosen.programmes_dir)
    ]
    return [
        {"programme": programme.programme, "period": str(period), "name": f"{period.zh}{programme.title.zh}"}
        for programme in programmes
        for period in periods_in_reach(programme, day)
    ]


def let_go_and_send(context: Context, server: "SmtpServer | None" = None) -> Result:
    """Release what needs no person and send what is released; letters go this way, without the editions."""
    from etl.edges.clock import now
    from etl.stages.dispatch import release_by_itself, send_released

    release_by_itself(context, now())
    return dict(send_released(context, now, server or configured_server()))


def configured_server() -> "SmtpServer | None":
    """The mail server of the settings; None if there is none."""
    from etl.edges.smtp import SmtpServer
    from etl.settings import settings

    chosen = settings()
    if not chosen.smtp_host:
        return None
    return SmtpServer(
        chosen.smtp_host,
        chosen.smtp_port,
        chosen.smtp_security,
        chosen.smtp_user,
        chosen.smtp_password.get_secret_value(),
        chosen.smtp_timeout_seconds,
        chosen.smtp_ca_file,
    )
