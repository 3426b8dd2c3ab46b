"""The health of a model as a reader asks for it, in a real browser."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from explorer.embeddings import catalog
from explorer.embeddings.contributions import contributions
from explorer.embeddings.percentiles import percentile


def test_from_measures_to_benchmarks_that_are_stopped_and_run_to_two_words(server, page):
    page.goto(f"{server}/health?words=500")
    expect(page.locator(".js-plotly-plot")).to_have_count(4)
    expect(page.get_by_test_id("stTable").first).to_contain_text("all but the top 3")
    page.get_by_label("Components removed", exact=True).fill("5")
    page.get_by_label("Components removed", exact=True).press("Enter")
    expect(page.get_by_test_id("stTable").first).to_contain_text("all but the top 5")
    expect(page).to_have_url(re.compile("components=5"))

    page.get_by_role("radio", name="Benchmarks").click()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Run the benchmarks").click()
    expect(page.get_by_test_id("stTable")).to_contain_text("gram9-plural-verbs")
    expect(page.get_by_test_id("stTable")).to_contain_text(f"{catalog.card(catalog.DEFAULT).scores['analogies']:.4f}")
    expect(page).to_have_url(re.compile("show=benchmarks"))

    page.get_by_role("radio", name="Why similar?").click()
    box = page.get_by_label("The other", exact=True)
    box.fill("aeroplane")
    box.press("Enter")
    model = catalog.load()
    expect(page.get_by_text(percentile(model, "airplane", "aeroplane").sentence)).to_be_visible()
    shared = [neighbour.word for neighbour in contributions(model, "airplane", "aeroplane").shared]
    expect(page.locator("td.word a")).to_have_text(shared)
    box.fill("aeroplne")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("“aeroplne” is not among")
    page.go_back()
    expect(page.locator("td.word a")).to_have_text(shared)
    assert Axe().run(page).response["violations"] == []
