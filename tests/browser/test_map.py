"""A map in a real browser: select on it, and see the rows; tick a row, and see its ring."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from explorer.embeddings import catalog
from explorer.embeddings.graph import neighbour_graph
from tests.browser.conftest import COLOUR_SCHEMES


def point(page: Page, word: str) -> Locator:
    return page.locator(".js-plotly-plot .textpoint").filter(has_text=re.compile(f"^{word}$"))


def drag_around(page: Page, label: Locator) -> None:
    label.scroll_into_view_if_needed()
    box = label.bounding_box()
    page.mouse.move(box["x"] - 30, box["y"] - 25)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] + 30, box["y"] + box["height"] + 25, steps=5)
    page.mouse.up()


def test_points_selected_on_the_map_are_the_rows_and_ticked_rows_are_ringed(server, page):
    page.goto(f"{server}/map?show=list&words=cat+dog+horse+car+truck+bus&view=map")
    cells = page.get_by_test_id("stDataFrame").locator("tbody td:nth-child(1)")
    expect(point(page, "cat")).to_be_visible()
    expect(cells).to_have_text(["cat", "dog", "horse", "car", "truck", "bus"])
    drag_around(page, point(page, "bus"))
    expect(page.get_by_text("1 word is selected on the map.")).to_be_visible()
    expect(cells).to_have_text(["bus"])
    expect(page).to_have_url(re.compile("selected=bus"))
    page.reload()
    expect(cells).to_have_text(["bus"])

    rings = page.locator(".js-plotly-plot .scatterlayer .trace").last.locator(".point")
    expect(rings).to_have_count(0)
    table = page.get_by_test_id("stDataFrame").bounding_box()
    page.mouse.click(table["x"] + 16, table["y"] + 52)
    expect(rings).to_have_count(1)
    expect(page.get_by_text("1 word is selected on the map.")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("button", name="Download the chosen word").click()
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[0] == "word,x,y,kept,pos,count,tier,similarity"
    assert [line.split(",")[0] for line in lines[1:]] == ["bus"]

    page.get_by_role("button", name="Show all words").click()
    expect(cells).to_have_count(6)
    page.go_back()
    expect(cells).to_have_text(["bus"])


@pytest.mark.nightly
@pytest.mark.parametrize("color_scheme", COLOUR_SCHEMES)
@pytest.mark.parametrize("view", ["map", "graph"])
def test_axe_finds_nothing_on_the_page(server, new_page, view, color_scheme):
    page = new_page(color_scheme)
    page.goto(f"{server}/map?view={view}&n=20&threshold=0.4")
    expect(page.locator(".js-plotly-plot .point").first).to_be_visible()
    expect(page.get_by_role("button", name="Download JSON")).to_be_visible()
    violations = Axe().run(page).response["violations"]
    assert [(rule["id"], node["html"], node["failureSummary"]) for rule in violations for node in rule["nodes"]] == []


def place_of(page: Page, word: str) -> tuple[float, float]:
    """Where the point is beside whose label the word stands."""
    expect(point(page, word)).to_be_visible()
    x, y = page.evaluate(
        """(word) => {
          const text = [...document.querySelectorAll(".textpoint")].find((label) => label.textContent === word);
          const trace = text.closest(".trace");
          const at = [...trace.querySelectorAll(".textpoint")].indexOf(text);
          const box = trace.querySelectorAll(".point")[at].getBoundingClientRect();
          return [box.x + box.width / 2, box.y + box.height / 2];
        }""",
        word,
    )
    return x, y


def click_on(page: Page, word: str) -> None:
    """Click a word's point as a person does, who holds the button for a moment."""
    page.mouse.click(*place_of(page, word), delay=100)


def test_a_click_on_a_point_shows_its_row(server, page):
    page.set_viewport_size({"width": 1280, "height": 1200})
    page.goto(f"{server}/map?show=list&words=cat+dog+horse+car+truck+bus")
    cells = page.get_by_test_id("stDataFrame").locator("tbody td:nth-child(1)")
    expect(cells).to_have_count(6)
    for word in ("bus", "cat"):
        click_on(page, word)
        expect(page.get_by_text("1 word is selected on the map.")).to_be_visible()
        expect(cells).to_have_text([word])
    link = page.get_by_role("link", name="cat", exact=True)
    expect(link).to_have_attribute("href", re.compile(rf"word=cat|model={catalog.DEFAULT}"))


@pytest.mark.nightly
def test_a_finger_shows_the_row_of_the_point_that_it_meets(server, browser):
    with browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True) as context:
        page = context.new_page()
        page.goto(f"{server}/map?show=list&words=cat+dog+horse+car+truck+bus")
        expect(point(page, "cat")).to_be_visible()
        point(page, "cat").scroll_into_view_if_needed()
        for word in ("bus", "cat"):
            page.touchscreen.tap(*place_of(page, word))
            expect(page).to_have_url(re.compile(f"selected={word}"))


@pytest.mark.nightly
def test_a_click_on_a_word_of_the_graph_shows_its_lines(server, page):
    page.set_viewport_size({"width": 1280, "height": 1200})
    listed = ["cat", "dog", "horse", "car", "truck", "bus"]
    page.goto(f"{server}/map?view=graph&threshold=0.3&show=list&words={'+'.join(listed)}")
    edges = neighbour_graph(catalog.load(), listed, 0.3).edges
    click_on(page, "bus")
    its = [edge for edge in edges if "bus" in (edge.first, edge.second)]
    expect(page.get_by_text(f"Lines of “bus”: {len(its)}.")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame").locator("tbody td:nth-child(1)")).to_have_text([e.first for e in its])
    expect(page.get_by_role("link", name="bus", exact=True)).to_be_visible()
