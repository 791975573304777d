"""`sanji doctor`: what is not ready is said, with who must act by the exit code."""

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from etl.cli import app
from etl.core.working_days import last_announced_year
from etl.edges.feeds import CHINA
from etl.edges.programmes import SHIPPED, load_bundle
from etl.settings import settings


@pytest.fixture(autouse=True)
def _fresh_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SANJI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SANJI_PROGRAMMES_DIR", str(tmp_path))
    for cached in (settings, load_bundle):
        cached.cache_clear()
    yield
    for cached in (settings, load_bundle):
        cached.cache_clear()


def _examined(tmp_path: Path, **changes: tuple[str, str]) -> Result:
    """What it says with a copy of Shiyan's programme, changed."""
    folder = tmp_path / "copied"
    shutil.copytree(SHIPPED / "shiyan-six-good", folder)
    path = folder / "programme.yaml"
    text = path.read_text(encoding="utf-8").replace("programme: shiyan-six-good", "programme: copied")
    for was, becomes in changes.values():
        assert was in text
        text = text.replace(was, becomes)
    path.write_text(text, encoding="utf-8")
    return CliRunner().invoke(app, ["doctor"])


def _line(said: Result) -> str:
    return next(line for line in said.output.splitlines() if line.startswith("programmes"))


def test_what_is_well_is_told_without_remarks(tmp_path: Path) -> None:
    said = _examined(tmp_path)
    assert (said.exit_code, "(" in _line(said), "NOT READY" in said.output) == (0, False, False)
    assert "copied" in _line(said)


@pytest.mark.parametrize(("years_on", "month", "told"), [(0, 6, False), (0, 7, True), (1, 1, True), (-1, 12, False)])
def test_due_days_of_a_year_without_a_notice_are_told_as_such(
    years_on: int, month: int, told: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The returns of a second half are due in January."""
    announced = last_announced_year()
    monkeypatch.setattr("etl.doctor.now", lambda: dt.datetime(announced + years_on, month, 1, tzinfo=CHINA))
    said = CliRunner().invoke(app, ["doctor"])
    line = next(line for line in said.output.splitlines() if line.startswith("calendar"))
    assert f"as announced to {announced}" in line
    assert (f"due days of {announced + 1} may shift" in line) == told
    assert said.exit_code == 0


def test_counts_that_the_map_does_not_bear_out_are_told_and_stop_nothing(tmp_path: Path) -> None:
    said = _examined(tmp_path, counties=("count: 8,", "count: 13,"))
    assert said.exit_code == 0
    assert "copied (programme.yaml counts 13 县（市、区）, there are 8)" in _line(said)


def test_a_top_that_is_on_no_map_is_not_ready(tmp_path: Path) -> None:
    said = _examined(tmp_path, top=('"420300"', '"429900"'))
    assert said.exit_code == 3
    assert "NOT READY: copied, 2022H1: no place has the code 429900 on 2022-06-30" in _line(said)


def test_a_title_of_a_place_that_there_is_not_is_not_ready_with_its_level_and_code(tmp_path: Path) -> None:
    titled = 'tier: prefecture, titles: {"420200": 银辉党支部}, needs: []'
    said = _examined(tmp_path, level=("tier: prefecture, needs: []", titled))
    assert said.exit_code == 3
    assert "NOT READY: copied: titles of places that the level's tier does not have: prefecture has one for 420200" in _line(said)


def test_a_bound_for_each_quarter_of_what_no_ledger_counts_is_not_ready(tmp_path: Path) -> None:
    said = _examined(tmp_path, ratio=("ratio: party_meetings / quarters", "ratio: members / quarters"))
    assert said.exit_code == 3
    assert "NOT READY: copied: each_quarter of a figure that no ledger counts: meetings_per_quarter" in _line(said)


def test_a_programme_that_does_not_load_is_not_ready_with_its_line(tmp_path: Path) -> None:
    said = _examined(tmp_path, key=("\nperiods:", "\nperods:"))
    assert said.exit_code == 3
    assert "NOT READY: copied: programme.yaml, line 1: periods is missing; line" in _line(said)
