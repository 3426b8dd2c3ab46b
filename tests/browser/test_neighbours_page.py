"""The neighbours page as a reader uses it: suggestions, filters, what is folded away."""

import re

import pytest
from playwright.sync_api import expect

from explorer.embeddings import catalog
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.patterns import complete


def words(page):
    """The links of the neighbour table, from the first rank to the last."""
    return page.locator("td.word a")


def test_a_suggestion_is_taken_by_keyboard_and_is_a_step_that_back_takes_back(server, page):
    page.goto(f"{server}/neighbours?word=airplane&n=3")
    box = page.get_by_role("combobox", name="Word", exact=True)
    expect(box).to_have_value("airplane")
    box.fill("")
    box.press_sequentially("aer")
    options = page.get_by_role("option")
    suggested = complete(catalog.load(), "aer")
    expect(options).to_have_text(suggested)
    box.press("ArrowDown")
    box.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    expect(page.get_by_role("table", name=f"Nearest to {suggested[1]}")).to_be_visible()
    expect(box).to_have_value(suggested[1])
    expect(options).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("table", name="Nearest to airplane")).to_be_visible()
    expect(box).to_have_value("airplane")
    box.press_sequentially("s")
    expect(options.first).to_be_visible()
    box.press("Escape")
    expect(options).to_have_count(0)


def test_filters_by_list_and_regex_are_typed_and_kept_in_the_link(server, page):
    page.goto(f"{server}/neighbours?word=airplane")
    page.get_by_text("More filters").click()
    listed = page.get_by_label("Only words of this list")
    listed.fill("hangar, balloon zeppelin\nqqqqq")
    listed.press("Control+Enter")
    expect(page.get_by_text("The vocabulary lacks 1 of the list: “qqqqq”.")).to_be_visible()
    among = neighbours(catalog.load(), "airplane", among=["hangar", "balloon", "zeppelin"])
    expect(words(page)).to_have_text([row.word for row in among.rows])
    regex = page.get_by_label("Regular expression", exact=True)
    regex.fill("a.l")
    regex.press("Enter")
    expect(words(page)).to_have_text(["balloon"])
    page.reload()
    expect(words(page)).to_have_text(["balloon"])
    expect(page.get_by_label("Regular expression", exact=True)).to_have_value("a.l")


@pytest.mark.parametrize(("regex", "says"), [("(a+)+$", None), ("(", "is not a regular expression")])
def test_an_endless_regex_ends_and_a_bad_one_is_a_sentence(server, page, regex, says):
    page.goto(f"{server}/neighbours?word=airplane&n=5&regex=^air")
    expect(words(page)).to_have_count(5)
    box = page.get_by_label("Regular expression", exact=True)
    box.fill(regex)
    box.press("Enter")
    if says:
        expect(page.get_by_role("alert")).to_contain_text(says)
        box.fill("e$")
        box.press("Enter")
        expect(words(page).first).to_have_text(re.compile("e$"))
    else:
        expect(words(page).first).to_have_text(re.compile("a$"))


def test_the_tiers_percentiles_and_distances_of_the_rows_are_the_cores(server, page):
    page.goto(f"{server}/neighbours?word=airplane&metric=euclidean&n=4")
    rows = neighbours(catalog.load(), "airplane", 4, metric="euclidean").rows
    expect(words(page)).to_have_text([row.word for row in rows])
    expect(page.locator("td.score")).to_have_text([f"{row.score:.4f}" for row in rows])
    expect(page.locator("td.tier")).to_have_text([row.tier for row in rows])
    expect(page.locator("td.share").first).to_have_attribute("title", re.compile("higher than .* random pairs"))


def test_a_word_of_the_folded_search_becomes_the_question_and_the_fold_stays_open(server, page):
    page.goto(f"{server}/neighbours?word=airplane")
    page.get_by_text("Search the vocabulary").click()
    box = page.get_by_label("Words that match the regular expression")
    box.fill("^aeron")
    box.press("Enter")
    page.get_by_role("link", name="aeronautics", exact=True).click()
    expect(page.get_by_role("table", name="Nearest to aeronautics")).to_be_visible()
    expect(box).to_have_value("^aeron")
