"""What whoever is responsible does about duties on the page: put on record that one was done, take a mistake back."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import Response

from etl.stages.duties import keep_duty, take_back_duty
from etl.web.fields import Day, Line, Text, Word
from etl.web.guard import require_token
from etl.web.owed_desk import OwedDesk, owed_desk, owed_heading, owed_model, seen_of
from etl.web.owed_pages import HERE
from etl.web.rendering import go_to, page, words

form_router = APIRouter(dependencies=[Depends(require_token)])

Seen = Annotated[str, Form(max_length=10_000)]


@form_router.post(HERE + "done")
def note_done(
    request: Request, programme: str, period: str, duty: Word, node: Line, on: Day, seen: Seen = "", note: Text = ""
) -> Response:
    """Put on record that a duty was done, as `sanji record duty` does."""
    owed = _own(request, programme, period, duty, node)
    typed = {"duty": duty, "node": node, "on": on, "note": note}
    if _overtaken(owed, duty, node, seen):
        return _said(request, owed, 409, typed, words()["owed_refusal"]["outdated"])
    if on > owed.today:
        return _said(request, owed, 422, typed, words()["owed_refusal"]["in_future"])
    answer = keep_duty(owed.context, duty, node, on, note, owed.by)
    return _said(request, owed, 422, typed, *answer.said) if answer.said else _back(request, owed, "noted", duty)


@form_router.post(HERE + "undo")
def take_back(
    request: Request, programme: str, period: str, duty: Word, node: Line, on: Day, seen: Seen = "", note: Text = ""
) -> Response:
    """Take back a record of the year that was entered by mistake; `note` says why."""
    owed = _own(request, programme, period, duty, node)
    if _overtaken(owed, duty, node, seen):
        return _said(request, owed, 409, None, words()["owed_refusal"]["outdated"])
    answer = take_back_duty(owed.context, duty, node, on, note, owed.by)
    return _said(request, owed, 422, None, *answer.said) if answer.said else _back(request, owed, "undone", duty)


def _own(request: Request, programme: str, period: str, duty: str, node: str) -> OwedDesk:
    """The desk of whoever puts the duty on record; 404 for one that they do not see, 403 for one that they only see."""
    owed = owed_desk(request, programme, period)
    if not owed.may_enter(owed.standing(duty, node), node):
        raise HTTPException(403)
    return owed


def _overtaken(owed: OwedDesk, duty: str, node: str, seen: str) -> bool:
    """Whether something was put on record since the form was shown, or taken back."""
    return seen != seen_of([dict(row) for row in owed.standing(duty, node).records if row["node_id"] == node])


def _back(request: Request, owed: OwedDesk, done: str, duty: str) -> Response:
    return go_to(request, *owed.context.key, f"duties/?done={done}#d-{duty}")


def _said(request: Request, owed: OwedDesk, status: int, typed: Any, *said: str) -> Response:
    """The page as it stands now, with what must be said on top; what was typed stands in its form again."""
    again = owed_desk(request, *owed.context.key)
    return page(request, "duties", status, **owed_heading(again), **owed_model(again), done="", said=said, typed=typed)
