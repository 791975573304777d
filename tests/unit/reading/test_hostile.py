"""Whatever is sent: a clear finding, soon, and without eating the machine."""

import random
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from etl.core.programmes.layout import Column, Layout, TableLayout
from etl.core.reading.tables import NORMAL, Limits, Reading, read_file
from tests.unit.reading.hostile import attacks
from tests.unit.reading.hostile.catalogue import UNREADABLE
from tests.unit.reading.hostile.sheets import delimited, workbook

LAYOUT = Layout(
    programme="invented",
    tables=(
        TableLayout(
            key="branches",
            columns=(
                Column(key="branch_id", headings=("支部编码",), type="code", required=True),
                Column(key="branch_name", headings=("支部名称",), type="name", required=True),
                Column(key="members", headings=("党员人数",), type="whole"),
            ),
        ),
    ),
)


@pytest.fixture(autouse=True)
def _bounded() -> Iterator[None]:
    """Two gigabytes above what the process holds now, and ten seconds of its own, however busy the machine is."""
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (held + (2 << 30), hard))
    started = time.process_time()
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    assert time.process_time() - started < 10


def read(content: bytes, name: str = "report.xlsx", limits: Limits = NORMAL) -> Reading:
    return read_file(content, name, LAYOUT, limits)


def rules(reading: Reading) -> list[str]:
    return [finding.rule for finding in reading.findings]


@pytest.mark.parametrize(("make", "rule"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_one_finding(make: Callable[[], bytes], rule: str) -> None:
    reading = read(make())
    assert rules(reading) == [rule]
    assert reading.tables == ()


def test_too_much_json_is_refused_before_it_is_parsed() -> None:
    content = b'[{"a": 1}' + b" " * 2_000 + b"]"
    assert rules(read(content, limits=Limits(json_size=1_000))) == ["R02"]


def test_macros_are_named_and_the_data_read() -> None:
    reading = read(attacks.macros(), "report.xlsm")
    assert rules(reading) == ["R07"]
    assert reading.tables[0].cells.num_rows == 1


def test_archives_inside_an_archive_are_not_opened() -> None:
    assert read(attacks.nested_bomb()).tables[0].cells.num_rows == 1


def test_an_old_workbook_is_read() -> None:
    reading = read(attacks.xls(), "report.xls")
    assert reading.findings == ()
    assert reading.tables[0].cells.to_pylist() == [
        {"row_number": 2, "branch_id": "B001", "branch_name": "甲县第一党支部", "members": "12"}
    ]


@pytest.mark.parametrize("name", ["report.csv", "../../etc/passwd", "报表", "a.xlsx\0.exe", "x" * 10_000])
def test_a_name_says_nothing_but_its_ending(name: str) -> None:
    reading = read(attacks.ordinary(), name)
    assert reading.tables[0].cells.num_rows == 1
    assert rules(reading) == ["R06"]
    assert all(len(finding.observed) <= 8 for finding in reading.findings)


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+1+1", "@SUM(A1)", "-2+3|cmd"])
def test_a_formula_in_disguise_stays_text(text: str) -> None:
    rows = [attacks.HEADINGS, ["B001", text, 1]]
    for content, name in ((workbook({"支部": rows}), "a.xlsx"), (delimited(rows), "a.csv")):
        assert read(content, name).tables[0].cells.column("branch_name").to_pylist() == [text]


@pytest.mark.parametrize("escape", ["\\u0000", "\\ud800"])
def test_a_character_that_no_store_holds_is_shown_as_such_in_json(escape: str) -> None:
    record = f'{{"支部编码": "B1{escape}", "支部名称": "甲", "党员人数": "12{escape}", "备注{escape}": "x"}}'
    reading = read(f'{{"表{escape}": [{record}]}}'.encode(), "report.json")
    (row,) = reading.tables[0].cells.to_pylist()
    assert (row["branch_id"], row["members"]) == ("B1\ufffd", "12\ufffd")
    assert {finding.sheet for finding in reading.findings} == {"表\ufffd"}
    assert [finding.observed for finding in reading.findings] == ["备注\ufffd"]


def test_a_nul_in_a_workbook_is_shown_as_such() -> None:
    cells = "".join(
        f'<row r="{row}">' + "".join(f'<c r="{column}{row}" t="inlineStr"><is><t>{text}</t></is></c>'
                                     for column, text in zip("ABC", texts, strict=True)) + "</row>"
        for row, texts in enumerate([attacks.HEADINGS, ["B_x0000_1", "甲", "12"]], 1)
    )
    (row,) = read(attacks.with_sheet(attacks.sheet_xml(cells))).tables[0].cells.to_pylist()
    assert row["branch_id"] == "B\ufffd1"


def test_damaged_bytes_never_escape_as_an_exception() -> None:
    """A short fuzz with a fixed seed: the parser panics on some of these, and the process must not notice."""
    chance = random.Random(20260101)
    for original in (attacks.ordinary(), attacks.xls(), delimited([attacks.HEADINGS, attacks.ROW])):
        for _ in range(150):
            damaged = bytearray(
                original[: chance.randrange(1, len(original) + 1)] if chance.random() < 0.2 else original
            )
            for _ in range(chance.randrange(1, 9)):
                damaged[chance.randrange(len(damaged))] = chance.choice((0, 255, chance.randrange(256)))
            reading = read(bytes(damaged))
            assert reading.findings or reading.tables
