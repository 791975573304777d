"""The audit trail: in order, added once, never by another's hand."""

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from etl.edges.store.database import open_store
from etl.edges.store.history import UnitEvent, history_of, last_events, record, record_all
from etl.errors import Bug
from etl.settings import settings
from etl.tasks.returns import record_announced

KEY = ("a-programme", "2018H1")
MORNING = dt.datetime.fromisoformat("2018-07-05T09:00:00+08:00")
NOON = dt.datetime.fromisoformat("2018-07-05T12:00:00+08:00")


def _store(folder: Path) -> sa.Engine:
    return open_store(f"sqlite:///{folder / 'store.sqlite'}")


def test_the_same_event_again_is_one_event(tmp_path: Path) -> None:
    store = _store(tmp_path)
    ids = {record(store, *KEY, UnitEvent("P1", MORNING, "received", {"receipt_id": "a", "n": 1})) for _ in range(2)}
    record(store, *KEY, UnitEvent("P1", MORNING, "received", {"n": 1, "receipt_id": "a"}))
    record(store, *KEY, UnitEvent("P1", MORNING, "received", {"n": 1, "receipt_id": "b"}))
    assert len(ids) == 1
    assert [row["detail"]["receipt_id"] for row in history_of(store, *KEY)] == ["a", "b"]


def test_events_stand_in_the_order_in_which_they_happened(tmp_path: Path) -> None:
    store = _store(tmp_path)
    record_all(store, *KEY, [UnitEvent("P1", NOON, "accepted"), UnitEvent("P2", NOON, "received")])
    record_all(store, *KEY, [UnitEvent("P1", MORNING, "received"), UnitEvent("P1", MORNING, "checking")])
    told = [row["event"] for row in history_of(store, *KEY, ["P1"])]
    assert told == ["received", "checking", "accepted"]  # of one hour: as they were recorded
    assert {unit: row["event"] for unit, row in last_events(store, *KEY).items()} == {"P1": "accepted", "P2": "received"}


def test_another_period_has_another_history(tmp_path: Path) -> None:
    store = _store(tmp_path)
    record(store, *KEY, UnitEvent("P1", MORNING, "explained", {"findings": 3}, "clerk-530102"))
    assert history_of(store, "a-programme", "2018H2") == []
    row = history_of(store, *KEY)[0]
    assert (row["at"], row["actor"], row["detail"]) == ("2018-07-05T09:00:00+08:00", "clerk-530102", {"findings": 3})


def test_recording_nothing_is_allowed(tmp_path: Path) -> None:
    assert record_all(_store(tmp_path), *KEY, []) == []


def test_hours_are_kept_in_chinas_time_and_never_without_a_zone(tmp_path: Path) -> None:
    store = _store(tmp_path)
    record(store, *KEY, UnitEvent("P1", dt.datetime(2018, 7, 5, 3, 30, tzinfo=dt.UTC), "accepted", {}))
    record(store, *KEY, UnitEvent("P1", MORNING, "received", {}))
    assert [row["at"][11:] for row in history_of(store, *KEY)] == ["09:00:00+08:00", "11:30:00+08:00"]
    with pytest.raises(Bug, match="time zone"):
        record(store, *KEY, UnitEvent("P1", dt.datetime(2018, 7, 5), "received", {}))  # noqa: DTZ001 - what is refused


def test_a_telling_that_is_cut_short_has_told_of_nothing(home: Path) -> None:
    store = open_store(settings().database_url)
    batches = [
        {"programme": "yunnan-model-branch", "period": period, "batch_id": "P530100", "units": units, "keys": []}
        for period, units in (("2017H2", ["P530102", "P530103"]), ("2018H1", ["P530102", "P530103"]))
    ]
    stop = "create trigger stop before insert on unit_events when new.period = '2018H1' begin select raise(abort, 'cut'); end"
    with store.begin() as connection:
        connection.exec_driver_sql(stop)
    with pytest.raises(sa.exc.IntegrityError, match="cut"):
        record_announced(batches, NOON)
    told = [history_of(store, each["programme"], each["period"]) for each in batches]
    assert told == [[], []]
    with store.begin() as connection:
        connection.exec_driver_sql("drop trigger stop")
    assert record_announced(batches, NOON) == 4
    assert [len(history_of(store, each["programme"], each["period"])) for each in batches] == [2, 2]
