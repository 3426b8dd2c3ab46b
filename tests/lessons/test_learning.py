"""A training that is watched does what one that nobody watches does, and what it records can be read meanwhile."""

import csv
import io
import json
import os
import signal
import weakref
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from explorer.cli import main
from explorer.data.pairs import PairsError, parse_pairs
from explorer.errors import Cancelled, UserError
from explorer.lessons import moments, trainer
from explorer.lessons.learning import Learning
from explorer.lessons.lesson import lesson
from explorer.lessons.moments import bytes_of
from explorer.lessons.renderings import render
from explorer.lessons.trainer import Trainer
from explorer.transformer.checkpoint import CheckpointError
from explorer.transformer.decoding import greedy
from explorer.transformer.optimisers import Adam
from explorer.transformer.training import Recipe, Training
from tests.transformer.conftest import toy_pairs, toy_translator

RECIPE = Recipe(batch_size=8, rate=0.01, seed=3)


def training(updates=30, recipe=RECIPE, pairs=None, validation=None, **more):
    pairs = toy_pairs(64, seed=0) if pairs is None else pairs
    validation = toy_pairs(16, seed=1) if validation is None else validation
    return Trainer(toy_translator(), pairs, validation, recipe, updates, **more)


@pytest.fixture
def learn(tmp_path):
    """Train, and read what was recorded."""

    def learnt(*which, **how):
        training(*which, **how).train(tmp_path / "learning")
        return Learning(tmp_path / "learning")

    return learnt


def test_it_is_the_same_training(learn):
    watched = learn()
    plain = Training(toy_translator(), Recipe(batch_size=8, rate=0.01, seed=3, epochs=4))
    plain.run(toy_pairs(64, seed=0), cancelled=lambda: plain.step >= 30)
    assert watched.losses == tuple(plain.losses)
    assert watched.step == watched.updates == 30
    last = watched.moments[-1]
    for name, array in plain.translator.parameters.items():
        np.testing.assert_array_equal(last.translator.parameters[name], array)
        first = (0,) * array.ndim
        means = (plain.optimiser_state()[key][name][first] for key in ("m", "v"))
        assert last.weight(name, *first) == (array[first], *means)
    steps = [moment.step for moment in watched.moments]
    assert steps[:4] == [0, 1, 2, 3]
    assert steps[-1] == 30
    assert watched.moment(0).step == 0
    assert watched.moment(29).step <= 29
    assert watched.moments[-1].measure.loss < watched.moments[0].measure.loss


def test_a_weight_and_a_map_through_time(learn):
    watched = learn(12)
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


def test_a_lesson_of_any_moment(learn):
    watched = learn(12)
    first, last = (lesson(watched.example_at(watched.moment(step), ["one", "two"], ["dos", "uno"])) for step in (0, 12))
    assert [told.example.origin.split("training ")[1] for told in (first, last)] == [
        "before the first update.",
        "after 12 updates.",
    ]
    assert last.trace["loss"].value != first.trace["loss"].value
    assert first.example.title == "After 0 updates"


def test_a_lesson_of_a_moment_says_what_it_was_trained_with(learn):
    watched = learn(12, replace(RECIPE, smoothing=0.1))
    first, last = (watched.example_at(watched.moment(step), ["one", "two"], ["dos", "uno"]) for step in (0, 12))
    assert first.trained_with == (0.0, 0.0)
    assert last.trained_with == (0.1, 0.0)


def test_the_notebook_of_a_moment_computes_it(learn):
    watched = learn(12)
    told = lesson(watched.example_at(watched.moment(5), ["one", "two"], ["dos", "uno"]))
    notebook = json.loads(render(told, "ipynb"))
    code = "\n".join(cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code")
    exec(code, {})
    changed = code.replace(f"{told.trace['loss'].value.item()!r}", "0.5")
    assert changed != code
    with pytest.raises(AssertionError):
        exec(changed, {})


@pytest.mark.parametrize("held_out", [True, False])
def test_the_curve_has_a_line_an_update(learn, held_out):
    watched = learn(12, validation=toy_pairs(16, seed=1) if held_out else [])
    name = "validation" if held_out else "all_pairs"
    assert watched.has_validation == held_out
    header, *rows = csv.reader(io.StringIO(watched.curve_csv()))
    assert header == ["update", "training_loss", f"{name}_loss", f"{name}_accuracy"]
    assert [int(row[0]) for row in rows] == list(range(13))
    assert [row[1] for row in rows] == ["", *map(str, watched.losses)]
    assert [(int(step), float(loss), float(right)) for step, _, loss, right in rows if loss] == [
        (moment.step, moment.measure.loss, moment.measure.accuracy) for moment in watched.moments
    ]


@pytest.mark.parametrize("room", [2, 3, 5])
def test_moments_are_fewer_where_the_disk_would_not_hold_them(learn, monkeypatch, room):
    monkeypatch.setattr(trainer, "MOST_KEPT", room * bytes_of(toy_translator().parameters))
    steps = [moment.step for moment in learn(30).moments]
    assert steps[0] == 0
    assert steps[-1] == 30
    assert len(steps) == room


def test_a_model_too_large_for_two_checkpoints_is_refused(monkeypatch):
    monkeypatch.setattr(trainer, "MOST_KEPT", 2 * bytes_of(toy_translator().parameters) - 1)
    with pytest.raises(UserError, match="The first and the last one take more than"):
        training(30)


def test_guessing_is_the_loss_of_equal_probabilities(learn):
    watched = learn(1)
    assert watched.target_words == len(toy_translator().target) == 10
    assert watched.guessing == pytest.approx(-np.log(1 / 10))
    assert "Guessing costs ln 10 = 2.30" in watched.beginning
    assert f"the loss is {watched.moments[0].measure.loss:.2f}." in watched.beginning


def test_translations_are_those_of_each_moment(learn):
    watched = learn(200)
    said = watched.translations(["one", "two"])
    for each in said:
        for moment in watched.moments:
            if each.first <= moment.step <= each.last:
                assert greedy(moment.translator, ["one", "two"]).words == each.words
    assert (said[0].first, said[-1].last) == (0, 200)
    assert said[-1].words == ("dos", "uno")
    assert all(earlier.words != later.words for earlier, later in pairwise(said))


def test_only_what_is_new_is_read(tmp_path, learn):
    """A second reader follows a training update by update, and reads no file of a checkpoint twice."""
    folder, seen, read = tmp_path / "learning", [], []
    reader = None

    def look(_doing, _share):
        nonlocal reader
        reader = reader or Learning(folder)
        reader.read_on()
        seen.append((reader.step, reader.losses, reader.moments[-1].step))

    with pytest.MonkeyPatch.context() as patch:
        card = moments.checkpoint.card
        patch.setattr(moments.checkpoint, "card", lambda path: read.append(path.name) or card(path))
        training(12).train(folder, look)
    whole = Learning(folder)
    assert [step for step, _losses, _moment in seen] == list(range(1, 13))
    assert all(losses == whole.losses[:step] for step, losses, _moment in seen)
    assert [moment for *_others, moment in seen] == [whole.moment(step).step for step in range(1, 13)]
    assert len(read) == len(set(read)) == len(whole.moments)


def test_a_line_that_is_just_being_written_is_read_when_it_is_whole(tmp_path):
    losses, file = moments.Losses(tmp_path), tmp_path / "losses.txt"
    assert losses.further() == []
    file.write_text("0.5\n0.2")
    assert losses.further() == [0.5]
    file.write_text("0.5\n0.25\n")
    assert losses.further() == [0.25]


def test_a_full_disk_ends_it_with_a_sentence_and_what_was_kept_stays(tmp_path, monkeypatch):
    def full(path, *_):
        raise CheckpointError("full") from OSError(28, "No space left on device")

    def fill(_doing, share):
        if share > 0.5:
            monkeypatch.setattr(moments.checkpoint, "save", full)

    with pytest.raises(UserError, match="cannot be written to the disk: No space left on device"):
        training(30).train(tmp_path / "learning", fill)
    assert 15 <= Learning(tmp_path / "learning").step < 30


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a file that is always full")
def test_a_full_disk_is_said_where_a_loss_does_not_fit(tmp_path):
    (tmp_path / "losses.txt").symlink_to("/dev/full")
    with pytest.raises(UserError, match="losses cannot be written to the disk: No space left on device"):
        training(30).train(tmp_path)


def test_ctrl_c_within_an_update_leaves_no_checkpoint_of_half_of_it(tmp_path, monkeypatch):
    step = Adam.step

    def interrupted(adam, weights, gradient, rate, number):
        step(adam, weights, gradient, rate, number)
        if number == 18:
            raise KeyboardInterrupt

    monkeypatch.setattr(Adam, "step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        training(30).train(tmp_path / "learning")
    assert Learning(tmp_path / "learning").moments[-1].step == 16  # 17 is not one that is kept anyway


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_command_after_the_update_under_way(tmp_path, monkeypatch, capsys, number):
    step = Adam.step

    def interrupted(adam, weights, gradient, rate, update):
        if update == 17:
            signal.raise_signal(number)
        step(adam, weights, gradient, rate, update)

    monkeypatch.setattr(Adam, "step", interrupted)
    assert main(["watch", "--out", str(tmp_path / "learning"), "--d-model", "8", "--heads", "2", "--batch", "8"]) == 130
    assert "stopped after 17 updates. What it has learnt until then is kept." in capsys.readouterr().err
    watched = Learning(tmp_path / "learning")
    assert watched.step == watched.moments[-1].step == 17


def test_a_folder_that_is_just_being_deleted_has_no_training(tmp_path):
    training(1).train(tmp_path / "learning")
    for path in moments.moments(tmp_path / "learning"):
        path.unlink()
    with pytest.raises(FileNotFoundError):
        Learning(tmp_path / "learning")


def test_what_nobody_holds_is_freed_without_the_garbage_collector(learn, uncollected):
    watched = learn(5)
    told = lesson(watched.example_at(watched.moments[-1], ["one", "two"], ["dos", "uno"]))
    parts = [weakref.ref(part) for part in (watched, watched._start, watched.moments[-1], told, told.trace)]
    del watched, told
    assert [part() for part in parts] == [None] * len(parts)
    assert uncollected() == 0


def test_a_pause_holds_for_as_long_as_somebody_looks(tmp_path, monkeypatch):
    folder, looks, at = tmp_path / "learning", [], []
    monkeypatch.setattr(trainer, "sleep", lambda _seconds: look())

    def look():
        looks.append(moments.is_paused(folder))
        if len(looks) == 3:
            os.utime(folder / "paused", (0, 0))  # the last look is long ago

    def pause(_doing, _share):
        at.append(len(looks))
        if len(at) == 5:
            moments.pause(folder)

    training(12).train(folder, pause)
    assert looks == [True, True, True]
    assert at == [0] * 5 + [3] * 7
    moments.pause(folder)
    assert moments.is_paused(folder)
    os.utime(folder / "paused", (0, 0))
    moments.hold_pause(folder)
    assert moments.is_paused(folder)
    moments.go_on(folder)
    moments.hold_pause(folder)  # of a page that looked just before: it cannot undo that
    assert not moments.is_paused(folder)
    moments.pause(tmp_path / "deleted")  # nothing to pause, nothing to say


@pytest.mark.parametrize("paused", [False, True])
def test_one_that_is_cancelled_keeps_what_it_has_learnt(tmp_path, paused):
    folder, steps = tmp_path / "learning", []

    def tell(_doing, share):
        steps.append(share)
        if paused and len(steps) == 17:
            moments.pause(folder)

    with pytest.raises(Cancelled, match=r"stopped after 17 updates\. What it has learnt until then is kept"):
        training(5000).train(folder, tell, lambda: len(steps) == 17)
    watched = Learning(folder)
    assert watched.step == watched.moments[-1].step == 17
    with pytest.raises(UserError, match="has a training already"):
        training(5000).train(folder)


@pytest.mark.filterwarnings("ignore:(overflow|invalid)")
def test_a_training_that_diverges_says_so_and_keeps_the_last_good_weights(tmp_path):
    with pytest.raises(UserError, match="diverged at step"):
        training(200, Recipe(batch_size=8, rate=1e30, longest_gradient=0, seed=3)).train(tmp_path / "learning")
    last = Learning(tmp_path / "learning").moments[-1].translator
    assert all(np.isfinite(array).all() for array in last.parameters.values())


def test_what_cannot_be_trained_on_is_said_before_it_starts():
    with pytest.raises(UserError, match="number of updates is 0"):
        training(0)
    with pytest.raises(UserError, match="no sentence pairs"):
        training(pairs=[])
    with pytest.raises(PairsError, match="The text, line 2: a line needs 2 columns"):
        parse_pairs("one\tuno\ntwo")
