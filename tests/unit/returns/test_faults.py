"""Equal findings together, and which to put right first."""

from collections.abc import Sequence

import pytest

from etl.core.returns.faults import Fault, groups_of, ranked, row_ranges, worth_first


def _faults(
    rule: str, rows: Sequence[int], column: str = "A", level: str = "row", table: str | None = "t"
) -> list[Fault]:
    return [Fault(rule, level, table, "s", row, column.lower(), column) for row in rows]


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([], ""),
        ([7], "7"),
        ([5, 6], "5–6"),
        ([300, 5, 6, 7, 7, 9], "5–7、9、300"),
        (list(range(5, 5005)), "5–5004"),
    ],
)
def test_rows_become_ranges_with_nothing_left_out(rows: list[int], text: str) -> None:
    assert row_ranges(rows) == text


def test_equal_faults_are_one_group_whatever_their_column_and_order() -> None:
    faults = [*_faults("F02", [9, 3], "B"), *_faults("F02", [3], "AA"), *_faults("F01", [4])]
    first, second = groups_of(reversed(faults))
    assert (first.key[1], first.rows) == ("F02", (3, 9))
    assert [[fault.row for fault in column] for column in first.by_column()] == [[3, 9], [3]]
    assert second.rows == (4,)


def _order(faults: list[Fault], rows: range = range(2, 12)) -> list[tuple[str, int, float]]:
    return [(each.group.key[1], each.freed, each.share) for each in ranked(groups_of(faults), {"t": rows})]


def test_what_brings_most_rows_back_comes_first() -> None:
    faults = [*_faults("F01", [2]), *_faults("F02", [3, 4, 5]), *_faults("F03", [6, 7])]
    assert _order(faults) == [("F02", 3, 0.5), ("F03", 2, pytest.approx(5 / 6)), ("F01", 1, 1.0)]


def test_a_row_with_two_faults_comes_back_only_with_the_second() -> None:
    faults = [*_faults("F01", [2, 3]), *_faults("F02", [2, 3], "B"), *_faults("F03", [4])]
    assert _order(faults) == [
        ("F03", 1, pytest.approx(1 / 3)),
        ("F01", 0, pytest.approx(1 / 3)),
        ("F02", 2, 1.0),
    ]


def test_a_fault_of_the_whole_table_holds_each_of_its_rows() -> None:
    faults = [*_faults("R16", [1], level="file"), *_faults("F01", [2])]
    assert _order(faults) == [("R16", 9, 0.9), ("F01", 1, 1.0)]


def test_warnings_hold_nothing_and_are_not_ranked() -> None:
    assert _order(_faults("T01", [2, 3], level="warning")) == []


@pytest.mark.parametrize(("enough", "told"), [(0.5, (1, 3, 0.5)), (0.51, (2, 5, 5 / 6)), (1.0, (3, 6, 1.0))])
def test_the_first_step_names_the_shortest_beginning_that_is_enough(
    enough: float, told: tuple[int, int, float]
) -> None:
    faults = [*_faults("F01", [2]), *_faults("F02", [3, 4, 5]), *_faults("F03", [6, 7])]
    assert worth_first(ranked(groups_of(faults), {"t": range(2, 12)}), enough) == pytest.approx(told)


def test_a_beginning_of_many_groups_that_leaves_few_out_is_all_of_them() -> None:
    few = [fault for number in range(8) for fault in _faults(f"F{number:02d}", [number + 2])]
    assert worth_first(ranked(groups_of(few), {"t": range(2, 12)}), 0.8) == (8, 8, 1.0)
    heavy = [*few, *_faults("G01", range(20, 60))]
    assert worth_first(ranked(groups_of(heavy), {"t": range(2, 60)}), 0.8)[0] == 1


def test_what_holds_a_whole_table_is_no_row_to_put_right() -> None:
    faults = [*_faults("R16", [1], level="file"), *_faults("F02", [2])]
    assert worth_first(ranked(groups_of(faults), {"t": range(2, 5)}), 0.9)[1] == 1
