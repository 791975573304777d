"""The page of what is on record of branches: rectifications, sweeps, contact points, members managed from two sides."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from etl.web.fact_desk import facts_overview
from etl.web.rendering import page
from etl.web.review_desk import heading, year_desk
from etl.web.review_pages import HERE

router = APIRouter()


@router.get(HERE + "facts", response_class=HTMLResponse)
def show_facts(
    request: Request, programme: str, period: str, kind: str = "", past: bool = False,
    q: Annotated[str, Query(max_length=50)] = "",
) -> HTMLResponse:
    """What holds of the viewer's branches, by kind; with `past` what has ended, too. `q`: a branch that is sought."""
    desk = year_desk(request, programme, period)
    return page(request, "facts", **heading(desk), **facts_overview(desk, kind, past, q.strip()))
