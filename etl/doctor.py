"""Is this machine ready? One line a thing, each with what to do if it is not."""

import datetime as dt
import os
import sys
from collections.abc import Callable

import sqlalchemy as sa
import typer

from etl.core.period import Period
from etl.core.programmes.programme import Programme
from etl.core.register import unlike_counts
from etl.core.working_days import last_announced_year
from etl.edges.clock import now
from etl.edges.fonts import resolve_fonts
from etl.edges.programmes import Bundle, load_bundle, load_rules, programme_folders
from etl.edges.store.database import open_store, try_writing
from etl.errors import SanjiError, server_says
from etl.settings import settings


def examine() -> int:
    """Print how each part stands; 0 if all are well, 3 if something needs an administrator."""
    healthy = True
    for name, check in _CHECKS.items():
        try:
            state = check()
        except (SanjiError, sa.exc.SQLAlchemyError, OSError) as error:
            healthy, state = False, f"NOT READY: {server_says(error) or error}"
        typer.echo(f"{name:<12} {state}")
    return 0 if healthy else 3


def _python() -> str:
    return sys.version.split()[0]


def _store() -> str:
    engine = open_store(settings().database_url)
    try_writing(engine)
    return f"{engine.dialect.name}, tables up to date"


def _landing() -> str:
    folder = settings().landing_dir
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise OSError(f"{folder} cannot be written: set SANJI_LANDING")
    return str(folder)


def _mail() -> str:
    chosen = settings()
    leaves = f"by {chosen.smtp_host}:{chosen.smtp_port}" if chosen.smtp_host else "stays in the outbox: no SANJI_SMTP_HOST"
    comes = f"{chosen.imap_host}:{chosen.imap_port}" if chosen.imap_host else "not read: no SANJI_IMAP_HOST"
    return f"{leaves}; answers {comes}"


def _fonts() -> str:
    roles = resolve_fonts(settings().fonts_dir).settings()
    return "; ".join(f"{name} {role['families'][0]}" for name, role in roles.items())


def _programmes() -> str:
    """The programmes that load and whose units are all on the map, with what they count otherwise than it is."""
    folder = settings().programmes_dir
    return ", ".join(f"{key}{_counted(load_bundle(key, folder))}" for key in programme_folders(folder))


def _counted(bundle: Bundle) -> str:
    told: dict[str, None] = {}  # in order, each once
    for period in _first_and_last(bundle.programme):
        for name, said, found in unlike_counts(bundle.programme, bundle.register(period)):
            told[f"programme.yaml counts {said} {name}, there are {found}"] = None
    return f" ({'; '.join(told)})" if told else ""


def _first_and_last(programme: Programme) -> tuple[Period, Period]:
    """The first period of a programme, and its last or that of today."""
    last = min(programme.valid.until or dt.date.max, max(now().date(), programme.valid.since))
    return Period.containing(programme.valid.since, programme.periods.cadence), Period.containing(last, programme.periods.cadence)


def _calendar() -> str:
    """How far the notices of 调休 reach, and whether the year is among them in which the present half-year's returns are due."""
    announced, due = last_announced_year(), Period.containing(now().date(), "half_year").next().first_day.year
    known = f"working days as announced to {announced}"
    if due <= announced:
        return known
    return f"{known}; due days of {due} may shift: once its notice is out, upgrade the library `holidays`"


def _rules() -> str:
    return f"{sum(len(suite.expectations) for suite in load_rules())} rules"


_CHECKS: dict[str, Callable[[], str]] = {
    "python": _python, "store": _store, "landing": _landing, "mail": _mail, "fonts": _fonts,
    "programmes": _programmes, "calendar": _calendar, "rules": _rules,
}
