"""Two models compared as a visitor would."""

import re

from playwright.sync_api import expect

from explorer.embeddings import catalog
from explorer.embeddings.comparison import disagreement, side_by_side


def test_from_a_shared_word_to_the_words_that_two_models_dispute(server, page):
    word2vec, glove = (catalog.load(f"wiki-en-{name}") for name in ("word2vec", "glove"))
    page.goto(
        f"{server}/side-by-side?word=airplane&models=wiki-en-word2vec,wiki-en-glove&second=wiki-en-glove&most=500"
    )
    answer = side_by_side([word2vec, glove], "airplane", 15)
    lists = page.locator(".column ol")
    expect(lists).to_have_count(2)
    for column, drawn in zip(answer.columns, lists.all(), strict=True):
        expect(drawn.locator("a")).to_have_text([row.word for row in column.answer.rows])
    expect(page.locator(".columns svg path")).to_have_count(len(answer.ranks))

    shared = next(iter(answer.ranks))
    lists.first.get_by_role("link", name=shared, exact=True).hover()
    expect(page.locator("li.lit")).to_have_count(2)
    lists.first.get_by_role("link", name=shared, exact=True).click()
    expect(page).to_have_url(re.compile(f"word={shared}"))
    again = side_by_side([word2vec, glove], shared, 15)
    expect(lists.first.locator("a").first).to_have_text(again.columns[0].answer.rows[0].word)
    page.go_back()
    expect(lists.first.locator("a").first).to_have_text(answer.columns[0].answer.rows[0].word)

    found = disagreement(word2vec, glove, 10, 500)
    expect(page.get_by_text(f"The mean is {found.mean:.3f}")).to_be_visible()
    bars = page.locator(".js-plotly-plot").first
    expect(bars.locator(".point").first).to_be_visible()
    bars.scroll_into_view_if_needed()
    area = bars.locator(".nsewdrag").bounding_box()
    width, height = area["width"], area["height"]
    page.mouse.move(area["x"] + 2, area["y"] + height / 2)
    page.mouse.down()
    page.mouse.move(area["x"] + width / 2, area["y"] + height / 2, steps=8)
    page.mouse.up()
    expect(page.get_by_text(re.compile(r"words share 0 to [1-9] neighbours"))).to_be_visible()
