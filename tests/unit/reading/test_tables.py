import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.core import strict_yaml
from etl.core.programmes.layout import Column, Layout, TableLayout
from etl.core.reading.tables import NORMAL, Limits, Reading, TextTable, read_file
from tests.unit.reading.hostile.sheets import Rows, delimited, formula_workbook, workbook

BRANCHES = TableLayout(
    key="branches",
    columns=(
        Column(key="branch_id", headings=("支部编码",), type="code", required=True),
        Column(key="branch_name", headings=("支部名称",), type="name", required=True),
        Column(key="members", headings=("党员人数",), type="whole", unit_words=("人",), required=True),
        Column(key="visits", headings=("走访慰问",), type="whole", unit_words=("户",)),
    ),
)
HONOURS = TableLayout(
    key="honours",
    columns=(
        Column(key="title", headings=("荣誉名称",), type="text", required=True),
        Column(key="given_on", headings=("授予日期",), type="date", required=True),
    ),
)
FIGURES = TableLayout(
    key="unit_figures",
    one_row=True,
    columns=(
        Column(key="dues", headings=("党费收入",), type="money", unit_words=("元",)),
        Column(key="rooms", headings=("活动室",), type="whole"),
        Column(key="away", headings=("异地党员",), type="whole"),
    ),
)
LAYOUT = Layout(programme="invented", tables=(BRANCHES, HONOURS, FIGURES))
HEADINGS = ["支部编码", "支部名称", "党员人数", "走访慰问"]
RECORDS = [
    ["B001", "甲县第一党支部", 12, 3],
    ["B002", "甲县第二党支部", 8, None],
    ["B003", "乙县党支部", 20, 1],
]
SHEET = [HEADINGS, *RECORDS]


def read(content: bytes, name: str = "report.xlsx", limits: Limits = NORMAL) -> Reading:
    return read_file(content, name, LAYOUT, limits)


def only(content: bytes, name: str = "report.xlsx") -> TextTable:
    reading = read(content, name)
    (table,) = reading.tables
    assert table.rows_in == table.cells.num_rows + table.rows_blank
    return table


def rules(reading: Reading) -> list[str]:
    return [finding.rule for finding in reading.findings]


def lines(table: TextTable) -> list[tuple[int, ...]]:
    return [tuple(row.values()) for row in table.cells.to_pylist()]


TEXT = [
    (2, "B001", "甲县第一党支部", "12", "3"),
    (3, "B002", "甲县第二党支部", "8", None),
    (4, "B003", "乙县党支部", "20", "1"),
]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (workbook({"Sheet1": SHEET}), "a.xlsx"),
        (delimited(SHEET), "a.csv"),
        (b"\xef\xbb\xbf" + delimited(SHEET), "a.csv"),
        (delimited(SHEET, "gb18030"), "a.csv"),
        (delimited(SHEET, "gb18030", ";"), "a.csv"),
        (delimited(SHEET, "utf-16", "\t"), "a.txt"),
        (b"\xfe\xff" + delimited(SHEET, "utf-16-be", "\t"), "a.txt"),
    ],
)
def test_every_format_gives_the_same_text(content: bytes, name: str) -> None:
    reading = read(content, name)
    assert reading.findings == ()
    table = only(content, name)
    assert lines(table) == TEXT
    assert table.cells.column_names == ["row_number", "branch_id", "branch_name", "members", "visits"]
    assert [(place.heading, place.letter) for place in table.columns.values()] == list(
        zip(HEADINGS, "ABCD", strict=True)
    )


@pytest.mark.parametrize("wrap", [lambda records: {"branches": records}, lambda records: records])
def test_json_records_count_from_one(wrap: Callable[[object], object]) -> None:
    records = [dict(zip(HEADINGS, row, strict=True)) for row in RECORDS]
    table = only(json.dumps(wrap(records), ensure_ascii=False).encode(), "a.json")
    assert lines(table) == [(row - 1, *cells) for row, *cells in TEXT]


def test_json_keeps_digits_as_written() -> None:
    text = '[{"branch_id": 530122199001011234, "branch_name": "甲", "members": 12.0}]'
    assert lines(only(text.encode(), "a.json")) == [(1, "530122199001011234", "甲", "12.0", None)]


def test_nested_and_repeated_values_in_json_are_told_with_their_record() -> None:
    text = '[{"branch_id": "1", "branch_name": "甲", "members": [1], "branch_id": "2"}]'
    found = [(finding.rule, finding.row) for finding in read(text.encode(), "a.json").findings]
    assert found == [("R17", 1), ("R27", 1)]


def test_numbers_days_and_truths_of_a_workbook_become_plain_text() -> None:
    rows = [
        HEADINGS,
        [100200300400500, 0.1 + 0.2, 12.0, True],
        ["007", dt.date(2018, 6, 30), dt.datetime.fromisoformat("2018-06-30 08:05:00"), 0.953],
    ]
    assert lines(only(workbook({"s": rows}))) == [
        (2, "100200300400500", "0.3", "12", "true"),
        (3, "007", "2018-06-30", "2018-06-30 08:05:00", "0.953"),
    ]


def test_a_code_that_lost_digits_in_a_number_is_suspected() -> None:
    rows = [HEADINGS, [530122199001011234, "甲", 1, 1], ["530122199001011235", "乙", 1, 1]]
    reading = read(workbook({"s": rows}))
    assert [(finding.rule, finding.row, finding.column) for finding in reading.findings] == [("R28", 2, "A")]
    rows = [HEADINGS, ["5.30122E+17", "甲", 1, 1], ["530122199001011328", "乙", 1, 1]]
    reading = read(delimited(rows), "a.csv")
    assert [(finding.rule, finding.row) for finding in reading.findings] == [("R28", 2)]


def test_errors_and_uncalculated_formulas_are_told_where_they_stand() -> None:
    rows = [["标题"], HEADINGS, ["B001", "甲", "#DIV/0!", 1], ["B002", "乙", 2, None]]
    reading = read(formula_workbook(rows, {"D4": "=1+1", "F1": "=2+2"}))
    found = [(finding.rule, finding.row, finding.column, finding.observed) for finding in reading.findings]
    assert found == [("R24", 4, "D", ""), ("R23", 3, "C", "#DIV/0!")]
    assert [line[0] for line in lines(reading.tables[0])] == [3, 4]


def test_titles_blank_rows_notes_and_totals_are_set_aside_and_counted() -> None:
    rows = [
        ["某县报表"],
        ["填报单位：某县"],
        HEADINGS,
        ["甲", "乙", 1, 2],
        RECORDS[0],
        [None, " ", "　"],
        RECORDS[1],
        ["小  计", None, 20, 3],
        HEADINGS,
        RECORDS[2],
        ["合计", None, 40, 4],
        ["注：1.本表由县填报。"],
        ["2.一式两份。"],
        ["填表人：张某某", None, "审核人：李某某", "电话：13800000000"],
        [None, None, None, None, " "],
    ]
    for content, name in ((workbook({"s": rows}), "a.xlsx"), (delimited(rows), "a.csv")):
        table = only(content, name)
        assert [line[0] for line in lines(table)] == [5, 7, 10]
        assert (table.rows_in, table.rows_blank) == (11, 8)
        assert [row for row, _ in table.notes] == [4, 8, 9, 11, 12, 13, 14]
        assert table.notes[-1][1] == "填表人 审核人 电话"


def test_no_persons_name_out_of_a_signature_line() -> None:
    rows = [
        *SHEET,
        ["填表人：张某某 联系电话：13800000000"],
        ["说明：填表人：王某某"],
        ["单位负责人", "赵某某"],
    ]
    reading = read(workbook({"s": rows}))
    told = repr(reading.findings) + repr(reading.tables[0].notes)
    assert reading.tables[0].cells.num_rows == 3
    assert not [name for name in ("张某某", "王某某", "赵某某", "138") if name in told]


def test_a_record_is_no_note_because_of_its_name() -> None:
    rows = [
        HEADINGS,
        ["B1", "注册会计师行业党支部", 5, 1],
        ["B2", "统计局党支部", 5, 1],
        ["B3", "说明书厂支部", 5, 1],
    ]
    assert only(workbook({"s": rows})).cells.num_rows == 3


def test_a_record_without_a_required_value_stays_a_record() -> None:
    rows = [HEADINGS, ["B1", None, None, 1], [None, "乙支部", 3, None]]
    assert [line[0] for line in lines(only(workbook({"s": rows})))] == [2, 3]


def test_a_missing_required_column_names_what_comes_nearest() -> None:
    rows = [["支部编码", "支部全称", "党员人数"], ["B1", "甲", 1]]
    (finding, extra) = read(workbook({"s": rows})).findings
    assert (finding.rule, finding.row, finding.expected, finding.observed) == (
        "R16",
        1,
        "支部名称",
        "支部全称",
    )
    assert (extra.rule, extra.column) == ("R18", "B")


def test_headings_twice_extra_or_in_another_unit_are_told() -> None:
    rows = [["支部编码", "支部名称", "党员人数（户）", "备考", "党员人数"], ["B1", "甲", 1, "x", 2]]
    found = [
        (finding.rule, finding.column, finding.expected) for finding in read(workbook({"s": rows})).findings
    ]
    assert found == [("R17", "E", "members"), ("R19", "C", "人"), ("R18", "D", "")]


def test_an_extra_column_without_data_is_not_worth_a_word() -> None:
    assert read(workbook({"s": [[*HEADINGS, "备考"], *RECORDS]})).findings == ()


def test_every_table_is_found_on_its_own_sheet() -> None:
    honours = [["荣誉名称", "授予日期"], ["先进支部", "2018-06-30"]]
    reading = read(workbook({"封面": [["某县"]], "二": honours, "一": SHEET}))
    assert [(table.table, table.sheet) for table in reading.tables] == [("branches", "一"), ("honours", "二")]
    assert reading.findings == ()


def test_hidden_sheets_yield_to_visible_ones() -> None:
    reading = read(workbook({"旧": [*SHEET, *RECORDS], "新": SHEET}, hidden=["旧"]))
    assert reading.tables[0].sheet == "新"
    assert [(finding.rule, finding.sheet, finding.observed) for finding in reading.findings] == [
        ("R21", "旧", "6")
    ]
    reading = read(workbook({"旧": SHEET, "新": [HEADINGS]}, hidden=["旧"]))
    assert reading.tables[0].sheet == "旧"
    assert rules(reading) == ["R22"]


def test_a_second_visible_sheet_is_told() -> None:
    reading = read(workbook({"一": SHEET, "二": SHEET[:2]}))
    assert (reading.tables[0].sheet, rules(reading)) == ("一", ["R20"])


def test_headings_without_records_are_told() -> None:
    reading = read(workbook({"s": [HEADINGS, ["填表人：张某某"]]}))
    assert rules(reading) == ["R29"]
    assert (reading.tables[0].rows_in, reading.tables[0].rows_blank) == (1, 1)


def test_no_table_at_all_says_what_was_looked_for() -> None:
    (finding,) = read(workbook({"说明": [["请于七月十日前报送"]]})).findings
    assert (finding.rule, finding.observed, finding.expected) == (
        "R15",
        "说明",
        "支部编码、支部名称、党员人数、走访慰问",
    )


def test_figures_written_downwards_are_one_record() -> None:
    rows = [
        ["指标", "单位", "数值"],
        ["党费收入", "万元", 1.6],
        ["活动室", "个", 2],
        ["异地党员", "人", None],
    ]
    reading = read(workbook({"s": rows}))
    assert lines(reading.tables[0]) == [(2, "1.6", "2", None)]
    assert [(f.rule, f.row, f.column, f.observed) for f in reading.findings] == [
        ("R19", 2, "C", "党费收入（万元）")
    ]


def test_ragged_rows_of_a_csv_stay_in_their_place() -> None:
    text = (
        '县报表\n支部编码,支部名称,党员人数,走访慰问\nB1,甲\n\n"B2","乙\n支部",3,4\nB3,丙,5,6,7\nB4,丁,8,9,\n'
    )
    reading = read(text.encode(), "a.csv")
    table = only(text.encode(), "a.csv")
    assert lines(table) == [
        (3, "B1", "甲", None, None),
        (5, "B2", "乙\n支部", "3", "4"),
        (6, "B3", "丙", "5", "6"),
        (7, "B4", "丁", "8", "9"),
    ]
    assert (table.rows_in, table.rows_blank) == (5, 1)
    assert [(finding.rule, finding.row, finding.column) for finding in reading.findings] == [("R13", 6, "E")]


def test_a_row_wider_than_the_first_rows_is_told_and_kept() -> None:
    rows = [HEADINGS, *([f"B{n}", "甲", 1, 1] for n in range(60)), ["B60", "乙", 1, 1, "x", "y"]]
    reading = read(delimited(rows), "a.csv")
    found = [(finding.rule, finding.row, finding.observed, finding.expected) for finding in reading.findings]
    assert found == [("R13", 62, "6", "4")]
    assert reading.tables[0].cells.num_rows == 61


def test_a_file_of_rows_too_wide_is_refused_as_a_whole() -> None:
    rows = [
        HEADINGS,
        *([f"B{n}", "甲", 1, 1] for n in range(60)),
        *([f"C{n}", "乙", 1, 1, "x"] for n in range(50)),
    ]
    assert rules(read(delimited(rows), "a.csv", Limits(findings_per_rule=40))) == ["R30"]


def test_notes_beside_a_workbooks_table_are_one_warning() -> None:
    rows = [[*HEADINGS, None, None], [*RECORDS[0], None, "待核"], [*RECORDS[1], None, "待核"]]
    assert [(f.rule, f.row, f.column) for f in read(workbook({"s": rows})).findings] == [("R18", 2, "F")]


def test_more_faults_than_can_be_listed_refuse_the_file() -> None:
    rows = [HEADINGS, *([f"B{n}", "甲", "#REF!", 1] for n in range(9))]
    assert rules(read(workbook({"s": rows}), limits=Limits(findings_per_rule=5))) == ["R23"] * 5 + ["R30"]


def test_a_quote_inside_a_cell_is_harmless() -> None:
    text = '支部编码,支部名称,党员人数\nB1,50"电视,1\n'
    assert lines(only(text.encode(), "a.csv")) == [(2, "B1", '50"电视', "1", None)]


def test_a_cell_beyond_measure_is_told() -> None:
    rows = [HEADINGS, ["B1", "长" * 3_000, 1, 1], RECORDS[1]]
    (finding,) = read(delimited(rows), "a.csv", Limits(cell_size=5_000)).findings
    assert (finding.rule, finding.row, finding.column) == ("R25", 2, "B")
    assert len(finding.observed) < 30


CELL = st.one_of(st.none(), st.integers(0, 99_999), st.text("甲乙 　\"',;\n0aé=", max_size=6))
LINE = st.one_of(
    st.tuples(CELL, CELL, CELL, CELL).map(list),
    st.just([None] * 4),
    st.just(["合计", None, 3, None]),
    st.just(["填表人：某", None, None, None]),
    st.just(HEADINGS),
)


@settings(max_examples=60, derandomize=True)
@given(
    st.lists(LINE, max_size=12),
    st.sampled_from(["xlsx", "utf-8", "gb18030", "utf-16"]),
    st.permutations(range(4)),
    st.integers(0, 3),
)
def test_no_line_disappears(rows: Rows, kind: str, order: list[int], titles: int) -> None:
    """Every line is a record, a note or blank, and a record's number leads back to the line it came from."""
    moved = [[row[at] for at in order] for row in ([HEADINGS, *rows])]
    sheet = [*[["某县报表"]] * titles, *moved]
    content = workbook({"s": sheet}) if kind == "xlsx" else delimited(sheet, kind)
    reading = read(content, "a.xlsx" if kind == "xlsx" else "a.csv")
    (table,) = [table for table in reading.tables if table.table == "branches"]
    numbers = table.cells.column("row_number").to_pylist()
    noted = [row for row, _ in table.notes]
    assert table.rows_in == len(numbers) + table.rows_blank
    assert not set(numbers) & set(noted)
    assert numbers == sorted(set(numbers))
    for number, record in zip(numbers, table.cells.to_pylist(), strict=True):
        source = sheet[number - 1]
        for key, heading in zip(("branch_id", "branch_name"), HEADINGS, strict=False):
            written = source[moved[0].index(heading)]
            expected = None if written is None or not str(written).strip() else str(written)
            assert _plain(record[key]) == _plain(expected)
    filled = {
        at for at, row in enumerate(sheet, 1) if at > titles + 1 and any(str(c or "").strip() for c in row)
    }
    assert filled <= set(numbers) | set(noted)


def _plain(text: str | None) -> str | None:
    """Without what a workbook's XML may change: spaces at the ends and line ends."""
    return text.strip().replace("\r", "") if text else None


def test_every_rule_of_reading_has_its_words_and_every_entry_its_use() -> None:
    root = Path(__file__).parents[3]
    catalogue = strict_yaml.load((root / "expectations" / "reading.yaml").read_text(encoding="utf-8"))[
        "rules"
    ]
    source = "".join(
        path.read_text(encoding="utf-8") for path in sorted((root / "etl" / "core").rglob("*.py"))
    )
    for rule, entry in catalogue.items():
        assert f'"{rule}"' in source
        assert entry["level"] in ("file", "row", "warning")
        assert entry["sentence"]
        assert entry["remedy"]
    raised = {f"R{number:02d}" for number in range(100) if f'"R{number:02d}"' in source}
    assert raised == set(catalogue)


def test_a_layouts_digest_is_its_content() -> None:
    again = Layout.model_validate_json(LAYOUT.model_dump_json())
    other = Layout(programme="invented", tables=(BRANCHES,))
    assert again.digest == LAYOUT.digest
    assert hash(again) == hash(LAYOUT)
    assert other.digest != LAYOUT.digest
    assert LAYOUT.table("honours") is HONOURS
    with pytest.raises(KeyError):
        LAYOUT.table("absent")
