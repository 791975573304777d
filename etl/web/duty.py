"""值班: in one look what failed, why and what to press, what waits for a person, what runs, who is late. For operators."""

import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from typing import Any

from airflow.api_fastapi.common.db.common import SessionDep
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from etl.airflow_support.keys import NodeKey
from etl.airflow_support.words import catalogue, failure_of, told_of
from etl.core.period import Period
from etl.errors import ConfigError, Refused, Retryable, SanjiError
from etl.stages.context import open_context, open_period
from etl.stages.gather import folders_of_nobody
from etl.web.airflow_runs import (
    Going,
    Step,
    asked_steps,
    failed_steps,
    newest_runs,
    retried_steps,
    runs_going,
    switches,
)
from etl.web.desk import Desk, choices_of, viewer_of
from etl.web.rendering import base_of, page
from etl.web.views import URGENT

Row = dict[str, Any]
router = APIRouter()
log = logging.getLogger(__name__)


@router.get("/duty", response_class=HTMLResponse)
def show_duty(request: Request, session: SessionDep) -> HTMLResponse:
    """The page. 403 for whoever is no operator: it tells of all units."""
    viewer = viewer_of(request)
    if not viewer.everything:
        raise HTTPException(403, "operators")
    now = request.app.state.clock()
    dag_ids = list(catalogue()["tasks"])
    runs = newest_runs(session, dag_ids, now)
    failed, asked, retried = failed_steps(session, runs), asked_steps(session, runs), retried_steps(session, runs)
    going = runs_going(session, runs)
    switched = switches(session, dag_ids)
    off = {each.dag_id for each in switched if not each.on}
    model = {
        "counts": {"failed": len(failed), "asked": len(asked), "retried": len(retried), "going": len(going)},
        "failed": [_told(group) | _failure(group[0]) for group in _alike(failed)],
        "asked": [_told([step]) for step in asked],
        "retried": [_told(group) for group in _alike(retried)],
        "going": [_told_run(group, off) for group in _grouped(going, lambda run: (run.dag_id, about(run.key)[0]))],
        "switches": [{"switch": each, "dag": _dag(each.dag_id)} for each in switched],
        "returns": _returns_or_none(request),
        "gathered": {run.key for run in going if run.dag_id == "gather_submissions"},
        "clearing": catalogue()["clearing"],
        "interrupted": catalogue()["retried"]["killed"],
        "airflow": base_of(request).rpartition("/")[0],
    }
    return page(request, "duty", viewer=viewer, now=now, **model)


def about(key: str) -> tuple[str, str]:
    """What a run's key says to people: `2018H1|yunnan-model-branch|P530100` → 2018年上半年 · the programme, and the prefecture.

    A year likewise. The key itself where programme, period or store are not (any longer) what it says.
    """
    with contextlib.suppress(ValueError, SanjiError, LookupError):
        if "|" not in key:
            return Period.parse(key).zh, ""
        node = NodeKey.parse(key)
        context = open_period(node.programme, node.period)
        whole = f"{context.period.zh} · {context.bundle.programme.title.zh}"
        return whole, context.register.node(node.batch_id).name if node.batch_id else ""
    return key, ""


def _returns_or_none(request: Request) -> list[Row] | None:
    """The returns; None while the store does not answer or refuses, which is no reason not to tell what else is known."""
    try:
        return returns_now(request)
    except (Retryable, Refused) as error:
        log.warning("the returns cannot be told: %s", error)
        return None


def returns_now(request: Request) -> list[Row]:
    """Of each programme the newest period that anybody filed for: how many units stand on each urgent rung."""
    found: dict[str, Row] = {}
    for choice in choices_of(viewer_of(request)):
        if choice["programme"] in found:
            continue
        statuses = Counter(Desk.of(request, choice["programme"], choice["period"]).board()["status"])
        urgent = [(status, statuses[status]) for status in URGENT if statuses[status]]
        strange = _folders_of_nobody(choice["programme"], choice["period"])
        found[choice["programme"]] = choice | {"urgent": urgent, "units": sum(statuses.values()), "strange": strange}
    return list(found.values())


def _folders_of_nobody(programme: str, period: str) -> list[str] | None:
    """The folders that are no unit's; None if the drop folder cannot be read here."""
    try:
        return folders_of_nobody(open_context(programme, period))
    except (ConfigError, OSError) as error:
        log.warning("the drop folder cannot be read: %s", type(error).__name__)
        return None


def _grouped(items: Iterable[Any], key: Callable[[Any], Any]) -> list[list[Any]]:
    """Those of one key together, the groups in the order of their first."""
    groups: dict[Any, list[Any]] = {}
    for each in items:
        groups.setdefault(key(each), []).append(each)
    return list(groups.values())


def _alike(steps: Iterable[Step]) -> list[list[Step]]:
    """Steps of one task that came to the same end in one half-year: when a server stops, all prefectures fail alike."""
    return _grouped(steps, lambda step: (step.dag_id, step.task_id, about(step.key)[0], step.kind, step.said))


def _told(steps: Sequence[Step]) -> Row:
    """One row for steps that are alike: of which DAG and task, about what, and each of them with its place."""
    step = steps[0]
    name = told_of(step.dag_id, step.task_id)["name"] if step.task_id else ""
    each = [{"step": one, "place": one.shown or about(one.key)[1]} for one in steps]
    return {"step": step, "each": each, "about": about(step.key)[0], "dag": _dag(step.dag_id), "name": name}


def _failure(step: Step) -> dict[str, str]:
    return failure_of(step.dag_id, step.task_id, step.kind)


def _told_run(runs: Sequence[Going], off: Container[str]) -> Row:
    """One row for the runs of a DAG that are under way about one half-year; `off` if nothing moves because the DAG is."""
    each = [{"step": run, "place": about(run.key)[1]} for run in runs]
    first = runs[0]
    return {
        "each": each, "about": about(first.key)[0], "dag": _dag(first.dag_id), "name": "", "since": first.since,
        "off": first.dag_id in off, "done": sum(run.done for run in runs), "steps": sum(run.steps for run in runs),
    }


def _dag(dag_id: str) -> str:
    return str(catalogue()["dags"][dag_id])
