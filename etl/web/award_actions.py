"""What a naming place does on the page: give public notice, take an objection and rule on it, name, take a title back."""

import datetime as dt
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from etl.stages.naming import name_branches, withdraw_title
from etl.stages.notice import Answer, object_to, open_notices, rule_on
from etl.web.award_desk import AwardDesk, award_desk, award_heading, place_model
from etl.web.award_pages import HERE
from etl.web.fields import Day, Text
from etl.web.guard import require_token
from etl.web.rendering import page, words

form_router = APIRouter(dependencies=[Depends(require_token)])

Word = Annotated[str, Form(max_length=40)]
Line = Annotated[str, Form(max_length=128)]


def _own(request: Request, programme: str, period: str, level: str, place: str) -> AwardDesk:
    """The desk of whoever stands at the place; 404 for a naming that they do not see, 403 for one that they only see."""
    awards = award_desk(request, programme, period)
    awards.round(level, place)
    if not awards.desk.may_judge(place):
        raise HTTPException(403)
    return awards


@form_router.post(HERE + "notice")
def give_notice(
    request: Request, programme: str, period: str, level: Word, place: Line, run: Word, on: Day
) -> Response:
    """Open the place's public notice at a level, as `sanji notice` does for all."""
    awards = _own(request, programme, period, level, place)
    if refusal := _outdated(awards, run):
        return _said(request, awards, level, place, refusal)
    answer = open_notices(awards.desk.context, run, on, awards.desk.by, [(level, place)])
    return _answered(request, awards, level, place, "notice", answer)


@form_router.post(HERE + "objections")
def take_objection(
    request: Request, programme: str, period: str, level: Word, place: Line, branch: Line, on: Day, statement: Text = ""
) -> Response:
    """Enter what was said against a naming that is on notice; one after the deadline is kept, and stops nothing."""
    awards = _own(request, programme, period, level, place)
    notice = awards.round(level, place).notice
    if notice is None:
        raise HTTPException(404)
    typed = {"branch": branch, "on": on, "statement": statement}
    if refusal := _in_future(awards, on):
        return _said(request, awards, level, place, refusal, typed=typed)
    answer = object_to(awards.desk.context, notice["notice_id"], branch, statement, on, awards.desk.by)
    if not answer.ids:
        return _said(request, awards, level, place, *answer.said, typed=typed)
    done = "late" if on.isoformat() > notice["closes_on"] else "objection"
    return _answered(request, awards, level, place, done, Answer(answer.ids))


@form_router.post(HERE + "rulings")
def rule(
    request: Request, programme: str, period: str, level: Word, place: Line, objection: Word, found: Word, on: Day,
    reason: Text = "",
) -> Response:  # fmt: skip
    """What was found of an objection to the place's naming: `found` is `upheld` or `dismissed`."""
    awards = _own(request, programme, period, level, place)
    known = {each.said["objection_id"] for each in awards.round(level, place).objections}
    if objection not in known or found not in ("upheld", "dismissed"):
        raise HTTPException(404)
    refusal = _in_future(awards, on) or ("" if reason.strip() else words()["award_refusal"]["no_reason"])
    if refusal:
        typed = {"objection": objection, "found": found, "on": on, "reason": reason}
        return _said(request, awards, level, place, refusal, typed=typed)
    answer = rule_on(awards.desk.context, objection, found == "upheld", reason, on, awards.desk.by)
    return _answered(request, awards, level, place, "ruling", answer)


@form_router.post(HERE + "name")
def confer(
    request: Request, programme: str, period: str, level: Word, place: Line, run: Word, on: Day, document: Line = ""
) -> Response:
    """Confer the place's titles at a level, as `sanji name` does for all; who is left out, and why, is said."""
    awards = _own(request, programme, period, level, place)
    if refusal := _outdated(awards, run) or _in_future(awards, on):
        return _said(request, awards, level, place, refusal)
    there = {each.row["title_id"] for each in awards.round(level, place).titles}
    answer = name_branches(awards.desk.context, run, on, document.strip(), awards.desk.by, [(level, place)])
    new = tuple(each for each in answer.ids if each not in there)  # naming again gives back the titles of before, too
    return _answered(request, awards, level, place, "named", Answer(new, answer.said))


@form_router.post(HERE + "withdraw")
def take_back(
    request: Request, programme: str, period: str, level: Word, place: Line, title: Word, on: Day, reason: Text = ""
) -> Response:
    """Take back a title that the place conferred, as `sanji name --withdraw` does; its record stays."""
    awards = _own(request, programme, period, level, place)
    if title not in {each.row["title_id"] for each in awards.round(level, place).titles}:
        raise HTTPException(404)
    refusal = _in_future(awards, on)
    if not refusal:
        answer = withdraw_title(awards.desk.context, title, reason, on, awards.desk.by)
        if not answer.said:
            return _answered(request, awards, level, place, "withdrawn", answer)
        refusal = "；".join(answer.said)
    return _said(request, awards, level, place, refusal, typed={"title": title, "on": on, "reason": reason})


def _outdated(awards: AwardDesk, run: str) -> str:
    """Why a form cannot count that was filled in over another run than the newest; empty if it can."""
    newest = awards.run["run_id"] if awards.run else ""
    return "" if run == newest else str(words()["award_refusal"]["outdated"])


def _in_future(awards: AwardDesk, on: dt.date) -> str:
    return str(words()["award_refusal"]["in_future"]) if on > awards.today else ""


def _answered(request: Request, awards: AwardDesk, level: str, place: str, done: str, answer: Answer) -> Response:
    """Back to the page if there is nothing to say; else the page with what was said."""
    if answer.said:
        return _said(request, awards, level, place, *answer.said, conferred=len(answer.ids))
    here = f"{request.scope.get('root_path', '')}/{awards.desk.context.key[0]}/{awards.desk.context.key[1]}/awards/place?"
    return RedirectResponse(here + urlencode({"level": level, "place": place, "done": done, "conferred": len(answer.ids)}), 303)


def _said(
    request: Request, awards: AwardDesk, level: str, place: str, *said: str, conferred: int = 0, typed: Any = None
) -> Response:
    """The page as it stands now, with what must be said on top; what was typed stands in its form again."""
    again = award_desk(request, *awards.desk.context.key)
    model: dict[str, Any] = place_model(again, level, place)
    told = {"done": "named" if conferred else "", "conferred": conferred, "said": said, "typed": typed}
    return page(request, "award_place", 422, **award_heading(again), **model, **told)
