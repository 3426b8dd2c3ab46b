"""The lesson's page in Chromium: how long until a chapter's equations stand, a number is explained, a step is turned.

python -m benchmarks.lesson [--visits 9] [--clicks 40]    (needs Chromium, and what requirements-dev.txt names)

The page is the whole chapter "Encoder, layer 1" of a lesson on ten words of one's own with d_model = 64 and 8 heads.
Beside it the results of the same steps as Plotly heat maps, which report no click, in a script as one would write it.
Every visit is a new session with an empty cache; each server has been visited before. Measured in the browser: from
the start of the navigation to the frame in which the first equation is worked out (what is far from the window is drawn
when it comes near), or the last heat map stands; from a click on another cell, a key, a second click, which opens the
cell, or Page Down to the frame after the last change that it made.

Aims on 2 cores, 95 of 100: drawn within 1.0 s, explained within 0.1 s, a step within 0.15 s.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.sessions import serve
from explorer.embeddings import catalog
from explorer.lessons.example import own_example
from explorer.lessons.grids import Grid, grids
from explorer.lessons.lesson import Lesson, lesson
from explorer.lessons.steps import Shown
from explorer.transformer.configuration import Configuration

WORDS = ("the", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "old", "dog")
STEP = "encoder.0.self_attention.query"
WIDTH, HEADS = 64, 8
QUERY = urlencode(
    {"lesson": "own", "source": ",".join(WORDS), "target": "de,nada", "d_model": WIDTH, "heads": HEADS}
    | {"step": STEP, "scope": "chapter"}
)
_KEYS = ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp")
QUIET = 0.7  # seconds without a change, after which an answer is complete

# The same numbers on a page as one would write it.
HEAT_MAPS = """
import plotly.graph_objects as go
import streamlit as st
from benchmarks.lesson import matrices, subject

for number, (_, grid) in enumerate(matrices(st.cache_resource(subject)())):
    heat = go.Heatmap(z=grid.values, texttemplate="%{z:.2f}", colorscale="RdBu", showscale=False)
    st.plotly_chart(go.Figure(heat, layout_height=300), key=str(number))
"""

# Runs before a page's own scripts, and looks into the shadow roots too. `drawn` becomes the time of the frame in which
# `count` elements stand, `changed` that of the frame after the panel's last change since the click.
OBSERVER = """
(() => {
  const roots = [];
  const all = (selector) => roots.flatMap((root) => [...root.querySelectorAll(selector)]);
  const times = { drawn: null, clicked: null, changed: null };
  const seen = (window.benchmark = { all, selector: "none", count: 1, within: ".lines", ...times });
  const afterFrame = (then) => requestAnimationFrame(() => setTimeout(() => then(performance.now())));
  function inside({ target: node }) {
    for (; node; node = node.parentNode ?? node.host) if (node.matches?.(seen.within)) return true;
    return false;
  }
  function watch(root) {
    roots.push(root);
    new MutationObserver((changes) => {
      if (seen.drawn === null && all(seen.selector).length >= seen.count) afterFrame((now) => (seen.drawn ??= now));
      if (seen.clicked && changes.some(inside)) afterFrame((now) => (seen.changed = now));
    }).observe(root, { childList: true, subtree: true, characterData: true });
  }
  const attachShadow = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attachShadow.call(this, options);
    watch(root);
    return root;
  };
  watch(document);
  for (const kind of ["click", "keydown"]) addEventListener(kind, (event) => (seen.clicked ??= event.timeStamp), true);
})();
"""


def subject() -> Lesson:
    """The lesson that is measured."""
    configuration = Configuration(d_model=WIDTH, heads=HEADS, layers=1)
    return lesson(own_example(catalog.load(), WORDS, ("de", "nada"), configuration))


def matrices(now: Lesson) -> list[tuple[Shown, Grid]]:
    """What the chapter shows."""
    steps = now.chapter(now.step(STEP)).steps
    return [(shown, grid) for step in steps for shown in step.shown for grid in grids(now, shown, most_columns=1024)]


@contextmanager
def serving(script: str | None = None) -> Iterator[str]:
    """A server of the app, or of another script, until the block ends. Yields its address."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.py")
        path.write_text(script or "", encoding="utf-8")
        server = serve(port, str(path) if script else "streamlit_app.py")
        try:
            yield f"http://localhost:{port}"
        finally:
            server.terminate()
            server.wait()


@contextmanager
def visit(browser: Browser, address: str, selector: str, count: int) -> Iterator[tuple[Page, float]]:
    """A new session in an empty cache. Yields the page and the seconds until `count` elements stood on it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(120_000)
    page = context.new_page()
    page.add_init_script(f"{OBSERVER}; Object.assign(benchmark, {json.dumps({'selector': selector, 'count': count})})")
    page.goto(address, wait_until="commit")
    yield page, page.wait_for_function("benchmark.drawn", polling=100).json_value() / 1000
    context.close()


def seconds_of_visits(browser: Browser, address: str, selector: str, count: int, visits: int) -> list[float]:
    seconds = []
    for _ in range(visits + 1):
        with visit(browser, address, selector, count) as (_, second):
            seconds.append(second)
    return seconds[1:]  # the first one was the server's first


def seconds_of(page: Page, act: Callable[[int], None], count: int, within: str) -> list[float]:
    """How long what is `within` changes after each of so many acts."""
    seconds = []
    for number in range(count + 1):
        page.evaluate("(within) => Object.assign(benchmark, { within, clicked: null, changed: null })", within)
        act(number)
        complete = f"benchmark.changed && performance.now() - benchmark.changed > {QUIET * 1000}"
        page.wait_for_function(complete, polling=200)
        seconds.append(page.evaluate("(benchmark.changed - benchmark.clicked) / 1000"))
    return seconds[1:]  # the first one loads what draws formulas


def click(page: Page, number: int) -> None:
    """Click a cell of the first equation's result."""
    cells = page.locator(".equation").first.locator(".result [role=gridcell]")
    cells.nth(number * 7 % cells.count()).click()


def opening(page: Page, number: int) -> None:
    """Work out another cell, and click it once more: that is measured."""
    click(page, number + 2)
    page.evaluate("Object.assign(benchmark, { clicked: null, changed: null })")
    click(page, number + 2)


def cell(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.3f} ({np.quantile(seconds, 0.95):.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visits", type=int, default=9)
    parser.add_argument("--clicks", type=int, default=40)
    options = parser.parse_args()
    sizes = [grid.values.size for _, grid in matrices(subject())]
    print(f"{os.cpu_count()} cores, {len(sizes)} matrices, {sum(sizes):,} numbers; s: median (95%)")
    print("| | the lesson | Plotly | ratio of medians |\n|---|---|---|---|", flush=True)
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        with serving() as address:
            page_of = browser, f"{address}/lesson?{QUERY}", ".line", 1
            drawn = seconds_of_visits(*page_of, options.visits)
            with visit(*page_of) as (page, _):
                clicked = seconds_of(page, lambda number: click(page, number + 1), options.clicks, ".lines")
                for key in ("Shift+Tab", "Tab"):  # a click leaves the arrow keys to the steps, Tab gives them back
                    page.keyboard.press(key)
                pressed = seconds_of(
                    page, lambda number: page.keyboard.press(_KEYS[number % 4]), options.clicks, ".lines"
                )
                opened = seconds_of(page, lambda number: opening(page, number), options.clicks // 2, ".st-key-how")
            page_of = browser, f"{address}/lesson?lesson=article&step=source.embedding", ".line", 1
            with visit(*page_of) as (page, _):
                turned = seconds_of(
                    page, lambda _: page.keyboard.press("PageDown"), options.clicks // 2, ".guide, .lines"
                )
        for what, seconds in (("click", clicked), ("key", pressed), ("second click", opened), ("step", turned)):
            print(f"| {what} | {cell(seconds)} | – | – |", flush=True)
        with serving(HEAT_MAPS) as address:
            theirs = seconds_of_visits(browser, address, ".heatmaplayer image", len(sizes), options.visits)
        ratio = statistics.median(drawn) / statistics.median(theirs)
        print(f"| drawing all | {cell(drawn)} | {cell(theirs)} | {ratio:.2f} |")
        browser.close()


if __name__ == "__main__":
    main()
