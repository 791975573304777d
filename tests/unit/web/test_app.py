"""The page without a browser: who sees what, what is refused, and that hostile text stays text."""

import datetime as dt
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pandas as pd
import pytest
from fastapi import HTTPException
from fastapi.testclient import TestClient

from etl.core.access import Viewer
from etl.edges.feeds import CHINA
from etl.errors import ConfigError
from etl.settings import settings
from etl.stages.context import open_context
from etl.stages.explanations import findings_with_answers
from etl.stages.feedback import feedback_workbook
from etl.web.alone import create_page
from etl.web.app import create_app
from etl.web.guard import LARGEST_BODY
from etl.web.views import OPEN_ROWS, Filter, as_shown, board_view
from tests.support.filing import copy_of, home_at, run, stored, unit, write

KEY = ("yunnan-model-branch", "2018H1")
BOARD = f"/{KEY[0]}/{KEY[1]}/"
OPERATOR, CLERK = Viewer("ops", everything=True), Viewer("clerk-530102", frozenset({"530102"}))
HOSTILE = "<script>alert(1)</script>\u202egnp.exe"


def _noon() -> dt.datetime:
    return dt.datetime(2018, 7, 30, 12, tzinfo=CHINA)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with home_at(tmp_path_factory.mktemp("web")) as folder:
        hostile = unit(*KEY, "530102").set("branches", 0, members_taking_part=HOSTILE)
        hostile.set("branches", 1, members="152", dues_collected="9120").set("unit_figures", 0, members="192")
        hostile.set("branches", 2, branch_kind="别的")
        careless = unit(*KEY, "530103", branches=30)
        for row in range(29):
            careless.set("branches", row, members_taking_part="21")
        careless.set("branches", 29, members_taking_part="12", secretaries_trained="")
        lone = unit(*KEY, "530112", branches=24)
        del lone.tables["unit_figures"]  # so that nothing of it counts
        for row in range(24):
            lone.set("branches", row, party_meetings="1")
        write(folder, *KEY, [hostile, careless, lone])
        broken = folder / "feeds" / KEY[0] / KEY[1] / "530111" / "报表.xlsx"
        broken.parent.mkdir(parents=True)
        broken.write_bytes(b"PK\x03\x04 cut off on the way")
        os.utime(broken, (hostile.arrived.timestamp(),) * 2)
        run(*KEY, "2018-07-30", roll_up=False)
        yield


def _client(viewer: Viewer | None) -> TestClient:
    def identify() -> Viewer:
        if viewer is None:
            raise HTTPException(401)
        return viewer

    return TestClient(create_app(identify, _noon), raise_server_exceptions=False)


def test_home_leads_to_the_newest_period_that_came(home: None) -> None:
    answer = _client(OPERATOR).get("/")
    assert answer.url.path == BOARD
    assert "西山区" in answer.text


def test_the_board_counts_and_filters(home: None) -> None:
    client = _client(OPERATOR)
    assert client.get(BOARD + "?status=partly_accepted").text.count('<th scope="row">') == 2
    assert client.get(BOARD + "?q=五华").text.count('<th scope="row">') == 1
    assert "没有符合条件的单位" in client.get(BOARD + "?q=没有").text


def test_the_board_is_folded_by_place_with_what_is_urgent_first(home: None) -> None:
    client = _client(OPERATOR)
    place = r'<details class="place"( open)?>.*?"sentence">(\S+) .*?<small>(\d+) 个单位'
    places = re.findall(place, client.get(BOARD).text, re.DOTALL)
    assert len(places) == 17
    assert sum(int(count) for _, _, count in places) == client.get(BOARD).text.count('<th scope="row">')
    unfolded = [int(count) for is_open, _, count in places if is_open]
    assert 0 < sum(unfolded) <= OPEN_ROWS
    assert client.get(BOARD + "?unfold=true").text.count('<details class="place" open>') == 17
    assert client.get(BOARD + "?status=missing").text.count('<details class="place">') == 0  # what was asked for is seen at once
    assert "<details" not in _client(CLERK).get(BOARD).text


def test_places_stand_in_the_order_of_their_most_urgent_unit() -> None:
    rows = [
        {"unit_id": unit_id, "name": unit_id, "code": unit_id, "parent_id": parent, "parent_name": parent, "status": status,
         "faults": 0, "warnings": 0, "rows_in": 0, "rows_accepted": 0, "rows_held": 0}
        for unit_id, parent, status in (
            ("1", "甲", "accepted"), ("2", "乙", "partly_accepted"), ("3", "丙", "late"), ("4", "乙", "accepted"),
            ("5", "丁", "missing"), ("6", "甲", "returned"),
        )
    ]
    told = board_view(pd.DataFrame(rows), Filter())["places"]
    assert [(place["name"], place["open"]) for place in told] == [("丁", True), ("丙", True), ("甲", True), ("乙", False)]
    assert told[2]["counts"] == [("returned", 1), ("accepted", 1)]
    urgent = board_view(pd.DataFrame(rows), Filter())["urgent"]
    assert [(status, [row["name"] for row in few]) for status, few in urgent] == [
        ("missing", ["5"]), ("late", ["3"]), ("returned", ["6"])
    ]
    many = pd.DataFrame([{**rows[4], "unit_id": f"{number}"} for number in range(OPEN_ROWS + 1)])
    assert board_view(many, Filter())["urgent"] == []


def test_a_county_sees_its_own_row_and_nobody_elses(home: None) -> None:
    client = _client(CLERK)
    assert client.get(BOARD).text.count('<th scope="row">') == 1
    assert client.get(BOARD + "units/P530102").status_code == 200
    for path in ("", "/history", "/rules/F10"):
        assert client.get(f"{BOARD}units/P530103{path}").status_code == 404
    assert client.get(BOARD + "units/P999999").text == client.get(BOARD + "units/P530103").text.replace(
        "P530103", "P999999"
    )


def test_without_a_login_nothing_is_shown(home: None) -> None:
    client = _client(None)
    for path in ("/", BOARD, BOARD + "units/P530102"):
        answer = client.get(path)
        assert answer.status_code == 401
        assert "五华" not in answer.text


def test_an_account_without_a_unit_is_told_so(home: None) -> None:
    client = _client(Viewer("nobody"))
    assert "尚未对应到单位" in client.get("/").text
    assert client.get(BOARD).status_code == 404


def test_hostile_text_is_text(home: None) -> None:
    text = _client(CLERK).get(BOARD + "units/P530102").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;gnp.exe" in text
    assert "<script>alert" not in text
    assert "\u202e" not in text


def test_a_rules_cells_are_shown_in_part_with_the_way_to_the_rest(home: None) -> None:
    client, every = _client(OPERATOR), len(_keys("P530103", "F10"))
    text = client.get(BOARD + "units/P530103").text
    assert text.count('class="found"') < len(findings_with_answers(open_context(*KEY), "P530103"))
    assert "rules/F10" in text
    assert client.get(BOARD + "units/P530103/rules/F10").text.count('class="found"') == every
    assert client.get(BOARD + "units/P530103/rules/X99").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/nowhere/2018H1/", "/yunnan-model-branch/2035H1/", "/yunnan-model-branch/junk/", BOARD + "units/x/y"],
)
def test_what_is_not_there_is_said_in_chinese(home: None, path: str) -> None:
    answer = _client(OPERATOR).get(path)
    assert answer.status_code == 404
    assert "没有这一页" in answer.text


def test_every_answer_forbids_foreign_content(home: None) -> None:
    headers = _client(OPERATOR).get(BOARD).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert re.search(r"sanji_form=[\w-]{20,};.*HttpOnly.*SameSite=strict", headers["set-cookie"])


def _token(client: TestClient, unit_id: str = "P530102") -> str:
    found = re.search(r'name="form_token" value="([\w-]+)"', client.get(BOARD + "units/" + unit_id).text)
    assert found
    return found[1]


def _keys(unit_id: str, rule: str, state: str = "open") -> list[str]:
    found = findings_with_answers(open_context(*KEY), unit_id)
    return list(found.loc[(found.rule == rule) & (found.state == state), "finding_key"])


def _state(unit_id: str, rule: str) -> set[str]:
    found = findings_with_answers(open_context(*KEY), unit_id)
    return set(found.loc[found.rule == rule, "state"])


def test_a_form_without_the_browsers_token_is_refused(home: None) -> None:
    client, before = _client(CLERK), stored("explanations", *KEY)
    form = {"finding": _keys("P530102", "T02"), "text": "已核实"}
    assert client.post(BOARD + "units/P530102/explain", data=form).status_code == 403
    _token(client)
    assert client.post(BOARD + "units/P530102/explain", data=form | {"form_token": "made-up"}).status_code == 403
    assert stored("explanations", *KEY).equals(before)


def test_an_explanation_is_kept_and_told(home: None) -> None:
    client = _client(CLERK)
    form = {"finding": _keys("P530102", "T02"), "text": "已核实，<b>新接收</b>", "form_token": _token(client)}
    empty = client.post(BOARD + "units/P530102/explain", data=form | {"text": " "})
    assert empty.status_code == 422
    assert "请写明理由" in empty.text
    answer = client.post(BOARD + "units/P530102/explain", data=form)
    assert "说明已保存" in answer.text
    assert "已核实，&lt;b&gt;新接收&lt;/b&gt;" in answer.text
    assert _state("P530102", "T02") == {"explained"}
    assert "clerk-530102" in client.get(BOARD + "units/P530102/history").text


def test_words_about_findings_outlive_a_refusal(home: None) -> None:
    client = _client(CLERK)
    lines = "已核实\r\n" * 500  # 2,000 characters as a browser counts them
    form = {"text": lines, "of": "T02", "form_token": _token(client)}
    answer = client.post(BOARD + "units/P530102/explain", data=form)  # without scripts nothing keeps one from ticking none
    assert (answer.status_code, "没有选择任何一处" in answer.text) == (422, True)
    assert lines.replace("\r\n", "\n").strip() in answer.text
    gone = client.post(BOARD + "units/P530102/explain", data=form | {"finding": "put-right-by-a-colleague"})
    assert (gone.status_code, "已核实\n已核实" in gone.text) == (404, True)
    groupless = client.post(BOARD + "units/P530102/explain", data=form | {"finding": "x", "of": "Z99", "text": "已核实" * 200})
    assert f"您刚才填的：“{'已核实' * 200}”" in groupless.text  # nothing is open any more beside which it could stand
    province = _client(Viewer("office-530000", frozenset({"530000"})))
    form = {"text": "已逐一核查", "of": "T01", "until": "2018H2", "form_token": _token(province)}
    text = province.post(BOARD + "units/P530112/waive", data=form).text
    assert "已逐一核查</textarea>" in text
    assert '<option value="2018H2" selected>' in text


def test_what_if_of_a_tiers_own_office_is_that_of_its_place(home: None) -> None:
    answer = _client(Viewer("kunming", frozenset({"530100"}))).get(BOARD + "what-if", params={"unit": "P530100-own"})
    assert answer.status_code == 200
    assert "昆明市 · 2018年上半年 · 左列" in answer.text


def test_nobody_explains_for_another_county(home: None) -> None:
    client = _client(CLERK)
    form = {"text": "x", "form_token": _token(client)}
    theirs = _keys("P530103", "F10")
    assert client.post(BOARD + "units/P530103/explain", data=form | {"finding": theirs}).status_code == 404
    assert client.post(BOARD + "units/P530102/explain", data=form | {"finding": theirs}).status_code == 404


def test_a_tier_waives_and_withdraws_and_an_operator_does_not(home: None) -> None:
    keys = _keys("P530103", "F02")[:1]
    form = {"finding": keys, "text": "属实", "until": "2018H2"}
    operator, province = _client(OPERATOR), _client(Viewer("office-530000", frozenset({"530000"})))
    where = BOARD + "units/P530103"
    assert operator.post(where + "/waive", data=form | {"form_token": _token(operator)}).status_code == 403
    token = {"form_token": _token(province)}
    assert province.post(where + "/waive", data=form | token | {"until": "junk"}).status_code == 400
    province.post(where + "/waive", data=form | token)
    assert _state("P530103", "F02") == {"waived"}
    assert operator.post(where + "/withdraw", data=form | {"form_token": _token(operator)}).status_code == 403
    province.post(where + "/withdraw", data=form | token)
    assert _state("P530103", "F02") == {"open"}


def test_a_tier_waives_all_rows_of_a_rule_at_once_and_the_history_tells_it_as_one(home: None) -> None:
    province = _client(Viewer("office-530000", frozenset({"530000"})))
    where, form = BOARD + "units/P530112", {"text": "已逐一核查", "until": "2018H1", "form_token": _token(province)}
    assert _state("P530112", "T01") == {"open"}
    page = province.get(where).text
    assert "一并核准全部 24 处" in page
    assert '<span class="found">算得1÷2＝0.5</span>' in page
    assert 'placeholder="0.5"' not in page  # that is in no cell of the sheet
    answer = province.post(where + "/waive", data=form | {"every": "T01"})
    assert "已采用" in answer.text
    assert _state("P530112", "T01") == {"waived"}
    assert "一并撤回全部 24 处" in answer.text
    told = province.get(where + "/history").text
    assert told.count("已逐一核查") == 1
    assert "24 处" in told
    assert "因核准计入重新核对" in told
    province.post(where + "/withdraw", data=form | {"every": "T01"})
    assert _state("P530112", "T01") == {"open"}


def test_what_the_province_waived_is_the_provinces_to_take_back_and_the_page_says_so(home: None) -> None:
    county, prefecture, province = (_client(Viewer("office", frozenset({code}))) for code in ("530112", "530100", "530000"))
    where, keys = BOARD + "units/P530112", _keys("P530112", "T01")
    form = {"text": "已核查", "until": "2018H1"}
    province.post(where + "/waive", data=form | {"finding": keys[:3], "form_token": _token(province)})
    prefecture.post(where + "/waive", data=form | {"finding": keys[3:5], "form_token": _token(prefecture)})
    for client in (county, prefecture):
        token = {"form_token": _token(client, "P530112")}
        answer = client.post(where + "/withdraw", data=form | {"finding": keys[:1]} | token)
        assert (answer.status_code, "须由省及以上撤回" in answer.text) == (422, True)
    for path in (where, where + "/rules/T01"):
        assert '<span class="found">算得' in county.get(path).text  # of several cells: none holds it
        assert "/withdraw" not in county.get(path).text
        assert "3 处由省核准计入，只有省及以上可以撤回" in county.get(path).text
        assert "2 处由州（市）核准计入，只有州（市）及以上可以撤回" in county.get(path).text
        offered = re.findall(r'form="f-\d+-back" value="(\w+)"', prefecture.get(path).text)
        assert sorted(offered) == sorted(keys[3:5])
        assert "3 处由省核准计入，只有省及以上可以撤回" in prefecture.get(path).text
        assert len(re.findall(r'form="f-\d+-back" value', province.get(path).text)) == 5
        assert "可以撤回" not in province.get(path).text
    prefecture.post(where + "/withdraw", data=form | {"every": "T01", "form_token": _token(prefecture)})
    assert sorted(_keys("P530112", "T01", "waived")) == sorted(keys[:3])  # all of the rule that is its own
    province.post(where + "/withdraw", data=form | {"every": "T01", "form_token": _token(province)})
    assert _state("P530112", "T01") == {"open"}


def test_the_workbook_is_fetched_under_its_chinese_name(home: None) -> None:
    answer = _client(CLERK).get(BOARD + "units/P530102/fix-me.xlsx")
    assert answer.content.startswith(b"PK")
    assert unquote(answer.headers["content-disposition"]).endswith(".xlsx")
    assert "五华区" in unquote(answer.headers["content-disposition"])


def test_what_is_too_large_is_refused_before_it_is_read(home: None) -> None:
    client = _client(CLERK)
    headers = {"content-length": str(LARGEST_BODY + 1), "content-type": "application/x-www-form-urlencoded"}
    answer = client.post(BOARD + "units/P530102/explain", headers=headers, content=b"")
    assert answer.status_code == 413
    assert "文件太大" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_what_says_no_length_is_counted_while_it_comes(home: None) -> None:
    piece = b"x" * 2**20
    parts = (piece for _ in range(LARGEST_BODY // len(piece) + 1))
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = _client(CLERK).post(BOARD + "units/P530102/explain", content=parts, headers=form)
    assert answer.status_code == 413
    assert "文件太大" in answer.text


@pytest.mark.parametrize("fault", [ConfigError("accounts.csv: the first line"), RuntimeError("a bug")])
def test_a_fault_of_ours_is_told_to_the_clerk_in_chinese_and_to_the_log_in_full(
    fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def identify() -> Viewer:
        raise fault

    answer = TestClient(create_app(identify, _noon), raise_server_exceptions=False).get(BOARD)
    assert answer.status_code == 500
    assert "系统暂时不能处理" in answer.text
    assert str(fault) not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    if isinstance(fault, ConfigError):  # whoever serves the page writes the other down
        assert str(fault) in caplog.text


def test_styles_are_kept_and_asked_about(home: None) -> None:
    client = _client(CLERK)
    first = client.get("/static/sanji.css")
    assert first.headers["cache-control"] == "no-cache"
    assert client.get("/static/sanji.css", headers={"if-none-match": first.headers["etag"]}).status_code == 304


def test_a_worse_file_is_judged_and_not_taken_and_another_countys_is_refused(home: None) -> None:
    client = _client(CLERK)
    theirs = feedback_workbook(open_context(*KEY), "P530103")
    send = {"data": {"form_token": _token(client)}, "files": {"file": ("a.xlsx", theirs)}}
    answer = client.post(BOARD + "units/P530102/upload", **send)
    assert answer.status_code == 422
    assert "未能接收" in answer.text
    assert client.post(BOARD + "units/P530103/upload", **send).status_code == 404


def test_a_form_about_what_is_settled_by_now_says_so_over_what_stands_now(home: None) -> None:
    client = _client(CLERK)
    form = {"finding": ["put-right-by-a-colleague"], "value": ["12"], "text": "已核实", "reason": "核对"}
    for act in ("explain", "fix"):
        answer = client.post(f"{BOARD}units/P530102/{act}", data=form | {"form_token": _token(client)})
        assert answer.status_code == 404
        assert "所选的问题已有变化" in answer.text
        assert "需要处理的问题" in answer.text
        assert ("您刚才填的：“12”“核对”" in answer.text) == (act == "fix")


def test_a_waiver_is_offered_only_to_a_tier_that_may_give_it(home: None) -> None:
    county, prefecture = _client(Viewer("clerk-530103", frozenset({"530103"}))), _client(Viewer("office", frozenset({"530100"})))
    [needed] = set(findings_with_answers(open_context(*KEY), "P530103").query("rule == 'F02'").waivable_by)
    assert needed == "prefecture"
    for path in ("units/P530103", "units/P530103/rules/F02"):
        assert "/waive" not in county.get(BOARD + path).text
        assert "可请州（市）核准按原样计入" in county.get(BOARD + path).text
        assert "/waive" in prefecture.get(BOARD + path).text
    offered = re.findall(r'<option value="(20\w+)">([^<]+)<', prefecture.get(BOARD + "units/P530103/rules/F02").text)
    assert offered[:2] == [("2018H1", "2018年上半年"), ("2018H2", "2018年下半年")]
    assert len(offered) == 4


def test_a_cell_with_a_list_of_words_is_put_right_by_choosing(home: None) -> None:
    text = _client(CLERK).get(BOARD + "units/P530102/rules/B05").text
    assert "<option>临时性党支部</option>" in text
    assert 'placeholder="别的"' not in text


def test_what_a_warning_is_held_against_is_no_correction(home: None) -> None:
    client = _client(CLERK)
    assert '<th scope="col">应为</th>' in client.get(BOARD + "units/P530102/rules/B05").text
    assert '<th scope="col">参照</th>' in client.get(BOARD + "units/P530102/rules/T02").text


def test_a_row_is_put_right_on_the_page(home: None) -> None:
    client = _client(OPERATOR)
    key = _keys("P530103", "F10")[0]
    where, token = BOARD + "units/P530103/fix", {"form_token": _token(client)}
    form = {"finding": [key], "value": ["12"], "reason": "核对签到簿"}
    assert client.post(where, data=form | token | {"value": []}).status_code == 400
    assert client.post(where, data=form | token | {"finding": ["made-up"]}).status_code == 404
    refused = client.post(where, data=form | token | {"reason": " "})
    assert (refused.status_code, "没有保存：请写明理由" in refused.text) == (422, True)
    assert 'value="12"' in refused.text  # in the form of the whole row
    outdated = client.post(where, data=form | token | {"finding": [key, "made-up"], "value": ["12", "7"]})
    assert outdated.status_code == 409
    assert "您刚才填的：“12”“7”" in outdated.text
    assert 'name="reason" required maxlength="500" autocomplete="off" value="核对签到簿"' in outdated.text
    assert f"“{'长' * 400}”" in client.post(where, data=form | token | {"finding": [key, "x"], "value": ["12", "长" * 400]}).text
    two = [key, _keys("P530103", "F10")[1]]
    assert client.post(where, data=form | token | {"finding": two, "value": ["12", "12"]}).status_code == 400
    answer = client.post(where, data=form | token)
    assert answer.status_code == 200
    assert "<b>1</b> 处已改好" in answer.text
    assert "更正已采用" in answer.text
    told = client.get(BOARD + "units/P530103/history").text
    assert re.search("在线更正</strong>\\s*<span class=\"file\">支部情况表第\\d+行", told)
    assert not re.search(r"fix-\d+", told + client.get(BOARD + "units/P530103").text)  # a name that says nothing to a clerk
    assert key not in _keys("P530103", "F10")


def test_a_form_of_which_a_part_is_settled_changes_nothing(home: None, tmp_path: Path) -> None:
    with copy_of(settings().home, tmp_path / "copy"):  # other tests want this finding open
        client = _client(CLERK)
        found = findings_with_answers(open_context(*KEY), "P530102")
        token, key = {"form_token": _token(client)}, found.loc[found.rule == "T02", "finding_key"].item()
        explained = {"finding": key, "text": "已核实", "of": "T02"}
        assert client.post(BOARD + "units/P530102/explain", data=explained | token).status_code == 200
        before = stored("receipts", *KEY)
        form = {"finding": [key, "put-right-by-a-colleague"], "value": ["49", "7"], "reason": "核对"}
        gone = client.post(BOARD + "units/P530102/fix", data=form | token)
        assert (gone.status_code, "您刚才填的：“49”“7”“核对”" in gone.text) == (404, True)
        assert len(stored("receipts", *KEY)) == len(before)


def test_a_fix_that_makes_things_worse_is_told_as_one_that_does_not_count(home: None) -> None:
    client = _client(CLERK)
    rows = client.get(BOARD + "units/P530102/rows/branches/4").text
    receipt = re.search(r'name="receipt" value="([^"]*)"', rows)
    assert receipt
    worse = {"column": ["branch_name"], "value": [""], "reason": "核对", "receipt": receipt[1], "form_token": _token(client)}
    answer = client.post(BOARD + "units/P530102/rows/branches/4", data=worse).text
    assert "这次更正没有采用" in answer
    assert re.search(r'name="column" value="branch_name">\s*<input id="c-branch_name" name="value"[^>]* value=""', answer)
    assert "现为：测试第3党支部" in answer
    assert 'autocomplete="off" value="核对"' in answer
    assert re.search(r"在线更正</strong>\s*<span class=\"pair\">已核对、未替换", client.get(BOARD + "units/P530102/history").text)


def test_a_broken_file_is_told_in_words_for_offices(home: None) -> None:
    client = _client(Viewer("clerk-530111", frozenset({"530111"})))
    text = client.get(BOARD + "units/P530111").text
    assert "文件已损坏" in text
    assert "BadZipFile" not in text
    assert "按办法重报" in text
    assert '<td data-label="位置">文件“报表.xlsx”' in text


def test_what_if_shows_only_places_the_viewer_sees(home: None) -> None:
    client = _client(CLERK)
    assert "全部计入后" in client.get(BOARD + "what-if?unit=P530102").text
    assert client.get(BOARD + "what-if?node=P530000").status_code == 404


@pytest.mark.parametrize(("now", "with_held", "decimals", "shown"), [
    (0.9531, 0.9534, 3, (0.953, 0.953, 0)), (0.9531, 0.9536, 3, (0.953, 0.954, 0.001)), (10, 30, 0, (10, 30, 20)),
    (None, 0.95, 3, (None, 0.95, None)),
])
def test_what_if_tells_no_change_that_its_own_figures_do_not_show(
    now: float | None, with_held: float, decimals: int, shown: tuple[float | None, ...]
) -> None:
    row = as_shown({"value": now, "value_with_held": with_held, "change": 9.9}, decimals)
    assert tuple(row.values()) == shown


def test_what_judging_needs_is_loaded_before_the_first_upload() -> None:
    code = (
        "import sys, threading; from etl.web.alone import create_page; create_page(None, None); "
        "[each.join() for each in threading.enumerate() if each.name == 'load-early']; "
        "print({'great_expectations', 'duckdb', 'opencc'} <= set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "True"


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1:8091", 200), ("localhost", 200), ("elsewhere.example", 400)])
def test_the_page_without_a_login_answers_to_this_machines_names_only(home: None, host: str, status: int) -> None:
    client = TestClient(create_page(None, None), base_url=f"http://{host}")
    assert client.get(BOARD).status_code == status
