"""A whole half-year through a real Airflow: scheduler, dag-processor, triggerer, API server.

Once as `make airflow` starts it (SQLite) and once as production is set up (PostgreSQL, password login).
The programme has ten batches; in one of them, the province's own office, nobody must report.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.integration

REPO = Path(__file__).parents[2]
PROGRAMME, PERIOD = "zunyi-six-good", "2024H1"
TOP = f"{PERIOD}|{PROGRAMME}"
CORRECTED = "520302"
STARTED_WITHIN, DONE_WITHIN = 180, 600
ACTIVE = ("queued", "running")


@dataclass
class Stack:
    """A running Airflow and its REST interface."""

    url: str
    feeds: Path
    scratch: Path
    token: str | None = None

    def call(self, path: str, body: dict[str, Any] | None = None, method: str | None = None) -> Any:
        """The JSON answer to a request; raises HTTPError for anything but success."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data=data, headers=headers, method=method or ("GET" if body is None else "POST")
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def runs(self, dag_id: str, key: str) -> list[dict[str, Any]]:
        """The runs of a DAG whose partition key begins so, oldest first."""
        found = self.call(f"/api/v2/dags/{dag_id}/dagRuns?limit=100&order_by=id")["dag_runs"]
        return [run for run in found if (run["partition_key"] or "").startswith(key)]

    def result(self, run: dict[str, Any], task_id: str) -> Any:
        """What a task of a run gave back."""
        where = f"{run['dag_id']}/dagRuns/{urllib.parse.quote(run['dag_run_id'])}/taskInstances/{task_id}"
        return self.call(f"/api/v2/dags/{where}/xcomEntries/return_value")["value"]

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

    def sign(self) -> None:
        """Press 签发 wherever a person is waited for."""
        waiting = self.call("/api/v2/dags/~/dagRuns/~/hitlDetails?response_received=false")["hitl_details"]
        for task in (each["task_instance"] for each in waiting):
            run = urllib.parse.quote(task["dag_run_id"])
            where = f"{task['dag_id']}/dagRuns/{run}/taskInstances/{task['task_id']}/{task['map_index']}"
            answer = {"chosen_options": ["签发"], "params_input": {}}
            self.call(f"/api/v2/dags/{where}/hitlDetails", answer, method="PATCH")

    def dispatches(self, count: int) -> list[dict[str, Any]]:
        """Wait until the programme has been dispatched so often and nothing is running any more."""

        def quiet() -> bool:
            kinds = [("gather_submissions", PERIOD), ("rollup_prefecture", TOP), ("dispatch_half_year", TOP)]
            runs = [run for dag_id, key in kinds for run in self.runs(dag_id, key)]
            states = [run["state"] for run in runs]
            assert "failed" not in states, [self.failures(run) for run in runs if run["state"] == "failed"]
            self.sign()
            return len(self.runs("dispatch_half_year", TOP)) >= count and not set(states) & set(ACTIVE)

        wait_for(quiet, DONE_WITHIN)
        # A second too many would be on its way by now.
        time.sleep(10)
        wait_for(quiet, DONE_WITHIN)
        return self.runs("dispatch_half_year", TOP)


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    """Return as soon as the condition holds; fail when it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(2)


def simulate(out: Path, seed: int) -> None:
    subprocess.run(
        [Path(sys.executable).with_name("sanji"), "simulate", "--programme", PROGRAMME, "--period", PERIOD,
         "--scale", "0.02", "--faults", "0", "--seed", str(seed), "--out", out],
        check=True, cwd=REPO,
    )  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def admin_password(home: Path) -> str:
    generated = home / "simple_auth_manager_passwords.json.generated"
    if generated.exists():
        return str(json.loads(generated.read_text())["admin"])
    return (home / "admin-password").read_text().strip()


@pytest.fixture(scope="module", params=["airflow.sh", "native.sh"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Airflow in folders of its own, on ports of its own."""
    if request.param == "native.sh" and not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        pytest.skip("PostgreSQL's server is not installed (Debian: postgresql)")
    base = tmp_path_factory.mktemp("airflow")
    for folder in (base, *list(base.parents)[:2]):
        folder.chmod(0o755)  # root's PostgreSQL runs as another user, who has to get in
    port = free_port()
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("SANJI_", "AIRFLOW", "PYTEST"))}
    settings = {
        "PATH": f"{Path(sys.executable).parent}:{clean['PATH']}",
        "AIRFLOW_HOME": str(base / "home"),
        "AIRFLOW_PORT": str(port),
        "POSTGRES_PORT": str(free_port()),
        "SANJI_HOME": str(base / "sanji"),
        "SANJI_PROGRAMMES": PROGRAMME,
    }
    feeds = base / "sanji" / "feeds"
    simulate(feeds, seed=1)
    log = base / "stack.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            ["bash", f"docker/{request.param}"], env=clean | settings, stdout=out, stderr=out, cwd=REPO
        )
    try:
        wait_for(lambda: "Passwords:" in log.read_text() or process.poll() is not None, STARTED_WITHIN)
        assert process.poll() is None, log.read_text()
        stack = Stack(f"http://127.0.0.1:{port}", feeds, base)
        answer = stack.call("/auth/token", {"username": "admin", "password": admin_password(base / "home")})
        stack.token = answer["access_token"]
        wait_for(lambda: stack.call("/api/v2/dags")["total_entries"] == len(list(REPO.glob("dags/*.py"))), STARTED_WITHIN)
        yield stack
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def first(stack: Stack) -> dict[str, Any]:
    """The half-year gathered by a backfill, up to its one dispatch."""
    stack.call("/api/v2/dags/gather_submissions", {"is_paused": False}, method="PATCH")
    stack.call(
        "/api/v2/backfills",
        {
            "dag_id": "gather_submissions",
            "from_date": "2024-01-01T00:00:00Z",
            "to_date": "2024-06-30T00:00:00Z",
            "max_active_runs": 1,
        },
    )
    dispatched = stack.dispatches(1)
    assert len(dispatched) == 1
    return dispatched[0]


def test_a_backfill_goes_through_to_the_outbox(stack: Stack, first: dict[str, Any]):
    [gathered] = stack.runs("gather_submissions", PERIOD)
    report = stack.result(gathered, "report")
    assert report["batches"] == 10
    assert report["missing"] == 0
    assert report["rows_in"] == report["rows_accepted"] + report["rows_held"] + report["rows_blank"] > 0
    # One roll-up a prefecture; the province's own office is part of the whole only.
    assert len(stack.runs("rollup_prefecture", TOP)) == 9
    assert stack.result(first, "outbox")["new"] == stack.result(first, "dispatch")["deliveries"] > 0


def test_nothing_goes_before_a_person_has_signed(stack: Stack, first: dict[str, Any]):
    signed, sent = stack.result(first, "sign"), stack.result(first, "dispatch")
    assert signed == {"released": sent["deliveries"], "waiting": 0}
    assert sent["waiting"] == 0
    assert stack.result(first, "countersign") == {"released": 0, "waiting": 0}  # one person is enough here


def test_a_correction_is_rolled_up_and_dispatched_once(stack: Stack, first: dict[str, Any]):
    simulate(stack.scratch / "corrected", seed=2)
    old, new = (root / PROGRAMME / PERIOD / CORRECTED for root in (stack.feeds, stack.scratch / "corrected"))
    shutil.rmtree(old)
    shutil.copytree(new, old)
    stack.clear(stack.runs("gather_submissions", PERIOD)[0], "gather")
    dispatched = stack.dispatches(2)
    assert len(dispatched) == 2
    before, after = (stack.result(run, "outbox")["new"] for run in dispatched)
    assert 0 < after <= before


def test_a_prefecture_rolled_up_again_without_a_change_sends_nothing(stack: Stack, first: dict[str, Any]):
    count = len(stack.runs("dispatch_half_year", TOP))
    stack.clear(stack.runs("rollup_prefecture", f"{TOP}|P520300")[-1], "roll_up")
    dispatched = stack.dispatches(count + 1)
    assert len(dispatched) == count + 1
    assert stack.result(dispatched[-1], "outbox")["new"] == 0
    pending = stack.call("/ui/partitioned_dag_runs?has_created_dag_run_id=false")["partitioned_dag_runs"]
    assert [run for run in pending if run["partition_key"].startswith(TOP)] == []
