"""值班: in one look what failed, why and what to press, what waits for a person, what runs, who is late. For operators."""

import contextlib
from collections import Counter
from typing import Any

from airflow.api_fastapi.common.db.common import SessionDep
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from etl.airflow_support.keys import NodeKey
from etl.airflow_support.words import catalogue, failure_of, told_of
from etl.core.period import Period
from etl.errors import SanjiError
from etl.stages.context import open_context
from etl.web.airflow_runs import (
    Step,
    asked_steps,
    failed_steps,
    newest_runs,
    retried_steps,
    runs_going,
    switches,
)
from etl.web.desk import choices_of, desk_of, viewer_of
from etl.web.rendering import page
from etl.web.views import URGENT

Row = dict[str, Any]
router = APIRouter()


@router.get("/duty", response_class=HTMLResponse)
def show_duty(request: Request, session: SessionDep) -> HTMLResponse:
    """The page. 403 for whoever is no operator: it tells of all units."""
    viewer = viewer_of(request)
    if not viewer.everything:
        raise HTTPException(403, "operators")
    now = request.app.state.clock()
    dag_ids = list(catalogue()["tasks"])
    runs = newest_runs(session, dag_ids, now)
    failed, asked = failed_steps(session, runs), asked_steps(session, runs)
    model = {
        "failed": [_row(step) for step in failed],
        "asked": [_row(step) for step in asked],
        "retried": [_row(step) for step in retried_steps(session, runs)],
        "going": [{"run": run, "about": about(run.key), "dag": _dag(run.dag_id)} for run in runs_going(session, runs)],
        "switches": [{"switch": each, "dag": _dag(each.dag_id)} for each in switches(session, dag_ids)],
        "returns": returns_now(request),
        "airflow": request.scope.get("root_path", "").rpartition("/")[0],
    }
    return page(request, "duty", viewer=viewer, now=now, **model)


def about(key: str) -> str:
    """What a run's key says to people: `2018H1|yunnan-model-branch|P530100` → 2018年上半年 · the programme · the prefecture.

    The key itself where programme or period are not (any longer) what it says.
    """
    with contextlib.suppress(ValueError, SanjiError, LookupError):
        if "|" not in key:
            return Period.parse(key).zh
        node = NodeKey.parse(key)
        context = open_context(node.programme, node.period)
        parts = [context.period.zh, context.bundle.programme.title.zh]
        return " · ".join([*parts, *([context.register.node(node.batch_id).name] if node.batch_id else [])])
    return key


def returns_now(request: Request) -> list[Row]:
    """Of each programme the newest period that anybody filed for: how many units stand on each urgent rung."""
    found: dict[str, Row] = {}
    for choice in choices_of(viewer_of(request)):
        if choice["programme"] in found:
            continue
        statuses = Counter(desk_of(request, choice["programme"], choice["period"]).board()["status"])
        urgent = [(status, statuses[status]) for status in URGENT if statuses[status]]
        found[choice["programme"]] = choice | {"urgent": urgent, "units": sum(statuses.values())}
    return list(found.values())


def _row(step: Step) -> Row:
    name = told_of(step.dag_id, step.task_id)["name"] if step.task_id else ""
    failure = failure_of(step.dag_id, step.task_id, step.kind)
    return {"step": step, "about": about(step.key), "dag": _dag(step.dag_id), "name": name, **failure}


def _dag(dag_id: str) -> str:
    return str(catalogue()["dags"][dag_id])
