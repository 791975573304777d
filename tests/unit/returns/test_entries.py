"""What may be typed where, and which cells a fault opens."""

import pytest

from etl.core.period import Period
from etl.core.programmes.layout import Column
from etl.core.returns.entries import Entry, Openings, entry_of
from etl.edges.programmes import load_bundle

BUNDLE = load_bundle("yunnan-model-branch")
LAYOUT = BUNDLE.layout(Period.parse("2018H1"))
OPENINGS = Openings(LAYOUT, BUNDLE.programme, BUNDLE.catalogue)


def _column(table: str, key: str) -> Column:
    return next(column for column in LAYOUT.table(table).columns if column.key == key)


@pytest.mark.parametrize(
    ("table", "key", "entry"),
    [
        ("branches", "members", Entry("whole", minimum=0)),
        ("branches", "dues_collected", Entry("decimal", minimum=0)),
        ("branches", "attendance_rate", Entry("decimal", minimum=0, maximum=1)),
        ("branches", "rectifying", Entry("list", ("是", "否"))),
        ("branches", "branch_kind", Entry("list", ("普通党支部", "功能性党支部", "临时性党支部"))),
        ("branches", "last_election_on", Entry("date")),
        ("branches", "branch_name", None),
    ],
)
def test_a_column_takes_what_its_type_and_bounds_allow(table: str, key: str, entry: Entry | None) -> None:
    assert entry_of(_column(table, key)) == entry


@pytest.mark.parametrize(
    ("table", "key", "opened"),
    [
        ("branches", "members_taking_part", {"members_taking_part", "members"}),
        ("branches", "members", {"members", "branch_kind"}),  # a functional branch counts no members
        ("branches", "secretaries_trained", {"secretaries_trained"}),
        (
            "unit_figures",
            "branches",
            {"branches", "branches_opening", "branches_established", "branches_dissolved"},
        ),
    ],
)
def test_a_fault_opens_what_it_is_compared_with(table: str, key: str, opened: set[str]) -> None:
    assert opened <= OPENINGS.in_row(table, key)
    assert "branch_name" not in OPENINGS.in_row(table, key)


def test_a_total_opens_its_parts() -> None:
    opened = OPENINGS.in_row("unit_figures", "branches_named")
    assert {"branches_named__county", "branches_named__prefecture", "branches_named__province"} <= opened


@pytest.mark.parametrize("key", ["branch_id", None])
def test_a_fault_about_whose_row_it_is_opens_the_row(key: str | None) -> None:
    assert OPENINGS.in_row("branches", key) == {column.key for column in LAYOUT.table("branches").columns}


def test_a_units_total_opens_the_column_it_is_the_total_of() -> None:
    assert OPENINGS.in_other_tables("unit_figures", "members") == {"branches": frozenset({"members"})}
    assert OPENINGS.in_other_tables("branches", "members") == {}
