"""What an older layout read is read anew before it is judged: after an upgrade, nobody need know to read first."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from etl import tasks
from etl.core.reading.fixes import Fix
from etl.core.returns.events import By
from etl.edges.store.receipts import current_texts
from etl.edges.store.results import frame, slices_of
from etl.edges.store.schema import receipt_tables, receipts
from etl.edges.texts import TextFiles, text_cells
from etl.stages.context import Context, open_context
from etl.stages.feedback import feedback_model
from etl.stages.resubmit import fix_cells
from etl.stages.revalidate import revalidate
from etl.stages.what_if import totals_if_held_return
from tests.support.filing import copy_of, home_at, run, unit, write

YUNNAN, PERIOD, COUNTY, NEIGHBOUR = "yunnan-model-branch", "2018H1", "P530102", "P530103"
ADDED = "members"
"""The column that the older layout did not have."""


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two counties, judged and published, one branch of 20 members held; as if an older layout without a column had read them."""
    with home_at(tmp_path_factory.mktemp("filed")) as home:
        held = unit(YUNNAN, PERIOD, "530102").set("branches", 1, party_meetings="1")
        write(home, YUNNAN, PERIOD, [held, unit(YUNNAN, PERIOD, "530103")])
        run(YUNNAN, PERIOD, "2018-07-31")
        _read_by_an_older_layout(open_context(YUNNAN, PERIOD))
    return home


@pytest.fixture
def upgraded(filed: Path, tmp_path: Path) -> Iterator[Context]:
    with copy_of(filed, tmp_path / "home"):
        yield open_context(YUNNAN, PERIOD)


def _read_by_an_older_layout(context: Context) -> None:
    for text in current_texts(context.store, *context.key):
        cells = text_cells(context.landing, text.text_path, text.receipt_id)
        if ADDED not in cells.column_names:
            continue
        alone = TextFiles()
        alone.add(text.table_name, text.receipt_id, cells.drop_columns([ADDED]))
        path = alone.keep(context.landing)[text.table_name]
        mine = (receipt_tables.c.receipt_id == text.receipt_id, receipt_tables.c.table_name == text.table_name)
        with context.store.begin() as connection:
            connection.execute(sa.update(receipt_tables).where(*mine).values(text_path=path))
    with context.store.begin() as connection:
        connection.execute(sa.update(receipts).values(layout_digest="1-older"))


def _totals(context: Context) -> pd.DataFrame:
    totals = frame(context.store, "totals", *context.key)
    return totals.sort_values(["node_id", "indicator", "part"])[["node_id", "indicator", "part", "value"]].reset_index(drop=True)


def _validate(context: Context) -> None:
    tasks.validate(*context.key, None)
    tasks.publish(*context.key, None)
    tasks.roll_up(*context.key)


def _what_if(context: Context) -> None:
    told = totals_if_held_return(context, "P530000").set_index(["indicator", "part"])
    assert told.change[(ADDED, "")] == 20


def _revalidate(context: Context) -> None:
    changes = revalidate(context, context.unit_ids(None))
    assert (len(changes.findings), len(changes.rows), len(changes.totals)) == (0, 0, 0)


def _workbook(context: Context) -> None:
    assert feedback_model(context, COUNTY)


def _fixed_and_back(context: Context) -> None:
    """A value put right on the page is judged beside all other units' tables."""
    hour = dt.datetime(2018, 7, 20, 9, tzinfo=dt.UTC)
    fix = Fix(table="branches", row=2, column="volunteer_activities", value="2")
    answer = fix_cells(context, COUNTY, [fix], "查对台账后改正", By("西山区委老干部局", hour))
    assert answer.accepted, answer.refusal


@pytest.mark.parametrize("judge", [_validate, _what_if, _revalidate, _workbook, _fixed_and_back])
def test_whoever_judges_reads_anew_what_an_older_layout_read(upgraded: Context, judge: Callable[[Context], None]) -> None:
    before = _totals(upgraded)
    judge(upgraded)
    pd.testing.assert_frame_equal(_totals(upgraded), before)
    assert {row["unit_id"] for row in slices_of(upgraded.store, *upgraded.key)} == {COUNTY, NEIGHBOUR}
    for text in current_texts(upgraded.store, *upgraded.key, [COUNTY]):
        assert ADDED in text_cells(upgraded.landing, text.text_path, text.receipt_id).column_names
