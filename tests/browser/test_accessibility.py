"""axe-core (WCAG 2.2 A and AA, and best practices) on every page, light and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

PAGES = {
    "home": ("/", "link", "Neighbours of airplane →"),
    "neighbours": ("/neighbours?word=airplane", "table", "Nearest to airplane"),
    "neighbours of nothing": ("/neighbours?word=airplne", "alert", ""),
    "models": ("/models", "button", "Download"),
    "side by side": ("/side-by-side?word=airplane&most=500", "heading", "in both, on one map"),
    "initialisation": ("/initialisation", "button", "Start"),
    "watch it learn": ("/learning", "button", "Train"),
    "pass": ("/pass?model=article&layers=1", "grid", "weights, head 2"),
    "pass, wide": ("/pass?words=airplane,fly&layers=1&d_model=32", "grid", "weights, head 2"),
}


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize(("path", "role", "name"), PAGES.values(), ids=PAGES)
def test_axe_finds_nothing(server, new_page, path, role, name, color_scheme):
    page = new_page(color_scheme)
    page.set_viewport_size({"width": 1280, "height": 3000})  # all matrices near the window, so that all are drawn
    page.goto(server + path)
    expect(page.get_by_role(role, name=name).first).to_be_visible()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)  # charts that are still on their way
    # Streamlit gives the area of an upload a role that removes it from what is read out, and a label all the same.
    options = {"rules": {"presentation-role-conflict": {"enabled": path != "/models"}}}
    violations = Axe().run(page, options=options).response["violations"]
    assert [(rule["id"], node["html"], node["failureSummary"]) for rule in violations for node in rule["nodes"]] == []
