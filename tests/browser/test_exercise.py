"""An exercise on a step of the lesson, as a reader does it: typed, judged, left and found again."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from explorer.lessons.example import article_example
from explorer.lessons.exercises import exercise
from explorer.lessons.lesson import lesson
from explorer.lessons.marking import check
from explorer.lessons.numbers import read

STEP = "encoder.0.feed_forward.hidden"


@pytest.fixture(scope="module")
def made():
    return exercise(lesson(article_example()), step=STEP)


def blanks(page: Page):
    return page.get_by_role("textbox", name=re.compile(r"^Blank \d"))


def grades(page: Page):
    return page.locator(".answer").evaluate_all("boxes => boxes.map((box) => box.dataset.grade ?? null)")


def begin(page: Page, server: str) -> None:
    page.goto(f"{server}/lesson?step={STEP}")
    expect(page.get_by_role("grid", name="hidden layer")).to_be_visible()
    page.get_by_text("Try it yourself").click()
    expect(blanks(page).first).to_be_visible()


def test_answers_are_judged_as_they_are_typed_as_the_core_judges_them(server, page, made):
    begin(page, server)
    labels = [box.get_attribute("aria-label") for box in blanks(page).all()]
    assert labels == [f"Blank {blank.number}: {blank.label}" for blank in made.blanks]
    said = page.get_by_role("status", name="What is said of your answer")
    first, second, third = made.blanks
    value = read(first.solution)
    for text in (f"{value + 1:.4f}", f"{value + 0.0003:.4f}", "1/2", first.solution.replace(".", ",")):
        blanks(page).first.fill("")
        blanks(page).first.press_sequentially(text)
        verdict = check(first, text)
        expect(said).to_contain_text(f"Blank 1, {first.label}: {verdict.sentence}")
        assert grades(page) == [verdict.grade, None, None]
        invalid = "true" if not verdict.right else None
        assert blanks(page).first.get_attribute("aria-invalid") == invalid
    expect(page.get_by_text("1 of 3 numbers right")).to_be_visible()

    blanks(page).first.press("Enter")
    expect(blanks(page).nth(1)).to_be_focused()
    blanks(page).nth(1).press_sequentially("77")
    wrong = check(second, "77")
    expect(said).to_contain_text(wrong.sentence)
    _, row, column = second.equation.worked
    lit = page.locator("td.lit")
    width = len(second.equation.matrices[0].columns)
    expect(lit).to_have_count(2 * width + 1)  # a row, a column, and the bias
    input_, weights = (page.get_by_role("grid", name=name) for name in ("norm", "weights"))
    expect(input_.locator("tbody tr").nth(row).locator("td.lit")).to_have_count(width)
    expect(weights.locator(f"tbody tr > td:nth-child({column + 2}).lit")).to_have_count(width)
    assert second.solution not in said.inner_text()
    page.get_by_role("button", name="Show what to compute").click()
    expect(said).to_contain_text(wrong.how)
    assert second.solution not in said.inner_text()
    blanks(page).nth(2).fill(third.solution)
    expect(said).to_contain_text(f"Right: {third.solution}.")
    expect(lit).to_have_count(0)
    assert grades(page) == ["right", "wrong", "right"]


def test_keys_in_a_blank_are_its_own_and_answers_outlive_the_step(server, page, made):
    begin(page, server)
    first = blanks(page).first
    first.press_sequentially(made.blanks[0].solution)
    expect(page.get_by_text("1 of 3 numbers right")).to_be_visible()
    for key in ("ArrowLeft", "ArrowLeft", "Home", "n", "p", "s", "End"):
        first.press(key)
    expect(first).to_have_value(f"nps{made.blanks[0].solution}")
    expect(page.get_by_text("1 of 3 numbers right")).not_to_be_visible()
    assert "stage" not in page.url
    assert f"step={STEP}" in page.url
    first.press("ArrowDown")
    expect(blanks(page).nth(1)).to_be_focused()
    blanks(page).nth(1).press("ArrowUp")
    expect(first).to_be_focused()
    first.fill(made.blanks[0].solution)
    expect(page.get_by_text("1 of 3 numbers right")).to_be_visible()

    blanks(page).nth(1).fill(made.blanks[1].solution)
    blanks(page).nth(1).press("PageDown")  # before the answer is judged
    expect(page).not_to_have_url(re.compile(rf"step={STEP}"))
    expect(blanks(page).first).to_have_value("")  # the next step has an exercise of its own
    page.go_back()
    expect(first).to_have_value(made.blanks[0].solution)
    expect(page.get_by_text("2 of 3 numbers right")).to_be_visible()
    assert grades(page) == ["right", "right", None]

    page.get_by_text("Try it yourself").click()
    expect(page.locator(".line")).to_be_visible()
    assert blanks(page).count() == 0
    page.get_by_text("Try it yourself").click()
    expect(first).to_have_value(made.blanks[0].solution)


@pytest.mark.nightly
def test_other_numbers_and_the_sheet(server, page, made):
    begin(page, server)
    with page.expect_download() as download:
        page.get_by_role("button", name="A sheet to print").click()
    assert download.value.path().read_bytes() == made.sheet("html").content
    page.get_by_role("button", name="Other numbers").click()
    expect(page).to_have_url(re.compile(r"[?&]exercise=1(&|$)"))
    other = exercise(made.lesson, step=STEP, variant=1)
    assert [blank.label for blank in other.blanks] != [blank.label for blank in made.blanks]
    expect(blanks(page).first).to_have_attribute("aria-label", f"Blank 1: {other.blanks[0].label}")


@pytest.mark.nightly
def test_the_arrows_of_a_matrix_lead_into_its_blanks(server, page, made):
    begin(page, server)
    blank = made.blanks[0]
    _, row, column = blank.equation.worked
    cells = page.get_by_role("grid", name="hidden layer").locator("tbody tr").nth(row).locator("td")
    beside, key = (column - 1, "ArrowRight") if column else (1, "ArrowLeft")
    page.keyboard.press("Tab")  # who comes by keyboard has the arrows of a matrix
    cells.nth(beside).focus()
    page.keyboard.press(key)
    expect(blanks(page).first).to_be_focused()


@pytest.mark.nightly
@pytest.mark.parametrize(("color_scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_in_an_exercise_that_is_half_done(server, new_page, made, color_scheme, width):
    page = new_page(color_scheme)
    page.set_viewport_size({"width": width, "height": 2400})
    begin(page, server)
    blanks(page).first.fill(made.blanks[0].solution)
    expect(page.get_by_text("1 of 3 numbers right")).to_be_visible()
    blanks(page).nth(1).fill("77")
    expect(page.get_by_role("button", name="Show what to compute")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    violations = Axe().run(page).response["violations"]
    assert [(rule["id"], node["html"], node["failureSummary"]) for rule in violations for node in rule["nodes"]] == []
