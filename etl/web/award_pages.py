"""The pages of the year's namings that are read: every place's quota and step, one place's lists, notice and titles."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from etl.web.award_desk import award_desk, award_heading, naming_overview, place_model
from etl.web.rendering import page

HERE = "/{programme}/{period}/awards/"

router = APIRouter()


@router.get(HERE, response_class=HTMLResponse)
def show_namings(request: Request, programme: str, period: str) -> HTMLResponse:
    """How far every naming place that the viewer sees has come at each level."""
    awards = award_desk(request, programme, period)
    return page(request, "awards", **award_heading(awards), **naming_overview(awards))


@router.get(HERE + "place", response_class=HTMLResponse)
def show_place(
    request: Request, programme: str, period: str, level: str, place: str, done: str = "", conferred: int = 0
) -> HTMLResponse:
    """One place's naming at a level, with the forms of whoever stands there."""
    awards = award_desk(request, programme, period)
    model = place_model(awards, level, place)
    return page(request, "award_place", **award_heading(awards), **model, done=done, conferred=conferred)
