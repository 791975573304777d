"""A page used by the keyboard alone, or by whoever cannot see it well."""

from playwright.sync_api import Page


def tab_to(page: Page, text: str) -> None:
    """Press Tab until what reads so is in focus; fail if anything on the way shows no focus, or if it never comes."""
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        if page.evaluate("document.activeElement.textContent") == text:
            return
    raise AssertionError(f"{text} is not within thirty steps")


def require_readable(page: Page, width: int) -> None:
    """A page, all of it unfolded: one heading of the first order, nothing wider than the window, no field without a name."""
    assert page.locator("h1").count() == 1
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    unnamed = page.evaluate(
        """[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
           .filter(field => !field.labels.length && !field.ariaLabel).map(field => field.outerHTML)"""
    )
    assert unnamed == []
