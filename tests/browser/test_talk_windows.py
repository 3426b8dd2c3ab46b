"""The windows of a talk in one browser, served and from a file: they stay in step, after a reload too."""

import functools
import re
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, expect

from explorer.talks.deck import read_deck
from explorer.talks.document import as_html
from explorer.talks.rehearsal import rehearse
from tests.browser.conftest import HOST, wait_until

TITLES = ["An airplane", "Four lines", "Not there ⚠", "The end"]
TALK = """
title = "Airplanes"
minutes = 2
[[scene]]
title = "An airplane"
[[scene]]
title = "Four lines"
text = ["one", "two", "three", "four"]
reveal = "lines"
[[scene]]
title = "Not there"
page = "neighbours?word=airplne"
[[scene]]
title = "The end"
"""

pytestmark = pytest.mark.nightly  # make test keeps one of each kind elsewhere


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("talk")
    (folder / "talk.html").write_text(as_html(rehearse(read_deck(TALK, "airplanes.toml"))), encoding="utf-8")
    return folder


@pytest.fixture(params=["served", "file"])
def address(folder, request):
    if request.param == "file":
        yield (folder / "talk.html").as_uri()
        return
    server = ThreadingHTTPServer((HOST, 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{HOST}:{server.server_port}/talk.html"
    server.shutdown()
    server.server_close()


def presenter_of(stage: Page) -> Page:
    with stage.context.expect_page() as opened:
        stage.keyboard.press("p")
    expect(opened.value.get_by_role("button", name="On →")).to_be_visible()
    return opened.value


def expect_place(place: str, stage: Page, *desks: Page) -> None:
    """The windows are at a scene, or at a press of it, as in 2.1."""
    expect(stage).to_have_url(re.compile(rf"#{re.escape(place)}$"))
    number = int(place.partition(".")[0])
    for desk in desks:
        expect(desk.locator("[aria-current]")).to_have_text(f"{number}. {TITLES[number - 1]}")


@pytest.fixture
def stage(address, page) -> Page:
    page.goto(f"{address}#2.1")
    return page


def test_the_presenters_window_begins_where_the_talk_is_and_both_stay_in_step(stage):
    desk = presenter_of(stage)
    expect_place("2.1", stage, desk)
    expect(desk.locator(".pointed li").nth(1)).to_be_visible()
    expect(desk.locator(".pointed li").nth(2)).to_be_hidden()
    stage.keyboard.press("ArrowRight")
    expect(desk.locator(".pointed li").nth(2)).to_be_visible()
    desk.keyboard.press("End")
    expect_place("4", stage, desk)
    desk.keyboard.press("b")
    expect(stage.locator(".cover.black")).to_be_visible()
    stage.keyboard.press("b")
    desk.get_by_role("button", name="1. An airplane").click()
    expect_place("1", stage, desk)


@pytest.mark.parametrize("which", ["stage", "desk", "both"])
def test_a_reload_loses_nothing(stage, which):
    desk = presenter_of(stage)
    stage.keyboard.press("ArrowRight")
    started = "history.state.started"
    expect_place("2.2", stage, desk)
    began = stage.evaluate(started)
    assert began
    for window in {"stage": [stage], "desk": [desk], "both": [stage, desk]}[which]:
        window.reload()
    expect_place("2.2", stage, desk)
    assert [window.evaluate(started) for window in (stage, desk)] == [began, began]
    desk.keyboard.press("ArrowLeft")
    expect_place("2.1", stage, desk)
    stage.keyboard.press("Home")
    expect_place("1", stage, desk)


def test_two_presenters_and_the_stage_are_in_step(stage, address):
    desk = presenter_of(stage)
    second = stage.context.new_page()
    second.goto(f"{address}#presenter")
    expect_place("2.1", stage, desk, second)
    second.keyboard.press("ArrowRight")
    expect_place("2.2", stage, desk, second)
    desk.keyboard.press("End")
    expect_place("4", stage, desk, second)
    desk.keyboard.press("Home")
    second.keyboard.press("ArrowLeft")
    desk.keyboard.press("ArrowRight")
    windows = (stage, desk, second)
    wait_until(stage, lambda: len({window.evaluate("JSON.stringify(history.state)") for window in windows}) == 1)


def test_two_presenters_are_told_of_each_other_and_the_room_is_not(stage, address):
    desk, second = presenter_of(stage), stage.context.new_page()
    second.goto(f"{address}#presenter")
    expect_place("2.1", stage, desk, second)
    said = "Another presenter's window or phone moves the talk, too"
    stage.keyboard.press("ArrowRight")  # the clicker is nobody else
    expect_place("2.2", stage, desk, second)
    desk.keyboard.press("ArrowRight")
    expect_place("2.3", stage, desk, second)
    expect(desk.get_by_text(said)).to_have_count(0)
    second.keyboard.press("ArrowRight")
    expect(desk.get_by_text(said)).to_be_visible()
    expect(second.get_by_text(said)).to_be_visible()
    assert said not in stage.locator("body").inner_text()


def test_without_the_stage_the_presenter_is_told_and_goes_on(address, new_page):
    page = new_page("light", forgetful=True)
    page.clock.install()
    page.goto(f"{address}#presenter")
    problem = page.get_by_text("The window of the talk is not connected.")
    expect(problem).to_have_count(0)
    page.clock.run_for(12_000)
    expect(problem).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[aria-current]")).to_have_text("2. Four lines")
    page.keyboard.press("q")
    expect(page.get_by_text("explorer talk FILE --network")).to_be_visible()


def test_problems_are_said_to_the_presenter_alone(stage):
    desk = presenter_of(stage)
    desk.get_by_role("button", name="3. Not there").click()
    expect_place("3", stage, desk)
    expect(desk.get_by_text("“airplne” is not among")).to_be_visible()
    assert "airplne" not in stage.locator("body").inner_text()


def test_a_window_with_another_version_of_the_talk_is_not_followed(stage, folder, address):
    desk = presenter_of(stage)
    other = (folder / "talk.html").read_text(encoding="utf-8").replace('"four"', '"five"')
    version = re.search(r'"version": "(\w+)"', other)[1]
    (folder / "other.html").write_text(other.replace(version, "0" * 12), encoding="utf-8")
    newer = stage.context.new_page()
    newer.goto(f"{address.replace('talk.html', 'other.html')}#4")
    newer.keyboard.press("ArrowLeft")
    expect(desk.get_by_text("Another window shows another version of this talk.")).to_be_visible()
    expect_place("2.1", stage, desk)


def test_a_key_that_is_held_down_is_one_press(stage):
    for _ in range(5):
        stage.keyboard.down("ArrowRight")
    stage.keyboard.up("ArrowRight")
    stage.keyboard.press("ArrowRight")
    expect_place("2.3", stage)
