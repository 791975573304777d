"""Explanations and waivers over whole deliveries: what outlives a resubmission, what counts again, what reopens."""

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow.parquet as pq
import pytest

from etl import tasks
from etl.core.period import Period
from etl.core.returns.events import By
from etl.core.returns.explanations import Act
from etl.edges.store.history import history_of
from etl.edges.store.receipts import current_texts
from etl.edges.store.results import slices_of
from etl.listings import findings_listing
from etl.stages.board import board
from etl.stages.context import Context, open_context
from etl.stages.explanations import explain_warnings, findings_with_answers
from etl.stages.publish import publish, put_in_force
from etl.stages.report_frames import report_frames
from etl.stages.resubmit import resubmit
from etl.stages.validate import Judged, judge, validate
from etl.stages.waivers import waive, withdraw
from etl.tasks.returns import changed_returns, record_announced
from tests.support.filing import Unit, copy_of, home_at, run, stored, unit, write
from tests.support.returning import returned, setting

YUNNAN, PERIOD = "yunnan-model-branch", "2018H1"
COUNTY, BRANCH = "P530102", "530102-B002"
AT = dt.datetime(2018, 7, 20, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
WORDS = "大病困难党员按规定减免，支部会议记录可查"


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The county's first file, judged and published."""
    with home_at(tmp_path_factory.mktemp("filed")) as folder:
        _file(folder, 0)
    return folder


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Path]:
    """A home into which nothing was filed yet."""
    with home_at(tmp_path / "empty") as folder:
        yield folder


@pytest.fixture
def home(filed: Path, tmp_path: Path) -> Iterator[Path]:
    with copy_of(filed, tmp_path / "home") as folder:
        yield folder


@pytest.fixture
def context(home: Path) -> Context:
    return open_context(YUNNAN, PERIOD)


def _county(hour: int, **values: str) -> Unit:
    """A county whose second branch is asked about its dues (0.5 yuan a month) and held for its one meeting in two quarters."""
    made = unit(YUNNAN, PERIOD, "530102").set("branches", 1, **{"dues_collected": "60", "party_meetings": "1"} | values)
    made.arrived += dt.timedelta(hours=hour)
    return made


def _file(home: Path, hour: int, **values: str) -> Context:
    write(home, YUNNAN, PERIOD, [_county(hour, **values)])
    run(YUNNAN, PERIOD, "2018-07-31", roll_up=False)
    return open_context(YUNNAN, PERIOD)


def _found(context: Context, level: str) -> pd.DataFrame:
    found = findings_with_answers(context, COUNTY)
    return found[found.level == level]


def _states(context: Context) -> dict[str, str]:
    found = findings_with_answers(context, COUNTY)
    return dict(zip(found.level, found.state, strict=True))


def test_an_explanation_outlives_a_resubmission_and_reopens_with_another_value(home: Path, context: Context) -> None:
    before = _found(context, "warning")
    assert before[["rule", "subject_id", "observed", "state"]].values.tolist() == [["T01", BRANCH, "0.5", "open"]]
    answer = explain_warnings(context, before.finding_key.tolist(), WORDS, By("县委老干部局", AT))
    assert (answer.done, answer.refused) == ((before.finding_key.item(),), ())
    listed = findings_listing(*context.key, None).set_index("finding_key")
    assert listed.observed[before.finding_key].tolist() == ["60÷20÷6＝0.5"]  # a ratio stands in no cell
    assert _found(_file(home, 1, dues_collected="72"), "warning").state.tolist() == ["open"]
    again = _found(_file(home, 2, secretaries_trained="2"), "warning")  # another file, the value explained
    assert again.receipt_id.item() != before.receipt_id.item()
    assert again[["state", "answer", "answered_by"]].values.tolist() == [["explained", WORDS, "县委老干部局"]]


def test_a_waived_row_counts_at_once_until_it_is_withdrawn(context: Context) -> None:
    assert _counted(context) == (2, 1)
    held = _found(context, "row")
    assert held[["rule", "waivable_by", "state"]].values.tolist() == [["T01", "prefecture", "open"]]
    keys = held.finding_key.tolist()
    act = Act("已派人核查，党员大会一次合并召开", Period.parse("2018H2"), "prefecture")
    assert waive(context, keys, act, By("昆明市委老干部局", AT)).done == tuple(keys)
    assert _counted(context) == (3, 0)
    _validate(context)
    assert _counted(context) == (3, 0)
    assert _states(context)["row"] == "waived"
    waived = _found(context, "row")
    assert waived[["subject_id", "observed", "answer", "answered_by"]].values.tolist() == [
        [BRANCH, "0.5", act.reason, "昆明市委老干部局"]
    ]
    assert withdraw(context, keys, "复查不属实", "prefecture", By("昆明市委老干部局", AT)).done == tuple(keys)
    assert _counted(context) == (2, 1)
    _validate(context)
    assert _counted(context) == (2, 1)
    assert _states(context)["row"] == "open"
    again = withdraw(context, keys, "再次", "prefecture", By("甲", AT)).refused
    assert [refused.reason for refused in again] == ["nothing_to_withdraw"]


def test_what_a_tier_above_has_waived_is_neither_withdrawn_nor_replaced_from_below(context: Context) -> None:
    keys = _found(context, "row").finding_key.tolist()
    waive(context, keys, Act("省里核过", Period.parse("2018H2"), "province"), By("省委老干部局", AT))
    for tier, reason in (("county", "withdrawn_higher"), ("prefecture", "withdrawn_higher"), ("", "unknown_tier")):
        refused = withdraw(context, keys, "不属实", tier, By("下级", AT)).refused
        assert [(each.reason, each.needed) for each in refused] == [(reason, "province" if tier else "")]
    own = Act("市里另有说法", Period.parse(PERIOD), "prefecture")
    refused = waive(context, keys, own, By("市", AT)).refused
    assert [(each.reason, each.needed) for each in refused] == [("given_higher", "province")]
    assert _found(context, "row")[["state", "answer", "waived_at_tier"]].values.tolist() == [["waived", "省里核过", "province"]]
    assert _counted(context) == (3, 0)
    assert withdraw(context, keys, "复查不属实", "province", By("省委老干部局", AT)).done == tuple(keys)
    waive(context, keys, own, By("市", AT))
    assert withdraw(context, keys, "复查不属实", "province", By("省委老干部局", AT)).done == tuple(keys)  # from above: always


def _validate(context: Context) -> None:
    validate(context, None)
    publish(context, None)


def _counted(context: Context) -> tuple[int, int]:
    """Branch rows accepted and held, with the balance that publishing keeps."""
    (row,) = [row for row in slices_of(context.store, *context.key) if row["table_name"] == "branches"]
    assert row["rows_in"] == row["rows_accepted"] + row["rows_held"] + row["rows_blank"]
    figures = pq.read_table(context.landing.at(row["path"]), columns=["table_name", "row_number"]).to_pylist()
    assert len({each["row_number"] for each in figures if each["table_name"] == "branches"}) == row["rows_accepted"]
    return row["rows_accepted"], row["rows_held"]


def test_a_row_held_for_two_reasons_needs_both_waived(empty: Path) -> None:
    context = _file(empty, 0, secretaries_trained="")
    held = _found(context, "row")
    act = Act("属实", Period.parse(PERIOD), "province")
    first, second = held.finding_key
    waive(context, [first], act, By("省委老干部局", AT))
    assert _counted(context) == (2, 1)
    waive(context, [second], act, By("省委老干部局", AT))
    assert _counted(context) == (3, 0)


def test_the_ladder_and_the_history_tell_what_a_waiver_did_and_the_roll_ups_hear_of_it(empty: Path) -> None:
    context = _file(empty, 0, dues_collected="1200")
    assert board(context, AT.date()).set_index("unit_id").loc[COUNTY, "status"] == "partly_accepted"
    keys = _found(context, "row").finding_key.tolist()
    waive(context, keys, Act("属实", Period.parse(PERIOD), "province"), By("省委老干部局", AT))
    assert board(context, AT.date()).set_index("unit_id").loc[COUNTY, "status"] == "accepted"
    assert [each["units"] for each in changed_returns("2018-07-21")] == [[COUNTY]]
    record_announced(changed_returns("2018-07-21"), AT + dt.timedelta(minutes=30))
    assert changed_returns("2018-07-21") == []
    withdraw(context, keys, "不属实", "province", By("省委老干部局", AT + dt.timedelta(hours=1)))
    assert [each["units"] for each in changed_returns("2018-07-21")] == [[COUNTY]]
    _validate(context)  # tells nothing anew
    told = [
        (row["event"], row["detail"].get("because"))
        for row in history_of(context.store, YUNNAN, PERIOD)
        if row["unit_id"] == COUNTY and row["event"] not in ("received", "checking")
    ]
    assert told == [
        ("partly_accepted", None), ("waived", None), ("accepted", "waived"), ("announced", None), ("withdrawn", None),
        ("partly_accepted", "withdrawn"),
    ]


def test_a_file_that_waits_to_be_judged_is_left_to_its_validation(home: Path, context: Context) -> None:
    keys = _found(context, "row").finding_key.tolist()
    write(home, YUNNAN, PERIOD, [_county(1, secretaries_trained="2")])
    tasks.gather(YUNNAN, PERIOD, None, "2018-07-31")
    tasks.read(YUNNAN, PERIOD, None)
    before = slices_of(context.store, *context.key)
    waive(context, keys, Act("属实", Period.parse(PERIOD), "province"), By("省委老干部局", AT))
    assert slices_of(context.store, *context.key) == before
    assert changed_returns("2018-07-21") == []
    _validate(context)
    assert _counted(context) == (3, 0)


@pytest.mark.parametrize("late", ["waiver", "file"])
def test_a_slow_judgement_undoes_nothing_that_came_meanwhile(home: Path, context: Context, late: str) -> None:
    slow = judge(context, current_texts(context.store, *context.key), [COUNTY])
    if late == "waiver":
        keys = _found(context, "row").finding_key.tolist()
        waive(context, keys, Act("属实", Period.parse(PERIOD), "province"), By("省委老干部局", AT))
    else:
        _file(home, 1, party_meetings="2")
    assert _counted(context) == (3, 0)
    put_in_force(context, [COUNTY], slow)
    assert _counted(context) == (3, 0)


@pytest.mark.parametrize("late", ["waiver", "file"])
def test_a_batch_that_is_judged_slowly_undoes_nothing_that_came_meanwhile(
    context: Context, late: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = _found(context, "row").finding_key.tolist()

    def slowly(*given: Any) -> Judged:
        judged = judge(*given)
        monkeypatch.undo()
        if late == "waiver":
            waive(context, keys, Act("属实", Period.parse(PERIOD), "province"), By("省委老干部局", AT))
        else:
            content = returned(context, COUNTY, setting(context, "branches", {("party_meetings", 3): 2}))
            assert resubmit(context, content, "a.xlsx", unit_id=COUNTY, by=By("甲", AT), channel="page").taken
        return judged

    monkeypatch.setattr("etl.stages.validate.judge", slowly)
    _validate(context)
    assert _counted(context) == (3, 0)


def test_totals_and_reports_count_the_findings_that_stand(empty: Path) -> None:
    broken = empty / "feeds" / YUNNAN / PERIOD / "530102" / "报表.xlsx"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"PK\x03\x04 cut off on the way")
    first = _county(0).arrived
    os.utime(broken, (first.timestamp(),) * 2)
    run(YUNNAN, PERIOD, "2018-07-31")
    assert _told(open_context(YUNNAN, PERIOD)) == (1, 0, 0)
    context = _file(empty, 1)  # a readable one comes: what was wrong with the broken one is no longer
    tasks.roll_up(YUNNAN, PERIOD)
    assert _told(context) == (0, 1, 1)
    keys = _found(context, "row").finding_key.tolist()
    waive(context, keys, Act("属实", Period.parse(PERIOD), "province"), By("省委老干部局", AT))
    explain_warnings(context, _found(context, "warning").finding_key.tolist(), WORDS, By("县委老干部局", AT))
    tasks.roll_up(YUNNAN, PERIOD)
    assert _told(context) == (0, 0, 1)


def _told(context: Context) -> tuple[int, int, int]:
    """The county's findings by level, as its completeness says them and as reports list them."""
    counts = stored("completeness", YUNNAN, PERIOD).set_index("node_id").loc[COUNTY]
    listed = report_frames(context).findings
    levels = ("file", "row", "warning")
    mine = listed[listed.unit_id == COUNTY].groupby("level")["count"].sum()
    told = tuple(int(counts[f"findings_{level}"]) for level in levels)
    assert told == tuple(int(mine.get(level, 0)) for level in levels)
    return told[0], told[1], told[2]


def test_what_is_refused_says_why_and_keeps_nothing(context: Context) -> None:
    (held,), (warning,) = (_found(context, level).finding_key for level in ("row", "warning"))
    low = Act("属实", Period.parse(PERIOD), "county")
    (refused,) = waive(context, [held], low, By("甲", AT)).refused
    assert (refused.reason, refused.needed) == ("tier_too_low", "prefecture")
    assert [each.reason for each in explain_warnings(context, [held, "nothing"], WORDS, By("甲", AT)).refused] == [
        "unknown_finding", "not_a_warning"
    ]
    assert [each.reason for each in explain_warnings(context, [warning], " ", By("甲", AT)).refused] == ["no_words"]
    assert set(findings_with_answers(context, COUNTY).state) == {"open"}
    assert not [row for row in history_of(context.store, YUNNAN, PERIOD) if row["event"] in ("explained", "waived")]


def test_every_act_stands_in_the_history(context: Context) -> None:
    (held,), (warning,) = (_found(context, level).finding_id for level in ("row", "warning"))
    explain_warnings(context, [int(warning)], WORDS, By("县委老干部局", AT))
    waive(context, [int(held)], Act("属实", Period.parse(PERIOD), "prefecture"), By("市委老干部局", AT))
    withdraw(context, [int(held)], "不属实", "province", By("市委老干部局", AT))
    told = [
        (row["unit_id"], row["event"], row["actor"], row["detail"]["rule"], row["detail"]["subject_id"])
        for row in history_of(context.store, YUNNAN, PERIOD)
        if row["event"] in ("explained", "waived", "withdrawn")
    ]
    assert told == [
        (COUNTY, "explained", "县委老干部局", "T01", BRANCH), (COUNTY, "waived", "市委老干部局", "T01", BRANCH),
        (COUNTY, "withdrawn", "市委老干部局", "T01", BRANCH),
    ]
