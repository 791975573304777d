"""What a naming place does on the page: give public notice, take an objection and rule on it, name, take a title back."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from etl.core.awards.naming_round import Round
from etl.stages.naming import name_branches, withdraw_title
from etl.stages.notice import Answer, object_to, open_notices, rule_on
from etl.web.award_desk import AwardDesk, award_desk, award_heading, place_model
from etl.web.award_pages import HERE
from etl.web.fields import Day, Line, Text, Word
from etl.web.guard import require_token
from etl.web.rendering import go_to, page, words

form_router = APIRouter(dependencies=[Depends(require_token)])


@dataclass(frozen=True)
class Naming:
    """What a form is about: the desk of whoever stands at a place, and a level of the place's naming."""

    request: Request
    awards: AwardDesk
    level: str
    place: str

    @property
    def round(self) -> Round:
        """How far the naming has come."""
        return self.awards.round(self.level, self.place)


def _own(request: Request, programme: str, period: str, level: Word, place: Line) -> Naming:
    """The naming of a form; 404 for one that the viewer does not see, 403 for one that they only see."""
    naming = Naming(request, award_desk(request, programme, period), level, place)
    if naming.round and not naming.awards.may_judge(place):
        raise HTTPException(403)
    return naming


Own = Annotated[Naming, Depends(_own)]


@form_router.post(HERE + "notice")
def give_notice(own: Own, run: Word, on: Day) -> Response:
    """Open the place's public notice at a level, as `sanji notice` does for all."""
    if refusal := _outdated(own.awards, run):
        return _said(own, refusal)
    answer = open_notices(own.awards.context, run, on, own.awards.by, [(own.level, own.place)])
    return _answered(own, "notice", answer)


@form_router.post(HERE + "objections")
def take_objection(own: Own, branch: Line, on: Day, statement: Text = "") -> Response:
    """Enter what was said against a naming that is on notice; one after the deadline is kept, and stops nothing."""
    notice = own.round.notice
    if notice is None:
        raise HTTPException(404)
    typed = {"branch": branch, "on": on, "statement": statement}
    if refusal := _in_future(own.awards, on):
        return _said(own, refusal, typed=typed)
    answer = object_to(own.awards.context, notice["notice_id"], branch, statement, on, own.awards.by)
    if not answer.ids:
        return _said(own, *answer.said, typed=typed)
    done = "late" if on.isoformat() > notice["closes_on"] else "objection"
    return _answered(own, done, Answer(answer.ids))


@form_router.post(HERE + "rulings")
def rule(own: Own, objection: Word, found: Word, on: Day, reason: Text = "") -> Response:
    """What was found of an objection to the place's naming: `found` is `upheld` or `dismissed`."""
    known = {each.said["objection_id"] for each in own.round.objections}
    if objection not in known or found not in ("upheld", "dismissed"):
        raise HTTPException(404)
    refusal = _in_future(own.awards, on) or ("" if reason.strip() else words()["award_refusal"]["no_reason"])
    if refusal:
        typed = {"objection": objection, "found": found, "on": on, "reason": reason}
        return _said(own, refusal, typed=typed)
    answer = rule_on(own.awards.context, objection, found == "upheld", reason, on, own.awards.by)
    return _answered(own, "ruling", answer)


@form_router.post(HERE + "name")
def confer(own: Own, run: Word, on: Day, document: Line = "") -> Response:
    """Confer the place's titles at a level, as `sanji name` does for all; who is left out, and why, is said."""
    if refusal := _outdated(own.awards, run) or _in_future(own.awards, on):
        return _said(own, refusal)
    there = {each.row["title_id"] for each in own.round.titles}
    answer = name_branches(own.awards.context, run, on, document.strip(), own.awards.by, [(own.level, own.place)])
    new = tuple(each for each in answer.ids if each not in there)  # naming again gives back the titles of before, too
    return _answered(own, "named", Answer(new, answer.said))


@form_router.post(HERE + "withdraw")
def take_back(own: Own, title: Word, on: Day, reason: Text = "") -> Response:
    """Take back a title that the place conferred, as `sanji name --withdraw` does; its record stays."""
    if title not in {each.row["title_id"] for each in own.round.titles}:
        raise HTTPException(404)
    refusal = _in_future(own.awards, on)
    if not refusal:
        answer = withdraw_title(own.awards.context, title, reason, on, own.awards.by)
        if not answer.said:
            return _answered(own, "withdrawn", answer)
        refusal = "；".join(answer.said)
    return _said(own, refusal, typed={"title": title, "on": on, "reason": reason})


def _outdated(awards: AwardDesk, run: str) -> str:
    """Why a form cannot count that was filled in over another run than the newest; empty if it can."""
    newest = awards.run["run_id"] if awards.run else ""
    return "" if run == newest else str(words()["award_refusal"]["outdated"])


def _in_future(awards: AwardDesk, on: dt.date) -> str:
    return str(words()["award_refusal"]["in_future"]) if on > awards.today else ""


def _answered(own: Naming, done: str, answer: Answer) -> Response:
    """Back to the page if there is nothing to say; else the page with what was said."""
    if answer.said:
        return _said(own, *answer.said, conferred=len(answer.ids))
    about = {"level": own.level, "place": own.place, "done": done, "conferred": len(answer.ids)}
    return go_to(own.request, *own.awards.context.key, f"awards/place?{urlencode(about)}")


def _said(own: Naming, *said: str, conferred: int = 0, typed: Any = None) -> Response:
    """The page as it stands now, with what must be said on top; what was typed stands in its form again."""
    again = award_desk(own.request, *own.awards.context.key)
    model: dict[str, Any] = place_model(again, own.level, own.place)
    told = {"done": "named" if conferred else "", "conferred": conferred, "said": said, "typed": typed}
    return page(own.request, "award_place", 422, **award_heading(again), **model, **told)
