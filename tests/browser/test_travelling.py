"""One question travels: word and model go along from page to page, filters stay, and a list and its map are one."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import first_in_make_test


def go_to(page, name):
    page.get_by_test_id("stHeader").get_by_text("Words").click()
    page.get_by_role("menuitem", name=name, exact=True).click()
    expect(page.get_by_role("menuitem")).to_have_count(0)


def test_word_and_model_travel_through_the_menu_and_filters_stay(server, page):
    page.goto(f"{server}/neighbours?word=biplane&model=wiki-en-glove&pos=NOUN")
    expect(page.locator("caption")).to_contain_text("biplane")
    for name, query in (
        ("Map", "map?word=biplane&model=wiki-en-glove"),
        ("Calculator", "calculator?model=wiki-en-glove"),
        ("Side by side", "side-by-side?word=biplane"),
        ("Health", "health?first=biplane&model=wiki-en-glove"),
        ("Neighbours", "neighbours?word=biplane&model=wiki-en-glove&pos=NOUN"),
    ):
        go_to(page, name)
        expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
        expect(page).to_have_url(f"{server}/{query}")
    expect(page.locator("caption")).to_contain_text("biplane")
    page.go_back()
    expect(page.get_by_role("heading", name="Health", level=1)).to_be_visible()
    menu = page.get_by_test_id("stTopNav")
    names = ("Home", "Words", "Transformer", "Initialisation", "Talks", "Models")
    places = [menu.get_by_text(name, exact=True).bounding_box()["x"] for name in names]
    assert places == sorted(places)
    menu.get_by_role("link", name="Home").click()
    expect(page).to_have_url(f"{server}/?word=biplane&model=wiki-en-glove")
    expect(page.locator("caption")).to_contain_text("biplane")


@pytest.mark.nightly
def test_a_word_asked_on_another_page_comes_along(server, page):
    page.goto(f"{server}/neighbours?word=biplane")
    expect(page.locator("caption")).to_contain_text("biplane")
    go_to(page, "Map")
    box = page.get_by_role("combobox", name="Word")
    expect(box).to_have_value("biplane")
    box.fill("glider")
    box.press("Enter")
    expect(page).to_have_url(f"{server}/map?word=glider")
    expect(page.get_by_text("glider and its nearest are lit")).to_be_visible()
    go_to(page, "Neighbours")
    expect(page.locator("caption")).to_contain_text("glider")
    page.goto(f"{server}/map?around=balloon&n=9")
    expect(box).to_have_value("balloon")
    go_to(page, "Neighbours")
    expect(page.locator("caption")).to_contain_text("Nearest to balloon")
    go_to(page, "Map")
    expect(page).to_have_url(f"{server}/map?around=balloon&n=9")


@pytest.mark.nightly
def test_the_box_offers_the_words_that_were_asked_before(server, page):
    for word in ("tea", "coffee"):
        page.goto(f"{server}/neighbours?word={word}")
        expect(page.locator("caption")).to_contain_text(word)
    page.get_by_role("combobox", name="Word").click()
    expect(page.get_by_role("option")).to_have_text(["tea"])
    page.get_by_role("option").click()
    expect(page.locator("caption")).to_contain_text("Nearest to tea")


@pytest.mark.parametrize("width", first_in_make_test([1280, 1920]))
def test_list_and_map_light_each_other_and_a_second_click_asks(server, page, width):
    page.set_viewport_size({"width": width, "height": 720})
    page.goto(f"{server}/neighbours?word=airplane")
    point = page.locator("g.point", has_text="glider")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="glider"))
    assert page.locator("figure").bounding_box()["x"] > page.locator("table").bounding_box()["x"] + 600
    point.locator("circle.dot").hover()
    expect(row).to_have_class("lit")
    row.hover()
    expect(point).to_have_class("point lit")
    point.locator("circle.dot").click()
    expect(point).to_have_class("point lit chosen")
    point.locator("circle.dot").click()
    expect(page.locator("caption")).to_contain_text("Nearest to glider")


def test_a_phone_has_the_map_below_the_list_and_no_sideways_page(server, new_page):
    page = new_page("light")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server}/neighbours?word=airplane")
    expect(page.locator("svg.map")).to_be_visible()
    assert page.locator("figure").bounding_box()["y"] > page.locator("table").bounding_box()["y"] + 300
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.nightly
def test_the_rows_are_sorted_by_a_column(server, page):
    page.goto(f"{server}/neighbours?word=airplane&n=8")
    words = page.locator("td.word a")
    expect(words).to_have_count(8)
    page.get_by_role("columnheader", name="word").get_by_role("button").click()
    expect(page.get_by_role("columnheader", name="word")).to_have_attribute("aria-sort", "ascending")
    names = words.all_inner_texts()
    assert names == sorted(names)
    page.get_by_role("columnheader", name="count").get_by_role("button").click()
    counts = [int(text.replace(",", "")) for text in page.locator("td.count").all_inner_texts()]
    assert counts == sorted(counts, reverse=True)


def test_arrow_keys_walk_through_the_words_and_picks_and_theme_survive_a_reload(server, page):
    page.goto(f"{server}/neighbours?word=airplane&n=4")
    links = page.locator("td.word a")
    links.first.press("Enter")
    expect(page.locator("caption")).to_contain_text("Nearest to airliner")
    expect(page.locator("caption")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(links.nth(1)).to_be_focused()
    second = links.nth(1).inner_text()
    expect(page.locator(".verdict b")).to_have_text(second)

    page.get_by_label(f"Pick {second}", exact=True).check()
    page.get_by_role("button", name="Dark theme").click()
    expect(page.get_by_role("button", name="Light theme")).to_be_visible()
    expect(page.get_by_label(f"Pick {second}", exact=True)).to_be_checked()
    page.get_by_role("link", name="Matrix", exact=True).click()
    expect(page.get_by_role("grid", name="cosine").locator("tbody th")).to_have_count(2)
    expect(page.get_by_role("button", name="Light theme")).to_be_visible()
