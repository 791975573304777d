"""The application: who looks is found out by whoever serves it, everything else is the same everywhere."""

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from etl.core.access import Viewer
from etl.edges.clock import now
from etl.errors import SanjiError
from etl.web import (
    actions,
    award_actions,
    award_pages,
    fact_actions,
    fact_pages,
    owed_actions,
    owed_pages,
    pages,
    reports,
    review_actions,
    review_pages,
    rows,
)
from etl.web.guard import BoundedBody, Static, add_headers, guarded
from etl.web.rendering import page

log = logging.getLogger(__name__)
STATIC = Path(__file__).parent / "static"


def create_app(
    identify: Callable[..., Any], clock: Callable[[], dt.datetime] = now, more: Sequence[APIRouter] = ()
) -> FastAPI:
    """The page as an application. `identify` is a dependency that gives back the Viewer, or raises 401.

    `clock` gives the moment at which actions happen and on which the board stands; `more`: pages of whoever serves it alone.
    """
    app = FastAPI(title="Sanji", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.clock = clock

    def keep_viewer(request: Request, viewer: Viewer = Depends(identify)) -> None:  # noqa: B008 - FastAPI's way
        request.state.viewer = viewer

    app.mount("/static", Static(directory=STATIC), name="static")
    reading = (
        pages.router, rows.router, reports.router, review_pages.router, award_pages.router, owed_pages.router,
        fact_pages.router,
    )
    acting = (
        actions.form_router, rows.form_router, review_actions.form_router, award_actions.form_router, owed_actions.form_router,
        fact_actions.form_router,
    )
    routers = (*more, *reading, actions.router, *acting)
    for router in routers:
        app.include_router(router, dependencies=[Depends(keep_viewer)])
    app.add_middleware(BoundedBody, refusal=_too_large)
    app.middleware("http")(add_headers)
    app.exception_handler(HTTPException)(_problem)
    app.exception_handler(RequestValidationError)(_not_understood)
    app.exception_handler(SanjiError)(_out_of_order)
    app.exception_handler(Exception)(_broken)
    return app


def _problem(request: Request, error: HTTPException) -> HTMLResponse:
    return page(request, "error", error.status_code, code=error.status_code)


def _not_understood(request: Request, _: RequestValidationError) -> HTMLResponse:
    return page(request, "error", 400, code=400)


def _too_large(request: Request) -> HTMLResponse:
    return page(request, "error", 413, code=413)


def _out_of_order(request: Request, error: SanjiError) -> HTMLResponse:
    """A wrong setting, a store that does not answer: the page says that it is not the clerk's doing, the log what it is."""
    log.error("%s %s", request.method, request.url.path, exc_info=error)
    return page(request, "error", 500, code=500)


def _broken(request: Request, _: Exception) -> Response:
    """The same for what nobody foresaw; whoever serves the page writes it to the log. No middleware is passed on the way out."""
    return guarded(page(request, "error", 500, code=500))
