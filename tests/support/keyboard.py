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


def unreadable(page: Page, width: int) -> list[str]:
    """What is wrong with a page, all of it unfolded: not one heading of the first order, wider than the window, a field without
    a name; each with the page's address."""
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    headings, wide = page.locator("h1").count(), page.evaluate("document.documentElement.scrollWidth")
    unnamed = page.evaluate(
        """[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
           .filter(field => !field.labels.length && !field.ariaLabel).map(field => field.outerHTML)"""
    )
    found = [*([f"{headings} h1"] if headings != 1 else []), *([f"{wide} wide"] if wide > width else []), *unnamed]
    return [f"{page.url}: {each}" for each in found]
