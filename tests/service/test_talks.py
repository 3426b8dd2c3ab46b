"""A talk over HTTP: who gets which page, who may do what, and what everybody hears."""

import json
import re

import anyio
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from explorer import places
from explorer.service import talks
from explorer.service.talks import Served, routes
from explorer.talks.deck import read_deck
from tests.loops import in_a_thread

TALK = """
title = "Airplanes"
[[scene]]
title = "An airplane"
notes = "Breathe in first."
[[scene]]
ask = "What is nearer?"
choices = ["glider", "harbour"]
answer = "glider"
[[scene]]
title = "What is near?"
page = "similarity?first=cat&second=dog"
live = "first"
[[scene]]
title = "Not there"
page = "neighbours?word=airplne"
"""
HERE = "http://192.168.1.7:8503"
LIVE = "similarity?first=king&second=queen"


@pytest.fixture
def served():
    return Served.at(f"{HERE}/", read_deck(TALK, "airplanes.toml"))


@pytest.fixture
def visitor(served):
    client = TestClient(Starlette(routes=served.routes()), base_url=HERE)
    client.get("/talk")
    return client


@pytest.fixture
def presenter(served):
    client = TestClient(Starlette(routes=served.routes()), base_url=HERE)
    client.get(f"/?key={served.room.key}")
    return client


def data_of(page):
    return json.loads(re.search(r'<script type="application/json" id="talk">(.*)</script>', page)[1])


def state(**changes):
    return {"scene": 0, "press": 0, "screen": "", "page": "", "started": 0, "turn": 1, "by": "stage"} | changes


def test_the_notes_and_the_problems_are_the_presenters(visitor, presenter):
    whole, public = presenter.get("/talk"), visitor.get("/talk")
    assert data_of(whole.text)["scenes"][0]["notes"] == "Breathe in first."
    assert "airplne" in data_of(whole.text)["scenes"][3]["problem"]
    assert "Breathe" not in public.text
    assert {(scene["notes"], scene["problem"]) for scene in data_of(public.text)["scenes"]} == {("", "")}
    assert data_of(whole.text)["version"] == data_of(public.text)["version"]
    assert [data_of(page.text)["room"]["presents"] for page in (whole, public)] == [True, False]
    assert public.headers["cache-control"] == whole.headers["cache-control"] == "no-store"


def test_the_page_of_a_room_asks_no_other_host(visitor):
    text = visitor.get("/talk").text
    assert "default-src 'none'" in text
    assert "connect-src 'self'" in text
    assert "img-src data:" in text
    assert data_of(text)["room"]["picture"].startswith("data:image/svg+xml")
    assert data_of(text)["room"]["link"] == f"{HERE}/"


def test_who_knows_the_key_presents_and_nobody_else(served, visitor, presenter):
    assert presenter.post("/talk/room", json={"state": state(scene=1)}).status_code == 200
    assert served.room.state.scene == 1
    for path in ("/?key=", "/?key=wrong", "/"):
        assert visitor.get(path, follow_redirects=False).headers["location"] == "/talk"
    answer = visitor.post("/talk/room", json={"state": state(scene=2, turn=9)})
    assert (answer.status_code, answer.json()["error"]) == (403, "Only the presenter can do this.")
    assert visitor.get("/talk/phone").status_code == 403
    assert served.room.state.scene == 1


def test_cookies_are_for_this_server_alone_and_for_no_script(served, visitor):
    answers = [visitor.get(f"/?key={served.room.key}", follow_redirects=False)]
    answers.append(TestClient(Starlette(routes=served.routes()), base_url=HERE).get("/talk"))
    for answer in answers:
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Max-Age" not in cookie


def test_a_phone_becomes_the_remote_by_a_code_that_works_once(served, visitor, presenter):
    phone = presenter.get("/talk/phone").json()
    assert phone["link"] == f"{HERE}/talk#presenter"
    assert phone["picture"].startswith("data:image/svg+xml")
    wrong = visitor.post("/talk/room", json={"code": "12"})
    assert (wrong.status_code, "not right" in wrong.json()["error"]) == (403, True)
    assert visitor.post("/talk/room", json={"code": phone["code"]}).status_code == 200
    assert data_of(visitor.get("/talk").text)["scenes"][0]["notes"] == "Breathe in first."
    assert visitor.post("/talk/room", json={"state": state(scene=1)}).status_code == 200
    other = TestClient(Starlette(routes=served.routes()), base_url=HERE)
    assert other.post("/talk/room", json={"code": phone["code"]}).status_code == 403
    assert presenter.get("/talk/phone").json()["code"] != phone["code"]


@pytest.mark.parametrize("origin", ["https://evil.example", "http://192.168.1.7:9000", "null"])
def test_another_page_does_nothing_here(served, presenter, origin):
    answer = presenter.post("/talk/room", json={"state": state(scene=1)}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert served.room.state.scene == 0
    assert presenter.post("/talk/room", json={"state": state(scene=1)}, headers={"Origin": HERE}).status_code == 200


def test_a_visitor_votes_and_sends_words(served, visitor, presenter):
    presenter.post("/talk/room", json={"state": state(scene=1)})
    assert visitor.post("/talk/room", json={"vote": 0}).status_code == 400
    presenter.post("/talk/room", json={"ask": True})
    assert visitor.post("/talk/room", json={"vote": 0}).status_code == 200
    assert json.loads(served.room.news(False))["votes"] == [1, 0]
    presenter.post("/talk/room", json={"state": state(scene=2, turn=2)})
    presenter.post("/talk/room", json={"ask": True})
    assert visitor.post("/talk/room", json={"word": "king"}).status_code == 200
    (word,) = json.loads(served.room.news(True))["waiting"]
    assert visitor.post("/talk/room", json={"accept": word["number"]}).status_code == 403
    assert presenter.post("/talk/room", json={"accept": word["number"]}).status_code == 200
    assert presenter.post("/talk/room", json={"accept": word["number"]}).status_code == 404
    assert json.loads(served.room.news(False))["words"] == ["king"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[" * 5000, 400),
        (b'"x"', 400),
        (b"\xff", 400),
        (b'{"a": 1}', 400),
        (b"1" * 10_001, 413),
    ],
)
def test_what_cannot_be_read_is_a_sentence(presenter, body, status):
    answer = presenter.post("/talk/room", content=body)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_who_does_not_present_sees_of_live_scenes_what_is_shown(visitor, presenter):
    address = f"/talk/view?page={LIVE.replace('&', '%26')}"
    assert visitor.get(address).status_code == 403
    assert presenter.get(address).json()["drawing"]["kind"] == "number"
    presenter.post("/talk/room", json={"state": state(scene=2, page=LIVE)})
    assert visitor.get(address).json() == presenter.get(address).json()
    assert visitor.get("/talk/view?page=neighbours%3Fword%3Dking").status_code == 403


def test_who_listens_hears_everything_at_once_and_each_change(served):
    room = served.room

    async def listen():
        events = served.events(room.key, stage="here")
        first = await anext(events)
        room.act({"state": state(scene=1)}, room.key, "")
        second = await anext(events)
        room.act({"laser": [0.5, 0.25]}, room.key, "")
        third = await anext(events)
        await events.aclose()
        return first, second, third

    first, second, third = in_a_thread(listen)
    assert json.loads(first.removeprefix("data: "))["state"]["scene"] == 0
    assert json.loads(second.removeprefix("data: "))["state"]["scene"] == 1
    assert third == "event: laser\ndata: [0.5, 0.25]\n\n"
    assert json.loads(room.news(True))["stages"] == [], "it listens no more"


def test_a_visitor_hears_no_laser_but_something_now_and_then(served, monkeypatch):
    monkeypatch.setattr("explorer.service.talks._QUIET", 0.0)
    room = served.room

    async def listen():
        events = served.events(room.admit("", ""))
        heard = [await anext(events)]
        room.act({"laser": [0.5, 0.25]}, room.key, "")
        with anyio.fail_after(30):
            heard.append(await anext(events))
        await events.aclose()
        return heard

    first, second = in_a_thread(listen)
    assert first == second
    assert first.startswith("data: {")


def test_who_is_nobody_does_not_listen(served):
    stranger = TestClient(Starlette(routes=served.routes()), base_url=HERE)
    answer = stranger.get("/talk/room")
    assert answer.status_code == 503
    assert answer.json()["error"] == "This talk has as many visitors as it can take."


def test_without_a_network_there_is_no_room():
    client = TestClient(Starlette(routes=routes(lambda _name: read_deck(TALK, "airplanes.toml"))))
    assert "room" not in data_of(client.get("/talk?deck=this").text)
    for path in ("/talk/room", "/talk/phone", "/"):
        assert client.get(path).status_code == 404
    assert client.get(f"/talk/view?page={LIVE.replace('&', '%26')}").status_code == 200


def test_a_talk_is_computed_once_until_a_model_is_exchanged(tmp_path, monkeypatch):
    computed = []
    rehearse = talks.rehearse
    monkeypatch.setattr(talks, "rehearse", lambda deck: computed.append(deck.title) or rehearse(deck))
    monkeypatch.setattr(places, "MODELS", tmp_path)
    once = TALK.replace("Airplanes", "Once")
    client = TestClient(Starlette(routes=routes(lambda _name: read_deck(once, "once.toml"))))
    first = client.get("/talk?deck=this").text
    assert client.get("/talk?deck=this").text == first
    assert computed == ["Once"]
    (tmp_path / "mine").mkdir()
    client.get("/talk?deck=this")
    assert computed == ["Once", "Once"]
