"""The year's namings in Chromium: by keyboard from the list to a notice and an objection, and on small screens."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from etl.core.access import Viewer
from etl.core.awards.review import Entry
from etl.core.returns.events import By
from etl.core.year_rows import NoticeRow, ObjectionRow, WithdrawalRow
from etl.edges.feeds import CHINA
from etl.edges.store.records import records_of
from etl.edges.store.schema import notices, objections, withdrawals
from etl.stages.award import award_year
from etl.stages.context import Context, open_year
from etl.stages.naming import name_branches
from etl.stages.notice import open_notices
from etl.stages.review import enter
from tests.support.filing import home_at
from tests.support.keyboard import tab_to, unreadable
from tests.support.naming import PREFECTURE, YUNNAN, keep_scores, score_rows

pytestmark = pytest.mark.browser
HERE = f"/{YUNNAN}/2017/awards/"
NOW = dt.datetime(2018, 7, 26, 9, tzinfo=CHINA)
PLACE = f"{HERE}place?level=prefecture&place={PREFECTURE}"


@pytest.fixture
def office(tmp_path: Path, serve: Callable[[Viewer], str]) -> Iterator[tuple[str, Context]]:
    """The page as 昆明市 sees it, which is to name two branches."""
    with home_at(tmp_path / "home"):
        context = open_year(YUNNAN, "2017")
        keep_scores(context, score_rows(context.bundle.programme, {"a": 95.0, "b": 94.0}))
        said = [Entry(b, tier, "recommend", "prefecture") for b in "ab" for tier in ("county", "prefecture")]
        assert not enter(context, said, By("甲", NOW)).refused
        award_year(context, NOW.date())
        yield serve(Viewer("kunming", frozenset({"530100"}))), context


def test_a_notice_is_given_and_an_objection_entered_by_keyboard(office: tuple[str, Context], page: Page) -> None:
    address, context = office
    page.goto(address + HERE)
    tab_to(page, "昆明市")
    page.keyboard.press("Enter")
    page.wait_for_url("**/awards/place?**")
    page.get_by_label("开始日期").focus()
    page.keyboard.press("Enter")
    page.get_by_text("公示已登记。").wait_for()
    assert [row["opened_on"] for row in records_of(context.store, notices, NoticeRow, YUNNAN)] == [NOW.date().isoformat()]

    page.get_by_text("登记异议", exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("b")
    while page.evaluate("document.activeElement.name") != "statement":
        page.keyboard.press("Tab")
    page.keyboard.type("台账不实")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("异议已受理").wait_for()
    said = records_of(context.store, objections, ObjectionRow, YUNNAN)
    assert [(row["branch_id"], row["statement"]) for row in said] == [("b", "台账不实")]


def test_a_title_is_taken_back_by_keyboard(office: tuple[str, Context], page: Page) -> None:
    address, context = office
    open_notices(context, None, dt.date(2018, 2, 5), By("甲", NOW))
    name_branches(context, None, dt.date(2018, 2, 13), "昆老通〔2018〕1号", By("甲", NOW))
    page.goto(address + PLACE)
    row = page.locator("section[aria-labelledby=titles] tr", has_text="b党支部")
    row.get_by_text("撤销称号").focus()
    page.keyboard.press("Enter")
    row.get_by_label("撤销理由").focus()
    page.keyboard.type("材料不实")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("称号已撤销，原命名记录保留。").wait_for()
    taken = [(row["reason"], row["withdrawn_on"]) for row in records_of(context.store, withdrawals, WithdrawalRow, YUNNAN)]
    assert taken == [("材料不实", NOW.date().isoformat())]
    assert row.get_by_text("撤销称号").count() == 0


@pytest.mark.parametrize(("width", "zoom"), [(360, 1), (640, 1), (1280, 2)], ids=["phone", "tablet", "zoomed"])
def test_nothing_is_cut_off_and_every_field_has_a_name(
    office: tuple[str, Context], browser: Browser, width: int, zoom: int
) -> None:
    open_notices(office[1], None, dt.date(2018, 2, 5), By("甲", NOW))
    name_branches(office[1], None, dt.date(2018, 2, 13), "昆老通〔2018〕1号", By("甲", NOW))
    page = browser.new_page(viewport={"width": width // zoom, "height": 800 // zoom}, device_scale_factor=zoom)
    for path in (HERE, PLACE):
        page.goto(office[0] + path)
        assert unreadable(page, width // zoom) == []
    page.close()
