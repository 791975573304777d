"""The pages that are read: the board, a unit's findings, one rule's cells, the history."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from etl.core.access import tier_over
from etl.core.judging.rules import WAIVING_TIERS
from etl.core.register import OWN
from etl.core.returns.explanations import tiers_that_may_waive, tiers_that_may_withdraw
from etl.stages.feedback import file_names
from etl.web import views
from etl.web.desk import Desk, choices_of, heading, unit_desk, viewer_of
from etl.web.groups import cells_of, groups_of
from etl.web.rendering import go_to, page

MOST_PERIODS = 4
"""For so many periods, this one and those after it, a waiver may be given on the page."""

router = APIRouter()


@router.get("/")
def home(request: Request) -> Any:
    """To the newest half-year in which the viewer has a unit; else a page that says that nothing has come."""
    choices = choices_of(viewer_of(request))
    if not choices:
        return page(request, "empty", viewer=viewer_of(request))
    return go_to(request, choices[0]["programme"], choices[0]["period"], "")


@router.get("/go")
def go(request: Request, to: str) -> RedirectResponse:
    """To the programme and period chosen in the page's head."""
    known = {f"{choice['programme']}/{choice['period']}" for choice in choices_of(viewer_of(request))}
    if to not in known:
        raise HTTPException(404)
    return go_to(request, to, "")


@router.get("/{programme}/{period}/", response_class=HTMLResponse)
def show_board(
    request: Request, programme: str, period: str, status: str = "", parent: str = "",
    q: Annotated[str, Query(max_length=50)] = "", order: str = "urgency", unfold: bool = False,
) -> HTMLResponse:
    """The board of all units that the viewer may see, folded by the place above them."""
    desk = Desk.of(request, programme, period)
    wanted = views.Filter(status, parent, q, order, unfold)
    rows = desk.board()
    due = rows["due_on"].iloc[0] if len(rows) else None
    return page(request, "board", **heading(desk), wanted=wanted, due=due, **views.board_view(rows, wanted))


@router.get("/{programme}/{period}/units/{unit_id}", response_class=HTMLResponse)
def show_unit(request: Request, programme: str, period: str, unit_id: str, done: str = "") -> HTMLResponse:
    """One unit: where it stands, what to do, its findings by rule, its files, its history."""
    desk = unit_desk(request, programme, period, unit_id)
    return page(request, "unit", **unit_model(desk, unit_id), done=done)


def unit_model(desk: Desk, unit_id: str) -> dict[str, Any]:
    """Everything that a unit's page shows."""
    context = desk.context
    return {
        **heading(desk),
        "unit": desk.unit(unit_id),
        "groups": groups_of(context, unit_id),
        "files": views.files_of(context, unit_id),
        "events": views.history_view(context, unit_id, 8),
        "keeps_ledger": views.keeps_ledger(context, unit_id),
        **acts_of(desk, unit_id),
    }


def acts_of(desk: Desk, unit_id: str) -> dict[str, Any]:
    """What the viewer may do about a unit's findings, and in what words.

    `file_names`: receipt → what its file is called.
    `tier`: the one at which they stand over it, or None; `waives`: the tiers a rule may name for them to waive its rows,
    `waivers`: that tier → who waives, lowest first, in Chinese; `withdraws`: the tiers whose waivers they may take back;
    `tiers`: a tier's name; `until`: the periods for which they may.
    """
    programme, period = desk.context.bundle.programme, desk.context.period
    tier = tier_over(desk.viewer, desk.context.register, unit_id)
    able = {needed: tiers_that_may_waive(needed, programme.tier_keys()) for needed in WAIVING_TIERS}
    names = programme.tier_names()
    withdraws = {given for given in names if tier in tiers_that_may_withdraw(given, programme.tier_keys())}
    until = [period]
    while len(until) < MOST_PERIODS:
        until.append(until[-1].next())
    return {
        "tables": views.column_names(desk.context),
        "file_names": file_names(desk.context, unit_id),
        "tier": tier,
        "waives": {needed for needed, tiers in able.items() if tier in tiers},
        "withdraws": withdraws,
        "tiers": names,
        "waivers": {needed: names[tiers[0]] for needed, tiers in able.items()},
        "until": until,
    }


@router.get("/{programme}/{period}/units/{unit_id}/rules/{rule}", response_class=HTMLResponse)
def show_rule(
    request: Request,
    programme: str,
    period: str,
    unit_id: str,
    rule: str,
    number: Annotated[int, Query(ge=1)] = 1,
) -> HTMLResponse:
    """All cells of one rule in a unit, a hundred a page."""
    desk = unit_desk(request, programme, period, unit_id)
    group = cells_of(desk.context, unit_id, rule, number)
    if group is None:
        raise HTTPException(404)
    return page(request, "rule", **heading(desk), unit=desk.unit(unit_id), group=group, **acts_of(desk, unit_id))


@router.get("/{programme}/{period}/units/{unit_id}/history", response_class=HTMLResponse)
def show_history(request: Request, programme: str, period: str, unit_id: str) -> HTMLResponse:
    """All that happened to a unit's return, newest first."""
    desk = unit_desk(request, programme, period, unit_id)
    unit = desk.unit(unit_id)
    events, tables = views.history_view(desk.context, unit_id), views.column_names(desk.context)
    return page(request, "history", **heading(desk), unit=unit, events=events, tables=tables)


@router.get("/{programme}/{period}/what-if", response_class=HTMLResponse)
def show_what_if(request: Request, programme: str, period: str, unit: str = "", node: str = "") -> HTMLResponse:
    """The totals of a place as they are, and as they would be if every held row under it counted."""
    desk = Desk.of(request, programme, period)
    register = desk.context.register
    places = [each for each in register.nodes if each.node_id in desk.nodes and each.tier != OWN]
    if unit and unit in desk.units:
        of = register.unit(unit)
        node = node or (of.parent_id if of.kind == OWN and of.parent_id else of.node_id)  # whose figures its place adds up
    chosen = next((each for each in places if each.node_id == (node or places[0].node_id)), None)
    if chosen is None:
        raise HTTPException(404)
    rows = views.what_if_view(desk.context, chosen.node_id)
    return page(request, "what_if", **heading(desk), node=chosen, places=places, **rows)
