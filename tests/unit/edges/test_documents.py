"""Word copy, workbook and data annex: the same words and numbers as the model, names inert, the same bytes again."""

import csv
import io
from typing import Any

import docx
import openpyxl
import pytest

from etl.core.reports.csv_annex import figures_csv
from etl.core.reports.dispatch import ReportFrames, build_dispatch
from etl.core.reports.sheets import annex_sheets, sheets_of
from etl.core.text_width import digits_wide
from etl.edges.annex_workbook import annex_workbook
from etl.edges.templates import narrate, wording
from etl.edges.word import word_copy
from tests.support.linting import BUSY, busy, linted
from tests.unit.lint.test_english import english
from tests.unit.reports.invented_report import EDITION, MEASURES, SETTINGS, edition_of, invented

NASTY = (
    "<b>县&amp;", "=cmd|'/c calc'!A1", "+1+1县", "{{ head }}县", "{%p if x %}县", "@SUM(A1)", "第一行\n第二行", "\"引'号\"县",
    "这是一个非常非常长的单位名称用来检验版面在四十个汉字长度的名称下仍然整齐不溢出县", "]]>县", "县" + "\ue000",
)


def model_of(frames: ReportFrames, form: str = "document", **edition: Any) -> dict[str, Any]:
    settings = SETTINGS.model_copy(update={"form": {"default": form}})
    return narrate(build_dispatch(frames, edition_of("P530000", **edition), settings, MEASURES, wording()))


def word_texts(content: bytes) -> list[str]:
    paper = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for paragraph in paper.paragraphs] + cells


def book_of(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_the_word_copy_says_what_the_model_says():
    model = model_of(invented(16, 2))
    texts = word_texts(word_copy(model, EDITION.issued_on, None))
    for block in model["blocks"]:
        assert block["text"] in texts
    assert "云南省委老干部局文件" in texts
    for row in model["ranking"]["groups"][0]["rows"]:
        assert {row["name"], row["cell"], *row["cells"]} <= set(texts)


def test_a_letter_has_no_file_head_and_no_printer():
    texts = word_texts(word_copy(model_of(invented(2), form="letter"), EDITION.issued_on, None))
    assert "云南省委老干部局" in texts
    assert not any("文件" in text or "印发" in text for text in texts)


@pytest.mark.parametrize(
    "frames",
    [invented(0), invented(1), invented(16, 8, missing=1.1), invented(129, child_tier="county"),
     invented(len(NASTY), names=NASTY, missing=0.2, late=0.4, findings=1)],
    ids=["no child", "one child", "all missing", "129 children", "awkward names"],
)
def test_every_shape_is_written(frames):
    model = model_of(frames)
    assert word_texts(word_copy(model, EDITION.issued_on, None))
    assert len(book_of(annex_workbook(model, EDITION.issued_on)).sheetnames) >= 2


def test_names_are_text_and_nothing_runs():
    model = model_of(invented(len(NASTY), names=NASTY, missing=0))
    names = {row["name"] for row in model["ranking"]["groups"][0]["rows"]}
    assert len(names) == len(NASTY)
    assert names <= set(word_texts(word_copy(model, EDITION.issued_on, None)))
    cells = [
        cell for sheet in book_of(annex_workbook(model, EDITION.issued_on)) for row in sheet for cell in row
    ]
    assert names <= {cell.value for cell in cells}
    assert not any(cell.data_type == "f" for cell in cells)
    placed = {line["place"] for line in csv.DictReader(io.StringIO(figures_csv(model).lstrip("\ufeff")))}
    assert "'=cmd|'/c calc'!A1" in placed


def test_numbers_are_numbers_and_print_as_on_paper():
    model = model_of(invented(6, 2, missing=0))
    sheet = book_of(annex_workbook(model, EDITION.issued_on))["排名"]
    row = model["ranking"]["groups"][0]["rows"][0]
    first = {cell.value: cell for cell in sheet[4]}
    assert first[row["number"]].number_format == "0.0%"
    assert row["numbers"][0] in first
    assert sheet.freeze_panes == "C4"
    assert sheet.print_title_rows == "$3:$3"
    assert len(sheet._charts) == 1


IN_POINTS = '"+"#,##0.0"{after}";"−"#,##0.0"{after}";#,##0.0"{after}"'


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_change_of_a_rate_is_told_in_points_as_in_prose(language: str):
    """Read as a percentage, +1.0% of 89.0% would be 89.9% and not 90.0%."""
    model = (linted if language == "zh-CN" else english)(busy(invented(16, 3)), settings=BUSY).model
    after = {"zh-CN": "个百分点", "en": " percentage points"}[language]
    figures, ranked, *_, issues, _, _, _ = book_of(annex_workbook(model, EDITION.issued_on))
    [rate] = [row for row in figures.iter_rows(min_row=4) if row[1].value == "%"]
    told = next(figure for figure in model["headline"] if figure["percent"])
    for cell, change in ((rate[4], told["previous"]), (rate[6], told["last_year"])):
        assert (cell.value, cell.number_format) == (pytest.approx(change["by"] * 100), IN_POINTS.format(after=after))
        assert change["by_text"] == change["signed_text"].strip("+−") + after
        assert figures.column_dimensions[cell.column_letter].width > digits_wide(change["signed_text"] + after)
    assert ranked["D3"].value == {"zh-CN": "较上期增减\n（百分点）", "en": "Change\n(points)"}[language]
    assert ranked["D4"].value == pytest.approx(model["ranking"]["groups"][0]["rows"][0]["change"]["by"] * 100)
    assert ranked["D4"].number_format == '"+"#,##0.0;"−"#,##0.0;#,##0.0'
    formats = {row[0].value: row[3].number_format for row in issues.iter_rows(min_row=4)}
    assert formats == {
        issue["title"]: IN_POINTS.format(after=after) if issue["percent"] else '"+"#,##0;"−"#,##0;#,##0'
        for issue in model["issues"]
    }
    heads = {sheet.key: sheet.columns[2].head for sheet in annex_sheets(model, "issues", on_paper=True)}
    assert heads["issue-low"] == ranked["D3"].value


@pytest.mark.parametrize(
    ("language", "title", "asked", "head"),
    [
        ("zh-CN", "（{of}个参加比较的单位中{count}个）", "降幅应小于2%（上期不少于20次、所属单位没有漏报的", "较上期降幅"),
        ("en", "({count} of {of} that can be compared)", "(compared from 20 on, where no unit has left the figure", "Fall"),
    ],
)
def test_a_fall_is_told_on_paper_in_the_share_in_which_it_is_asked(language: str, title: str, asked: str, head: str):
    model = (linted if language == "zh-CN" else english)(busy(invented(16, 3)), settings=BUSY).model
    issue = next(each for each in model["issues"] if each["key"] == "fell")
    sheet = next(each for each in annex_sheets(model, "issues", on_paper=True) if each.key == "issue-fell")
    assert title.format(of=issue["of"], count=issue["count"]) in sheet.title
    assert asked in sheet.note
    cell = sheet.rows[0][2]
    assert (sheet.columns[2].head, cell.text, cell.number) == (head, issue["units"][0]["fall_text"], issue["units"][0]["fall"])
    assert cell.text.rstrip("%") in issue["units"][0]["change"]["rate_text"]


def test_an_edition_kept_from_before_points_were_told_is_made_as_it_was():
    model = linted(busy(invented(16, 3)), settings=BUSY).model
    kept = {**model, "labels": {key: text for key, text in model["labels"].items() if not key.startswith("points")}}
    figures, ranked, *_ = book_of(annex_workbook(kept, EDITION.issued_on))
    assert ranked["D3"].value == "较上期增减"
    change = model["ranking"]["groups"][0]["rows"][0]["change"]
    assert (ranked["D4"].value, ranked["D4"].number_format) == (change["by"], '"+"0.0%;"−"0.0%;0.0%')
    assert "百分点" not in "".join(cell.number_format for row in figures for cell in row)


def test_a_hidden_count_is_hidden_in_every_form():
    frames = invented(4, missing=0)
    totals = frames.totals.copy()
    few = (totals["node_id"] == "P530020") & (totals["indicator"] == "members_taking_part")
    totals.loc[few, "value"] = 3.0
    model = model_of(ReportFrames(totals, frames.completeness, frames.units, frames.findings))
    sheet = next(sheet for sheet in sheets_of(model) if sheet.key.startswith("ranking"))
    shown = {row[1].text: row[5] for row in sheet.rows}  # rank, name, figure, change, branches, members taking part
    assert (shown["曲靖市"].text, shown["曲靖市"].number) == ("＊", None)
    line = next(
        line for line in csv.DictReader(io.StringIO(figures_csv(model).lstrip("\ufeff")))
        if line["address"] == "P530020#members_taking_part"
    )
    assert (line["number"], line["text"]) == ("", "＊")


def test_the_same_model_gives_the_same_bytes():
    model = model_of(invented(8, 2))
    assert word_copy(model, EDITION.issued_on, None) == word_copy(model, EDITION.issued_on, None)
    assert annex_workbook(model, EDITION.issued_on) == annex_workbook(model, EDITION.issued_on)


def test_the_data_annex_has_every_headline_figure_with_its_address():
    model = model_of(invented(3, 2))
    lines = list(csv.DictReader(io.StringIO(figures_csv(model).lstrip("\ufeff"))))
    told = {line["address"]: line["text"] for line in lines}
    for figure in model["headline"]:
        assert told[figure["address"]] == figure["text"]


def test_two_sheets_never_share_a_name():
    frames = invented(4, missing=0)
    tiers = ["province", "prefecture", "prefecture", "provincial_unit", "county"]
    frames = ReportFrames(
        frames.totals, frames.completeness.assign(tier=tiers), frames.units, frames.findings
    )
    names = book_of(annex_workbook(model_of(frames), EDITION.issued_on)).sheetnames
    assert names[1:4] == ["排名1", "排名2", "排名3"]


@pytest.mark.parametrize(("units", "rows", "columns"), [(5, 5, 3), (6, 3, 7), (7, 4, 7)])
def test_many_units_short_of_a_rule_stand_in_two_columns_on_paper(units: int, rows: int, columns: int) -> None:
    settings = BUSY.model_copy(update={"issues": (BUSY.issues[0].model_copy(update={"threshold": 1.01}),)})
    model = narrate(build_dispatch(invented(units, missing=0), EDITION, settings, MEASURES, wording()))
    (sheet,) = annex_sheets(model, "issues", on_paper=True)
    assert (len(sheet.rows), {len(row) for row in sheet.rows}, len(sheet.columns)) == (rows, {columns}, columns)
    names = [row[at].text for at in range(0, columns, 4) for row in sheet.rows if row[at].text]
    assert names == [unit["name"] for unit in model["issues"][0]["units"]]
