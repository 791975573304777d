"""A whole half-year through a real Airflow: scheduler, dag-processor, triggerer, API server.

Once as `make airflow` starts it (SQLite) and once as production is set up (PostgreSQL, password login).
The programme has ten batches; in one of them, the province's own office, nobody must report.
"""

import datetime as dt
import os
import shutil
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.airflow_stack import REPO, Stack, running_stack, wait_for

pytestmark = pytest.mark.integration

PROGRAMME, PERIOD = "zunyi-six-good", "2024H1"
TOP = f"{PERIOD}|{PROGRAMME}"
CORRECTED = "520302"
LETTERED = "520303"
DONE_WITHIN = 600
ACTIVE = ("queued", "running")


def sign(stack: Stack) -> None:
    """Press 签发 wherever a person is waited for."""
    for asked in stack.waiting():
        stack.answer(asked, "签发")


def dispatches(stack: Stack, count: int) -> list[dict[str, Any]]:
    """Wait until the programme has been dispatched so often and nothing is running any more."""

    def quiet() -> bool:
        kinds = [("gather_submissions", PERIOD), ("rollup_prefecture", TOP), ("dispatch_half_year", TOP)]
        runs = [run for dag_id, key in kinds for run in stack.runs(dag_id, key)]
        states = [run["state"] for run in runs]
        assert "failed" not in states, [stack.failures(run) for run in runs if run["state"] == "failed"]
        sign(stack)
        return len(stack.runs("dispatch_half_year", TOP)) >= count and not set(states) & set(ACTIVE)

    wait_for(quiet, DONE_WITHIN)
    # A second too many would be on its way by now.
    time.sleep(10)
    wait_for(quiet, DONE_WITHIN)
    return stack.runs("dispatch_half_year", TOP)


def simulate(out: Path, seed: int) -> None:
    subprocess.run(
        [Path(sys.executable).with_name("sanji"), "simulate", "--programme", PROGRAMME, "--period", PERIOD,
         "--scale", "0.02", "--faults", "0", "--seed", str(seed), "--out", out],
        check=True, cwd=REPO,
    )


@pytest.fixture(scope="module", params=["airflow.sh", "native.sh"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Airflow with a simulated half-year in its drop folder."""
    if request.param == "native.sh" and not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        pytest.skip("PostgreSQL's server is not installed (Debian: postgresql)")
    base = tmp_path_factory.mktemp("airflow")
    with running_stack(request.param, base, PROGRAMME, lambda home: simulate(home / "feeds", seed=1)) as started:
        yield started


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
    dispatched = dispatches(stack, 1)
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
    dispatched = dispatches(stack, 2)
    assert len(dispatched) == 2
    before, after = (stack.result(run, "outbox")["new"] for run in dispatched)
    assert 0 < after <= before


def test_a_prefecture_rolled_up_again_without_a_change_sends_nothing(stack: Stack, first: dict[str, Any]):
    """Nor does a document that is lost from the landing: the same bytes are made again."""
    papers = {path: path.read_bytes() for path in (stack.scratch / "sanji" / "landing" / "documents").rglob("*.pdf")}
    for path in papers:
        path.unlink()
    count = len(stack.runs("dispatch_half_year", TOP))
    stack.clear(stack.runs("rollup_prefecture", f"{TOP}|P520300")[-1], "roll_up")
    dispatched = dispatches(stack, count + 1)
    assert len(dispatched) == count + 1
    assert stack.result(dispatched[-1], "outbox")["new"] == 0
    made = [path for path in papers if path.exists()]
    assert len(made) == stack.result(dispatched[-1], "render")["again"] > 0
    assert [path.read_bytes() for path in made] == [papers[path] for path in made]
    pending = stack.call("/ui/partitioned_dag_runs?has_created_dag_run_id=false")["partitioned_dag_runs"]
    assert [run for run in pending if run["partition_key"].startswith(TOP)] == []


def test_a_return_put_right_is_announced_and_dispatched_once(stack: Stack, first: dict[str, Any]):
    """What comes by page, mail or command starts nothing by itself; the DAG of corrections tells the roll-ups."""
    simulate(stack.scratch / "returned", seed=3)
    [sent, *_] = sorted((stack.scratch / "returned" / PROGRAMME / PERIOD / CORRECTED).iterdir())
    stack.sanji("resubmit", "--programme", PROGRAMME, "--period", PERIOD, "--unit", CORRECTED, "--take", str(sent))
    count = len(stack.runs("dispatch_half_year", TOP))
    stack.call("/api/v2/dags/announce_returns", {"is_paused": False}, method="PATCH")
    stack.call("/api/v2/dags/announce_returns/dagRuns", {"logical_date": None})
    dispatched = dispatches(stack, count + 1)
    assert len(dispatched) == count + 1
    assert stack.result(dispatched[-1], "outbox")["new"] > 0
    assert sum(stack.results("announce_returns", "told")) == 1


def test_an_operator_sees_in_one_look_what_failed_why_and_what_to_press(stack: Stack, first: dict[str, Any]) -> None:
    wrong = {"half_year": PERIOD, "programmes": ["zunyi"]}
    run = stack.call("/api/v2/dags/gather_submissions/dagRuns", {"logical_date": None, "conf": wrong})
    where = f"/api/v2/dags/gather_submissions/dagRuns/{urllib.parse.quote(run['dag_run_id'])}"
    wait_for(lambda: stack.call(where)["state"] not in ACTIVE, DONE_WITHIN)
    failed = stack.page("/sanji/duty").partition('id="asked"')[0]
    assert failed.count("<tr>") == 2  # the heading, and the one step that failed: those after it are not told
    assert "收集县区报送 · 列出批次" in failed
    assert "2024年上半年" in failed
    assert "unknown programme zunyi" in failed
    assert "用正确的参数重新触发" in failed
    stack.call(where, method="DELETE")
    assert "没有失败的步骤" in stack.page("/sanji/duty")


def test_units_with_something_to_put_right_are_written_to_once_while_the_half_year_is_reported(
    stack: Stack, first: dict[str, Any]
) -> None:
    """The backfill is about the past and wrote to nobody; on a day of July the step `letters` does, and again nothing new."""
    assert stack.result(stack.runs("gather_submissions", PERIOD)[0], "letters") == {}
    broken = stack.feeds / PROGRAMME / PERIOD / LETTERED / "补报.xlsx"
    broken.write_bytes(b"PK\x03\x04 cut off on the way")
    arrived = dt.datetime(2024, 7, 19, 9, tzinfo=dt.timezone(dt.timedelta(hours=8))).timestamp()
    os.utime(broken, (arrived, arrived))
    count = len(stack.runs("dispatch_half_year", TOP))
    chosen = {"half_year": PERIOD, "programmes": [PROGRAMME], "as_of": "2024-07-21T06:00:00+08:00"}
    run = stack.call("/api/v2/dags/gather_submissions/dagRuns", {"logical_date": None, "conf": chosen})
    where = f"/api/v2/dags/gather_submissions/dagRuns/{urllib.parse.quote(run['dag_run_id'])}"
    letters = _letters(stack, where, run)
    assert letters["units"] == letters["new"] > 0
    assert letters["withdrawn"] == 0
    stack.clear(run, "letters")
    assert _letters(stack, where, run) == letters | {"new": 0}
    dispatches(stack, count + 1)


def _letters(stack: Stack, where: str, run: dict[str, Any]) -> dict[str, Any]:
    """What the step `letters` of a run gave back, once the run is over."""
    wait_for(lambda: stack.call(where)["state"] not in ACTIVE, DONE_WITHIN)
    assert stack.call(where)["state"] == "success", stack.failures(run)
    result: dict[str, Any] = stack.result(run, "letters")[PROGRAMME]
    return {name: result[name] for name in ("units", "new", "withdrawn")}
