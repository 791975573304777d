"""Counts of few people: hidden, and not to be had back from the totals."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.core.totals.suppression import hidden_cells, hidden_in_line, is_small


@pytest.mark.parametrize(
    ("value", "small"), [(None, False), (0, False), (1, True), (4, True), (5, False), (6, False)]
)
def test_small_is_one_to_four(value: float | None, small: bool) -> None:
    assert is_small(value, 5) is small


@pytest.mark.parametrize(
    ("values", "hidden"),
    [
        ({"a": 5, "b": 9}, set()),
        ({"a": 4, "b": 6, "c": 30}, {"a", "b"}),  # 4 alone could be had back from the total
        ({"a": 4, "b": 5, "c": 6}, {"a", "b"}),
        ({"a": 4, "b": 1, "c": 30}, {"a", "b"}),  # two small ones, five people together
        ({"a": 1, "b": 2, "c": 30}, {"a", "b", "c"}),  # three people together are few people still
        ({"a": 4, "b": 0, "c": 9}, {"a", "c"}),  # a zero hides nothing
        ({"a": 4, "b": None, "c": 9}, {"a", "c"}),
        ({"a": 4, "b": 0}, {"a"}),  # nothing else is there
        ({"a": 0, "b": 0}, set()),
        ({}, set()),
    ],
)
def test_a_line_with_its_total(values: dict[str, float | None], hidden: set[str]) -> None:
    assert hidden_in_line(values, below=5) == hidden


def test_without_any_total_only_the_small_one_is_hidden() -> None:
    assert hidden_cells({("a", "x"): 4, ("b", "x"): 9, ("a", "y"): 7, ("b", "y"): 8}, 5) == {("a", "x")}


def test_rows_and_columns_take_a_square() -> None:
    grid = [[4, 20, 30], [11, 12, 40], [50, 60, 70]]
    values = {(f"r{i}", f"c{j}"): value for i, row in enumerate(grid) for j, value in enumerate(row)}
    hidden = hidden_cells(values, 5, ("r0", "r1", "r2"), ("c0", "c1", "c2"))
    assert hidden == {("r0", "c0"), ("r0", "c1"), ("r1", "c0"), ("r1", "c1")}  # 11 + 12 + 20 are the cheapest


CELL = st.one_of(st.none(), st.integers(0, 12))


@settings(max_examples=150, derandomize=True)
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=2, max_size=4))
def test_no_small_cell_follows_from_the_totals(grid: list[list[int | None]]) -> None:
    """An attacker who solves all equations at once gets no small cell that could have been protected."""
    rows, columns = [f"r{i}" for i in range(len(grid))], [f"c{j}" for j in range(3)]
    values = {(row, column): grid[i][j] for (i, row), (j, column) in product(enumerate(rows), enumerate(columns))}
    hidden = sorted(hidden_cells(values, 5, rows, columns))
    positive = sorted(cell for cell, value in values.items() if value)
    for cell in (cell for cell in hidden if is_small(values[cell], 5)):
        if _determined(cell, hidden):
            assert _determined(cell, positive), "another cell would have protected it"


@settings(max_examples=60, derandomize=True)
@given(st.permutations([2**power for power in range(12)]), st.permutations(range(3)), st.permutations(range(4)))
def test_what_is_hidden_depends_on_numbers_and_not_on_what_lines_are_called(
    numbers: list[int], rows: list[int], columns: list[int]
) -> None:
    """No two sums of powers of two are equal, so nothing is left to an order of names."""
    plain = {(f"r{i}", f"c{j}"): numbers[4 * i + j] for i, j in product(range(3), range(4))}
    called = {(f"r{i}", f"c{j}"): (f"r{rows[i]}", f"c{columns[j]}") for i, j in product(range(3), range(4))}
    totals = [f"r{i}" for i in range(3)], [f"c{j}" for j in range(4)]
    renamed = hidden_cells({called[cell]: number for cell, number in plain.items()}, 5, *totals)
    assert renamed == {called[cell] for cell in hidden_cells(plain, 5, *totals)}


def _determined(cell: tuple[str, str], unknown: list[tuple[str, str]]) -> bool:
    """Whether the line totals leave one value only for the cell, if these cells are unknown."""
    lines = sorted({row for row, _ in unknown} | {column for _, column in unknown})
    equations = np.array([[float(line in other) for other in unknown] for line in lines])
    wanted = np.array([float(other == cell) for other in unknown])
    rank = np.linalg.matrix_rank
    return bool(rank(np.vstack([equations, wanted])) == rank(equations))
