"""The year's reviews on the page: who sees and fills in which list, what is refused, and that nothing is lost."""

import datetime as dt
import io
import re
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from etl.core.access import Viewer
from etl.core.period import Period
from etl.edges.feeds import CHINA
from etl.edges.store.awards import reviews_of
from etl.stages.context import Context, open_year
from etl.stages.review_lists import review_workbook
from etl.web.app import create_app
from tests.support.naming import COUNTY, PREFECTURE, YUNNAN, keep_scores, score_rows

HERE = f"/{YUNNAN}/2017/reviews/"
COUNTY_OFFICE, NEIGHBOUR = Viewer("wuhua", frozenset({"530102"})), Viewer("panlong", frozenset({"530103"}))
PREFECTURE_OFFICE, OPERATOR = Viewer("kunming", frozenset({"530100"})), Viewer("ops", everything=True)
COUNTY_LIST, PREFECTURE_LIST = {"tier": "county", "place": COUNTY}, {"tier": "prefecture", "place": PREFECTURE}
HOSTILE = "<script>alert(1)</script>"


def _noon() -> dt.datetime:
    return dt.datetime(2018, 1, 15, 12, tzinfo=CHINA)


@pytest.fixture
def year(home: Path) -> Context:
    """Two branches of 五华区, one of them with a hostile name, and one of 盘龙区, scored."""
    context = open_year(YUNNAN, "2017")
    rows = [
        *score_rows(context.bundle.programme, {"a": 92.0}),
        *score_rows(context.bundle.programme, {"b": 91.0}, branch_name=HOSTILE),
        *score_rows(context.bundle.programme, {"c": 90.0}, node_id="P530103"),
    ]
    keep_scores(context, rows)
    return context


class Office:
    """A browser of one account, which carries its form token."""

    def __init__(self, viewer: Viewer) -> None:
        self.client = TestClient(create_app(lambda: viewer, _noon), raise_server_exceptions=False)
        self.client.get("/")

    def post(self, path: str, fields: dict[str, object], **more: object) -> tuple[int, str]:
        token = self.client.cookies["sanji_form"]
        answer = self.client.post(HERE + path, data={**fields, "form_token": token}, **more)  # type: ignore[arg-type]  # as requests takes it
        return answer.status_code, answer.text


def kept(year: Context) -> list[tuple[str, str, str, str, str]]:
    """The reviews kept: branch, tier, verdict, level, who; in that order, for the page's clock stands still."""
    return sorted((r.branch_id, r.tier, r.verdict, r.level or "", r.actor) for r in reviews_of(year.store, *year.key))


def test_a_scored_year_out_of_which_the_programme_has_been_taken_hides_no_other(year: Context) -> None:
    keep_scores(replace(year, period=Period.parse("2010")), score_rows(year.bundle.programme, {"a": 92.0}))
    client = Office(COUNTY_OFFICE).client
    assert client.get(HERE).status_code == 200
    assert client.get(f"/{YUNNAN}/reviews").url.path == HERE
    assert client.get("/no-such-programme/reviews").status_code == 404


def recommend(office: Office, where: dict[str, str], *branches: str, level: str = "prefecture") -> tuple[int, str]:
    return office.post("list", {**where, "branch": list(branches), "verdict": "recommend", "level": level})


def test_the_newest_scored_year_opens_from_every_page(year: Context) -> None:
    client = Office(COUNTY_OFFICE).client
    assert client.get(f"/{YUNNAN}/reviews").url.path == HERE
    assert "五华区" in client.get(HERE).text


def test_without_a_scored_year_it_is_said(home: Path) -> None:
    client = Office(COUNTY_OFFICE).client
    assert "还没有可以评审的年度" in client.get(f"/{YUNNAN}/reviews").text
    assert client.get(HERE).status_code == 404


def test_an_office_sees_the_lists_at_and_under_its_place_only(year: Context) -> None:
    def listed(viewer: Viewer) -> list[str]:
        text = Office(viewer).client.get(HERE).text
        return [name for name in ("五华区", "盘龙区", "昆明市", "云南省") if f">{name}</a>" in text]

    assert listed(COUNTY_OFFICE) == ["五华区"]
    assert listed(PREFECTURE_OFFICE) == ["五华区", "盘龙区", "昆明市"]
    assert listed(OPERATOR) == ["五华区", "盘龙区", "昆明市", "云南省"]


@pytest.mark.parametrize("path", ["list", "workbook.xlsx"])
def test_a_neighbours_list_looks_as_if_it_were_not_there(year: Context, path: str) -> None:
    client = Office(NEIGHBOUR).client
    there = client.get(HERE + path, params=COUNTY_LIST)
    nowhere = client.get(HERE + path, params={"tier": "county", "place": "P999999"})
    assert (there.status_code, there.text.replace(COUNTY, "P999999")) == (404, nowhere.text)
    assert client.get(HERE + "branches/a").status_code == 404


def test_chosen_branches_are_reviewed_together_and_come_to_the_next_tier(year: Context) -> None:
    assert recommend(Office(COUNTY_OFFICE), COUNTY_LIST, "a", "b")[0] == 200
    assert kept(year) == [(branch, "county", "recommend", "prefecture", "wuhua") for branch in ("a", "b")]
    text = Office(PREFECTURE_OFFICE).client.get(HERE + "list", params=PREFECTURE_LIST).text
    assert "待评 2 个，已评 0 个，待下级推荐 1 个" in text


@pytest.mark.parametrize("viewer", [NEIGHBOUR, PREFECTURE_OFFICE, OPERATOR], ids=["neighbour", "the tier above", "operator"])
def test_nobody_reviews_for_another_place(year: Context, viewer: Viewer) -> None:
    office = Office(viewer)
    wanted = 404 if viewer is NEIGHBOUR else 403
    assert recommend(office, COUNTY_LIST, "a")[0] == wanted
    assert office.post("branches/a", {"verdict": "recommend", "level": "county"})[0] == wanted
    assert office.post("upload", COUNTY_LIST, files={"file": ("x.xlsx", b"x")})[0] == wanted
    assert kept(year) == []


def test_a_form_may_not_smuggle_in_a_branch_of_another_place(year: Context) -> None:
    assert recommend(Office(COUNTY_OFFICE), COUNTY_LIST, "a", "c")[0] == 404
    assert kept(year) == []


def test_a_form_without_the_browsers_token_is_refused(year: Context) -> None:
    client = Office(COUNTY_OFFICE).client
    fields = {**COUNTY_LIST, "branch": "a", "verdict": "recommend", "level": "county"}
    assert client.post(HERE + "list", data=fields).status_code == 403
    assert kept(year) == []


def test_what_is_refused_is_said_and_the_rest_is_kept(year: Context) -> None:
    office = Office(COUNTY_OFFICE)
    recommend(office, COUNTY_LIST, "a")
    status, text = office.post("list", {**COUNTY_LIST, "branch": ["a", "b"], "verdict": "return", "reason": "缺台账"})
    assert status == 422
    assert "已于2018-01-15评审过该支部（推荐）" in text
    assert [row[:3] for row in kept(year)] == [("a", "county", "recommend"), ("b", "county", "return")]
    assert "退回或不予推荐须写明理由" in office.post("branches/b", {"verdict": "return", "points": "88"})[1]


def test_a_refused_form_keeps_what_was_typed(year: Context) -> None:
    fields = {"verdict": "refuse", "points": "87.5", "evidence": "二楼档案柜", "item": ["rules_kept"], "item_points": ["12"]}
    status, text = Office(COUNTY_OFFICE).post("branches/a", fields)
    assert status == 422
    assert all(f'value="{typed}"' in text for typed in ("87.5", "二楼档案柜", "12"))
    assert '<option value="refuse" selected>' in text


def test_one_branch_is_reviewed_item_by_item_and_the_review_replaced(year: Context) -> None:
    office = Office(COUNTY_OFFICE)
    assert office.post(
        "branches/a", {"verdict": "recommend", "level": "county", "item": ["rules_kept", "theme_days"], "item_points": ["12", ""]}
    )[0] == 200
    (first,) = reviews_of(year.store, *year.key)
    assert {key: str(value) for key, value in first.item_points.items()} == {"rules_kept": "12"}
    page = office.client.get(HERE + "branches/a").text
    assert f'name="supersedes" value="{first.review_id}"' in page
    change = {"verdict": "return", "reason": "复核台账不全", "supersedes": first.review_id}
    assert office.post("branches/a", change)[0] == 200
    assert [row[2] for row in kept(year)] == ["recommend", "return"]  # both stay
    assert "已被取代" in office.client.get(HERE + "branches/a").text


def test_every_item_says_to_which_dimension_it_belongs_or_that_it_comes_off(home: Path) -> None:
    context = open_year("zaozhuang-true-colour-home", "2021")
    keep_scores(context, score_rows(context.bundle.programme, {"a": 92.0}, node_id="P370402"))
    page = Office(OPERATOR).client.get(f"/{context.key[0]}/2021/reviews/branches/a").text
    said = dict(re.findall(r'<th scope="row">([^<]+)<span class="sub">([^<]*)</span></th><td class="n"', page))
    assert {name: said[name] for name in ("帮扶工作台账", "银发本色讲堂", "党员大会缺开")} == {
        "帮扶工作台账": "关怀帮扶", "银发本色讲堂": "加分", "党员大会缺开": "扣分",
    }


def test_the_workbook_goes_out_and_comes_back_on_the_page(year: Context) -> None:
    office = Office(COUNTY_OFFICE)
    sent = office.client.get(HERE + "workbook.xlsx", params=COUNTY_LIST)
    book = openpyxl.load_workbook(io.BytesIO(sent.content))
    sheet = book["评审表"]
    columns = {cell.value: cell.column for cell in sheet[5]}
    for row, verdict in ((6, "推荐"), (7, "退回")):
        sheet.cell(row, columns["评审意见"], verdict)
    sheet.cell(6, columns["推荐级别"], "县（市、区）级示范党支部")
    buffer = io.BytesIO()
    book.save(buffer)
    status, text = office.post("upload", COUNTY_LIST, files={"file": ("评审表.xlsx", buffer.getvalue())})
    assert (status, "退回或不予推荐须写明理由" in text, "已保存 1 个支部" in text) == (422, True, True)
    assert kept(year) == [("a", "county", "recommend", "county", "wuhua")]


def test_another_places_workbook_and_a_csv_are_not_taken(year: Context) -> None:
    office, neighbours = Office(COUNTY_OFFICE), review_workbook(year, "county", "530103")
    assert "这份评审表是发给盘龙区的" in office.post("upload", COUNTY_LIST, files={"file": ("x.xlsx", neighbours)})[1]
    csv = b"branch_id,tier,verdict,level\nc,county,recommend,county\n"
    assert "不是本系统发出的评审表" in office.post("upload", COUNTY_LIST, files={"file": ("x.csv", csv)})[1]
    assert kept(year) == []


def test_a_unit_that_reviews_nobody_sees_what_is_said_of_its_branches(year: Context) -> None:
    rows = score_rows(year.bundle.programme, {"side": 90.0}, node_id="U530000-001")
    keep_scores(year, rows)
    unit = next(each for each in year.register.units if each.unit_id == "U530000-001")
    text = Office(Viewer("side", frozenset({unit.code}))).client.get(HERE).text
    assert "本账号不承担评审" in text
    assert "side党支部" in text


def test_whoever_reviews_is_told_of_more_members_than_usual(year: Context) -> None:
    keep_scores(year, score_rows(year.bundle.programme, {"a": 92.0}, members=53) + score_rows(year.bundle.programme, {"b": 91.0}))
    client, note = Office(COUNTY_OFFICE).client, "党员53名，多于一般的50名"
    assert client.get(HERE + "list", params=COUNTY_LIST).text.count(note) == 1
    assert (note in client.get(HERE + "branches/a").text, note in client.get(HERE + "branches/b").text) == (True, False)
    book = openpyxl.load_workbook(io.BytesIO(review_workbook(year, "county", COUNTY)))
    assert [cell.value for cell in book["评审表"][6]].count(note) == 1


def test_what_a_review_rests_on_stands_beside_it(year: Context) -> None:
    client = Office(COUNTY_OFFICE).client
    assert "省委组织部、省委老干部局《示范创建意见及考核项目》" in client.get(HERE).text
    assert "活动场所标准（六有标准）：有标识牌、有上墙内容" in client.get(HERE + "branches/a").text


def test_hostile_names_are_text(year: Context) -> None:
    client = Office(COUNTY_OFFICE).client
    for path in ("list?tier=county&place=P530102", "branches/b"):
        text = client.get(HERE + path).text
        assert "&lt;script&gt;" in text
        assert not re.search(r"<script>alert", text)


def test_agreeing_with_the_tier_below_takes_each_branch_as_far_as_that_did(year: Context) -> None:
    county = Office(COUNTY_OFFICE)
    recommend(county, COUNTY_LIST, "a", level="province")
    recommend(county, COUNTY_LIST, "b", level="prefecture")
    assert recommend(Office(PREFECTURE_OFFICE), PREFECTURE_LIST, "a", "b", level="")[0] == 200
    assert [row[3] for row in kept(year) if row[1] == "prefecture"] == ["province", "prefecture"]


def test_whoever_only_looks_finds_the_way_back_to_the_list_that_they_see(year: Context) -> None:
    county_list = "list?tier=county&amp;place=P530102"
    assert county_list in Office(PREFECTURE_OFFICE).client.get(HERE + "branches/a").text
    assert county_list in Office(COUNTY_OFFICE).client.get(HERE + "branches/a").text


@pytest.mark.parametrize("viewer", [COUNTY_OFFICE, PREFECTURE_OFFICE, OPERATOR], ids=["county", "prefecture", "operator"])
def test_a_branchs_page_reads_nothing_of_the_year_twice(year: Context, viewer: Viewer) -> None:
    """A province has thousands of scores and reviews: reading them again for one branch took most of the page's time."""
    client, asked = Office(viewer).client, list[tuple[str, str]]()

    def keep(_connection: object, _cursor: object, statement: str, values: object, *_more: object) -> None:
        asked.append((statement, repr(values)))

    sa.event.listen(year.store, "before_cursor_execute", keep)
    try:
        assert client.get(HERE + "branches/a").status_code == 200
    finally:
        sa.event.remove(year.store, "before_cursor_execute", keep)
    whole = [said for said in asked if re.search(r"FROM (scores|reviews)\b", said[0]) and "branch_id =" not in said[0]]
    assert len(whole) == len(set(whole)) >= 2


def test_what_was_ticked_and_chosen_outlives_a_refusal(year: Context) -> None:
    office = Office(COUNTY_OFFICE)
    status, text = office.post("list", {**COUNTY_LIST, "branch": ["a"], "verdict": "return", "reason": " "})
    assert (status, "没有保存" in text, kept(year)) == (422, True, [])
    assert re.findall(r'name="branch" value="(\w)" checked', text) == ["a"]
    assert '<option value="return" selected>' in text
    status, text = office.post("list", {**COUNTY_LIST, "branch": [], "verdict": "refuse", "reason": "台账不实"})
    assert (status, "台账不实</textarea>" in text) == (422, True)
