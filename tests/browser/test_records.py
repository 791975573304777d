"""What people put on record beside the reviews, in Chromium: duties done, facts about branches; by keyboard, without scripts."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from etl.core.access import Viewer
from etl.core.awards.branch_records import Fact
from etl.core.returns.events import By
from etl.core.year_rows import DutyRow, FactRow
from etl.edges.store.records import records_of
from etl.edges.store.schema import branch_records, duty_records
from etl.stages.branch_facts import keep_fact
from etl.stages.context import Context, open_year
from etl.stages.duties import keep_duty
from tests.support.filing import home_at
from tests.support.keyboard import tab_to, unreadable
from tests.support.naming import PREFECTURE, YUNNAN, keep_scores, score_rows

pytestmark = pytest.mark.browser
DUTIES, BRANCH = f"/{YUNNAN}/2018/duties/", f"/{YUNNAN}/2017/reviews/branches/a"
FACTS = f"/{YUNNAN}/2017/reviews/facts"


@pytest.fixture
def office(tmp_path: Path, serve: Callable[[Viewer], str]) -> Iterator[tuple[str, Context]]:
    """The page as 昆明市 sees it, which owes a plan of three years, of 2017, and the scheme of 2018."""
    with home_at(tmp_path / "home"):
        yield serve(Viewer("kunming", frozenset({"530100"}))), open_year(YUNNAN, "2018")


def _kept(context: Context) -> list[tuple[str, str, str, bool]]:
    rows = records_of(context.store, duty_records, DutyRow, YUNNAN)
    return [(row["duty"], row["done_on"], row["note"], row["taken_back"]) for row in rows]


def test_a_duty_is_noted_as_done_and_taken_back_by_keyboard(office: tuple[str, Context], page: Page) -> None:
    address, context = office
    page.goto(f"{address}/{YUNNAN}/duties")
    page.wait_for_url("**/2018/duties/")
    group = page.locator("section", has_text="年度创建方案")
    group.get_by_label("昆明市说明").focus()
    page.keyboard.type("已印发")
    tab_to(page, "登记已办")
    page.keyboard.press("Enter")  # the day is today's
    page.get_by_text("已登记。").wait_for()
    assert _kept(context) == [("yearly_scheme", "2018-07-26", "已印发", False)]
    group.get_by_text("登记有误").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("记错了单位")
    page.keyboard.press("Enter")
    page.get_by_text("已撤销登记，原记录保留备查。").wait_for()
    assert _kept(context)[1] == ("yearly_scheme", "2018-07-26", "记错了单位", True)


def test_without_scripts_a_form_that_a_colleague_overtook_says_so_and_keeps_what_was_typed(
    office: tuple[str, Context], browser: Browser
) -> None:
    address, context = office
    page = browser.new_page(java_script_enabled=False)
    page.goto(address + DUTIES)
    earlier = dt.datetime(2018, 7, 26, 1, tzinfo=dt.UTC)
    keep_duty(context, "yearly_scheme", PREFECTURE, dt.date(2018, 3, 1), "", By("colleague", earlier))
    group = page.locator("section", has_text="年度创建方案")
    group.get_by_label("昆明市说明").fill("已印发")
    group.get_by_role("button", name="登记已办").click()
    page.get_by_text("可能已由同事登记").wait_for()
    assert group.get_by_label("昆明市说明").input_value() == "已印发"
    assert len(_kept(context)) == 1
    group.get_by_role("button", name="登记已办").click()  # over what stands now
    page.get_by_text("已登记。").wait_for()
    assert len(_kept(context)) == 2
    page.close()


@pytest.fixture
def county(tmp_path: Path, serve: Callable[[Viewer], str]) -> Iterator[tuple[str, Context]]:
    """The page as 五华区 sees it, with two branches that are scored, of 20 members each."""
    with home_at(tmp_path / "home"):
        context = open_year(YUNNAN, "2017")
        keep_scores(context, score_rows(context.bundle.programme, {"a": 95.0, "b": 94.0}))
        yield serve(Viewer("wuhua", frozenset({"530102"}))), context


def test_a_fact_is_entered_corrected_and_ended_by_keyboard(county: tuple[str, Context], page: Page) -> None:
    address, context = county
    page.goto(address + BRANCH)
    forms = page.locator(".enter")
    forms.get_by_text("异地居住党员", exact=True).focus()
    page.keyboard.press("Enter")
    group = forms.locator("details", has_text="异地居住党员")
    group.get_by_label("开始日期").fill("2018-06-01")
    other = group.get_by_label("另一方")
    other.select_option(label="曲靖市")
    other.focus()
    page.keyboard.press("Tab")
    page.keyboard.type("21")
    page.keyboard.press("Enter")
    page.get_by_text("登记21人，超过该支部党员数20").wait_for()
    assert group.get_by_label("党员人数").input_value() == "21"  # and the form is open
    group.get_by_label("党员人数").fill("3")
    page.keyboard.press("Enter")
    page.get_by_text("已登记。").wait_for()
    page.get_by_text("更正或结束").focus()
    page.keyboard.press("Enter")
    table = page.locator("table.facts")
    table.get_by_label("结束日期").fill("2018-07-01")
    table.get_by_label("说明", exact=True).focus()
    page.keyboard.type("已迁回")
    page.keyboard.press("Enter")
    page.get_by_text("登记事项已更正，原记录保留备查。").wait_for()
    rows = records_of(context.store, branch_records, FactRow, YUNNAN)
    assert [(row["other_node_id"], row["members"], row["until"], row["note"]) for row in rows] == [
        ("P530300", 3, None, ""), ("P530300", 3, "2018-07-01", "已迁回"),
    ]


def test_without_scripts_a_fact_is_taken_back_with_a_reason(county: tuple[str, Context], browser: Browser) -> None:
    address, context = county
    page = browser.new_page(java_script_enabled=False)
    page.goto(address + BRANCH)
    page.locator(".enter").get_by_text("整顿", exact=True).click()
    page.locator(".enter details", has_text="整顿").get_by_role("button", name="登记").click()
    page.get_by_text("已登记。").wait_for()
    page.locator("table.facts").get_by_text("作废", exact=True).first.click()
    page.get_by_label("作废理由").fill("登记错了支部")
    page.locator("table.facts").get_by_role("button", name="作废").click()
    page.get_by_text("已作废，原记录保留备查。").wait_for()
    first, second = records_of(context.store, branch_records, FactRow, YUNNAN)
    assert (first["until"], second["until"]) == (None, first["since"])
    page.close()


@pytest.mark.parametrize(("width", "zoom"), [(360, 1), (640, 1), (1280, 2)], ids=["phone", "tablet", "zoomed"])
def test_nothing_is_cut_off_and_every_field_has_a_name(
    county: tuple[str, Context], serve: Callable[[Viewer], str], browser: Browser, width: int, zoom: int
) -> None:
    for kind, other in (("rectification", ""), ("members_away", PREFECTURE)):
        fact = Fact(kind, "a", "P530102", dt.date(2017, 10, 1), other_node_id=other, members=3, note="说明" * 40)
        assert not keep_fact(county[1], fact, By("wuhua", dt.datetime(2018, 1, 1, tzinfo=dt.UTC))).said
    prefecture = serve(Viewer("kunming", frozenset({"530100"})))
    page = browser.new_page(viewport={"width": width // zoom, "height": 800 // zoom}, device_scale_factor=zoom)
    for path in (prefecture + DUTIES, county[0] + BRANCH, county[0] + FACTS):
        page.goto(path)
        assert unreadable(page, width // zoom) == []
    page.close()
