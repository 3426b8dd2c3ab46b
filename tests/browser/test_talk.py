"""A talk in a window: keys, reveals, two windows in step, a file without a server, and what a page adds to it."""

import shutil
import subprocess

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from explorer.talks.browser import as_pdf
from explorer.talks.deck import read_deck
from explorer.talks.document import as_html
from explorer.talks.rehearsal import rehearse

DECK = """
title = "A try"
minutes = 3
[[scene]]
title = "What is an embedding?"
notes = "Good morning."
[[scene]]
title = "Near to airplane"
page = "neighbours?word=airplane&n=4"
reveal = "rows"
notes = "Look at aircraft."
live = "word"
[[scene]]
title = "As a map"
page = "map?word=airplane&n=9"
highlight = ["aircraft"]
[[scene]]
title = "Scores"
page = "lesson?step=encoder.0.self_attention.scores"
reveal = "cells"
highlight = ["0,0", "2,1"]
[[scene]]
ask = "How near are cat and dog?"
choices = ["0.1", "0.54", "0.9"]
answer = "0.54"
page = "similarity?first=cat&second=dog"
[[scene]]
title = "Broken"
page = "neighbours?word=zzzzqqq"
[[scene]]
title = "What to take home"
text = ["A word is a list of numbers", "Near means: used in the same way"]
reveal = "lines"
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("talk") / "talk.html"
    path.write_text(as_html(rehearse(read_deck(DECK, "try"))), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def room(file, new_page):
    """The window of the room, opened from a file; fails if anything in it failed."""
    problems = []

    def open_at(place="1", color_scheme="light", size=(1280, 720)):
        page = new_page(color_scheme)
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.goto(f"{file}#{place}")
        expect(page.locator(".scene.current").first).to_be_visible()
        return page

    yield open_at
    assert problems == []


def title(page):
    return page.locator(".scene.current h1")


def visible_rows(page):
    return page.locator(".scene.current .word").filter(visible=True)


def test_a_clicker_walks_through_the_whole_talk_and_back(room):
    page = room()
    places = []
    for _ in range(14):
        places.append(page.evaluate("location.hash"))
        page.keyboard.press("PageDown")
    assert places[:8] == ["#1", "#2", "#2.1", "#2.2", "#2.3", "#2.4", "#3", "#4"]
    assert page.evaluate("location.hash") == "#7.1"
    expect(title(page)).to_have_text("What to take home")
    for _ in range(14):
        page.keyboard.press("PageUp")
    assert page.evaluate("location.hash") == "#1"


def test_no_key_is_lost_when_it_is_held_down(room):
    page = room()
    page.evaluate(
        """() => { for (let n = 0; n < 7; n += 1)
             dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true })); }"""
    )
    assert page.evaluate("location.hash") == "#4"


def test_rows_appear_one_by_one_and_a_reload_stays(room):
    page = room("2")
    expect(visible_rows(page)).to_have_count(0)
    page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    expect(visible_rows(page)).to_have_count(2)
    page.reload()
    expect(visible_rows(page)).to_have_count(2)


def test_the_first_line_of_a_text_comes_with_its_title(room):
    page = room("7")
    lines = page.locator(".scene.current .lines li").filter(visible=True)
    expect(lines).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(lines).to_have_count(2)


def test_an_equation_walks_from_cell_to_cell(room):
    page = room("4")
    worked = page.locator(".scene.current td.worked")
    before = worked.inner_text()
    page.keyboard.press("ArrowRight")
    expect(worked).not_to_have_text(before)
    expect(page.locator(".scene.current .line")).to_be_visible()


def test_a_question_waits_for_its_answer(room):
    page = room("5")
    number = page.locator(".scene.current .big .number")
    expect(page.locator(".scene.current .choices")).to_be_visible()
    expect(number).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(number).to_have_text("0.5416")
    expect(page.locator(".scene.current li.right")).to_have_text("0.54")


def test_what_is_wrong_with_a_scene_stands_in_the_presenters_view_only(room):
    page = room("6")
    expect(page.get_by_text("zzzzqqq")).to_have_count(0)
    desk = room("presenter")
    desk.get_by_role("button", name="6. Broken ⚠").click()
    expect(desk.locator(".problem")).to_contain_text("zzzzqqq")


def test_both_windows_stay_in_step_also_after_a_reload(room):
    page = room("2")
    with page.expect_popup() as opening:
        page.keyboard.press("p")
    desk = opening.value
    expect(desk.locator(".notes")).to_have_text("Look at aircraft.")
    desk.keyboard.press("Home")
    expect(title(page)).to_have_text("What is an embedding?")
    expect(desk.locator(".notes")).to_have_text("Good morning.")
    desk.keyboard.press("ArrowRight")
    expect(title(page)).to_have_text("Near to airplane")
    page.keyboard.press("End")
    expect(desk.locator("[aria-current]")).to_contain_text("7. What to take home")
    desk.reload()
    expect(desk.locator("[aria-current]")).to_contain_text("7. What to take home")
    desk.get_by_role("button", name="3. As a map").click()
    expect(title(page)).to_have_text("As a map")


def test_black_white_zoom_laser_help_and_list(room):
    page = room("3")
    for key, looks in (("b", "black"), ("w", "white")):
        page.keyboard.press(key)
        expect(page.locator(f".cover.{looks}")).to_be_visible()
        page.keyboard.press(key)
        expect(page.locator(".cover")).to_be_hidden()
    page.keyboard.press("z")
    assert "scale(2)" in page.locator(".window").get_attribute("style")
    page.keyboard.press("Escape")
    page.mouse.move(200, 200)
    page.keyboard.press("l")
    expect(page.locator(".laser")).to_be_visible()
    page.keyboard.press("l")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Page Down")
    page.keyboard.press("PageUp")  # the talk goes on, and the help is gone
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    expect(title(page)).to_have_text("Scores")


@pytest.mark.parametrize(
    ("size", "color_scheme"),
    [
        ((1280, 720), "light"),
        pytest.param((1024, 768), "dark", marks=pytest.mark.nightly),
        pytest.param((1920, 1080), "light", marks=pytest.mark.nightly),
        pytest.param((1280, 720), "dark", marks=pytest.mark.nightly),
    ],
)
def test_every_scene_fits_the_projector_and_is_accessible(room, size, color_scheme):
    page = room("1", color_scheme, size)
    for place in range(1, 6):
        page.evaluate(f"location.hash = '#{place}.9'")
        expect(page).to_have_title(f"{place}. {title(page).inner_text()}")
        box = page.locator(".scene.current").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size[0] + 1
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        problems = Axe().run(page, options={"rules": {"page-has-heading-one": {"enabled": False}}})
        assert problems.violations_count == 0, problems.generate_report()


def test_a_projector_that_changes_its_size_keeps_the_scene(room):
    page = room("2.3")
    page.set_viewport_size({"width": 800, "height": 800})
    expect(visible_rows(page)).to_have_count(3)


def test_a_live_scene_keeps_the_prepared_answer_where_none_comes(room):
    page = room("2.4")
    page.keyboard.press("i")
    page.keyboard.type("<img src=x>")
    page.keyboard.press("Enter")
    expect(page.locator(".live")).to_have_text("The answer did not come. The prepared one stands there.")
    expect(visible_rows(page)).to_have_count(4)


def test_a_page_becomes_a_scene_and_a_word_of_the_room_is_answered(server, new_page):
    page = new_page("light")
    for address in ("", "lesson?step=encoder.0.self_attention.scores"):
        page.goto(f"{server}/{address}")
        page.get_by_text("Add this view to a talk").click()
        page.get_by_role("button", name="Add", exact=True).click()
        page.get_by_role("link", name="open the talk").click()
        expect(page.get_by_role("heading", name="My talk")).to_be_visible()
    expect(page.get_by_role("button", name="2. Scores")).to_be_visible()
    page.get_by_role("button", name="Move “Scores” up").click()
    expect(page.get_by_role("button", name="1. Scores")).to_be_visible()
    expect(page.get_by_label("Speaker's notes")).to_have_count(1)  # those of the scene before are gone
    page.get_by_label("Speaker's notes").fill("Look at the largest.")
    page.get_by_label("Title", exact=True).click()
    expect(page.get_by_label("Speaker's notes")).to_have_value("Look at the largest.")
    talk = new_page("light")
    talk.goto(f"{server}/talk?deck=my-talk#2")
    expect(title(talk)).to_have_text("Nearest to airplane")


@pytest.mark.nightly
@pytest.mark.skipif(
    not shutil.which("pdftotext"), reason="pdftotext is not installed; on Debian: apt install poppler-utils"
)
def test_a_handout_has_the_whole_of_each_scene(tmp_path):
    lines = [f"Line {letter}" for letter in "ABCDEF"]
    deck = read_deck(f'[[scene]]\ntitle = "Six"\ntext = {lines}\nnotes = "Read them."\n' * 3, "talk")
    (tmp_path / "talk.pdf").write_bytes(as_pdf(rehearse(deck), handout=True))
    text = subprocess.run(["pdftotext", tmp_path / "talk.pdf", "-"], capture_output=True, text=True, check=True).stdout
    assert [text.count(line) for line in ("Six", *lines, "Read them.")] == [3] * 8
