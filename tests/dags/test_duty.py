"""What 值班 reads out of Airflow's tables, on the tables themselves; tests/integration tries the page in a running Airflow."""

import datetime as dt
import shutil
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.api_fastapi.common.db.common import _get_session
from airflow.models import DagModel, DagRun, TaskInstance, import_all_models
from airflow.models.base import Base
from airflow.models.hitl import HITLDetail
from airflow.models.log import Log
from airflow.models.renderedtifields import RenderedTaskInstanceFields
from airflow.models.xcom import XComModel
from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool
from starlette.testclient import TestClient

from etl import tasks
from etl.airflow_support.failures import keep_why
from etl.airflow_support.words import catalogue, failure_of
from etl.core.access import Viewer
from etl.errors import ConfigError, Misuse, Unscored
from etl.web import duty
from etl.web.airflow_runs import (
    Runs,
    asked_steps,
    failed_steps,
    newest_runs,
    retried_steps,
    runs_going,
    switches,
)
from etl.web.app import create_app
from tests.support.filing import unit, write

NOW = dt.datetime(2024, 7, 31, 8, tzinfo=dt.UTC)
DAGS = list(catalogue()["tasks"])
KEY = "2024H1|zunyi-six-good"


@pytest.fixture
def session() -> Iterator[Session]:
    import_all_models()
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    with Session(engine) as opened:
        yield opened
    engine.dispose()


def add_run(session: Session, dag_id: str, state: str, key: str | None = KEY, hours_ago: int = 1, **conf: str) -> Any:
    at = NOW - dt.timedelta(hours=hours_ago)
    run = DagRun(dag_id=dag_id, run_id=f"{dag_id}-{hours_ago}", run_type="manual", conf=conf, run_after=at, partition_key=key)
    run._state, run.start_date, run.updated_at = state, at, at
    session.add(run)
    session.flush()
    return run


def add_step(session: Session, run: Any, task_id: str, state: str, map_index: int = -1, shown: str | None = None) -> Any:
    step = TaskInstance.__new__(TaskInstance)
    TaskInstance.__mapper__.class_manager.setup_instance(step)
    step.dag_id, step.run_id, step.task_id, step.map_index, step.state = run.dag_id, run.run_id, task_id, map_index, state
    step._rendered_map_index, step.end_date, step.pool = shown, NOW, "default_pool"
    step.try_number, step.max_tries = 2, 3
    step.queued_dttm = step.start_date = NOW - dt.timedelta(minutes=5)
    session.add(step)
    session.flush()
    return step


def leave(session: Session, run: Any, step: Any, error: BaseException) -> None:
    """Beside a step what the callback of a failed task leaves there."""

    def push(key: str, value: Any) -> None:
        session.add(
            XComModel(dag_run_id=run.id, task_id=step.task_id, map_index=step.map_index, key=key, dag_id=run.dag_id,
                      run_id=run.run_id, value=value, timestamp=NOW)
        )

    ti = SimpleNamespace(xcom_push=push, dag_id=step.dag_id, task_id=step.task_id)
    keep_why(("builtins.ConnectionError",))({"exception": error, "ti": ti})
    session.flush()


def newest(session: Session) -> Runs:
    return newest_runs(session, DAGS, NOW)


def failed(session: Session) -> list[Any]:
    return failed_steps(session, newest(session))


def test_a_failed_step_is_told_with_its_cause_and_its_place(session):
    run = add_run(session, "gather_submissions", "failed", None, half_year="2024H1")
    leave(session, run, add_step(session, run, "gather", "failed", 3, "贵州省·遵义市"), ConfigError("no programme folder"))
    add_step(session, run, "gather", "success", 2)
    add_step(session, run, "report", "upstream_failed")
    [step] = failed(session)
    assert (step.key, step.task_id, step.shown) == ("2024H1", "gather", "贵州省·遵义市")
    assert (step.kind, step.said) == ("ConfigError", "no programme folder")
    assert step.path == "dags/gather_submissions/runs/gather_submissions-1/tasks/gather/mapped/3"


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (Misuse("no such half-year"), ("Misuse", "no such half-year")),
        (ConnectionResetError("10.1.2.3"), ("Retryable", "ConnectionResetError")),
        (KeyError("王某某"), ("Bug", "KeyError")),
    ],
)
def test_only_our_own_words_are_kept_of_an_error(session, error, kept):
    run = add_run(session, "mail_in", "failed", None)
    leave(session, run, add_step(session, run, "read_mailbox", "failed"), error)
    [step] = failed(session)
    assert (step.kind, step.said) == kept


def test_what_was_done_again_since_is_no_longer_told(session):
    add_step(session, add_run(session, "rollup_prefecture", "failed", f"{KEY}|P520300", 5), "roll_up", "failed")
    other = add_run(session, "rollup_prefecture", "failed", f"{KEY}|P520100", 4)
    add_step(session, other, "roll_up", "failed")
    add_step(session, add_run(session, "rollup_prefecture", "success", f"{KEY}|P520300", 1), "roll_up", "success")
    assert [step.key for step in failed(session)] == [f"{KEY}|P520100"]


def test_a_step_that_failed_in_a_run_that_goes_on_is_told(session):
    run = add_run(session, "dispatch_half_year", "running")
    add_step(session, run, "kept_back", "failed").start_date = None
    [step] = failed(session)
    assert step.kind == "unknown"


@pytest.mark.parametrize(
    ("events", "kind"),
    [
        ([], "killed"),
        ([("heartbeat timeout", None, 3, 1)], "lost"),
        ([("stuck in queued tries exceeded", None, 3, 1)], "stuck"),
        ([("patch_task_instance", '{"new_state": "failed"}', None, 1)], "marked"),
        ([("patch_dag_run", '{"state": "failed"}', None, 1)], "marked"),
        ([("patch_task_instance", '{"note": "seen"}', None, 1)], "killed"),
        ([("heartbeat timeout", None, 4, 1)], "killed"),  # another one of the mapped steps
        ([("patch_task_instance", '{"new_state": "failed"}', None, 60)], "killed"),  # before it was cleared and queued anew
        ([("heartbeat timeout", None, 3, 2), ("patch_task_instance", '{"new_state": "failed"}', 3, 1)], "marked"),
    ],
)
def test_a_step_that_left_no_reason_is_told_by_airflows_own_log(session, events, kind):
    run = add_run(session, "gather_submissions", "failed", "2024H1")
    add_step(session, run, "validate", "failed", 3)
    for event, extra, map_index, minutes_ago in events:
        entry = Log(event=event, dag_id=run.dag_id, run_id=run.run_id, task_id="validate", map_index=map_index, extra=extra)
        entry.dttm = NOW - dt.timedelta(minutes=minutes_ago)
        entry.task_id = None if event == "patch_dag_run" else "validate"
        session.add(entry)
    session.flush()
    [step] = failed(session)
    assert step.kind == kind


def test_steps_that_fail_alike_are_one_row_and_each_can_be_opened(session, home):
    for place in ("P520300", "P520100"):
        run = add_run(session, "rollup_prefecture", "failed", f"{KEY}|{place}", int(place[4]))
        leave(session, run, add_step(session, run, "roll_up", "failed"), ConnectionResetError())
    other = add_run(session, "rollup_prefecture", "failed", f"{KEY}|P520200", 4)
    leave(session, other, add_step(session, other, "roll_up", "failed"), KeyError())
    rows = [duty._told(group) for group in duty._alike(failed(session))]
    assert sorted(sorted(one["place"] for one in row["each"]) for row in rows) == [["六盘水市"], ["贵阳市", "遵义市"]]
    assert {row["about"] for row in rows} == {"2024年上半年 · 贵州省离退休干部“六好”党支部创建"}
    assert len({one["step"].path for row in rows for one in row["each"]}) == 3


def test_a_run_of_a_flow_that_is_switched_off_is_told_to_stand_still(session):
    add_run(session, "gather_submissions", "queued", "2024H1")
    add_run(session, "rollup_prefecture", "running", f"{KEY}|P520300")
    going = runs_going(session, newest(session))
    told = {run.dag_id: duty._told_run([run], {"gather_submissions"})["off"] for run in going}
    assert told == {"gather_submissions": True, "rollup_prefecture": False}


def test_a_run_that_failed_without_a_step_is_told_as_a_whole(session):
    add_run(session, "annual", "failed", "2024|zunyi-six-good")
    [step] = failed(session)
    assert (step.task_id, step.path) == ("", "dags/annual/runs/annual-1")


def test_steps_that_wait_for_a_person_and_runs_that_go_on(session):
    older = add_run(session, "dispatch_half_year", "running", KEY, 9)
    newer = add_run(session, "dispatch_half_year", "running", KEY, 2)
    for run, answered in ((older, None), (newer, NOW)):
        step = add_step(session, run, "sign", "awaiting_input")
        add_step(session, run, "outbox", "success")
        session.add(
            HITLDetail(ti_id=step.id, options=["签发"], subject="请签发", multiple=False, params={}, params_input={},
                       created_at=NOW, responded_at=answered)
        )
    add_step(session, newer, "render", "up_for_retry")
    session.flush()
    runs = newest(session)
    assert [(step.run_id, step.subject) for step in asked_steps(session, runs)] == [("dispatch_half_year-9", "请签发")]
    assert [step.task_id for step in retried_steps(session, runs)] == ["render"]
    assert [(run.run_id[-1], run.done, run.steps) for run in runs_going(session, runs)] == [("9", 1, 2), ("2", 1, 3)]


def test_a_mapped_step_that_is_tried_again_is_told_by_the_name_of_its_batch(session):
    """As Airflow 3.3.2 leaves it: what it called the step is gone until it ends."""
    run = add_run(session, "gather_submissions", "running", None, half_year="2024H1")
    add_step(session, run, "gather", "up_for_retry", 4)
    given = {"op_kwargs": {"batch": {"batch_id": "P520500", "name": "贵州省·毕节市"}}}
    session.execute(
        insert(RenderedTaskInstanceFields).values(
            dag_id=run.dag_id, run_id=run.run_id, task_id="gather", map_index=4, rendered_fields=given
        )
    )
    [step] = retried_steps(session, newest(session))
    assert step.shown == "贵州省·毕节市"


def test_of_two_runs_that_wait_about_the_same_the_earlier_says_so(session):
    for hours_ago in (9, 2):
        step = add_step(session, add_run(session, "dispatch_half_year", "running", KEY, hours_ago), "sign", "awaiting_input")
        session.add(
            HITLDetail(ti_id=step.id, options=["签发"], subject=f"请签发{hours_ago}", multiple=False, params={}, params_input={},
                       created_at=NOW - dt.timedelta(hours=hours_ago))
        )
    session.flush()
    earlier, later = (part.partition("</tr>")[0] for part in page_of(session).split("请签发")[1:3])
    assert "先签后一次" in earlier
    assert "先签后一次" not in later


def test_runs_that_the_clock_starts_at_the_same_time_are_told_one_by_one(session):
    for dag_id in ("mail_in", "announce_returns"):
        add_run(session, dag_id, "running", None).run_id = "scheduled__2024-07-31T04:00:00+00:00"
    session.flush()
    assert {run.dag_id for run in runs_going(session, newest(session))} == {"mail_in", "announce_returns"}


def test_switches_stand_in_the_order_of_a_half_year(session):
    known = DagModel(dag_id="mail_in", is_paused=False, bundle_name="b", max_active_tasks=1, max_consecutive_failed_dag_runs=0)
    session.add(known)
    session.flush()
    told = {each.dag_id: (each.on, each.broken) for each in switches(session, DAGS)}
    assert list(told) == DAGS
    assert told["mail_in"] == (True, False)
    assert told["annual"] == (False, True)  # Airflow has never been able to load it


def test_a_failure_says_what_the_step_found_or_what_broke():
    found = failure_of("dispatch_half_year", "left_behind", "Misuse")
    assert found["why"] == "有邮件没有寄到"
    broken = failure_of("dispatch_half_year", "left_behind", "Retryable")
    assert broken["why"].startswith("服务器或磁盘没有应答")
    assert "sanji deliveries" in broken["press"]
    assert "维护程序" in failure_of("dispatch_half_year", "left_behind", "Bug")["press"]
    assert failure_of("annual", "lists_2", "ConfigError") == failure_of("annual", "", "ConfigError")
    assert "上一轮签批" in failure_of("annual", "lists_2", "Dropped")["press"]
    # Nobody is asked again because a store was away.
    assert "上一轮签批" not in failure_of("annual", "lists_2", "Retryable")["press"]


@pytest.mark.parametrize("kind", ["Unscored", "Misuse"])
def test_an_award_that_refuses_is_not_told_as_one_whose_sign_offs_were_dropped(kind):
    told = failure_of("annual", "award", kind)
    assert "签批起" not in told["press"]
    assert told["why"] == catalogue()["causes"][kind]["zh"]
    assert "去掉了第4轮签批" in failure_of("annual", "award", "Dropped")["why"]


def test_the_last_line_of_a_failed_steps_log_says_why_and_what_to_press(session, caplog):
    run = add_run(session, "annual", "failed", "2017|yunnan-model-branch")
    leave(session, run, add_step(session, run, "award", "failed"), Unscored("2017 is not scored yet"))
    assert caplog.messages[-1].startswith("为什么：还没有计分，或计分以后评分办法改过。原文：2017 is not scored yet。")
    assert "怎么办：从“计分”起清除" in caplog.messages[-1]
    leave(session, run, add_step(session, run, "name", "failed"), KeyError("王某某"))
    assert "原文：KeyError。" in caplog.messages[-1]


def test_the_key_of_a_year_is_told_like_that_of_a_half_year(home):
    assert duty.about("2017|yunnan-model-branch") == ("2017年 · 云南省离退休干部“示范党支部”创建", "")
    assert duty.about("2024B2|zunyi-six-good")[0].startswith("2024年第2批 · ")


def page_of(session: Session) -> str:
    app = create_app(lambda: Viewer("ops", frozenset(), True), more=[duty.router])
    app.dependency_overrides[_get_session] = lambda: session
    app.state.clock = lambda: NOW
    answer = TestClient(app).get("/duty")
    assert answer.status_code == 200
    return answer.text


def ask(session: Session, run: Any, task_id: str) -> None:
    step = add_step(session, run, task_id, "awaiting_input")
    session.add(
        HITLDetail(ti_id=step.id, options=["签发"], subject="请签发", multiple=False, params={}, params_input={}, created_at=NOW)
    )


def test_the_page_tells_all_that_there_can_be_at_once(session, home):
    waiting = add_run(session, "dispatch_half_year", "running", KEY, 5)
    ask(session, waiting, "sign")
    add_step(session, waiting, "render", "up_for_retry")
    for hours, place in ((2, "P520300"), (3, "P520100")):
        add_step(session, add_run(session, "rollup_prefecture", "failed", f"{KEY}|{place}", hours), "roll_up", "failed")
    add_step(session, add_run(session, "mail_in", "failed", None), "read_mailbox", "failed")
    add_run(session, "gather_submissions", "queued", "2024H1")
    text = page_of(session)
    assert "州市汇总 · 汇总，2处" in text
    assert "进程被系统杀掉" in text
    assert catalogue()["clearing"] in text
    assert "请签发" in text
    assert "自动重试中，不成还会再试2次" in text
    assert "流程未启用，停在这里" in text  # Airflow knows none of the flows here, so none is on
    assert "还没有收到任何报送" in text


def test_the_page_tells_of_folders_that_are_no_units(session, home):
    filed = unit("zunyi-six-good", "2024H1", "520302")
    write(home, "zunyi-six-good", "2024H1", [filed])
    tasks.gather("zunyi-six-good", "2024H1", None, "2030-01-01")
    assert "对不上任何单位" not in page_of(session)
    strange = home / "feeds" / "zunyi-six-good" / "2024H1" / "52O3O3"  # letters for noughts
    shutil.copytree(strange.with_name("520302"), strange)
    assert "1个文件夹对不上任何单位，其中的文件没有收：<code>52O3O3</code>" in page_of(session)
    shutil.rmtree(home / "feeds")
    assert "存放报送文件的目录读不到" in page_of(session)


def test_the_page_tells_on_while_the_store_does_not_answer(session, home):
    (home / "store.sqlite").unlink()
    (home / "store.sqlite").mkdir()
    add_step(session, add_run(session, "rollup_prefecture", "failed", f"{KEY}|P520300"), "roll_up", "failed")
    text = page_of(session)
    assert "报送库没有应答" in text
    assert f"{KEY}|P520300" in text
