"""The pages of the year's reviews that are read: the lists, one list, one branch's case, the review workbook."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from etl.core.reports.editions import MEDIA_TYPES
from etl.stages.review_lists import review_list, review_workbook
from etl.web.desk import viewer_of
from etl.web.fact_desk import branch_page, years_on_record
from etl.web.rendering import file_answer, go_to, page
from etl.web.review_desk import heading, list_model, overview, review_desk, reviewed_periods, year_desk

HERE = "/{programme}/{period}/reviews/"

router = APIRouter()


@router.get("/{programme}/reviews")
def newest(request: Request, programme: str) -> Response:
    """To the newest scored year of a programme; else a page that says that nothing is scored yet."""
    periods = reviewed_periods(viewer_of(request), programme)
    if not periods:
        years = [each["period"] for each in years_on_record(viewer_of(request), programme)]
        return page(request, "reviews_none", viewer=viewer_of(request), key=programme, years=years)
    return go_to(request, programme, periods[0]["period"], "reviews/")


@router.get(HERE, response_class=HTMLResponse)
def show_lists(request: Request, programme: str, period: str) -> HTMLResponse:
    """The lists of every reviewing place that the viewer sees."""
    desk = review_desk(request, programme, period)
    return page(request, "reviews", **heading(desk), **overview(desk))


@router.get(HERE + "list", response_class=HTMLResponse)
def show_list(request: Request, programme: str, period: str, tier: str, place: str, done: int = 0) -> HTMLResponse:
    """One place's list, with the form of whoever stands there."""
    desk = review_desk(request, programme, period)
    return page(request, "review_list", **heading(desk), **list_model(desk, tier, place), done=done)


@router.get(HERE + "workbook.xlsx")
def download(request: Request, programme: str, period: str, tier: str, place: str) -> Response:
    """The review workbook of a place, for whoever stands there; 403 for others who see the list."""
    desk = review_desk(request, programme, period)
    desk.listed(tier, place)
    if not desk.may_judge(place):
        raise HTTPException(403)
    name = f"{review_list(desk.context, tier, place).title}.xlsx"
    return file_answer(review_workbook(desk.context, tier, place), name, MEDIA_TYPES["xlsx"])


@router.get(HERE + "branches/{branch_id}", response_class=HTMLResponse)
def show_branch(
    request: Request, programme: str, period: str, branch_id: str, done: int = 0, fact: str = ""
) -> HTMLResponse:
    """One branch's case; of one that is not scored what is on record of it."""
    desk = year_desk(request, programme, period)
    template, model = branch_page(desk, branch_id)
    return page(request, template, **heading(desk), **model, done=done, fact=fact)
