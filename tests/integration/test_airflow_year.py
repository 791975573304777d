"""A whole year through a real Airflow, from two closed half-years to letters: every human step is answered through REST."""

import datetime as dt
import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from etl.core.awards.review import Entry
from etl.core.returns.events import By
from etl.core.year_rows import TitleRow
from etl.edges.feeds import CHINA
from etl.edges.store.awards import reviews_of, scores_of
from etl.edges.store.records import records_of
from etl.edges.store.schema import titles
from etl.simulated import simulate_period
from etl.stages.context import Context, open_year
from etl.stages.review import enter
from etl.tasks.annual import review_round, waiting_list
from etl.tasks.awards import score
from tests.support.airflow_stack import REPO, Stack, running_stack, wait_for
from tests.support.filing import home_at, run

pytestmark = pytest.mark.integration

PROGRAMME, YEAR, DAY = "yunnan-model-branch", "2017", "2018-03-12"
KEY = f"{YEAR}|{PROGRAMME}"
COUNTIES = ("530102", "530103")
NUMBER = "云老通〔2018〕5号"
DONE_WITHIN = 300


def prepare(home: Path) -> None:
    """Both half-years of two counties, published; 五华区 has reviewed its branches one by one, 盘龙区 has reviewed none."""
    with home_at(home):
        for period in ("2017H1", "2017H2"):
            simulate_period(PROGRAMME, period, home / "feeds", scale=0.05, faults="0", seed=1)
            for folder in (home / "feeds" / PROGRAMME / period).iterdir():
                if folder.name not in COUNTIES:
                    folder.rename(home / f"{period}-{folder.name}")
            run(PROGRAMME, period, DAY)
        score(PROGRAMME, YEAR)
        context = open_year(PROGRAMME, YEAR)
        mine = [row for row in review_round(PROGRAMME, YEAR, 1) if row["code"] == COUNTIES[0]]
        assert len(mine) == 1
        entries = [Entry(branch, "county", "recommend", "prefecture", "95") for branch in branches_of(context, COUNTIES[0])]
        assert not enter(context, entries, By("wuhua", dt.datetime(2018, 3, 1, 9, tzinfo=CHINA))).refused


def branches_of(context: Context, code: str) -> list[str]:
    return [score.branch_id for score in scores_of(context.store, *context.key) if score.unit_id == f"P{code}"]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Airflow on DAG files of its own, which it reads again soon after they have changed."""
    base = tmp_path_factory.mktemp("airflow")
    shutil.copytree(REPO / "dags", base / "dags", ignore=shutil.ignore_patterns("__pycache__"))
    local = "airflow.dag_processing.bundles.local.LocalDagBundle"
    more = {
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(
            [{"name": "dags-folder", "classpath": local, "kwargs": {"path": str(base / "dags")}}]
        ),
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "5",
        "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "1",
    }
    with running_stack("airflow.sh", base, PROGRAMME, prepare, more) as started:
        yield started


class Year:
    """The run of a year, and the questions that it asks."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        body = {"logical_date": None, "partition_key": KEY, "conf": {"as_of": DAY}}
        self.run: dict[str, Any] = stack.call("/api/v2/dags/annual/dagRuns", body)
        self.given: dict[str, tuple[str, dict[str, str]]] = {}

    def answer(self, asked: dict[str, Any], option: str, **typed: str) -> None:
        """Answer a question."""
        self.given[asked["task_instance"]["task_id"]] = option, typed
        self.stack.answer(asked, option, **typed)

    def state(self, task_id: str) -> str | None:
        where = f"/api/v2/dags/annual/dagRuns/{self.run['dag_run_id'].replace('+', '%2B')}/taskInstances/{task_id}"
        found: str | None = self.stack.call(where)["state"]
        return found

    def stop(self) -> None:
        """Mark the run as failed, as an operator does before an upgrade."""
        run = f"/api/v2/dags/annual/dagRuns/{self.run['dag_run_id'].replace('+', '%2B')}"
        self.stack.call(run, {"state": "failed"}, method="PATCH")

    def log(self, task_id: str) -> str:
        """What the first mapped instance of a step has logged so far."""
        where = f"/api/v2/dags/annual/dagRuns/{self.run['dag_run_id'].replace('+', '%2B')}/taskInstances/{task_id}"
        tries = self.stack.call(f"{where}/0")["try_number"]
        return str(self.stack.call(f"{where}/logs/{tries}?map_index=0&full_content=true"))

    def asked(self, task_id: str) -> dict[str, Any]:
        """The open question of a step, as soon as it is asked."""
        found: list[dict[str, Any]] = []

        def there() -> bool:
            failed = self.stack.failures(self.run)
            assert not failed, failed
            waiting = {each["task_instance"]["task_id"]: each for each in self.stack.waiting()}
            # A busy scheduler takes an answer for a killed task and asks again, see `Stack.answer`.
            for name in waiting.keys() & self.given.keys() - {task_id}:
                self.stack.answer(waiting[name], self.given[name][0], **self.given[name][1])
            found[:] = [waiting[task_id]] if task_id in waiting else []
            return bool(found)

        wait_for(there, DONE_WITHIN)
        return found[0]

    def ended(self) -> None:
        """Return when the run is over, well."""

        def over() -> bool:
            [found] = [each for each in self.stack.runs("annual", KEY) if each["dag_run_id"] == self.run["dag_run_id"]]
            assert found["state"] != "failed", self.stack.failures(self.run)
            return bool(found["state"] == "success")

        wait_for(over, DONE_WITHIN)


def renew(stack: Stack, dag_id: str) -> None:
    """Put a newer file of a DAG in place, and return when Airflow goes by it."""

    def versions() -> int:
        return int(stack.call(f"/api/v2/dags/{dag_id}/dagVersions")["total_entries"])

    file, known = stack.scratch / "dags" / f"{dag_id}.py", versions()
    file.write_text(file.read_text().replace('tags=["sanji"', 'tags=["renewed", "sanji"'))
    wait_for(lambda: versions() > known, DONE_WITHIN)


def digest_of(asked: dict[str, Any]) -> str:
    """The digest of the list that a question shows."""
    return str(asked["params"]["shown"]["value"])


def digest_on_the_page(home: Path, code: str) -> str:
    """The digest of a county's list as the page shows it now."""
    with home_at(home):
        listed = waiting_list(PROGRAMME, YEAR, "county", f"P{code}")
    assert listed is not None
    return str(listed["digest"])


def reviewed_on_the_page(home: Path, code: str) -> None:
    """The first branch of a county is recommended by its own office."""
    with home_at(home):
        context = open_year(PROGRAMME, YEAR)
        entry = Entry(branches_of(context, code)[0], "county", "recommend", "prefecture", "96")
        assert not enter(context, [entry], By("panlong", dt.datetime(2018, 3, 2, 9, tzinfo=CHINA))).refused


def recommended_by(home: Path, code: str) -> int:
    """How many of its branches a county has recommended."""
    with home_at(home):
        context = open_year(PROGRAMME, YEAR)
        mine = set(branches_of(context, code))
        return sum(each.branch_id in mine for each in reviews_of(context.store, *context.key))


def a_week_passes(home: Path) -> None:
    """The public notices were opened a fortnight earlier than they were."""
    with sqlite3.connect(home / "store.sqlite") as store:
        store.execute("update notices set opened_on = date(opened_on, '-14 days'), closes_on = date(closes_on, '-14 days')")


def test_a_year_is_named_by_people_step_by_step(stack: Stack) -> None:
    year, home = Year(stack), stack.scratch / "sanji"

    # Sent back, nothing goes on; taken up again from the count of reviews, it asks again.
    asked = year.asked("reviews_done")
    year.answer(asked, "退回补评")
    year.ended()
    assert {year.state(task) for task in ("lists_1", "award", "sign_notice", "name", "dispatch")} == {"skipped"}
    stack.clear(year.run, "reviewed")
    asked = year.asked("reviews_done")
    year.answer(asked, "评审完成")

    # Only 盘龙区's list is still whole. A refusal without a reason is asked for again.
    asked = year.asked("sign_lists_1")
    assert "盘龙区" in asked["subject"]
    year.answer(asked, "退回", level="", reason="", shown=digest_of(asked))
    asked = year.asked("sign_lists_1")
    assert "须写明理由" in asked["body"]

    # A branch is reviewed on the page before the answer comes: it is refused, until it carries the digest of the list as it is.
    reviewed_on_the_page(home, COUNTIES[1])
    year.answer(asked, "签发", level="prefecture", reason="", shown=digest_of(asked))
    asked = year.asked("sign_lists_1")
    assert "名单在提请后有变化" in year.log("sign_lists_1")
    assert recommended_by(home, COUNTIES[1]) == 1

    # The run is stopped, its DAG's file renewed, and the round done again: the question is asked, nothing goes on without.
    year.stop()
    renew(stack, "annual")
    stack.clear(year.run, "lists_1")
    asked = year.asked("sign_lists_1")
    assert (year.state("lists_2"), year.state("award")) == (None, None)
    year.answer(asked, "签发", level="prefecture", reason="", shown=digest_on_the_page(home, COUNTIES[1]))

    # The prefecture agrees with both counties; nobody recommended up to the province, so its round is empty.
    asked = year.asked("sign_lists_2")
    assert "昆明市" in asked["subject"]
    year.answer(asked, "签发", level="", reason="", shown=digest_of(asked))
    asked = year.asked("sign_notice")
    assert year.state("lists_4") == "success"
    with home_at(home):
        context = open_year(PROGRAMME, YEAR)
        listed = reviews_of(context.store, *context.key)
        both = [branch for code in COUNTIES for branch in branches_of(context, code)]
        assert {each.branch_id for each in listed if each.tier == "prefecture"} == set(both)
        assert {each.actor for each in listed} == {"wuhua", "panlong", "admin"}

    year.answer(asked, "签发")
    wait_for(lambda: year.state("wait_for_notices") == "up_for_reschedule", DONE_WITHIN)
    assert stored(home) == []
    a_week_passes(home)
    stack.clear(year.run, "wait_for_notices")
    asked = year.asked("sign_naming")
    year.answer(asked, "签发", document_number=NUMBER)
    year.ended()
    named = stored(home)
    assert {row["document_number"] for row in named} == {NUMBER}
    assert {row["level"] for row in named} == {"county", "prefecture"}
    assert stack.result(year.run, "name")["titles"] == len(named)

    # Again from the naming on: the same titles, nothing new to send.
    sent = stack.result(year.run, "dispatch")
    assert sent["new"] > 0
    stack.clear(year.run, "render")
    time.sleep(5)
    year.ended()
    assert stack.result(year.run, "dispatch")["new"] == 0
    assert stored(home) == named


def stored(home: Path) -> list[dict[str, Any]]:
    """The titles conferred."""
    with home_at(home):
        context = open_year(PROGRAMME, YEAR)
        return list(records_of(context.store, titles, TitleRow, PROGRAMME))
