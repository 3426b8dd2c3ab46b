"""A training in a real browser: it runs, pauses, can be looked back at, and its moments can be taken along."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from explorer.answers import csv_text
from explorer.lessons.learning import Learning
from explorer.lessons.lesson import lesson
from explorer.lessons.renderings import render
from explorer.lessons.renderings.figures import figure
from explorer.lessons.steps import Shown
from explorer.questions.jobs import Watch
from tests.browser.conftest import COLOUR_SCHEMES

SMALL = "data=phrase+book&d_model=8&heads=2&updates=200"
ATTENTION = "decoder.0.cross_attention.weights"


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    """What the page should come to with these settings."""
    training = Watch(data="phrase book", d_model=8, heads=2, updates=200, out=tmp_path_factory.mktemp("learning"))
    training.answer()
    return Learning(training.out)


# In each frame, how many matrices stand on the page.
COUNT_MATRICES = """() => {
  window.counts = [];
  const roots = () => [...document.querySelectorAll("*")].map((node) => node.shadowRoot).filter(Boolean);
  const count = () => {
    counts.push(roots().reduce((sum, root) => sum + root.querySelectorAll("figure table").length, 0));
    requestAnimationFrame(count);
  };
  count();
}"""


def train(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Train", exact=True).click()


def sentence(moment):
    loss, accuracy = moment.measure.loss, moment.measure.accuracy
    return f"After {moment.step} updates: validation loss {loss:.4f}, token accuracy {accuracy:.1%}."


def weights(lesson):
    return [f"{number:.3f}" for number in lesson.trace[ATTENTION].value[1].ravel()]


def downloaded(page: Page, button: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=button, exact=True).click()
    return download.value.path().read_bytes()


def test_200_updates_are_watched_scrubbed_and_taken_along(server, page, learnt):
    page.set_viewport_size({"width": 1280, "height": 3000})  # the matrices near the window, so that they are drawn
    train(page, f"{server}/learning?{SMALL}")
    first, last = learnt.moments[-5], learnt.moments[-1]
    expect(page.get_by_text(sentence(last))).to_be_visible()
    cells = page.get_by_role("grid", name="attention weights, head 2").locator("tbody td")
    words = ["you", "are", "welcome"], ["de", "nada"]
    expect(cells).to_have_text(weights(lesson(learnt.example_at(last, *words))))
    slider = page.get_by_role("slider", name="After update")
    page.evaluate(COUNT_MATRICES)
    for moment in reversed(learnt.moments[-5:-1]):
        slider.press("ArrowLeft")
        expect(page).to_have_url(re.compile(rf"[?&]moment={moment.step}(&|$)"))
    expect(page.get_by_text(sentence(first))).to_be_visible()
    expected = lesson(learnt.example_at(first, *words))
    expect(cells).to_have_text(weights(expected))
    assert set(page.evaluate("counts")) == {2}  # while one scrubs, no matrix blinks
    expect(page.get_by_role("img", name="Colours from 0 to 1")).to_be_visible()

    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached()  # the file is made last
    assert downloaded(page, "Download").decode() == render(expected, "html")
    assert downloaded(page, "Matrix as SVG") == figure(expected, Shown(ATTENTION))
    assert downloaded(page, "Curves as CSV").decode() == learnt.curve_csv()
    likely = expected.step("next.words").tables[0]
    assert downloaded(page, "Next words as CSV").decode() == csv_text(likely.columns, likely.rows)  # all digits

    box = page.get_by_role("combobox", name="Attention, or any other matrix")
    box.fill("encoder.0.self_attention.scores")
    page.get_by_role("option", name="encoder.0.self_attention.scores").click()
    expect(page.get_by_role("grid", name="scores, head 2")).to_be_visible()
    slider.press("ArrowRight")
    expect(page.get_by_text(sentence(learnt.moments[-4]))).to_be_visible()
    expect(page.get_by_role("grid", name="scores, head 2")).to_be_visible()
    expect(page).to_have_url(re.compile("matrix=encoder.0.self_attention.scores"))


@pytest.mark.nightly
def test_it_pauses_goes_on_and_stops(server, page):
    train(page, f"{server}/learning?d_model=8&heads=2&updates=5000")
    page.get_by_role("button", name="Pause").click()
    progress = page.get_by_text(re.compile(r"\d of 5,000 updates, paused"))
    expect(progress).to_be_visible()
    standing = progress.text_content()
    expect(page.get_by_text(re.compile("“you are welcome” → ")).first).to_be_visible()  # while it learns
    expect(page.get_by_role("heading", name="“you are welcome” while it learns")).to_be_visible()
    expect(page.get_by_text("The loss of a token is −ln p, in nats")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("button", name="Stop here").click()
    expect(page.get_by_role("heading", name="Look back")).to_be_visible()
    step = page.get_by_role("slider", name="After update").get_attribute("aria-valuetext")
    assert int(standing.split()[0].replace(",", "")) <= int(step) < 5000


@pytest.mark.nightly
def test_the_scrubber_stays_beside_what_it_changes(server, page):
    page.set_viewport_size({"width": 1280, "height": 720})
    train(page, f"{server}/learning?updates=120")
    slider = page.get_by_role("slider", name="After update")
    expect(page.get_by_text("“you are welcome” → “de nada” ✓").first).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_contain_text("guessing: ln 775 = 6.65")
    scrubber = page.locator(".st-key-scrubber")
    for title in ("A sentence at this checkpoint", "A word at this checkpoint", "One weight, and Adam's running means"):
        page.get_by_role("heading", name=title).scroll_into_view_if_needed()
        expect(scrubber).to_be_in_viewport(ratio=1)
    slider.press("Home")
    expect(page).to_have_url(re.compile(r"[?&]moment=0(&|$)"))
    expect(page.get_by_text("“you are welcome” → “noches noches")).to_be_in_viewport()
    expect(scrubber).to_be_in_viewport(ratio=1)


@pytest.mark.nightly
def test_a_reload_finds_the_training_running_and_finished(server, page):
    train(page, f"{server}/learning?d_model=8&heads=2&updates=5000")
    page.get_by_role("button", name="Pause").click()
    progress = page.get_by_text(re.compile(r"\d of 5,000 updates, paused"))
    standing = progress.text_content()
    page.reload()
    expect(progress).to_be_visible()  # an update was under way when it was told to pause
    assert int(progress.text_content().split()[0].replace(",", "")) - int(standing.split()[0].replace(",", "")) in (
        0,
        1,
    )
    page.get_by_role("button", name="Stop here").click()
    slider = page.get_by_role("slider", name="After update")
    step = slider.get_attribute("aria-valuetext")
    slider.press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"[?&]moment=\d+"))
    before = slider.get_attribute("aria-valuetext")
    assert before != step
    page.reload()
    expect(slider).to_have_attribute("aria-valuetext", before)


@pytest.mark.nightly
def test_a_checkpoint_is_opened_in_the_lesson_and_left_again(server, page):
    train(page, f"{server}/learning?{SMALL.replace('200', '12')}")
    slider = page.get_by_role("slider", name="After update")
    for moment in (10, 8):  # of the checkpoints 12, 10, 8 …
        slider.press("ArrowLeft")
        expect(page.get_by_text(f"After {moment} updates: validation loss")).to_be_visible()
    link = page.get_by_role("link", name="This checkpoint, step by step in the lesson →")
    expect(link).to_have_attribute("href", re.compile("update=8&"))  # it is drawn after the sentence
    link.click()
    expect(page.get_by_role("heading", name="Lesson")).to_be_visible()
    expect(page).to_have_title("After 8 updates · Lesson")
    page.get_by_role("link", name="← Watch it learn").click()
    expect(slider).to_have_attribute("aria-valuetext", "8")


@pytest.mark.nightly
def test_a_wide_tied_model_says_why_it_begins_worse_than_guessing(server, page):
    train(page, f"{server}/learning?d_model=256&updates=1")
    expect(page.get_by_text("This model repeats")).to_contain_text("√256 = 16.00")
    expect(page.locator(".js-plotly-plot").first).to_contain_text("guessing: ln 775 = 6.65")


@pytest.mark.nightly
@pytest.mark.parametrize("color_scheme", COLOUR_SCHEMES)
def test_axe_finds_nothing(server, new_page, color_scheme):
    page = new_page(color_scheme)
    page.set_viewport_size({"width": 1280, "height": 3000})
    train(page, f"{server}/learning?d_model=8&heads=2&updates=12")
    expect(page.get_by_role("grid", name="attention weights, head 2")).to_be_visible()
    expect(page.locator(".js-plotly-plot .main-svg").nth(6)).to_be_visible()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    violations = Axe().run(page).response["violations"]
    assert [(rule["id"], node["html"], node["failureSummary"]) for rule in violations for node in rule["nodes"]] == []
