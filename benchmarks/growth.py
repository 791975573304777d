"""How time and memory grow with the number of provinces: a table and a plot for docs/performance.md.

    python -m benchmarks.growth --peers-python PATH [--half-years 0.1 1 10] [--roll-ups 1 10 100] [--json FILE]

A "province" is Yunnan at full scale: 6,256 branches, 191 units, a ledger of a million entries. The half-year at 10 has
as many units with ten times the branches and entries each; the roll-up has as many whole provinces as it says.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.half_year import STAGES, ours, prepare
from benchmarks.measure import answer, run_measured, timed
from benchmarks.rollup_tables import core_rows, derived_indicators, replicated, write_province


def half_year(scale: float) -> dict[str, Any]:
    """Rows, seconds from read to totals and peak memory of one half-year at a scale."""
    with tempfile.TemporaryDirectory() as folder:
        written = prepare(Path(folder), scale)
        run = ours(Path(folder))
    stages = {name: seconds for name, seconds in run.answer.items() if name in STAGES}
    return {
        "provinces": scale,
        "rows": written["rows"],
        "seconds": sum(stages.values()),
        "peak_megabytes": run.peak_megabytes,
        "stages": stages,
    }


def roll_up(folder: Path, provinces: int) -> dict[str, Any]:
    """Seconds and totals of the roll-up of several provinces, in a process of its own."""
    run = run_measured(
        [sys.executable, "-m", "benchmarks.growth", "--one-roll-up", str(folder), str(provinces)]
    )
    return {"provinces": provinces, **run.answer}


def _one_roll_up(folder: Path, provinces: int) -> None:
    indicators = derived_indicators()
    engine = replicated(folder, provinces)
    rows = core_rows(engine, indicators)
    answer({"totals": rows, "seconds": timed(lambda: core_rows(engine, indicators))})


def main() -> None:
    """Measure every size, print, keep, and draw with the peers' matplotlib."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--peers-python", type=Path)
    arguments.add_argument("--half-years", type=float, nargs="*", default=[0.1, 1, 10])
    arguments.add_argument("--roll-ups", type=int, nargs="*", default=[1, 10, 100])
    arguments.add_argument("--json", type=Path, default=Path("benchmarks/results/growth.json"))
    arguments.add_argument("--plot", type=Path, default=Path("docs/pictures/growth.png"))
    arguments.add_argument("--one-roll-up", nargs=2)
    chosen = arguments.parse_args()
    if chosen.one_roll_up:
        _one_roll_up(Path(chosen.one_roll_up[0]), int(chosen.one_roll_up[1]))
        return
    found: dict[str, list[dict[str, Any]]] = {"half_years": [half_year(scale) for scale in chosen.half_years]}
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "tables"
        write_province(Path(work) / "home", folder)
        found["roll_ups"] = [roll_up(folder, provinces) for provinces in chosen.roll_ups]
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    chosen.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for name, rows in found.items():
        print(name)
        for row in rows:
            print(
                "  ",
                {key: round(value, 2) if isinstance(value, float) else value for key, value in row.items()},
            )
    if chosen.peers_python:
        run_measured([str(chosen.peers_python), "-m", "benchmarks.plot", str(chosen.json), str(chosen.plot)])


if __name__ == "__main__":
    main()
