"""Is this machine ready? One line a thing, each with what to do if it is not."""

import os
import sys
from collections.abc import Callable

import sqlalchemy as sa
import typer

from etl.edges.fonts import resolve_fonts
from etl.edges.programmes import load_bundle, load_rules, programme_folders
from etl.edges.store.database import open_store
from etl.errors import ConfigError, server_says
from etl.settings import settings


def examine() -> int:
    """Print how each part stands; 0 if all are well, 3 if something needs an administrator."""
    healthy = True
    for name, check in _CHECKS.items():
        try:
            state = check()
        except (ConfigError, sa.exc.SQLAlchemyError, OSError) as error:
            healthy, state = False, f"NOT READY: {server_says(error) or error}"
        typer.echo(f"{name:<12} {state}")
    return 0 if healthy else 3


def _python() -> str:
    return sys.version.split()[0]


def _store() -> str:
    engine = open_store(settings().database_url)
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
    return ", ".join(
        load_bundle(key, settings().programmes_dir).programme.programme
        for key in programme_folders(settings().programmes_dir)
    )


def _rules() -> str:
    return f"{sum(len(suite.expectations) for suite in load_rules())} rules"


_CHECKS: dict[str, Callable[[], str]] = {
    "python": _python, "store": _store, "landing": _landing, "mail": _mail, "fonts": _fonts,
    "programmes": _programmes, "rules": _rules,
}  # fmt: skip
