import pyarrow as pa
import pytest

from etl.core.programmes.layout import Column, TableLayout
from etl.core.reading.grids import Grid, column_index, column_letter
from etl.core.reading.headings import HeadingIndex, HeadingMatch, find_headings, fold_heading
from tests.unit.reading.hostile.sheets import Rows

BRANCHES = TableLayout(
    key="branches",
    sheet_names=("支部情况",),
    columns=(
        Column(key="branch_id", headings=("支部编码",), type="code", required=True),
        Column(key="branch_name", headings=("支部名称", "党支部"), type="name", required=True),
        Column(
            key="members",
            headings=("党员人数", "党员人数（人）"),
            type="whole",
            unit_words=("人", "名"),
            required=True,
        ),
        Column(key="visits", headings=("走访慰问",), type="whole", unit_words=("户",)),
        Column(key="named", headings=("命名党支部数",), type="whole"),
        Column(key="named__county", headings=("命名党支部数/县级",), type="whole", part="county"),
        Column(key="named__province", headings=("命名党支部数/省级",), type="whole", part="province"),
    ),
)
FIGURES = TableLayout(key="unit_figures", one_row=True, columns=BRANCHES.columns[2:])
INDEXES = (HeadingIndex(BRANCHES), HeadingIndex(FIGURES))


def grid(rows: Rows, sheet: str = "Sheet1") -> Grid:
    width = max(len(row) for row in rows)
    padded = [[*row, *[None] * (width - len(row))] for row in rows]
    return Grid(sheet, tuple(pa.array(column, pa.string()) for column in zip(*padded, strict=True)))


def match(rows: Rows) -> HeadingMatch:
    found = find_headings(grid(rows), INDEXES)
    assert found is not None
    return found


def places(rows: Rows) -> dict[str, int]:
    return {key: place.index for key, place in match(rows).places.items()}


HEADINGS = ["支部编码", "支部名称", "党员人数", "走访慰问"]
RECORD = ["B1", "甲支部", "12", "3"]
PLACES = {"branch_id": 0, "branch_name": 1, "members": 2, "visits": 3}


@pytest.mark.parametrize(
    "headings",
    [
        HEADINGS,
        ["支 部 编 码", "支部\n名称", "党员人数　", "走访慰问："],
        ["*支部编码", "支部名称*", "党员人数（人）", "走访慰问【户】"],
        ["1.支部编码", "2、支部名称", "3.党员人数", "4.走访慰问"],
        ["支部編碼", "黨支部", "黨員人數", "走訪慰問"],
        ["branch_id", "branch_name", "members", "visits"],
        ["支部编码", "支部名称", "党员人数(名)", "走访慰问(单位:户)"],
    ],
)
def test_headings_are_known_however_they_are_spelled(headings: list[str]) -> None:
    assert places([headings, RECORD]) == PLACES


def test_headings_are_found_below_titles_and_in_any_order() -> None:
    rows = [
        ["某县报表"],
        ["填报单位：某县", None, "2018年"],
        list(reversed(HEADINGS)),
        list(reversed(RECORD)),
    ]
    found = match(rows)
    assert found.data_line == 3
    assert {key: place.index for key, place in found.places.items()} == {
        key: 3 - at for key, at in PLACES.items()
    }


def test_a_merged_group_stands_over_its_parts_and_no_further() -> None:
    rows = [
        ["支部编码", "支部名称", "命名党支部数", None, None, "党员人数", "走访慰问"],
        [None, None, "合计", "省级", "县级", None, None],
        ["B1", "甲支部", "3", "1", "2", "12", "3"],
    ]
    found = match(rows)
    assert found.data_line == 2
    assert {key: place.index for key, place in found.places.items()} == {
        "branch_id": 0,
        "branch_name": 1,
        "named": 2,
        "named__province": 3,
        "named__county": 4,
        "members": 5,
        "visits": 6,
    }
    assert found.places["named__county"].heading == "命名党支部数/县级"


def test_a_group_that_only_decorates_is_passed_over() -> None:
    rows = [["基本情况", None, "工作情况", None], HEADINGS, RECORD]
    assert places(rows) == PLACES


@pytest.mark.parametrize("heading", ["命名党支部数-县级", "命名党支部数（县级）", "命名党支部数／县级"])
def test_a_part_may_stand_in_the_same_cell(heading: str) -> None:
    assert places([[*HEADINGS, heading], [*RECORD, "1"]])["named__county"] == 4


def test_a_line_of_units_belongs_to_the_headings() -> None:
    found = match([[*HEADINGS, "其他"], [None, None, "（人）", "人次", None], [*RECORD, "1"]])
    assert found.data_line == 2
    assert found.places["members"].unit == "人"
    assert found.places["visits"].unit == "人次"


def test_a_unit_in_brackets_is_kept_and_other_words_are_not() -> None:
    found = match([["支部编码", "支部名称", "党员人数（不含预备）", "走访慰问（万元）"], RECORD])
    assert found.places["members"].unit is None
    assert found.places["visits"].unit == "万元"


def test_unknown_and_repeated_headings_are_told_and_serial_numbers_are_not() -> None:
    found = match([["序号", *HEADINGS, "书记电话", "党员人数"], ["1", *RECORD, "1", "12"]])
    assert [place.heading for place in found.unknown] == ["书记电话"]
    assert [(key, place.index) for key, place in found.repeated] == [("members", 6)]


def test_a_table_written_downwards() -> None:
    rows = [
        ["某县汇总"],
        ["序号", "指标", "分项", "计量单位", "数值"],
        ["1", "党员人数", None, "人", "120"],
        ["2", "命名党支部数", None, "个", "3"],
        ["3", None, "省级", "个", "1"],
        ["4", None, "县级", "个", "2"],
        ["5", "走访慰问", None, "人次", "9"],
    ]
    found = match(rows)
    assert found.table.key == "unit_figures"
    assert found.downward
    lines = {key: place.line for key, place in found.places.items()}
    assert lines == {"members": 2, "named": 3, "named__province": 4, "named__county": 5, "visits": 6}
    assert found.places["visits"].unit == "人次"


def test_two_columns_without_headings_are_read_downwards() -> None:
    found = match([["党员人数", "120"], ["走访慰问（户）", "9"], ["命名党支部数", "3"]])
    assert {key: place.line for key, place in found.places.items()} == {"members": 0, "visits": 1, "named": 2}


@pytest.mark.parametrize("rows", [[["目录"], ["第一页"]], [["支部名称"]], [["1", "2"], ["3", "4"]]])
def test_what_looks_like_no_table_is_none(rows: Rows) -> None:
    assert find_headings(grid(rows), INDEXES) is None


def test_a_sheets_name_settles_what_fits_equally() -> None:
    twin = BRANCHES.model_copy(update={"key": "twin", "sheet_names": ("备用",)})
    indexes = (HeadingIndex(BRANCHES), HeadingIndex(twin))
    rows = [[*HEADINGS, "其他"], [*RECORD, "1"]]
    for sheet, key in (("备用", "twin"), ("支部情况", "branches")):
        found = find_headings(grid(rows, sheet), indexes)
        assert found is not None
        assert found.table.key == key


def test_folding_is_settled_after_one_time() -> None:
    for heading in ("2.黨員 人數【人】：", "命名党支部数—县级", "走访慰问（户）*"):
        assert fold_heading(fold_heading(heading)) == fold_heading(heading)


@pytest.mark.parametrize("index", [0, 25, 26, 701, 702, 16_383])
def test_letters_and_numbers_of_columns_are_the_same_thing(index: int) -> None:
    assert column_index(column_letter(index)) == index
