"""What if: held rows returned, other rules applied. Nothing of it is kept."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl.core.judging.rules import Suite
from etl.core.strict_yaml import load
from etl.edges.programmes import EXPECTATIONS
from etl.edges.store.results import frame
from etl.edges.validation import run_suites
from etl.stages.context import Context, open_context
from etl.stages.revalidate import revalidate
from etl.stages.what_if import totals_if_held_return
from tests.support.bench import bench
from tests.support.filing import home_at, run, unit, write

YUNNAN, PERIOD, COUNTY = "yunnan-model-branch", "2018H1", "P530102"


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """Two counties of three branches with 20 members each; one branch of the first is held for its one meeting (T01)."""
    with home_at(tmp_path_factory.mktemp("home")) as home:
        write(home, YUNNAN, PERIOD, [
            unit(YUNNAN, PERIOD, "530102").set("branches", 1, party_meetings="1"), unit(YUNNAN, PERIOD, "530103"),
        ])
        run(YUNNAN, PERIOD, "2018-07-31")
        yield open_context(YUNNAN, PERIOD)


def _kept(context: Context) -> tuple[list[Path], int]:
    return sorted(context.landing.folder.rglob("*")), len(frame(context.store, "findings", *context.key))


@pytest.mark.parametrize(("node", "without", "with_held"), [(COUNTY, 40, 60), ("P530100", 100, 120), ("P530103", 60, 60)])
def test_totals_with_and_without_what_is_held(context: Context, node: str, without: int, with_held: int) -> None:
    before = _kept(context)
    told = totals_if_held_return(context, node).set_index(["indicator", "part"]).loc[("members", "")]
    assert told[["value", "value_with_held", "change"]].tolist() == [without, with_held, with_held - without]
    assert told.indicator_zh == "离退休干部党员数"
    assert _kept(context) == before


def test_of_what_is_filed_twice_one_counts(tmp_path: Path) -> None:
    with home_at(tmp_path) as home:
        county = unit(YUNNAN, PERIOD, "530102", branches=3)
        for table in ("branches", "unit_figures"):
            county.tables[table].append(dict(county.tables[table][0]))
        county.tables["activities"] = [_entry(), _entry()]
        write(home, YUNNAN, PERIOD, [county])
        run(YUNNAN, PERIOD, "2018-07-31")
        told = totals_if_held_return(open_context(YUNNAN, PERIOD), COUNTY).set_index(["indicator", "part"])
    once = {"members": (40, 60), "branches": (None, 3), "ledger_entries": (1, 1)}
    for indicator, (value, with_held) in once.items():
        row = told.loc[(indicator, "")].replace({float("nan"): None})
        assert (indicator, row["value"], row["value_with_held"]) == (indicator, value, with_held)


def _entry() -> dict[str, str]:
    return {
        "branch_id": "530102-B001", "held_on": "2018-03-05", "activity_kind": "党员大会", "activity_title": "学习",
        "attendance_due": "20", "attendance_present": "15", "attendance_excused": "2",
    }


def test_without_is_what_the_store_says(context: Context) -> None:
    told = totals_if_held_return(context, "P530100").set_index(["indicator", "part"]).value
    totals = frame(context.store, "totals", *context.key)
    stored = totals[totals.node_id == "P530100"].set_index(["indicator", "part"]).value
    assert told.sort_index().equals(stored.sort_index())


def test_judging_again_by_the_same_rules_changes_nothing(context: Context) -> None:
    changes = revalidate(context, context.unit_ids(None))
    assert (len(changes.findings), len(changes.rows), len(changes.totals)) == (0, 0, 0)


def test_other_rules_tell_what_they_would_change_and_keep_nothing(context: Context, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(EXPECTATIONS, rules)
    ratios = (rules / "ratios.yaml").read_text("utf-8")
    (rules / "ratios.yaml").write_text(ratios.replace("rule: T01, level: row", "rule: T09, level: row"), "utf-8")
    figures = (rules / "figures.yaml").read_text("utf-8")
    (rules / "figures.yaml").write_text(figures.replace("rule: F12,", "rule: F12, until: 2017-12-31,"), "utf-8")
    before = _kept(context)
    renamed = revalidate(context, [COUNTY], rules)
    assert renamed.findings[["rule", "level", "gone", "new"]].values.tolist() == [["T01", "row", 1, 0], ["T09", "row", 0, 1]]
    assert (len(renamed.rows), len(renamed.totals)) == (0, 0)
    gone = ratios.replace("since: 2016-01-01", "since: 2019-01-01")
    (rules / "later").mkdir()
    (rules / "later" / "ratios.yaml").write_text(gone, "utf-8")
    later = revalidate(context, [COUNTY], rules / "later")
    assert later.findings[["unit_id", "rule", "gone", "new"]].values.tolist() == [[COUNTY, "T01", 1, 0]]
    assert later.rows.values.tolist() == [[COUNTY, later.rows.unit.item(), "branches", 1, 0, 2, 3]]
    moved = later.totals[later.totals.indicator == "members"].set_index("node_id")
    assert moved[["value", "value_after"]].T.to_dict("list") == {COUNTY: [40, 60], "P530100": [100, 120], "P530000": [100, 120]}
    assert _kept(context) == before


OLD = """
suite: figures
table: figures
expectations:
  - type: expect_column_pair_values_a_to_be_greater_than_b
    kwargs: {column_A: value, column_B: minimum, or_equal: true, ignore_row_if: either_value_is_missing}
    severity: critical
    description: 旧规则
    meta: {rule: F91, level: row, remedy: 改正, example: 写-2, expected: minimum, since: 2016-01-01, until: 2017-12-31}
  - type: expect_column_pair_values_a_to_be_greater_than_b
    kwargs: {column_A: value, column_B: minimum, or_equal: true, ignore_row_if: either_value_is_missing}
    severity: warning
    description: 新规则
    meta: {rule: F92, level: warning, remedy: 改正, example: 写-2, expected: minimum, since: 2018-01-01}
"""


@pytest.mark.parametrize(("period", "told"), [("2017H2", [("F91", "row")]), ("2018H1", [("F92", "warning")])])
def test_an_old_half_year_is_judged_by_the_rules_of_its_day(tmp_path: Path, period: str, told: list[tuple[str, str]]) -> None:
    row = {"branch_id": "530102-B001", "branch_name": "甲支部", "members": "-1"}
    made = bench(tmp_path, {(COUNTY, "branches"): [row]}, period=period)
    failing = run_suites(made, [Suite.model_validate(load(OLD))]).to_pylist()
    assert [(row["rule"], row["level"]) for row in failing] == told
