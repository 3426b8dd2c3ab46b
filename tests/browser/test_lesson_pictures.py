"""The pictures of a lesson as a visitor uses them: they play, are pointed at, walked through by keyboard, and saved."""

import re
from xml.etree import ElementTree

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from explorer.lessons.example import article_example
from explorer.lessons.lesson import lesson
from explorer.lessons.pictures.attention import attention_lines, board
from explorer.lessons.pictures.decoding import word_by_word
from explorer.lessons.pictures.next_word import next_words
from explorer.lessons.pictures.picture import number, share
from explorer.lessons.pictures.tree import beam_tree
from explorer.lessons.pictures.whole import Whole
from explorer.lessons.summaries import summary
from explorer.questions.lessons import Lesson
from tests.browser.conftest import COLOUR_SCHEMES, first_in_make_test

TOLD = lesson(article_example())
WHOLE = Whole(TOLD)
WEIGHTS = "decoder.0.cross_attention.weights"


def title(page: Page):
    return page.locator(".guide h2")


def lit(page: Page):
    return page.locator(".picture.whole .box.lit")


def saved(page: Page, fold: str = ""):
    with page.expect_download() as download:
        page.locator(fold or ".picture").first.get_by_role("button", name="Download SVG").click()
    return download.value.suggested_filename, download.value.path().read_text(encoding="utf-8")


def test_the_whole_plays_forward_then_back_by_the_space_bar(server, new_page):
    page = new_page("light", forgetful=True)
    page.clock.install()
    page.goto(f"{server}/lesson")
    for sentence in WHOLE.sentences:
        expect(page.get_by_role("listitem").filter(has_text=sentence)).to_be_visible()
    page.get_by_label("Speed").select_option("4")
    page.get_by_role("heading", name="The whole in one picture").click()
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)  # from here on time is the test's alone
    page.keyboard.press("Space")
    for place, stop in enumerate(WHOLE.stops, start=1):
        way = "back" if stop.back else "forward"
        expect(page.locator(".picture .count")).to_have_text(f"{place} of {len(WHOLE.stops)}, {way}")
        expect(page.locator(".picture .sentence")).to_have_text(stop.sentence)
        expect(lit(page)).to_have_attribute("data-number", str(stop.box))
        page.clock.run_for(4200 / 4)
    expect(page.get_by_role("button", name="▶ Play")).to_be_visible()  # it stands at the end
    page.keyboard.press("Space")
    expect(page.locator(".picture .count")).to_have_text(f"1 of {len(WHOLE.stops)}, forward")
    page.keyboard.press("Space")
    page.clock.run_for(60_000)
    expect(page.locator(".picture .count")).to_have_text(f"1 of {len(WHOLE.stops)}, forward")


@pytest.mark.parametrize("color_scheme", COLOUR_SCHEMES)
def test_the_whole_and_its_sentences_are_seen_at_once_on_a_stage(server, new_page, color_scheme):
    page = new_page(color_scheme)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{server}/lesson")
    for part in (page.locator(".picture.whole svg"), *page.locator("ol.explorer-overview li").all()):
        expect(part).to_be_in_viewport(ratio=1)
    assert len(page.locator("ol.explorer-overview li").all()) == 6


DRAWN = """(svg) => {
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  const texts = [...svg.querySelectorAll("text")].map((text) => [text, text.getBoundingClientRect()]);
  const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;  // a line box is higher than its letters
  const box = (text) => text.closest(".box")?.querySelector(".card").getBoundingClientRect();
  const leaves = (a, b) => b && (a.left < b.left || a.right > b.right || a.bottom > b.bottom);
  return {
    smallest: Math.min(...texts.map(([text]) => scale * parseFloat(text.getAttribute("font-size")))),
    overlapping: texts.flatMap(([one, a], place) => texts.slice(place + 1).filter(([, b]) => over(a, b))
      .map(([other]) => [one.textContent, other.textContent])),
    outside: texts.filter(([text, a]) => leaves(a, box(text))).map(([text]) => text.textContent),
  };
}"""
LONG = (
    "lesson=own&source=the,quick,brown,fox,jumps,over,the,lazy,dog,today"
    "&target=the,slow,fox,sleeps,under,the,old,tree,all,day&heads=8&d_model=48&layers=2"
)


@pytest.mark.parametrize("width", first_in_make_test([1280, 390, 1920]))
@pytest.mark.parametrize(
    "query", first_in_make_test([LONG, "", "lesson=trained&source=you,are,welcome&target=de,nada"])
)
def test_the_words_of_the_whole_can_be_read(server, page, width, query):
    page.set_viewport_size({"width": width, "height": 720})
    page.goto(f"{server}/lesson?{query}")
    picture = page.locator(".picture.whole svg")
    expect(picture).to_be_visible()
    drawn = picture.evaluate(DRAWN)
    assert drawn["smallest"] >= 14
    assert drawn["overlapping"] == drawn["outside"] == []


def test_a_box_leads_to_its_steps_and_the_overview_back(server, page):
    page.goto(f"{server}/lesson")
    page.get_by_role("link", name="Cross-attention, decoder layer 1", exact=True).click()
    expect(title(page)).to_have_text("Queries")
    expect(page).to_have_url(re.compile(r"step=decoder\.0\.cross_attention\.query$"))
    page.get_by_role("button", name="Overview").click()
    expect(page.locator(".picture.whole")).to_be_visible()
    expect(page).to_have_url(f"{server}/lesson")
    page.go_back()
    expect(title(page)).to_have_text("Queries")


@pytest.mark.nightly
def test_on_the_way_back_a_box_leads_to_its_steps_back(server, page):
    page.goto(f"{server}/lesson")
    next_box = page.get_by_role("button", name="The next box")
    for _ in range([stop.back for stop in WHOLE.stops].index(True) + 1):
        next_box.click()
    expect(page.locator(".picture svg.back")).to_be_visible()
    page.get_by_role("link", name="Output layer", exact=True).click()
    expect(page).to_have_url(re.compile(r"step=back\.logits$"))


def test_the_keyboard_alone_goes_through_the_whole(server, page):
    page.goto(f"{server}/lesson")
    play = page.get_by_role("button", name="▶ Play")
    expect(play).to_be_visible()
    play.focus()
    page.keyboard.press("Tab")  # past the button for the box before, which there is none of
    expect(page.get_by_role("button", name="The next box")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".picture .sentence")).to_have_text(WHOLE.stops[0].sentence)
    link = page.get_by_role("link", name="Source vectors", exact=True)
    for _ in range(8):
        page.keyboard.press("Tab")
        if link.evaluate("(node) => node.getRootNode().activeElement === node"):
            break
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(title(page)).to_have_text("Tokens")


def test_a_word_that_is_pointed_at_shows_its_row_alone(server, page):
    page.goto(f"{server}/lesson?step={WEIGHTS}")
    rows = page.locator(".picture.lines .looking")
    expect(rows).to_have_count(3)
    weights = TOLD.trace[WEIGHTS].value
    for look in (lambda row: row.locator("text").first.hover(), lambda row: row.focus()):
        look(rows.nth(1))
        numbers = rows.nth(1).locator(".number")
        expect(numbers).to_have_text([" ".join(number(w, 2) for w in weights[:, 1, key].tolist()) for key in range(3)])
        for row, visible, opacity in ((0, "hidden", "0.05"), (1, "visible", "1"), (2, "hidden", "0.05")):
            expect(rows.nth(row).locator(".numbers")).to_have_css("visibility", visible)
            expect(rows.nth(row).locator("path").first).to_have_css("stroke-opacity", opacity)
        page.get_by_role("heading", name="Lesson").hover()
    name, svg = saved(page)
    assert (name, svg) == (f"{WEIGHTS}.svg", attention_lines(TOLD.trace, WEIGHTS).as_svg())
    root = ElementTree.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(root.findall(".//{*}g[@class='looking']")) == 3
    assert len(root.findall(".//{*}path")) >= weights.size  # a line from each word to each, in each head
    assert {text.text for text in root.iter("{http://www.w3.org/2000/svg}text")} >= {*TOLD.trace.tokens, "<start>"}


@pytest.mark.nightly
def test_the_board_leads_to_every_attention(server, page):
    page.goto(f"{server}/lesson?step={WEIGHTS}")
    page.get_by_text("All heads of all layers").click()
    fold = page.locator(".picture.board")
    expect(fold.get_by_role("link")).to_have_count(3)
    assert saved(page, ".picture.board")[1] == board(TOLD.trace).as_svg()
    fold.get_by_role("link", name="Self-attention, encoder layer 1", exact=True).click()
    expect(page).to_have_url(re.compile(r"step=encoder\.0\.self_attention\.weights$"))


def test_the_next_word_stands_as_bars(server, page):
    page.goto(f"{server}/lesson?step=probabilities")
    expect(page.locator(".picture.next-word rect")).to_have_count(sum(len(bars) for _, bars in WORDS.positions))
    for after, bars in WORDS.positions:
        expect(page.locator(".picture.next-word text").get_by_text(f"after {after}", exact=True)).to_be_visible()
        for bar in bars:
            expect(page.locator(".picture.next-word text").get_by_text(number(bar.probability)).first).to_be_visible()
    assert saved(page)[1] == WORDS.as_svg()


WORDS = next_words(TOLD.trace)


def test_ten_words_are_decoded_one_by_one(server, page):
    drawn = word_by_word(TOLD.example.translator, TOLD.example.source, 3.0, 0, 1.0, 14)
    assert len(drawn.steps) >= 10
    page.goto(f"{server}/lesson?step=next.greedy&choose=drawn&temperature=3&draw=14")
    for place, step in enumerate(drawn.steps[:10], start=1):
        so_far = " ".join(each.chosen for each in drawn.steps[:place])
        expect(page.locator(".picture .said")).to_have_text(f"Word {place} of {len(drawn.steps)}: {so_far}")
        texts = page.locator(".picture.decoding text")
        expect(texts.get_by_text(f"{step.chosen} ({number(step.probability)})", exact=True)).to_be_visible()
        expect(texts.get_by_text(f"Temperature 3: {step.kept} left")).to_be_visible()
        page.get_by_role("button", name="Next word").press("Enter")
    page.get_by_role("button", name="From the start").click()
    expect(page.locator(".picture .said")).to_have_text(f"Word 1 of {len(drawn.steps)}: {drawn.steps[0].chosen}")
    assert saved(page)[1] == drawn.as_svg()


@pytest.mark.nightly
def test_ten_words_of_the_trained_model_are_decoded_one_by_one(server, page):
    source = "the teacher gives a book to the student in the school and we drink coffee"
    translator = Lesson(source=source, target="de nada").subject.translator
    drawn = word_by_word(translator, tuple(source.split()))
    assert len(drawn.decoding.words) == 10
    page.goto(f"{server}/lesson?lesson=trained&step=next.greedy&source={source.replace(' ', ',')}&target=de,nada")
    for place, step in enumerate(drawn.steps, start=1):
        so_far = " ".join(each.chosen for each in drawn.steps[:place])
        expect(page.locator(".picture .said")).to_have_text(f"Word {place} of {len(drawn.steps)}: {so_far}")
        bars = page.locator(".picture.decoding text")
        expect(bars.get_by_text(f"{step.chosen} ({share(step.probability)})", exact=True)).to_be_visible()
        if place < len(drawn.steps):
            page.get_by_role("button", name="Next word").click()
    expect(page.get_by_role("button", name="Next word")).to_be_disabled()


@pytest.mark.nightly
def test_the_tree_follows_the_penalty(server, page):
    translator, source = TOLD.example.translator, TOLD.example.source
    for query, penalty in (("", 0.6), ("&penalty=2.0", 2.0)):
        page.goto(f"{server}/lesson?step=next.beam{query}")
        expect(page.locator(".picture.beam .node.best").first).to_be_visible()
        assert saved(page)[1] == beam_tree(translator, source, 3, penalty).as_svg()


def test_a_chapter_ends_with_what_became_of_a_word(server, page):
    page.goto(f"{server}/lesson?step=encoder.0.feed_forward.norm")
    expect(page.locator(".explorer-summary")).to_contain_text(summary(TOLD, TOLD.chapters[2]))
    page.goto(f"{server}/lesson?step=encoder.0.feed_forward.output")
    expect(title(page)).to_have_text("Feed-forward, second matrix")
    expect(page.locator(".explorer-summary")).to_have_count(0)


SCREENS = {
    "whole": "",
    "lines": f"step={WEIGHTS}",
    "bars": "step=next.words",
    "greedy": "step=next.greedy",
    "drawn": "step=next.greedy&choose=drawn&temperature=1.5",
    "beam": "step=next.beam",
}


@pytest.mark.nightly
@pytest.mark.parametrize("color_scheme", COLOUR_SCHEMES)
@pytest.mark.parametrize("query", SCREENS.values(), ids=SCREENS)
def test_axe_finds_nothing(server, new_page, query, color_scheme):
    page = new_page(color_scheme)
    page.goto(f"{server}/lesson?{query}")
    expect(page.locator(".picture svg").first).to_be_visible()
    for fold in page.locator(".picture.board summary").all():
        fold.click()
    violations = Axe().run(page).response["violations"]
    assert [(rule["id"], node["html"], node["failureSummary"]) for rule in violations for node in rule["nodes"]] == []


@pytest.mark.nightly
@pytest.mark.parametrize("query", SCREENS.values(), ids=SCREENS)
def test_a_phone_scrolls_the_picture_and_not_the_page(server, page, query):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server}/lesson?{query}")
    expect(page.locator(".picture svg").first).to_be_visible()
    width = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert max(width, page.evaluate("document.documentElement.scrollWidth")) == 390
