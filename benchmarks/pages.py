"""How long a reader waits for the pages of words: from the act to what it asks for, in Chromium, each several times.

python -m benchmarks.pages [--times 20]    (needs Chromium)

The browser keeps its files from visit to visit, as a reader's does, and the server has answered before. Aims on 2 quiet
cores, medians: a deep link within 1.0 s, a new word within 0.25 s (95% within 0.4 s), a suggestion within 0.1 s, page
to page within 0.3 s, Copy as within 0.2 s, Why similar? within 0.3 s, 10,000 neighbours within 3 s; and the very first
visit of Map on a server that has just started within 2 s.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import ARGUMENTS, serving

WORDS = ("glider", "dog", "king", "tea", "river", "music", "winter", "bread", "castle", "engine")


def timed(*acts: Callable[[], object]) -> float:
    """How many milliseconds acts take, one after the other, until the last returns."""
    start = time.perf_counter()
    for act in acts:
        act()
    return 1000 * (time.perf_counter() - start)


def report(name: str, numbers: list[float]) -> None:
    """Print the median, the 95th percentile and the slowest."""
    ordered = sorted(numbers)
    high = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    print(f"{name:44} {statistics.median(ordered):8.0f} {high:8.0f} {ordered[-1]:8.0f} ms", flush=True)


_IS_DRAWN = """([selector, text]) => {
  const drawn = (root) => [...root.querySelectorAll("*")].some((each) =>
    (each.matches(selector) && each.textContent.includes(text) && each.checkVisibility()) ||
    (each.shadowRoot && drawn(each.shadowRoot)));
  return drawn(document);
}"""


def until_drawn(page: Page, selector: str, text: str = "") -> None:
    """Wait for an element with this text. The browser looks at every frame; Playwright's own waiting comes to look only
    twice a second, and would measure that."""
    page.wait_for_function(_IS_DRAWN, arg=[selector, text])


def to_list(page: Page, word: str) -> None:
    """Wait for the list of a word."""
    until_drawn(page, "caption b", word)
    until_drawn(page, "svg.map")


def settled(page: Page) -> None:
    """Wait until the app has no more to do."""
    page.locator("[data-test-script-state=notRunning]").wait_for()


def measure(server: str, page: Page, times: int) -> None:
    """Each act, so many times."""
    to_list_of = f"{server}/neighbours?word={{}}"

    def deep_link(word: str) -> float:
        page.goto("about:blank")
        return timed(lambda: page.goto(to_list_of.format(word)), lambda: to_list(page, word))

    report("deep link to Neighbours", [deep_link(WORDS[i % len(WORDS)]) for i in range(times)])

    def new_word(word: str) -> float:
        settled(page)
        box = page.get_by_role("combobox", name="Word", exact=True)
        box.fill(word)
        return timed(lambda: box.press("Enter"), lambda: to_list(page, word))

    report("new word, list and map", [new_word(WORDS[(i + 3) % len(WORDS)]) for i in range(times)])

    def suggestion(start: str) -> float:
        settled(page)
        box = page.get_by_role("combobox", name="Word", exact=True)
        box.fill("")
        settled(page)
        those = f"[role=option][aria-label^={start} i]"  # until then, those of the key press before stand there
        return timed(lambda: box.press_sequentially(start), lambda: until_drawn(page, those))

    report("key press to suggestions", [suggestion("abcdfghilmnoprstw"[i % 17]) for i in range(times)])
    page.keyboard.press("Escape")

    def unfold(name: str, there: str) -> float:
        page.goto(to_list_of.format("airplane"))
        to_list(page, "airplane")
        settled(page)
        return timed(lambda: page.get_by_text(name, exact=True).first.click(), lambda: until_drawn(page, there))

    report("Copy as", [unfold("Copy as", "[role=tabpanel]") for _ in range(times)])
    report("Why similar?", [unfold("Why similar?", "svg .name") for _ in range(times)])
    report("The vector", [unfold("The vector", "svg rect") for _ in range(times)])

    def go(name: str, title: str) -> float:
        settled(page)
        page.get_by_test_id("stHeader").get_by_text("Words").click()
        item = page.get_by_role("menuitem", name=name, exact=True)
        item.wait_for()
        return timed(lambda: item.click(), lambda: until_drawn(page, "h1", title))

    pages = ("Calculator", "Map", "Side by side", "Neighbours")
    report("page to page", [go(pages[i % 4], pages[i % 4]) for i in range(times)])

    def ten_thousand() -> float:
        page.goto("about:blank")
        return timed(lambda: page.goto(to_list_of.format("airplane") + "&n=10000"), lambda: to_list(page, "airplane"))

    report("10,000 neighbours", [ten_thousand() for _ in range(max(1, times // 4))])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=20)
    options = parser.parse_args()
    expect.set_options(timeout=60_000)
    print(f"{'':44} {'median':>8} {'95%':>8} {'slowest':>8}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        with serving() as server:
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.goto(f"{server}/neighbours")  # the browser has its files
            to_list(page, "airplane")
            settled(page)
            first = timed(lambda: page.goto(f"{server}/map"), lambda: until_drawn(page, "canvas"))
            report("first visit of Map", [first])
            measure(server, page, options.times)
        browser.close()


if __name__ == "__main__":
    main()
