"""A page used by the keyboard alone."""

from playwright.sync_api import Page


def tab_to(page: Page, text: str) -> None:
    """Press Tab until what reads so is in focus; fail if anything on the way shows no focus, or if it never comes."""
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        if page.evaluate("document.activeElement.textContent") == text:
            return
    raise AssertionError(f"{text} is not within thirty steps")
