"""Comparing initialisations as a visitor would: the answer, the way to a run, a comparison of one's own."""

import re
from contextlib import suppress
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError, expect

from explorer.initialisation import plan as plans
from explorer.initialisation.runner import run
from explorer.initialisation.summary import Summary
from tests.initialisation.small import small_plan


@pytest.fixture(scope="module")
def compared(server, folders, tmp_path_factory):
    """A server that has a small comparison at hand, its summary, and the folder of the results."""
    plan = small_plan(tmp_path_factory.mktemp("pairs"))
    return server, Summary(run(plan, folders["results"] / plan.name, workers=1)), folders["results"]


@pytest.mark.nightly
def test_from_the_answer_to_the_arm_to_a_run_that_gives_the_same_losses(compared, page):
    address, summary, _ = compared
    page.goto(f"{address}/initialisation?run=small")
    expect(page.locator(".explorer-answer")).to_have_text(summary.decision("loss")[0])
    forest = page.locator(".st-key-forest .js-plotly-plot")
    expect(forest.locator(".points path")).to_have_count(2 * 2)

    names = page.locator("td.word a")
    expect(names).to_have_count(3)
    page.get_by_role("link", name="Held-out chrF").click()
    expect(page).to_have_url(re.compile("sort=chrf"))
    rows = sorted(summary.arms(1.0), key=lambda row: row.values["chrf"].mean)
    expect(names).to_have_text([row.arm for row in rows])

    page.get_by_text("Fewer arms or sizes").click()
    choose(page, "Arms", "word2vec, rescaled")
    expect(page).to_have_url(re.compile(r"arms=word2vec%2C\+rescaled"))
    expect(names).to_have_text(["word2vec, rescaled"])
    choose(page, "Sizes", "50% of the pairs")
    expect(page).to_have_url(re.compile(r"sizes=0\.5"))
    expect(forest.locator(".points path")).to_have_count(1)
    assert Axe().run(page).response["violations"] == []

    click(forest.locator(".points path").first)
    expect(page).to_have_url(re.compile(r"arm=word2vec%2C\+rescaled.*share=0\.5"))
    seeds = page.locator(".st-key-seeds .js-plotly-plot .points path")
    expect(page.locator(".st-key-seeds", has_text="word2vec, rescaled")).to_have_count(1)
    expect(seeds).to_have_count(2 * 3)
    click(seeds.first)
    expect(page).to_have_url(re.compile(r"/learning\?run=small&arm=word2vec%2C\+rescaled&share=0\.5&seed=0"))
    page.get_by_role("button", name="Train it once more").click()
    expect(page.get_by_text("All 4 validation losses are those of the comparison, to the last digit.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"training="))  # by which a reload finds it: an address of its own
    page.go_back()
    expect(page).not_to_have_url(re.compile(r"training="))
    page.go_back()
    expect(page.locator(".explorer-answer")).to_have_text(summary.decision("loss")[0])


def test_a_comparison_of_ones_own_goes_on_without_its_tab_and_is_taken_along(compared, new_page, tmp_path):
    address, summary, folder = compared
    page = new_page("light")
    page.goto(f"{address}/initialisation?show=own&plan=small")
    box = page.get_by_label("The plan, as TOML")
    box.fill("seeds = [")
    box.blur()
    expect(page.get_by_role("alert")).to_contain_text("The plan cannot be read as TOML")
    plan = replace(summary.plan, name="mine", updates=8, seeds=(4, 5), sizes=(1.0,))
    box.fill(plan.as_toml())
    box.blur()
    expect(page.get_by_text("6 runs of 8 updates each: about ")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("mine")
    page.get_by_role("button", name="Start").click()
    expect(page).to_have_url(re.compile("run=mine"))
    page.close()

    page = new_page("dark")
    page.goto(f"{address}/initialisation?run=mine")
    expect(page.get_by_text("“mine” has ended: 6 runs.")).to_be_visible()
    expect(page.locator(".explorer-answer")).to_contain_text("pre-trained and random vectors could be shown")
    expect(page.get_by_role("listitem").filter(has_text="At 100% of the pairs")).not_to_have_count(0)
    expect(page.locator(".js-plotly-plot")).to_have_count(3)
    assert Axe().run(page).response["violations"] == []
    with page.expect_download() as download:
        page.get_by_role("button", name="Plan", exact=True).click()
    download.value.save_as(tmp_path / "plan.toml")
    assert plans.read(tmp_path / "plan.toml") == plan.public  # the folder of its pairs is nobody else's business
    with page.expect_download() as download:
        page.get_by_role("button", name="Report (HTML)").click()
    download.value.save_as(tmp_path / "report.html")
    assert "word2vec, rescaled" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert (folder / "mine" / "results.parquet").exists()


def choose(page, box, option):
    """Add to what a box of several holds; a run that is still going on may close its list again."""
    choice = page.get_by_role("option", name=option)
    for _ in range(5):
        page.get_by_role("combobox", name=box).click()
        with suppress(TimeoutError):
            choice.click(timeout=3000)
            break
    page.keyboard.press("Escape")


def click(point):
    """Click on a point of a chart, as soon as the chart says what it is."""
    point.hover(force=True)  # what the pointer meets is a layer above the points
    expect(point.page.locator(".hoverlayer .hovertext")).to_be_visible()
    point.page.mouse.down()
    point.page.mouse.up()
