"""Simulated returns large enough for branches to be compared: what is planted is asked about, what is clean is left in peace."""

from pathlib import Path

import pandas as pd
import pytest

from etl import tasks
from etl.core.period import Period
from etl.edges.programmes import load_bundle, load_rules
from etl.edges.store.results import frame
from etl.simulate import Options, simulate
from etl.simulate.suspicion_faults import SUSPICION, idle_suspicions
from etl.stages.context import open_context
from tests.support.filing import home_at

RULES = {rule.id for suite in load_rules() for rule in suite.expectations if rule.id in SUSPICION}
CASES = {"shiyan-six-good": ("2024H1", 2.0), "zaozhuang-true-colour-home": ("2021H1", 2.0)}


def _run(home: Path, programme: str, fault_rate: float | str) -> pd.DataFrame:
    """Findings of the second of two half-years, the first of them clean."""
    period, scale = CASES[programme]
    when = Period.parse(period)
    for each, rate in ((when.previous(), 0.0), (when, fault_rate)):
        options = Options(seed=7, scale=scale, fault_rate=rate, activities_per_branch=20)  # type: ignore[arg-type]  # a share or "each"
        simulate(load_bundle(programme), each, home / "feeds", options, processes=2)
        tasks.gather(programme, str(each), None, "2030-01-01")
        for stage in (tasks.read, tasks.validate, tasks.publish):
            stage(programme, str(each), None)
    return frame(open_context(programme, period).store, "findings", programme, period)


@pytest.mark.parametrize("programme", sorted(CASES))
def test_what_is_planted_is_found_where_it_stands(programme: str, tmp_path: Path) -> None:
    with home_at(tmp_path) as home:
        found = _run(home, programme, "each")
        truth = home / "feeds" / programme / CASES[programme][0] / "_truth" / "faults.csv"
        planted = pd.read_csv(truth, dtype=str)
    bundle, when = load_bundle(programme), Period.parse(CASES[programme][0])
    wanted = RULES - idle_suspicions(bundle, bundle.layout(when), when)
    planted = planted[planted.rule.isin(RULES)]
    assert set(planted.rule) == wanted
    told = set(found[["unit_id", "rule"]].itertuples(index=False, name=None))
    assert set(planted[["unit_id", "rule"]].itertuples(index=False, name=None)) <= told


def test_what_is_clean_is_left_in_peace(tmp_path: Path) -> None:
    programme = "zaozhuang-true-colour-home"
    with home_at(tmp_path) as home:
        found = _run(home, programme, 0.0)
        context = open_context(programme, CASES[programme][0])
        rows = sum(row["rows_in"] for row in frame(context.store, "current_slices", *context.key).to_dict("records")
                   if row["table_name"] == "branches")
    asked = found[found.rule.isin(RULES)]
    assert len(asked) <= 0.02 * rows, asked.rule.value_counts().to_dict()
