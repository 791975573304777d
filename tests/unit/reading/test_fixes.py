"""Single values put right: what changed, and a record that can be read again."""

import pyarrow as pa
import pytest

from etl.core.reading.carried import Base, Corrected, carried_over, still_said
from etl.core.reading.fixes import ChangedCell, Fix, FixRecord, Misplaced, applied, changed_cells, fix_record
from etl.core.reading.grids import FileFinding

TABLE = pa.table({"row_number": pa.array([2, 5], pa.int32()), "a": ["1", None], "b": ["x", "y"]})
LEVELS = {"R13": "row", "R23": "row", "R17": "file", "R18": "warning"}


def _fix(row: int, column: str, value: str) -> Fix:
    return Fix(table="t", row=row, column=column, value=value)


def test_only_what_differs_is_a_change() -> None:
    changed = changed_cells([_fix(2, "a", " 1 "), _fix(5, "a", "7"), _fix(5, "b", "")], {"t": TABLE})
    assert changed == [
        ChangedCell(table="t", row=5, column="a", value="7", before=""),
        ChangedCell(table="t", row=5, column="b", value="", before="y"),
    ]
    assert applied(TABLE, changed).to_pydict() == {"row_number": [2, 5], "a": ["1", "7"], "b": ["x", None]}


def test_a_row_emptied_whole_is_left_out_and_one_that_was_blank_stays() -> None:
    blank = pa.table({"row_number": pa.array([2, 5, 6], pa.int32()), "a": ["1", None, None], "b": ["x", "y", None]})
    changed = changed_cells([_fix(2, "a", ""), _fix(5, "b", "")], {"t": blank})
    assert applied(blank, changed).to_pydict() == {"row_number": [2, 6], "a": [None, None], "b": ["x", None]}


@pytest.mark.parametrize("fix", [_fix(3, "a", "1"), _fix(2, "c", "1"), _fix(2, "row_number", "9")])
def test_a_cell_that_is_not_there_is_named(fix: Fix) -> None:
    assert changed_cells([fix], {"t": TABLE}) == Misplaced(fix)


def test_a_record_reads_back_and_nothing_else_is_one() -> None:
    cells = (ChangedCell(table="t", row=5, column="a", value="7", before=""),)
    record = FixRecord(
        programme="p",
        period="2018H1",
        unit_id="P1",
        actor="甲",
        at="2018-08-01",
        reason="因",
        base={"t": "r"},
        cells=cells,
    )
    assert fix_record(record.content()) == record
    assert fix_record(b'{"kind":"sanji-fix","programme":1}') is None
    assert fix_record(b"[1]") is None


def _base(*findings: FileFinding) -> Base:
    return Base("s", {"a": ["A", "A"], "b": ["B", "B"]}, TABLE, findings)


ERROR, SHIFTED = FileFinding("R23", "s", 5, "A", "#DIV/0!"), FileFinding("R13", "s", 2, "H")


def _carried(cells: pa.Table, *findings: FileFinding) -> list[FileFinding]:
    corrected = Corrected("表", {"a": "C", "b": "D"}, cells, {2: 9, 5: 8})
    return list(carried_over(_base(*findings), corrected, LEVELS))


def _sent(a: list[str | None], b: list[str | None]) -> pa.Table:
    return pa.table({"row_number": pa.array([8, 9], pa.int32()), "a": a, "b": b})


def test_a_finding_follows_its_cell_until_the_cell_changes() -> None:
    assert _carried(_sent([None, "1"], ["y", "x"]), ERROR) == [FileFinding("R23", "表", 8, "C", "#DIV/0!")]
    assert _carried(_sent(["7", "1"], ["y", "x"]), ERROR) == []


def test_a_finding_on_a_row_stays_until_anything_in_the_row_changes() -> None:
    assert [f.row for f in _carried(_sent([None, "1"], ["y", "x"]), SHIFTED)] == [9]
    assert _carried(_sent([None, "1"], ["y", "z"]), SHIFTED) == []


def test_a_doubtful_column_stays_doubtful_while_it_is_blank() -> None:
    doubtful = FileFinding("R17", "s", 1, "A")
    assert [f.rule for f in _carried(_sent([None, None], ["y", "x"]), doubtful)] == ["R17"]
    assert _carried(_sent(["1", None], ["y", "x"]), doubtful) == []


def test_a_warning_about_headings_is_not_carried() -> None:
    assert _carried(_sent([None, "1"], ["y", "x"]), FileFinding("R18", "s", 1, "H")) == []


def test_fixed_cells_lose_their_findings_and_others_keep_theirs() -> None:
    heading = FileFinding("R18", "s", None, "H")
    base = _base(ERROR, SHIFTED, heading)
    assert still_said(base, {(5, "a")}) == [SHIFTED, heading]
    assert still_said(base, {(2, "b")}) == [ERROR, heading]
