"""Somebody who has never seen it finds six things from Home: by mouse, by keyboard, on a wide screen, on a phone."""

import csv
import re

import pytest
from playwright.sync_api import Page, expect

from explorer.embeddings import catalog
from explorer.embeddings.analogy import analogy
from explorer.embeddings.neighbours import neighbours
from explorer.questions.maps import Atlas
from explorer.ui.map.atlas_view import alternative

FOCUSED = """() => {
  let at = document.activeElement;
  while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return [at.getAttribute("aria-label"), at.textContent.trim()];
}"""
MOST_STOPS = 80


class Mouse:
    """Clicks."""

    def __init__(self, page: Page):
        self.page = page

    def follow(self, role: str, name: str) -> None:
        self.page.get_by_role(role, name=name, exact=True).first.click()

    def menu(self, name: str) -> None:
        self.page.get_by_test_id("stHeader").get_by_text("Words").click()
        self.follow("menuitem", name)


class Keyboard(Mouse):
    """Presses Tab until it is there, and Enter."""

    def _walk_to(self, name: str, key: str = "Tab") -> None:
        expect(self.page.locator("[data-test-script-state=notRunning]")).to_be_attached()  # nothing moves any more
        for _ in range(MOST_STOPS):
            self.page.keyboard.press(key)
            if name in self.page.evaluate(FOCUSED):
                return
        pytest.fail(f"{MOST_STOPS} presses of {key} do not lead to “{name}”.")

    def follow(self, role: str, name: str) -> None:
        expect(self.page.get_by_role(role, name=name, exact=True).first).to_be_visible()
        self._walk_to(name)
        self.page.keyboard.press("Enter")

    def menu(self, name: str) -> None:
        self._walk_to("Words", "Shift+Tab")  # the focus is at the title of the page
        self.page.keyboard.press("Enter")
        item = self.page.get_by_role("menuitem", name=name, exact=True)
        expect(item).to_be_visible()
        item.press("Enter")


class Thumb(Mouse):
    """Taps; the menu is behind a button."""

    def menu(self, name: str) -> None:
        self.page.get_by_test_id("stExpandSidebarButton").click()
        self.page.get_by_test_id("stSidebarNavLink").filter(has_text=name).click()
        self.page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()


HANDS = {"mouse": (Mouse, 1280), "keyboard": (Keyboard, 1280), "wide": (Mouse, 1920), "phone": (Thumb, 390)}


@pytest.mark.nightly
@pytest.mark.parametrize(("hands", "width"), HANDS.values(), ids=HANDS)
def test_what_airplane_is_near_to_and_what_more_there_is_to_know(server, page, hands, width):
    page.set_viewport_size({"width": width, "height": 720 if width > 600 else 844})
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(server)
    hand = hands(page)

    rows = neighbours(catalog.load(), "airplane").rows
    expect(page.locator("td.word a").first).to_have_text(rows[0].word)
    expect(page.locator("td.cosine").first).to_have_text("0.5889")
    verdict = "A cosine of 0.5889 is high: 2 of 10,000 random pairs of equally frequent words have a cosine as high."
    expect(page.get_by_text(verdict)).to_be_visible()

    hand.follow("link", "Where airplane lies among all words: go into the map →")
    part = Atlas(around="airplane").answer()
    expect(page.get_by_role("application")).to_have_accessible_name(alternative(part))
    assert "airplane lies among aircraft, biplane, glider." in alternative(part)
    near = page.locator(".beside section").filter(has=page.get_by_role("heading", name="Nearest to airplane"))
    expect(near.get_by_role("link")).to_have_text([row.word for row in rows])
    page.go_back()
    expect(page.locator("td.word a").first).to_have_text(rows[0].word)

    hand.follow("link", "airplane in several models →")
    lists = page.locator(".column ol")
    expect(lists).to_have_count(3)
    glove = neighbours(catalog.load("wiki-en-glove"), "airplane").rows
    expect(lists.nth(1).locator("a")).to_have_text([row.word for row in glove])

    hand.menu("Calculator")
    answers = analogy(catalog.load(), "king - man + woman").rows
    expect(page.locator("td.word a")).to_have_text([row.word for row in answers])

    with page.expect_download() as download:
        hand.follow("link", "Download CSV")
    lines = list(csv.DictReader(download.value.path().open(encoding="utf-8")))
    assert [line["word"] for line in lines] == [row.word for row in answers]
    hand.follow("button", "Copy link")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(rf"{server}/calculator(\?model={catalog.DEFAULT})?", link)
    page.goto(link)
    expect(page.locator("td.word a").first).to_have_text(answers[0].word)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
