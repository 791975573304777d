"""What people put on record beside the reviews, in Chromium: duties done, by keyboard, without scripts, and on small screens."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from etl.core.access import Viewer
from etl.edges.store.records import records_of
from etl.edges.store.schema import duty_records
from etl.stages.context import Context, open_year
from etl.stages.duties import keep_duty
from tests.support.filing import home_at
from tests.support.keyboard import tab_to
from tests.support.naming import PREFECTURE, YUNNAN

pytestmark = pytest.mark.browser
DUTIES = f"/{YUNNAN}/2018/duties/"


@pytest.fixture
def office(tmp_path: Path, serve: Callable[[Viewer], str]) -> Iterator[tuple[str, Context]]:
    """The page as 昆明市 sees it, which owes a plan of three years, of 2017, and the scheme of 2018."""
    with home_at(tmp_path / "home"):
        yield serve(Viewer("kunming", frozenset({"530100"}))), open_year(YUNNAN, "2018")


def _kept(context: Context) -> list[tuple[str, str, str, bool]]:
    rows = records_of(context.store, duty_records, YUNNAN)
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
    keep_duty(context, "yearly_scheme", PREFECTURE, dt.date(2018, 3, 1), "", "colleague", earlier)
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


@pytest.mark.parametrize(("width", "zoom"), [(360, 1), (640, 1), (1280, 2)], ids=["phone", "tablet", "zoomed"])
def test_nothing_is_cut_off_and_every_field_has_a_name(
    office: tuple[str, Context], browser: Browser, width: int, zoom: int
) -> None:
    page = browser.new_page(viewport={"width": width // zoom, "height": 800 // zoom}, device_scale_factor=zoom)
    for path in (DUTIES,):
        page.goto(office[0] + path)
        assert page.locator("h1").count() == 1
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width // zoom, path
        unnamed = page.evaluate(
            """[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
               .filter(field => !field.labels.length && !field.ariaLabel).map(field => field.outerHTML)"""
        )
        assert unnamed == []
    page.close()
