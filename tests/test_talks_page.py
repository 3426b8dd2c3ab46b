"""The page of talks: an outline whose scenes are edited."""

import pytest

from explorer import places
from explorer.talks.deck import Deck, Scene, open_deck, save
from tests.test_pages import sentences, visit


@pytest.fixture
def talk(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "TALKS", tmp_path)
    save("mine", Deck("Mine", (Scene(title="One"), Scene(title="Two"))))
    return lambda: open_deck("mine")


def changed_elsewhere(app):
    return any("changed in another window" in sentence for sentence in sentences(app))


def test_a_scene_is_edited_and_kept(talk):
    app = visit("talks", talk="mine")
    next(box for box in app.text_area if box.label == "Speaker's notes").set_value("Say this.").run()
    assert talk().scenes == (Scene(title="One", notes="Say this."), Scene(title="Two"))
    assert not changed_elsewhere(app)


def test_a_talk_that_changed_in_another_window_is_said(talk):
    app = visit("talks", talk="mine")
    save("mine", Deck("Mine", (Scene(title="Uno"), Scene(title="Two"))))
    app.run()
    assert changed_elsewhere(app)
    assert next(box for box in app.text_input if box.label == "Title").value == "Uno"
    assert not changed_elsewhere(app.run())


def test_boxes_stay_while_another_one_is_read(talk):
    app = visit("talks", talk="mine")
    before = [box.key for box in (*app.text_input, *app.text_area)]
    next(box for box in app.text_input if box.label == "Title").set_value("Uno").run()
    assert [box.key for box in (*app.text_input, *app.text_area)] == before
    assert talk().scenes[0].title == "Uno"


def test_a_question_to_the_room_is_added_and_written(talk):
    app = visit("talks", talk="mine")
    next(button for button in app.button if button.label == "Add a question to the room").click().run()
    next(box for box in app.text_input if box.label == "Its choices, with semicolons").set_value("a; b ;").run()
    next(box for box in app.text_input if box.label == "Its answer").set_value("b").run()
    scene = talk().scenes[2]
    assert (scene.choices, scene.answer, scene.reveal) == (("a", "b"), "b", "answer")


def test_a_talk_is_removed(talk, tmp_path):
    app = visit("talks", talk="mine")
    next(button for button in app.button if button.label == "Remove the whole talk").click().run()
    assert list(tmp_path.iterdir()) == []
    assert app.query_params == {}
