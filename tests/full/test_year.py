"""A province's year at full scale: two half-years published, every branch scored, reviews entered, 608 branches named."""

import csv
import datetime as dt
from pathlib import Path

import pytest

from etl import tasks
from etl.core.period import Period
from etl.edges.programmes import load_bundle
from etl.edges.store.awards import awards_of
from etl.settings import settings
from etl.simulate import Options, simulate
from etl.simulated import simulate_reviews
from etl.stages.award import award_year, replay
from etl.stages.context import open_year
from etl.stages.score import score
from etl.tasks.annual import commend

pytestmark = pytest.mark.full
PROGRAMME, YEAR = "yunnan-model-branch", "2017"


def test_a_year_commends_2590_organisations_and_329_members(home: Path) -> None:
    """The source's own figures (云南, the past year), out of two half-years' lists of names: each counted once."""
    for period in ("2017H1", "2017H2"):
        lists = Options(scale=1.0, fault_rate=0.0, seed=1, activities_per_branch=1)
        simulate(load_bundle(PROGRAMME), Period.parse(period), settings().feeds_dir, lists, processes=2)
        tasks.gather(PROGRAMME, period, None, "2030-01-01")
        for stage in (tasks.read, tasks.validate, tasks.publish):
            stage(PROGRAMME, period, None)
        tasks.roll_up(PROGRAMME, period)
    counted = commend(PROGRAMME, YEAR)
    assert (counted["organisations_commended"], counted["members_commended"], counted["differences"]) == (2590, 329, 0)


def test_a_years_reviews_name_608_branches(home: Path) -> None:
    few_entries = Options(scale=1.0, fault_rate=0.01, seed=1, activities_per_branch=14)
    for period in ("2017H1", "2017H2"):
        simulate(load_bundle(PROGRAMME), Period.parse(period), settings().feeds_dir, few_entries, processes=2)
        tasks.gather(PROGRAMME, period, None, "2030-01-01")
        for stage in (tasks.read, tasks.validate, tasks.publish):
            stage(PROGRAMME, period, None)
    context = open_year(PROGRAMME, YEAR)
    assert score(context)["branches"] > 5_500
    entered = simulate_reviews(PROGRAMME, YEAR, scale=1.0, seed=1)
    assert (entered["refused"], entered["to_name"]) == (0, 608)
    run = award_year(context, dt.date(2018, 2, 1))
    assert {level: run[level] for level in ("province", "prefecture", "county")} == {
        "province": 38,
        "prefecture": 209,
        "county": 361,
    }
    with (home / "feeds" / PROGRAMME / YEAR / "_truth" / "awards.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        truth = {row["branch_id"]: row["level"] for row in csv.DictReader(file)}
    assert {
        each.branch_id: each.level for each in awards_of(context.store, run["run"]) if each.highest
    } == truth
    assert replay(context, run["run"])["same_result"]
