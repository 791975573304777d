"""A whole Airflow of its own for tests: started by the scripts of `docker/`, spoken to through REST."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.support.folders import let_others_in

REPO = Path(__file__).parents[2]
STARTED_WITHIN = 180
PASSWORDS = "simple_auth_manager_passwords.json.generated"
READING = 8
"""Seconds that a person takes at least."""


@dataclass
class Stack:
    """A running Airflow and its REST interface."""

    url: str
    feeds: Path
    scratch: Path
    environment: dict[str, str]
    """What a command on the same store needs, as the script says it."""
    token: str | None = None

    def as_user(self, name: str) -> "Stack":
        """The same Airflow, spoken to by another of its users."""
        passwords = json.loads((self.scratch / "home" / PASSWORDS).read_text())
        answer = self.call("/auth/token", {"username": name, "password": passwords[name]})
        return replace(self, token=answer["access_token"])

    def call(self, path: str, body: dict[str, Any] | None = None, method: str | None = None) -> Any:
        """The JSON answer to a request, None if it has no words; raises HTTPError for anything but success."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data=data, headers=headers, method=method or ("GET" if body is None else "POST")
        )
        with urllib.request.urlopen(request, timeout=90) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def page(self, path: str) -> str:
        """What a page of Airflow shows, as text."""
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=90) as answer:
            return str(answer.read().decode())

    def runs(self, dag_id: str, key: str) -> list[dict[str, Any]]:
        """The runs of a DAG whose partition key begins so, oldest first."""
        found = self.call(f"/api/v2/dags/{dag_id}/dagRuns?limit=100&order_by=id")["dag_runs"]
        return [run for run in found if (run["partition_key"] or "").startswith(key)]

    def result(self, run: dict[str, Any], task_id: str) -> Any:
        """What a task of a run gave back."""
        where = f"{run['dag_id']}/dagRuns/{urllib.parse.quote(run['dag_run_id'])}/taskInstances/{task_id}"
        return self.call(f"/api/v2/dags/{where}/xcomEntries/return_value")["value"]

    def results(self, dag_id: str, task_id: str) -> list[Any]:
        """What a task gave back in each run of its DAG in which it went well, the runs that the clock started among them.

        A DAG that is switched on within minutes of its time starts a run by itself, before or after the one asked for.
        """
        done = self.call(f"/api/v2/dags/{dag_id}/dagRuns/~/taskInstances?task_id={task_id}&state=success&limit=100")
        return [self.result(task, task_id) for task in done["task_instances"]]

    def failures(self, run: dict[str, Any]) -> list[str]:
        """The end of the log of every failed task of a run: what to look at when this test is red."""
        where = f"/api/v2/dags/{run['dag_id']}/dagRuns/{urllib.parse.quote(run['dag_run_id'])}/taskInstances"
        failed = self.call(f"{where}?state=failed")["task_instances"]
        return [
            f"{task['task_id']}[{task['map_index']}]: "
            + json.dumps(
                self.call(
                    f"{where}/{task['task_id']}/logs/{task['try_number']}?map_index={task['map_index']}"
                )["content"][-3:]
            )
            for task in failed
        ]

    def sanji(self, *arguments: str) -> None:
        """Run a command beside Airflow, on its store."""
        sanji = Path(sys.executable).with_name("sanji")
        subprocess.run([sanji, *arguments], check=True, cwd=REPO, env=self.environment)

    def clear(self, run: dict[str, Any], task_id: str) -> None:
        """Do a task and everything after it again."""
        body = {
            "dry_run": False,
            "dag_run_id": run["dag_run_id"],
            "task_ids": [task_id],
            "include_downstream": True,
            "only_failed": False,
            "reset_dag_runs": True,
        }
        self.call(f"/api/v2/dags/{run['dag_id']}/clearTaskInstances", body)

    def waiting(self) -> list[dict[str, Any]]:
        """The questions to people that nobody has answered."""
        details = self.call("/api/v2/dags/~/dagRuns/~/hitlDetails?response_received=false&limit=100")["hitl_details"]
        return [each for each in details if each["task_instance"]["state"] in ("deferred", "awaiting_input")]

    def answer(self, asked: dict[str, Any], option: str, **typed: str) -> None:
        """Answer a question as the page 所需操作 does: a button, and its form as it stands there but for what is typed.

        Not at once: Airflow 3.3.2 takes a task that is answered before its executor has reported the pause for a killed one,
        and asks again.
        """
        time.sleep(READING)
        task = asked["task_instance"]
        run = urllib.parse.quote(task["dag_run_id"])
        where = f"{task['dag_id']}/dagRuns/{run}/taskInstances/{task['task_id']}/{task['map_index']}"
        form = {name: each["value"] for name, each in asked["params"].items()}
        body = {"chosen_options": [option], "params_input": form | typed}
        self.call(f"/api/v2/dags/{where}/hitlDetails", body, method="PATCH")


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    """Return as soon as the condition holds; fail when it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def admin_password(home: Path) -> str:
    generated = home / PASSWORDS
    if generated.exists():
        return str(json.loads(generated.read_text())["admin"])
    return (home / "admin-password").read_text().strip()


@contextmanager
def running_stack(
    script: str, base: Path, programme: str, prepare: Callable[[Path], None], more: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Stack]:
    """Airflow in folders and on ports of its own, with one programme, and `more` in its environment.

    `prepare` is given Sanji's folder before the start.
    """
    let_others_in(base)  # root's PostgreSQL runs as another user
    port = free_port()
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("SANJI_", "AIRFLOW", "PYTEST"))}
    environment = clean | dict(more) | {
        "PATH": f"{Path(sys.executable).parent}:{clean['PATH']}",
        "AIRFLOW_HOME": str(base / "home"),
        "AIRFLOW_PORT": str(port),
        "POSTGRES_PORT": str(free_port()),
        "SANJI_HOME": str(base / "sanji"),
        "SANJI_PROGRAMMES": programme,
    }
    prepare(base / "sanji")
    log = base / "stack.log"
    with log.open("w") as out:
        process = subprocess.Popen(["bash", f"docker/{script}"], env=environment, stdout=out, stderr=out, cwd=REPO)
    try:
        wait_for(lambda: "Commands:" in log.read_text() or process.poll() is not None, STARTED_WITHIN)
        assert process.poll() is None, log.read_text()
        said = dict(re.findall(r"(SANJI_\w+)=(\S+)", log.read_text()))
        stack = Stack(f"http://127.0.0.1:{port}", base / "sanji" / "feeds", base, clean | said)
        answer = stack.call("/auth/token", {"username": "admin", "password": admin_password(base / "home")})
        stack.token = answer["access_token"]
        wait_for(lambda: stack.call("/api/v2/dags")["total_entries"] == len(list(REPO.glob("dags/*.py"))), STARTED_WITHIN)
        yield stack
    finally:
        process.terminate()
        process.wait(timeout=30)
