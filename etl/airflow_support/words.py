"""What operators read of a task, out of `templates/airflow/tasks.yaml`: its name in the grid, what it does, what to press."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from etl.edges.yaml_files import read_yaml

CATALOGUE = Path(__file__).resolve().parents[2] / "templates" / "airflow" / "tasks.yaml"

OWN_PRESS = ("Misuse", "ConfigError", "Retryable", "Disk")
"""Causes after which a task's own `press` holds, unless it says `of` which; after others a program or a process broke off."""


@functools.cache
def catalogue() -> Mapping[str, Any]:
    """The catalogue: `usual` words for red and press, `dags` and their `tasks`, `causes` by kind of error or of end."""
    return read_yaml(CATALOGUE)


def told_of(dag_id: str, task_id: str) -> dict[str, str]:
    """A task's `name`, `does`, `red`, `press`; KeyError if unknown. A task of a numbered round, `lists_2`, is told by `lists`."""
    own = _own(dag_id, task_id)
    return {**catalogue()["usual"], **own, "name": own["name"].format(number=task_id.rpartition("_")[2])}


def _own(dag_id: str, task_id: str) -> dict[str, str]:
    tasks: dict[str, dict[str, str]] = catalogue()["tasks"][dag_id]
    stem, _, number = task_id.rpartition("_")
    return tasks[stem] if task_id not in tasks and number.isdigit() else tasks[task_id]


def failure_of(dag_id: str, task_id: str, kind: str) -> dict[str, str]:
    """Of a task that failed, `why` and what to `press`; `kind` is a key of `causes`. Without a task, as the cause says.

    What a task says of itself explains the failure that it is made for and no other: a Misuse (it found what it looks for), or
    what it names by `of`.
    """
    own, cause = _own(dag_id, task_id) if task_id else {}, catalogue()["causes"][kind]
    why = own.get("red", cause["zh"]) if kind in own.get("of", ("Misuse",)) else cause["zh"]
    press = own.get("press", cause["press"]) if kind in own.get("of", OWN_PRESS) else cause["press"]
    return {"why": why.rstrip("。"), "press": press}


def words_of(dag_id: str) -> Callable[[str], dict[str, str]]:
    """For the tasks of a DAG: a function from task id to `task_display_name` and `doc_md`, to be given to the task."""

    def words(task_id: str) -> dict[str, str]:
        told = told_of(dag_id, task_id)
        page = f"{told['does']}\n\n**红了说明什么**：{told['red']}\n\n**怎么办**：{told['press']}\n\n{catalogue()['clearing']}"
        return {"task_display_name": told["name"], "doc_md": page}

    return words
