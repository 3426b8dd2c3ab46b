"""The lesson as a reader walks it: by arrow keys, from number to number, with weights of their own."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from explorer.lesson.cells import Cell
from explorer.lesson.edits import Edit, edited
from explorer.lesson.example import article_example
from explorer.lesson.lesson import lesson
from explorer.lesson.numbers import rounded
from explorer.lesson.renderings import render
from explorer.lesson.renderings.figures import figure
from explorer.lesson.steps import Shown

TOLD = lesson(article_example())


def title(page: Page):
    return page.locator(".told h2")


def explained(page: Page):
    return page.locator(".st-key-how h3")


def test_arrow_keys_walk_all_steps_of_the_article(server, page):
    page.goto(f"{server}/lesson")
    expect(title(page)).to_have_text(TOLD.steps[0].title)
    for place, step in enumerate(TOLD.steps[1:], start=2):
        page.keyboard.press("ArrowRight")
        expect(page.locator(".told .count")).to_have_text(f"{place} of {len(TOLD.steps)}")
        if place % 10 == 0 or place == len(TOLD.steps):  # the presses between come faster than the server answers
            expect(title(page)).to_have_text(step.title)
            expect(page).to_have_url(re.compile(rf"[?&]step={re.escape(step.key)}$"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(title(page)).to_have_text(TOLD.steps[-2].title)
    page.go_back()
    expect(title(page)).to_have_text(TOLD.steps[-1].title)


def test_keys_typed_into_a_box_do_not_turn_the_page(server, page):
    page.goto(f"{server}/lesson?lesson=trained&step=loss")
    box = page.get_by_label("Source", exact=True)
    box.press("ArrowLeft")
    expect(title(page)).to_have_text("Loss")
    assert "step=loss" in page.url


def test_from_a_term_of_the_loss_to_an_embedding_and_back_along_the_trail(server, page):
    page.goto(f"{server}/lesson?step=loss")
    page.get_by_role("grid", name="loss").locator("tbody td").click()
    expect(explained(page)).to_have_text("loss")
    cell, walked, place = Cell(Shown("loss"), ()), ["loss"], ""
    while cell.shown.name != "target.embedding":
        door = page.locator(".st-key-how_terms .factor button, .st-key-how .how .factor button")
        terms = sorted(TOLD.explain(cell.shown, *cell.index).terms, key=lambda term: -abs(term.number))
        cell = next(
            Cell(Shown(name), index)
            for term in terms
            for factor in term.factors
            for name, index in [(factor.tensor or factor.of, factor.index or (factor.cells or [()])[0])]
            if name and not name.endswith(("weight", "gain", "bias", "positions")) and len(factor.cells) < 2
        )
        label = cell.label(TOLD)
        door.filter(has_text=re.compile(rf"^(.* of )?{re.escape(label)}$")).first.click()
        expect(explained(page)).to_have_text(label)
        expect(page.locator("td.chosen")).to_have_count(1)
        walked.append(f"{cell.place}: {label}" if cell.place and cell.place != place else label)
        place = cell.place
    expect(title(page)).to_have_text("Embedding")
    assert "step=target.embedding" in page.url
    expect(page.get_by_role("navigation", name="Trail").get_by_role("listitem")).to_have_text(walked)
    page.get_by_role("navigation", name="Trail").get_by_role("button", name="losses").click()
    expect(title(page)).to_have_text("Loss at each position")
    expect(page.get_by_role("navigation", name="Trail").get_by_role("listitem")).to_have_text(walked[:2])


def test_inputs_are_marked_where_they_stand(server, page):
    page.goto(f"{server}/lesson?step=encoder.0.feed_forward.norm")
    page.get_by_role("grid", name="norm").locator("tbody td").nth(4).click()
    expect(page.get_by_role("grid", name="residual").locator("td.used")).to_have_count(4)  # μ and σ are of its row
    expect(page.get_by_role("grid", name="norm").locator("td.chosen")).to_have_count(1)


def test_an_edited_weight_changes_the_loss_and_reset_takes_it_back(server, page):
    cell = Cell(Shown("source.table"), (4, 1))
    old, new = (told.trace["loss"].value.item() for told in (TOLD, edited(TOLD, [Edit(cell, 0.9)])))
    page.goto(f"{server}/lesson?step=source.embedding")
    page.get_by_role("grid", name="embedding").locator("tbody td").nth(1).click()
    box = page.get_by_label("Try another number in source.table [You, 1]")
    box.fill("NaN")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("“NaN” is not a number that a weight can be")
    box.fill("1e308")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("overflows")
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(box).to_have_count(1)  # the page has settled
    box.fill("0.9")
    box.press("Enter")
    expect(page.get_by_text(f"The loss was {rounded(old, 6)} and is {rounded(new, 6)} now.")).to_be_visible()
    page.get_by_role("radio", name="Old and new").click(force=True)
    expect(page.get_by_role("grid", name="embedding, before").locator("tbody td").nth(1)).to_have_text("0.2000")
    expect(page.get_by_role("grid", name="embedding", exact=True).locator("tbody td").nth(1)).to_have_text("0.9000")
    page.get_by_role("radio", name="Change").click(force=True)
    expect(page.get_by_role("grid", name="embedding, change").locator("tbody td").nth(1)).to_have_text("0.7000")
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_text("The loss was")).to_have_count(0)
    expect(page.get_by_role("grid", name="embedding").locator("tbody td").nth(1)).to_have_text("0.2000")


def test_verify_the_diagram_a_term_and_the_sliders(server, page):
    page.goto(f"{server}/lesson?step=back.logits")
    page.get_by_role("button", name="Verify logits, gradient").click()
    expect(page.get_by_role("status")).to_contain_text("Agrees, all 18 numbers by finite differences")
    page.get_by_role("button", name="Diagram").click()
    expect(page.locator(".box[aria-current]")).to_have_text("Output layer")
    page.get_by_role("link", name="Self-attention, encoder layer 1", exact=True).click()
    expect(page.locator(".box[aria-current]")).to_have_text("Self-attention")
    expect(title(page)).to_have_text("Heads joined")  # the first step of that box on the way back
    assert "step=back." in page.url
    page.goto(f"{server}/lesson?step=probabilities")
    page.get_by_role("button", name="softmax", exact=True).click()
    expect(page.locator(".meaning:popover-open")).to_contain_text("Turns any numbers into shares")


SCREENS = {
    "a cell explained": ("step=encoder.0.feed_forward.norm&cell=encoder.0.feed_forward.norm[1,0]", "grid", "norm"),
    "edited": ("step=source.embedding&edits=source.table[4,1]=0.9&compare=both&cell=source.table[4,1]", "alert", ""),
    "sampling": (
        "step=probabilities&lesson=own&source=good,day&target=buenos",
        "grid",
        "probabilities, to sample from",
    ),
    "layers": ("view=layers", "region", "Nearest words"),
}


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize(("query", "role", "name"), SCREENS.values(), ids=SCREENS)
def test_axe_finds_nothing(server, new_page, query, role, name, color_scheme):
    page = new_page(color_scheme)
    page.goto(f"{server}/lesson?{query}")
    if role != "alert":
        expect(page.get_by_role(role, name=name).first).to_be_visible()
    else:
        expect(page.get_by_text("The loss was")).to_be_visible()
        page.get_by_role("button", name="Diagram").click()
        expect(page.locator(".box[aria-current]")).to_be_visible()
    violations = Axe().run(page).response["violations"]
    assert [(rule["id"], node["html"], node["failureSummary"]) for rule in violations for node in rule["nodes"]] == []


def test_the_lesson_can_be_taken_along_as_the_core_renders_it(server, page):
    told = lesson(article_example())
    page.goto(f"{server}/lesson?step=encoder.0.self_attention.scores")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download", exact=True).click()
    assert download.value.suggested_filename == "you-are-welcome-de-nada.html"
    assert download.value.path().read_text(encoding="utf-8") == render(told, "html")
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG", exact=True).click()
    shown = Shown("encoder.0.self_attention.scores")
    assert download.value.path().read_bytes() == figure(told, shown)
