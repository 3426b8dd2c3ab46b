"""A lesson that was exported as a page, opened from a folder: it answers to clicks, and it is complete on paper."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from explorer.lessons.equations import equations
from explorer.lessons.equations.worked import worked
from explorer.lessons.example import article_example
from explorer.lessons.lesson import lesson
from explorer.lessons.numbers import rounded
from explorer.lessons.renderings import render
from explorer.lessons.renderings.parts import part
from tests.browser.conftest import COLOUR_SCHEMES

TOLD = lesson(article_example())
QUERIES, INPUT = "encoder.0.self_attention.query", "source.input"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "lesson.html"
    path.write_text(render(TOLD, "html"), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def opened(file, new_page):
    """Opens the file at a step; fails if its policy kept anything from running."""
    problems = []

    def open_at(step, width=1280, color_scheme="light"):
        page = new_page(color_scheme)
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.set_viewport_size({"width": width, "height": 720})
        page.goto(f"{file}#{step}")
        expect(section(page, step).locator("td.worked").first).to_be_visible()
        return page

    yield open_at
    assert problems == []


def section(page, step):
    return page.locator(f"section[id='{step}']")


def test_a_click_writes_out_another_cell_and_a_number_leads_to_its_step(opened):
    page = opened(QUERIES)
    here = section(page, QUERIES)
    (equation,) = equations(TOLD, TOLD.step(QUERIES))
    here.locator("figure.result").get_by_role("gridcell").last.click()
    last = equation.at(1, 2, 1)

    expect(here.locator("p.line").filter(visible=True)).to_have_text(str(worked(last, last.lines[0], 4)))
    page.keyboard.press("ArrowLeft")
    expect(here.locator("td.worked")).to_have_text(rounded(equation.result.number((1, 2, 0))))
    here.locator(".line button.number").first.click()
    expect(section(page, INPUT).get_by_role("heading")).to_be_in_viewport()
    assert page.url.endswith(f"#{INPUT}")


@pytest.mark.parametrize("width", [390, 1280])
def test_it_is_never_wider_than_the_window(opened, width):
    page = opened(QUERIES, width)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_on_paper_it_is_tables(opened):
    page = opened(QUERIES)
    expect(section(page, QUERIES).locator(".still")).to_be_hidden()
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 720, "height": 1000})
    expect(page.locator("[data-explorer-tensors]").first).to_be_hidden()
    tables = section(page, QUERIES).locator(".still figure table")
    assert tables.count() == 5  # W, b, Q and Q of two heads; X stands at an earlier step
    for table in tables.all():
        expect(table).to_be_visible()
    cut = "[...document.querySelectorAll('.scroll')].filter(each => each.scrollWidth > each.clientWidth + 1).length"
    assert page.evaluate(cut) == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 720


def test_without_scripts_it_is_tables(file, browser):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{file}#{QUERIES}")
    expect(section(page, QUERIES).locator("figure table").first).to_be_visible()
    expect(page.locator("[data-explorer-tensors]").first).to_be_hidden()
    page.context.close()


@pytest.mark.nightly
@pytest.mark.parametrize("color_scheme", COLOUR_SCHEMES)
def test_all_of_it_can_be_read(new_page, tmp_path, color_scheme):
    path = tmp_path / "chapter.html"
    path.write_text(render(TOLD, "html", part(TOLD, chapter=3)), encoding="utf-8")
    page = new_page(color_scheme)
    page.goto(path.as_uri())
    expect(page.locator("td.worked").first).to_be_visible()
    for media in ("screen", "print"):
        page.emulate_media(media=media)
        violations = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response["violations"]
        assert [(rule["id"], node["html"]) for rule in violations for node in rule["nodes"]] == []
