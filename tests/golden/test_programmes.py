"""Whole half-years of every shipped programme, simulated with faults, against the simulator's truth."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from etl import tasks
from etl.core.reports.model import Report
from etl.edges.programmes import programme_folders
from etl.edges.store.editions import latest_editions
from etl.edges.store.results import frame
from etl.listings import findings_listing
from etl.settings import settings
from etl.simulated import simulate_period
from etl.stages.context import open_context
from etl.stages.editions import kept_report
from etl.stages.render import REPORT
from tests.support.shapes import misfits

PERIODS = {
    "dongxihu-small-gear": ("2016H2", "2017H1"),
    "shiyan-six-good": ("2022H2", "2023H1"),
    "yunnan-model-branch": ("2017H2", "2018H1"),
    "zaozhuang-true-colour-home": ("2020H2", "2021H1"),
    "zunyi-six-good": ("2022H2", "2023H1"),
}
NO_FINDINGS = {"duplicate", "superseded", "other_code"}  # planted, but nothing a clerk would have to mend


@dataclass(frozen=True)
class Ran:
    """One programme that went through two half-years; what the second said."""

    programme: str
    period: str
    truth: Path
    totals: pd.DataFrame
    findings: pd.DataFrame
    rendered: dict[str, object]
    dispatched: dict[str, object]
    reports: list[Report]


@pytest.fixture(scope="module", params=sorted(PERIODS))
def ran(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    programme = request.param
    home = tmp_path_factory.mktemp(programme)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SANJI_HOME", str(home))
        settings.cache_clear()
        rendered = dispatched = {}
        for period in PERIODS[programme]:
            simulate_period(programme, period, settings().feeds_dir, scale=0.02, faults="each", seed=7)
            tasks.gather(programme, period, None, "2030-01-01")
            tasks.read(programme, period, None)
            tasks.validate(programme, period, None)
            tasks.publish(programme, period, None)
            tasks.roll_up(programme, period)
            rendered, dispatched = tasks.render(programme, period), tasks.dispatch(programme, period)
        context = open_context(programme, period)
        yield Ran(
            programme, period, settings().feeds_dir / programme / period / "_truth",
            frame(context.store, "totals", programme, period), findings_listing(programme, period, None),
            rendered, dispatched,
            [kept_report(context.landing, each) for each in latest_editions(context.store, programme, period, REPORT).values()],
        )
    settings.cache_clear()


def test_every_shipped_programme_is_run() -> None:
    assert set(programme_folders()) == set(PERIODS)


def test_totals_equal_the_truth_at_every_node(ran: Ran) -> None:
    truth = pd.read_csv(ran.truth / "totals.csv", dtype={"code": str, "part": str}).fillna({"part": ""})
    ours = ran.totals.set_index(["node_id", "indicator", "part"])["value"]
    theirs = truth.set_index(["node_id", "indicator", "part"])["value"].dropna()
    assert len(theirs) > 100
    missing = theirs.index.difference(ours.index)
    assert missing.empty, f"the truth has nodes or figures that the roll-up has not: {list(missing[:5])}"
    gap = (ours.reindex(theirs.index).astype(float) - theirs.astype(float)).abs()
    wrong = gap[~(gap <= 1e-4)]
    assert wrong.empty, f"{len(wrong)} differ, first: {wrong.head(10).to_dict()}"


def test_every_planted_fault_is_found(ran: Ran) -> None:
    planted = pd.read_csv(ran.truth / "faults.csv", dtype=str)
    found = set(ran.findings["rule"])
    assert not planted.empty
    assert set(planted["rule"].dropna()) - NO_FINDINGS <= found


def test_reports_and_mail_of_every_node_are_made(ran: Ran) -> None:
    assert ran.rendered["editions"]
    assert ran.dispatched["new"] == ran.dispatched["deliveries"]
    assert ran.dispatched["deliveries"] > 0


def test_every_report_agrees_with_the_store(ran: Ran) -> None:
    assert ran.dispatched["blocked"] == 0


def test_every_kept_report_has_the_keys_of_its_type(ran: Ran) -> None:
    assert ran.reports
    assert [each for report in ran.reports for each in misfits(report, Report, report["edition"]["name"])] == []


def test_rerun_makes_nothing_new(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANJI_HOME", str(ran.truth.parents[3]))
    settings.cache_clear()
    assert tasks.render(ran.programme, ran.period)["new"] == 0
    assert tasks.dispatch(ran.programme, ran.period)["new"] == 0
