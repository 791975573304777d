"""Waivers in any number and order: no row is lost, taking them back leaves what was there, nobody else notices."""

import datetime as dt
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.core.period import Period
from etl.core.returns.events import By
from etl.core.returns.explanations import Act
from etl.edges.feeds import CHINA
from etl.edges.store.results import slices_of
from etl.stages.context import Context, open_context
from etl.stages.explanations import findings_with_answers
from etl.stages.waivers import waive, withdraw
from tests.support.filing import home_at, run, unit, write

KEY = ("yunnan-model-branch", "2018H1")
MINE, OTHER = "P530102", "P530103"
AT = dt.datetime(2018, 7, 20, 9, tzinfo=CHINA)
ACT = Act("已派人核查，属实", Period.parse(KEY[1]), "province")
HELD = 5
FEW = settings(max_examples=3, derandomize=True, suppress_health_check=list(HealthCheck))
SOME = st.lists(st.integers(0, HELD - 1), min_size=1, max_size=HELD, unique=True)


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two counties: of four rows of each that are held, one is held for two reasons; a blank row stands between."""
    folder = tmp_path_factory.mktemp("filed")
    with home_at(folder):
        counties = [unit(*KEY, code, branches=6) for code in ("530102", "530103")]
        for each in counties:
            for row in range(4):
                each.set("branches", row, party_meetings="1")
            each.set("branches", 3, secretaries_trained="")
            each.tables["branches"].insert(2, dict.fromkeys(each.tables["branches"][0], ""))
        write(folder, *KEY, counties)
        run(*KEY, "2018-07-31", roll_up=False)
    return folder


@contextmanager
def _copy(filed: Path) -> Iterator[Context]:
    with TemporaryDirectory() as folder:
        shutil.copytree(filed, Path(folder) / "home")
        with home_at(Path(folder) / "home"):
            yield open_context(*KEY)


def _held(context: Context, unit_id: str = MINE) -> list[str]:
    found = findings_with_answers(context, unit_id)
    return list(found.loc[found.level == "row", "finding_key"])


def _stands(context: Context, unit_id: str) -> tuple[Any, ...]:
    """All that a unit's return comes to: its counts, its rows that count, its findings and how they stand."""
    slices = slices_of(context.store, *context.key, [unit_id])
    counts, rows = [], []
    for row in slices:
        assert row["rows_in"] == row["rows_accepted"] + row["rows_held"] + row["rows_blank"]
        table = pq.read_table(context.landing.at(row["path"]))
        mine = table.filter(pc.and_(pc.equal(table["unit_id"], unit_id), pc.equal(table["table_name"], row["table_name"])))
        assert len(pc.unique(mine["row_number"])) == row["rows_accepted"]
        counts.append([row[name] for name in ("table_name", "rows_in", "rows_accepted", "rows_held", "rows_blank")])
        rows.append(mine.to_pylist())
    found = findings_with_answers(context, unit_id)
    return counts, rows, found[["finding_key", "rule", "level", "state"]].values.tolist()


def _in_and_blank(stands: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return [(table, rows_in, accepted + held, blank) for table, rows_in, accepted, held, blank in stands[0]]


def _by(keys: Sequence[str], chosen: Sequence[int]) -> list[str]:
    return [keys[each] for each in chosen]


@FEW
@given(chosen=SOME)
def test_what_is_granted_and_withdrawn_is_as_it_was_and_no_other_unit_is_touched(filed: Path, chosen: list[int]) -> None:
    with _copy(filed) as context:
        before, other = _stands(context, MINE), _stands(context, OTHER)
        others = slices_of(context.store, *context.key, [OTHER])
        keys = _held(context)
        assert len(keys) == HELD
        assert waive(context, _by(keys, chosen), ACT, By("省委老干部局", AT)).refused == ()
        waived = _stands(context, MINE)
        assert _in_and_blank(waived) == _in_and_blank(before)  # a row that is freed is accepted: none comes and none goes
        assert waived[0] != before[0] or set(chosen) <= _one_of_two(context, keys)
        later = AT + dt.timedelta(hours=1)
        assert withdraw(context, _by(keys, chosen), "复查不属实", ACT.tier, By("省委老干部局", later)).refused == ()
        assert _stands(context, MINE) == before
        assert _stands(context, OTHER) == other
        assert slices_of(context.store, *context.key, [OTHER]) == others


def _one_of_two(context: Context, keys: list[str]) -> set[int]:
    """The places of the findings whose row another finding holds, too: to waive one of them alone frees no row."""
    found = findings_with_answers(context, MINE)
    held = found[found.level == "row"]
    twice = held[held.duplicated(["table_name", "row_number"], keep=False)]
    both = {keys.index(key) for key in twice.finding_key}
    assert len(both) == 2
    return both


@FEW
@given(order=st.permutations(range(HELD)), cut=st.integers(1, HELD - 1))
def test_the_order_of_grants_changes_nothing(filed: Path, order: list[int], cut: int) -> None:
    with _copy(filed) as context:
        keys = _held(context)
        waive(context, keys, ACT, By("省委老干部局", AT))
        at_once = _stands(context, MINE)
        waive(context, keys, ACT, By("省委老干部局", AT))
        assert _stands(context, MINE) == at_once
    with _copy(filed) as context:
        for hour, part in enumerate((order[:cut], order[cut:])):
            waive(context, _by(keys, part), ACT, By("省委老干部局", AT + dt.timedelta(hours=hour)))
        assert _stands(context, MINE) == at_once
