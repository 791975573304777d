"""Plans, supervision and visits on the page: who sees what is owed, who puts it on record, and what is refused."""

import datetime as dt
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from etl.core.access import Viewer
from etl.core.returns.events import By
from etl.core.year_rows import DutyRow
from etl.edges.feeds import CHINA
from etl.edges.store.records import records_of
from etl.edges.store.schema import duty_records
from etl.stages.context import open_year
from etl.stages.duties import keep_duty
from etl.web.app import create_app
from tests.support.naming import PREFECTURE, YUNNAN

ZAOZHUANG, COUNTY = "zaozhuang-true-colour-home", "P370402"
HERE, SUPERVISION = f"/{YUNNAN}/2017/duties/", f"/{ZAOZHUANG}/2021/duties/"
KUNMING, QUJING = Viewer("kunming", frozenset({"530100"})), Viewer("qujing", frozenset({"530300"}))
YUNNAN_OFFICE, WUHUA = Viewer("yunnan", frozenset({"530000"})), Viewer("wuhua", frozenset({"530102"}))
ZAOZHUANG_OFFICE, SHIZHONG = Viewer("zaozhuang", frozenset({"370400"})), Viewer("shizhong", frozenset({"370402"}))
OPERATOR = Viewer("ops", everything=True)
DAY = dt.date(2017, 11, 20)
HOSTILE = "<script>alert(1)</script>"
SCHEME = {"duty": "yearly_scheme", "node": PREFECTURE, "on": "2017-03-01", "seen": ""}


class Office:
    """A browser of one account on one day, which carries its form token."""

    def __init__(self, viewer: Viewer, day: dt.date = DAY) -> None:
        noon = dt.datetime.combine(day, dt.time(12), CHINA)
        self.client = TestClient(create_app(lambda: viewer, lambda: noon), raise_server_exceptions=False)
        self.client.get("/")

    def get(self, path: str = HERE) -> str:
        return self.client.get(path).text

    def post(self, act: str, at: str = HERE, **fields: str) -> tuple[int, str]:
        known = {**SCHEME, "form_token": self.client.cookies["sanji_form"]}
        answer = self.client.post(at + act, data={**known, **fields})
        return answer.status_code, answer.text


def kept(programme: str = YUNNAN) -> list[tuple[str, str, bool, str]]:
    """Node, day, whether taken back, and who says so, of all on record."""
    rows = records_of(open_year(programme, "2021" if programme == ZAOZHUANG else "2017").store, duty_records, DutyRow, programme)
    return [(row["node_id"], row["done_on"], row["taken_back"], row["actor"]) for row in rows]


def seen(text: str, node: str, duty: str = "yearly_scheme") -> str:
    """What the form of a node's duty was filled in over."""
    found = re.search(rf'name="duty" value="{duty}"><input type="hidden" name="node" value="{node}">'
                      r'<input type="hidden" name="seen" value="([^"]*)"', text)
    assert found
    return found[1]


def test_a_place_puts_its_plan_on_record_with_a_day_and_a_word(home: Path) -> None:
    office = Office(KUNMING)
    assert "待办 1 个" in office.get()
    status, text = office.post("done", note=f"已印发{HOSTILE}")
    assert (status, "已登记。" in text) == (200, True)
    assert "2017年3月1日" in text
    assert "已办 1 个" in text
    assert "已印发&lt;script&gt;" in text
    assert not re.search(r"<script>alert", text)
    assert kept() == [(PREFECTURE, "2017-03-01", False, "kunming")]


def test_what_was_due_and_is_not_on_record_is_overdue_from_the_next_day_on(home: Path) -> None:
    assert "逾期未办" not in Office(KUNMING, dt.date(2017, 12, 31)).get()
    text = Office(KUNMING, dt.date(2018, 1, 1)).get()
    assert text.count("逾期未办 1 个") == 2  # the plan of three years is owed by the end of the first, the scheme by the year's
    assert "尚未办结的有 2 项" in text
    Office(KUNMING, dt.date(2018, 1, 5)).post("done", on="2018-01-05")
    assert "逾期办结 1 个" in Office(KUNMING, dt.date(2018, 1, 5)).get()
    years = re.findall(r"<b>(\d+)</b>(20\d\d)年逾期", Office(KUNMING, dt.date(2018, 1, 5)).get())
    assert years == [("1", "2018"), ("1", "2017")]


def test_a_tier_above_sees_who_owes_and_a_county_that_owes_nothing_is_told_so(home: Path) -> None:
    owing = sum(node.tier in ("prefecture", "provincial_unit") for node in open_year(YUNNAN, "2017").register.nodes)
    for viewer in (YUNNAN_OFFICE, OPERATOR):
        text = Office(viewer).get()
        assert text.count(f"应办 {owing} 个") == 2
        assert "尚无登记，由昆明市登记" in text
        assert "<form method" not in text
    assert "没有应办的规划、督查或走访" in Office(WUHUA).get()
    assert "昆明市" not in Office(QUJING).get()


@pytest.mark.parametrize(("viewer", "wanted"), [(QUJING, 404), (WUHUA, 404), (YUNNAN_OFFICE, 403), (OPERATOR, 403)])
def test_nobody_puts_on_record_what_another_place_owes(home: Path, viewer: Viewer, wanted: int) -> None:
    kunming = By("kunming", dt.datetime.now(CHINA))
    keep_duty(open_year(YUNNAN, "2017"), "yearly_scheme", PREFECTURE, dt.date(2017, 3, 1), "", kunming)
    office = Office(viewer)
    assert [office.post(act, note="不实")[0] for act in ("done", "undo")] == [wanted, wanted]
    assert len(kept()) == 1


def test_supervision_is_put_on_record_by_the_place_above_and_seen_by_whom_it_was_given(home: Path) -> None:
    fields = {"duty": "mid_year", "node": COUNTY, "on": "2021-05-20"}
    day = dt.date(2021, 6, 1)
    assert Office(SHIZHONG, day).post("done", SUPERVISION, **fields)[0] == 403
    assert "尚无登记，由枣庄市登记" in Office(SHIZHONG, day).get(SUPERVISION)
    assert Office(ZAOZHUANG_OFFICE, day).post("done", SUPERVISION, **fields)[0] == 200
    assert kept(ZAOZHUANG) == [(COUNTY, "2021-05-20", False, "zaozhuang")]
    assert "2021年5月20日" in Office(SHIZHONG, day).get(SUPERVISION)
    status, text = Office(SHIZHONG, day).post("done", SUPERVISION, duty="yearly_plan", node=COUNTY, on="2021-02-01")
    assert (status, "已登记" in text) == (200, True)  # the plan is its own
    assert "7月1日起办理" in Office(ZAOZHUANG_OFFICE, day).get(SUPERVISION)  # the supervision of the year's end


REFUSED = [
    ({"on": "2017-11-21"}, 422, "日期晚于今天"),
    ({"seen": "f97913"}, 409, "没有保存，请核对下面的现状"),
    ({"duty": "party"}, 404, "没有这一页"),
    ({"node": "P530103"}, 404, "没有这一页"),
    ({"on": "bald"}, 400, ""),
    ({"form_token": "x"}, 403, ""),
]


@pytest.mark.parametrize(("fields", "wanted", "said"), REFUSED)
def test_what_is_refused_is_said_and_nothing_is_kept(home: Path, fields: dict[str, str], wanted: int, said: str) -> None:
    status, text = Office(KUNMING).post("done", **{"note": "甲文件", **fields})
    assert (status, said in text, kept()) == (wanted, True, [])
    if wanted in (409, 422):
        assert 'value="甲文件"' in text  # what was typed is not lost


def test_supervision_outside_its_half_is_refused_in_the_stages_words(home: Path) -> None:
    office = Office(ZAOZHUANG_OFFICE, dt.date(2021, 8, 1))
    status, text = office.post("done", SUPERVISION, duty="mid_year", node=COUNTY, on="2021-07-20")
    assert (status, "应在2021年第1个半年进行" in text, kept(ZAOZHUANG)) == (422, True, [])


def test_a_colleague_was_faster_and_a_mistake_is_taken_back(home: Path) -> None:
    first, second = Office(KUNMING), Office(KUNMING)
    assert first.post("done")[0] == 200
    status, text = second.post("done", on="2017-03-02")
    assert (status, "可能已由同事登记" in text, len(kept())) == (409, True, 1)
    there = seen(text, PREFECTURE)
    assert second.post("undo", seen="", note="记错了")[0] == 409
    status, text = second.post("undo", seen=there, note=" ")
    assert (status, "撤销须写明理由" in text) == (422, True)
    assert second.post("undo", seen=there, on="2017-03-02", note="记错了")[0] == 422
    status, text = second.post("undo", seen=there, note="记错了")
    assert (status, "已撤销登记" in text) == (200, True)
    assert [each[2] for each in kept()] == [False, True]
    assert "待办 1 个" in text
    assert second.post("done", on="2017-03-02")[0] == 200


def test_the_way_there_leads_to_the_year_of_the_day(home: Path) -> None:
    office = Office(KUNMING, dt.date(2018, 2, 1))
    assert "2018年" in office.get(f"/{YUNNAN}/duties")
    assert "没有应办工作" in office.get("/zunyi-six-good/duties")
    assert office.client.get("/party/duties").status_code == 404
    assert f'href="/{YUNNAN}/duties"' in office.get()
