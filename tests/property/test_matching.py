"""Whatever a clerk does with the rows, a finding is matched with the same row."""

import random

from hypothesis import given
from hypothesis import strategies as st

from etl.core.returns.faults import Fault, groups_of, ranked, row_ranges
from etl.core.returns.resubmission import compare, matched

ROWS = st.lists(st.integers(2, 60), unique=True, min_size=1, max_size=25)
FAULTS = st.lists(
    st.tuples(st.integers(2, 30), st.sampled_from("abc"), st.sampled_from(["F01", "F02", "T01"])),
    unique=True,
    max_size=40,
)


@given(ROWS, st.randoms(use_true_random=False))
def test_keys_lead_back_to_the_same_rows_in_any_order(rows: list[int], chance: random.Random) -> None:
    moved = chance.sample(range(2, 200), len(rows))
    old = {row: f"支部{row}" for row in rows}
    keyed = dict(zip(moved, rows, strict=True))
    new = {row: f"改名{row}" for row in moved}
    assert matched(old, new, keyed) == keyed


@given(ROWS, st.randoms(use_true_random=False))
def test_without_keys_names_do(rows: list[int], chance: random.Random) -> None:
    moved = chance.sample(range(2, 200), len(rows))
    old = {row: f"支部{row}" for row in rows}
    new = {row: f"支部{before}" for row, before in zip(moved, rows, strict=True)}
    assert matched(old, new, {}) == dict(zip(moved, rows, strict=True))


@given(FAULTS, FAULTS, st.randoms(use_true_random=False))
def test_every_fault_is_fixed_open_or_new_whatever_the_order(
    before: list[tuple[int, str, str]], after: list[tuple[int, str, str]], chance: random.Random
) -> None:
    names = {("t", row): f"{row}" for row in range(2, 31)}
    old = [Fault(rule, "row", "t", "s", row, column) for row, column, rule in before]
    new = [Fault(rule, "row", "t", "s", row, column) for row, column, rule in after]
    told = compare(old, new, names, names)
    assert len(told.fixed) + len(told.still_open) == len(old)
    assert len(told.still_open) + len(told.new) == len(new)
    chance.shuffle(old)
    chance.shuffle(new)
    again = compare(old, new, names, names)
    assert [set(again.fixed), set(again.still_open), set(again.new)] == [
        set(told.fixed),
        set(told.still_open),
        set(told.new),
    ]


@given(st.lists(st.integers(1, 10_000), max_size=200))
def test_ranges_lose_no_row(rows: list[int]) -> None:
    told: set[int] = set()
    for part in filter(None, row_ranges(rows).split("、")):
        first, _, last = part.partition("–")
        told |= set(range(int(first), int(last or first) + 1))
    assert told == set(rows)


@given(FAULTS)
def test_all_groups_together_bring_every_held_row_back(found: list[tuple[int, str, str]]) -> None:
    faults = [Fault(rule, "row", "t", "s", row, column) for row, column, rule in found]
    ranking = ranked(groups_of(faults), {"t": range(2, 31)})
    assert sum(each.freed for each in ranking) == len({fault.row for fault in faults})
    assert [each.share for each in ranking] == sorted(each.share for each in ranking)
    assert not ranking or ranking[-1].share == 1.0
