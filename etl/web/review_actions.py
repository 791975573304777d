"""What a reviewing place does on the page: review branches together, one branch in full, or send its review workbook."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, File, Form, HTTPException, Request, UploadFile
from fastapi.responses import Response

from etl.core.awards.review import Entry
from etl.core.awards.review_standing import offered_level
from etl.edges.review_workbook import VISIT
from etl.stages.review import Taken, enter
from etl.stages.review_lists import import_reviews
from etl.web.fact_desk import case_model
from etl.web.fields import Many, Text, Word
from etl.web.guard import require_token
from etl.web.rendering import go_to, page
from etl.web.review_desk import ReviewDesk, branch_model, heading, list_model, review_desk
from etl.web.review_pages import HERE

form_router = APIRouter(dependencies=[Depends(require_token)])

Evidence = Annotated[str, Form(max_length=500)]


def _place_desk(request: Request, programme: str, period: str, tier: str, place: str) -> ReviewDesk:
    """The desk of whoever stands at the place; 404 for a list that they do not see, 403 for one that they only see."""
    desk = review_desk(request, programme, period)
    desk.listed(tier, place)
    if not desk.may_judge(place):
        raise HTTPException(403)
    return desk


@form_router.post(HERE + "list")
def judge_many(
    request: Request, programme: str, period: str, tier: Word, place: Text, branch: Many, verdict: Word,
    level: Word = "", reason: Text = "",
) -> Response:
    """One verdict over the chosen branches of a list; a recommendation without a level agrees with the tier below."""
    desk = _place_desk(request, programme, period, tier, place)
    listed = {each.score.branch_id: each for each in desk.listed(tier, place)}
    if not set(branch) <= listed.keys():
        raise HTTPException(404)

    def asked(branch_id: str) -> str:
        offered = level or offered_level(listed[branch_id], desk.context.bundle.programme)
        return offered if verdict == "recommend" else ""

    entries = [Entry(each, tier, verdict, asked(each), reason=reason, node_id=place) for each in branch]
    taken = enter(desk.context, entries, desk.by)
    typed = {"branches": branch, "verdict": verdict, "level": level, "reason": reason}
    return _list_answer(request, desk, tier, place, taken, typed=typed)


@form_router.post(HERE + "upload")
def upload(
    request: Request, programme: str, period: str, tier: Word, place: Text, file: Annotated[UploadFile, File()]
) -> Response:
    """Take in the place's own review workbook; what cannot be taken is answered row by row."""
    desk = _place_desk(request, programme, period, tier, place)
    came = import_reviews(
        desk.context, file.file.read(), file.filename or "", desk.by, only=(tier, place)
    )
    return _list_answer(request, desk, tier, place, came.taken, came.refusal)


@form_router.post(HERE + "branches/{branch_id}")
def judge_one(
    request: Request, programme: str, period: str, branch_id: str, verdict: Word, item: Many, item_points: Many,
    level: Word = "", points: Word = "", reason: Text = "", evidence: Evidence = "", supersedes: Word = "",
    visited_on: Word = "", steps: Text = "", places: Text = "", findings: Text = "",
) -> Response:
    """One branch reviewed in full: points in all or item by item, evidence, a visit. `item_points` stands beside `item`."""
    desk = review_desk(request, programme, period)
    judged = branch_model(desk, branch_id)["judged"]
    if judged is None:
        raise HTTPException(403)
    if len(item) != len(item_points):
        raise HTTPException(400)
    seen = dict(zip(VISIT, (visited_on, steps, places, findings), strict=True))
    entry = Entry(
        branch_id, judged.tier, verdict, level if verdict == "recommend" else "", points, reason, evidence, judged.node_id,
        supersedes, {key: text for key, text in zip(item, item_points, strict=True) if text.strip()},
        {key: text for key, text in seen.items() if text.strip()} or None,
    )
    taken = enter(desk.context, [entry], desk.by)
    if not taken.refused:
        return go_to(request, *desk.context.key, f"reviews/branches/{branch_id}?done=1")
    reasons = [reason for each in taken.refused for reason in each.reasons]
    # What was typed stands in the form again: a refusal must not cost the work.
    model = case_model(desk, branch_id)
    return page(request, "review_branch", 422, **heading(desk), **model, done=0, fact="", refusals=reasons, typed=entry)


def _list_answer(
    request: Request, desk: ReviewDesk, tier: str, place: str, taken: Taken, refusal: str = "",
    typed: Mapping[str, object] | None = None,
) -> Response:
    """Back to the list if all was taken; else the list with what was refused, and why, and the form as it was filled in."""
    count = len(taken.review_ids) + taken.again
    if count and not taken.refused and not refusal:
        where = urlencode({"tier": tier, "place": place, "done": count})
        return go_to(request, *desk.context.key, f"reviews/list?{where}")
    again = review_desk(request, *desk.context.key)
    names = {each.score.branch_id: each.score.branch_name for each in again.listed(tier, place)}
    refused = [
        {"number": each.number, "name": names.get(each.branch_id, each.branch_id), "reasons": each.reasons}
        for each in taken.refused
    ]
    told = {"refusal": refusal, "refused": refused, "nothing": not (refusal or refused), "typed": typed}
    return page(request, "review_list", 422, **heading(again), **list_model(again, tier, place), done=count, **told)
