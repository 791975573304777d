"""Draws the pictures of pages in the how-tos out of `make demo`: a unit and 应办工作 as `sanji serve` shows them, or, named
`airflow`, the board and 值班 inside an Airflow on the same home.

SANJI_HOME=demo python docs/pictures/pages.py http://127.0.0.1:8091 P532530
SANJI_HOME=demo python docs/pictures/pages.py airflow http://127.0.0.1:8080 ops PASSWORD
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
QUIETLY = ["--headless", "--no-sandbox", "--disable-gpu"]
PROGRAMME, PERIOD, YEAR = "yunnan-model-branch", "2017H2", "2017"
SETTLED = 4_000
"""Milliseconds after which Airflow has let somebody in, and has drawn what stands beside a page."""


@contextmanager
def opened(height: int) -> Iterator[Page]:
    """A page of a browser that speaks Chinese."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or "/usr/bin/chromium", args=QUIETLY
        )
        yield chromium.new_page(viewport={"width": 1280, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai")
        chromium.close()


def main(served: str, unit_id: str) -> None:
    """Write unit.png and owed.png, as a clerk's browser shows them."""
    with opened(800) as page:
        page.goto(f"{served}/{PROGRAMME}/{PERIOD}/units/{unit_id}")
        page.screenshot(path=HERE / "unit.png")
        page.goto(f"{served}/{PROGRAMME}/{YEAR}/duties/")
        page.screenshot(path=HERE / "owed.png")


def in_airflow(address: str, user: str, password: str) -> None:
    """Write in-airflow.png and duty.png, as an operator's browser shows them."""
    with opened(900) as page:
        page.goto(f"{address}/auth/login")
        page.fill("input[name=username]", user)
        page.fill("input[name=password]", password)
        page.keyboard.press("Enter")
        page.wait_for_timeout(SETTLED)
        for view, picture in (("sanji-board", "in-airflow.png"), ("sanji-duty", "duty.png")):
            page.goto(f"{address}/plugin/{view}")
            page.frame_locator("iframe").locator("h1").wait_for()
            page.wait_for_timeout(SETTLED)
            page.screenshot(path=HERE / picture)


if __name__ == "__main__":
    in_airflow(*sys.argv[2:]) if sys.argv[1] == "airflow" else main(*sys.argv[1:])
