"""What stands on the page of the article, as its tests look for it."""

from playwright.sync_api import Page

from explorer.lessons.example import article_example
from explorer.lessons.lesson import lesson

TOLD = lesson(article_example())


def title(page: Page):
    return page.locator(".guide h2")


def explained(page: Page):
    return page.locator(".st-key-how h3")


def equation(page: Page, name: str):
    return page.get_by_role("group", name=name, exact=True)


def grid(page: Page, name: str):
    return page.get_by_role("grid", name=name, exact=True)
