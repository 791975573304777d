"""A fix-me workbook that LibreOffice itself has opened, changed and saved still comes home."""

import datetime as dt
import io
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from etl.core.reading.tables import read_file
from etl.core.returns.events import By
from etl.stages.context import Context, open_context
from etl.stages.feedback import feedback_workbook
from etl.stages.resubmit import resubmit
from tests.support.filing import home_at, run, unit, write
from tests.support.returning import both, edited, setting

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed"),
]
YUNNAN, PERIOD, UNIT = "yunnan-model-branch", "2018H1", "P530122"
AT = dt.datetime(2018, 8, 1, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
FORMULA, TAGS = '=HYPERLINK("http://x.test","点我")', "<r><t>注入</t></r>"


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    county = unit(YUNNAN, PERIOD, "530122", branches=40)
    county.set("branches", 0, members="二十", branch_name=FORMULA).set(
        "branches", 1, members="", branch_name=TAGS
    )
    county.set("branches", 2, branch_kind="其它").set("branches", 3, dues_collected="30", dues_returned="30")
    county.set("branches", 4, attendance_rate="0.85", dues_collected="1200.5", dues_returned="1200.5")
    with home_at(tmp_path / "home") as home:
        write(home, YUNNAN, PERIOD, [county, unit(YUNNAN, PERIOD, "530124")])
        run(YUNNAN, PERIOD, "2018-07-31", roll_up=False)
        yield open_context(YUNNAN, PERIOD)


def saved_by_libreoffice(content: bytes, folder: Path) -> bytes:
    """The workbook opened and saved by LibreOffice without a screen, with a profile of its own."""
    source, out = folder / "in" / "修改单.xlsx", folder / "out"
    source.parent.mkdir(exist_ok=True)
    source.write_bytes(content)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(out), str(source)],
        check=True, capture_output=True, timeout=180,
    )
    return (out / source.name).read_bytes()


def test_a_save_changes_nothing(context: Context, tmp_path: Path) -> None:
    content, layout = feedback_workbook(context, UNIT), context.bundle.layout(context.period)
    before = read_file(content, "a.xlsx", layout)
    after = read_file(saved_by_libreoffice(content, tmp_path), "a.xlsx", layout)
    assert [table.cells for table in after.tables] == [table.cells for table in before.tables]
    assert [table.columns for table in after.tables] == [table.columns for table in before.tables]
    assert after.returned == before.returned
    assert after.findings == ()


def test_notes_marks_lists_and_locks_are_still_there(context: Context, tmp_path: Path) -> None:
    saved = saved_by_libreoffice(feedback_workbook(context, UNIT), tmp_path)
    book = openpyxl.load_workbook(io.BytesIO(saved))
    sheet = book["支部情况表"]
    cell = next(cell for cell in sheet["F"] if cell.value == "二十")
    assert "【F01】" in cell.comment.text
    assert "✗" in cell.number_format
    assert (cell.protection.locked, sheet.protection.sheet) == (False, True)
    assert any("功能性党支部" in str(rule.formula1) for rule in sheet.data_validations.dataValidation)
    assert sheet["B2"].value == FORMULA
    assert sheet["B2"].data_type == "s"
    assert book["_sanji"].sheet_state != "visible"


def test_it_is_fixed_saved_and_sent_back(context: Context, tmp_path: Path) -> None:
    put_right = setting(
        context, "branches", {("members", 2): 20, ("members", 3): 20, ("branch_kind", 4): "普通党支部"}
    )

    def explain(book: openpyxl.Workbook) -> None:
        book["请说明"]["J2"] = "困难党员按规定减免"

    opened = saved_by_libreoffice(feedback_workbook(context, UNIT), tmp_path)
    saved = saved_by_libreoffice(edited(opened, both(put_right, explain)), tmp_path)
    answer = resubmit(
        context, saved, "修改单.xlsx", unit_id=None, by=By("县委老干部局", AT), channel="mail"
    )
    assert (answer.refusal, answer.taken, answer.explained) == ("", True, 1)
    assert sorted(fault.rule for fault in answer.fixed) == ["B05", "F01", "F02", "F11"]
    assert answer.new == ()
