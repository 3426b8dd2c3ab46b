"""The lesson's page in Chromium: how long until 65 matrices are drawn, and how long from a click until it is explained.

python -m benchmarks.lesson [--visits 9] [--clicks 40]    (needs Chromium, and what requirements-dev.txt names)

The page is the whole chapter "Encoder, layer 1" of a lesson on ten words of one's own with d_model = 64 and 8 heads.
Beside it the same numbers as 65 Plotly heat maps, which report no click, in a script as one would write it. Every
visit is a new session with an empty cache; each server has been visited before. Measured in the browser: from the start
of the navigation to the frame in which the last matrix stands, and from a click to the frame in which the side panel
has changed for the last time.

Aims on 2 cores: drawn within 2.5 s, explained within 0.15 s.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import tempfile
from collections.abc import Iterator
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
from explorer.transformer.model import Configuration

WORDS = ("the", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "old", "dog")
STEP = "encoder.0.self_attention.query"
WIDTH, HEADS = 64, 8
QUERY = urlencode(
    {"lesson": "own", "source": ",".join(WORDS), "target": "de,nada", "d_model": WIDTH, "heads": HEADS}
    | {"step": STEP, "scope": "chapter"}
)
QUIET = 0.7  # seconds without a change, after which an answer is complete

# The same numbers on a page as one would write it.
HEAT_MAPS = """
import plotly.graph_objects as go
import streamlit as st
from benchmarks.lesson import matrices, told

for number, (shown, grid) in enumerate(matrices(st.cache_resource(told)())):
    heat = go.Heatmap(z=grid.values, texttemplate="%{z:.2f}", colorscale="RdBu", showscale=False)
    st.plotly_chart(go.Figure(heat, layout_height=300), key=str(number))
"""

# Runs before a page's own scripts, and looks into the shadow roots too. `drawn` becomes the time of the frame in which
# `count` elements stand, `changed` that of the frame after the panel's last change since the click.
OBSERVER = """
(() => {
  const roots = [];
  const all = (selector) => roots.flatMap((root) => [...root.querySelectorAll(selector)]);
  const seen = (window.benchmark = { all, selector: "none", count: 1, drawn: null, clicked: null, changed: null });
  const afterFrame = (then) => requestAnimationFrame(() => setTimeout(() => then(performance.now())));
  function inPanel({ target: node }) {
    for (; node; node = node.parentNode ?? node.host) if (node.classList?.contains("st-key-how")) return true;
    return false;
  }
  function watch(root) {
    roots.push(root);
    new MutationObserver((changes) => {
      if (seen.drawn === null && all(seen.selector).length >= seen.count) afterFrame((now) => (seen.drawn ??= now));
      if (seen.clicked && changes.some(inPanel)) afterFrame((now) => (seen.changed = now));
    }).observe(root, { childList: true, subtree: true, characterData: true });
  }
  const attachShadow = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attachShadow.call(this, options);
    watch(root);
    return root;
  };
  watch(document);
  addEventListener("click", (event) => (seen.clicked = event.timeStamp), true);
})();
"""


def told() -> Lesson:
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


def seconds_of_clicks(page: Page, selector: str, numbers: list[int]) -> list[float]:
    """Clicks in the middle of elements of the page, by their numbers."""
    seconds = []
    for number in numbers:
        for _ in range(2):  # what comes near the window takes its own height then
            box = page.evaluate(
                """([selector, number]) => {
                  const element = benchmark.all(selector)[number];
                  element.scrollIntoView({ block: "center", inline: "center" });
                  return element.getBoundingClientRect().toJSON();
                }""",
                [selector, number],
            )
            page.wait_for_timeout(300)
        page.evaluate("Object.assign(benchmark, { clicked: null, changed: null })")
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        complete = f"benchmark.changed && performance.now() - benchmark.changed > {QUIET * 1000}"
        page.wait_for_function(complete, polling=200)
        seconds.append(page.evaluate("(benchmark.changed - benchmark.clicked) / 1000"))
    return seconds[1:]  # the first one loads what draws formulas


def cell(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.3f} ({np.quantile(seconds, 0.95):.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visits", type=int, default=9)
    parser.add_argument("--clicks", type=int, default=40)
    options = parser.parse_args()
    sizes = [grid.values.size for _, grid in matrices(told())]
    random = np.random.default_rng(0)
    tables = random.choice(len(sizes), options.clicks + 1, replace=options.clicks >= len(sizes)).tolist()
    cells = [sum(sizes[:table]) + int(random.integers(sizes[table])) for table in tables]
    print(f"{os.cpu_count()} cores, {len(sizes)} matrices, {sum(sizes):,} numbers; s: median (95%)")
    print("| | the lesson | Plotly | ratio of medians |\n|---|---|---|---|", flush=True)
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        with serving() as address:
            page_of = browser, f"{address}/lesson?{QUERY}", "table[role=grid]", len(sizes)
            drawn = seconds_of_visits(*page_of, options.visits)
            with visit(*page_of) as (page, _):
                clicked = seconds_of_clicks(page, "td[role=gridcell]", cells)
        print(f"| explaining a click | {cell(clicked)} | – | – |", flush=True)
        with serving(HEAT_MAPS) as address:
            theirs = seconds_of_visits(browser, address, ".heatmaplayer image", len(sizes), options.visits)
        ratio = statistics.median(drawn) / statistics.median(theirs)
        print(f"| drawing all | {cell(drawn)} | {cell(theirs)} | {ratio:.2f} |")
        browser.close()
    print(f"\n{sum(second <= 0.15 for second in clicked)} of {len(clicked)} clicks within 0.15 s.")


if __name__ == "__main__":
    main()
