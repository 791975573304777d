"""Draws the picture of a unit in the how-to for maintainers out of a simulated half-year; in-airflow.png is taken by hand.

SANJI_HOME=demo python docs/pictures/pages.py http://127.0.0.1:8091/yunnan-model-branch/2017H2/ P532530
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
QUIETLY = ["--headless", "--no-sandbox", "--disable-gpu"]


def main(board: str, unit_id: str) -> None:
    """Write unit.png, as a clerk's browser shows it."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or "/usr/bin/chromium", args=QUIETLY
        )
        page = chromium.new_page(viewport={"width": 1280, "height": 800}, locale="zh-CN")
        page.goto(f"{board}units/{unit_id}")
        page.screenshot(path=HERE / "unit.png")
        chromium.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
