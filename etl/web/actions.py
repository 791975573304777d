"""What people do on the page. Each act is a stage's own function; the page only says who, when, and shows the answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, HTTPException, Request, UploadFile
from fastapi.responses import Response

from etl.core.access import tier_over
from etl.core.period import Period
from etl.core.reports.editions import MEDIA_TYPES
from etl.core.returns.explanations import Act, tiers_that_may_withdraw
from etl.core.returns.explanations import Answer as Said
from etl.core.returns.faults import Fault
from etl.core.returns.resubmission import Answer
from etl.edges.refusals import refusal_text
from etl.edges.store.history import UnitEvent, record
from etl.stages.explanations import explain_warnings, findings_with_answers
from etl.stages.feedback import feedback_file_name, feedback_workbook
from etl.stages.frames import rule_texts
from etl.stages.resubmit import resubmit
from etl.stages.waivers import waive, withdraw
from etl.web.desk import Desk, heading, unit_desk
from etl.web.fields import Many, Text, Tick
from etl.web.groups import LEVELS
from etl.web.guard import require_token
from etl.web.pages import unit_model
from etl.web.rendering import file_answer, go_to, page
from etl.web.views import column_names

UNIT = "/{programme}/{period}/units/{unit_id}"

router = APIRouter()
form_router = APIRouter(dependencies=[Depends(require_token)])

Rule = Annotated[str, Form(max_length=8)]


@router.get(UNIT + "/fix-me.xlsx")
def download(request: Request, programme: str, period: str, unit_id: str, all_ledgers: bool = False) -> Response:
    """The unit's fix-me workbook; that it was fetched, and by whom, stands in the history."""
    desk = unit_desk(request, programme, period, unit_id)
    content = feedback_workbook(desk.context, unit_id, all_ledgers)
    record(desk.context.store, *desk.context.key, UnitEvent(unit_id, desk.at, "downloaded", actor=desk.viewer.account))
    return file_answer(content, feedback_file_name(desk.context, unit_id), MEDIA_TYPES["xlsx"])


@form_router.post(UNIT + "/upload")
def upload(
    request: Request, programme: str, period: str, unit_id: str,
    file: Annotated[UploadFile, File()], take: Tick = "",
) -> Response:
    """Judge a file that the unit sends and say at once what came of it. `take`: count it although it is not better."""
    desk = unit_desk(request, programme, period, unit_id)
    answer = resubmit(
        desk.context, file.file.read(), file.filename or "", unit_id=unit_id, by=desk.by, channel="page", take=take == "yes",
    )
    return answered(request, desk, unit_id, answer, may_take=not take)


@form_router.post(UNIT + "/explain")
def explain_findings(
    request: Request, programme: str, period: str, unit_id: str,
    finding: Many, text: Text = "", every: Rule = "", of: Rule = "",
) -> Response:
    """Explain the chosen warnings, or all open ones of a rule (`every`)."""
    desk = unit_desk(request, programme, period, unit_id)
    chosen = _all_of(desk, unit_id, every, "warning", "open") if every else finding
    decide = partial(explain_warnings, desk.context, chosen, text, desk.by)
    return _decided(request, desk, unit_id, Typed("explained", of, text), chosen, decide)


@form_router.post(UNIT + "/waive")
def waive_findings(
    request: Request, programme: str, period: str, unit_id: str,
    finding: Many, until: Annotated[str, Form(max_length=8)], text: Text = "", every: Rule = "",
    of: Rule = "",
) -> Response:
    """Accept the chosen held rows as they are, or all of a rule (`every`), at the tier at which the viewer stands."""
    desk = unit_desk(request, programme, period, unit_id)
    try:
        last = Period.parse(until)
    except ValueError as error:
        raise HTTPException(400) from error
    if last.kind != desk.context.period.kind:
        raise HTTPException(400)
    act = Act(text, last, _tier(desk, unit_id))
    chosen = _all_of(desk, unit_id, every, "row", "open") if every else finding
    decide = partial(waive, desk.context, chosen, act, desk.by)
    return _decided(request, desk, unit_id, Typed("waived", of, text, until), chosen, decide)


@form_router.post(UNIT + "/withdraw")
def withdraw_waivers(
    request: Request, programme: str, period: str, unit_id: str, finding: Many, text: Text = "", every: Rule = "",
    of: Rule = "",
) -> Response:
    """Take back the chosen waivers, or all of a rule (`every`) that the viewer's tier may: its own and those of tiers below."""
    desk = unit_desk(request, programme, period, unit_id)
    tier = _tier(desk, unit_id)
    tiers = desk.context.bundle.programme.tier_keys()
    may = [given for given in tiers if tier in tiers_that_may_withdraw(given, tiers)]
    chosen = _all_of(desk, unit_id, every, "row", "waived", may) if every else finding
    decide = partial(withdraw, desk.context, chosen, text, tier, desk.by)
    return _decided(request, desk, unit_id, Typed("withdrawn", of, text), chosen, decide)


def _tier(desk: Desk, unit_id: str) -> str:
    """The tier at which the viewer decides; 403 for one who stands at none, an operator for instance."""
    tier = tier_over(desk.viewer, desk.context.register, unit_id)
    if tier is None:
        raise HTTPException(403)
    return tier


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person wrote about the findings of a rule (`of`), so that a refusal does not cost the words."""

    act: str
    of: str
    text: str
    until: str = ""


def no_longer(
    request: Request, desk: Desk, unit_id: str, typed: Typed | None = None, values: Sequence[str] = ()
) -> Response:
    """The unit as it stands now: what the form was about is put right by now or was never the unit's; both look the same.

    `values`: what was typed into a form that is gone, to be told once more.
    """
    told = {"done": "", "outdated": True, "typed": typed, "values": values}
    return page(request, "unit", 404, **unit_model(desk, unit_id), **told)


def _all_of(
    desk: Desk, unit_id: str, rule: str, level: str, state: str, waived_at: Sequence[str] | None = None
) -> list[str]:
    """All of a unit's findings of a rule at a level that stand so: those that the page has no room for, too.

    `waived_at`: only those waived at one of these tiers.
    """
    found = findings_with_answers(desk.context, unit_id)
    mine = (found["rule"] == rule) & (found["level"] == level) & (found["state"] == state)
    if waived_at is not None:
        mine &= found["waived_at_tier"].isin(waived_at)
    return list(found.loc[mine, "finding_key"])


def answered(
    request: Request, desk: Desk, unit_id: str, answer: Answer, may_take: bool = False, **again: Any
) -> Response:
    """What became of a file or a fix: fixed, still open, new; or why it was not taken in.

    `may_take`: whether to offer that the file counts although it is not better; `again`: the form of a fix that does not
    count, as it was filled in.
    """
    status = 200 if answer.accepted else 422
    unit = desk.unit(unit_id)
    texts = rule_texts(desk.context)
    lists = {name: _told(getattr(answer, name), texts) for name in ("fixed", "still_open", "new")}
    tables = column_names(desk.context)
    told = {"answer": answer, "lists": lists, "tables": tables, "may_take": may_take, **again}
    return page(request, "answer", status, **heading(desk), unit=unit, **told)


def _told(faults: tuple[Fault, ...], texts: dict[str, tuple[str, str]]) -> list[dict[str, Any]]:
    """Faults by rule with their sentence, the gravest and then the most frequent first."""
    by_rule: dict[tuple[str, str], list[Fault]] = {}
    for fault in faults:
        by_rule.setdefault((fault.rule, fault.level), []).append(fault)
    told = [
        {"rule": rule, "level": level, "sentence": texts[rule][0], "faults": mine} for (rule, level), mine in by_rule.items()
    ]
    return sorted(told, key=lambda group: (LEVELS.index(group["level"]), -len(group["faults"]), group["rule"]))


def _decided(
    request: Request, desk: Desk, unit_id: str, typed: Typed, chosen: list[str], decide: Callable[[], Said]
) -> Response:
    """Decide about the findings chosen, if all are the unit's as it stands; then back to its page, or what was refused."""
    if not set(chosen) <= set(findings_with_answers(desk.context, unit_id)["finding_key"]):
        return no_longer(request, desk, unit_id, typed, [*filter(None, [typed.text.strip()])])
    answer = decide()
    if answer.done and not answer.refused:
        return go_to(request, *desk.context.key, f"units/{unit_id}?done={typed.act}")
    names = desk.context.bundle.programme.tier_names()
    reasons: dict[str, Any] = dict.fromkeys(refusal_text(each, names) for each in answer.refused)
    told = {"kept": len(answer.done), "refusals": list(reasons), "typed": typed}
    return page(request, "unit", 422, **unit_model(desk, unit_id), done="", **told)
