"""The page of what places and units owe in a year: plans, supervision, visits."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from etl.web.desk import Clock, viewer_of
from etl.web.owed_desk import owed_desk, owed_heading, owed_model, owed_years
from etl.web.rendering import go_to, page

HERE = "/{programme}/{period}/duties/"

router = APIRouter()


@router.get("/{programme}/duties")
def newest(request: Request, programme: str) -> Any:
    """To the newest year of a programme in which anything is owed; else a page that says that nothing is."""
    clock: Clock = request.app.state.clock
    years = owed_years(viewer_of(request), programme, clock().year)
    if not years:
        return page(request, "duties_none", viewer=viewer_of(request))
    return go_to(request, *years[0].key, "duties/")


@router.get(HERE, response_class=HTMLResponse)
def show_duties(request: Request, programme: str, period: str, done: str = "") -> HTMLResponse:
    """Who owes what by when, what is overdue, with the forms of whoever puts it on record."""
    owed = owed_desk(request, programme, period)
    return page(request, "duties", **owed_heading(owed), **owed_model(owed), done=done)
