"""What Airflow's own tables say about our DAGs: which steps failed, wait or run, and what comes next. Read only.

The newest run of a DAG and partition key stands for both: an older one that failed has been done again since.
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from airflow.models import DagModel, DagRun, TaskInstance
from airflow.models.hitl import HITLDetail
from airflow.models.log import Log
from airflow.models.renderedtifields import RenderedTaskInstanceFields
from airflow.models.xcom import XComModel
from sqlalchemy import and_, func, select

from etl.airflow_support.failures import KEY

LOOKED_BACK = dt.timedelta(days=190)
"""How old a run may be to be told of still: a half-year, until the same DAG has to do with the next one."""

Runs = dict[tuple[str, str], Any]
"""Runs by DAG and run id: an id is a run's within its DAG only."""

GOING = ("queued", "running")
FINISHED = ("success", "skipped", "failed", "upstream_failed", "removed")
ENDED_BY = {
    "heartbeat timeout": "lost",
    "stuck in queued tries exceeded": "stuck",
    "patch_task_instance": "marked",
    "patch_dag_run": "marked",
}
"""Events of Airflow's audit log after which a step is failed that could leave no reason itself, with their causes' keys."""


@dataclass(frozen=True)
class Step:
    """A task instance that failed, is tried again, or waits for a person.

    `said` and `kind` are as `failures.keep_why` left them; without them `kind` is what Airflow's audit log knows of its end.
    """

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    key: str
    shown: str
    """What the grid calls this instance of a mapped task; empty for others."""
    at: dt.datetime | None
    kind: str = "unknown"
    said: str = ""
    subject: str = ""
    tried: int = 0
    tries: int = 0
    """How often it was tried, of how often it may be."""
    overtaken: bool = False
    """Whether a later run is about the same."""

    @property
    def path(self) -> str:
        """Where Airflow shows it, under Airflow's own address."""
        step = f"/tasks/{self.task_id}" if self.task_id else ""
        mapped = f"/mapped/{self.map_index}" if self.map_index >= 0 else ""
        return f"dags/{self.dag_id}/runs/{quote(self.run_id)}{step}{mapped}"


@dataclass(frozen=True)
class Going:
    """A run that is queued or running, and how many of its task instances are over."""

    dag_id: str
    run_id: str
    key: str
    since: dt.datetime | None
    done: int
    steps: int

    @property
    def path(self) -> str:
        """Where Airflow shows it, under Airflow's own address."""
        return f"dags/{self.dag_id}/runs/{quote(self.run_id)}"


@dataclass(frozen=True)
class Switch:
    """A DAG: whether it is switched on, whether its file can be read, and when the clock starts it next."""

    dag_id: str
    on: bool
    broken: bool
    next_at: dt.datetime | None


def _key_of(run: Any) -> str:
    conf = run.conf or {}
    return str(run.partition_key or conf.get("partition_key") or conf.get("half_year") or "")


def newest_runs(session: Any, dag_ids: Sequence[str], now: dt.datetime) -> Runs:
    """The newest run of each DAG and key, and every run that is still going."""
    asked = select(DagRun).where(DagRun.dag_id.in_(dag_ids), DagRun.updated_at > now - LOOKED_BACK)
    runs = session.scalars(asked.order_by(DagRun.id)).all()
    newest = {(run.dag_id, _key_of(run)): run for run in runs}
    return {(run.dag_id, run.run_id): run for run in [*newest.values(), *(run for run in runs if run.state in GOING)]}


def failed_steps(session: Any, runs: Runs) -> list[Step]:
    """The steps of these runs that failed, newest first. A run that failed without such a step is told as one without a task."""
    rows = _steps(session, runs, ("failed",))
    left = {(row.dag_run_id, row.task_id, row.map_index): row.value for row in _left_beside(session, runs)}
    logged = _audit_log(session, runs)
    found = []
    for instance, run in rows:
        why = left.get((run.id, instance.task_id, instance.map_index), {})
        why = json.loads(why) if isinstance(why, str) else why
        kind = why.get("kind") or _ended_by(instance, logged)
        found.append(_step(instance, run, instance.end_date, kind=kind, said=why.get("said", "")))
    told = {(step.dag_id, step.run_id) for step in found}
    lone = [run for each, run in runs.items() if run.state == "failed" and each not in told]
    found += [Step(run.dag_id, run.run_id, "", -1, _key_of(run), "", run.end_date) for run in lone]
    return sorted(found, key=lambda step: str(step.at), reverse=True)


def retried_steps(session: Any, runs: Runs) -> list[Step]:
    """The steps that are about to be tried again; `at` is when they failed last."""
    rows = _steps(session, runs, ("up_for_retry",))
    steps = [_step(instance, run, instance.end_date, said=instance.retry_reason or "") for instance, run in rows]
    given = _given_to(session, steps)
    return [
        replace(step, shown=given.get((step.dag_id, step.run_id, step.task_id, step.map_index), step.shown)) for step in steps
    ]


def asked_steps(session: Any, runs: Runs) -> list[Step]:
    """The steps that wait for a person, oldest first, with what they ask."""
    asked = (
        select(TaskInstance, HITLDetail)
        .join(HITLDetail, HITLDetail.ti_id == TaskInstance.id)
        .where(HITLDetail.responded_at.is_(None), TaskInstance.state.in_(("deferred", "awaiting_input")))
        .order_by(HITLDetail.created_at)
    )
    by_id = sorted(runs.items(), key=lambda each: each[1].id)
    newest = {(run.dag_id, _key_of(run)): each for each, run in by_id}.values()
    return [
        _step(
            instance, runs[instance.dag_id, instance.run_id], detail.created_at, subject=detail.subject,
            overtaken=(instance.dag_id, instance.run_id) not in newest,
        )
        for instance, detail in session.execute(asked)
        if (instance.dag_id, instance.run_id) in runs
    ]


def runs_going(session: Any, runs: Runs) -> list[Going]:
    """The runs that are queued or running, oldest first."""
    going = {each: run for each, run in runs.items() if run.state in GOING}
    counted = (
        select(TaskInstance.dag_id, TaskInstance.run_id, TaskInstance.state, func.count())
        .where(TaskInstance.run_id.in_([run_id for _, run_id in going]))
        .group_by(TaskInstance.dag_id, TaskInstance.run_id, TaskInstance.state)
    )
    steps: dict[tuple[str, str], list[int]] = {}
    for dag_id, run_id, state, number in session.execute(counted):
        mine = steps.setdefault((dag_id, run_id), [0, 0])
        mine[0] += number if state in FINISHED else 0
        mine[1] += number
    found = [Going(*each, _key_of(run), run.start_date, *steps.get(each, (0, 0))) for each, run in going.items()]
    return sorted(found, key=lambda run: str(run.since))


def switches(session: Any, dag_ids: Sequence[str]) -> list[Switch]:
    """Our DAGs in the order given; one that Airflow does not know counts as switched off and broken."""
    known = {dag.dag_id: dag for dag in session.scalars(select(DagModel).where(DagModel.dag_id.in_(dag_ids)))}
    return [
        Switch(
            dag_id,
            dag_id in known and not known[dag_id].is_paused,
            dag_id not in known or bool(known[dag_id].has_import_errors),
            known[dag_id].next_dagrun_create_after if dag_id in known else None,
        )
        for dag_id in dag_ids
    ]


def _steps(session: Any, runs: Runs, states: Sequence[str]) -> list[tuple[Any, Any]]:
    asked = select(TaskInstance).where(TaskInstance.run_id.in_([run_id for _, run_id in runs]), TaskInstance.state.in_(states))
    found = [(each, runs.get((each.dag_id, each.run_id))) for each in session.scalars(asked)]
    return [(instance, run) for instance, run in found if run is not None]


def _given_to(session: Any, steps: Sequence[Step]) -> dict[tuple[str, str, str, int], str]:
    """The names of what mapped steps were given, such as a batch: Airflow 3.3.2 forgets that of a step that it tries again."""
    asked = select(RenderedTaskInstanceFields).where(RenderedTaskInstanceFields.run_id.in_({step.run_id for step in steps}))
    rows = [(row, (row.rendered_fields or {}).get("op_kwargs")) for row in session.scalars(asked)]
    return {
        (row.dag_id, row.run_id, row.task_id, row.map_index): str(each["name"])
        for row, given in rows
        for each in (given.values() if isinstance(given, dict) else ())
        if isinstance(each, dict) and "name" in each
    }


def _audit_log(session: Any, runs: Runs) -> list[Any]:
    """The entries that may tell how a step ended, oldest first; of those about a change, only those that made something fail."""
    asked = select(Log).where(Log.run_id.in_([run_id for _, run_id in runs]), Log.event.in_(list(ENDED_BY))).order_by(Log.id)
    return [each for each in session.scalars(asked) if not each.event.startswith("patch_") or '"failed"' in (each.extra or "")]


def _ended_by(instance: Any, logged: Sequence[Any]) -> str:
    """The key of a cause: what the log knows since the step was queued last, else `killed` if it had started."""
    own = [
        each.event
        for each in logged
        if (each.dag_id, each.run_id) == (instance.dag_id, instance.run_id)
        and each.task_id in (instance.task_id, None)
        and each.map_index in (instance.map_index, -1, None)
        and not (instance.queued_dttm and each.dttm < instance.queued_dttm)
    ]
    return ENDED_BY[own[-1]] if own else "killed" if instance.start_date else "unknown"


def _left_beside(session: Any, runs: Runs) -> Any:
    asked = and_(XComModel.dag_run_id.in_([run.id for run in runs.values()]), XComModel.key == KEY)
    return session.execute(select(XComModel.dag_run_id, XComModel.task_id, XComModel.map_index, XComModel.value).where(asked))


def _step(instance: Any, run: Any, at: dt.datetime | None, **more: Any) -> Step:
    return Step(
        instance.dag_id, instance.run_id, instance.task_id, instance.map_index, _key_of(run),
        instance.rendered_map_index or "", at, **more, tried=instance.try_number, tries=(instance.max_tries or 0) + 1,
    )
