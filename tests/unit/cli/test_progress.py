"""Long steps tell how far they are, and the command line shows it to people, not to files."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from etl import tasks
from etl.cli import options
from etl.progress import Progress
from tests.support.filing import home_at, unit, write

ZUNYI, PERIOD = "zunyi-six-good", "2024H1"


def _three(progress: Progress) -> str:
    for _ in range(3):
        progress(3)
    progress(1)  # and then it has come to one other thing
    return "done"


@pytest.mark.parametrize("terminal", [True, False])
def test_a_step_is_followed_on_a_terminal_alone(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(options, "errors", Console(file=written, force_terminal=terminal, width=100))
    assert options.followed("zunyi-six-good", "2024H1", "read", _three) == "done"
    shown = written.getvalue()
    assert ("zunyi-six-good 2024H1: read …" in shown, "1 of 1" in shown) == (terminal, terminal)
    assert bool(shown) == terminal


def test_each_long_step_tells_of_every_thing_that_it_does(tmp_path: Path) -> None:
    told: dict[str, list[int]] = {}

    def follow(name: str, *arguments: Any, **options: Any) -> Any:
        return getattr(tasks, name)(ZUNYI, PERIOD, *arguments, progress=told.setdefault(name, []).append, **options)

    with home_at(tmp_path / "home") as home:
        write(home, ZUNYI, PERIOD, [unit(ZUNYI, PERIOD, "520329"), unit(ZUNYI, PERIOD, "520330")])
        tasks.gather(ZUNYI, PERIOD, None, "2024-07-31")
        read = follow("read", None)
        tasks.validate(ZUNYI, PERIOD, None)
        tasks.publish(ZUNYI, PERIOD, None)
        tasks.roll_up(ZUNYI, PERIOD)
        rendered, linted = follow("render"), follow("lint")
        follow("dispatch")
    reports = len(rendered["editions"])
    assert told == {
        "read": [read["receipts"]] * read["receipts"],
        "render": [reports] * reports,
        "lint": [linted["editions"]] * reports,
        "dispatch": [reports] * reports,
    }
    assert min(read["receipts"], reports) > 1
