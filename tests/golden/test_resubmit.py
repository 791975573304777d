"""A fix-me workbook comes back: fixed, still open, new; only this unit changes; the better version counts."""

import datetime as dt
import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from etl import tasks
from etl.core.reading.fixes import ChangedCell, Fix, FixRecord
from etl.core.returns.events import By
from etl.core.returns.resubmission import Answer
from etl.edges.store.history import UnitEvent, history_of, record
from etl.edges.store.receipts import current_texts
from etl.stages.context import Context, open_context
from etl.stages.feedback import feedback_model, feedback_workbook, standing_rows
from etl.stages.resubmit import fix_cells, resubmit
from etl.stages.returns import returns
from etl.tasks.returns import changed_returns, record_announced
from tests.support.filing import copy_of, heading, home_at, letter, run, stored, unit, write
from tests.support.returning import both, edited, returned, setting

YUNNAN, PERIOD, UNIT, OTHER = "yunnan-model-branch", "2018H1", "P530122", "P530124"
AT = dt.datetime(2018, 8, 1, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def _county() -> Any:
    county = unit(YUNNAN, PERIOD, "530122", branches=6)
    county.set("branches", 0, members="二十").set("branches", 1, members="").set(
        "branches", 2, branch_kind="其它"
    )
    county.set("branches", 3, dues_collected="30", dues_returned="30")
    return county.set("unit_figures", 0, members="120")


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filed")
    with home_at(folder):
        write(folder, YUNNAN, PERIOD, [_county(), unit(YUNNAN, PERIOD, "530124")])
        run(YUNNAN, PERIOD, "2018-07-31", roll_up=False)
    return folder


@pytest.fixture
def context(filed: Path, tmp_path: Path) -> Iterator[Context]:
    """Both counties judged and published; each test has its own copy."""
    with copy_of(filed, tmp_path / "home"):
        yield open_context(YUNNAN, PERIOD)


def _send(context: Context, content: bytes, at: dt.datetime = AT, **more: Any) -> Answer:
    chosen: dict[str, Any] = {"unit_id": UNIT, "by": By("县委老干部局", at), "channel": "page", **more}
    return resubmit(context, content, "修改单.xlsx", **chosen)


def _rules(faults: tuple[Any, ...]) -> list[str]:
    return sorted(fault.rule for fault in faults)


def _slices(unit_id: str) -> dict[str, tuple[int, int, str]]:
    rows = stored("current_slices", YUNNAN, PERIOD)
    return {
        r.table_name: (r.rows_accepted, r.rows_held, r.path)
        for r in rows[rows.unit_id == unit_id].itertuples()
    }


def _findings(unit_id: str) -> list[str]:
    found = stored("findings", YUNNAN, PERIOD)
    return sorted(found[(found.unit_id == unit_id) & (found.stage == "validate")].rule)


FIXED = {("members", 2): 20, ("members", 3): 20, ("branch_kind", 4): "普通党支部"}


@dataclass(frozen=True)
class PutRight:
    """A home in which the county has sent its workbook with all put right, once for all tests that begin there."""

    folder: Path
    content: bytes
    answer: Answer


@pytest.fixture(scope="module")
def put_right(filed: Path, tmp_path_factory: pytest.TempPathFactory) -> PutRight:
    folder = tmp_path_factory.mktemp("put-right") / "home"
    with copy_of(filed, folder):
        context = open_context(YUNNAN, PERIOD)
        content = returned(context, UNIT, setting(context, "branches", FIXED))
        return PutRight(folder, content, _send(context, content))


@pytest.fixture
def corrected(put_right: PutRight, tmp_path: Path) -> Iterator[Context]:
    """The county's workbook has come back and counts; each test has its own copy."""
    with copy_of(put_right.folder, tmp_path / "home"):
        yield open_context(YUNNAN, PERIOD)


def test_all_put_right_counts_at_once_and_only_for_this_unit(filed: Path, put_right: PutRight) -> None:
    with home_at(filed):
        other, before = _slices(OTHER), _slices(UNIT)
    assert (before["branches"][:2], before["unit_figures"][:2]) == ((3, 3), (0, 1))
    answer = put_right.answer
    assert (answer.accepted, answer.taken, answer.standing) == (True, True, "新报表已采用。")
    assert _rules(answer.fixed) == ["B05", "F01", "F02", "F11"]
    assert (_rules(answer.still_open), answer.new) == (["T01"], ())
    with home_at(put_right.folder):
        assert [_slices(UNIT)[name][:2] for name in ("branches", "unit_figures")] == [(6, 0), (1, 0)]
        assert _slices(OTHER) == other
        assert _findings(UNIT) == ["T01"]


def test_a_return_in_force_is_told_to_the_roll_ups_once(corrected: Context) -> None:
    [batch] = changed_returns("2018-08-02")
    assert (batch["batch_id"], batch["units"]) == ("P530100", [UNIT])
    assert {f"{PERIOD}|{YUNNAN}|P530100|{each}" for each in (UNIT, OTHER)} <= set(batch["keys"])  # the roll-up wants them all
    assert record_announced([batch], AT + dt.timedelta(hours=2)) == 1
    assert changed_returns("2018-08-02") == []
    fix = Fix(table="branches", row=5, column="party_meetings", value="3")
    assert fix_cells(corrected, UNIT, [fix], "核对", By("甲", AT + dt.timedelta(hours=3))).taken
    assert [each["units"] for each in changed_returns("2018-08-02")] == [[UNIT]]


def test_a_unit_that_has_left_the_register_is_told_of_and_holds_up_nobody(
    corrected: Context, caplog: pytest.LogCaptureFixture
) -> None:
    gone = {YUNNAN: "P999999", "a-programme-of-the-past": "P530122"}
    for programme, unit_id in gone.items():
        record(corrected.store, programme, PERIOD, UnitEvent(unit_id, AT, "uploaded", {"taken": True}, "甲"))
    assert [each["units"] for each in changed_returns("2018-08-02")] == [[UNIT]]
    assert "P999999" in caplog.text
    assert "a-programme-of-the-past" in caplog.text


def test_a_ledger_that_was_asked_for_comes_back_with_an_entry_more(context: Context) -> None:
    entry = {"branch_id": "530122-B001", "held_on": "2018-03-05", "activity_kind": "党员大会", "activity_title": "学习"}
    entry |= {"attendance_due": "20", "attendance_present": "15", "attendance_excused": "2"}
    ledger = _county()
    ledger.tables = {"activities": [entry]}  # of the branch's two meetings
    ledger.arrived += dt.timedelta(days=1)
    write(context.landing.folder.parent, YUNNAN, PERIOD, [ledger])
    run(YUNNAN, PERIOD, "2018-07-31", roll_up=False)
    name = context.bundle.layout(context.period).table("activities").sheet_names[0]
    assert name not in openpyxl.load_workbook(io.BytesIO(feedback_workbook(context, UNIT))).sheetnames

    def note_another(book: Any) -> None:
        sheet = book[name]
        for key, value in {**entry, "held_on": "2018-05-07"}.items():
            cell = sheet[f"{letter(YUNNAN, PERIOD, 'activities', key)}3"]
            assert not cell.protection.locked
            cell.value = value
        assert not sheet[f"{letter(YUNNAN, PERIOD, 'activities', 'held_on')}2"].protection.locked

    answer = _send(context, edited(feedback_workbook(context, UNIT, all_ledgers=True), note_another))
    assert (answer.taken, _rules(answer.fixed), answer.new) == (True, ["F12"], ())
    assert _slices(UNIT)["activities"][:2] == (2, 0)


def test_rows_may_be_moved_and_a_wrong_value_stays_open(context: Context) -> None:
    def upside_down(book: Any) -> None:
        sheet = book["支部情况表"]
        lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2, max_row=7)]
        for number, line in enumerate(reversed(lines), 2):
            for column, value in enumerate(line, 1):
                sheet.cell(number, column, value)

    content = returned(
        context, UNIT, both(setting(context, "branches", FIXED | {("members", 2): "廿"}), upside_down)
    )
    answer = _send(context, content)
    assert (_rules(answer.fixed), _rules(answer.still_open), answer.new) == (
        ["B05", "F02"],
        ["F01", "F11", "T01"],
        (),
    )
    assert next(f.observed for f in answer.still_open if f.rule == "F01") == "廿"
    assert next(f.row for f in answer.still_open if f.rule == "F01") == 7


def test_rows_may_be_added_and_taken_away(context: Context) -> None:
    def edit(book: Any) -> None:
        sheet = book["支部情况表"]
        sheet.delete_rows(3)
        for cell in sheet[6]:
            sheet.cell(7, cell.column, cell.value)
        sheet["A7"], sheet["B7"] = "530122-B099", "测试第99党支部"

    answer = _send(
        context,
        returned(context, UNIT, both(setting(context, "branches", {("branch_kind", 4): "普通党支部"}), edit)),
    )
    assert _rules(answer.fixed) == ["B05", "F02"]
    assert [fault.rule for fault in answer.new] == ["K03"]  # the row added is a copy of another, and asked about


def test_a_worse_version_waits_and_what_counts_stays(context: Context) -> None:
    before, told = _slices(UNIT), _findings(UNIT)
    assert changed_returns("2018-08-02") == []
    worse = returned(
        context, UNIT, setting(context, "branches", {("members", 5): "", ("members", 6): "很多"})
    )
    answer = _send(context, worse)
    assert (answer.taken, _rules(answer.new)) == (False, ["F01", "F02"])
    assert answer.standing == "现行报表暂不替换：新报表未计入的有6行，比现行的4行多。"
    assert history_of(context.store, *context.key, [UNIT])[-1]["detail"]["reason"] == answer.standing
    assert (_slices(UNIT), _findings(UNIT)) == (before, told)
    assert changed_returns("2018-08-02") == []  # what does not count changes no total
    tasks.read(YUNNAN, PERIOD, None)
    tasks.validate(YUNNAN, PERIOD, None)
    tasks.publish(YUNNAN, PERIOD, None)
    assert [(a, h) for a, h, _ in _slices(UNIT).values()] == [(a, h) for a, h, _ in before.values()]
    taken = _send(context, worse, take=True)
    assert taken.taken
    assert _slices(UNIT)["branches"][:2] == (1, 5)


@pytest.mark.parametrize("unit_id", ["P530111", None])
def test_an_empty_workbook_of_a_unit_that_never_filed_is_no_return(context: Context, unit_id: str | None) -> None:
    answer = _send(context, returned(context, "P530111"), unit_id=unit_id)
    assert (answer.accepted, answer.refusal[:12]) == (False, "修改单里没有填写任何数据")
    assert not stored("receipts", YUNNAN, PERIOD).unit_id.eq("P530111").any()


def test_deleting_what_counts_is_not_better(context: Context) -> None:
    def edit(book: Any) -> None:
        book["支部情况表"].delete_rows(2, 4)

    answer = _send(context, returned(context, UNIT, edit))
    assert not answer.taken
    assert "比现行的" in answer.standing


def test_the_same_file_twice_is_nothing_new(corrected: Context, put_right: PutRight) -> None:
    before = _slices(UNIT)
    again = _send(corrected, put_right.content, AT + dt.timedelta(hours=1))
    assert (again.repeated, again.taken, again.receipt_id) == (True, True, put_right.answer.receipt_id)
    assert _slices(UNIT) == before
    assert len(stored("receipts", YUNNAN, PERIOD)) == 5


def test_a_workbook_sent_back_untouched_says_the_same(context: Context) -> None:
    answer = _send(context, returned(context, UNIT))
    assert (answer.accepted, answer.taken, answer.standing) == (
        True,
        False,
        "内容与现行报表相同，没有新的变化。",
    )


def _meta(**values: str) -> Any:
    def edit(book: Any) -> None:
        claims = json.loads(book["_sanji"]["A1"].value)
        book["_sanji"]["A1"] = json.dumps({**claims, **values})

    return edit


def _foreign_key(book: Any) -> None:
    sheet = book["支部情况表"]
    column = next(cell.column for cell in sheet[1] if cell.value == "行标识（勿改）")
    sheet.cell(3, column, "ffffffff-3")


@pytest.mark.parametrize("edit", [_meta(unit_id=OTHER), _meta(period="2018H2"), _foreign_key])
def test_a_broken_seal_is_refused(context: Context, edit: Any) -> None:
    answer = _send(context, returned(context, UNIT, edit))
    assert not answer.accepted
    assert "行标识" in answer.refusal or "封记" in answer.refusal
    events = history_of(context.store, *context.key, [UNIT])
    assert (events[-1]["event"], events[-1]["actor"]) == ("refused", "县委老干部局")


def test_another_unit_and_another_period_are_named(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    other = _send(context, returned(context, OTHER))
    assert other.refusal == "这是富民县的修改单，不能作为晋宁区的报表。"
    before = open_context(YUNNAN, "2017H2")
    answer = resubmit(
        before, returned(context, UNIT), "a.xlsx", unit_id=None, by=By("甲", AT), channel="page"
    )
    assert answer.refusal == (
        "这是2018年上半年的修改单，现在收的是2017年下半年。请换成2017年下半年的修改单；要更正2018年上半年的，请到该期报送。"
    )


def test_an_ordinary_file_is_a_new_version(context: Context) -> None:
    def plain(book: Any) -> None:
        for name in ("_sanji", "先看这里", "请说明"):
            del book[name]

    content = returned(context, UNIT, both(setting(context, "branches", FIXED), plain))
    assert _send(context, content, unit_id=None).refusal == "看不出是哪个单位的报表，请说明报送单位。"
    answer = _send(context, content)
    assert (answer.taken, _rules(answer.fixed)) == (True, ["B05", "F01", "F02", "F11"])
    assert {fault.observed for fault in answer.new} == {"标记", "行标识（勿改）"}  # columns that no form has


def test_a_table_sent_back_as_csv_in_gb18030_puts_that_table_right(context: Context, tmp_path: Path) -> None:
    write(tmp_path, YUNNAN, PERIOD, [unit(YUNNAN, PERIOD, "530122", branches=6)])
    text = (tmp_path / "feeds" / YUNNAN / PERIOD / "530122" / "branches.csv").read_text(encoding="utf-8-sig")
    answer = _send(context, text.encode("gb18030"))
    assert (answer.taken, answer.still_open) == (True, ())
    assert _rules(answer.new) == ["R06"]  # it comes under a workbook's name, and is read all the same
    assert _slices(UNIT)["branches"][:2] == (6, 0)


def test_a_name_that_cannot_be_kept_as_it_is_stops_nothing(context: Context) -> None:
    chosen: dict[str, Any] = {"unit_id": UNIT, "by": By("甲", AT), "channel": "page"}
    content = returned(context, UNIT, setting(context, "branches", FIXED))
    assert resubmit(context, content, "a\udcce\x00.xlsx", **chosen).taken
    assert "a��.xlsx" in set(stored("receipts", YUNNAN, PERIOD).file_name)


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "空的"), (b"PK\x03\x04 broken", "损坏"), (b"a,b\n1,2\n", "表头")]
)
def test_what_cannot_be_read_is_refused_with_its_reason(context: Context, content: bytes, why: str) -> None:
    answer = _send(context, content)
    assert not answer.accepted
    assert why in answer.refusal
    assert len(stored("receipts", YUNNAN, PERIOD)) == 4


def test_a_value_put_right_on_the_page_is_a_receipt_of_its_own(context: Context) -> None:
    fixes = [Fix(table="branches", row=3, column="members", value="20")]
    answer = fix_cells(context, UNIT, fixes, "漏填，已核对名册", By("县委老干部局", AT))
    assert (answer.taken, _rules(answer.fixed), answer.new) == (True, ["F02"], ())
    receipts = stored("receipts", YUNNAN, PERIOD).set_index("receipt_id")
    kept = json.loads(context.landing.raw(receipts.sha256[answer.receipt_id]))
    assert (kept["reason"], kept["cells"][0]["before"], kept["actor"]) == (
        "漏填，已核对名册",
        "",
        "县委老干部局",
    )
    second = fix_cells(
        context,
        UNIT,
        [Fix(table="branches", row=2, column="members", value="20")],
        "同上",
        By("甲", AT + dt.timedelta(1)),
    )
    assert (second.taken, _rules(second.fixed)) == (True, ["F01", "F11"])
    assert _slices(UNIT)["branches"][:2] == (5, 1)
    events = [event["event"] for event in history_of(context.store, *context.key, [UNIT])]
    assert events.count("fixed") == 2
    tasks.validate(YUNNAN, PERIOD, None)
    tasks.publish(YUNNAN, PERIOD, None)
    assert _slices(UNIT)["branches"][:2] == (5, 1)


def test_a_workbook_older_than_a_correction_does_not_undo_it_unasked(context: Context) -> None:
    older = returned(context, UNIT, setting(context, "branches", {("members", 3): 20, ("branch_kind", 4): "普通党支部"}))
    fixes = [Fix(table="branches", row=2, column="members", value="20")]
    assert fix_cells(context, UNIT, fixes, "已核对名册", By("甲", AT)).taken
    first = _send(context, older, AT + dt.timedelta(1))
    assert (first.taken, "又在线更正了1处" in first.standing) == (False, True)
    assert _slices(UNIT)["branches"][:2] == (4, 2)
    also = {("members", 3): 20, ("branch_kind", 4): "普通党支部", ("members", 2): 20}
    assert _send(context, returned(context, UNIT, setting(context, "branches", also)), AT + dt.timedelta(2)).taken
    assert _send(context, older, AT + dt.timedelta(3), take=True).taken  # whoever says so has it


def test_a_version_that_is_taken_once_more_is_the_newest_again(context: Context) -> None:
    worse, better = (returned(context, UNIT, setting(context, "branches", {("members", 3): n})) for n in ("十", 20))
    assert not _send(context, worse, AT + dt.timedelta(1)).taken
    unread = context.landing.folder.parent / "feeds" / YUNNAN / PERIOD / "530122" / "又一份.xlsx"
    unread.write_bytes(b"nothing that can be read")
    os.utime(unread, ((AT + dt.timedelta(2)).timestamp(),) * 2)
    run(YUNNAN, PERIOD, "2018-08-09", roll_up=False)
    second = _send(context, better, AT + dt.timedelta(3))
    first = _send(context, worse, AT + dt.timedelta(4), take=True)
    assert (second.taken, first.taken) == (True, True)
    assert {text.receipt_id for text in current_texts(context.store, *context.key, [UNIT])} >= {first.receipt_id}
    told = history_of(context.store, *context.key, [UNIT])
    replaced = [row["at"][:10] for row in told if row["event"] == "superseded" and row["detail"]["by"] == first.receipt_id]
    assert (returns(context)[UNIT].unjudged, replaced) == (0, ["2018-08-05"])
    assert [row["at"][:10] for row in told if row["event"] == "partly_accepted"][-1] == "2018-08-05"
    assert not {row["rule"] for row in standing_rows(context, UNIT, current_texts(context.store, *context.key, [UNIT]))} & {"R15"}


def test_of_corrections_in_one_second_the_last_counts(context: Context) -> None:
    for value in range(20, 28):
        fix = Fix(table="branches", row=3, column="members", value=f"{value}")
        answer = fix_cells(context, UNIT, [fix], "已核对名册", By("甲", AT))
        texts = {text.table_name: text.receipt_id for text in current_texts(context.store, *context.key, [UNIT])}
        assert (answer.taken, texts["branches"]) == (True, answer.receipt_id), value
    assert returns(context)[UNIT].unjudged == 0


def test_a_workbook_filled_in_before_a_correction_that_says_the_same_is_taken(context: Context) -> None:
    older = returned(context, UNIT, setting(context, "branches", FIXED))
    assert fix_cells(context, UNIT, [Fix(table="branches", row=2, column="members", value="20")], "因", By("甲", AT)).taken
    assert _send(context, older, AT + dt.timedelta(1)).taken


def test_a_record_of_fixes_cannot_make_another_units_rows_its_own(context: Context) -> None:
    theirs = next(t for t in current_texts(context.store, *context.key, [OTHER]) if t.table_name == "branches")
    cell = ChangedCell(table="branches", row=2, column="members", value="21", before="20")
    record_of_fixes = FixRecord(
        programme=YUNNAN, period=PERIOD, unit_id=UNIT, actor="甲", at=AT.isoformat(), reason="因",
        base={"branches": theirs.receipt_id}, cells=(cell,),
    )
    feed = context.landing.folder.parent / "feeds" / YUNNAN / PERIOD / "530122" / "fix.json"
    feed.write_bytes(record_of_fixes.content())
    os.utime(feed, (AT.timestamp(),) * 2)
    before = _slices(UNIT)
    run(YUNNAN, PERIOD, "2018-08-02", roll_up=False)
    assert "R31" in set(stored("findings", YUNNAN, PERIOD).query("unit_id == @UNIT").rule)
    assert {name: counts[:2] for name, counts in _slices(UNIT).items()} == {n: c[:2] for n, c in before.items()}


@pytest.mark.parametrize(
    ("fix", "reason", "why"),
    [(Fix(table="branches", row=99, column="members", value="1"), "因", "不在现有报表中"),
     (Fix(table="branches", row=3, column="no_such", value="1"), "因", "不在现有报表中"),
     (Fix(table="branches", row=5, column="members", value=" 20 "), "因", "没有要改的内容"),
     (Fix(table="branches", row=3, column="members", value="20"), " ", "写明理由")],
)
def test_a_fix_that_is_none_is_refused(context: Context, fix: Fix, reason: str, why: str) -> None:
    answer = fix_cells(context, UNIT, [fix], reason, By("甲", AT))
    assert not answer.accepted
    assert why in answer.refusal


def test_explanations_typed_in_the_workbook_are_kept_and_not_asked_again(context: Context) -> None:
    def explain(book: Any) -> None:
        book["请说明"]["J2"] = "困难党员按规定减免"

    answer = _send(context, returned(context, UNIT, both(setting(context, "branches", FIXED), explain)))
    assert (answer.taken, answer.explained, answer.still_open) == (True, 1, ())  # what is explained waits no longer
    assert stored("findings", YUNNAN, PERIOD).query("rule == 'T01'").shape[0] == 1
    assert feedback_model(context, UNIT).questions == ()
    only = _send(context, returned(context, UNIT), AT + dt.timedelta(1))
    assert only.refusal == ""
    assert only.standing == "内容与现行报表相同，没有新的变化。"


def test_an_error_value_sent_back_blank_is_still_an_error(context: Context, tmp_path: Path) -> None:
    """The workbook shows it as an empty cell; without being carried over it would pass as not filed."""
    layout = context.bundle.layout(context.period).table("branches")
    book = openpyxl.Workbook()
    row = dict(zip([c.key for c in layout.columns], ["" for _ in layout.columns], strict=True))
    book.active.title = "支部情况表"
    filed = _county().tables["branches"][4]
    book.active.append([heading(column) for column in layout.columns])
    book.active.append([filed[key] or None for key in row])
    place = [c.key for c in layout.columns].index("attendance_rate") + 1
    book.active.cell(2, place).value = "#DIV/0!"
    book.active.cell(2, place).data_type = "e"
    out = io.BytesIO()
    book.save(out)
    first = _send(context, out.getvalue(), take=True)
    assert "R23" in _rules(first.new)
    untouched = feedback_workbook(context, UNIT)
    nudged = edited(untouched, setting(context, "branches", {("party_meetings", 2): 3}))
    nudged = edited(nudged, lambda b: None)
    answer = _send(context, nudged, AT + dt.timedelta(1))
    assert "R23" in _rules(answer.still_open)


def test_a_workbook_in_the_drop_folder_is_held_against_what_counts(context: Context) -> None:
    folder = context.settings.feeds_dir / YUNNAN / PERIOD / "530122"
    worse = returned(context, UNIT, setting(context, "branches", {("members", 5): "很多"}))
    better = returned(context, UNIT, setting(context, "branches", FIXED))
    for name, content, day in (("甲.xlsx", worse, 3), ("乙.xlsx", better, 4)):
        (folder / name).write_bytes(content)
        os.utime(folder / name, (AT.timestamp() + day * 86_400,) * 2)
    gathered = tasks.gather(YUNNAN, PERIOD, None, "2018-08-31")
    assert (len(gathered["receipts"]), gathered["returned"]) == (0, 1)
    assert _slices(UNIT)["branches"][:2] == (6, 0)
    assert tasks.gather(YUNNAN, PERIOD, None, "2018-08-31")["returned"] == 0
    tasks.read(YUNNAN, PERIOD, None)
    assert set(stored("receipts", YUNNAN, PERIOD).status) == {"current", "superseded", "offered"}


def test_a_file_that_came_after_a_workbook_counts_although_both_are_gathered_at_once(context: Context) -> None:
    folder = context.settings.feeds_dir / YUNNAN / PERIOD / "530122"
    workbook = returned(context, UNIT, setting(context, "branches", FIXED))
    newer = (folder / "branches.csv").read_bytes() + b"\n"
    for name, content, day in (("甲.xlsx", workbook, 3), ("branches 2.csv", newer, 4)):
        (folder / name).write_bytes(content)
        os.utime(folder / name, (AT.timestamp() + day * 86_400,) * 2)
    assert tasks.gather(YUNNAN, PERIOD, None, "2018-08-31")["returned"] == 1
    for stage in (tasks.read, tasks.validate, tasks.publish):
        stage(YUNNAN, PERIOD, None)
    names = stored("receipts", YUNNAN, PERIOD).set_index("receipt_id").file_name
    counting = {text.table_name: names[text.receipt_id] for text in current_texts(context.store, *context.key, [UNIT])}
    assert counting["branches"] == "branches 2.csv"
    assert _slices(UNIT)["branches"][:2] == (3, 3)
