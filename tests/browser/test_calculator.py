"""The calculator as a reader uses it, in a real browser."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from explorer.embeddings import catalog
from explorer.embeddings.analogy import analogy
from explorer.questions.vectors import Matrix


def words(page: Page):
    """The links of the table, from the first rank to the last."""
    return page.get_by_role("table").locator("td.word a")


def test_from_a_formula_that_is_none_to_one_to_its_answers_and_the_other_tabs(server, page):
    page.goto(f"{server}/calculator")
    box = page.get_by_label("Formula", exact=True)
    expect(box).to_have_value("king - man + woman")
    expect(words(page)).to_have_text([row.word for row in analogy(catalog.load(), "king - man + woman").rows])

    box.fill("king man")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("no + or - between “king” and “man”")
    box.fill("berlin - germany + france")
    box.press("Enter")
    expect(words(page)).to_have_text([row.word for row in analogy(catalog.load(), "berlin - germany + france").rows])
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/calculator\?formula=berlin"))

    page.get_by_role("radio", name="Matrix").click()
    grid = page.get_by_role("grid", name="cosine")
    expect(grid.locator("tbody th")).to_have_count(12)
    expect(page).to_have_url(re.compile(r"ask=matrix"))
    page.get_by_role("radio", name="Axes").click()
    expect(page.locator(".js-plotly-plot .scatterlayer .points path")).to_have_count(13)

    page.go_back()
    expect(grid.locator("tbody th")).to_have_count(12)
    page.go_back()
    expect(box).to_have_value("berlin - germany + france")
    first = words(page).first.inner_text()
    words(page).first.click()
    expect(page).to_have_url(re.compile(rf"/neighbours\?word={first}&model={catalog.DEFAULT}$"))
    expect(page.get_by_role("table", name=f"Nearest to {first}")).to_be_visible()


def test_a_matrix_of_40_words_is_seen_whole_and_read_by_keyboard(server, page):
    asked = [word for word in catalog.load().words[:200] if len(word) > 3][:38]
    asked += ["extraordinary", "representative"]
    answer = Matrix(words=asked).answer()
    page.set_viewport_size({"width": 1280, "height": 1300})
    page.goto(f"{server}/calculator?ask=matrix&words={','.join(asked)}")
    expect(page.get_by_role("grid", name="cosine")).to_have_attribute("aria-rowcount", "41")
    expect(page.get_by_role("img", name="Colours from −1 to 1")).to_be_visible()
    canvas = page.locator("canvas")
    box = canvas.bounding_box()
    assert box["y"] + box["height"] < 1300
    canvas.click(position={"x": box["width"] - 4, "y": box["height"] - 4})
    expect(page.locator(".reading")).to_contain_text(f"cosine [{answer.words[-1]}, {answer.words[-1]}] = ")
    for _ in range(39):
        page.keyboard.press("ArrowUp")
    expect(page.locator("[role=rowheader]").first).to_have_text(answer.words[0])
    first = page.locator("[role=gridcell][tabindex='0']")
    expect(first).to_be_focused()
    assert float(first.text_content().replace("−", "-")) == answer.cosines[0, -1]
    page.get_by_role("button", name="Show digits").click()
    expect(canvas).to_have_attribute("data-digits", "true")


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("color_scheme", "ask", "sign"),
    [
        ("light", "pairs", "td.cosine"),
        pytest.param("dark", "axes", ".js-plotly-plot .points path", marks=pytest.mark.nightly),
        ("light", "matrix", "[role=grid]"),
        pytest.param("dark", "matrix", "[role=grid]", marks=pytest.mark.nightly),
    ],
)
def test_axe_finds_nothing(server, new_page, color_scheme, ask, sign):
    page = new_page(color_scheme)
    page.goto(f"{server}/calculator?ask={ask}&pairs=king,queen&python=true")
    expect(page.locator(sign).first).to_be_visible()
    violations = Axe().run(page).response["violations"]
    assert [(rule["id"], node["html"], node["failureSummary"]) for rule in violations for node in rule["nodes"]] == []
