"""The lesson as a talk shows it, and by keyboard alone: every step fits, and keys do what they say."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from explorer.lessons.equations import counts
from explorer.lessons.example import article_example
from explorer.lessons.lesson import lesson
from explorer.ui.lesson.lesson_view import views
from tests.browser.conftest import first_in_make_test, wait_until

TOLD = lesson(article_example())
COUNTS = dict(zip((step.key for step in TOLD.steps), counts(TOLD), strict=True))
VIEWS = dict(zip(COUNTS, views(TOLD), strict=True))
WEIGHTS = "encoder.0.self_attention.weights"
# those with the most matrices, of each kind, first the one with most of all; the last three have pictures
WIDEST = [
    "update.embeddings",
    "encoder.0.self_attention.query",
    WEIGHTS,
    "encoder.0.feed_forward.norm",
    "probabilities",
    "back.logits",
    "back.decoder.0.feed_forward.norm",
    "back.source.input",
    "next.words",
    "next.greedy",
    "next.beam",
]

# Of what is seen: how far it reaches, the smallest digits and names, and what is wider than its place.
SEEN = """() => {
  const roots = [document, ...[...document.querySelectorAll("*")].map((node) => node.shadowRoot).filter(Boolean)];
  const all = (selector) => roots.flatMap((root) => [...root.querySelectorAll(selector)]);
  const size = (node) => parseFloat(getComputedStyle(node).fontSize);
  const scale = ({ ownerSVGElement: svg }) => svg.getScreenCTM().a;
  const drawn = all(".picture.talk svg text").map((text) => size(text) * scale(text));
  const named = all(".equation :is(th, figcaption, .number, .operator)").filter((node) => size(node)); // to be seen
  return {
    bottom: document.querySelector("[data-testid=stMain]").scrollHeight,
    lines: all(".equation .lines").map((node) => node.getBoundingClientRect().bottom),
    digits: all("td[role=gridcell]").map(size),
    type: [...drawn, ...named.map(size)],
    cut: all(".equation .scroll").filter((node) => node.scrollWidth > node.clientWidth + 1).length,
  };
}"""


def title(page: Page):
    return page.locator(".guide h2")


def stands(page: Page, key: str) -> None:
    """Wait until a step is drawn."""
    expect(title(page)).to_have_text(TOLD.step(key).title)
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached()
    expect(
        page.locator(".equation .line" if COUNTS[key] else ".picture svg, .st-key-worked table, .explorer-loss").first
    ).to_be_visible()


def fits_a_talk(page: Page, width: int, height: int) -> None:
    wait_until(page, lambda: page.evaluate(SEEN)["bottom"] <= height)
    seen = page.evaluate(SEEN)
    assert min([*seen["digits"], *seen["type"], 24]) >= 23.5  # a picture may be a little smaller than its window
    assert seen["cut"] == 0


@pytest.mark.nightly
@pytest.mark.parametrize("key", WIDEST)
def test_the_widest_steps_fit_a_talk(server, page, key):
    page.set_viewport_size({"width": 1280, "height": 720})
    for equation in range(max(1, COUNTS[key])):
        page.goto(f"{server}/lesson?step={key}&stage=1&equation={equation}")
        stands(page, key)
        fits_a_talk(page, 1280, 720)


@pytest.mark.nightly
def test_a_long_sentence_of_a_trained_model_fits_a_talk_and_its_lines_come_after_its_numbers(server, page):
    page.set_viewport_size({"width": 1280, "height": 720})
    sentences = "source=do,you,know,where,the,station,is&target=sabes,dónde,está,la,estación"
    for key in ("probabilities", "back.decoder.1.feed_forward.residual", WEIGHTS):
        page.goto(f"{server}/lesson?lesson=trained&{sentences}&stage=1&step={key}")
        expect(page.locator(".equation .line").first).to_be_visible()
        fits_a_talk(page, 1280, 720)
        assert page.evaluate(SEEN)["lines"][0] <= 720
    cells = page.locator(".result [role=gridcell]")
    cells.last.click()  # what a talk leaves out stands there as soon as the worked cell needs it
    result = page.locator(".lines .number.value").last
    expect(result).to_have_text(page.locator(".result .worked").inner_text())
    page.keyboard.press("PageDown")
    expect(page.locator(".picture.talk.lines svg")).to_be_visible()
    page.keyboard.press("PageUp")
    expect(page.locator(".equation .line").first).to_be_visible()


@pytest.mark.parametrize("key", first_in_make_test(key for key in WIDEST if COUNTS[key]))
def test_the_worked_lines_of_the_widest_steps_are_seen_on_the_page(server, page, key):
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{server}/lesson?step={key}")
    stands(page, key)
    wait_until(page, lambda: page.evaluate(SEEN)["lines"][0] <= 720)


@pytest.mark.nightly
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
def test_every_step_of_the_article_fits_forward_and_back(server, new_page, width, height, color_scheme):
    page = new_page(color_scheme)
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{server}/lesson?step={TOLD.steps[0].key}")
    for place, step in enumerate(TOLD.steps):
        if place:
            page.keyboard.press("ArrowRight")
        stands(page, step.key)
        if COUNTS[step.key]:
            wait_until(page, lambda: page.evaluate(SEEN)["lines"][0] <= height)
    page.goto(f"{server}/lesson?step={TOLD.steps[0].key}&stage=1")
    for step in TOLD.steps:
        for equation in range(max(1, VIEWS[step.key])):
            if step != TOLD.steps[0] or equation:
                page.keyboard.press("PageDown")
            if equation < max(1, COUNTS[step.key]):
                stands(page, step.key)
            else:
                expect(page.locator(".picture.talk svg")).to_be_visible()
            if equation:
                expect(page).to_have_url(re.compile(rf"equation={equation}\b"))
            fits_a_talk(page, width, height)


@pytest.mark.nightly
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("key", [WEIGHTS, "update.embeddings", "next.words", "next.greedy", "next.beam"])
def test_axe_finds_nothing_in_a_talk(server, new_page, key, color_scheme):
    page = new_page(color_scheme)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{server}/lesson?step={key}&stage=1")
    stands(page, key)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    # The title of the page is the step's own.
    options = {"rules": {"page-has-heading-one": {"enabled": False}}}
    violations = Axe().run(page, options=options).response["violations"]
    assert [(rule["id"], node["html"], node["failureSummary"]) for rule in violations for node in rule["nodes"]] == []


def test_keys_and_a_button_turn_the_heads_of_a_talk(server, page):
    page.goto(f"{server}/lesson?step={WEIGHTS}&stage=1")
    stands(page, WEIGHTS)
    which = page.locator(".which-head")
    first = [f"{number:.2f}" for number in TOLD.trace[WEIGHTS].value[0, 0].tolist()]
    second = [f"{number:.2f}" for number in TOLD.trace[WEIGHTS].value[1, 0].tolist()]
    cells = page.locator(".result [role=gridcell]")
    expect(which).to_have_text("head 1 of 2")
    expect(cells).to_have_count(9)
    assert cells.all_inner_texts()[:3] == first
    for turn, head in (
        (lambda: page.keyboard.press("h"), 2),
        (lambda: page.keyboard.press("h"), 1),
        (lambda: page.keyboard.press("2"), 2),
        (lambda: page.keyboard.press("9"), 2),  # there is none
        (lambda: page.keyboard.press("1"), 1),
        (lambda: which.click(), 2),
    ):
        turn()
        expect(which).to_have_text(f"head {head} of 2")
        assert cells.all_inner_texts()[:3] == (first if head == 1 else second)
    cells.first.click()  # the worked cell's head is the one that is seen
    cells.nth(4).click()
    expect(which).to_have_text("head 2 of 2")


@pytest.mark.nightly
def test_single_letter_keys_can_be_switched_off_and_the_browser_remembers(server, page):
    page.goto(f"{server}/lesson?step=encoder.0.self_attention.query")
    stands(page, "encoder.0.self_attention.query")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    for key in ("Page Down", "n", "Page Up", "s", "h", "1 … 9", "Tab", "Esc", "Space", "?"):
        expect(keys.get_by_text(key, exact=True)).to_be_visible()
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.reload()
    stands(page, "encoder.0.self_attention.query")
    for key in ("n", "s", "?"):
        page.keyboard.press(key)
    page.keyboard.press("ArrowRight")  # what is no letter goes on
    stands(page, "encoder.0.self_attention.key")
    assert "stage" not in page.url
    expect(keys).to_be_hidden()
    page.get_by_role("button", name="Keys").click()
    keys.get_by_label("Single-letter keys").check()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("n")
    stands(page, "encoder.0.self_attention.value")


@pytest.mark.nightly
def test_back_returns_to_a_cell_that_was_clicked(server, page):
    page.goto(f"{server}/lesson?step={WEIGHTS}")
    stands(page, WEIGHTS)
    lines = page.locator(".equation .lines")
    first = lines.inner_text()
    page.locator(".result [role=gridcell]").nth(2).click()
    expect(lines).not_to_have_text(first)
    clicked = lines.inner_text()
    expect(page).to_have_url(re.compile(rf"worked={re.escape(WEIGHTS)}%5B0%2C0%2C2%5D"))
    page.keyboard.press("ArrowRight")
    stands(page, "encoder.0.self_attention.heads")
    page.go_back()
    stands(page, WEIGHTS)
    wait_until(page, lambda: lines.inner_text() == clicked)
    lines.locator("button.number:not(.value)").first.click()  # to the cell of a factor, on another step
    stands(page, "encoder.0.self_attention.scaled")
    page.go_back()
    stands(page, WEIGHTS)
    wait_until(page, lambda: lines.inner_text() == clicked)
    page.reload()
    stands(page, WEIGHTS)
    assert lines.inner_text() == clicked


def test_the_keyboard_alone_walks_a_lesson(server, page):
    """From the overview to a number, what made it, its gradient, and a talk: no mouse."""
    page.goto(f"{server}/lesson")
    expect(page.locator(".picture.whole svg")).to_be_visible()
    page.keyboard.press("ArrowRight")
    stands(page, "source.tokens")
    for key in ("source.embedding", "source.positions", "source.input"):
        page.keyboard.press("n")
        stands(page, key)
    result = page.locator(".result [role=gridcell][tabindex='0']")
    focused = "(node) => node.getRootNode().activeElement === node"
    for _ in range(60):
        page.keyboard.press("Tab")
        if result.evaluate(focused):
            break
    expect(result).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-how h3")).to_have_text("input [are, 2]")
    expect(page.get_by_role("button", name="Close")).to_be_visible()
    page.keyboard.press("Escape")  # out of the matrix
    page.get_by_role("button", name="Go to the gradient").press("Enter")
    expect(page).to_have_url(re.compile("step=back"))
    expect(page.locator(".st-key-how h3")).to_have_text("gradient of input [are, 2]")
    page.get_by_role("button", name="Close").press("Enter")
    expect(page.locator(".st-key-how h3")).to_have_count(0)
    page.keyboard.press("s")
    expect(page.locator(".guide.stage")).to_be_visible()
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="Lesson", exact=True)).to_be_visible()
