"""The same half-year on PostgreSQL as on SQLite: totals, completeness, findings, ledger."""

import datetime as dt
import os
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, get_type_hints

import pandas as pd
import pytest
import sqlalchemy as sa

from etl import tasks
from etl.core.rows import NewFinding
from etl.edges.store import explanations, history, receipts, results, returned_files
from etl.edges.store import messages as ledger
from etl.edges.store.database import open_store
from etl.edges.store.results import frame
from etl.settings import settings
from etl.simulated import simulate_period
from etl.stages.context import open_context
from tests.support.opening import open_at_once
from tests.unit.edges.test_messages import AT, row

pytestmark = pytest.mark.integration
PROGRAMME, PERIOD = "dongxihu-small-gear", "2017H1"


def _run(home: Path, url: str | None) -> dict[str, pd.DataFrame]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("SANJI_")]:
            patch.delenv(name)
        patch.setenv("SANJI_HOME", str(home))
        if url:
            patch.setenv("SANJI_STORE_URL", url)
        settings.cache_clear()
        simulate_period(
            PROGRAMME, PERIOD, settings().feeds_dir, scale=0.05, faults="each", seed=3, late=1, missing=1
        )
        for _ in range(2):  # run again: nothing may change
            tasks.gather(PROGRAMME, PERIOD, None, "2030-01-01")
            tasks.read(PROGRAMME, PERIOD, None)
            tasks.validate(PROGRAMME, PERIOD, None)
            tasks.publish(PROGRAMME, PERIOD, None)
            tasks.roll_up(PROGRAMME, PERIOD)
            tasks.render(PROGRAMME, PERIOD)
            tasks.dispatch(PROGRAMME, PERIOD)
        store = open_context(PROGRAMME, PERIOD).store
        tables = ("totals", "completeness", "findings", "receipts", "current_slices", "editions")
        kept = {name: frame(store, name, PROGRAMME, PERIOD) for name in tables}
    settings.cache_clear()
    return kept


def test_both_stores_hold_the_same(postgresql: str, tmp_path: Path) -> None:
    on_sqlite = _run(tmp_path / "sqlite", None)
    on_postgresql = _run(tmp_path / "postgresql", postgresql)
    assert len(on_sqlite["totals"]) > 100
    for name, ours in on_sqlite.items():
        theirs = on_postgresql[name]
        columns = [column for column in ours.columns if column not in ("finding_id", "arrived_at")]
        left, right = (each[columns].sort_values(columns, ignore_index=True) for each in (ours, theirs))
        pd.testing.assert_frame_equal(left, right, check_dtype=False, obj=name)


def test_tasks_that_open_a_new_store_at_once_all_get_it(postgresql: str):
    url = sa.make_url(postgresql)
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE opened_at_once")
    engine.dispose()
    assert open_at_once(url.set(database="opened_at_once").render_as_string()) == []


@pytest.fixture
def store(postgresql: str) -> Iterator[sa.Engine]:
    """A new store of its own."""
    url, name = sa.make_url(postgresql), f"store_{uuid.uuid4().hex}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    made = open_store(url.set(database=name).render_as_string())
    yield made
    made.dispose()


def receipt(number: int) -> dict[str, Any]:
    return {
        "receipt_id": f"r{number}", "programme": PROGRAMME, "period": PERIOD, "unit_id": "P530102", "unit_code": "530102",
        "sha256": f"{number}", "file_name": "a.xlsx", "size": 1, "arrived_at": "2018-07-05T09:00:00+08:00", "on_time": True,
        "status": "received",
    }


def finding(**told: Any) -> NewFinding:
    where = {"programme": PROGRAMME, "period": PERIOD, "unit_id": "P530102", "batch_id": "P530100"}
    return NewFinding(**{**dict.fromkeys(get_type_hints(NewFinding)), **where, **told})


def at_once(act: Callable[[], object], times: int = 8) -> list[object]:
    """What comes of doing the same in several threads that start together; an exception is raised."""
    barrier = threading.Barrier(times)

    def together(_: int) -> object:
        barrier.wait()
        return act()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(together, range(times)))


def test_a_receipt_that_arrives_twice_at_once_is_one(store: sa.Engine) -> None:
    rows = [receipt(number) for number in range(200)]
    new = at_once(lambda: receipts.add_receipts(store, rows))
    assert sorted(key for keys in new for key in keys) == sorted(row["receipt_id"] for row in rows)  # type: ignore[attr-defined]  # lists


def test_a_file_read_twice_at_once_has_its_findings_once(store: sa.Engine) -> None:
    receipts.add_receipts(store, [receipt(1)])
    found = [finding(receipt_id="r1", stage="read", rule="R18", level="warning", observed="", expected="")] * 50
    at_once(lambda: receipts.keep_readings(store, "d", [receipts.ReceiptReading("r1", [], found)]))
    assert len(frame(store, "findings", PROGRAMME, PERIOD)) == 50


def test_a_batch_judged_and_published_twice_at_once_counts_once(store: sa.Engine) -> None:
    key = {"programme": PROGRAMME, "period": PERIOD, "unit_id": "P530102", "table_name": "branches"}
    filed = key | {"receipt_id": "r1", "batch_id": "P530100", "path": "p", "rows_in": 1, "rows_accepted": 1, "rows_held": 0,
                   "rows_blank": 0}
    receipts.add_receipts(store, [receipt(1)])
    at_once(lambda: results.keep_validation(store, PROGRAMME, PERIOD, ["P530102"], [], [], [filed]))
    at_once(lambda: results.publish_ready(store, PROGRAMME, PERIOD, "P530100"))
    assert len(frame(store, "current_slices", PROGRAMME, PERIOD)) == 1


def test_two_persons_who_release_at_once_are_two(store: sa.Engine) -> None:
    messages = [row("a@example.test") | {"message_key": f"m{n}", "subject_id": f"s{n}"} for n in range(100)]
    keys = [message["message_key"] for message in messages]
    assert sum(map(int, at_once(lambda: ledger.queue(store, messages, "test", AT), 2))) == len(keys)  # type: ignore[call-overload]  # counts
    persons = iter(["甲", "乙"])
    released = at_once(lambda: ledger.release(store, keys, next(persons), 2, AT), 2)
    assert sum(map(int, released)) == len(keys)  # type: ignore[call-overload]  # counts


def test_a_sentence_where_a_branchs_code_should_be_is_a_finding(store: sa.Engine) -> None:
    found = finding(subject_id="填表说明：" * 40, stage="validate", rule="B08", level="row")
    results.keep_validation(store, PROGRAMME, PERIOD, ["P530102"], [found], [], [])
    assert list(frame(store, "findings", PROGRAMME, PERIOD)["subject_id"]) == [found["subject_id"]]


def test_whoever_answers_by_mail_may_have_a_long_mailbox(store: sa.Engine) -> None:
    mailbox = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 61}"
    at = dt.datetime.fromisoformat("2018-07-05T09:00:00+08:00")
    returned_files.offer(store, receipt(1), "workbook", "mail", mailbox)
    history.record_all(store, PROGRAMME, PERIOD, [history.UnitEvent("P530102", at, "uploaded", {}, mailbox)])
    said = {
        "binding_id": "b1", "programme": PROGRAMME, "period": PERIOD, "unit_id": "P530102", "subject_id": "填表说明：" * 40,
        "rule": "T01", "column_key": "members", "observed": "1", "text": "属实", "actor": mailbox, "at": at.isoformat(),
    }
    explanations.keep_explanations(store, [said], PERIOD, [])
    assert history.last_events(store, PROGRAMME, PERIOD)["P530102"]["actor"] == mailbox


def test_a_unit_judged_again_is_told_to_the_roll_ups(store: sa.Engine) -> None:
    """What an outcome came from is looked for inside a JSON column, which the two databases write differently."""
    at = dt.datetime(2018, 7, 20, 9, tzinfo=dt.UTC)
    told = [("P530102", {"because": "waived"}), ("P530103", {"faults": 1})]
    happened = [history.UnitEvent(unit_id, at, "accepted", detail) for unit_id, detail in told]
    history.record_all(store, PROGRAMME, PERIOD, happened)
    assert history.changed_since_announced(store) == {(PROGRAMME, PERIOD): ["P530102"]}
