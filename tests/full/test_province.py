"""A whole province at full scale: a million ledger entries, every total against the simulator's truth."""

from pathlib import Path

import pandas as pd
import pytest

from etl import tasks
from etl.edges.store.results import frame
from etl.settings import settings
from etl.simulated import simulate_period
from etl.stages.context import open_context

pytestmark = pytest.mark.full
PROGRAMME, PERIOD = "yunnan-model-branch", "2018H1"


def test_a_whole_province_equals_the_truth(home: Path) -> None:
    summary = simulate_period(PROGRAMME, PERIOD, settings().feeds_dir, scale=1, faults="0.01", seed=1)
    assert summary["rows"] > 1_000_000
    tasks.gather(PROGRAMME, PERIOD, None, "2030-01-01")
    tasks.read(PROGRAMME, PERIOD, None)
    tasks.validate(PROGRAMME, PERIOD, None)
    counts = tasks.publish(PROGRAMME, PERIOD, None)
    assert counts["rows_in"] == counts["rows_accepted"] + counts["rows_held"] + counts["rows_blank"]
    tasks.roll_up(PROGRAMME, PERIOD)
    key = ["node_id", "indicator", "part"]
    truth = pd.read_csv(home / "feeds" / PROGRAMME / PERIOD / "_truth" / "totals.csv", dtype={"part": str})
    theirs = truth.fillna({"part": ""}).set_index(key)["value"].dropna()
    ours = frame(open_context(PROGRAMME, PERIOD).store, "totals", PROGRAMME, PERIOD).set_index(key)["value"]
    gap = (ours.reindex(theirs.index) - theirs).abs()
    assert (gap <= 1e-4).all(), gap[~(gap <= 1e-4)].head().to_dict()
