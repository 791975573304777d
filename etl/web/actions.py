"""What people do on the page. Each act is a stage's own function; the page only says who, when, and shows the answer."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from etl.core.access import tier_over
from etl.core.explanations import Act, Answer
from etl.core.period import Period
from etl.edges.refusals import refusal_text
from etl.edges.store.history import record
from etl.stages.explanations import explain, open_findings, waive, withdraw
from etl.stages.feedback import feedback_file_name, feedback_workbook
from etl.web.guard import require_token
from etl.web.pages import Desk, unit_desk, unit_model
from etl.web.rendering import page

UNIT = "/{programme}/{period}/units/{unit_id}"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

router = APIRouter()
form_router = APIRouter(dependencies=[Depends(require_token)])

Findings = Annotated[list[str], Form(default_factory=list)]
Text = Annotated[str, Form(max_length=2000)]


@router.get(UNIT + "/fix-me.xlsx")
def download(request: Request, programme: str, period: str, unit_id: str) -> Response:
    """The unit's fix-me workbook; that it was fetched, and by whom, stands in the history."""
    desk = unit_desk(request, programme, period, unit_id)
    content = feedback_workbook(desk.context, unit_id)
    name = quote(feedback_file_name(desk.context, unit_id))
    record(desk.context.store, *desk.context.key, unit_id, desk.at, desk.viewer.account, "downloaded", {})
    return Response(content, media_type=XLSX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"})


@form_router.post(UNIT + "/explain")
def explain_findings(
    request: Request, programme: str, period: str, unit_id: str,
    finding: Findings, text: Text = "", every: Annotated[str, Form(max_length=8)] = "",
) -> Response:  # fmt: skip
    """Explain the chosen warnings, or all open ones of a rule (`every`)."""
    desk = unit_desk(request, programme, period, unit_id)
    chosen = _open_of_rule(desk, unit_id, every) if every else _own(desk, unit_id, finding)
    return _said(request, desk, unit_id, "explained", explain(desk.context, chosen, text, desk.viewer.account, desk.at))


@form_router.post(UNIT + "/waive")
def waive_findings(
    request: Request, programme: str, period: str, unit_id: str,
    finding: Findings, until: Annotated[str, Form(max_length=8)], text: Text = "",
) -> Response:  # fmt: skip
    """Accept the chosen held rows as they are, at the tier at which the viewer stands."""
    desk = unit_desk(request, programme, period, unit_id)
    try:
        last = Period.parse(until)
    except ValueError as error:
        raise HTTPException(400) from error
    if last.kind != desk.context.period.kind:
        raise HTTPException(400)
    act = Act(text, last, _tier(desk, unit_id))
    chosen = _own(desk, unit_id, finding)
    return _said(request, desk, unit_id, "waived", waive(desk.context, chosen, act, desk.viewer.account, desk.at))


@form_router.post(UNIT + "/withdraw")
def withdraw_waivers(
    request: Request, programme: str, period: str, unit_id: str, finding: Findings, text: Text = ""
) -> Response:
    """Take back waivers; only whoever stands at a tier over the unit may."""
    desk = unit_desk(request, programme, period, unit_id)
    _tier(desk, unit_id)
    chosen = _own(desk, unit_id, finding)
    return _said(request, desk, unit_id, "withdrawn", withdraw(desk.context, chosen, text, desk.viewer.account, desk.at))


def _tier(desk: Desk, unit_id: str) -> str:
    """The tier at which the viewer decides; 403 for one who stands at none, an operator for instance."""
    tier = tier_over(desk.viewer, desk.context.register, unit_id)
    if tier is None:
        raise HTTPException(403)
    return tier


def _own(desk: Desk, unit_id: str, keys: list[str]) -> list[str]:
    """The findings chosen, if all are the unit's own; else 404: a form was made up."""
    found = set(open_findings(desk.context, unit_id)["finding_key"])
    if not set(keys) <= found:
        raise HTTPException(404)
    return keys


def _open_of_rule(desk: Desk, unit_id: str, rule: str) -> list[str]:
    found = open_findings(desk.context, unit_id)
    return list(found.loc[(found["rule"] == rule) & (found["state"] == "open"), "finding_key"])


def _said(request: Request, desk: Desk, unit_id: str, done: str, answer: Answer) -> Response:
    """Back to the unit's page if all was kept; else the page with what was refused, and why."""
    if answer.done and not answer.refused:
        here = f"{request.scope.get('root_path', '')}/{desk.context.key[0]}/{desk.context.key[1]}/units/{unit_id}"
        return RedirectResponse(f"{here}?done={done}", 303)
    names = {tier.tier: tier.zh for tier in desk.context.bundle.programme.tiers}
    reasons: dict[str, Any] = dict.fromkeys(refusal_text(each, names) for each in answer.refused)
    return page(request, "unit", 422, **unit_model(desk, unit_id), done="", kept=len(answer.done), refusals=list(reasons))
