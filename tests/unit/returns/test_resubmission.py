"""A returned version held against the one in force: is it better, which faults are gone, which rows are the same?"""

import pyarrow as pa
import pytest

from etl.core.period import Period
from etl.core.returns.faults import Fault
from etl.core.returns.resubmission import (
    Objection,
    Standing,
    compare,
    matched,
    objection,
    same_rows,
    standing_of,
    subjects,
)
from etl.edges.programmes import load_bundle

IN_FORCE = Standing(rows_accepted=40, rows_held=10, faults=12, warnings=3)


@pytest.mark.parametrize(
    ("accepted", "held", "faults", "warnings", "no"),
    [
        (50, 0, 0, 3, None),
        (50, 0, 0, 9, None),  # rows that come back may bring warnings with them
        (40, 9, 12, 3, None),
        (40, 10, 11, 3, None),
        (40, 10, 12, 2, None),
        (40, 10, 12, 3, "not_fewer"),
        (40, 10, 12, 4, "not_fewer"),
        (60, 11, 2, 0, "more_held"),
        (39, 0, 0, 0, "fewer_accepted"),
    ],
)
def test_a_version_must_be_better_in_what_weighs_most(
    accepted: int, held: int, faults: int, warnings: int, no: Objection | None
) -> None:
    assert objection(IN_FORCE, Standing(accepted, held, faults, warnings), equal_is_enough=False) == no


def test_what_is_not_worse_is_enough_for_a_value_fixed_by_a_person() -> None:
    assert objection(IN_FORCE, IN_FORCE, equal_is_enough=True) is None
    assert objection(IN_FORCE, Standing(40, 10, 13, 3), equal_is_enough=True) == "not_fewer"


def test_where_nothing_is_in_force_anything_is_better() -> None:
    assert objection(None, Standing(0, 5, 9, 9), equal_is_enough=False) is None


def test_faults_that_hold_rows_are_counted_apart_from_warnings() -> None:
    standing = standing_of([Fault("F", level) for level in ("file", "row", "warning", "warning", "warning")], 7, 2)
    assert standing == Standing(rows_accepted=7, rows_held=2, faults=2, warnings=3)
    assert standing.findings == 5


ROW = Fault("F01", "row", "branches", "表", 4, "members", "C")
SAME = [
    (ROW, Fault("F01", "row", "branches", "另一表", 9, "members", "D", observed="7"), True),  # moved, and still wrong
    (ROW, Fault("F01", "row", "branches", "表", 5, "members", "C"), False),  # the row there is another
    (ROW, Fault("F02", "row", "branches", "表", 4, "members", "C"), False),
    (ROW, Fault("F01", "row", "unit_figures", "表", 4, "members", "C"), False),
    (ROW, Fault("F01", "row", "branches", "表", 4, "meetings", "C"), False),
    (Fault("R17", "file", None, "甲", 4, None, "C"), Fault("R17", "file", None, "甲", 8, None, "C"), True),  # of a whole sheet
    (Fault("R17", "file", None, "甲"), Fault("R17", "file", None, "乙"), False),
    (Fault("R17", "file", None, "甲", None, None, "C"), Fault("R17", "file", None, "甲", None, None, "D"), False),
]


@pytest.mark.parametrize(("before", "now", "same"), SAME, ids=lambda value: None)
def test_a_fault_is_known_again_by_table_row_column_and_rule(before: Fault, now: Fault, same: bool) -> None:
    names = {(table, row): subject for table in ("branches", "unit_figures") for row, subject in ((4, "甲"), (5, "乙"))}
    told = compare([before], [now], names, names | {("branches", 9): "甲"})
    if same:
        assert (told.fixed, told.still_open, told.new) == ((), (now,), ())
    else:
        assert (told.fixed, told.still_open, told.new) == ((before,), (), (now,))


def test_rows_are_told_apart_by_what_they_call_themselves_and_equal_ones_by_their_number() -> None:
    table = load_bundle("yunnan-model-branch").layout(Period.parse("2018H1")).table("branches")
    cells = {column.key: [None] * 4 for column in table.columns} | {
        "branch_id": ["530102-b001", " 530102-B001 ", "530102-B002", None],
        "branch_name": ["甲 支部", "甲支部", "甲支部", "甲支部"],
    }
    names = subjects(table, pa.table({"row_number": [2, 3, 5, 6], **cells}))
    assert list(names) == [2, 3, 5, 6]
    assert [name.rpartition("|")[2] for name in names.values()] == ["1", "2", "1", "1"]
    assert names[2].rpartition("|")[0] == names[3].rpartition("|")[0]
    assert len(set(names.values())) == 4


MATCHED: list[tuple[dict[int, str], dict[int, str], dict[int, int], dict[int, int]]] = [
    ({2: "甲", 3: "乙"}, {2: "乙", 3: "甲"}, {}, {2: 3, 3: 2}),
    ({2: "甲", 3: "乙"}, {2: "丙", 3: "甲"}, {2: 2}, {2: 2}),  # the key says that 丙 was 甲, so nobody else is
    ({2: "甲", 3: "乙"}, {2: "乙"}, {2: 2}, {2: 2}),  # a key weighs more than a name
    ({2: "甲"}, {5: "丙"}, {}, {}),
    ({2: "甲"}, {5: "甲"}, {9: 3, 5: 8}, {5: 2}),  # keys of rows that are not there say nothing
]


@pytest.mark.parametrize(("old", "new", "keyed", "found"), MATCHED)
def test_a_row_is_found_again_by_its_key_else_by_its_name(
    old: dict[int, str], new: dict[int, str], keyed: dict[int, int], found: dict[int, int]
) -> None:
    assert matched(old, new, keyed) == found


FILED = {"row_number": [2, 3], "name": ["甲", "乙"], "members": ["3", None]}
CHANGED = [
    ({"row_number": [7, 9]}, True),
    ({"name": ["乙", "甲"], "members": [None, "3"]}, True),
    ({"members": [" 3", ""]}, True),
    ({"members": ["4", None]}, False),
    ({"members": [None, "3"]}, False),
    ({"kind": ["", ""]}, False),
]


@pytest.mark.parametrize(("change", "same"), CHANGED)
def test_the_same_rows_are_the_same_in_any_order_and_at_any_place(change: dict[str, list[str | None]], same: bool) -> None:
    assert same_rows(pa.table(FILED), pa.table(FILED | change)) is same


def test_a_row_more_is_another_table() -> None:
    more = {"row_number": [2, 3, 4], "name": ["甲", "乙", "乙"], "members": ["3", None, None]}
    assert not same_rows(pa.table(FILED), pa.table(more))
