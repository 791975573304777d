"""The year's namings on the page: quotas and lists, who may give notice, take objections, rule and name, and what is refused."""

import datetime as dt
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from etl.core.access import Viewer
from etl.core.awards.branch_records import Fact
from etl.core.awards.review import Entry
from etl.core.returns.events import By
from etl.core.year_rows import ObjectionRow, TitleRow, WithdrawalRow
from etl.edges.feeds import CHINA
from etl.edges.store.records import records_of
from etl.edges.store.schema import notices, objections, rulings, titles, withdrawals
from etl.stages.award import award_year
from etl.stages.branch_facts import keep_fact, keep_succession, move_places
from etl.stages.context import Context, open_year
from etl.stages.naming import name_branches
from etl.stages.naming_rounds import newest_run
from etl.stages.notice import open_notices
from etl.stages.review import enter
from etl.web.app import create_app
from tests.support.naming import (
    COUNTY,
    PREFECTURE,
    PROVINCE,
    YUNNAN,
    award_in_two_cities,
    keep_scores,
    score_rows,
)

HERE = f"/{YUNNAN}/2017/awards/"
OPENED, RUNNING, CLOSED = dt.date(2018, 2, 5), dt.date(2018, 2, 11), dt.date(2018, 2, 12)  # 11 February: a worked Sunday
AT = dt.datetime(2018, 1, 15, 9, tzinfo=CHINA)
COUNTY_OFFICE, NEIGHBOUR = Viewer("wuhua", frozenset({"530102"})), Viewer("panlong", frozenset({"530103"}))
PREFECTURE_OFFICE, OPERATOR = Viewer("kunming", frozenset({"530100"})), Viewer("ops", everything=True)
PROVINCE_OFFICE = Viewer("yunnan", frozenset({"530000"}))
AT_PREFECTURE = {"level": "prefecture", "place": PREFECTURE}
HOSTILE = "<script>alert(1)</script>"
OTHER_CITY = Viewer("qujing", frozenset({"530300"}))


@pytest.fixture
def judged(home: Path) -> Context:
    """Two branches of 五华区, one with a hostile name, that all tiers recommend to the prefecture; one of 盘龙区."""
    context = open_year(YUNNAN, "2017")
    programme = context.bundle.programme
    rows = [
        *score_rows(programme, {"a": 95.0}), *score_rows(programme, {"b": 94.0}, branch_name=HOSTILE),
        *score_rows(programme, {"c": 93.0}, node_id="P530103"),
    ]
    keep_scores(context, rows)
    said = [Entry(b, tier, "recommend", "prefecture") for b in "ab" for tier in ("county", "prefecture")]
    assert not enter(context, [*said, Entry("c", "county", "recommend", "county")], By("甲", AT)).refused
    return context


@pytest.fixture
def year(judged: Context) -> Context:
    """The same after an award."""
    award_year(judged, dt.date(2018, 2, 1))
    return judged


class Office:
    """A browser of one account on one day, which carries its form token."""

    def __init__(self, viewer: Viewer, day: dt.date = OPENED) -> None:
        noon = dt.datetime.combine(day, dt.time(12), CHINA)
        self.client = TestClient(create_app(lambda: viewer, lambda: noon), raise_server_exceptions=False)
        self.client.get("/")

    def get(self, path: str = "", **where: str) -> str:
        return self.client.get(HERE + path, params=where).text

    def post(self, path: str, **fields: str) -> tuple[int, str]:
        run = newest_run(open_year(YUNNAN, "2017"))
        known = {"run": run["run_id"] if run else "", "form_token": self.client.cookies["sanji_form"]}
        fields = {**AT_PREFECTURE, **known, **fields}
        answer = self.client.post(HERE + path, data=fields)
        return answer.status_code, answer.text


def kept(year: Context) -> dict[str, int]:
    tables = {"notices": notices, "objections": objections, "rulings": rulings, "titles": titles}
    return {name: len(records_of(year.store, table, dict, YUNNAN)) for name, table in tables.items()}


def listed(viewer: Viewer) -> list[str]:
    text = Office(viewer).get()
    return [name for name in ("五华区", "盘龙区", "昆明市", "云南省") if f">{name}</a>" in text]


def test_before_an_award_it_is_said_that_there_is_nothing_yet(judged: Context) -> None:
    assert "还没有评定结果" in Office(PREFECTURE_OFFICE).get()
    assert Office(PREFECTURE_OFFICE).client.get(HERE + "place", params=AT_PREFECTURE).status_code == 404


def test_without_scores_there_is_no_such_page(home: Path) -> None:
    assert Office(PREFECTURE_OFFICE).client.get(HERE).status_code == 404


def test_an_office_sees_what_is_named_at_and_under_its_place_and_its_own_branches_elsewhere(year: Context) -> None:
    assert listed(OPERATOR) == ["五华区", "盘龙区", "昆明市"]
    assert listed(PREFECTURE_OFFICE) == ["五华区", "盘龙区", "昆明市"]
    assert listed(COUNTY_OFFICE) == ["五华区", "昆明市"]  # 昆明市 is to name branches of 五华区
    assert listed(NEIGHBOUR) == ["盘龙区"]
    assert "没有拟命名、候补或已命名的支部" in Office(OTHER_CITY).get()
    assert Office(NEIGHBOUR).client.get(HERE + "place", params=AT_PREFECTURE).status_code == 404


def test_a_county_sees_of_the_prefecture_its_own_branches_and_no_objections(year: Context) -> None:
    office = Office(PREFECTURE_OFFICE)
    office.post("notice", on="2018-02-05")
    office.post("objections", branch="a", on="2018-02-05", statement="台账不实")
    text = Office(COUNTY_OFFICE).get("place", **AT_PREFECTURE)
    assert "只列本地区的支部" in text
    assert "a党支部" in text
    assert "台账不实" not in text
    assert "<form method" not in text
    assert "台账不实" in Office(OPERATOR).get("place", **AT_PREFECTURE)


def test_from_notice_through_an_objection_to_titles_on_the_page(year: Context) -> None:
    office = Office(PREFECTURE_OFFICE)
    assert "待公示" in office.get("place", **AT_PREFECTURE)
    status, text = office.post("notice", on="2018-02-05")
    assert (status, "公示已登记" in text) == (200, True)
    assert "公示期满后" in text
    assert kept(year)["notices"] == 1  # that of the place alone
    status, text = office.post("objections", branch="a", on="2018-02-05", statement="台账不实")
    assert (status, "异议已受理" in text) == (200, True)
    status, text = office.post("name", on="2018-02-05")
    assert (status, kept(year)["titles"]) == (422, 0)
    assert "公示至2018-02-11截止，2018-02-05不能命名" in text

    later = Office(PREFECTURE_OFFICE, CLOSED)
    page = later.get("place", **AT_PREFECTURE)
    assert "将命名 1 个支部。1 个支部有异议待核实，暂不命名。" in page
    status, text = later.post("name", on="2018-02-12", document="昆老通〔2018〕1号")
    assert (status, kept(year)["titles"]) == (422, 1)
    assert "已命名 1 个支部" in text
    assert "对a党支部的异议尚未作出结论，暂不命名" in text
    assert "异议待核实" in text

    (objection,) = records_of(year.store, objections, ObjectionRow, YUNNAN)
    found = {"objection": objection["objection_id"], "found": "dismissed", "reason": "查无实据"}
    status, text = later.post("rulings", **found, on="2018-02-12")
    assert (status, "核实结论已登记" in text) == (200, True)
    status, text = later.post("name", on="2018-02-12", document="昆老通〔2018〕2号")
    assert (status, "已命名 1 个支部" in text) == (200, True)
    assert [row["actor"] for row in records_of(year.store, titles, TitleRow, YUNNAN)] == ["kunming", "kunming"]
    branch = later.client.get(f"/{YUNNAN}/2017/reviews/branches/a").text
    assert "昆老通〔2018〕2号" in branch
    assert "截至2018-02-12所处级别：州（市）级示范党支部" in branch


def test_a_branch_against_which_an_objection_is_upheld_is_not_named(year: Context) -> None:
    office, later = Office(PREFECTURE_OFFICE), Office(PREFECTURE_OFFICE, CLOSED)
    office.post("notice", on="2018-02-05")
    office.post("objections", branch="a", on="2018-02-05", statement="台账不实")
    (objection,) = records_of(year.store, objections, ObjectionRow, YUNNAN)
    later.post("rulings", objection=objection["objection_id"], found="upheld", on="2018-02-12", reason="查证属实")
    assert "异议属实，不予命名" in later.get("place", **AT_PREFECTURE)
    later.post("name", on="2018-02-12")
    assert [row["branch_id"] for row in records_of(year.store, titles, TitleRow, YUNNAN)] == ["b"]
    assert "已命名" in later.get()


def test_an_objection_after_the_deadline_is_kept_and_said_to_stop_nothing(year: Context) -> None:
    Office(PREFECTURE_OFFICE).post("notice", on="2018-02-05")
    later = Office(PREFECTURE_OFFICE, CLOSED)
    status, text = later.post("objections", branch="a", on="2018-02-12", statement="台账不实")
    assert (status, "不影响命名" in text) == (200, True)
    assert "将命名 2 个支部。" in text


def test_a_title_is_taken_back_by_the_place_that_conferred_it(year: Context) -> None:
    Office(PREFECTURE_OFFICE).post("notice", on="2018-02-05")
    later = Office(PREFECTURE_OFFICE, CLOSED)
    later.post("name", on="2018-02-12", document="昆老通〔2018〕1号")
    title = next(row["title_id"] for row in records_of(year.store, titles, TitleRow, YUNNAN) if row["branch_id"] == "a")
    back = {"title": title, "on": "2018-02-12", "reason": f"材料不实{HOSTILE}"}
    for viewer, wanted in ((NEIGHBOUR, 404), (COUNTY_OFFICE, 403), (PROVINCE_OFFICE, 403), (OPERATOR, 403)):
        assert Office(viewer, CLOSED).post("withdraw", **back)[0] == wanted
        assert "撤销称号" not in Office(viewer, CLOSED).get("place", **AT_PREFECTURE)
    for fields, said in (({"on": "2018-02-13"}, "日期晚于今天"), ({"on": "2018-02-11"}, "早于决定日期2018-02-12")):
        status, text = later.post("withdraw", **{**back, **fields})
        assert (status, said in text, "required>材料不实" in text) == (422, True, True)  # what was typed is not lost
    status, text = later.post("withdraw", **{**back, "reason": " "})
    assert (status, "撤销称号须写明理由" in text) == (422, True)
    assert later.post("withdraw", **{**back, "title": "f97913"})[0] == 404
    assert later.post("withdraw", **back, form_token="x")[0] == 403
    assert records_of(year.store, withdrawals, WithdrawalRow, YUNNAN) == []
    status, text = later.post("withdraw", **back)
    assert (status, "称号已撤销，原命名记录保留" in text) == (200, True)
    assert "材料不实&lt;script&gt;" in text
    assert text.count("撤销称号") == 1  # that of the other branch
    assert '<span class="bad">已撤销</span>' in text  # in the list of those to be named, too
    taken = records_of(year.store, withdrawals, WithdrawalRow, YUNNAN)
    assert [(row["title_id"], row["actor"]) for row in taken] == [(title, "kunming")]
    status, text = later.post("withdraw", **back)
    assert (status, "该称号已于2018-02-12撤销" in text) == (422, True)
    assert "将命名" not in text  # nobody is named a second time


REFUSED = [
    ("objections", {"branch": "a", "on": "2018-02-05", "statement": " "}, "异议须写明事实"),
    ("objections", {"branch": "c", "on": "2018-02-05", "statement": "不实"}, "c不在本次公示名单中"),
    ("objections", {"branch": "a", "on": "2018-02-06", "statement": "不实"}, "日期晚于今天"),
    ("name", {"on": "2018-02-13"}, "日期晚于今天"),
    ("notice", {"on": "2018-02-05"}, "公示已于2018-02-05开始"),
    ("name", {"on": "2018-02-05", "run": "f97913"}, "评定结果已更新"),
    ("notice", {"on": "2018-02-05", "run": "f97913"}, "评定结果已更新"),
]


@pytest.mark.parametrize(("path", "fields", "said"), REFUSED)
def test_what_is_refused_is_said_and_nothing_is_kept(year: Context, path: str, fields: dict[str, str], said: str) -> None:
    office = Office(PREFECTURE_OFFICE)
    office.post("notice", on="2018-02-05")
    before = kept(year)
    status, text = office.post(path, **fields)
    assert (status, said in text, kept(year)) == (422, True, before)


def test_what_was_typed_of_an_objection_or_a_ruling_outlives_a_refusal(year: Context) -> None:
    office = Office(PREFECTURE_OFFICE)
    office.post("notice", on="2018-02-05")
    text = office.post("objections", branch="a", on="2018-02-06", statement="台账\r\n不实")[1]
    assert "required>台账\n不实</textarea>" in text
    assert '<option value="a" selected>' in text
    office.post("objections", branch="a", on="2018-02-05", statement="台账不实")
    (row,) = records_of(year.store, objections, ObjectionRow, YUNNAN)
    ruling = {"objection": row["objection_id"], "found": "upheld", "on": "2018-02-06", "reason": "经查属实"}
    text = office.post("rulings", **ruling)[1]
    assert "required>经查属实</textarea>" in text
    assert '<option value="upheld" selected>' in text


def test_a_ruling_says_on_what_it_rests(year: Context) -> None:
    office = Office(PREFECTURE_OFFICE)
    office.post("notice", on="2018-02-05")
    office.post("objections", branch="a", on="2018-02-05", statement="台账不实")
    (row,) = records_of(year.store, objections, ObjectionRow, YUNNAN)
    ruling = {"objection": row["objection_id"], "found": "upheld", "on": "2018-02-05"}
    assert "核实结论须写明依据" in office.post("rulings", **ruling, reason=" ")[1]
    assert office.post("rulings", **{**ruling, "objection": "f97913"}, reason="属实")[0] == 404
    assert office.post("rulings", **{**ruling, "found": "perhaps"}, reason="属实")[0] == 404
    assert kept(year)["rulings"] == 0


@pytest.mark.parametrize(
    ("viewer", "wanted"), [(NEIGHBOUR, 404), (COUNTY_OFFICE, 403), (PROVINCE_OFFICE, 403), (OPERATOR, 403)],
    ids=["neighbour", "county below", "province above", "operator"],
)
def test_nobody_acts_for_another_place(year: Context, viewer: Viewer, wanted: int) -> None:
    office = Office(viewer)
    acts = {
        "notice": {"on": "2018-02-05"}, "name": {"on": "2018-02-05"},
        "objections": {"branch": "a", "on": "2018-02-05", "statement": "不实"},
        "rulings": {"objection": "x", "found": "upheld", "on": "2018-02-05", "reason": "属实"},
    }
    assert {path: office.post(path, **fields)[0] for path, fields in acts.items()} == dict.fromkeys(acts, wanted)
    assert set(kept(year).values()) == {0}


def test_a_form_without_the_browsers_token_or_with_no_day_is_refused(year: Context) -> None:
    office = Office(PREFECTURE_OFFICE)
    assert office.post("notice", on="2018-02-05", form_token="x")[0] == 403
    assert office.post("notice", on="bald")[0] == 400
    assert kept(year)["notices"] == 0


def test_a_quota_shows_what_is_taken_moved_and_left(year: Context) -> None:
    said = [Entry(b, tier, "recommend", "province", supersedes="") for b in "d" for tier in ("county", "prefecture", "province")]
    programme = year.bundle.programme
    keep_scores(year, [*score_rows(programme, {"d": 96.0})])
    assert not enter(year, said, By("甲", AT)).refused
    move_places(year, "province", 2, None, PROVINCE, "追加", By("甲", AT))
    run = award_year(year, dt.date(2018, 2, 2))["run"]
    open_notices(year, run, OPENED, By("甲", AT))
    name_branches(year, run, CLOSED, "", By("甲", AT))
    text = Office(PROVINCE_OFFICE, CLOSED).get("place", level="province", place=PROVINCE)
    figures = dict(re.findall(r"<dt>(.*?)</dt><dd>(?:<span class=\"zero\">)?(\d+)", text))
    assert figures == {"名额": "102", "已用": "1", "本期尚余": "39", "拟命名": "1", "候补": "0", "已命名": "1"}
    assert "其中调剂 +2" in text
    assert "3 年合计" in text


def test_after_another_award_the_list_needs_a_notice_of_its_own(year: Context) -> None:
    office = Office(PREFECTURE_OFFICE)
    office.post("notice", on="2018-02-05")
    keep_succession(year, "b", None, "dissolve", dt.date(2018, 2, 1), "撤销", By("甲", AT))
    award_year(year, dt.date(2018, 2, 2))
    text = office.get("place", **AT_PREFECTURE)
    assert "对本次名单无效" in text
    assert "待公示" in text
    assert HOSTILE.replace("<", "&lt;").replace(">", "&gt;") not in text
    assert office.post("notice", on="2018-02-06")[0] == 200
    assert "对本次名单无效" not in office.get("place", **AT_PREFECTURE)


def test_what_is_on_record_of_a_branch_stands_in_its_case(year: Context) -> None:
    """Each fact once, as it was entered last; a note is text."""
    since = dt.date(2017, 10, 1)
    for hour, until in enumerate((None, dt.date(2017, 12, 20))):
        fact = Fact("rectification", "a", COUNTY, since, until=until, note=HOSTILE)
        assert not keep_fact(year, fact, By("甲", AT + dt.timedelta(hours=hour))).said
    away = Fact("members_away", "a", COUNTY, since, other_node_id=PROVINCE, members=3)
    assert not keep_fact(year, away, By("甲", AT)).said
    text = Office(PREFECTURE_OFFICE).client.get(f"/{YUNNAN}/2017/reviews/branches/a").text
    section = text[text.index("登记事项") :]
    assert section.count("<th scope=\"row\">整顿") == 1
    assert "2017年12月20日" in section
    assert "另一方：云南省" in section
    assert not re.search(r"<script>alert", text)
    assert "登记事项" not in Office(OPERATOR).client.get(f"/{YUNNAN}/2017/reviews/branches/b").text


def test_hostile_names_are_text(year: Context) -> None:
    office = Office(PREFECTURE_OFFICE)
    office.post("notice", on="2018-02-05")
    office.post("objections", branch="b", on="2018-02-05", statement=HOSTILE)
    text = office.get("place", **AT_PREFECTURE)
    assert text.count("&lt;script&gt;alert") >= 3
    assert not re.search(r"<script>alert", text)


def test_the_reviews_lead_to_the_namings_and_back(year: Context) -> None:
    client = Office(COUNTY_OFFICE).client
    assert f'href="{HERE}"' in client.get(f"/{YUNNAN}/2017/reviews/").text
    assert f'href="/{YUNNAN}/2017/reviews/"' in client.get(HERE).text
    assert f"place={COUNTY}" in client.get(HERE).text


def test_the_pages_call_a_level_as_the_place_confers_it(home: Path) -> None:
    programme = award_in_two_cities().key[0]
    client = Office(OPERATOR, dt.date(2025, 2, 5)).client
    for place, title in (("P520300", "“遵义银辉”示范性党支部"), ("P520100", "市（州）级示范性党支部")):
        text = client.get(f"/{programme}/2024B2/awards/place", params={"level": "prefecture", "place": place}).text
        assert f"<small>{title}</small>" in text
        assert title in text.partition("</title>")[0]
    text = client.get(f"/{programme}/2024B2/awards/").text
    told = re.findall(r'data-label="级别">(.*?)</td>', text)
    assert told == ["市（州）级示范性党支部", "“遵义银辉”示范性党支部"]
