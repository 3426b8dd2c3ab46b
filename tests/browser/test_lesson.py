"""The lesson as a reader walks it: by arrow keys, from number to number, with weights of their own."""

import re
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from explorer.lessons.cells import Cell
from explorer.lessons.edits import Edit, edited
from explorer.lessons.example import article_example
from explorer.lessons.lesson import lesson
from explorer.lessons.numbers import read, rounded
from explorer.lessons.renderings import render
from explorer.lessons.renderings.figures import figure
from explorer.lessons.renderings.parts import part
from explorer.lessons.steps import Shown
from tests.browser.conftest import COLOUR_SCHEMES, choose_option, wait_until
from tests.browser.lesson_page import TOLD, equation, explained, grid, title


def test_from_a_term_of_the_loss_to_an_embedding_and_back_along_the_trail(server, page):
    page.goto(f"{server}/lesson?step=loss")
    grid(page, "loss").locator("[role=gridcell]").click()
    expect(explained(page)).to_have_text("loss")
    trail = page.get_by_role("navigation", name="Trail").get_by_role("listitem")
    tensors = "loss losses probabilities logits norm residual norm residual norm residual input embedding".split()
    for walked, (tensor, following) in enumerate(pairwise(tensors), start=2):
        section = equation(page, tensor.capitalize()) if tensor in ("norm", "residual") else page.locator(".equation")
        # the equations follow after the title, and those of the step before may have the same names
        expect(section.locator("td.worked").last).to_have_text(page.locator(".how .number").inner_text())
        door = section.locator(".lines button.number:not(.value)").first
        number = door.inner_text()
        door.click()
        expect(explained(page)).to_have_text(re.compile(rf"^{following}\b"))
        near = {rounded(read(number) + half) for half in (-4e-5, 0, 4e-5)}  # a line may have more digits
        expect(page.locator(".how .number")).to_have_text(
            number if number in near else re.compile(f"^({'|'.join(near)})$")
        )
        expect(page.locator("td.worked").first).to_be_visible()
        expect(trail).to_have_count(walked)
    expect(title(page)).to_have_text("Embedding")
    assert "step=target.embedding" in page.url
    label = page.locator(".how .sum button").inner_text()  # nothing is computed: it is a copy
    page.locator(".how .sum button").click()
    expect(explained(page)).to_have_text(label)
    expect(trail.last).to_contain_text(label)
    page.get_by_role("navigation", name="Trail").get_by_role("button", name="losses").click()
    expect(title(page)).to_have_text("Loss at each position")
    expect(trail).to_have_count(2)


def test_what_a_number_was_computed_from_is_lit_where_it_stands(server, page):
    page.goto(f"{server}/lesson?step=encoder.0.feed_forward.norm")
    norm = equation(page, "Norm")
    norm.locator(".result [role=gridcell]").nth(4).click()
    expect(norm.get_by_role("grid", name="residual").locator("td.lit")).to_have_count(4)  # μ and s are of its row
    expect(norm.locator("td.worked")).to_have_count(1)
    expect(norm.locator(".line")).to_have_count(4)
    before = norm.locator(".line").last.inner_text()
    norm.locator(".result [role=gridcell]").nth(5).click()
    expect(norm.locator(".line").last).not_to_have_text(before)


def test_an_edited_weight_changes_the_loss_and_reset_takes_it_back(server, page):
    cell = Cell(Shown("source.table"), (4, 1))
    old, new = (told.trace["loss"].value.item() for told in (TOLD, edited(TOLD, [Edit(cell, 0.9)])))
    page.goto(f"{server}/lesson?step=source.embedding")
    embedding = grid(page, "embedding").locator("[role=gridcell]").nth(1)
    embedding.click()  # works it out
    embedding.click()  # opens it
    fresh = page.locator(".stElementContainer[data-stale=false]")  # a rerun keeps the box before beside the new one
    box = fresh.get_by_label("Try another number in source.table [You, 2]")
    box.fill("NaN")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("“NaN” is not a number that a weight can be")
    box.fill("1e308")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("overflows")
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    box.fill("0.9")
    box.press("Enter")
    expect(page.get_by_text(f"The loss was {rounded(old, 6)} and is {rounded(new, 6)} now.")).to_be_visible()
    page.get_by_role("radio", name="Old and new").click(force=True)
    for when, number in (("Before", "0.2000"), ("Now", "0.9000")):
        equation(page, when).scroll_into_view_if_needed()
        expect(equation(page, when).locator(".result td[role=gridcell]").nth(1)).to_have_text(number)
    page.get_by_role("radio", name="Change").click(force=True)
    expect(grid(page, "embedding, change").locator("[role=gridcell]").nth(1)).to_have_text("0.7000")
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_text("The loss was")).to_have_count(0)
    expect(grid(page, "embedding").locator("[role=gridcell]").nth(1)).to_have_text("0.2000")
    expect(box).to_have_value("0.2000")


def test_verify_the_diagram_a_term_and_the_sliders(server, page):
    page.goto(f"{server}/lesson?step=back.logits")
    page.get_by_role("button", name="Verify this step").click()
    expect(page.get_by_text("logits: 18 of 18 gradients were computed in another way")).to_be_visible()
    expect(page.get_by_text("The results agree with the lesson")).to_have_count(3)
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
        "to sample from",
    ),
    "layers": ("view=layers", "region", "Nearest words"),
}


def scroll_to_sampling(page: Page):
    """Matrices are drawn when they come near the window, and a picture stands above this one."""
    expect(page.locator(".picture svg")).to_be_visible()
    page.get_by_role("slider", name="top-p").scroll_into_view_if_needed()


@pytest.mark.nightly
@pytest.mark.parametrize("color_scheme", COLOUR_SCHEMES)
@pytest.mark.parametrize(("query", "role", "name"), SCREENS.values(), ids=SCREENS)
def test_axe_finds_nothing(server, new_page, query, role, name, color_scheme):
    page = new_page(color_scheme)
    page.goto(f"{server}/lesson?{query}")
    if name.endswith("to sample from"):
        scroll_to_sampling(page)
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


def taken_along(page: Page):
    """The file of what is chosen to be taken along: its name and its text."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Download", exact=True).click()
    return download.value.suggested_filename, download.value.path().read_text(encoding="utf-8")


def take(page: Page, what: str):
    """Choose it with the keyboard, when nothing runs: a click may scroll, which closes the list, and so does a run."""
    expect(page.get_by_role("button", name="PDF", exact=True)).to_be_visible()
    choose_option(page, "Export", what)
    page.get_by_role("heading", name="Lesson").click()  # the focus leaves the box


def test_what_is_taken_along_is_what_stands_on_the_screen(server, page):
    page.goto(f"{server}/lesson?step=encoder.0.self_attention.weights")
    take(page, "this step")
    place = [step.key for step in TOLD.steps].index("encoder.0.self_attention.weights")
    walks = {
        "by button": lambda: page.get_by_role("button", name="Next →").click(),
        "by key": lambda: page.keyboard.press("ArrowRight"),
        "by link": lambda: page.locator(".contents li:has(a[aria-current]) + li a").click(),
    }
    for walk in walks.values():
        walk()
        place += 1
        step = TOLD.steps[place]
        expect(title(page)).to_have_text(step.title)
        matrix = page.get_by_role("combobox", name="A matrix")
        expect(matrix).to_have_value(step.shown[0].name)
        name, text = taken_along(page)
        assert name == f"you-are-welcome-de-nada-{step.key}.html"
        assert text == render(TOLD, "html", part(TOLD, step=step.key))
        with page.expect_download() as download:
            page.get_by_role("button", name="SVG", exact=True).click()
        assert download.value.suggested_filename == f"{step.shown[0].name}.svg"
        assert download.value.path().read_bytes() == figure(TOLD, step.shown[0])
    take(page, "this chapter")
    page.get_by_text("The target, one step behind", exact=True).click()
    page.get_by_role("link", name="Shifted by one").click()
    expect(title(page)).to_have_text("Shifted by one")
    expect(page.get_by_role("combobox", name="A matrix")).to_have_count(0)  # a step without matrices
    chapter = TOLD.chapter(TOLD.step("target.tokens"))
    name, text = taken_along(page)
    assert name == "you-are-welcome-de-nada-chapter-4.html"
    assert text == render(TOLD, "html", [chapter])


def test_a_talk_has_nothing_but_the_step_and_fits(server, page):
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{server}/lesson?step=encoder.0.self_attention.query")
    expect(page.locator(".line").first).to_be_visible()
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="Lesson", exact=True)).to_be_hidden()
    expect(page).to_have_url(re.compile("stage=1"))
    size = "(cell) => parseFloat(getComputedStyle(cell).fontSize)"
    wait_until(page, lambda: page.locator("td[role=gridcell]").first.evaluate(size) >= 28)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight") <= 720
    page.keyboard.press("PageDown")
    expect(title(page)).to_have_text("Keys")
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="Lesson", exact=True)).to_be_visible()


@pytest.fixture
def stage(page):
    """A page of the size that lecture halls show."""
    page.set_viewport_size({"width": 1280, "height": 720})
    return page


WIDE_STEPS = [
    f"step={step.key}"
    for step in TOLD.steps
    if any(TOLD.array(shown).ndim == 2 and TOLD.array(shown).shape[-1] == 8 for shown in step.shown)
]


@pytest.mark.nightly
@pytest.mark.parametrize("query", [*WIDE_STEPS[:2], WIDE_STEPS[-1], "lesson=own&step=encoder.0.self_attention.norm"])
def test_eight_columns_have_their_digits_on_a_stage(server, stage, query):
    stage.goto(f"{server}/lesson?{query}")
    grids = stage.get_by_role("grid")
    expect(grids.first).to_be_visible()
    expect(grids.first.locator("td[role=gridcell]").first).to_have_text(re.compile("[0-9]"))
    expect(stage.locator("canvas")).to_have_count(0)
    inside = "(grid) => grid.getBoundingClientRect().right <= grid.parentElement.getBoundingClientRect().right"
    wait_until(stage, lambda: all(grid.evaluate(inside) for grid in grids.all()))


@pytest.mark.nightly
@pytest.mark.parametrize("lesson_", ["own", "trained"])
def test_settings_fold_when_a_reader_walks_on(server, stage, lesson_):
    stage.goto(f"{server}/lesson?lesson={lesson_}")
    expect(stage.get_by_label("Source", exact=True)).to_be_visible()
    stage.get_by_role("button", name="Step by step →").click()
    expect(title(stage)).to_have_text("Tokens")
    expect(stage.get_by_label("Source", exact=True)).to_be_hidden()
    stage.get_by_role("button", name="Next →").click()
    expect(title(stage)).to_have_text("Embedding")
    expect(stage.get_by_role("grid").first).to_be_in_viewport()
    stage.goto(f"{server}/lesson?lesson={lesson_}&step=encoder.0.self_attention.scores")
    expect(stage.get_by_role("grid").first).to_be_visible()
    expect(stage.get_by_label("Source", exact=True)).to_be_hidden()
    assert stage.get_by_role("grid").first.bounding_box()["y"] < 720 / 2


@pytest.mark.nightly
def test_a_number_to_sample_from_is_worked_out(server, page):
    page.goto(f"{server}/lesson?step=probabilities&temperature=0.5")
    scroll_to_sampling(page)
    cell = grid(page, "to sample from").locator("[role=gridcell]").nth(3)
    cell.click()
    sampled = page.locator(".lines").last
    expect(sampled).to_contain_text(f"= {cell.inner_text()}")


@pytest.mark.nightly
@pytest.mark.parametrize(
    "query",
    [
        "step=back.encoder.0.feed_forward.norm&cell=gradient:encoder.0.feed_forward.residual[0,0]",
        "step=back.source.input&cell=gradient:source.input[0,0]",
    ],
)
def test_no_formula_is_cut_without_a_sign(server, stage, query):
    stage.goto(f"{server}/lesson?{query}")
    expect(explained(stage)).to_be_visible()
    for formula in stage.locator(".st-key-words .katex").all():
        column, box = (node.bounding_box() for node in (stage.locator(".st-key-words"), formula))
        how = formula.evaluate(
            "(node) => ({ cut: node.scrollWidth > node.clientWidth, style: getComputedStyle(node).overflowX,"
            " shadow: getComputedStyle(node).backgroundAttachment })"
        )
        assert how["style"] == "auto"
        assert "local" in how["shadow"]
        assert "scroll" in how["shadow"]
        assert box["x"] + box["width"] <= column["x"] + column["width"]


@pytest.mark.nightly
def test_no_line_begins_with_a_comma(server, page):
    page.goto(f"{server}/lesson?step=update.weight")
    kept = page.locator(".term-and-comma").filter(has=page.get_by_role("button", name="gradient", exact=True))
    expect(kept).to_have_css("white-space", "nowrap")
    assert kept.inner_text() == "gradient,"


@pytest.mark.nightly
def test_the_reading_and_the_frame_of_a_number_hide_nothing(server, stage):
    stage.goto(f"{server}/lesson?step=encoder.0.self_attention.query")
    queries = grid(stage, "queries, head 1")
    last = queries.locator("[role=gridcell]").nth(1)
    last.click()
    expect(queries.locator(".worked")).to_have_count(1)
    reading, matrix = (node.bounding_box() for node in (stage.locator(".reading").first, queries))
    assert reading["y"] + reading["height"] <= matrix["y"]
    cell, frame = (node.bounding_box() for node in (last, queries.locator("..")))
    assert cell["x"] + cell["width"] + 4 <= frame["x"] + frame["width"]  # the frame is of four pixels


def test_a_step_that_is_chosen_in_the_contents_begins_at_its_heading(server, page):
    page.set_viewport_size({"width": 1280, "height": 500})
    page.goto(f"{server}/lesson?step=padding")
    page.locator(".contents li:has(a[aria-current]) + li a").click()
    heading = page.get_by_role("heading", name="Loss", exact=True)
    expect(heading).to_be_in_viewport()
