"""Visits as a reader makes them, in a real browser."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from explorer.embeddings import catalog
from explorer.embeddings.neighbours import neighbours
from explorer.questions.words import Neighbours
from tests.browser.conftest import nightly_but


def words(page: Page):
    """The links of the neighbour table, from the first rank to the last."""
    return page.get_by_role("table").locator("td.word a")


def question(page: Page) -> str:
    return parse_qs(urlsplit(page.url).query)["word"][0]


def test_a_deep_link_answers_at_the_first_try(server, page):
    asked = []
    page.on("response", lambda response: asked.append((response.status, urlsplit(response.url).path)))
    page.goto(f"{server}/neighbours?word=airplane")
    rows = neighbours(catalog.load(), "airplane").rows
    expect(words(page)).to_have_text([row.word for row in rows])
    assert [answer for answer in asked if answer[0] >= 400] == []  # the browser looks for nothing that there is not
    expect(page.locator("td.cosine")).to_have_text([f"{row.similarity:.4f}" for row in rows])
    expect(page.locator("td.count")).to_have_text([f"{row.count:,}" for row in rows])
    expect(page).to_have_title("airplane · Neighbours")


def test_from_a_word_to_its_neighbours_and_back_and_on_to_the_matrices(server, page):
    page.goto(server)
    box = page.get_by_role("combobox", name="Word")
    expect(box).to_have_value("airplane")
    expect(box).to_be_focused()
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"/neighbours\?word=airplane$"))
    first = words(page).first
    neighbour = first.inner_text()

    first.click()
    expect(page.get_by_label("Word", exact=True)).to_have_value(neighbour)
    assert question(page) == neighbour
    expect(page.get_by_role("table", name=f"Nearest to {neighbour}")).to_be_visible()

    page.go_back()
    expect(page.get_by_role("table", name="Nearest to airplane")).to_be_visible()
    assert question(page) == "airplane"
    expect(page.get_by_label("Word", exact=True)).to_have_value("airplane")
    page.go_back()
    expect(page).to_have_url(f"{server}/")
    page.go_forward()
    expect(page.get_by_role("table", name="Nearest to airplane")).to_be_visible()
    words(page).first.click()
    expect(page.get_by_role("table", name=f"Nearest to {neighbour}")).to_be_visible()

    box = page.get_by_label("Word", exact=True)
    box.fill("helicopter")
    box.press("Enter")
    expect(page.get_by_role("table", name="Nearest to helicopter")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("table", name=f"Nearest to {neighbour}")).to_be_visible()

    second = words(page).nth(1).inner_text()
    page.get_by_label(f"Pick {second}", exact=True).check()
    page.get_by_role("link", name="Send to the lesson").click()
    expect(page).to_have_url(
        re.compile(rf"/lesson\?lesson=own&encoder_only=true&model={catalog.DEFAULT}&source={neighbour},{second}$")
    )
    for word in (neighbour, second):
        expect(page.locator(".picture.whole text").get_by_text(word, exact=True)).to_be_visible()
    page.get_by_role("button", name="Step by step →").click()
    expect(page.get_by_role("cell", name=neighbour, exact=True).first).to_be_visible()
    expect(page.get_by_role("cell", name=second, exact=True).first).to_be_visible()
    page.go_back()
    expect(page.locator(".picture.whole")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("table", name=f"Nearest to {neighbour}")).to_be_visible()


@pytest.mark.nightly
def test_forward_twice_across_pages(server, page):
    page.goto(server)
    box = page.get_by_role("combobox", name="Word")
    expect(box).to_have_value("airplane")
    box.press("Enter")
    neighbour = words(page).first.inner_text()
    words(page).first.click()
    expect(page.get_by_role("table", name=f"Nearest to {neighbour}")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("table", name="Nearest to airplane")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(f"{server}/")
    page.go_forward()
    expect(page.get_by_role("table", name="Nearest to airplane")).to_be_visible()
    page.go_forward()
    expect(page.get_by_role("table", name=f"Nearest to {neighbour}")).to_be_visible()


@pytest.mark.nightly
def test_a_neighbour_opens_in_a_new_tab_like_any_link(server, page):
    page.goto(f"{server}/neighbours?word=airplane&n=5&pos=NOUN")
    first = words(page).first
    neighbour = first.inner_text()
    with page.context.expect_page() as opened:
        first.click(modifiers=["Control"])
    tab = opened.value
    expect(tab.get_by_role("table", name=f"Nearest to {neighbour}")).to_be_visible()
    expect(words(tab)).to_have_count(5)
    assert question(page) == "airplane"


def test_every_control_is_in_the_link(server, page):
    page.goto(f"{server}/neighbours?word=airplane&n=7&pos=VERB&min_count=100")
    expect(words(page)).to_have_count(7)
    expect(page.locator("td.pos")).to_have_text([re.compile("VERB")] * 7)
    expect(page.get_by_label("Neighbours", exact=True)).to_have_value("7")
    expect(page.get_by_label("Minimum count", exact=True)).to_have_value("100")
    box = page.get_by_label("Neighbours", exact=True)
    box.fill("3")
    box.press("Enter")
    expect(words(page)).to_have_count(3)
    assert urlsplit(page.url).query == "word=airplane&n=3&pos=VERB&min_count=100"


def test_the_answer_can_be_taken_along(server, page):
    page.goto(f"{server}/neighbours?word=airplane")
    answer = Neighbours(word="airplane").answer()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    assert download.value.suggested_filename == f"neighbours-airplane-{catalog.DEFAULT}.csv"
    assert all(row.percentile is not None for row in answer.rows)
    assert download.value.path().read_bytes() == answer.as_csv().encode()


def test_a_misspelt_word_leads_to_the_right_one(server, page):
    page.goto(f"{server}/neighbours?word=airplne")
    expect(page.get_by_role("alert")).to_contain_text("“airplne” is not among")
    page.get_by_role("link", name="airplane", exact=True).click()
    expect(page.get_by_role("table", name="Nearest to airplane")).to_be_visible()
    assert question(page) == "airplane"
    page.go_back()
    expect(page.get_by_role("alert")).to_contain_text("“airplne” is not among")


BAD_INPUT = {
    "empty": ("word=", "Word", "airplane"),
    "markup": ("word=%3Cscript%3Ealert(1)%3C/script%3E", "Word", "airplane"),
    "emoji": ("word=%F0%9F%9B%A9%EF%B8%8F", "Word", "airplane"),
    "right to left": ("word=%D7%9E%D7%98%D7%95%D7%A1", "Word", "airplane"),
    "10,000 characters": ("word=" + "x" * 10_000, "Word", "airplane"),
    "n of 0": ("word=airplane&n=0", "Neighbours", "5"),
    "n of -1": ("word=airplane&n=-1", "Neighbours", "5"),
    "n of 10^9": ("word=airplane&n=1000000000", "Neighbours", "5"),
    "n in words": ("word=airplane&n=many", "Neighbours", "5"),
    "a negative count": ("word=airplane&min_count=-5", "Minimum count", "5"),
}


@pytest.mark.parametrize(("query", "label", "better"), nightly_but(BAD_INPUT, "markup", "n in words"))
def test_bad_input_gets_a_sentence_and_can_be_put_right(server, page, query, label, better):
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(f"{server}/neighbours?{query}")
    expect(page.get_by_role("alert")).to_be_visible()
    assert dialogs == []
    box = page.get_by_label(label, exact=True)
    box.fill(better)
    box.press("Enter")
    expect(page.get_by_role("table", name="Nearest to airplane")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.nightly
def test_a_number_is_read_and_walked_by_keyboard(server, page):
    page.goto(f"{server}/lesson?encoder_only=true&step=source.embedding")
    cells = page.get_by_role("grid", name="embedding", exact=True).locator("tbody").get_by_role("gridcell")
    cells.first.focus()
    reading = page.locator(".reading:visible")
    expect(reading).to_have_text("embedding [You, 1] = 0.1")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(reading).to_have_text("embedding [You, 3] = −0.1")
    page.keyboard.press("ArrowDown")
    expect(reading).to_have_text("embedding [are, 3] = 0.1")
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-how h3")).to_have_text("embedding [are, 3]")
    cells.nth(3).hover()
    expect(reading).to_have_text("embedding [You, 4] = 0.4")


@pytest.mark.nightly
def test_a_wide_matrix_shows_colours_first_and_digits_on_a_click(server, page):
    page.goto(f"{server}/pass?words=airplane,fly&d_model=300")  # the address of old leads to the lesson
    expect(page).to_have_url(re.compile(r"/lesson\?lesson=own&encoder_only=true&source=airplane%2Cfly&d_model=300"))
    page.goto(f"{page.url}&step=source.embedding")
    figure = page.locator("figure.result")
    canvas = figure.locator("canvas")
    expect(canvas).to_have_attribute("data-digits", "false")
    figure.get_by_role("button", name="Show digits").click()
    expect(canvas).to_have_attribute("data-digits", "true")
    figure.get_by_role("button", name="Show all").click()
    expect(canvas).to_have_attribute("data-digits", "false")
