"""The component that draws equations of tensors, alone in a page: what is written, lit, moved and opened."""

import random
import re
import struct
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from explorer import tensors
from explorer.lessons.equations import equations
from explorer.lessons.example import article_example
from explorer.lessons.lesson import lesson
from explorer.writing.numbers import in_powers, rounded
from tests.browser import tensor_examples as examples
from tests.browser.conftest import COLOUR_SCHEMES, ROOT, first_in_make_test, serving
from tests.lessons.calculator import computed
from tests.lessons.test_equations import EXAMPLES

HOSTILE = "<img src=x onerror=\"document.title='hit'\"></script><script>document.title='hit'</script>"


@pytest.fixture
def view(new_page):
    """Draws equations in a page of their own."""

    def show(*equations, width=1280, height=720, color_scheme="light", stage=False):
        page = new_page(color_scheme)
        page.set_viewport_size({"width": width, "height": height})
        page.set_content(examples.document(*equations, stage=stage))
        expect(page.locator("figure").first).to_be_visible()
        return page

    return show


def lines(page):
    return page.locator(".line").all_inner_texts()


def opened(page, equation):
    """Draw an equation once more in the page, by the module itself, and collect what it reports in `window.reports`."""
    page.evaluate(
        """async ([source, data]) => {
          const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
          window.reports = [];
          const host = document.querySelector("[data-explorer-tensors]").shadowRoot;
          host.querySelector(".tensors").remove();
          module.draw(host, data, {
            onOpen: (open) => window.reports.push({ open }),
            onWorked: (worked) => window.reports.push({ worked }),
          });
        }""",
        [tensors.script(), tensors.payload([equation])],
    )
    expect(page.locator(".line").first).to_be_visible()


def test_the_worked_cell_is_written_out(view):
    page = view(examples.projection())
    assert lines(page) == [
        "0.1000·0.3100 + 0.2000·(−0.4000) + (−0.1000)·0.7000 + 0.4000·0.2000 + 0.0000 = −0.0390",
    ]
    assert page.locator("td.worked").all_inner_texts() == ["−0.0390"]
    lit = page.locator("td.lit").all_inner_texts()
    assert lit[:8] == ["0.1000", "0.2000", "−0.1000", "0.4000", "0.3100", "−0.4000", "0.7000", "0.2000"]


def test_a_constant_and_its_brackets(view):
    page = view(examples.scores())
    assert lines(page) == ["(0.3304·(−0.7365) + (−1.3032)·(−0.1629)) / 1.4142 = −0.0220"]
    expect(page.locator(".constant")).to_have_attribute("title", "√d_k")
    page.locator(".result [role=gridcell]").nth(1).click()
    assert lines(page)[0].endswith("= −∞")


LESSONS = {
    "article": lambda: lesson(article_example()),
    "as in training": lambda: lesson(replace(article_example(seed=1), smoothing=0.1, dropout=0.2)),
    "GELU": lambda: lesson(EXAMPLES["all switches"]()),
}


def lines_come_into_sight(page):
    """The lines of all equations; each is written when it comes into sight."""
    return page.evaluate(
        """async () => {
          const root = document.querySelector("[data-explorer-tensors]").shadowRoot;
          const written = [];
          for (const lines of root.querySelectorAll(".lines")) {
            lines.scrollIntoView();
            while (!lines.children.length) await new Promise(requestAnimationFrame);
            written.push(...[...lines.children].map((line) => line.textContent));
          }
          return written;
        }"""
    )


@pytest.mark.parametrize("name", first_in_make_test(LESSONS))
def test_a_calculator_gives_each_result_as_it_is_printed_or_the_line_says_that_it_is_near(view, name):
    told, signs = LESSONS[name](), Counter()
    for decimals in (4, 2):
        every = [each.as_json() for step in told.steps if step.shown for each in equations(told, step, decimals)]
        for written in lines_come_into_sight(view(*every)):
            if re.fullmatch(r"\S+ is copied from .+ \[.+\]", written):
                signs["copied"] += 1
                continue
            left, sign, number = re.fullmatch("(.*) ([=≈]) (.*)", written).groups()
            places = len(number.partition("·")[0].partition(".")[2])
            agrees = in_powers(computed(left), places) if "·10" in number else f"{computed(left):.{places}f}"
            agrees = agrees.replace("-", "−").replace("inf", "∞")
            agrees = agrees.removeprefix("−") if not agrees.strip("−0.") else agrees
            assert agrees == number or sign == "≈", written
            signs[sign] += 1
    assert signs["="] > 300
    assert signs["copied"] > 2
    assert signs["≈"] < 0.02 * signs.total()


def test_a_line_has_more_digits_only_where_its_result_takes_them(view):
    told = lesson(article_example())
    (losses,), (scores,) = (equations(told, told.step(key)) for key in ("losses", "encoder.0.self_attention.scores"))
    page = view(losses.as_json(), scores.as_json())
    assert lines(page) == ["−ln 0.018066 = 4.0137", "(−0.5504)·(−1.0690) + (−0.0130)·1.5540 = 0.5682"]
    page.locator(".result [role=gridcell]").nth(1).click()
    assert lines(page)[0] == "−ln 0.12982 = 2.0416"


def test_softmax_is_written_in_its_four_columns(view):
    page = view(examples.softmax())
    assert lines(page) == [
        "0.3000 − 1.2000 = −0.9000",
        "exp (−0.9000) = 0.4066",
        "1.0000 + 0.4066 + 0.1827 = 1.5893",
        "0.4066 / 1.5893 = 0.2558",
    ]
    page.locator(".result [role=gridcell]").nth(3).click()
    assert lines(page)[0] == "0.1000 − 0.9000 = −0.8000"
    assert page.locator("button.number").count() < page.locator(".number").count()  # what has no name is no door


def test_tables_of_places_lead_to_the_row_and_the_head(view):
    page = view(examples.lookup(), examples.split())
    assert lines(page) == [
        "−0.6072 is copied from embeddings [he, 1]",
        "−0.1000 is copied from queries [he, 2]",
    ]
    expect(page.get_by_text("1,519 more words")).to_be_visible()


def test_keys_move_the_worked_cell_and_leave_the_pages_keys_alone(view):
    page = view(examples.projection())
    page.evaluate("window.keys = []; addEventListener('keydown', ({ key }) => keys.push(key))")
    page.locator(".result [role=gridcell]").nth(5).click()
    page.keyboard.press("ArrowRight")
    expect(page.locator("td.worked")).to_have_text("−0.2250")
    page.keyboard.press("Home")
    expect(page.locator("td.worked")).to_have_text("−0.0500")
    page.keyboard.press("End")
    expect(page.locator("td.worked")).to_have_text("−0.4500")
    page.keyboard.press("Control+Home")
    expect(page.locator("td.worked")).to_have_text("0.4600")
    for key in ["PageUp", "PageDown", "n", "p", "Space"]:
        page.keyboard.press(key)
    assert page.evaluate("keys.filter((key) => key !== 'Control')") == ["PageUp", "PageDown", "n", "p", " "]
    page.keyboard.press("Escape")
    assert page.evaluate("document.querySelector('[data-explorer-tensors]').shadowRoot.activeElement") is None


def test_tab_leaves_a_matrix(view):
    page = view(examples.projection())
    page.locator(".result [role=gridcell]").nth(5).click()
    page.keyboard.press("Tab")
    focused = "document.querySelector('[data-explorer-tensors]').shadowRoot.activeElement"
    assert page.evaluate(f"{focused}.matches('.lines button')")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(f"{focused}.matches('.result td.worked')")


def test_numbers_and_cells_are_doors_to_the_tensors_own_coordinates(view):
    page = view(examples.projection())
    opened(page, examples.lookup())
    page.locator("button.number:not(.value)").first.click()
    page.locator("td", has_text="0.1891").first.click()
    page.locator(".result [role=gridcell]").nth(6).click()
    cell = {"name": "tensor.0", "side": "value"}
    worked = {"from": {"name": "tensor.1", "side": "value", "index": [0, 1]}}  # whose line takes the first number
    assert page.evaluate("reports") == [
        {"open": cell | {"index": [12, 1]} | worked},
        {"open": cell | {"index": [40, 0]} | {"from": None}},
        {"worked": {"equation": 0, "at": [0, 1, 2], "cell": worked["from"] | {"index": [1, 2]}}},
    ]
    page.locator(".result [role=gridcell]").nth(6).click()  # the worked cell once more: it is opened
    assert page.evaluate("reports[3].open.index") == [1, 2]


def test_a_transposed_matrix_and_a_vector_have_their_own_axes(view):
    page = view(examples.projection())
    opened(page, examples.scores())
    page.locator("figure").nth(1).locator("[role=gridcell]").nth(1).click()
    assert page.evaluate("reports[0].open.index") == [0, 1, 0]
    opened(page, examples.projection())
    page.locator("figure").nth(2).locator("[role=gridcell]").nth(3).click()
    bias = {"name": "tensor.2", "side": "value", "index": [3]}
    assert page.evaluate("reports.map(({ open: { from, ...cell } }) => cell)") == [bias]


def test_a_number_lights_its_cell_and_a_cell_its_number(view):
    page = view(examples.projection())
    page.locator(".line .number", has_text="−0.4000").hover()
    assert page.locator("td.pointed").all_inner_texts() == ["−0.4000"]
    expect(page.locator(".reading")).to_have_text("weights [1, 1] = −0.4")
    page.locator("figure").first.locator("[role=gridcell]").nth(3).hover()
    assert page.locator(".number.pointed").all_inner_texts() == ["0.4000"]
    expect(page.locator(".reading")).to_have_text("input [he, 3] = 0.4")


def test_a_long_sum_shows_its_largest_terms_and_unfolds(view):
    page = view(examples.wide())
    more = page.get_by_role("button", name="… 60 smaller terms")
    expect(more).to_be_visible()
    assert page.locator(".term").count() == 4
    more.click()
    assert page.locator(".term").count() == 64
    assert more.count() == 0


def digit_size(page):
    return float(page.locator("[role=gridcell]").first.evaluate("cell => parseFloat(getComputedStyle(cell).fontSize)"))


@pytest.mark.parametrize(("count", "least"), [(4, 28), (8, 18), (12, 13)])
def test_digits_fill_the_room_there_is(view, count, least):
    values = np.random.default_rng(0).normal(size=(4, count))
    page = view(examples.alone(values))
    assert digit_size(page) >= least
    assert page.locator("td[role=gridcell]").count() == 4 * count


def test_an_equation_wraps_rather_than_lose_its_digits(view):
    page = view(examples.wide(inner=12, rows=4, columns=12, decimals=4))
    assert digit_size(page) >= 13
    assert page.locator("canvas").count() == 0


def test_a_narrow_window_stacks_the_parts_and_does_not_scroll_sideways(view):
    page = view(examples.projection(), examples.wide(inner=12, rows=4, columns=12), width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert digit_size(page) >= 13
    tops = [figure.bounding_box()["y"] for figure in page.locator(".equation").first.locator("figure").all()]
    assert tops == sorted(tops)
    assert len(set(tops)) == 4


def test_a_talk_shows_digits_from_the_last_row(view):
    page = view(examples.projection(), stage=True)
    assert digit_size(page) >= 28


def test_a_large_matrix_is_a_grid_that_zooms_into_digits(view):
    values = np.arange(256 * 1024).reshape(256, 1024) / 1e5
    page = view(examples.alone(values))
    grid = page.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", "257")
    canvas = page.locator("canvas")
    expect(canvas).to_have_attribute("data-digits", "false")
    page.locator("[role=gridcell][tabindex='0']").focus()
    page.keyboard.press("Control+End")
    assert lines(page)[0].startswith("2.6214 is copied from ")
    assert page.locator("[role=gridcell][tabindex='0']").inner_text() == "2.62143"
    assert page.locator("[role=columnheader]").last.inner_text() == "1023"
    for _ in range(12):
        page.keyboard.press("+")
    expect(canvas).to_have_attribute("data-digits", "true")
    page.get_by_role("button", name="Show all").click()
    expect(canvas).to_have_attribute("data-digits", "false")


LONG = [f"{letters}{number}" for number in range(8) for letters in ("misunderstanding", "tea", "he", "likes", "word")]


def similarities(names, **more):
    """A matrix that nothing was computed for, as a page of words shows it."""
    values = np.linspace(-1, 1, len(names) ** 2).reshape(len(names), len(names))
    part = examples.matrix(0, values, names, names, caption="cosine", limit=1.0, decimals=3, key=True) | more
    return examples.equation([part], 0, [])


@pytest.mark.parametrize("width", [1280, 390])
def test_a_square_matrix_of_40_words_shows_all_rows_and_its_scale(view, width):
    page = view(similarities(LONG), width=width, height=1100)
    grid = page.get_by_role("grid", name="cosine")
    expect(grid).to_have_attribute("aria-rowcount", "41")
    canvas = page.locator("canvas").bounding_box()
    page.mouse.move(canvas["x"] + canvas["width"] - 3, canvas["y"] + canvas["height"] - 3)  # the last one of all
    expect(page.locator(".reading")).to_have_text(f"cosine [{LONG[-1]}, {LONG[-1]}] = 1")
    expect(page.get_by_role("img", name="Colours from −1 to 1")).to_be_visible()
    assert page.locator(".worked, .line").count() == 0
    page.locator("[role=gridcell][tabindex='0']").focus()
    page.keyboard.press("Control+End")
    assert page.locator("[role=rowheader]").last.inner_text() == LONG[-1]
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_matrix_alone_is_as_long_as_it_is_and_names_its_few_columns_whole(view):
    names = ["cheap – expensive", "from the very small to the very large"]
    rows = [f"word{row}" for row in range(100)]
    page = view(examples.alone(np.zeros((100, 2)), rows=rows, columns=names))
    assert page.locator("[role=gridcell]").count() == 200
    for header in page.get_by_role("columnheader").all():
        assert header.locator("span").evaluate("span => span.scrollWidth <= span.clientWidth")


def test_a_cell_of_a_matrix_that_nothing_was_computed_for_is_marked_when_it_is_chosen(view):
    page = view(similarities(["he", "likes", "tea"]))
    assert page.locator("td.worked").count() == 0
    page.locator("[role=gridcell]").nth(4).click()
    expect(page.locator("td.worked")).to_have_text("0.000")
    page.keyboard.press("ArrowDown")
    expect(page.locator("td.worked")).to_have_text("0.750")
    assert page.locator(".line").count() == 0


def test_a_scale_of_shares_begins_at_zero(view):
    page = view(similarities(["he", "tea"], probabilities=True))
    expect(page.get_by_role("img", name="Colours from 0 to 1")).to_be_visible()


@pytest.mark.parametrize("color_scheme", COLOUR_SCHEMES)
def test_axe_finds_nothing(view, color_scheme):
    equations = examples.projection(), examples.softmax(), examples.wide(), similarities(LONG)
    page = view(*equations, color_scheme=color_scheme, height=3600)
    expect(page.locator("canvas").first).to_be_visible()
    violations = Axe().run(page).response["violations"]
    assert [(rule["id"], node["html"], node["failureSummary"]) for rule in violations for node in rule["nodes"]] == []


def test_words_are_never_html(view):
    equation = examples.projection(rows=[HOSTILE, "b", "c"])
    equation["title"] = equation["parts"][0]["caption"] = equation["parts"][1]["text"] = HOSTILE
    equation["parts"][0]["symbol"] = (
        '<math xmlns="http://www.w3.org/1998/Math/MathML" onclick="document.title=\'hit\'">'
        '<script xmlns="http://www.w3.org/1999/xhtml">document.title="hit"</script>'
        '<mi href="javascript:1">X</mi></math>'
    )
    page = view(equation)
    expect(page.get_by_role("rowheader", name="<img src=x").first).to_be_visible()
    assert page.title() == "Equations"
    assert page.locator("img").count() == 0
    expect(page.locator(".symbol").first).to_have_text("X")
    assert page.locator(".symbol :is(script, [onclick], [href])").count() == 0


def test_numbers_are_rounded_as_python_rounds_them(page):
    generator = random.Random(0)
    numbers = [0.0, -0.0, 0.125, 0.375, -0.125, 0.5, 1.5, 2.5, -2.5, 1.005, 0.00005, 1e-7, -1e-300, 1e6, 1250000.0]
    numbers += [
        generator.randrange(-4096, 4096) / 2 ** generator.randrange(1, 12) for _ in range(4000)
    ]  # often halfway
    numbers += [round(generator.uniform(-10, 10), generator.randrange(1, 9)) for _ in range(4000)]
    numbers += [struct.unpack("d", generator.randbytes(8))[0] for _ in range(4000)]
    numbers = [number for number in numbers if number == number and abs(number) != float("inf")]
    written = page.evaluate(
        """async ([source, numbers]) => {
          const module = new Blob([source, "export { fixed };"], { type: "text/javascript" });
          const { fixed } = await import(URL.createObjectURL(module));
          return [1, 2, 3, 4, 6].map((digits) => numbers.map((number) => fixed(Number(number), digits)));
        }""",
        [tensors.writing(), [repr(number) for number in numbers]],
    )
    for digits, texts in zip([1, 2, 3, 4, 6], written, strict=True):
        assert texts == [rounded(number, digits) for number in numbers]


def test_the_script_can_stand_in_a_page():
    fragment = tensors.standalone([examples.projection(rows=[HOSTILE, "b", "c"])])
    assert fragment.lower().count("</script") == 2
    assert "<!--" not in fragment
    assert "http" not in fragment.replace("http://www.w3.org/1998/Math/MathML", "")


def test_a_page_runs_again_for_an_opened_cell_and_not_for_a_move(page):
    with serving("tests/browser/tensor_page.py", PYTHONPATH=str(ROOT)) as address:
        page.goto(address)
        line = page.locator(".line")
        before = line.inner_text()
        page.locator(".result [role=gridcell][tabindex='0']").focus()
        page.keyboard.press("ArrowRight")
        expect(line).not_to_have_text(before)
        moved = line.inner_text()
        expect(page.get_by_text("Run 1, opened: nothing")).to_be_visible()
        line.get_by_role("button").first.click()
        expect(page.get_by_text("Run 2, opened: tensor.0[0,0] from tensor.3[0,2]")).to_be_visible()
        assert line.inner_text() == moved
