"""What notebooks show, in a page with the colours of JupyterLab: it can be read, light and dark, narrow and wide."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

import explorer as ex
from explorer.lessons.example import article_example
from explorer.lessons.lesson import lesson
from tests.browser.conftest import first_in_make_test

# The variables and rules of JupyterLab 4 that meet an output.
THEMES = {
    "light": ("true", "--jp-layout-color0: #ffffff; --jp-content-font-color1: rgba(0, 0, 0, 0.87)"),
    "dark": ("false", "--jp-layout-color0: #111111; --jp-content-font-color1: rgba(255, 255, 255, 1)"),
}
_JUPYTER = """
body { background: var(--jp-layout-color0); color: var(--jp-content-font-color1); }
.jp-RenderedHTMLCommon table { border-collapse: collapse; table-layout: fixed; margin: 0 auto 1em; font-size: 12px; }
.jp-RenderedHTMLCommon td, .jp-RenderedHTMLCommon th { padding: 0.5em; white-space: normal; border: none; }
.jp-RenderedHTMLCommon:not(.jp-RenderedMarkdown) td { text-align: right; }
.jp-RenderedHTMLCommon tbody tr:nth-child(even) { background: #888888; }
"""


@pytest.fixture(scope="module")
def outputs():
    model, article = ex.open("wiki-en-word2vec"), lesson(article_example())
    answers: list[Any] = [
        model.neighbours("airplane", n=3),
        model.matrix(["king", "queen", "car", "truck"]),
        model.map(around="airplane", n=10),
        ex.side_by_side("airplane", n=5),
        article.trace["decoder.0.self_attention.masked"],
        article.trace["encoder.0.self_attention.weights"],
        article.step("encoder.0.self_attention.norm"),
        article.trace.explain("encoder.0.self_attention.norm", 0, 1),
    ]
    return "".join(answer._repr_html_() for answer in answers)


@pytest.fixture
def notebook(outputs, new_page):
    def opened(theme, width=1280):
        is_light, variables = THEMES[theme]
        page = new_page(theme)
        page.set_viewport_size({"width": width, "height": 900})
        page.set_content(
            f'<!doctype html><html lang="en"><title>A notebook</title><style>:root {{{variables}}}{_JUPYTER}</style>'
            f'<body data-jp-theme-light="{is_light}">'
            f'<main class="jp-RenderedHTMLCommon"><h1>Outputs</h1>{outputs}</main>'
        )
        return page

    return opened


@pytest.mark.parametrize("theme", first_in_make_test(THEMES))
def test_all_of_it_can_be_read_in_the_notebooks_theme(notebook, theme):
    page = notebook(theme)
    violations = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response["violations"]
    assert [(rule["id"], node["html"], node["failureSummary"]) for rule in violations for node in rule["nodes"]] == []
    colours = page.locator(".explorer td.p0, .explorer td.n1").first.evaluate("cell => getComputedStyle(cell).color")
    assert colours == ("rgb(0, 0, 0)" if theme == "light" else "rgb(255, 255, 255)")


def test_jupyters_own_stripes_and_margins_do_not_reach_it(notebook):
    page = notebook("light")
    table = page.locator(".explorer table").first
    rows = table.locator("tbody tr").evaluate_all("rows => rows.map(row => getComputedStyle(row).backgroundColor)")
    assert set(rows) == {"rgba(0, 0, 0, 0)"}
    assert table.bounding_box()["x"] == page.locator(".explorer").first.bounding_box()["x"]
    word = table.get_by_role("cell", name="airliner", exact=True)
    assert word.evaluate("cell => getComputedStyle(cell).textAlign") in ("left", "start")


@pytest.mark.parametrize("width", [1280, 800, 420])
def test_it_is_never_wider_than_the_notebook(notebook, width):
    page = notebook("dark", width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
