"""The neighbours page as a reader uses it: suggestions, filters, what is folded away."""

import re

import pytest
from playwright.sync_api import expect

from explorer.embeddings import catalog
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.patterns import suggestions


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
    suggested = [match.word for match in suggestions(catalog.load(), "aer").words]
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
    listed = page.get_by_label("Only these words", exact=True)
    listed.fill("hangar, balloon zeppelin\nqqqqq")
    listed.press("Control+Enter")
    expect(page.get_by_text("1 word of your list is not in the vocabulary: “qqqqq”.")).to_be_visible()
    among = neighbours(catalog.load(), "airplane", among=["hangar", "balloon", "zeppelin"])
    expect(words(page)).to_have_text([row.word for row in among.rows])
    regex = page.get_by_label("Regular expression", exact=True)
    regex.fill("a.l")
    regex.press("Enter")
    expect(words(page)).to_have_text(["balloon"])
    page.reload()
    expect(words(page)).to_have_text(["balloon"])
    expect(page.get_by_label("Regular expression", exact=True)).to_have_value("a.l")


@pytest.mark.nightly
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
    compared = re.compile("^[0-9,]+ of 10,000 random pairs of equally frequent words ha(s|ve) a cosine as high$")
    expect(page.locator("td.share").first).to_have_attribute("title", compared)


def test_a_word_of_the_folded_search_becomes_the_question_and_the_fold_stays_open(server, page):
    page.goto(f"{server}/neighbours?word=airplane")
    page.get_by_text("Search the vocabulary").click()
    box = page.get_by_label("Words that match the regular expression", exact=True)
    box.fill("^aeron")
    box.press("Enter")
    page.get_by_role("link", name="aeronautics", exact=True).click()
    expect(page.get_by_role("table", name="Nearest to aeronautics")).to_be_visible()
    expect(box).to_have_value("^aeron")


def focus(page):
    """What has the focus, be it inside a component or not."""
    return page.evaluate(
        """() => {
          let at = document.activeElement;
          while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
          return `${at.tagName} ${at.textContent}`;
        }"""
    )


@pytest.mark.parametrize("path", ["neighbours?n=5", pytest.param("map?n=5", marks=pytest.mark.nightly)])
def test_leaving_the_word_box_asks_what_stands_in_it(server, page, path):
    page.goto(f"{server}/{path}")
    box = page.get_by_role("combobox", name="Word", exact=True)
    expect(box).to_have_value("airplane")
    box.fill("dog")
    box.press("Tab")
    expect(page).to_have_title(re.compile("^dog · "))
    expect(page).to_have_url(f"{server}/{path}&word=dog")
    expect(box).to_have_value("dog")
    before = page.get_by_role("navigation", name="Words that were asked before").get_by_role("link")
    expect(before).to_have_text(["airplane"])
    expect(before).to_have_attribute("href", f"{server}/{path}&word=airplane")
    page.go_back()
    expect(page).to_have_title(re.compile("^airplane · "))
    expect(box).to_have_value("airplane")


@pytest.mark.nightly
def test_the_answer_to_another_control_is_of_the_word_in_the_box(server, page):
    page.goto(f"{server}/neighbours?n=5")
    box = page.get_by_role("combobox", name="Word", exact=True)
    expect(page.get_by_role("table", name="Nearest to airplane")).to_be_visible()
    box.fill("dog")
    page.get_by_role("combobox", name="Part of speech").click()
    page.get_by_role("option", name="ADJ", exact=True).click()
    page.keyboard.press("Escape")  # the list stays open for more
    rows = neighbours(catalog.load(), "dog", 5, "ADJ").rows
    expect(words(page)).to_have_text([row.word for row in rows])
    expect(box).to_have_value("dog")
    expect(page).to_have_url(f"{server}/neighbours?n=5&word=dog&pos=ADJ")


def test_leaving_the_box_as_it_was_or_by_a_suggestion_asks_no_second_question(server, page):
    page.goto(f"{server}/neighbours?n=5")
    box = page.get_by_role("combobox", name="Word", exact=True)
    expect(page.get_by_role("table", name="Nearest to airplane")).to_be_visible()
    steps = page.evaluate("history.length")
    box.focus()
    box.press("Tab")
    box.fill("cat")
    box.press("Escape")  # closes the list
    box.press("Escape")  # and takes back what was typed
    expect(box).to_have_value("airplane")
    box.press("Tab")
    expect(page.get_by_role("table", name="Nearest to airplane")).to_be_visible()
    box.fill("")
    box.press_sequentially("aerop")
    page.get_by_role("option", name="aeroplane", exact=True).click()
    expect(page.get_by_role("table", name="Nearest to aeroplane")).to_be_visible()
    box.press("Tab")
    expect(page).to_have_url(f"{server}/neighbours?n=5&word=aeroplane")
    assert page.evaluate("history.length") == steps + 1


def test_after_enter_on_a_neighbour_the_focus_is_at_the_head_of_the_new_table(server, page):
    page.goto(f"{server}/neighbours?word=airplane&n=3")
    link = words(page).nth(1)
    word = link.inner_text()
    link.press("Enter")
    table = page.get_by_role("table", name=f"Nearest to {word}")
    expect(table).to_be_visible()
    assert focus(page).startswith(f"CAPTION Nearest to {word}")
    page.keyboard.press("Tab")
    expect(table.get_by_role("button", name="rank")).to_be_focused()


@pytest.mark.nightly
def test_a_link_that_goes_with_its_page_leaves_the_focus_at_the_new_title(server, page):
    page.goto(server)
    page.get_by_role("link", name="Neighbours of airplane").press("Enter")
    expect(page.get_by_role("table", name="Nearest to airplane")).to_be_visible()
    expect(page.get_by_role("heading", name="Neighbours", exact=True)).to_be_focused()


def test_the_words_go_to_the_transformer_with_their_model(server, page):
    page.goto(f"{server}/neighbours?word=airplane&model=wiki-en-glove&n=3")
    second = words(page).nth(1).inner_text()
    page.get_by_label(f"Pick {second}", exact=True).check()
    page.get_by_role("link", name="Send to the lesson").click()
    expect(page).to_have_url(
        f"{server}/lesson?lesson=own&encoder_only=true&model=wiki-en-glove&source=airplane,{second}"
    )
    overview = page.url
    expect(page.locator(".picture.whole text").get_by_text(second, exact=True)).to_be_visible()
    page.get_by_role("button", name="Step by step →").click()
    expect(page.get_by_role("cell", name=second, exact=True).first).to_be_visible()
    page.goto(f"{overview}&d_model=150&step=source.embedding")
    expect(page.locator(".shape").get_by_text("2 × 150", exact=True).first).to_be_visible()
