"""The loop over every kind of fault that the simulator can plant; a new kind is played through as soon as it is there.

Counties file returns with all kinds in them, as many counties as it takes to hold them. For each the clerk reads the page,
fetches the workbook, puts the marked rows right, explains what is asked, has LibreOffice save it, and sends it back.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from playwright.sync_api import Page

from etl import tasks
from etl.core.access import Viewer
from etl.core.programmes.layout import TableLayout
from etl.edges.store.receipts import current_texts, texts_of
from etl.edges.texts import text_cells
from etl.stages.context import Context, open_context
from etl.stages.frames import rule_texts
from tests.support.clerk import saved_by_libreoffice, told
from tests.support.faulty import Round, faultless, kinds_to_fix, rounds, write_returns
from tests.support.filing import home_at, run, stored

pytestmark = pytest.mark.browser

KEY = ("yunnan-model-branch", "2018H1")
TOP, AS_OF = "P530000", "2018-07-26"
ADDED = ("activities", "honours")  # what is planted there are lines too many: the clerk takes them out
Cells = dict[str, dict[int, dict[str, Any]]]  # table → row → column key → text
Serve = Callable[[Viewer], str]


@pytest.fixture(scope="module")
def planned() -> list[Round]:
    return rounds(*KEY, branches=40)


@pytest.fixture(scope="module")
def right(planned: list[Round], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Cells]:
    """What each county should have filed, by unit, as it reads without a fault."""
    with home_at(tmp_path_factory.mktemp("right")) as home:
        write_returns(home / "feeds", *KEY, faultless(planned))
        tasks.gather(*KEY, None, AS_OF)
        tasks.read(*KEY, None)
        context = open_context(*KEY)
        found: dict[str, Cells] = {}
        for text in current_texts(context.store, *KEY):
            rows = text_cells(context.landing, text.text_path, text.receipt_id).to_pylist()
            found.setdefault(text.unit_id, {})[text.table_name] = {row["row_number"]: row for row in rows}
    return found


@pytest.fixture(scope="module")
def context(planned: list[Round], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """The period before stands without a fault, the period itself came with all of them."""
    with home_at(tmp_path_factory.mktemp("faulty")) as home:
        write_returns(home / "feeds", KEY[0], "2017H2", faultless(planned))
        run(KEY[0], "2017H2", "2018-01-26", roll_up=False)
        write_returns(home / "feeds", *KEY, planned)
        run(*KEY, AS_OF)
        yield open_context(*KEY)


def _findings(unit_id: str) -> pd.DataFrame:
    found = stored("findings", *KEY)
    return found[found.unit_id == unit_id]


def _edit(path: Path, context: Context, right: Cells) -> dict[str, dict[int, dict[str, Any]]]:
    """Put every row right that is marked as held, in its unlocked cells alone, and answer all questions; gives back its rows."""
    book = openpyxl.load_workbook(path)
    sent: Cells = {}
    for table in context.bundle.layout(context.period).tables:
        name = next((name for name in book.sheetnames if name in table.sheet_names), None)
        if name is not None:
            sent[table.key] = _edit_sheet(book[name], table, right[table.key])
    if "请说明" in book.sheetnames:
        for row in range(2, book["请说明"].max_row + 1):
            book["请说明"][f"J{row}"] = "已逐一核对，情况属实"
    book.save(path)
    return sent


def _edit_sheet(sheet: Worksheet, table: TableLayout, right: dict[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
    headings = {heading: column.key for column in table.columns for heading in column.headings}
    top = next(row for row in range(1, 12) if sum(cell.value in headings for cell in sheet[row]) > 1)
    columns = {cell.column: headings[cell.value] for cell in sheet[top] if cell.value in headings}
    blank = all(cell.value is None for row in sheet.iter_rows(min_row=top + 1, max_row=top + 1) for cell in row)
    signs = next(cell.column for cell in sheet[top] if cell.value == "标记")
    lines = list(right.values()) if blank else []
    last = max(sheet.max_row, top + len(lines))
    for row in range(top + 1, last + 1):
        marked = "✗" in str(sheet.cell(row, signs).value or "")
        line = lines[row - top - 1] if row - top <= len(lines) else right.get(row, {}) if marked and not blank else None
        if line is None:
            continue
        for at, key in columns.items():
            cell = sheet.cell(row, at)
            if not cell.protection.locked or blank:  # lines may be added to an empty form
                cell.value = None if table.key in ADDED and not blank else line.get(key)
    return {row: {key: sheet.cell(row, at).value for at, key in columns.items()} for row in range(top + 1, last + 1)}


def test_every_kind_of_fault_goes_through_the_loop(
    planned: list[Round], right: dict[str, Cells], context: Context, serve: Serve, page: Page, tmp_path: Path
) -> None:
    assert sorted(kind for each in planned for kind in each.kinds) == sorted(kinds_to_fix(*KEY))
    for each in planned:
        unit = each.plan.unit
        before, was = _findings(unit.unit_id), stored("totals", *KEY)
        assert set(each.kinds) <= set(before.rule), unit.code
        page.goto(serve(Viewer("clerk", frozenset({unit.code}))))
        page.get_by_role("link", name=unit.name).first.click()
        shown = " ".join(page.locator("details.group .sentence").all_inner_texts())
        texts = rule_texts(context)
        assert [kind for kind in each.kinds if texts[kind][0] not in shown] == [], unit.code
        with page.expect_download() as fetched:
            page.get_by_role("link", name="下载修改单").click()
        path = tmp_path / unit.code / "修改单.xlsx"
        fetched.value.save_as(path)
        sent = _edit(path, context, right[unit.unit_id])
        page.set_input_files("#file", saved_by_libreoffice(path, path.parent))
        page.get_by_role("button", name="上传并核对").click()
        page.wait_for_url("**/upload")
        for rest in page.locator("section.told details:not([open]) summary").all():
            rest.click()  # of many kinds the first stand unfolded
        fixed = page.locator("section.told", has_text="处已改好").inner_text()
        errors = set(before.rule[before.level != "warning"]) & set(each.kinds)
        assert [kind for kind in errors if texts[kind][0] not in fixed] == [], unit.code
        assert told(page, "仍待改") == 0, unit.code
        page.get_by_role("link", name=re.compile("继续处理其余问题|回到本单位")).click()
        _fix_the_sums(page)
        assert page.locator("details.group.bad").count() == 0, unit.code
        assert "已采用" in page.locator("h1").inner_text(), unit.code
        tasks.roll_up(*KEY)
        grown, expected = _growth(was, stored("totals", *KEY)), _returned(context, before, sent)
        if (before.level == "warning").all():  # nothing was held, and nothing but answers came back
            assert not any(grown.values()), unit.code
        else:
            assert len(expected) > 3, unit.code
        assert {key: grown[key] for key in expected} == expected, unit.code


def _fix_the_sums(page: Page) -> None:
    """A unit's own total has to follow its branches once these are right: put it right on the page itself."""
    while page.locator("details.group", has_text="F11").count():
        line = page.locator("details.group", has_text="F11").locator("tbody tr").first
        line.locator("details.fix summary").click()
        line.locator("input[name=value]").first.fill(line.locator("td[data-label=应为]").inner_text())
        line.get_by_label("理由").fill("按改正后的支部合计")
        line.get_by_role("button", name="更正并核对").click()
        page.wait_for_url("**/fix")
        page.get_by_role("link", name=re.compile("继续处理其余问题|回到本单位")).click()


def _growth(was: pd.DataFrame, now: pd.DataFrame) -> dict[str, Decimal]:
    """By how much each of the province's sums has grown."""
    then, there = (
        each[(each.node_id == TOP) & (each.part == "") & each.value.notna()].set_index("indicator").value for each in (was, now)
    )
    return {key: Decimal(f"{value:.4f}") - Decimal(f"{then.get(key, 0):.4f}") for key, value in there.items()}


def _returned(context: Context, before: pd.DataFrame, sent: Cells) -> dict[str, Decimal]:
    """What the rows that were held say in the workbook that came back, for figures that are sums and are filed in one table."""
    layout, catalogue = context.bundle.layout(context.period), context.bundle.catalogue
    tables = [layout.table(name) for name in ("branches", "unit_figures")]
    filed = [column.indicator for table in tables for column in table.columns]
    sums: dict[str, Decimal] = {}
    for table in tables:
        held = before[(before.level == "row") & (before.table_name == table.key)].row_number
        stopped = before[(before.level == "file") & before.sheet.fillna("").isin(["", *table.sheet_names])]
        carried = {text.table_name for text in texts_of(context.store, stopped.receipt_id)}
        whole = len(stopped) > 0 and (not carried or table.key in carried)  # a CSV file is one table; an unreadable one, all
        rows = [row for at, row in sent[table.key].items() if any(row.values()) and (whole or at in set(held))]
        for column in table.columns:
            indicator = catalogue.indicators.get(column.indicator or "")
            if indicator is None or indicator.rollup != "sum" or column.part or filed.count(column.indicator) > 1:
                continue
            values = [_number(row[column.key]) for row in rows]
            if rows and None not in values:
                sums[indicator.key] = sum((value for value in values if value is not None), Decimal(0))
    return sums


def _number(value: Any) -> Decimal | None:
    text = str(value if value is not None else "")
    return Decimal(text) if text.replace(".", "", 1).isdigit() else None
