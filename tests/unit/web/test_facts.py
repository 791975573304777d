"""What is put on record of a branch on its page: who may enter which kind, correct it, end it, take it back; what is refused."""

import datetime as dt
import re
import shutil
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from etl.core.access import Viewer
from etl.core.year_rows import FactRow
from etl.edges.feeds import CHINA
from etl.edges.programmes import programme_folders
from etl.edges.store.records import records_of
from etl.edges.store.schema import branch_records
from etl.settings import settings
from etl.stages.branch_facts import facts_listing, facts_of_branch
from etl.stages.context import Context, open_year
from etl.web.app import create_app
from tests.support.naming import COUNTY, PREFECTURE, YUNNAN, keep_scores, score_rows

HERE = f"/{YUNNAN}/2017/reviews/branches/a"
WUHUA, PANLONG = Viewer("wuhua", frozenset({"530102"})), Viewer("panlong", frozenset({"530103"}))
KUNMING, OPERATOR = Viewer("kunming", frozenset({"530100"})), Viewer("ops", everything=True)
DAY = dt.date(2018, 1, 20)
HOSTILE = "<script>alert(1)</script>"
RECTIFICATION = {"kind": "rectification", "since": "2017-10-01", "until": "", "note": "组织软弱涣散"}
AWAY = {"kind": "members_away", "since": "2017-10-01", "other": "P530300", "members": "3"}


@pytest.fixture
def year(home: Path) -> Context:
    """Two branches of 五华区, scored, of 20 members each."""
    context = open_year(YUNNAN, "2017")
    keep_scores(context, score_rows(context.bundle.programme, {"a": 95.0, "b": 94.0}))
    return context


class Office:
    """A browser of one account, which carries its form token and what its page was shown over; a minute passes with each act."""

    minutes = 0

    def __init__(self, viewer: Viewer) -> None:
        self.client = TestClient(create_app(lambda: viewer, self._clock), raise_server_exceptions=False)
        self.client.get("/")

    @classmethod
    def _clock(cls) -> dt.datetime:
        cls.minutes += 1
        return dt.datetime.combine(DAY, dt.time(8), CHINA) + dt.timedelta(minutes=cls.minutes)

    def get(self) -> str:
        return self.client.get(HERE).text

    def seen(self) -> str:
        found = re.search(r'name="seen" value="(\w*)"', self.get())
        return found[1] if found else ""

    def forms(self) -> list[str]:
        """The addresses at which facts that are there may be changed."""
        return list(dict.fromkeys(re.findall(rf'action="({HERE}/facts/\w+)"', self.get())))

    def post(self, at: str = HERE + "/facts", **fields: str) -> tuple[int, str]:
        known = {"form_token": self.client.cookies["sanji_form"], "seen": self.seen()}
        answer = self.client.post(at, data={**known, **fields})
        return answer.status_code, answer.text


def kept(year: Context) -> list[tuple[str, str, str | None, str, str]]:
    """Kind, place, end, note, author of all records, oldest first."""
    rows = records_of(year.store, branch_records, FactRow, YUNNAN)
    return [(row["kind"], row["node_id"], row["until"], row["note"], row["actor"]) for row in rows]


def test_a_county_enters_ends_opens_again_and_takes_back(year: Context) -> None:
    office = Office(WUHUA)
    assert "还没有登记事项" in office.get()
    status, text = office.post(**{**RECTIFICATION, "note": HOSTILE})
    assert (status, "已登记。" in text) == (200, True)
    assert not re.search(r"<script>alert", text)
    [form] = office.forms()
    assert "登记事项已更正" in office.post(form, until="2018-01-10", note="已验收")[1]
    assert office.forms() == [form]  # the same fact
    assert "登记事项已更正" in office.post(form, until="", note="验收未通过")[1]
    assert facts_of_branch(year, "a")[0]["until"] is None
    status, text = office.post(form, taken_back="yes", note=" ")
    assert (status, "作废须写明理由" in text) == (422, True)
    status, text = office.post(form, taken_back="yes", note="登记错了支部")
    assert (status, "已作废，原记录保留备查" in text, "第 4 次" in text) == (200, True, True)
    assert kept(year) == [
        ("rectification", COUNTY, None, HOSTILE, "wuhua"), ("rectification", COUNTY, "2018-01-10", "已验收", "wuhua"),
        ("rectification", COUNTY, None, "验收未通过", "wuhua"), ("rectification", COUNTY, "2017-10-01", "登记错了支部", "wuhua"),
    ]
    assert office.forms() == []


def test_a_place_above_enters_what_it_decides_and_counts_no_members_of_another(year: Context) -> None:
    office = Office(KUNMING)
    assert office.post(kind="contact_point", since="2017-10-01", outcome="副部长甲岗")[0] == 200
    assert office.post(**AWAY)[0] == 403
    assert "异地居住党员</summary>" not in office.get()
    county = Office(WUHUA)
    assert county.forms() == []  # what the prefecture entered is the prefecture's
    [form] = office.forms()
    assert county.post(form, until="2018-01-01")[0] == 403
    assert county.post(**AWAY)[0] == 200
    assert [(each["kind"], each["place"], each["other"], each["members"]) for each in facts_of_branch(year, "a")] == [
        ("contact_point", "昆明市", "", None), ("members_away", "五华区", "曲靖市", 3),
    ]
    assert office.forms() == [form]


@pytest.mark.parametrize(("viewer", "wanted"), [(PANLONG, 404), (OPERATOR, 403)])
def test_who_is_not_responsible_enters_nothing(year: Context, viewer: Viewer, wanted: int) -> None:
    assert Office(WUHUA).post(**RECTIFICATION)[0] == 200
    [form] = Office(WUHUA).forms()
    office = Office(viewer)
    assert [office.post(**AWAY)[0], office.post(form, until="2018-01-01")[0]] == [wanted, wanted]
    assert "<form method" not in office.get()
    assert len(kept(year)) == 1


REFUSED = [
    ({**RECTIFICATION, "since": "2018-01-21"}, 422, "开始日期晚于今天"),
    ({**RECTIFICATION, "until": "2017-09-30"}, 422, "结束日期2017-09-30早于开始日期2017-10-01"),
    ({**AWAY, "members": "21"}, 422, "登记21人，超过该支部党员数20"),
    ({**AWAY, "members": "三"}, 422, "党员人数填整数"),
    ({**AWAY, "other": ""}, 422, "须写明另一方"),
    ({**AWAY, "other": "P1"}, 400, ""),
    ({**RECTIFICATION, "until": "bald"}, 400, ""),
    ({"kind": "sweep", "since": "2017-10-01", "outcome": "closed"}, 422, "不在方案所列之中"),
    ({"kind": "party", "since": "2017-10-01"}, 403, ""),
    ({**RECTIFICATION, "seen": "f97913"}, 409, "没有保存，请核对下面的现状"),
    ({**RECTIFICATION, "form_token": "x"}, 403, ""),
]


@pytest.mark.parametrize(("fields", "wanted", "said"), REFUSED)
def test_what_is_refused_is_said_and_what_was_typed_stays(
    year: Context, fields: dict[str, str], wanted: int, said: str
) -> None:
    status, text = Office(WUHUA).post(**{**fields, "note": "甲情况"})
    assert (status, said in text, kept(year)) == (wanted, True, [])
    assert ('value="甲情况"' in text) == (wanted in (409, 422))


def test_a_correction_over_what_a_colleague_has_changed_says_so(year: Context) -> None:
    office = Office(WUHUA)
    assert office.post(**AWAY)[0] == 200
    [form], before = office.forms(), office.seen()
    assert office.post(form, members="5")[0] == 200
    status, text = office.post(form, members="6", seen=before)
    assert (status, "可能已由同事登记" in text, 'value="6"' in text) == (409, True, True)
    assert facts_of_branch(year, "a")[0]["members"] == 5
    status, text = office.post(form, members="21")
    assert (status, "超过该支部党员数20" in text, 'value="21"' in text) == (422, True, True)


def test_a_unit_of_a_tiers_own_office_enters_for_its_place(year: Context) -> None:
    keep_scores(year, score_rows(year.bundle.programme, {"a": 90.0}, unit_id="P530100-own", node_id="P530100-own"))
    assert Office(KUNMING).post(**AWAY)[0] == 200
    assert kept(year)[0][:2] == ("members_away", PREFECTURE)


def test_what_holds_of_the_branches_under_a_place_is_listed_by_kind(year: Context) -> None:
    office = Office(WUHUA)
    assert office.post(**RECTIFICATION)[0] == 200
    [form] = office.forms()
    assert office.post(**AWAY)[0] == 200
    assert office.post(kind="sweep", since="2017-06-02", outcome="re_elect")[0] == 200

    def counts(viewer: Viewer, query: str = "") -> dict[str, str]:
        text = Office(viewer).client.get(f"/{YUNNAN}/2017/reviews/facts{query}").text
        return {name: number for number, name in re.findall(r"<b>(\d+)</b>([^<]+)</a>", text) if number != "0"}

    assert counts(KUNMING) == {"全部": "3", "整顿": "1", "排查": "1", "异地居住党员": "1"}
    assert counts(PANLONG) == {}
    office.post(form, until="2018-01-10", note="")
    assert counts(KUNMING) == {"全部": "2", "排查": "1", "异地居住党员": "1"}
    assert counts(KUNMING, "?past=true") == {"全部": "3", "整顿": "1", "排查": "1", "异地居住党员": "1"}
    text = Office(KUNMING).client.get(f"/{YUNNAN}/2017/reviews/facts?kind=sweep").text
    assert text.count('<th scope="row">') == 1
    assert f'href="{HERE}#facts"' in text
    assert f'href="/{YUNNAN}/2017/reviews/facts"' in Office(KUNMING).client.get(f"/{YUNNAN}/2017/reviews/").text


def test_an_outcome_that_only_one_programme_has_is_called_by_its_name(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "programmes" / "invented-sweeps"
    shutil.copytree(programme_folders()[YUNNAN], own)
    said = (own / "programme.yaml").read_text(encoding="utf-8").replace(YUNNAN, own.name)
    said = said.replace("{key: rebuild, zh: 重建, en: rebuilt}", "{key: split_up, zh: 分设支部}")
    (own / "programme.yaml").write_text(said, encoding="utf-8")
    monkeypatch.setenv("SANJI_PROGRAMMES_DIR", str(own.parent))
    settings.cache_clear()
    context = open_year(own.name, "2017")
    keep_scores(context, score_rows(context.bundle.programme, {"a": 95.0}))
    office, here = Office(WUHUA), f"/{own.name}/2017/reviews/branches/a"
    page = office.client.get(here)
    assert (page.status_code, '<option value="split_up">分设支部</option>' in page.text) == (200, True)
    token = {"form_token": office.client.cookies["sanji_form"], "seen": ""}
    said_of_it = {"kind": "sweep", "since": "2017-06-02", "outcome": "split_up", **token}
    assert office.client.post(here + "/facts", data=said_of_it).status_code == 200
    assert [each["outcome_zh"] for each in facts_of_branch(context, "a")] == ["分设支部"]
    assert "分设支部" in facts_listing(context, DAY)["outcome"].tolist()
