"""The map of all words as a visitor uses it: flown to, zoomed, asked by a click, selected from, and linked."""

import csv
import json
import re
import urllib.request
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from explorer.ui.map import atlas_view


def camera(page):
    return [float(number) for number in page.locator(".atlas").first.get_attribute("data-at").split(",")]


def place_of(page, server, word):
    """Where the point of a word is in the window."""
    answer = json.load(urllib.request.urlopen(f"{server}/api/v1/atlas?words={word}"))["points"][0]
    x, y, zoom = camera(page)
    box = page.locator(".stage").first.bounding_box()
    unit = min(box["width"], box["height"]) * 0.485 * zoom
    return box["x"] + box["width"] / 2 + (answer["x"] - x) * unit, box["y"] + box["height"] / 2 - (
        answer["y"] - y
    ) * unit


@pytest.mark.parametrize(
    "has_card", [pytest.param(False, id="canvas", marks=pytest.mark.nightly), pytest.param(True, id="webgl")]
)
def test_a_word_is_flown_to_asked_by_a_click_selected_and_linked(server, new_page, has_card):
    page = new_page("dark" if has_card else "light")
    page.set_viewport_size({"width": 1280, "height": 900})
    if has_card:  # hides that this browser's WebGL has no graphics card
        page.add_init_script("WebGLRenderingContext.prototype.getExtension = () => null;")
    page.goto(f"{server}/map?word=glider")
    atlas = page.locator(".atlas[data-ready=wiki-en-word2vec]")
    expect(atlas).to_have_attribute("data-painter", "webgl" if has_card else "canvas")
    expect(page.get_by_role("heading", name="Nearest to glider")).to_be_visible()
    assert camera(page)[2] >= 5

    # A click on a point asks about its word, and the map stays where it is, for the word is in view.
    word = page.locator(".beside section").first.get_by_role("link").first.inner_text()
    box = page.get_by_role("combobox", name="Word")
    page.mouse.move(*place_of(page, server, word))
    expect(page.locator(".tip b")).to_have_text(word)
    page.mouse.click(*place_of(page, server, word))
    expect(box).to_have_value(word)
    expect(page).to_have_url(f"{server}/map?word={word}")
    expect(page.get_by_role("heading", name=f"Nearest to {word}")).to_be_visible()

    # By keyboard; the address holds the place, and a link to it opens there.
    stage = page.get_by_role("application")
    stage.focus()
    page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"at="))
    before = camera(page)
    page.reload()
    expect(atlas).to_have_attribute("data-at", ",".join((f"{before[0]:.4f}", f"{before[1]:.4f}", f"{before[2]:.2f}")))

    # A line around words lists them, and the CSV has what the question answers.
    area = stage.bounding_box()
    x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
    page.keyboard.down("Shift")
    page.mouse.move(x - 150, y - 120)
    page.mouse.down()
    for across, down in ((150, -120), (150, 120), (-150, 120)):
        page.mouse.move(x + across, y + down)
    page.mouse.up()
    page.keyboard.up("Shift")
    heading = page.get_by_role("heading", name=re.compile(r"words? selected"))
    expect(heading).to_be_visible()
    with page.expect_download() as download:
        page.locator(".selection").get_by_role("button", name="Download CSV").click()
    rows = list(csv.DictReader(download.value.path().open(encoding="utf-8", newline="")))
    assert f"{len(rows):,} word" in heading.inner_text()
    assert {"word", "x", "y", "cluster_1", "cluster_3"} <= rows[0].keys()

    violations = Axe().run(page).response["violations"]
    assert [(rule["id"], node["html"], node["failureSummary"]) for rule in violations for node in rule["nodes"]] == []


def test_words_go_to_their_places_in_another_model_and_back(server, page):
    page.goto(f"{server}/map?word=glider&second=wiki-en-glove")
    first = page.locator(".atlas[data-ready=wiki-en-word2vec]")
    expect(first).to_have_attribute("data-places", "wiki-en-word2vec")
    expect(page.locator(".atlas[data-ready=wiki-en-glove] .travel")).to_be_hidden()
    expect(page.get_by_text("This map is turned to lie over the map of wiki-en-word2vec.")).to_be_visible()

    first.get_by_role("button", name="Places in wiki-en-glove").click()
    expect(first).to_have_attribute("data-places", "wiki-en-glove")
    expect(first).to_have_attribute("data-flying", "false")
    assert camera(page) == [0, 0, 1]
    page.mouse.move(*place_of(page, server, "king&model=wiki-en-glove&over=wiki-en-word2vec"))
    expect(first.locator(".tip b")).to_have_text("king")

    first.get_by_role("button", name="Back to wiki-en-word2vec").click()
    expect(first).to_have_attribute("data-places", "wiki-en-word2vec")
    page.mouse.move(*place_of(page, server, "king"))
    expect(first.locator(".tip b")).to_have_text("king")


def test_a_name_goes_with_the_word_it_stands_on(page):
    view = Path(atlas_view.__file__).parent
    page.add_script_tag(content="".join((view / name).read_text() for name in ("points.js", "glide.js")))
    atlas = "{count: 3, places: new Int16Array(%s), finest: new Uint16Array(%s), clusters: %s}"
    cluster = "[{number: 0, level: 1, parent: -1, x: %s, y: 0}]"
    own = atlas % ("[0, 0, 1000, 0, 2000, 0]", "[0, 0, 65535]", cluster % "1000 / REACH")
    other = atlas % ("[0, 0, 0, 8000, 4000, 4000]", "[65535, 65535, 0]", cluster % "4000 / REACH")
    names = page.evaluate(
        f"""() => {{
            const [own, other] = [{own}, {other}];
            const at = (share) => between(own, other, share).clusters[0];
            return [0, 0.49, 0.5, 1].map(at).map(({{ x, y }}) => [x * REACH, y * REACH]);
        }}"""
    )
    assert names[0] == [1000, 0]  # on its second word, which goes to (0, 8000)
    assert names[1] == pytest.approx([515, 3880], abs=5)
    assert names[2] == pytest.approx([3000, 2000], abs=5)  # half way of the third, which goes to (4000, 4000)
    assert names[3] == [4000, 4000]
