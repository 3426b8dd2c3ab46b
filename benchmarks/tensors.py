"""Equations in Chromium: how long until matrices are drawn, a cell is explained, a heat map is zoomed.

python -m benchmarks.tensors [--moves 40]    (needs Chromium, and what requirements-dev.txt names)

The 65 matrices are 10 × 64 and 64 × 64, as in the chapter "Encoder, layer 1" at d_model = 64. Times are the browser's
own: from the call to the frame after the last change; from a key to the frame in which the line stands; the longest
time between two frames.

Aims on 2 cores: drawn within 1.0 s, explained within 0.1 s (95 of 100), no frame above 50 ms.
"""

from __future__ import annotations

import argparse
import json
import shutil
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from explorer import tensors
from explorer.tensors import standalone_script
from tests.browser.tensor_examples import alone, document, projection, wide

# Draws, and says after how many milliseconds the frame came in which nothing changed any more.
DRAW = """async ([source, style, data]) => {
  const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  const host = document.body.appendChild(document.createElement("div"));
  const shadow = host.attachShadow({ mode: "open" });
  const sheet = shadow.appendChild(document.createElement("style"));
  sheet.textContent = style;
  const place = shadow.appendChild(document.createElement("div"));
  let last = performance.now();
  const start = last;
  new MutationObserver(() => (last = performance.now())).observe(place, { childList: true, subtree: true });
  module.draw(place, data);
  const frame = () => new Promise(requestAnimationFrame);
  let drawn = start;
  for (let quiet = 0; quiet < 20; quiet++) {
    await frame();
    if (last > drawn) {
      drawn = last = performance.now();
      quiet = 0;
    }
  }
  return drawn - start;
}"""
FRAMES = """() => {
  window.frames_ = [];
  let last = performance.now();
  const tick = (now) => { frames_.push(now - last); last = now; window.watching && requestAnimationFrame(tick); };
  window.watching = true;
  requestAnimationFrame((now) => { last = now; requestAnimationFrame(tick); });
}"""
MOVES = """async (count) => {
  const shadow = document.querySelector("[data-explorer-tensors]").shadowRoot;
  const times = [];
  for (let i = 0; i < count; i++) {
    const cell = shadow.querySelector(".result [role=gridcell][tabindex='0']");
    if (i === 0) cell.focus();
    const start = performance.now();
    const key = ["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"][i % 4];
    shadow.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true }));
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    times.push(performance.now() - start);
  }
  return times;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--moves", type=int, default=40)
    moves = parser.parse_args().moves
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        report = {
            "65 matrices drawn, ms": _drawn(browser),
            "key to explanation, 4 terms, 95%, ms": _explained(browser, projection(), moves),
            "key to explanation, 3072 terms, 95%, ms": _explained(browser, wide(3072, 24, 300), moves),
        }
        for rows, columns in [(768, 3072), (24, 300)]:
            first, later = _frames(browser, (rows, columns))
            report[f"longest frame, {rows} × {columns}, script started and drawn, ms"] = first
            report[f"longest frame, {rows} × {columns}, scrolled and zoomed, ms"] = later
        browser.close()
    print(json.dumps({what: round(time, 1) for what, time in report.items()}, indent=2, ensure_ascii=False))


def _page(browser: Browser) -> Page:
    return browser.new_context(viewport={"width": 1280, "height": 720}).new_page()


def _matrices() -> list[Any]:
    generator = np.random.default_rng(0)
    sizes = [(10, 64) if number % 3 else (64, 64) for number in range(65)]
    return [generator.normal(size=size) for size in sizes]


def _drawn(browser: Browser) -> float:
    page = _page(browser)
    page.set_content("<!doctype html><html lang=en><body></body></html>")
    style = tensors._ALONE + tensors.stylesheet()
    data = tensors.payload([alone(values) for values in _matrices()])
    time: float = page.evaluate(DRAW, [tensors.script(), style, data])
    page.context.close()
    return time


def _explained(browser: Browser, equation: dict[str, Any], moves: int) -> float:
    page = _page(browser)
    page.set_content(document(equation))
    page.locator(".line").first.wait_for()
    times: list[float] = page.evaluate(MOVES, moves)
    page.context.close()
    return float(np.quantile(times, 0.95))


def _frames(browser: Browser, shape: tuple[int, int]) -> tuple[float, float]:
    """The longest frame from the moment in which the numbers are there until they are drawn; then while the reader
    zooms into the digits and out again, and scrolls."""
    page = _page(browser)
    values = np.random.default_rng(0).normal(size=shape)
    page.set_content(document(alone(values, limit=3.0)).replace(standalone_script(), ""))
    page.evaluate(FRAMES)
    page.add_script_tag(content=standalone_script().split("\n", 1)[1].rsplit("</script>", 1)[0], type="module")
    page.locator("canvas[data-digits]").wait_for()
    longest = "() => { const most = Math.max(...frames_); frames_.length = 0; return most; }"
    first: float = page.evaluate(longest)
    page.locator("canvas").click(position={"x": 300, "y": 60})
    for step in range(60):
        page.mouse.wheel(0, -90 if step < 40 else 90)
        page.mouse.wheel(40, 0)
        if step == 40:
            page.locator("canvas[data-digits=true]").wait_for()
    later: float = page.evaluate(longest)
    page.context.close()
    return first, later


if __name__ == "__main__":
    main()
