"""A talk that phones reach: the window of the room, the presenter's phone and one of the audience, in step; and what
happens when one of them is cut off."""

import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import HOST, ROOT, came_up, free_port, wait_until

TALK = """
title = "Airplanes"
minutes = 2
[[scene]]
title = "An airplane"
notes = "Breathe in first."
[[scene]]
ask = "What is nearer?"
choices = ["glider", "harbour"]
answer = "glider"
[[scene]]
title = "What is near?"
page = "neighbours?word=airplane&n=4"
live = "word"
[[scene]]
title = "The end"
"""
TURN = """fetch("/talk/room")
  .then((answer) => answer.body.getReader().read())
  .then(({ value }) => JSON.parse(new TextDecoder().decode(value).split("\\n")[0].slice(6)).state.turn)"""
PHONE = {"width": 390, "height": 844}


@dataclass
class Talk:
    """Addresses of a talk that is on, and the first code of the presenter's phone."""

    stage: str
    link: str
    remote: str
    code: str


@pytest.fixture(scope="module")
def talk(tmp_path_factory) -> Iterator[Talk]:
    file = tmp_path_factory.mktemp("talk") / "airplanes.toml"
    file.write_text(TALK, encoding="utf-8")
    port = free_port()
    command = [sys.executable, "-m", "explorer", "talk", str(file), "--network", "--host", HOST, "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        said = ""
        while "but not its notes" not in said:
            line = process.stdout.readline()
            assert line, f"The command ended: {said}"
            said += line
        assert came_up(process, lambda: is_open(port))
        stage, link, remote = re.findall(r"^  (\S+)$", said, re.MULTILINE)
        yield Talk(stage, link, remote, re.search(r"\b\d{8}\b", said)[0])
    finally:
        process.terminate()
        process.communicate()


def is_open(port: int) -> bool:
    try:
        socket.create_connection((HOST, port)).close()
    except OSError:
        return False
    return True


@pytest.fixture
def stage(talk, new_page) -> Page:
    """The window of the room, at the first scene."""
    page = new_page("light")
    page.goto(talk.stage)
    turn = page.evaluate(TURN)

    def begins() -> bool:
        page.keyboard.press("Home")  # counts once it has heard where the talk was before
        return page.evaluate("history.state.scene") == 0 and page.evaluate("history.state.turn") > turn

    wait_until(page, begins)
    return page


@pytest.fixture
def phone(talk, stage, new_page) -> Page:
    """The presenter's phone, connected by the code that the presenter's window shows."""
    return connected(talk, stage, new_page("light"))


def connected(talk: Talk, stage: Page, page: Page) -> Page:
    code = stage.evaluate("fetch('/talk/phone').then((answer) => answer.json()).then(({ code }) => code)")
    page.set_viewport_size(PHONE)
    page.goto(talk.remote)
    page.get_by_label("Code").fill(f"{code[:4]} {code[4:]}")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("button", name="On →")).to_be_visible()
    return page


@pytest.fixture
def visitor(talk, new_page) -> Page:
    page = new_page("light")
    page.set_viewport_size(PHONE)
    page.goto(talk.link)
    expect(page.get_by_role("status").first).to_have_text("You follow the talk.")
    return page


def scene(page: Page):
    return page.locator(".scene.current").first


def expect_scene(title: str, *pages: Page) -> None:
    for page in pages:
        expect(scene(page)).to_have_attribute("aria-label", title)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_the_command_prints_a_code_with_which_a_phone_becomes_the_remote_once(talk, new_page):
    page, other = new_page("light"), new_page("light")
    for each in (page, other):
        each.goto(talk.remote)
        expect(each.get_by_role("heading", name="Airplanes")).to_be_visible()
    page.get_by_label("Code").fill("1234")
    press(page, "Connect")
    expect(page.get_by_role("alert")).to_have_text(re.compile("not right"))
    page.get_by_label("Code").fill(talk.code)
    press(page, "Connect")
    expect(page.get_by_text("Breathe in first.")).to_be_visible()
    other.goto(f"{talk.remote}={talk.code}")
    other.reload()
    expect(other.get_by_role("alert")).to_have_text(re.compile("was used"))
    page.reload()
    expect(page.get_by_text("Breathe in first.")).to_be_visible()


def test_the_steps_of_the_phone_and_of_the_clicker_reach_everybody(stage, phone, visitor):
    expect_scene("An airplane", stage, phone, visitor)
    expect(phone.get_by_text("Breathe in first.")).to_be_visible()
    press(phone, "On →")
    expect_scene("What is nearer?", stage, phone, visitor)
    stage.keyboard.press("End")
    expect_scene("The end", stage, phone, visitor)
    phone.get_by_role("button", name="3. What is near?").click()
    expect_scene("What is near?", stage, phone, visitor)
    for page in (stage, phone, visitor):
        page.reload()
    expect_scene("What is near?", stage, phone, visitor)
    stage.keyboard.press("ArrowLeft")
    expect_scene("What is nearer?", stage, phone, visitor)
    expect(scene(visitor).locator(".right")).to_have_text("glider")


@pytest.mark.nightly
def test_a_visitor_lets_go_and_follows_again(stage, visitor):
    press(visitor, "On →")
    expect_scene("What is nearer?", visitor)
    expect(visitor.get_by_role("status").first).to_have_text("You browse by yourself.")
    expect_scene("An airplane", stage)
    stage.keyboard.press("End")
    expect_scene("The end", stage)
    expect_scene("What is nearer?", visitor)
    press(visitor, "Follow again")
    expect_scene("The end", visitor)
    expect(visitor.get_by_role("button", name="Follow again")).to_be_hidden()


def test_a_vote_appears_in_the_scene(stage, phone, visitor):
    press(phone, "On →")
    expect_scene("What is nearer?", visitor)
    expect(visitor.get_by_role("button", name="harbour")).to_have_count(0)
    press(phone, "Ask the audience")
    press(visitor, "harbour")
    expect(visitor.get_by_text("Your vote counts: harbour")).to_be_visible()
    for page in (stage, phone, visitor):
        expect(scene(page).locator(".choices li")).to_have_text(["glider", "harbour"])
        expect(scene(page).locator("[data-votes='1']")).to_have_text("harbour")
    press(visitor, "glider")
    expect(scene(stage).locator("[data-votes='1']")).to_have_text("glider")
    press(phone, "On →")
    expect(visitor.get_by_role("button", name="harbour")).to_have_count(0)
    expect(scene(stage).locator("[data-votes='1']")).to_have_text("glider")


def test_a_word_appears_when_the_presenter_takes_it(stage, phone, visitor):
    phone.get_by_role("button", name="3. What is near?").click()
    expect_scene("What is near?", stage, visitor)
    press(phone, "Ask the audience")
    for word in ("glider", "<b>harbour</b>"):
        visitor.get_by_label("Your word").fill(word)
        press(visitor, "Send")
        expect(visitor.get_by_text(f"Sent: {word}")).to_be_visible()
    expect(phone.locator(".waiting li span")).to_have_text(["glider", "<b>harbour</b>"])
    expect(stage.locator(".heard .word")).to_have_count(0)
    phone.keyboard.press("y")
    for page in (stage, phone, visitor):
        expect(scene(page).locator(".heard .word")).to_have_text(["glider"])
        expect(scene(page).locator(".caption")).to_contain_text("cosine with glider")
    press(phone, "Show: <b>harbour</b>")
    for page in (stage, visitor):
        expect(scene(page).locator(".heard .word").last).to_have_text("<b>harbour</b>")
        expect(scene(page).locator(".caption")).to_contain_text("cosine with airplane")
    expect(phone.get_by_role("status")).to_contain_text("“<b>harbour</b>” is not among")
    assert "not among" not in stage.locator("body").inner_text()


def test_the_link_and_the_laser_of_the_phone_are_on_the_stage(talk, stage, phone):
    press(phone, "Link for phones")
    code = stage.get_by_role("img", name=talk.link)
    expect(code).to_be_visible()
    assert code.evaluate("(image) => image.decode().then(() => image.naturalWidth > 0)")
    stage.keyboard.press("q")
    expect(code).to_be_hidden()
    box = phone.locator(".pointed").bounding_box()
    phone.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    phone.mouse.down()
    phone.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    dot = stage.locator("body > .laser")
    expect(dot).to_be_visible()
    wait_until(stage, lambda: abs(dot.bounding_box()["x"] + 14 - 320) < 2)
    phone.mouse.up()
    expect(dot).to_be_hidden()
    expect_scene("An airplane", stage)


@pytest.mark.nightly
def test_a_phone_that_is_cut_off_does_not_stop_the_talk(stage, phone, visitor):
    for page in (phone, visitor):
        page.context.set_offline(True)
        expect(page.get_by_role("status").first).to_contain_text("Not connected.")
    press(phone, "On →")
    stage.keyboard.press("End")
    expect_scene("The end", stage)
    expect_scene("An airplane", phone, visitor)
    for page in (phone, visitor):
        page.context.set_offline(False)
    expect_scene("The end", phone, visitor)
    expect(phone.get_by_role("status")).to_have_text("")
    press(phone, "← Back")
    expect_scene("What is near?", stage)


def test_a_stage_that_is_cut_off_goes_on_and_the_others_learn_where_it_is(stage, phone, visitor):
    stage.context.set_offline(True)
    stage.keyboard.press("ArrowRight")
    stage.keyboard.press("ArrowRight")
    stage.keyboard.press("ArrowRight")
    expect_scene("What is near?", stage)
    assert "Not connected" not in stage.locator("body").inner_text()
    expect_scene("An airplane", phone, visitor)
    stage.context.set_offline(False)
    expect_scene("What is near?", phone, visitor)


@pytest.mark.nightly
def test_the_presenter_is_told_that_the_window_of_the_room_was_closed_and_who_is_there(stage, phone, visitor):
    expect(phone.get_by_text("Phones that follow: 1")).to_be_visible()
    visitor.close()
    expect(phone.get_by_text("Phones that follow: 0")).to_be_visible()
    expect(phone.get_by_role("status")).to_have_text("")
    stage.close()
    expect(phone.get_by_role("status")).to_contain_text("The window of the talk is not connected.")


@pytest.mark.nightly
def test_two_presenters_at_once_end_at_the_same_scene(talk, stage, phone, new_page):
    second = connected(talk, stage, new_page("light"))
    press(phone, "On →")
    second.get_by_role("button", name="4. The end").click()
    press(phone, "← Back")
    wait_until(stage, lambda: len({scene(page).get_attribute("aria-label") for page in (stage, phone, second)}) == 1)
    press(second, "← Back")
    press(second, "On →")
    where = scene(second).get_attribute("aria-label")
    expect_scene(where, stage, phone)


@pytest.mark.nightly
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_axe_finds_nothing_on_phones(talk, stage, new_page: Callable[[str], Page], color_scheme):
    remote, audience, stranger = new_page(color_scheme), new_page(color_scheme), new_page(color_scheme)
    for page, address in ((audience, talk.link), (stranger, talk.remote)):
        page.set_viewport_size(PHONE)
        page.goto(address)
    connected(talk, stage, remote)
    stage.keyboard.press("ArrowRight")
    expect_scene("What is nearer?", stage, remote, audience)
    press(remote, "Ask the audience")
    press(audience, "harbour")
    expect(scene(remote).locator("li[data-votes]", has_text="harbour")).to_be_visible()
    press(remote, "Link for phones")
    expect(stage.get_by_role("img", name=talk.link)).to_be_visible()
    for page in (remote, audience, stranger, stage):
        violations = Axe().run(page).response["violations"]
        assert [(rule["id"], node["html"]) for rule in violations for node in rule["nodes"]] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
