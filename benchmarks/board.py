"""The maintainers' page: server time of the board of a whole province, and of a unit with thousands of findings.

    .venv/bin/python -m benchmarks.board

Goals: the board of 180 units ≤ 200 ms; a unit with 5,000 findings still usable, which is taken as ≤ 1 s.
"""

import argparse
import datetime as dt
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

KEY = ("yunnan-model-branch", "2018H1")
ROUNDS, FINDINGS = 15, 5000
GOALS = {"board": 0.2, "unit": 1.0, "rule page": 1.0}


def main() -> None:
    """Simulate a province, give one county thousands of findings more, and ask for its pages again and again."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path)
    parser.add_argument("--peers-python")  # accepted like every benchmark does; this one has no peers
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["SANJI_HOME"] = home
        seconds = measure(_client(), _prepared())
    for name, each in seconds.items():
        print(f"{name:<10} {each * 1000:6.0f} ms   goal {GOALS[name] * 1000:.0f} ms")
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps(seconds), encoding="utf-8")


def measure(client: Any, unit_id: str) -> dict[str, float]:
    """Median seconds of each page, after one round to warm up."""
    board = f"/{KEY[0]}/{KEY[1]}/"
    pages = {"board": board, "unit": f"{board}units/{unit_id}", "rule page": f"{board}units/{unit_id}/rules/F10?number=30"}
    seconds: dict[str, list[float]] = {name: [] for name in pages}
    for _ in range(ROUNDS + 1):
        for name, path in pages.items():
            start = time.perf_counter()
            answer = client.get(path)
            seconds[name].append(time.perf_counter() - start)
            assert answer.status_code == 200, answer.text
    return {name: statistics.median(each[1:]) for name, each in seconds.items()}


def _prepared() -> str:
    """A simulated half-year as far as published slices; gives back the unit that got the findings."""
    from etl import tasks
    from etl.settings import settings
    from etl.simulated import simulate_period

    simulate_period(*KEY, settings().feeds_dir, scale=0.02, faults="0.05", seed=1, late=4, missing=3)
    tasks.gather(*KEY, None, "2018-07-30")
    for stage in (tasks.read, tasks.validate, tasks.publish):
        stage(*KEY, None)
    return _with_findings()


def _with_findings() -> str:
    """Thousands of copies of one finding, each with a key and a row of its own."""
    import sqlalchemy as sa

    from etl.edges.store.database import open_store
    from etl.edges.store.schema import findings
    from etl.settings import settings

    store = open_store(settings().database_url)
    with store.begin() as connection:
        one = connection.execute(sa.select(findings).where(findings.c.level == "row").limit(1)).mappings().one()
        kept = {name: value for name, value in one.items() if name != "finding_id"}
        copies = [{**kept, "rule": "F10", "row_number": n, "finding_key": f"{n:012d}"} for n in range(FINDINGS)]
        connection.execute(sa.insert(findings), copies)
    return str(one["unit_id"])


def _client() -> Any:
    from fastapi.testclient import TestClient

    from etl.core.access import Viewer
    from etl.edges.feeds import CHINA
    from etl.web.app import create_app

    viewer, noon = Viewer("bench", everything=True), dt.datetime(2018, 7, 30, 12, tzinfo=CHINA)
    return TestClient(create_app(lambda: viewer, lambda: noon))


if __name__ == "__main__":
    main()
