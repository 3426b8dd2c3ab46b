"""A training that is watched does what one that nobody watches does, and ends when it should."""

import csv
import errno
import io
import json
import time
import weakref
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from explorer.data.pairs import PairsError, parse_pairs
from explorer.errors import UserError
from explorer.lessons import learning, moments
from explorer.lessons.learning import Learning
from explorer.lessons.lesson import lesson
from explorer.lessons.moments import bytes_of
from explorer.lessons.renderings import render
from explorer.transformer.decoding import greedy
from explorer.transformer.training import Recipe, Training
from tests.transformer.conftest import toy_pairs, toy_translator

RECIPE = Recipe(batch_size=8, rate=0.01, seed=3)


def learn(updates=30, recipe=RECIPE, pairs=None, validation=None):
    pairs = toy_pairs(64, seed=0) if pairs is None else pairs
    validation = toy_pairs(16, seed=1) if validation is None else validation
    return Learning(toy_translator(), pairs, validation, recipe, updates)


def test_it_is_the_same_training():
    watched = learn()
    watched.start()
    watched.wait(60)
    plain = Training(toy_translator(), Recipe(batch_size=8, rate=0.01, seed=3, epochs=4))
    plain.run(toy_pairs(64, seed=0), cancelled=lambda: plain.step >= 30)
    assert watched.losses == tuple(plain.losses)
    assert watched.step == 30
    last = watched.moments[-1]
    for name, array in plain.translator.parameters.items():
        np.testing.assert_array_equal(last.parameters[name], array)
        np.testing.assert_array_equal(last.optimiser["m"][name], plain.optimiser_state()["m"][name])
    steps = [moment.step for moment in watched.moments]
    assert steps[:4] == [0, 1, 2, 3]
    assert steps[-1] == 30
    assert watched.moment(0).step == 0
    assert watched.moment(29).step <= 29
    assert watched.moments[-1].measure.loss < watched.moments[0].measure.loss


def test_a_weight_and_a_map_through_time():
    watched = learn(12)
    watched.start()
    watched.wait(60)
    points = watched.weight("source.table", 5, 2)
    assert [point.step for point in points] == [moment.step for moment in watched.moments]
    assert points[0].m == points[0].v == 0
    assert points[-1].v > 0
    assert points[0].change == 0
    for earlier, later in pairwise(points):
        if later.step == earlier.step + 1:
            assert later.change == pytest.approx(later.value - earlier.value, rel=1e-3, abs=1e-7)
    before, after = (watched.neighbours("one", watched.moments[at], n=3) for at in (0, -1))
    assert all(near.risen == 0 for near in before)
    assert len(after) == 3
    assert watched.neighbours("nowhere", watched.moments[-1]) == ()
    around = watched.around("one", 3)
    assert around[0] == "one"
    assert set(around[1:]) == {near.word for near in (*before, *after)}
    assert len(watched.embedding_map(around)[0]) == len(around)
    maps = watched.embedding_map(["one", "two", "three", "nowhere"])
    assert len(maps) == len(points)
    assert maps[0].shape == (3, 2)
    np.testing.assert_allclose(maps[-1].mean(axis=0), 0, atol=1e-9)
    with pytest.raises(UserError, match="no weight"):
        watched.weight("source.table", 5, 200)
    with pytest.raises(UserError, match="three words"):
        watched.embedding_map(["one", "nowhere"])


def test_a_lesson_of_any_moment():
    watched = learn(12)
    watched.start()
    watched.wait(60)
    first, last = (lesson(watched.example_at(watched.moment(step), ["one", "two"], ["dos", "uno"])) for step in (0, 12))
    assert [told.example.origin.split("training ")[1] for told in (first, last)] == [
        "before the first update.",
        "after 12 updates.",
    ]
    assert last.trace["loss"].value != first.trace["loss"].value
    assert first.example.title == "After 0 updates"


def test_a_lesson_of_a_moment_says_what_it_was_trained_with():
    watched = learn(12, replace(RECIPE, smoothing=0.1))
    watched.start()
    watched.wait(60)
    first, last = (watched.example_at(watched.moment(step), ["one", "two"], ["dos", "uno"]) for step in (0, 12))
    assert first.trained_with == (0.0, 0.0)
    assert last.trained_with == (0.1, 0.0)


def test_the_notebook_of_a_moment_computes_it():
    watched = learn(12)
    watched.start()
    watched.wait(60)
    told = lesson(watched.example_at(watched.moment(5), ["one", "two"], ["dos", "uno"]))
    notebook = json.loads(render(told, "ipynb"))
    code = "\n".join(cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code")
    exec(code, {})
    changed = code.replace(f"{told.trace['loss'].value.item()!r}", "0.5")
    assert changed != code
    with pytest.raises(AssertionError):
        exec(changed, {})


@pytest.mark.parametrize("held_out", [True, False])
def test_the_curve_has_a_line_an_update(held_out):
    watched = learn(12, validation=toy_pairs(16, seed=1) if held_out else [])
    watched.start()
    watched.wait(60)
    name = "validation" if held_out else "all_pairs"
    assert watched.has_validation == held_out
    header, *rows = csv.reader(io.StringIO(watched.curve_csv()))
    assert header == ["update", "training_loss", f"{name}_loss", f"{name}_accuracy"]
    assert [int(row[0]) for row in rows] == list(range(13))
    assert [row[1] for row in rows] == ["", *map(str, watched.losses)]
    assert [(int(step), float(loss), float(right)) for step, _, loss, right in rows if loss] == [
        (moment.step, moment.measure.loss, moment.measure.accuracy) for moment in watched.moments
    ]


def test_moments_are_fewer_where_memory_would_not_hold_them(monkeypatch):
    size = 3 * sum(array.nbytes for array in toy_translator().parameters.values())
    monkeypatch.setattr(learning, "MOST_KEPT", 5 * size)
    watched = learn(30)
    watched.start()
    watched.wait(60)
    steps = [moment.step for moment in watched.moments]
    assert steps[0] == 0
    assert steps[-1] == 30
    assert len(steps) == 5
    arrays = [
        array
        for moment in watched.moments
        for kept in (moment.parameters, *moment.optimiser.values())
        for array in kept.values()
    ]
    assert sum(array.nbytes for array in arrays) <= 5 * size


def test_guessing_is_the_loss_of_equal_probabilities():
    watched = learn(1)
    watched.start()
    watched.wait(60)
    assert watched.target_words == len(toy_translator().target) == 10
    assert watched.guessing == pytest.approx(-np.log(1 / 10))
    assert "Guessing costs ln 10 = 2.30" in watched.beginning
    assert f"the loss is {watched.moments[0].measure.loss:.2f}." in watched.beginning


def test_translations_are_those_of_each_moment():
    watched = learn(200)
    watched.start()
    watched.wait(60)
    said = watched.translations(["one", "two"])
    for each in said:
        for moment in watched.moments:
            if each.first <= moment.step <= each.last:
                assert greedy(watched.translator_at(moment), ["one", "two"]).words == each.words
    assert (said[0].first, said[-1].last) == (0, 200)
    assert said[-1].words == ("dos", "uno")
    assert all(earlier.words != later.words for earlier, later in pairwise(said))


def test_moments_stand_on_the_disk_and_are_bounded():
    watched = learn(30)
    watched.start()
    watched.wait(60)
    kept = [bytes_of(moment.parameters) for moment in watched.moments]
    assert sum(kept) <= watched.most_bytes <= learning.MOST_KEPT
    table = watched.moments[-1].parameters["source.table"]
    assert isinstance(table.base, np.memmap)
    assert not table.flags.writeable


def test_a_full_disk_ends_it_with_a_sentence(monkeypatch):
    watched = learn(30)
    watched.pause()
    watched.start()
    monkeypatch.setattr(moments, "TemporaryFile", full)
    watched.go_on()
    watched.wait(60)
    assert "cannot be written to the disk: No space left on device." in watched.problem
    assert not watched.running


def full(**_):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_training_that_nobody_holds_is_freed_without_the_garbage_collector(uncollected):
    watched = learn(5)
    watched.start()
    watched.wait(60)
    told = lesson(watched.example_at(watched.moments[-1], ["one", "two"], ["dos", "uno"]))
    parts = [weakref.ref(part) for part in (watched, watched._training, watched.moments[-1], told, told.trace)]
    del watched, told
    assert [part() for part in parts] == [None] * len(parts)
    assert uncollected() == 0


def test_it_pauses_goes_on_and_is_cancelled():
    watched = learn(5000)
    watched.start()
    watched.pause()
    time.sleep(0.3)
    standing = watched.step
    time.sleep(0.2)
    assert watched.step == standing
    assert watched.paused
    watched.go_on()
    deadline = time.monotonic() + 30
    while watched.step == standing and time.monotonic() < deadline:
        time.sleep(0.01)
    watched.cancel()
    watched.wait(30)
    assert not watched.running
    assert standing < watched.step < 5000
    assert watched.moments[-1].step == watched.step


def test_nobody_watching_ends_it(monkeypatch):
    monkeypatch.setattr(learning, "_ABANDONED", 0.05)
    watched = learn(5000)
    watched.start()
    watched.wait(30)
    assert not watched.running
    assert "nobody was watching it" in watched.problem


@pytest.mark.filterwarnings("ignore:(overflow|invalid)")
def test_a_training_that_diverges_says_so_and_keeps_the_last_good_weights():
    watched = learn(200, Recipe(batch_size=8, rate=1e30, longest_gradient=0, seed=3))
    watched.start()
    watched.wait(60)
    assert "diverged at step" in watched.problem
    assert all(np.isfinite(array).all() for array in watched.moments[-1].parameters.values())


def test_what_cannot_be_trained_on_is_said_before_it_starts():
    with pytest.raises(UserError, match="number of updates is 0"):
        learn(0)
    with pytest.raises(UserError, match="no sentence pairs"):
        learn(pairs=[])
    with pytest.raises(PairsError, match="The text, line 2: a line needs 2 columns"):
        parse_pairs("one\tuno\ntwo")
