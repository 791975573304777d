"""The correction loop: writing a county's fix-me workbook, and judging it when it comes back.

    .venv/bin/python -m benchmarks.feedback

Goals: a county of 50 branches ≤ 50 ms; one of 5,000 rows ≤ 2 s, in bounded memory; a return judged, compared and published ≤ 2 s,
in the middle of a province. Process start and imports are left out. Beside the seconds on the wall stands the processor's work,
which other load on the machine hardly changes.
"""

import argparse
import datetime as dt
import io
import json
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl

Seconds = tuple[float, float]  # on the wall, of work
KEY = ("yunnan-model-branch", "2018H1")
SMALL, LARGE, OTHERS = "P530102", "P530103", 0.05
GOALS = {
    "workbook of 50 branches": 0.05,
    "workbook of 5,000 rows": 2.0,
    "a return of 50 branches": 2.0,
    "a value fixed": 2.0,
}
AT = dt.datetime(2018, 8, 1, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def main() -> None:
    """Simulate a province, plant faults in two counties, and time what happens to them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--peers-python")  # accepted like every benchmark does; this one has no peers
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["SANJI_HOME"] = home
        seconds, megabytes = measure(_prepared())
    for name, (wall, work) in seconds.items():
        print(
            f"{name:<26} {wall * 1000:7.0f} ms, {work * 1000:7.0f} ms of work   goal {GOALS[name] * 1000:.0f} ms"
        )
    print(f"{'memory for 5,000 rows':<26} {megabytes:7.0f} MB")
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps({"seconds": seconds, "megabytes": megabytes}), encoding="utf-8")


def measure(context: Any) -> tuple[dict[str, Seconds], float]:
    """Median seconds of each, on the wall and of work, and by how much the process grew for the large workbook."""
    from etl.core.reading.fixes import Fix
    from etl.core.returns.events import By
    from etl.stages.feedback import feedback_workbook
    from etl.stages.resubmit import fix_cells, resubmit

    seconds = {"workbook of 50 branches": _median(lambda _: feedback_workbook(context, SMALL), 15)}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds["workbook of 5,000 rows"] = _median(lambda _: feedback_workbook(context, LARGE), 3)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    returns = [_put_right(feedback_workbook(context, SMALL), row) for row in range(2, 8)]
    for content in returns[:1]:  # the first run of a process pays for what is loaded once
        resubmit(context, content, "a.xlsx", unit_id=None, by=By("office", AT), channel="page")

    def send(number: int) -> None:
        at = AT + dt.timedelta(hours=number + 1)
        answer = resubmit(
            context,
            returns[number + 1],
            "a.xlsx",
            unit_id=None,
            by=By("office", at),
            channel="page",
            take=True,
        )
        assert answer.taken, answer

    def fix(number: int) -> None:
        fixes = [Fix(table="branches", row=20 + number, column="members", value="21")]
        answer = fix_cells(
            context, SMALL, fixes, "checked", By("office", AT + dt.timedelta(days=1, hours=number))
        )
        assert answer.accepted, answer

    seconds["a return of 50 branches"] = _median(send, 5)
    seconds["a value fixed"] = _median(fix, 5)
    return seconds, grown


def _median(step: Callable[[int], object], rounds: int) -> Seconds:
    wall, work = [], []
    for number in range(rounds):
        start, cpu = time.perf_counter(), time.process_time()
        step(number)
        wall.append(time.perf_counter() - start)
        work.append(time.process_time() - cpu)
    return statistics.median(wall), statistics.median(work)


def _put_right(content: bytes, row: int) -> bytes:
    """The workbook with one more of its cells put right than that of the row before."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for each in range(2, row + 1):
        book["支部情况表"][f"F{each}"] = 20
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _prepared() -> Any:
    """A province as far as published slices, with the two counties in it."""
    from etl import tasks
    from etl.settings import settings
    from etl.simulated import simulate_period
    from etl.stages.context import open_context
    from tests.support.filing import unit, write

    settings.cache_clear()
    simulate_period(*KEY, settings().feeds_dir, scale=OTHERS, faults="0.01", seed=1)
    small, large = unit(*KEY, SMALL[1:], branches=50), unit(*KEY, LARGE[1:], branches=5_000)
    for row in range(6):
        small.set("branches", row, members="")
    for row in range(0, 5_000, 5):
        large.set("branches", row, members="").set(
            "branches", row + 1, dues_collected="30", dues_returned="30"
        )
    for each in (small, large):
        for path in (settings().feeds_dir / KEY[0] / KEY[1] / each.code).glob("*"):
            path.unlink()
    write(settings().home, *KEY, [small, large])
    tasks.gather(*KEY, None, "2030-01-01")
    for stage in (tasks.read, tasks.validate, tasks.publish):
        stage(*KEY, None)
    return open_context(*KEY)


if __name__ == "__main__":
    main()
