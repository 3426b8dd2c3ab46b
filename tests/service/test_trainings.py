"""Trainings are found by their key, bounded together, and end when they are forgotten."""

import pytest

from explorer.errors import NotThere, UserError
from explorer.lessons import trainings
from explorer.lessons.trainings import AtCheckpoint, Watched, begin, find, forget
from tests.lessons.test_learning import learn


@pytest.fixture(autouse=True)
def none_kept(monkeypatch):
    monkeypatch.setattr(trainings, "_kept", {})


def started(updates=5):
    watched = Watched(learn(updates), "A toy", {"updates": "5"})
    begin(watched)
    return watched


def test_a_training_is_found_until_it_is_forgotten():
    watched = started(5000)
    assert find(watched.key) is watched
    forget(watched.key)
    watched.learning.wait(60)
    assert watched.learning.step < 5000
    with pytest.raises(NotThere, match="not kept any more"):
        find(watched.key)


def test_the_oldest_that_has_ended_makes_room_and_one_that_runs_does_not(monkeypatch):
    monkeypatch.setattr(trainings, "MOST_KEPT", 2 * learn(5).most_bytes)
    first, second = started(), started()
    for watched in (first, second):
        watched.learning.wait(60)
    third = started()
    with pytest.raises(NotThere):
        find(first.key)
    assert find(second.key) is second
    third.learning.wait(60)
    monkeypatch.setattr(trainings, "MOST_KEPT", learn(5000).most_bytes)
    running = started(5000)
    with pytest.raises(UserError, match="leave no room"):
        started(5000)
    assert trainings.runs(running.key)
    begin(other := Watched(learn(5), "Another"), instead=running.key)
    for watched in (running, other):
        watched.learning.wait(60)
    assert running.learning.step < 5000
    assert [key for key in (running.key, other.key) if key in trainings._kept] == [other.key]


def test_a_lesson_has_the_weights_of_its_checkpoint():
    watched = started()
    watched.learning.wait(60)
    subject = AtCheckpoint(watched.key, 3, ("one", "two"), ("dos", "uno")).subject
    assert subject.translator.parameters is watched.learning.moment(3).parameters
    assert AtCheckpoint(watched.key, 3, ("one",), None).subject.encoder_only
