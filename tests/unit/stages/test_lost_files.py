"""Files that were kept in the landing and are gone: made again where they can be, else told with whose they are."""

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from etl import tasks
from etl.airflow_support.failures import kind_of, said_by
from etl.airflow_support.wiring import MAY_PASS
from etl.core.returns.events import By
from etl.core.returns.resubmission import Answer
from etl.edges.landing import Landing
from etl.edges.store.receipts import current_texts
from etl.edges.store.results import frame, slices_of
from etl.errors import Lost
from etl.settings import settings
from etl.stages.context import Context, open_context
from etl.stages.read import texts_in_force
from etl.stages.resubmit import resubmit
from tests.support.filing import run, unit, write
from tests.support.returning import both, returned, setting

KEY = ("yunnan-model-branch", "2018H1")
BATCH = "P530100"
AS_OF = "2018-07-30"
LATER = dt.datetime(2018, 7, 9, 9)  # noqa: DTZ001 - as the simulator has it: local time


@pytest.fixture
def filed(home: Path) -> Context:
    """Two counties, published."""
    write(home, *KEY, [unit(*KEY, "530102"), unit(*KEY, "530103")])
    run(*KEY, AS_OF, roll_up=False)
    return open_context(*KEY)


def lose(folder: str) -> list[Path]:
    """Take every file out of a folder of the landing; gives back what was there."""
    files = sorted(path for path in (settings().landing_dir / folder).rglob("*") if path.is_file())
    for path in files:
        path.unlink()
    assert files
    return files


def test_a_file_that_is_gone_is_told_apart_from_a_disk_that_is_not_mounted(tmp_path: Path) -> None:
    landing = Landing(tmp_path / "landing")
    kept, other = landing.keep_document(b"a", ".pdf")[1], landing.keep_document(b"b", ".pdf")[1]
    landing.demand({kept: "甲", other: "乙"})
    landing.at(kept).unlink()
    with pytest.raises(Lost, match=r"folder documents: 甲$") as gone:
        landing.demand({kept: "甲", other: "乙"})
    assert (kind_of(gone.value, MAY_PASS), said_by(gone.value)) == ("lost_documents", str(gone.value))
    shutil.rmtree(tmp_path / "landing")
    with pytest.raises(FileNotFoundError) as unmounted:
        landing.read(kept)
    assert kind_of(unmounted.value, MAY_PASS) == "Disk"


def test_text_that_is_gone_is_read_anew(filed: Context) -> None:
    for stage in (tasks.validate, tasks.read):
        lost = lose("text")
        stage(*KEY, BATCH)
        assert [path for path in lost if path.exists()] == lost, stage


SENT = By("五华区委老干部局", dt.datetime(2018, 7, 20, 9, tzinfo=dt.UTC))


def send(context: Context, content: bytes, **more: Any) -> Answer:
    return resubmit(context, content, "修改单.xlsx", unit_id="P530102", by=SENT, channel="page", **more)


def test_text_on_which_a_workbook_rests_is_read_anew_before_it(filed: Context) -> None:
    made = [setting(filed, "branches", {("members_taking_part", 2): n}) for n in (11, 10)]
    changed = setting(filed, "unit_figures", {("forum_sessions", 2): 19})
    first, second = (returned(filed, "P530102", both(changed, each)) for each in made)
    lose("text")
    assert send(filed, first, take=True).taken
    assert len({text.receipt_id for text in current_texts(filed.store, *KEY, ["P530102"])}) == 1  # the first count no more
    for ask in (
        lambda: tasks.validate(*KEY, BATCH), lambda: texts_in_force(filed), lambda: tasks.read(*KEY, BATCH),
        lambda: send(filed, second, take=True),
    ):
        lose("text")
        ask()
    assert {text.receipt_id for text in current_texts(filed.store, *KEY, ["P530102"])} == {send(filed, second).receipt_id}


def test_a_workbook_older_than_a_file_does_not_need_the_bytes_of_that_file(filed: Context, home: Path) -> None:
    older = returned(filed, "P530102", setting(filed, "branches", {("members_taking_part", 2): 11}))
    write(home, *KEY, [replace(unit(*KEY, "530102", branches=4), arrived=LATER), unit(*KEY, "530103")])
    run(*KEY, AS_OF, roll_up=False)
    lose("raw")
    answer = send(filed, older)
    assert (answer.accepted, answer.repeated, bool(answer.standing)) == (True, False, True)


def test_a_file_that_was_only_offered_is_not_demanded_when_it_is_lost(filed: Context) -> None:
    kept = set((settings().landing_dir / "raw").rglob("*"))
    worse = send(filed, returned(filed, "P530102", setting(filed, "branches", {("members", 2): "二十"})))
    assert (worse.accepted, worse.taken) == (True, False)
    [offered] = [path for path in set((settings().landing_dir / "raw").rglob("*")) - kept if path.is_file()]
    offered.unlink()
    for stage in (tasks.read, tasks.validate):
        lose("text")
        stage(*KEY, BATCH)
    assert {text.unit_id for text in current_texts(filed.store, *KEY, None)} == {"P530102", "P530103"}


def test_delivered_bytes_that_are_gone_are_told_with_their_units(filed: Context, home: Path) -> None:
    raw = lose("raw")
    tasks.read(*KEY, BATCH)  # nothing has to be read, so nothing is lacking
    lose("text")
    for stage in (tasks.read, tasks.validate):
        with pytest.raises(Lost, match=r"folder raw: 2018H1 530102, 2018H1 530103$"):
            stage(*KEY, BATCH)
    # The offices' files still lie in the drop folder: gathered again, all is as it was.
    tasks.gather(*KEY, BATCH, AS_OF)
    assert all(path.exists() for path in raw)
    tasks.read(*KEY, BATCH)
    assert {text.unit_id for text in current_texts(filed.store, *KEY, None)} == {"P530102", "P530103"}


def test_an_office_that_sends_a_new_file_does_not_need_its_lost_one(filed: Context, home: Path) -> None:
    lose("raw")
    lose("text")
    write(home, *KEY, [replace(unit(*KEY, code, branches=4), arrived=LATER) for code in ("530102", "530103")])
    tasks.gather(*KEY, BATCH, AS_OF)
    tasks.read(*KEY, BATCH)
    tasks.validate(*KEY, BATCH)
    assert tasks.publish(*KEY, BATCH)["rows_accepted"] == 10


def test_accepted_rows_that_are_gone_are_told_with_their_batch_and_made_again(filed: Context) -> None:
    tasks.roll_up(*KEY, BATCH)
    before = frame(filed.store, "totals", *KEY)
    lost = lose("slices")
    with pytest.raises(Lost, match=r"folder slices: 2018H1 P530100$"):
        tasks.roll_up(*KEY, BATCH)
    for stage in (tasks.validate, tasks.publish, tasks.roll_up):
        stage(*KEY, BATCH)
    assert all(path.exists() for path in lost)
    assert slices_of(filed.store, *KEY)
    assert frame(filed.store, "totals", *KEY).equals(before)
