"""The room of a talk: who may move it, what the audience votes and says, and how much of it there may be."""

import json
from contextlib import suppress
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import NotThere, UserError
from explorer.talks import room as rooms
from explorer.talks import state as states
from explorer.talks.deck import read_deck
from explorer.talks.pace import Pace
from explorer.talks.rehearsal import rehearse
from explorer.talks.room import Refused, Room, Subject, subjects
from explorer.talks.state import State

TALK = """
title = "Airplanes"
[[scene]]
title = "An airplane"
[[scene]]
ask = "What is nearer?"
choices = ["glider", "harbour", "ferry"]
answer = "glider"
[[scene]]
title = "What is near?"
page = "similarity?first=cat&second=dog"
live = "first"
[[scene]]
ask = "How many words?"
answer = "80,571"
"""
QUESTION, LIVE = 1, 2
HOME = "192.168.1.20"


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(scope="module")
def talk():
    return rehearse(read_deck(TALK, "airplanes.toml"))


@pytest.fixture
def room(talk, clock):
    return Room(subjects(talk), clock)


@pytest.fixture
def visitor(room):
    return room.admit("", HOME)


def go(room, turn, by="stage", **changes):
    room.act({"state": asdict(replace(room.state, turn=turn, by=by, **changes))}, room.key, HOME)


def ask(room, scene):
    go(room, room.state.turn + 1, scene=scene)
    room.act({"ask": True}, room.key, HOME)


def news(room, presents=False):
    return json.loads(room.news(presents))


def test_what_can_be_asked_at_a_scene_follows_from_what_it_shows(talk):
    assert subjects(talk) == (Subject(), Subject(3, True), Subject(0, True), Subject(0, True))
    assert [each.kind for each in subjects(talk)] == ["", "vote", "word", "word"]


# Where the talk is


def test_the_presenter_moves_the_talk_and_everybody_hears_it(room, visitor):
    heard = []
    with room.listener(visitor, lambda: heard.append(news(room)["state"])):
        go(room, 1, scene=2, press=1, page="similarity?first=king&second=queen")
    assert heard[-1] == asdict(room.state)
    assert (room.state.scene, room.state.press, room.state.page) == (2, 1, "similarity?first=king&second=queen")


turns = st.tuples(st.integers(0, 5), st.sampled_from("abc"))  # a window makes a turn once


@given(st.dictionaries(turns, st.integers(0, 3), max_size=8), st.data())
def test_in_whatever_order_the_acts_of_two_presenters_come_the_last_is_right(sent, data):
    states = [State(scene, turn=turn, by=by) for (turn, by), scene in sent.items()]
    for order in (states, data.draw(st.permutations(states))):
        room = Room((Subject(),) * 4)
        for state in order:
            room.act({"state": asdict(state)}, room.key, HOME)
        assert room.state == max([State(), *states], key=lambda state: (state.turn, state.by))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
acts = st.sampled_from(["state", "laser", "ask", "accept", "drop", "vote", "word", "code"])


@given(json_values | st.dictionaries(acts, json_values, min_size=1, max_size=2), st.booleans())
def test_whatever_is_sent_is_done_or_refused_with_a_sentence(said, presents):
    room = Room((Subject(), Subject(2)))
    person = room.key if presents else room.admit("", HOME)
    with suppress(UserError):
        room.act(said, person, HOME)
    assert State.read(asdict(room.state), 2) == room.state
    assert presents or room.state == State()
    json.loads(room.news(True))


@given(st.sampled_from(list(asdict(State()))), json_values)
def test_a_state_with_one_wrong_value_is_no_state(name, value):
    said = asdict(State()) | {name: value}
    try:
        state = State.read(said, 1)
    except UserError:
        return
    assert type(value) is type(asdict(State())[name]) or name == "started"
    assert asdict(state) == said
    assert state.scene == 0
    assert state.screen in states.SCREENS


def test_the_laser_points_into_the_scene_or_nowhere(room):
    room.act({"laser": [0.25, 1]}, room.key, HOME)
    assert room.laser == (0.25, 1)
    for wrong in ([0.2], [0.2, 1.1], [float("nan"), 0], "here", [True, 0]):
        with pytest.raises(UserError, match="two numbers from 0 to 1"):
            room.act({"laser": wrong}, room.key, HOME)
    room.act({"laser": None}, room.key, HOME)
    assert room.laser is None


# Who is who


@pytest.mark.parametrize("act", ["state", "laser", "ask", "accept", "drop"])
def test_a_visitor_moves_nothing(room, visitor, act):
    for person in (visitor, "", "presenter", "é"):
        with pytest.raises(Refused, match="Only the presenter") as refused:
            room.act({act: None}, person, HOME)
        assert refused.value.status == 403


def test_a_code_works_once(room):
    code = room.code
    phone = room.let_in(f"{code[:4]} {code[4:]}", HOME)
    assert room.is_presenter(phone)
    assert room.code != code
    with pytest.raises(Refused, match="not right, or was used"):
        room.let_in(code, HOME)
    room.act({"ask": False}, phone, HOME)


def test_wrong_codes_are_limited_for_each_address_and_for_all(room, clock):
    for _ in range(rooms.MOST_CODES):
        with pytest.raises(Refused, match="not right"):
            room.let_in("", HOME)
    with pytest.raises(Refused, match="Wait a minute") as refused:
        room.let_in(room.code, HOME)
    assert refused.value.status == 429
    room.let_in(room.code, "192.168.1.21")
    clock.now = 61
    for _ in range(2 * rooms.MOST_CODES):
        room.let_in(room.code, HOME)  # right ones are never too many
    for number in range(10 * rooms.MOST_CODES):
        with pytest.raises(Refused, match="not right"):
            room.let_in("", f"10.0.0.{number}")
    with pytest.raises(Refused, match="Wait a minute"):
        room.let_in(room.code, "192.168.1.22")


def test_the_room_takes_so_many_visitors_and_windows(room, monkeypatch):
    monkeypatch.setattr(rooms, "MOST_AT_AN_ADDRESS", 2)
    monkeypatch.setattr(rooms, "MOST_VISITORS", 3)
    first, second = room.admit("", HOME), room.admit("", HOME)
    assert room.admit(first, HOME) == first
    assert room.admit("made up", HOME) == ""
    assert room.admit("", "192.168.1.21")
    assert room.admit("", "192.168.1.22") == ""
    wakes = [lambda number=number: None for number in range(rooms.MOST_WINDOWS)]
    listeners = [room.listener(first, wake) for wake in wakes]
    for listener in listeners:
        listener.__enter__()
    for person in (first, "", "made up"):
        with pytest.raises(Refused, match="as many visitors") as refused:
            room.check_listener(person)
        assert refused.value.status == 503
    room.check_listener(second)
    assert news(room, presents=True)["visitors"] == 1
    listeners[0].__exit__(None, None, None)
    room.check_listener(first)


def test_the_presenter_hears_whether_the_window_of_the_room_listens(room, visitor):
    with room.listener(visitor, lambda: None, stage="here"):
        assert news(room, presents=True)["stages"] == []
        with room.listener(room.key, lambda: None, stage="here"):
            assert news(room, presents=True)["stages"] == ["here"]
    assert news(room, presents=True)["stages"] == []


@given(st.lists(st.floats(0, 30), max_size=80))
def test_a_pace_never_allows_more_in_a_minute(waits):
    clock = Clock()
    pace, times = Pace(5, clock), []
    for wait in waits:
        clock.now += wait
        if pace.allows("a"):
            pace.count("a")
            times.append(clock.now)
    assert all(later - first >= 60 for first, later in zip(times, times[5:], strict=False))


def test_a_pace_forgets_who_is_quiet(clock):
    pace = Pace(5, clock)
    for name in "abc":
        pace.count(name)
    clock.now = 61
    assert pace.allows("d")
    assert pace.times == {}


# The audience


def test_votes_count_once_each_while_the_presenter_asks(room, visitor):
    other = room.admit("", HOME)
    go(room, 1, scene=QUESTION)
    with pytest.raises(UserError, match="Nobody is asked to vote"):
        room.act({"vote": 0}, visitor, HOME)
    ask(room, QUESTION)
    assert news(room)["asks"] == "vote"
    for person, choice in ((visitor, 0), (visitor, 2), (other, 2)):
        room.act({"vote": choice}, person, HOME)
    assert news(room)["votes"] == [0, 0, 2]
    for wrong in (3, -1, "0", True, None):
        with pytest.raises(UserError, match="not there"):
            room.act({"vote": wrong}, visitor, HOME)
    with pytest.raises(UserError, match="Nobody is asked for a word"):
        room.act({"word": "glider"}, visitor, HOME)


def test_asking_is_off_until_asked_for_and_ends_with_the_answer_and_the_scene(room, visitor):
    assert not room.asking
    room.act({"ask": True}, room.key, HOME)
    assert not room.asking, "the first scene asks nothing"
    ask(room, QUESTION)
    room.act({"vote": 1}, visitor, HOME)
    go(room, 8, press=1)
    assert not room.asking
    assert news(room)["votes"] == [0, 1, 0], "they stay in the scene"
    ask(room, LIVE)
    go(room, 20, press=1)
    assert room.asking, "a live scene has no answer to give away"
    go(room, 21, scene=0)
    assert not room.asking
    assert news(room)["votes"] == []
    go(room, 22, scene=QUESTION)
    assert news(room)["votes"] == [0, 1, 0]


def test_words_appear_when_the_presenter_takes_them(room, visitor):
    ask(room, LIVE)
    for word in ("  twin  propellers ", "<script>alert(1)</script>"[:30], "glider"):
        room.act({"word": word}, visitor, HOME)
    room.act({"word": "glider"}, room.admit("", HOME), HOME)
    assert news(room)["words"] == []
    assert "waiting" not in news(room)
    waiting = news(room, presents=True)["waiting"]
    assert [each["word"] for each in waiting] == ["twin propellers", "<script>alert(1)</script>", "glider"]
    assert visitor not in room.news(True)
    room.act({"accept": waiting[2]["number"]}, room.key, HOME)
    room.act({"drop": waiting[0]["number"]}, room.key, HOME)
    assert news(room)["words"] == ["glider"]
    assert [each["word"] for each in news(room, presents=True)["waiting"]] == ["<script>alert(1)</script>"]
    with pytest.raises(NotThere):
        room.act({"accept": waiting[0]["number"]}, room.key, HOME)


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("", "letters"),
        ("   ", "letters"),
        ("a\u202eb", "letters"),
        ("a\x00", "letters"),
        ("\ud800", "letters"),
        (7, "letters"),
        (None, "letters"),
        ("a" * 31, "at most 30"),
    ],
)
def test_what_is_no_short_word_is_refused(room, visitor, word, sentence):
    ask(room, LIVE)
    with pytest.raises(UserError, match=sentence):
        room.act({"word": word}, visitor, HOME)
    assert news(room, presents=True)["waiting"] == []


def test_the_audience_is_limited(room, visitor, clock, monkeypatch):
    ask(room, LIVE)
    for number in range(rooms.MOST_OF_A_VISITOR):
        room.act({"word": f"word {number}"}, visitor, HOME)
    with pytest.raises(Refused, match="wait for the presenter"):
        room.act({"word": "one more"}, visitor, HOME)
    monkeypatch.setattr(rooms, "MOST_WAITING", rooms.MOST_OF_A_VISITOR)
    with pytest.raises(Refused, match="wait for the presenter"):
        room.act({"word": "of another"}, room.admit("", HOME), HOME)
    ask(room, QUESTION)
    for _ in range(rooms.MOST_REQUESTS - rooms.MOST_OF_A_VISITOR - 1):
        room.act({"vote": 0}, visitor, HOME)
    with pytest.raises(Refused, match="too often") as refused:
        room.act({"vote": 0}, visitor, HOME)
    assert refused.value.status == 429
    for stranger in ("", "made up"):
        with pytest.raises(Refused, match="as many visitors"):
            room.act({"vote": 0}, stranger, HOME)
    clock.now = 61
    room.act({"vote": 0}, visitor, HOME)


def test_the_last_words_of_a_scene_stay(room, visitor, monkeypatch):
    monkeypatch.setattr(rooms, "MOST_WORDS", 2)
    ask(room, LIVE)
    for word in ("one", "two", "three"):
        room.act({"word": word}, visitor, HOME)
        room.act({"accept": news(room, presents=True)["waiting"][0]["number"]}, room.key, HOME)
    assert news(room)["words"] == ["two", "three"]
