"""Whatever clerks write: no row is lost or counted twice, and order or repetition changes nothing.

An example runs the stages over a few units (about two seconds), so there are few of them.
"""

import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl import tasks
from etl.core.period import Period
from etl.edges.programmes import load_bundle
from etl.edges.store.database import open_store
from etl.edges.store.receipts import current_texts
from etl.settings import settings as sanji_settings
from tests.support.filing import Unit, home_at, run, stored, unit, write
from tests.unit.totals.test_rollup import _fact, roll

YUNNAN, PERIOD = "yunnan-model-branch", "2018H1"
LAYOUT = load_bundle(YUNNAN).layout(Period.parse(PERIOD))
TABLES = {table.key: [column.key for column in table.columns] for table in LAYOUT.tables}
FEW = settings(max_examples=4, derandomize=True, suppress_health_check=list(HealthCheck))

WRITTEN = st.one_of(
    st.sampled_from(["", "　", "0", "-3", "１２", "约20次", "1.2万", "95.3%", "41户", "twelve", "是", "2018-02-30", "全体党员",
                     "=1+1", "测试\n支部", '"', "，", "NaN", "9" * 30]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
)
MUTATION = st.tuples(st.sampled_from(["branches", "unit_figures"]), st.integers(0, 3), st.integers(0, 60), WRITTEN)
CODES = ("530102", "530103")


def _mutated(mutations: list[tuple[str, int, int, str]], blank_rows: int) -> list[Unit]:
    units = [unit(YUNNAN, PERIOD, code, branches=4) for code in CODES]
    for number, (table, row, column, text) in enumerate(mutations):
        keys = TABLES[table]
        rows = units[number % 2].tables[table]
        rows[row % len(rows)][keys[column % len(keys)]] = text
    units[0].tables["branches"] += [dict.fromkeys(TABLES["branches"], "") for _ in range(blank_rows)]
    return units


@contextmanager
def _empty_home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder, home_at(Path(folder)) as home:
        yield home


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values(list(rows.columns)).reset_index(drop=True)


@FEW
@given(st.lists(MUTATION, max_size=12), st.integers(0, 2))
def test_rows_in_are_accepted_held_or_blank_and_publishing_twice_is_publishing_once(
    mutations: list[tuple[str, int, int, str]], blank_rows: int
) -> None:
    with _empty_home() as home:
        write(home, YUNNAN, PERIOD, _mutated(mutations, blank_rows))
        run(YUNNAN, PERIOD, "2018-07-31", roll_up=False)
        once = stored("current_slices", YUNNAN, PERIOD)
        read = _rows_read()
        assert (once.rows_in == once.rows_accepted + once.rows_held + once.rows_blank).all()
        assert once.rows_in.sum() == read
        tasks.publish(YUNNAN, PERIOD, None)
        again = stored("current_slices", YUNNAN, PERIOD)
        pd.testing.assert_frame_equal(_in_order(once), _in_order(again))


def _rows_read() -> int:
    """How many rows reading saw, over all tables it recognised."""
    texts = current_texts(open_store(sanji_settings().database_url), YUNNAN, PERIOD)
    return sum(text.rows_in for text in texts)


@settings(FEW, max_examples=2)
@given(st.lists(MUTATION, max_size=8), st.permutations(range(2)), st.integers(0, 48))
def test_the_order_in_which_files_come_changes_no_total(
    mutations: list[tuple[str, int, int, str]], order: list[int], hours: int
) -> None:
    found: list[pd.DataFrame] = []
    for places in ([0, 1], order):
        with _empty_home() as home:
            units = _mutated(mutations, 0)
            for place, each in zip(places, units, strict=True):
                each.arrived += dt.timedelta(hours=hours * place)
                each.tables = dict(sorted(each.tables.items(), reverse=bool(place)))
            write(home, YUNNAN, PERIOD, [units[place] for place in places])
            run(YUNNAN, PERIOD, "2018-07-31")
            found.append(stored("totals", YUNNAN, PERIOD))
    pd.testing.assert_frame_equal(*map(_in_order, found))


DELIVERIES = (("530102", 1), ("530102", 2), ("530103", 1), ("530103", 2))
"""Of each of two units a return and the one that takes its place."""


def _after(order: list[tuple[str, int]], at_once: int, versions: dict[tuple[str, int], Unit]) -> list[pd.DataFrame]:
    """What stands after deliveries in an order, the stages run after the first `at_once` of them and after all."""
    with _empty_home() as home:
        for part in filter(None, (order[:at_once], order[at_once:])):
            write(home, YUNNAN, PERIOD, [versions[each] for each in part])
            run(YUNNAN, PERIOD, "2018-07-31")
        counts = stored("current_slices", YUNNAN, PERIOD).drop(columns=["path"])
        findings = stored("findings", YUNNAN, PERIOD).query("stage == 'validate'")
        found = (counts, findings, stored("totals", YUNNAN, PERIOD), stored("completeness", YUNNAN, PERIOD))
        return [_in_order(each) for each in found]


@settings(FEW, max_examples=2)
@given(st.lists(MUTATION, max_size=8), st.permutations(range(4)), st.integers(1, 3))
def test_what_stands_hangs_on_which_return_of_a_unit_is_the_last_and_on_no_other_order(
    mutations: list[tuple[str, int, int, str]], turns: list[int], cut: int
) -> None:
    versions = {}
    for code, number in DELIVERIES:
        each = _mutated(mutations if number == 1 else mutations[::-1][:4], 0)[CODES.index(code)]
        each.arrived += dt.timedelta(days=number)
        each.set("branches", 0, party_meetings=str(number + 1))  # the second says something else, whatever was drawn
        versions[code, number] = each
    by_turn = [DELIVERIES[turn][0] for turn in turns]
    order = [(code, by_turn[: place + 1].count(code)) for place, code in enumerate(by_turn)]
    for one, other in zip(_after(order, cut, versions), _after(list(DELIVERIES), 4, versions), strict=True):
        pd.testing.assert_frame_equal(one, other)


FACT = st.tuples(
    st.sampled_from(["C1", "C2", "C3", "U1", "P1-own", "C1/甲乡"]), st.sampled_from(["members", "due"]),
    st.one_of(st.none(), st.decimals(0, 10**6, places=4)),
)


@settings(max_examples=25, derandomize=True)
@given(st.data(), st.lists(FACT, max_size=30))
def test_facts_in_any_order_give_the_same_totals(data: Any, drawn: list[tuple[str, str, Any]]) -> None:
    facts = [_fact(*each) for each in drawn]
    assert roll(facts) == roll(data.draw(st.permutations(facts)))
