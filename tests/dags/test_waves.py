"""Who is announced when: every wave of work makes each roll-up run once."""

from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.execution_time.context import set_current_context

from etl.airflow_support.dropped import refuse_dropped, succeeded
from etl.airflow_support.keys import run_as_of, run_key
from etl.airflow_support.waves import WAVE, finished_programmes, summaries_to_announce
from etl.errors import Dropped

DAY = datetime(2018, 7, 13, 6, tzinfo=UTC)


@dataclass
class Event:
    partition_key: str
    minute: int
    extra: dict = field(default_factory=dict)

    @property
    def timestamp(self) -> datetime:
        return DAY + timedelta(minutes=self.minute)


def batches(*ids):
    return [dict(zip(("programme", "batch_id"), each.split("/"), strict=True)) for each in ids]


def test_a_programme_goes_on_only_when_all_its_batches_do():
    planned = batches("a/1", "a/2", "b/1")
    assert finished_programmes(planned, batches("a/1", "a/2", "b/1")) == planned
    assert finished_programmes(planned, batches("a/1", "b/1")) == batches("b/1")
    assert finished_programmes(planned, []) == []


def test_the_first_time_a_batch_announces_itself_and_those_before_it():
    wave = [Event("h|p|1|u", 0, {WAVE: ["h|p|1", "h|p|2", "h|p|3"]})]
    assert summaries_to_announce("h|p|1", wave, []) == ["h|p|1"]
    assert summaries_to_announce("h|p|2", wave, [Event("h|p|1", 1)]) == ["h|p|1", "h|p|2"]


def test_a_correction_of_one_batch_announces_every_sibling_on_file():
    on_file = [Event(f"h|p|{n}", n) for n in (1, 2, 3)]
    correction = [Event("h|p|2|u", 60, {WAVE: ["h|p|2"]})]
    assert summaries_to_announce("h|p|2", correction, on_file) == ["h|p|1", "h|p|2", "h|p|3"]


def test_a_sibling_of_the_same_wave_waits_for_its_own_roll_up():
    on_file = [Event("h|p|1", 1), Event("h|p|2", 2), Event("h|p|3", 61)]
    again = [Event("h|p|2|u", 60, {WAVE: ["h|p|1", "h|p|2", "h|p|3"]})]
    assert summaries_to_announce("h|p|2", again, on_file) == ["h|p|2", "h|p|3"]


def test_the_newest_event_names_the_wave():
    """Units announced before the cut-off started nothing; what counts is the wave that completed the batch."""
    first = Event("h|p|2|u", 0, {WAVE: ["h|p|1", "h|p|2"]})
    second = Event("h|p|2|v", 60, {WAVE: ["h|p|2"]})
    assert summaries_to_announce("h|p|2", [second, first], [Event("h|p|1", -5)]) == ["h|p|1", "h|p|2"]


def test_a_run_started_by_hand_announces_every_sibling_on_file():
    assert summaries_to_announce("h|p|2", [], [Event("h|p|1", 1)]) == ["h|p|1", "h|p|2"]


def test_other_programmes_and_half_years_are_no_siblings():
    strangers = [Event("h|pp|1", 1), Event("g|p|1", 1), Event("h|p", 1)]
    assert summaries_to_announce("h|p|2", [], strangers) == ["h|p|2"]


def run(**given):
    return SimpleNamespace(**{"partition_key": None, "start_date": None, "run_after": DAY} | given)


def test_the_partition_key_comes_before_the_parameter():
    assert run_key(run(partition_key="2018H1"), {"half_year": "2019H1"}, "half_year") == "2018H1"
    assert run_key(run(), {"half_year": "2019H1"}, "half_year") == "2019H1"


def test_a_run_without_key_and_parameter_is_refused():
    with pytest.raises(ValueError, match="neither"):
        run_key(run(), {"half_year": None}, "half_year")


def test_as_of_is_the_runs_own_start_in_beijing():
    """A backfilled run is dated at its partition, before anything was due; its start is what counts."""
    late_evening = datetime(2026, 7, 30, 22, tzinfo=UTC)
    assert run_as_of(run(start_date=late_evening), {}) == "2026-07-31T06:00:00+08:00"
    assert run_as_of(run(start_date=late_evening), {"as_of": "2018-07-31"}) == "2018-07-31"


@pytest.mark.parametrize(
    ("left", "dropped"),
    [
        ({("validate", "success"): 17, ("publish", "removed"): 17}, "17 steps of publish"),
        ({("validate", "removed"): 17, ("publish", "removed"): 17}, "17 steps of validate"),
        ({("validate", "success"): 9, ("publish", "success"): 9}, None),
        ({("validate", "success"): 9, ("validate", "removed"): 8, ("publish", "failed"): 9, ("publish", "removed"): 8}, None),
        # Not one batch was validated this time, so there is rightly nothing left to publish.
        ({("validate", "failed"): 17, ("publish", "removed"): 17}, None),
    ],
)
def test_steps_that_airflow_dropped_are_not_taken_for_done(left: dict[tuple[str, str], int], dropped: str | None) -> None:
    """As a running Airflow 3.3.2 left them: the run of a changed DAG file, one step cleared with what follows."""
    context = context_of("gather_submissions", left)
    with pytest.raises(Dropped, match=dropped) if dropped else nullcontext():
        refuse_dropped(context, {"validate": 17, "publish": succeeded(context, "validate")})


@pytest.mark.parametrize(("waiting", "dropped"), [(3, "3 steps of sign_lists_1"), (0, None)])
def test_steps_over_nothing_are_rightly_gone(waiting: int, dropped: str | None) -> None:
    """A round in which three lists waited is done again, and as many wait, or none any more."""
    with pytest.raises(Dropped, match=dropped) if dropped else nullcontext():
        refuse_dropped(context_of("annual", {("sign_lists_1", "removed"): 3}), {"sign_lists_1": waiting})


AFTER_SIGN_OFFS = [*((f"lists_{number + 1}", f"sign_lists_{number}") for number in (1, 2, 3)), ("award", "sign_lists_4")]


@pytest.mark.parametrize(("task_id", "unasked"), AFTER_SIGN_OFFS)
def test_a_sign_off_that_airflow_dropped_does_not_pass_for_an_answer(bag: Any, task_id: str, unasked: str) -> None:
    step = bag.dags["annual"].get_task(task_id)
    given = [each if isinstance(each, int) else [{"node_id": "P530103"}] for each in step.op_args]
    context = context_of("annual", {(unasked, "removed"): 1})
    with set_current_context(context), pytest.raises(Dropped, match=f"1 steps of {unasked}"):
        step.python_callable(*given, dag_run=context["dag_run"], params={"as_of": None})


def context_of(dag: str, left: dict[tuple[str, str], int]) -> dict[str, Any]:
    """The context of a task whose run has so many task instances by task and state."""

    def count(dag_id: str, task_ids: list[str], run_ids: list[str], states: list[str] | None) -> int:
        assert (dag_id, run_ids) == (dag, ["r1"])
        return sum(number for (task, state), number in left.items() if task in task_ids and state in (states or [state]))

    run = SimpleNamespace(dag_id=dag, run_id="r1", partition_key="2018|yunnan-model-branch", conf={})
    return {"dag_run": run, "ti": SimpleNamespace(get_ti_count=count)}
