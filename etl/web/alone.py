"""The page without Airflow: on the loopback address only, as one chosen account, for trying out and for the demonstration."""

import datetime as dt

from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware

from etl.core.access import Viewer
from etl.edges.accounts import load_accounts
from etl.edges.clock import now
from etl.edges.early import load_early
from etl.errors import Misuse
from etl.settings import settings
from etl.web.app import create_app

LOOPBACK = ["127.0.0.1", "localhost"]
"""The names by which the page may be asked for. Another site can let its own name lead here (DNS rebinding); nobody logs in."""

NOBODY = Viewer("demo", everything=True)


def create_page(account: str | None, day: dt.date | None) -> FastAPI:
    """The application as seen by an account (by an operator without one). Misuse for an account that is not listed.

    `day`: the day on which everything happens, instead of today.
    """
    viewer = NOBODY if account is None else _listed(account)

    def clock() -> dt.datetime:
        return now() if day is None else dt.datetime.combine(day, now().timetz())

    load_early()  # else the first upload waits for it
    app = create_app(lambda: viewer, clock)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK)
    return app


def _listed(account: str) -> Viewer:
    path = settings().accounts
    known = load_accounts(path) if path else {}
    if account not in known:
        raise Misuse(f"no account {account} in SANJI_ACCOUNTS; there are: {', '.join(sorted(known))}")
    return known[account]
