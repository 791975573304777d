"""A fix-me workbook taken apart: what is ours comes off, what it claims is held against its seal and the rows that are known."""

import io
import zipfile
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from etl.core.reading.grids import Grid
from etl.core.reading.returned import Fault, Returned, is_fix_me, taken_apart, wrong_with
from etl.core.reading.seal import SHEET, Sealed, SealedTable, seal

SECRET = b"a secret"
FIRST, OTHER = "11111111-receipt", "22222222-receipt"
SEALED = Sealed(
    programme="p", period="2018H1", unit_id="U1", receipts=(FIRST,), aside=("先看这里", "请说明"), warnings_sheet="请说明",
    tables={"branches": SealedTable(receipt_id=FIRST, sheet="支部", keys_digest="")}, key_heading="行标识", mark_heading="标记",
)
ROWS = {FIRST: frozenset({"11111111-2", "11111111-3"})}
THEIRS = {OTHER: frozenset({"22222222-2"})}
KEYS = {"支部": {2: "11111111-2", 3: "11111111-3"}}


def _grid(sheet: str, *lines: tuple[str | None, ...], first_row: int = 1) -> Grid:
    return Grid(sheet, tuple(pa.array(column, pa.string()) for column in zip(*lines, strict=True)), first_row=first_row)


def _meta(text: str = SEALED.text(), mark: str = "印") -> Grid:
    return _grid(SHEET, (text,), (mark,))


def _said(sheet: Grid) -> dict[str, str]:
    back = taken_apart([_meta(), sheet])[1]
    assert back is not None
    return dict(back.said)


BRANCHES = _grid(
    "支部", ("支部情况表", None, None, None), ("编码", "标记", "党员", "行标识"), ("B1", "▲", "20", " 11111111-2 "),
    ("B2", None, "21", None), ("B3", None, "22", "11111111-3"),
)


def test_our_columns_come_off_and_row_keys_stay_with_their_rows() -> None:
    (kept,), back = taken_apart([_meta(), BRANCHES, _grid("先看这里", ("读我",)), _grid("请说明", ("甲",))])
    assert kept.lines(0, 3) == [["支部情况表", None, None, None], ["编码", None, "党员", None], ["B1", None, "20", None]]
    assert back is not None
    assert (back.claims, back.mark) == (SEALED, "印")
    assert back.row_keys == {"支部": {3: "11111111-2", 5: "11111111-3"}}
    lower = taken_apart([_meta(), replace(BRANCHES, first_row=4)])[1]
    assert lower is not None
    assert lower.keys_of("支部") == {6: "11111111-2", 8: "11111111-3"}


def test_a_key_outlives_its_mark_and_a_blank_is_no_key() -> None:
    sheet = _grid("支部", ("编码", "行标识"), ("B1", "11111111-2"), ("B2", "  "))
    (kept,), back = taken_apart([_meta(), sheet])
    assert kept.lines(0, 9) == [["编码", None], ["B1", None], ["B2", None]]
    assert back is not None
    assert back.row_keys == {"支部": {2: "11111111-2"}}


@pytest.mark.parametrize(
    ("meta", "text"),
    [(_grid(SHEET, (SEALED.text(),)), SEALED.text()), (_grid(SHEET, (None,), (None,)), ""), (Grid(SHEET, ()), "")],
)
def test_a_hidden_sheet_that_lost_its_seal_has_none(meta: Grid, text: str) -> None:
    back = taken_apart([meta, BRANCHES])[1]
    assert back is not None
    assert (back.text, back.mark) == (text, "")


def test_a_sheet_without_our_columns_stays_as_it_is() -> None:
    plain = _grid("台账", ("编码", "标记"), ("B1", "甲"))
    (kept,), back = taken_apart([_meta(), plain])
    assert kept.lines(0, 9) == plain.lines(0, 9)
    assert back is not None
    assert back.keys_of("台账") == {}


def test_a_workbook_that_is_none_of_ours_is_left_whole() -> None:
    assert taken_apart([BRANCHES]) == ((BRANCHES,), None)


@pytest.mark.parametrize("text", ["", "not JSON", SEALED.text().replace('"unit_id"', '"unit"')])
def test_words_that_cannot_be_read_take_no_sheet_away_but_their_own(text: str) -> None:
    kept, back = taken_apart([_meta(text), BRANCHES])
    assert kept == (BRANCHES,)
    assert back is not None
    assert (back.text, back.claims) == (text, None)


def test_of_rows_with_one_key_the_first_has_it_and_the_copies_are_new() -> None:
    back = Returned("", "", SEALED, {"支部": {9: "a", 4: "a", 5: "b"}})
    assert back.keys_of("支部") == {4: "a", 5: "b"}
    assert back.keys_of("台账") == {}


def test_an_explanation_belongs_to_the_warning_whose_key_stands_after_it() -> None:
    lines = [("请说明", None, None), ("事项", "说明", "行标识"), ("甲", " 已核对 ", " k1 "), ("乙", "  ", "k2"),
             ("丙", None, "k3"), ("丁", "谁的", None)]
    assert _said(_grid("请说明", *lines)) == {"k1": "已核对"}
    assert _said(_grid("请说明", ("事项", "说明"), ("甲", "已核对"))) == {}
    assert _said(_grid("请说明", ("行标识", "说明"), ("k1", "已核对"))) == {}  # nothing stands before its keys


CASES: list[tuple[str, dict[str, Any], Fault | None]] = [
    ("as it was sent", {}, None),
    ("a seal written large, with blanks", {"mark": f" {seal(SEALED.text(), SECRET).upper()} "}, None),
    ("another text under the seal", {"text": SEALED.text().replace("U1", "U2")}, "seal"),
    ("no seal", {"mark": ""}, "seal"),
    ("of another programme", {"programme": "q"}, "programme"),
    ("of another period", {"period": "2018H2"}, "period"),
    ("of another unit", {"unit_id": "U2"}, "unit"),
    ("of whichever unit it says", {"unit_id": None}, None),
    ("a key of no row", {"keys": {"支部": {2: "11111111-9"}}}, "row_keys"),
    ("a key of another receipt", {"keys": {"支部": {2: "22222222-2"}}, "rows": ROWS | THEIRS}, "row_keys"),
    ("rows taken away", {"keys": {}}, None),
    ("its receipt is forgotten", {"rows": {}}, None),
]


@pytest.mark.parametrize(("case", "change", "wrong"), CASES, ids=[case for case, _, _ in CASES])
def test_what_is_wrong_with_a_returned_workbook_is_said_in_one_word(
    case: str, change: dict[str, Any], wrong: Fault | None
) -> None:
    text, mark = change.get("text", SEALED.text()), change.get("mark", seal(SEALED.text(), SECRET))
    back = Returned(text, mark, SEALED, change.get("keys", KEYS))
    asked = {"programme": "p", "period": "2018H1", "unit_id": "U1", "rows": ROWS, **change}
    assert wrong_with(back, SECRET, *(asked[name] for name in ("programme", "period", "unit_id", "rows"))) == wrong


def test_where_one_of_two_receipts_is_forgotten_no_key_is_held_against_the_workbook() -> None:
    two = {**SEALED.tables, "activities": SealedTable(receipt_id=OTHER, sheet="台账", keys_digest="")}
    sealed = SEALED.model_copy(update={"tables": two})
    back = Returned(sealed.text(), seal(sealed.text(), SECRET), sealed, {"台账": {2: "22222222-2"}})
    assert wrong_with(back, SECRET, "p", "2018H1", "U1", ROWS) is None
    assert wrong_with(back, SECRET, "p", "2018H1", "U1", ROWS | {OTHER: frozenset()}) == "row_keys"


def test_a_table_that_was_sent_empty_has_no_receipt_and_no_keys() -> None:
    empty = SEALED.model_copy(update={"tables": {"branches": SealedTable(receipt_id="", sheet="支部", keys_digest="")}})
    back = Returned(empty.text(), seal(empty.text(), SECRET), empty, KEYS)
    assert wrong_with(back, SECRET, "p", "2018H1", "U1", ROWS) == "row_keys"


def _archive(name: str, listed: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, listed)
    return out.getvalue()


SHEETS = f'<sheet name="{SHEET}"/>'


@pytest.mark.parametrize(
    ("content", "ours"),
    [(_archive("xl/workbook.xml", SHEETS), True),
     (_archive("xl/workbook.xml", '<sheet name="支部"/>'), False),
     (_archive("xl/workbook.xml", f'<sheet name="x{SHEET}"/>'), False),
     (_archive("xl/other.xml", SHEETS), False),
     (_archive("xl/workbook.xml", SHEETS + " " * 1_000_000), False),  # no list of sheets is as long
     (b"PK\x03\x04 broken", False), (b"", False)],
)
def test_a_workbook_is_known_as_ours_by_its_list_of_sheets(content: bytes, ours: bool) -> None:
    assert is_fix_me(content) is ours
