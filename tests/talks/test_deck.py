"""Decks: what their TOML may say, that they are written as they are read, and that nothing else is opened."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer import places
from explorer.errors import NotThere, UserError
from explorer.talks.deck import (
    REVEALS,
    Deck,
    Scene,
    add,
    move,
    name_of,
    open_deck,
    own_names,
    read_deck,
    remove,
    save,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40).map(str.strip)
LINES = st.lists(TEXT, max_size=4).map(tuple)
SCENES = st.builds(
    Scene,
    title=TEXT.filter(bool),
    notes=TEXT,
    page=TEXT,
    text=LINES,
    quote=TEXT,
    ask=TEXT,
    choices=LINES,
    answer=TEXT,
    highlight=LINES,
    reveal=st.sampled_from(REVEALS),
    shows=TEXT,
)


@given(TEXT.filter(bool), st.lists(SCENES, min_size=1, max_size=3), st.none() | st.integers(1, 90))
def test_what_is_written_is_read_again(title, scenes, minutes):
    deck = Deck(title, tuple(scenes), "somebody", minutes)
    assert read_deck(deck.as_toml(), "deck") == deck


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("title = 'x'", "has no scenes"),
        ("[[scene]]\ntitel = 'x'", "Scene 1 of “deck” has no “titel”"),
        ("[[scene]]\ntitle = 'a'\n[[scene]]\nnotes = 'b'", "Scene 2 of “deck” shows nothing"),
        ("[[scene]]\ntitle = 3", "title must be a text"),
        ("[[scene]]\ntitle = 'a'\nreveal = 'slowly'", "reveal is “slowly”"),
        ("[[scene]]\ntitle = 'a'\ntext = 3", "text is a list"),
        ("minutes = -1\n[[scene]]\ntitle = 'a'", "number above 0"),
        ("minutes = nan\n[[scene]]\ntitle = 'a'", "number above 0"),
        ("minutes = inf\n[[scene]]\ntitle = 'a'", "number above 0"),
        ("colour = 'red'\n[[scene]]\ntitle = 'a'", "has no “colour”"),
        ("scene = 3", "has no scenes"),
        ("[[scene", "deck"),
        (f"[[scene]]\ntitle = '{'x' * 500}'", "500 characters"),
        ("[[scene]]\ntitle = 'a'\n" * 201, "201 scenes"),
    ],
)
def test_what_is_no_talk_is_said_with_the_scene(text, sentence):
    with pytest.raises(UserError, match=sentence):
        read_deck(text, "deck")


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "", "no-such-talk", "a/b"])
def test_a_name_is_no_path(name):
    with pytest.raises(NotThere):
        open_deck(name)


@pytest.fixture
def own(monkeypatch, tmp_path):
    monkeypatch.setattr(places, "TALKS", tmp_path / "talks")
    return tmp_path / "talks"


def test_scenes_are_added_to_a_talk_of_ones_own(own):
    name = name_of("My talk, 1st!")
    add(name, "My talk, 1st!", Scene(page="neighbours?word=tea"))
    add(name, "unused", Scene(title="End"))
    assert own_names() == ("my-talk-1st",)
    assert open_deck(name) == Deck("My talk, 1st!", (Scene(page="neighbours?word=tea"), Scene(title="End")))


def test_what_could_not_be_read_again_is_not_written(own):
    save("mine", Deck("Mine", (Scene(title="a"),)))
    with pytest.raises(UserError, match="6001 characters"):
        save("mine", Deck("Mine", (Scene(title="a", notes="x" * 6_001),)))
    with pytest.raises(UserError, match="201 scenes"):
        save("mine", Deck("Mine", (Scene(title="a"),) * 201))
    assert open_deck("mine") == Deck("Mine", (Scene(title="a"),))


def test_a_new_talk_hides_none_that_came_along(own):
    with pytest.raises(UserError, match="already"):
        add("what-is-an-embedding", "What is an embedding?", Scene(title="a"))
    assert own_names() == ()


def test_scenes_that_come_at_once_are_all_kept(own):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: add("mine", "Mine", Scene(title=str(n))), range(40)))
    assert sorted(int(scene.title) for scene in open_deck("mine").scenes) == [*range(40)]


def test_the_name_of_a_long_title_can_be_saved(own):
    name = name_of("x" * 59 + " and more")
    save(name, Deck("t", (Scene(title="a"),)))
    assert own_names() == (name,)


def test_scenes_are_moved_and_removed():
    deck = Deck("t", tuple(Scene(title=letter) for letter in "abcd"))
    assert [scene.title for scene in move(deck, 0, 2).scenes] == [*"bcad"]
    assert [scene.title for scene in move(deck, 3, 0).scenes] == [*"dabc"]
    assert [scene.title for scene in remove(deck, 1).scenes] == [*"acd"]
    one = Deck("t", (Scene(title="a"),))
    assert remove(one, 0) == one


def test_ones_own_talk_stands_before_the_one_that_came_along(own):
    save("what-is-an-embedding", Deck("Mine", (Scene(title="a"),)))
    assert open_deck("what-is-an-embedding").title == "Mine"


@pytest.mark.parametrize("name", ["../up", "A", "a b", ""])
def test_a_talk_is_saved_under_a_plain_name_only(own, name):
    with pytest.raises(UserError):
        save(name, Deck("a", (Scene(title="a"),)))
    assert not own.exists()
