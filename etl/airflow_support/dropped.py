"""Steps that Airflow drops out of a run, and what waits for all of them must not take for done.

When a DAG's file has changed since a run began, Airflow 3.3.2 looks at the run anew as soon as something in it is cleared, and
marks the mapped steps after an unfinished one as removed: it cannot tell how many there will be. Removed counts as over.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from etl.errors import Misuse


def refuse_dropped(context: Mapping[str, Any], task_ids: Sequence[str]) -> None:
    """Misuse if instances of these tasks were dropped out of the run; cleared once more, they are there again."""
    run = context["dag_run"]
    dropped = context["ti"].get_ti_count(
        dag_id=run.dag_id, task_ids=list(task_ids), run_ids=[run.run_id], states=["removed"]
    )
    if dropped:
        raise Misuse(f"{dropped} steps of {', '.join(task_ids)} were dropped as the DAG's file has changed: clear once more")
