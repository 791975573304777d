"""Figures that nobody here made up: a yearbook's county table must add up to the rows that the yearbook prints."""

import os
from pathlib import Path

import pandas as pd
import pytest

from etl import tasks
from etl.edges.programmes import load_bundle
from etl.edges.store.results import frame
from etl.settings import settings
from etl.stages.context import open_context
from tests.support.yearbook import split_by_county

ROOT = Path(__file__).parent.parent.parent
DATA = Path(os.environ.get("SANJI_TEST_DATA", ROOT.parent / "shared" / "data"))
COUNTIES, PUBLISHED = DATA / "census2020-guizhou-counties.xlsx", DATA / "census2020-guizhou-published-totals.csv"
KEY, PERIOD = "census-yearbook", "2020"

pytestmark = pytest.mark.skipif(not COUNTIES.exists(), reason="the yearbook's files are not here: set SANJI_TEST_DATA")


@pytest.fixture
def totals(home: Path, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    monkeypatch.setenv("SANJI_PROGRAMMES_DIR", str(ROOT / "tests" / "programmes"))
    settings.cache_clear()
    split_by_county(COUNTIES, home / "feeds", KEY, PERIOD)
    tasks.gather(KEY, PERIOD, None, "2021-02-01")
    tasks.read(KEY, PERIOD, None)
    assert tasks.validate(KEY, PERIOD, None)["findings"] == {"file": 0, "row": 0, "warning": 0}
    assert tasks.publish(KEY, PERIOD, None)["rows_accepted"] == 88
    tasks.roll_up(KEY, PERIOD)
    return frame(open_context(KEY, PERIOD).store, "totals", KEY, PERIOD)


def test_every_published_sum_and_recomputable_ratio_is_reproduced(totals: pd.DataFrame) -> None:
    catalogue = load_bundle(KEY, settings().programmes_dir).catalogue.indicators
    published = pd.read_csv(PUBLISHED, dtype={"区划代码": str}).set_index("区划代码")
    ours = totals[totals["tier"] != "county"].pivot(index="code", columns="indicator", values="value")
    compared = 0
    for key, indicator in catalogue.items():
        if key not in ours or indicator.rollup == "none":
            continue
        theirs = published[indicator.zh].dropna()
        assert set(theirs.index) <= set(ours.index)
        tolerance = 0 if indicator.rollup == "sum" else 0.005 + 1e-9  # printed to two decimals
        gap = (ours[key].reindex(theirs.index) - theirs).abs()
        assert (gap <= tolerance).all(), f"{indicator.zh}: {gap[gap > tolerance].to_dict()}"
        compared += len(theirs)
    assert compared > 1300


def test_what_cannot_be_recomputed_has_no_total_and_blank_stays_missing(totals: pd.DataFrame) -> None:
    upper = totals[totals["tier"] == "province"].set_index("indicator")
    assert pd.isna(upper.loc["平均受教育年限_合计", "value"])
    assert upper.loc["国际组织", "missing"] > 0
