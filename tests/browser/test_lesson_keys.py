"""A lesson by keys alone: they turn the steps, pass the terms, and are swallowed by nothing."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.lesson_page import TOLD, explained, grid, title


@pytest.mark.nightly
def test_arrow_keys_walk_all_steps_of_the_article(server, page):
    page.goto(f"{server}/lesson")
    expect(page.get_by_role("heading", name="The whole in one picture")).to_be_visible()
    expect(page.locator(".picture.whole .box")).to_have_count(18)
    page.keyboard.press("ArrowRight")
    expect(title(page)).to_have_text(TOLD.steps[0].title)
    for place, step in enumerate(TOLD.steps[1:], start=2):
        page.keyboard.press("ArrowRight")
        expect(page.locator(".guide .count")).to_have_text(f"{place} of {len(TOLD.steps)}")
        if place % 10 == 0 or place == len(TOLD.steps):  # the presses between come faster than the server answers
            expect(title(page)).to_have_text(step.title)
            expect(page).to_have_url(re.compile(rf"[?&]step={re.escape(step.key)}$"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(title(page)).to_have_text(TOLD.steps[-2].title)
    page.go_back()
    expect(title(page)).to_have_text(TOLD.steps[-1].title)


def test_keys_typed_into_a_box_do_not_turn_the_page(server, page):
    page.goto(f"{server}/lesson?lesson=trained&step=loss")
    page.get_by_text("The example: ").click()
    box = page.get_by_label("Source", exact=True)
    box.press("ArrowLeft")
    expect(title(page)).to_have_text("Loss")
    assert "step=loss" in page.url


def focused(page: Page):
    """What has the focus, inside of a component too."""
    return page.evaluate(
        """() => {
          let node = document.activeElement;
          while (node.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
          return `${node.className} ${node.textContent}`.trim();
        }"""
    )


def test_tab_passes_the_terms_and_enter_opens_them(server, page):
    page.goto(f"{server}/lesson?step=source.tokens")
    terms = page.locator(".term")
    expect(terms).to_have_count(2)
    page.get_by_role("button", name="Keys").focus()
    passed = []
    for key in ("Tab",) * 3 + ("Shift+Tab",) * 3:
        page.keyboard.press(key)
        passed.append(focused(page))
    assert passed == ["term encoder", "term tokens", "Contents", "term tokens", "term encoder", "?"]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".meaning:popover-open")).to_contain_text("The half of the model that reads the")
    page.keyboard.press("Escape")
    expect(page.locator(".meaning:popover-open")).to_have_count(0)
    terms.last.click()
    page.keyboard.press("ArrowRight")
    expect(title(page)).to_have_text("Embedding")


def test_no_key_is_swallowed_that_nobody_uses(server, page):
    """A handler that answers with false would take every key from the browser."""
    page.goto(f"{server}/lesson?step=encoder.0.self_attention.weights&cell=encoder.0.self_attention.weights[0,0,0]")
    expect(explained(page)).to_be_visible()
    swallowed = page.evaluate(
        """() => {
          const roots = [...document.querySelectorAll("*")].map((node) => node.shadowRoot).filter(Boolean);
          const nodes = roots.flatMap((root) => [...root.querySelectorAll("button, a, summary, td, [tabindex]")]);
          return nodes.filter((node) => ["Tab", "a", "F5", "Enter"].some((key) => {
            if (key === "Enter" && node.matches("td")) return false; // explains the number
            const event = new KeyboardEvent("keydown", { key, bubbles: true, composed: true, cancelable: true });
            return !node.dispatchEvent(event);
          })).map((node) => node.outerHTML);
        }"""
    )
    assert swallowed == []


def test_the_steps_keep_the_arrows_until_a_reader_tabs_into_a_matrix(server, page):
    key = "encoder.0.self_attention.query"
    page.goto(f"{server}/lesson?step={key}")
    place = [step.key for step in TOLD.steps].index(key)

    def stands_at(steps_on: int):
        expect(title(page)).to_have_text(TOLD.steps[place + steps_on].title)

    def cells(name: str):
        return grid(page, name).locator("[role=gridcell]")

    worked = page.locator(".lines").first
    first = worked.inner_text()
    cells("queries, head 1").nth(3).click()
    expect(worked).not_to_have_text(first)
    page.keyboard.press("ArrowRight")
    stands_at(1)
    expect(cells("keys, head 1").first).to_be_visible()
    cells("keys, head 1").nth(1).click()
    page.keyboard.press("ArrowDown")  # moves the page, and nothing in the matrix
    page.keyboard.press("ArrowLeft")
    stands_at(0)
    page.keyboard.press("n")
    stands_at(1)
    page.keyboard.press("p")  # the presenter's window of a talk, and nothing here
    page.keyboard.press("ArrowLeft")
    stands_at(0)
    page.keyboard.press("PageDown")
    stands_at(1)
    cells("keys, head 1").first.click()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(cells("keys, head 1").first).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(cells("keys, head 1").nth(3)).to_be_focused()
    stands_at(1)
    page.keyboard.press("Enter")
    expect(explained(page)).to_have_text("key, head 1 [are, 2]")
    expect(cells("keys, head 1").nth(3)).to_be_focused()  # nothing is drawn anew
    page.keyboard.press("PageUp")  # a presenter's remote, from wherever the focus is
    stands_at(0)
    page.keyboard.press("PageDown")
    stands_at(1)


@pytest.mark.nightly
def test_pages_turn_from_a_box_of_one_line_too(server, page):
    page.goto(f"{server}/lesson?step=source.embedding&cell=source.table[4,0]")
    page.get_by_label("Try another number").press("PageDown")
    expect(title(page)).to_have_text("Positional encoding")
