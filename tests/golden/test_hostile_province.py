"""A province in which one office in six sends something made to break the reader: the others go through untouched."""

import resource
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from etl import tasks
from etl.edges.store.database import open_store
from etl.edges.store.receipts import receipts_of
from etl.edges.store.results import frame
from etl.settings import settings
from etl.simulated import simulate_period
from etl.stages.context import open_context
from tests.unit.reading.hostile.catalogue import UNREADABLE

PROGRAMME, PERIOD = "yunnan-model-branch", "2018H1"
NAMES = ("报表.xlsx", "=cmd|' calc'!A0.csv", "..\\..\\etc\\passwd.xlsx", "<script>.xlsx", "报表\u202exslx.exe")


def run() -> pd.DataFrame:
    """The half-year over the drop folder as it is; its totals."""
    tasks.gather(PROGRAMME, PERIOD, None, "2030-01-01")
    tasks.read(PROGRAMME, PERIOD, None)
    tasks.validate(PROGRAMME, PERIOD, None)
    tasks.publish(PROGRAMME, PERIOD, None)
    tasks.roll_up(PROGRAMME, PERIOD)
    key = ["node_id", "indicator", "part"]
    return frame(open_context(PROGRAMME, PERIOD).store, "totals", PROGRAMME, PERIOD).set_index(key)


@pytest.fixture
def _bounded() -> Iterator[None]:
    """Three gigabytes above what the process holds now, for everything together."""
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (held + (3 << 30), hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@pytest.mark.usefixtures("_bounded")
def test_hostile_files_are_named_and_stop_nobody(home: Path, empty_store: Path) -> None:
    folder = settings().feeds_dir / PROGRAMME / PERIOD
    simulate_period(PROGRAMME, PERIOD, settings().feeds_dir, scale=0.01, faults="0", seed=3)
    offices = sorted(path for path in folder.iterdir() if path.is_dir() and path.name != "_truth")
    chosen = dict(zip(UNREADABLE, offices[3::6], strict=False))
    assert set(chosen) == set(UNREADABLE)
    for office in chosen.values():
        shutil.rmtree(office)
    alone = run()
    shutil.rmtree(home / "landing")
    open_store(settings().database_url).dispose()
    shutil.copyfile(empty_store, home / "store.sqlite")
    for number, (name, office) in enumerate(chosen.items()):
        office.mkdir()
        (office / NAMES[number % len(NAMES)]).write_bytes(UNREADABLE[name][0]())
    together = run()
    pd.testing.assert_frame_equal(alone, together)
    context = open_context(PROGRAMME, PERIOD)
    receipts = {row["unit_code"]: row for row in receipts_of(context.store, PROGRAMME, PERIOD)}
    found = frame(context.store, "findings", PROGRAMME, PERIOD).groupby("receipt_id")["rule"].agg(set)
    for name, office in chosen.items():
        receipt = receipts[office.name]
        assert receipt["status"] == "unreadable", name
        assert UNREADABLE[name][1] in found[receipt["receipt_id"]], name
