"""Who looks, by Airflow's login: operators see all units, other accounts what `SANJI_ACCOUNTS` says."""

from typing import Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import get_user, requires_access_asset
from fastapi import Depends, FastAPI

from etl.core.access import Viewer
from etl.edges.accounts import load_accounts
from etl.edges.early import load_early
from etl.settings import settings
from etl.web import duty
from etl.web.app import create_app


def create_page() -> FastAPI:
    """The application for Airflow's API server: 401 without a login, 403 for one that may not even read assets."""
    load_early()  # else the first upload waits for it
    return create_app(airflow_viewer, more=[duty.router])


def airflow_viewer(
    user: Any = Depends(get_user),  # noqa: B008 - FastAPI's way
    _: None = Depends(requires_access_asset(method="GET")),
) -> Viewer:
    """The viewer behind a login. Who may change pools is an operator, under the simple auth manager and FAB alike."""
    account = user.get_name()
    path = settings().accounts
    listed = load_accounts(path).get(account) if path else None
    codes = listed.codes if listed else frozenset()
    operator = get_auth_manager().is_authorized_pool(method="PUT", user=user)
    return Viewer(account, codes, operator or bool(listed and listed.everything))
