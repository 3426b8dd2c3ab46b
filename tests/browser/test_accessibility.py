"""axe-core (WCAG 2.2 A and AA, and best practices) on every page, light and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import COLOUR_SCHEMES, WITH_UPLOADS, nightly_but

ENCODER = "/lesson?lesson=own&encoder_only=true&source=airplane,fly"
PAGES = {
    "home": ("/", "link", "Neighbours of airplane →"),
    "neighbours": ("/neighbours?word=airplane", "table", "Nearest to airplane"),
    "neighbours of nothing": ("/neighbours?word=airplne", "alert", ""),
    "talks": ("/talks", "heading", "Talks at hand"),
    "models": ("/models", "button", "Download"),
    "side by side": ("/side-by-side?word=airplane&most=200", "heading", "in both, on one map"),
    "initialisation": ("/initialisation", "heading", "The protocol"),
    "an initialisation of one's own": ("/initialisation?show=own", "button", "Start"),
    "the published table": ("/initialisation?show=published", "table", ""),
    "watch it learn": ("/learning", "button", "Train"),
    "lesson": ("/lesson?step=encoder.0.self_attention.weights&scope=chapter", "grid", "weights, head 2"),
    "the encoder alone, wide": (
        f"{ENCODER}&d_model=32&step=encoder.0.self_attention.weights",
        "grid",
        "weights, head 2",
    ),
}


@pytest.mark.parametrize("color_scheme", COLOUR_SCHEMES)
@pytest.mark.parametrize(
    ("path", "role", "name"),
    nightly_but(PAGES, "home", "neighbours", "models", "lesson", "side by side", "initialisation"),
)
def test_axe_finds_nothing(server, new_page, path, role, name, color_scheme):
    page = new_page(color_scheme)
    page.set_viewport_size({"width": 1280, "height": 3000})  # all matrices near the window, so that all are drawn
    page.goto(server + path)
    expect(page.get_by_role(role, name=name).first).to_be_visible()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)  # charts that are still on their way
    uploads = path in ("/models", "/talks", "/initialisation?show=own")
    violations = Axe().run(page, options=WITH_UPLOADS if uploads else None).response["violations"]
    assert [(rule["id"], node["html"], node["failureSummary"]) for rule in violations for node in rule["nodes"]] == []


MARKED = """() => {
  let at = document.activeElement;
  while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  if (at === document.body || at.tagName === "CANVAS") return true; // the end, and a table that draws its own mark
  const blues = ["rgb(31, 95, 153)", "rgb(143, 192, 238)", "rgb(124, 179, 232)"];
  for (let node = at, depth = 0; node instanceof Element && depth < 6; node = node.parentElement, depth++) {
    const style = getComputedStyle(node);
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    if (outlined && blues.includes(style.outlineColor)) return true;
    if (parseFloat(style.borderTopWidth) >= 1 && blues.includes(style.borderTopColor)) return true;
    if (/rgba?\\((31, 95, 153|143, 192, 238|124, 179, 232)/.test(style.boxShadow)) return true;
  }
  return false;
}"""


@pytest.mark.parametrize("color_scheme", COLOUR_SCHEMES)
@pytest.mark.parametrize(
    ("path", "stops"),
    [
        pytest.param("/", 20, marks=pytest.mark.nightly),
        ("/neighbours?n=3&why=true", 45),
        pytest.param("/side-by-side?n=2&most=200", 40, marks=pytest.mark.nightly),
    ],
)
def test_where_the_keyboard_is_can_be_seen(server, new_page, path, stops, color_scheme):
    page = new_page(color_scheme)
    page.goto(server + path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    for _ in range(stops):
        page.keyboard.press("Tab")
        page.wait_for_function(MARKED)


PHONE = {
    "neighbours": ("/neighbours?word=airplane&metric=euclidean&why=true&python=true&vocabulary=true", "td.cosine"),
    "formula": ("/calculator", "td.cosine"),
    "pairs": ("/calculator?ask=pairs", "td.cosine"),
    "matrix": ("/calculator?ask=matrix", "[role=grid]"),
    "odd one out": ("/calculator?ask=odd", "td.cosine"),
    "axes": ("/calculator?ask=axes", ".js-plotly-plot"),
    "map": ("/map?n=20", ".point"),
    "graph": ("/map?n=20&view=graph", ".point"),
    "side by side": ("/side-by-side?most=200&word=qwertyx", ".column li .cosine"),
    "why similar": ("/health?show=why", "td.cosine"),
}


@pytest.mark.parametrize(("path", "answer"), nightly_but(PHONE, "neighbours", "matrix", "map"))
def test_a_phone_shows_the_cosines_and_no_page_scrolls_sideways(server, new_page, path, answer):
    page = new_page("light")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(server + path)
    expect(page.locator(answer).first).to_be_visible()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    width = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert max(width, page.evaluate("document.documentElement.scrollWidth")) == 390
    if answer == "td.cosine":
        box = page.locator(answer).first.bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= 390
