"""The half-year calendar and the reporting tree as Airflow's scheduler sees them."""

import datetime as dt
from itertools import pairwise

import pendulum
import pytest
from airflow.exceptions import InvalidPartitionKeyError
from airflow.sdk import RollupMapper, WaitForAll
from airflow.serialization.decoders import decode_timetable
from airflow.serialization.encoders import encode_timetable
from airflow.timetables.base import TimeRestriction

from etl import partitions
from etl.airflow_plugin import BothHalves, ChildNodes, ParentNode, YearOfHalf
from etl.core.period import Period
from etl.core.register import cutoff_day, due_day
from etl.edges.programmes import load_bundle, programme_folders

UTC = dt.UTC
SHANGHAI = "Asia/Shanghai"


@pytest.fixture(scope="module")
def timetable(bag):
    return bag.dags["gather_submissions"].timetable


@pytest.fixture
def tree(monkeypatch):
    """Two batches with units that must report, and a top whose own office need not."""

    units = {"P1": ("P11", "P12"), "P2": ("P21",), "P0": ()}
    monkeypatch.setattr(partitions, "batch_ids", lambda programme, period: tuple(units))
    monkeypatch.setattr(partitions, "unit_ids", lambda programme, period, batch_id: units[batch_id])


@pytest.mark.parametrize(
    ("earliest", "latest", "keys"),
    [
        ("2018-01-01", "2018-06-30", ["2018H1"]),
        ("2018-01-01", "2018-07-01", ["2018H1", "2018H2"]),
        ("2018-01-02", "2018-06-30", []),
        ("2017-12-31", "2019-01-01", ["2018H1", "2018H2", "2019H1"]),
    ],
)
def test_backfill_covers_the_half_years_that_start_in_its_range(timetable, earliest, latest, keys):
    bounds = [dt.datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (earliest, latest)]
    infos = list(timetable.iter_partition_dagrun_infos(earliest=bounds[0], latest=bounds[1]))
    assert [info.partition_key for info in infos] == keys


def test_the_schedule_gathers_the_half_year_that_ended_twice(timetable):
    since = TimeRestriction(earliest=pendulum.datetime(2018, 7, 1, tz=SHANGHAI), latest=None, catchup=True)
    infos = [timetable.next_dagrun_info_v2(last_dagrun_info=None, restriction=since)]
    for _ in range(3):
        infos.append(timetable.next_dagrun_info_v2(last_dagrun_info=infos[-1], restriction=since))
    assert [
        (info.run_after.in_timezone(SHANGHAI).to_datetime_string(), info.partition_key) for info in infos
    ] == [
        ("2018-07-13 06:00:00", "2018H1"),
        ("2018-07-31 06:00:00", "2018H1"),
        ("2019-01-13 06:00:00", "2018H2"),
        ("2019-01-31 06:00:00", "2018H2"),
    ]
    assert all(earlier.run_after < later.run_after for earlier, later in pairwise(infos))


def test_the_two_ticks_lie_after_the_due_day_and_after_the_cut_off(timetable):
    """The cron expression is one for all programmes, so it has to suit the latest of their days, in every year."""
    for key in programme_folders(None):
        programme = load_bundle(key, None).programme
        periods = [Period.parse(f"{year}H{half}") for year in range(2017, 2027) for half in (1, 2)]
        for period in (p for p in periods if programme.covers(p)):
            due, cutoff = due_day(programme, period), cutoff_day(programme, period)
            assert due < due.replace(day=13), (key, period)
            assert cutoff < due.replace(day=31), (key, period)


@pytest.mark.parametrize(("key", "first_day"), [("2018H1", (2018, 1, 1)), ("2018H2", (2018, 7, 1))])
def test_a_key_names_its_first_instant(timetable, key, first_day):
    assert timetable.resolve_partition_date(key) == pendulum.datetime(*first_day, tz=SHANGHAI)


@pytest.mark.parametrize("text", ["2018", "2018H3", "2018H1|yunnan-model-branch", "2018-01-01", " 2018H1"])
def test_another_text_is_refused_as_a_key(timetable, text):
    with pytest.raises(InvalidPartitionKeyError):
        timetable.resolve_partition_date(text)


def test_the_timetable_is_found_again_by_the_scheduler(timetable):
    assert decode_timetable(encode_timetable(timetable)).serialize() == timetable.serialize()


@pytest.mark.parametrize(("key", "parent"), [("2018H1|p|P1|P11", "2018H1|p|P1"), ("2018H1|p|P1", "2018H1|p")])
def test_a_key_reports_to_the_key_above(key, parent):
    assert ParentNode().to_downstream(key) == parent


@pytest.mark.parametrize("key", ["2018H1", "2018H1|p", "2018H1||P1", "2018H1|p|P1|P11|x", ""])
def test_a_key_with_nothing_above_or_an_empty_part_is_refused(key):
    with pytest.raises(ValueError, match="Partition key"):
        ParentNode().to_downstream(key)


def test_a_batch_waits_for_its_units_and_a_programme_for_its_batches(tree):

    mapper = RollupMapper(upstream_mapper=ParentNode(), window=ChildNodes(), wait_policy=WaitForAll())
    assert set(mapper.window.to_upstream("2018H1|p|P1")) == {"2018H1|p|P1|P11", "2018H1|p|P1|P12"}
    # P0 has nobody who must report, so nobody would ever announce it.
    assert set(mapper.window.to_upstream("2018H1|p")) == {"2018H1|p|P1", "2018H1|p|P2"}


def test_a_batch_without_units_never_counts_as_complete(tree):
    with pytest.raises(LookupError, match="P0"):
        ChildNodes().to_upstream("2018H1|p|P0")


def test_every_expected_key_reports_to_the_key_that_expects_it():
    """Mapper and window must be inverse; otherwise a roll-up waits for ever. Checked on the programmes we ship."""
    for period in ("2018H1", "2024H1"):
        for programme in partitions.programmes_in_force(period):
            top = f"{period}|{programme}"
            for batch in ChildNodes().to_upstream(top):
                assert ParentNode().to_downstream(batch) == top
                units = list(ChildNodes().to_upstream(batch))
                assert units
                assert {ParentNode().to_downstream(unit) for unit in units} == {batch}


def test_a_year_waits_for_both_halves_and_each_half_reports_to_its_year():
    mapper = RollupMapper(upstream_mapper=YearOfHalf(), window=BothHalves(), wait_policy=WaitForAll())
    halves = set(mapper.window.to_upstream("2018|p"))
    assert halves == {"2018H1|p", "2018H2|p"}
    assert {YearOfHalf().to_downstream(half) for half in halves} == {"2018|p"}


@pytest.mark.parametrize("key", ["2018|p", "2018H3|p", "2018H1|p|P1", "2024B1|p"])
def test_what_is_no_programmes_half_year_belongs_to_no_year(key):
    with pytest.raises(ValueError, match="Partition key"):
        YearOfHalf().to_downstream(key)
