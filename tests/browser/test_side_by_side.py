"""Two models compared as a visitor would."""

import re

import pytest
from playwright.sync_api import expect

from explorer.embeddings import catalog
from explorer.embeddings.alignment import align, aligned_map
from explorer.embeddings.side_by_side import disagreement, side_by_side


def test_from_a_shared_word_to_the_words_that_two_models_dispute(server, page):
    word2vec, glove = (catalog.load(f"wiki-en-{name}") for name in ("word2vec", "glove"))
    page.goto(
        f"{server}/side-by-side?word=airplane&models=wiki-en-word2vec,wiki-en-glove&second=wiki-en-glove&most=500"
    )
    answer = side_by_side([word2vec, glove], "airplane")
    lists = page.locator(".column ol")
    expect(lists).to_have_count(2)
    for column, items in zip(answer.columns, lists.all(), strict=True):
        expect(items.locator("a")).to_have_text([row.word for row in column.answer.rows])
    expect(page.locator(".columns svg path")).to_have_count(len(answer.ranks))

    shared = next(iter(answer.ranks))
    lists.first.get_by_role("link", name=shared, exact=True).hover()
    expect(page.locator("li.lit")).to_have_count(2)
    lists.first.get_by_role("link", name=shared, exact=True).click()
    expect(page).to_have_url(re.compile(f"word={shared}"))
    again = side_by_side([word2vec, glove], shared)
    expect(lists.first.locator("a").first).to_have_text(again.columns[0].answer.rows[0].word)
    page.go_back()
    expect(lists.first.locator("a").first).to_have_text(answer.columns[0].answer.rows[0].word)

    expected = disagreement(word2vec, glove, 10, 500)
    expect(page.get_by_text(f"On average {expected.mean_shared:.1f}, for and among")).to_be_visible()
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached()  # a run draws the charts anew
    bars = page.locator(".js-plotly-plot").nth(1)  # after the lines from model to model
    expect(bars.locator(".point").first).to_be_visible()
    bars.scroll_into_view_if_needed()
    area = bars.locator(".nsewdrag").bounding_box()
    width, height = area["width"], area["height"]
    page.mouse.move(area["x"] + 2, area["y"] + height / 2)
    page.mouse.down()
    page.mouse.move(area["x"] + width / 2, area["y"] + height / 2, steps=8)
    page.mouse.up()
    brushed = page.get_by_text(re.compile(r"words share 0 to [1-9] of 10 neighbours"))
    expect(brushed).to_be_visible()
    expect(page).to_have_url(re.compile(r"shared=0-[1-9]"))
    sentence = brushed.inner_text()
    page.reload()
    expect(brushed).to_have_text(sentence)
    page.get_by_role("button", name="Show words of all bars").click()
    expect(brushed).to_have_count(0)
    bars.scroll_into_view_if_needed()
    low, area = (bars.locator(part).first.bounding_box() for part in (".point >> nth=1", ".nsewdrag"))
    page.mouse.click(low["x"] + low["width"] / 2, area["y"] + area["height"] / 2)  # above the low bar
    expect(page).to_have_url(re.compile("shared=1-1"))


def test_a_click_on_the_aligned_map_says_what_is_known_of_the_word(server, page):
    first, second = (catalog.load(f"wiki-en-{name}") for name in ("glove", "fasttext"))
    page.set_viewport_size({"width": 1280, "height": 3000})
    page.goto(f"{server}/side-by-side?word=cat&models={first.name},{second.name}&most=200&n=4")
    points = page.locator(".js-plotly-plot").nth(2).locator(".point")
    expect(points.last).to_be_visible()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    moved = aligned_map(align(first, second), "cat", 4).points[-1]
    box = points.last.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    sentence = f"{moved.word}: cosine between the models {moved.similarity:.3f}"
    expect(page.get_by_role("paragraph").filter(has_text=sentence)).to_be_visible()  # and under the pointer
    page.get_by_role("link", name=f"{moved.word} side by side").click()
    expect(page).to_have_url(
        f"{server}/side-by-side?word={moved.word}&models={first.name}%2C{second.name}&most=200&n=4"
    )


@pytest.mark.nightly
def test_a_guess_from_subwords_says_so_above_its_list(server, page):
    page.goto(f"{server}/side-by-side?word=qwertyx&most=200")
    column = page.locator(".column").nth(2)
    expect(column.locator(".notes")).to_contain_text("its vector is inferred from its subwords")
    expect(column.locator("li")).to_have_count(10)


@pytest.mark.nightly
def test_after_enter_on_a_word_the_focus_stays_with_the_columns(server, page):
    page.goto(f"{server}/side-by-side?word=airplane&most=200")
    link = page.locator(".column li a").nth(1)
    word = link.inner_text()
    link.press("Enter")
    expect(page).to_have_title(f"{word} · Side by side")
    expect(page.locator(".column h2").first).to_be_focused()
