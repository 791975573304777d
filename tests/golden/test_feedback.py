"""The fix-me workbook: own sheets at own addresses, what is wrong marked, hostile text inert."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from etl import tasks
from etl.core.reading.seal import opened
from etl.core.returns.feedback import Feedback
from etl.edges.seal import seal_secret
from etl.settings import settings
from etl.stages.context import open_context
from etl.stages.feedback import feedback_model, feedback_workbook
from tests.support.filing import home_at, letter, unit, write

YUNNAN, PERIOD = "yunnan-model-branch", "2018H1"
FORMULA, RICH, MARKS = '=HYPERLINK("http://x.test","点我")', "<r><t>注入</t></r>", "党\u202e支\x07部"


def _county() -> Any:
    county = unit(YUNNAN, PERIOD, "530122", branches=30)
    county.set("branches", 0, members="二十", branch_name=FORMULA).set(
        "branches", 1, members="", branch_name=RICH
    )
    county.set("branches", 2, members="", branch_name=MARKS).set("branches", 3, branch_kind="其它")
    for row in range(4, 26):
        county.set("branches", row, dues_collected="30", dues_returned="30")
    county.set("branches", 29, dues_collected="1e9")
    return county.set("unit_figures", 0, members="540")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with home_at(tmp_path_factory.mktemp("feedback")) as folder:
        write(folder, YUNNAN, PERIOD, [_county(), unit(YUNNAN, PERIOD, "530125")])
        unreadable = folder / "feeds" / YUNNAN / PERIOD / "530124"
        unreadable.mkdir(parents=True)
        (unreadable / "报表.xlsx").write_bytes(b"PK\x03\x04 broken")
        tasks.gather(YUNNAN, PERIOD, None, "2030-01-01")
        for step in (tasks.read, tasks.validate, tasks.publish):
            step(YUNNAN, PERIOD, None)
        yield folder


@pytest.fixture(scope="module")
def model(home: Path) -> Feedback:
    return feedback_model(open_context(YUNNAN, PERIOD), "P530122")


def _book(unit_id: str) -> Any:
    return openpyxl.load_workbook(io.BytesIO(feedback_workbook(open_context(YUNNAN, PERIOD), unit_id)))


@pytest.fixture(scope="module")
def book(home: Path) -> Any:
    return _book("P530122")


def _at(key: str, row: int) -> str:
    return f"{letter(YUNNAN, PERIOD, 'branches', key)}{row}"


def test_rows_and_columns_stand_where_the_unit_has_them(book: Any) -> None:
    sheet = book["支部情况表"]
    assert sheet[_at("branch_id", 1)].value == "支部编码"
    assert sheet[_at("branch_id", 5)].value == "530122-B004"
    assert sheet[_at("members", 5)].value == 20
    assert sheet[_at("members", 2)].value == "二十"


def test_a_failing_cell_is_marked_noted_and_open(book: Any) -> None:
    sheet, fine = book["支部情况表"], book["支部情况表"][_at("members", 6)]
    cell, empty = sheet[_at("members", 2)], sheet[_at("members", 3)]
    assert "【F01】" in cell.comment.text
    assert "所填：二十" in cell.comment.text
    assert "✗" in cell.number_format
    assert empty.fill.patternType == "lightUp"
    assert cell.fill.fgColor.rgb != fine.fill.fgColor.rgb
    assert not cell.protection.locked
    assert fine.comment is None
    assert sheet[_at("party_meetings", 6)].protection.locked
    assert sheet.protection.sheet
    assert not sheet.protection.password


def test_known_words_and_numbers_are_offered(book: Any) -> None:
    rules = {
        str(rule.sqref).split(":")[0]: rule for rule in book["支部情况表"].data_validations.dataValidation
    }
    assert rules[_at("branch_kind", 2)].formula1 == '"普通党支部,功能性党支部,临时性党支部"'
    assert (rules[_at("members", 2)].type, rules[_at("members", 2)].formula1) == ("whole", "0")


def test_hostile_text_is_text(book: Any) -> None:
    sheet = book["支部情况表"]
    cells = [sheet[_at("branch_name", row)] for row in (2, 3, 4)]
    assert [cell.value for cell in cells] == [FORMULA, f" {RICH}", "党支\ufffd部"]
    assert {cell.data_type for cell in cells} == {"s"}


def test_the_first_sheet_says_what_to_do_and_ranks(book: Any, model: Feedback) -> None:
    assert book.sheetnames[0] == "先看这里"
    assert book["先看这里"]["A2"].value.startswith("一、改")
    held = [problem for problem in model.problems if problem.level == "row"]
    assert held[0].cells[1] == "✗ 【F02】必填项未填；没有发生请填0，不得留空"
    assert "第3–4行" in held[0].cells[4]
    assert [problem.cells[8] for problem in held][-1] == "100%"


def test_many_equal_warnings_are_asked_about_once_with_all_their_rows(model: Feedback) -> None:
    asked = [
        question for question in model.questions if question.key.startswith("branches|T01|dues_collected")
    ]
    assert [question.cells[2] for question in asked] == ["6–27（共22处，写一次即可）"]
    assert asked[0].key.endswith("|*")


def test_a_warning_is_held_against_a_reference_and_not_against_what_it_should_be(book: Any, model: Feedback) -> None:
    note = book["支部情况表"][_at("dues_collected", 6)].comment.text
    assert "【T01】" in note
    assert "参照：不小于2（人均月缴党费（元））" in note
    assert "应为" not in note
    examples = [problem.cells[5] for problem in model.problems if problem.level == "warning"]
    assert any("参照“不小于2（人均月缴党费（元））”" in each for each in examples)
    assert not any("应为“" in each and "所填" in each for each in examples)


def test_what_stands_in_no_cell_is_not_told_as_filed(book: Any, model: Feedback) -> None:
    note = book["支部情况表"][_at("dues_collected", 6)].comment.text
    assert note.splitlines()[1] == "算得：30÷20÷6＝0.25"
    assert "所填" not in note
    (asked,) = (each for each in model.questions if each.key.startswith("branches|T01|dues_collected"))
    assert str(asked.cells[6]).startswith("算得")
    examples = [problem.cells[5] for problem in model.problems]
    assert any("算得“" in each for each in examples)
    assert any("所填“" in each for each in examples)


def test_lists_print_on_a4_with_their_headings_on_each_page_and_counts_apart_from_words(book: Any) -> None:
    for name in ("先看这里", "请说明"):
        assert book[name].page_setup.paperSize == 9
        top = next(row for row in range(1, 20) if book[name].cell(row, 1).value == "序号")
        assert book[name].print_title_rows == f"${top}:${top}"
        assert book[name].cell(top + 1, 1).alignment.horizontal == "center"
    assert book["支部情况表"].page_setup.paperSize == 9


def test_every_row_has_its_key_and_the_seal_fits(book: Any, model: Feedback) -> None:
    data = next(sheet for sheet in model.sheets if sheet.table == "branches")
    sheet, meta = book["支部情况表"], book["_sanji"]
    column = openpyxl.utils.get_column_letter(data.key_column + 1)
    assert sheet.column_dimensions[column].hidden
    assert [sheet[f"{column}{row}"].value for row in (2, 31)] == [
        f"{data.receipt_id[:8]}-2",
        f"{data.receipt_id[:8]}-31",
    ]  # type: ignore[index]  # read from a receipt
    assert meta.sheet_state == "veryHidden"
    assert opened(meta["A1"].value, meta["A2"].value, seal_secret(settings())) == model.sealed


def test_a_file_that_cannot_be_read_gives_an_empty_form_and_the_reason(home: Path) -> None:
    book = _book("P530124")
    first = book["先看这里"]
    assert "读不出" in first["A2"].value
    [fault] = [row for row in first.iter_rows() if "【R04】" in str(row[1].value)]
    assert fault[4].value == "文件“报表.xlsx”"
    assert book["支部情况表"]["A2"].value == "支部编码"
    assert not book["支部情况表"]["A3"].protection.locked


def test_a_clean_unit_is_told_so(home: Path) -> None:
    assert "没有必须改的格子" in _book("P530125")["先看这里"]["A2"].value
