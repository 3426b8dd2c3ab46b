"""The map of all words in Chromium: frames while zooming, by WebGL and without; and how long pages take with it.

python -m benchmarks.atlas [--visits 20]    (needs Chromium, and what requirements-dev.txt names)

A frame is what passes between two of the browser's own, while the wheel turns with every frame: into the map until
words have their names, and out again. Where there is no graphics card, the map is painted into a canvas; WebGL by
Chromium's renderer in software is measured beside it.

Aim: at least 30 frames a second, on 2 cores.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import ARGUMENTS, serving

# Milliseconds of each frame, and what drew them.
ZOOM = """async () => {
  const hosts = [...document.querySelectorAll("*")];
  const root = hosts.map((each) => each.shadowRoot?.querySelector(".atlas")).find(Boolean);
  const stage = root.querySelector(".stage");
  const box = stage.getBoundingClientRect();
  const [clientX, clientY] = [box.x + box.width * 0.45, box.y + box.height * 0.55];
  const times = [];
  let last = await new Promise(requestAnimationFrame);
  for (let turn = 0; turn < 120; turn++) {
    const deltaY = turn % 60 < 30 ? -60 : 60;
    stage.dispatchEvent(new WheelEvent("wheel", { deltaY, clientX, clientY, bubbles: true, cancelable: true }));
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last);
    last = now;
  }
  return [root.dataset.painter, times];
}"""
# Without a graphics card the map takes no WebGL. That WebGL has none is hidden here.
FORCED = "WebGLRenderingContext.prototype.getExtension = () => null;"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--visits", type=int, default=20)
    visits = parser.parse_args().visits
    report = {}
    with serving() as server, sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for script in ("", FORCED):
            painter, times = _frames(browser, f"{server}/map", script)
            slow, typical = np.quantile(times, [0.95, 0.5])
            report[f"{painter}: frames a second, median"] = 1000 / typical
            report[f"{painter}: longest of 95 of 100 frames, ms"] = slow
        for name, path in (("Home", "/"), ("Map", "/map")):
            answers, maps = zip(*(_visit(browser, server + path) for _ in range(visits + 1)), strict=True)
            report[f"{name}: until the answer stands, ms, median"] = np.median(answers[1:])  # the first one warms up
            report[f"{name}: until the map stands, ms, median"] = np.median(maps[1:])
        browser.close()
    print(json.dumps({what: round(float(number), 1) for what, number in report.items()}, indent=2))


def _frames(browser: Browser, address: str, script: str) -> tuple[str, list[float]]:
    page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    page.add_init_script(script)
    page.goto(address)
    page.locator(".atlas[data-ready]").wait_for()
    page.get_by_role("button", name="The whole map").click()
    page.locator(".atlas[data-at='0.0000,0.0000,1.00'][data-flying=false]").wait_for()
    painter, times = page.evaluate(ZOOM)
    page.context.close()
    return painter, times


def _visit(browser: Browser, address: str) -> tuple[float, float]:
    """Milliseconds until a first visit shows the answer in words, and until it shows the map."""
    page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    start = time.perf_counter()
    page.goto(address)
    page.get_by_role("link", name="airliner", exact=True).first.wait_for()
    answer = time.perf_counter()
    page.locator(".atlas[data-ready]").wait_for()
    drawn = time.perf_counter()
    page.context.close()
    return 1000 * (answer - start), 1000 * (drawn - start)


if __name__ == "__main__":
    main()
