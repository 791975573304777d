"""Read → totals of a whole province, beside the floor: reading the same bytes once and one scan in DuckDB.

python -m benchmarks.province [--scale 1.0] [--json FILE]
"""

import argparse
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

PROGRAMME, PERIOD = "yunnan-model-branch", "2018H1"


def timed(step: Callable[[], object]) -> float:
    """Seconds that a step takes."""
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def floor(feeds: Path, slices: Path) -> float:
    """Reading every delivered byte once, and one scan over the accepted figures and ledger entries."""

    def once() -> None:
        for path in feeds.rglob("*"):
            if path.is_file() and "_truth" not in path.parts:
                path.read_bytes()
        for path in slices.rglob("*.parquet"):
            duckdb.sql(f"select count(distinct unit_id) from read_parquet('{path}')").fetchall()

    return min(timed(once) for _ in range(3))


def main() -> None:
    """Simulate, run once, print seconds and ratios."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--scale", type=float, default=1.0)
    arguments.add_argument("--json", type=Path)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SANJI_HOME"] = folder
        from etl import tasks
        from etl.settings import settings
        from etl.simulated import simulate_period

        settings.cache_clear()
        written = simulate_period(
            PROGRAMME, PERIOD, settings().feeds_dir, scale=chosen.scale, faults="0.01", seed=1
        )
        seconds = {"import great_expectations": timed(lambda: __import__("great_expectations"))}
        steps: dict[str, Callable[[], object]] = {
            "gather": lambda: tasks.gather(PROGRAMME, PERIOD, None, "2030-01-01"),
            "read": lambda: tasks.read(PROGRAMME, PERIOD, None),
            "validate": lambda: tasks.validate(PROGRAMME, PERIOD, None),
            "publish": lambda: tasks.publish(PROGRAMME, PERIOD, None),
            "rollup": lambda: tasks.roll_up(PROGRAMME, PERIOD),
        }
        seconds |= {name: timed(step) for name, step in steps.items()}
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        base = floor(settings().feeds_dir, settings().landing_dir / "slices")
        seconds["render"] = timed(lambda: tasks.render(PROGRAMME, PERIOD))
    whole = sum(seconds[name] for name in ("read", "validate", "publish", "rollup"))
    result = {
        "rows": written["rows"], "seconds": seconds, "floor": base, "read_to_totals": whole,
        "ratio_to_floor": whole / base, "peak_megabytes": memory,
    }  # fmt: skip
    print(json.dumps(result, indent=1))
    if chosen.json:
        chosen.json.write_text(json.dumps(result))


if __name__ == "__main__":
    main()
