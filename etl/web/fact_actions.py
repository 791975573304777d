"""What is put on record of a branch on its page: a fact entered, its end or its number put right, a mistake taken back."""

import datetime as dt
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import Response

from etl.core.awards.branch_records import Fact
from etl.stages.branch_facts import keep_fact
from etl.web.fact_desk import branch_page
from etl.web.fields import Day, Line, Text, Tick, Word
from etl.web.guard import require_token
from etl.web.rendering import go_to, page, words
from etl.web.review_desk import ReviewDesk, heading, year_desk
from etl.web.review_pages import HERE

form_router = APIRouter(dependencies=[Depends(require_token)])

Row = dict[str, Any]
BRANCH = HERE + "branches/{branch_id}/facts"


@form_router.post(BRANCH)
def enter_fact(
    request: Request, programme: str, period: str, branch_id: str, kind: Word, since: Day, until: Word = "", other: Line = "",
    members: Word = "", outcome: Annotated[str, Form(max_length=48)] = "", note: Text = "", seen: Word = "",
) -> Response:
    """Put a fact on record at the viewer's place, as `sanji record fact` does; 403 for a kind that it may not."""
    desk = year_desk(request, programme, period)
    _, case = branch_page(desk, branch_id)
    if kind not in case["enters"]:
        raise HTTPException(403)
    if other and other not in {node.node_id for node in case["sides"]}:
        raise HTTPException(400)
    typed = {"kind": kind, "since": since, "until": until, "other": other, "members": members, "outcome": outcome, "note": note}
    fact = Fact(kind, branch_id, case["fact_place"], since, _day(until), other, None, outcome.strip(), note)
    return _keep(request, desk, case, fact, members, seen, "entered", typed)


@form_router.post(BRANCH + "/{fact_id}")
def change_fact(
    request: Request, programme: str, period: str, branch_id: str, fact_id: str, until: Word = "", members: Word = "",
    note: Text = "", seen: Word = "", taken_back: Tick = "",
) -> Response:
    """Put a fact's end, its number of members or its note right; `taken_back`: it never held, and the note says why."""
    desk = year_desk(request, programme, period)
    _, case = branch_page(desk, branch_id)
    row = next((each for each in case["facts"] if each["fact_id"] == fact_id), None)
    if row is None:
        raise HTTPException(404)
    if not row["mine"]:
        raise HTTPException(403)
    typed = {"fact": fact_id, "until": until, "members": members, "note": note, "taken_back": taken_back}
    if taken_back and not note.strip():
        return _said(request, desk, branch_id, 422, typed, words()["fact_refusal"]["no_reason"])
    fact = Fact(
        row["kind"], branch_id, row["node_id"], dt.date.fromisoformat(row["since"]), _day(until), row["other_node_id"] or "",
        row["members"], row["outcome"] or "", note,
    )
    if taken_back:
        return _keep(request, desk, case, replace(fact, until=fact.since), None, seen, "taken_back", typed)
    return _keep(request, desk, case, fact, members, seen, "changed", typed)


def _keep(
    request: Request, desk: ReviewDesk, case: Row, fact: Fact, members: str | None, seen: str, done: str, typed: Row
) -> Response:
    """Keep the fact, with so many members (None: as it says), and go back to the branch; else its page with why not."""
    refusal = words()["fact_refusal"]
    if seen != case["fact_seen"]:
        return _said(request, desk, fact.branch_id, 409, typed, refusal["outdated"])
    if fact.since > desk.today:
        return _said(request, desk, fact.branch_id, 422, typed, refusal["in_future"])
    if members is not None:
        if members.strip() and not members.strip().isdecimal():
            return _said(request, desk, fact.branch_id, 422, typed, refusal["not_a_number"])
        fact = replace(fact, members=int(members) if members.strip() else None)
    answer = keep_fact(desk.context, fact, desk.by)
    if answer.said:
        return _said(request, desk, fact.branch_id, 422, typed, *answer.said)
    return go_to(request, *desk.context.key, f"reviews/branches/{fact.branch_id}?fact={done}#facts")


def _day(text: str) -> dt.date | None:
    """A day that may be left out; 400 for what is none."""
    try:
        return dt.date.fromisoformat(text) if text.strip() else None
    except ValueError as error:
        raise HTTPException(400) from error


def _said(request: Request, desk: ReviewDesk, branch_id: str, status: int, typed: Row, *said: str) -> Response:
    """The branch's page as it stands now, with what must be said on top; what was typed stands in its form again."""
    again = year_desk(request, *desk.context.key)
    template, model = branch_page(again, branch_id)
    told = {"done": 0, "fact": "", "fact_said": said, "fact_typed": typed}
    return page(request, template, status, **heading(again), **model, **told)
