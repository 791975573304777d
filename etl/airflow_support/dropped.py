"""Steps that Airflow drops out of a run, and what waits for all of them must not take for done.

When a DAG's file has changed since a run began, Airflow 3.3.2 looks at the run anew as soon as something in it is cleared, and
marks all steps that are mapped over those of an unfinished mapped one as removed: it cannot tell how many there will be. Removed
counts as over. Over how many the result of an unmapped step is mapped is kept through clearing, so the sign-offs of a year's
lists stay (`tests/integration/test_airflow_year.py`); what follows them asks all the same, because it names branches.
"""

from collections.abc import Mapping
from typing import Any

from etl.errors import Dropped


def refuse_dropped(context: Mapping[str, Any], mapped: Mapping[str, int]) -> None:
    """Dropped if all instances of one of these tasks were dropped out of the run; cleared once more, they are there again.

    `mapped`: each task and over how many it is mapped now. Those of a step that is done again for fewer, or for none, are rightly
    gone.
    """
    for task_id in (each for each, wanted in mapped.items() if wanted):
        there, dropped = (_count(context, task_id, states) for states in (None, ["removed"]))
        if dropped and dropped == there:
            raise Dropped(f"{dropped} steps of {task_id} were dropped as the DAG's file has changed: clear them once more")


def succeeded(context: Mapping[str, Any], task_id: str) -> int:
    """Of how many instances of a task there are results: over so many the task after it is mapped."""
    return _count(context, task_id, ["success"])


def _count(context: Mapping[str, Any], task_id: str, states: list[str] | None) -> int:
    run = context["dag_run"]
    return int(context["ti"].get_ti_count(dag_id=run.dag_id, task_ids=[task_id], run_ids=[run.run_id], states=states))
