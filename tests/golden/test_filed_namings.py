"""What units file as named in the half-year after a naming, against the titles that it left on record."""

import csv
from pathlib import Path

import pytest

from etl import tasks
from etl.core.period import Period
from etl.listings import findings_listing
from etl.settings import settings
from etl.simulated import simulate_period, simulate_reviews
from etl.tasks import awards

RULE = "F15"
YEARS = {
    "yunnan-model-branch": ("2017", 0.05), "zaozhuang-true-colour-home": ("2020", 1.0), "zunyi-six-good": ("2024B2", 0.2),
}
"""Programme → a year or batch in which it names, and the scale. One counts titles in force, two those decided."""


def _half_year(programme: str, period: Period, faults: str, scale: float) -> None:
    key = (programme, str(period))
    simulate_period(*key, settings().feeds_dir, scale=scale, faults=faults, seed=3, activities_per_branch=4)
    tasks.gather(*key, None, "2030-01-01")
    tasks.read(*key, None)
    tasks.validate(*key, None)
    tasks.publish(*key, None)


def _name(programme: str, when: str) -> int:
    year = Period.parse(when).year + 1
    opened, decided = f"{year}-02-01", f"{year}-03-01"
    awards.score(programme, when)
    simulate_reviews(programme, when, scale=1.0, seed=3)
    run = awards.award(programme, when, opened)["run"]
    awards.notice(programme, when, run, opened, "test", f"{opened}T09:00:00+08:00")
    titles: int = awards.name(programme, when, run, decided, "", "test", f"{decided}T09:00:00+08:00")["titles"]
    return titles


@pytest.mark.parametrize("programme", sorted(YEARS))
def test_a_figure_that_no_title_on_record_bears_out_is_asked_about(home: Path, programme: str) -> None:
    """Planted in two units: found in both, cell by cell; and of units without any fault nothing is asked."""
    when, scale = YEARS[programme]
    first, second = Period("year", Period.parse(when).year).halves()
    for half in (first, second):
        _half_year(programme, half, "0", scale)
        assert RULE not in set(findings_listing(programme, str(half), None)["rule"])  # nothing is on record yet
    assert _name(programme, when) > 0
    third = second.next()
    _half_year(programme, third, "each", scale)
    folder = home / "feeds" / programme / str(third) / "_truth"
    with (folder / "faults.csv").open(encoding="utf-8", newline="") as file:
        planted = list(csv.DictReader(file))
    asked = findings_listing(programme, str(third), None)
    found = asked[asked["rule"] == RULE]
    units = {row["unit_id"] for row in planted if row["rule"] == RULE}
    assert units
    assert units <= set(found["subject_id"])
    assert set(found["subject_id"]) <= {row["unit_id"] for row in planted}
