"""Training: it learns, repeats and resumes to the same bits, stops when it should, and says what went wrong."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.transformer import checkpoint
from explorer.transformer.batches import Batches, _EndToEnd
from explorer.transformer.model import PAD
from explorer.transformer.operations import Lookup
from explorer.transformer.training import Diverged, Recipe, Training, measure
from tests.transformer.conftest import toy_pairs, toy_translator


def assert_same_parameters(first, second):
    for name, array in first.parameters.items():
        np.testing.assert_array_equal(array, second.parameters[name], err_msg=name)


def test_it_learns_a_language_that_reverses(trained_toy):
    unseen = measure(trained_toy, Batches(trained_toy, toy_pairs(60, seed=9), 16))
    assert unseen.accuracy > 0.97
    assert unseen.perplexity == pytest.approx(np.exp(unseen.loss))


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw"])
def test_the_loss_falls_with_every_optimiser(name):
    recipe = Recipe(epochs=8, optimiser=name, rate={"sgd": 0.1}.get(name, 3e-3), batch_size=16, smoothing=0.1)
    training = Training(toy_translator(dropout=0.1, norm="pre"), recipe).run(toy_pairs())
    assert np.mean(training.losses[-5:]) < 0.8 * np.mean(training.losses[:5])


def test_a_seed_makes_a_run_repeat_to_the_bit():
    def run(seed):
        return Training(toy_translator(dropout=0.2), Recipe(epochs=2, seed=seed)).run(toy_pairs())

    first, again, other = run(1), run(1), run(2)
    assert first.losses == again.losses != other.losses
    assert_same_parameters(first.translator, again.translator)


@pytest.mark.parametrize("stop", [3, 4, 6])
def test_a_training_that_was_stopped_resumes_to_the_same_bits(stop, tmp_path):
    """Stopped in mid-epoch and at an epoch's end, saved, read back, and run on: as if it had never stopped."""
    recipe = Recipe(epochs=3, batch_size=32, warm_up_steps=5, rate=1.0, snapshots=(2, 5))
    pairs, held_out = toy_pairs(), toy_pairs(20, seed=5)
    whole = Training(toy_translator(dropout=0.2), recipe).run(pairs, held_out)
    part = Training(toy_translator(dropout=0.2), recipe)
    part.run(pairs, held_out, cancelled=lambda: part.step == stop)
    assert part.step == stop
    checkpoint.save(tmp_path / "part", part.translator, training=part)
    resumed = checkpoint.resume(tmp_path / "part").run(pairs, held_out)
    assert resumed.losses == whole.losses
    assert resumed.measures == whole.measures
    assert_same_parameters(resumed.translator, whole.translator)
    assert resumed.snapshots.keys() == whole.snapshots.keys() == {2, 5}
    np.testing.assert_array_equal(resumed.snapshots[2]["target.table"], whole.snapshots[2]["target.table"])


@pytest.mark.parametrize("count", [4, pytest.param(20, marks=pytest.mark.nightly)])
def test_nothing_of_trainings_stays_though_no_garbage_is_collected(uncollected, count):
    pairs, most = toy_pairs(64), []
    tracemalloc.start()
    for seed in range(count):
        training = Training(toy_translator(seed, dropout=0.1), Recipe(epochs=1, batch_size=16, seed=seed))
        training.run(pairs, pairs[:8])
        del training
        assert uncollected() == 0
        most.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert most[-1] - most[0] < 1_000_000  # the tapes of one of them are larger; Python keeps some empty tuples


def test_progress_is_told_after_each_step_and_cancelling_stops_there():
    steps = []
    training = Training(toy_translator(), Recipe(epochs=5))
    training.run(toy_pairs(), progress=lambda t: steps.append(t.step), cancelled=lambda: len(steps) == 7)
    assert steps == list(range(1, 8))


def test_it_stops_early_when_validation_no_longer_improves():
    recipe = Recipe(epochs=100, patience=2, rate=1e-30)  # so small that nothing ever changes
    training = Training(toy_translator(), recipe).run(toy_pairs(32), toy_pairs(8, seed=3))
    assert len(training.measures) == 3


def test_a_learning_rate_that_diverges_is_said_and_the_last_good_weights_stay():
    training = Training(toy_translator(), Recipe(epochs=50, optimiser="sgd", rate=1e30, longest_gradient=0))
    with np.errstate(all="ignore"), pytest.raises(Diverged, match="diverged at step") as error:
        training.run(toy_pairs())
    assert f"at step {training.step + 1}" in str(error.value)
    assert len(training.losses) == training.step
    for name, array in training.translator.parameters.items():
        assert np.isfinite(array).all(), name


def test_the_weights_stay_finite_where_a_step_itself_overflows():
    training = Training(toy_translator(), Recipe(optimiser="sgd", rate=1e39, longest_gradient=0))
    with np.errstate(all="ignore"), pytest.raises(Diverged, match="at step 1"):
        training.run(toy_pairs())
    assert_same_parameters(training.translator, toy_translator())


def test_a_training_saved_by_progress_resumes_as_well(tmp_path):
    """Every state that progress sees can be gone on from, at the end of an epoch and after early stopping too."""
    recipe, pairs, held_out = Recipe(epochs=3, batch_size=32), toy_pairs(), toy_pairs(20, seed=5)
    saved = []

    def save(training):
        saved.append(tmp_path / str(training.step))
        checkpoint.save(saved[-1], training.translator, training=training)

    whole = Training(toy_translator(), recipe).run(pairs, held_out, progress=save)
    for path in saved[3:6]:
        resumed = checkpoint.resume(path).run(pairs, held_out)
        assert (resumed.losses, resumed.measures) == (whole.losses, whole.measures)
    stalled = Training(toy_translator(), Recipe(epochs=50, patience=1, rate=1e-30)).run(pairs, held_out)
    steps = stalled.step
    assert stalled.run(pairs, held_out).step == steps


def test_padding_and_batching_do_not_change_what_is_measured():
    translator = toy_translator(dtype=np.float64)
    pairs = toy_pairs(40)
    one, many = (measure(translator, Batches(translator, pairs, size)) for size in (1, 40))
    assert one.loss == pytest.approx(many.loss, abs=1e-12)
    assert one.accuracy == many.accuracy


def test_every_pair_is_in_every_epoch_once_in_another_order():
    translator = toy_translator()
    batches = Batches(translator, toy_pairs(50), 8)

    def sentences(epoch):
        return [tuple(row[row > 0]) for batch in batches.shuffled(0, epoch) for row in batch.source]

    assert sentences(0) != sentences(1)
    assert (
        sorted(sentences(0))
        == sorted(sentences(1))
        == sorted(tuple(row[row > 0]) for batch in batches.in_order() for row in batch.source)
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"epochs": 0}, "epochs is 0"),
        ({"batch_size": -1}, "batch_size is -1"),
        ({"rate": float("nan")}, "learning rate is nan"),
        ({"rate": 0.0}, "learning rate is 0.0"),
        ({"smoothing": 1.0}, "smoothing is 1.0"),
        ({"optimiser": "lion"}, "no optimiser called"),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(changes, says):
    with pytest.raises(UserError, match=says):
        Recipe(**changes)


def test_pairs_that_cannot_be_used_are_refused():
    translator = toy_translator()
    with pytest.raises(UserError, match="no sentence pairs"):
        Batches(translator, [], 4)
    with pytest.raises(UserError, match="has 9 tokens with its special tokens, but this model reads at most 8"):
        Batches(translator, [(["one"] * 9, ["uno"])], 4)


@pytest.mark.parametrize("rule", ["sgd", "adam", "adamw"])
@pytest.mark.parametrize("name", ["source.table", "decoder.0.cross_attention.key.weight"])
def test_a_parameter_that_is_frozen_for_good_keeps_its_numbers(rule, name):
    start = toy_translator().parameters
    frozen = Training(toy_translator(), Recipe(epochs=2, batch_size=16, optimiser=rule, frozen=(name,)))
    frozen.run(toy_pairs(64))
    for each, array in frozen.translator.parameters.items():
        assert (array == start[each]).all() == (each == name), each


def test_a_frozen_table_gets_no_gradient_and_the_rest_is_trained_as_if_it_had(monkeypatch):
    tables, vjp = [], Lookup.vjp

    def counting(self, saved, gradient):
        tables.append(saved)
        return vjp(self, saved, gradient)

    monkeypatch.setattr(Lookup, "vjp", counting)
    recipe = Recipe(epochs=1, batch_size=16, longest_gradient=0, frozen=("source.table",))
    for_good = Training(toy_translator(), recipe).run(toy_pairs(64))
    assert len(tables) == for_good.step  # the target's alone
    thrown_away = Training(toy_translator(), replace(recipe, thaw=1000)).run(toy_pairs(64))
    assert len(tables) == 3 * for_good.step
    assert_same_parameters(for_good.translator, thrown_away.translator)


def test_a_training_with_a_frozen_parameter_resumes_to_the_same_bits(tmp_path):
    recipe, pairs = Recipe(epochs=2, batch_size=32, frozen=("decoder.0.cross_attention.key.weight",)), toy_pairs()
    whole = Training(toy_translator(), recipe).run(pairs)
    part = Training(toy_translator(), recipe)
    part.run(pairs, cancelled=lambda: part.step == 3)
    checkpoint.save(tmp_path / "part", part.translator, training=part)
    resumed = checkpoint.resume(tmp_path / "part").run(pairs)
    assert resumed.losses == whole.losses
    assert_same_parameters(resumed.translator, whole.translator)


@pytest.mark.parametrize("rule", ["sgd", "adam"])
def test_a_frozen_parameter_keeps_its_numbers_until_it_is_thawed(rule):
    name = "source.table"
    start = toy_translator().parameters[name].copy()
    thawed = Training(toy_translator(), Recipe(epochs=2, batch_size=16, optimiser=rule, frozen=(name,), thaw=5))
    thawed.run(toy_pairs(64), cancelled=lambda: thawed.step == 5)
    np.testing.assert_array_equal(thawed.translator.parameters[name], start)
    thawed.run(toy_pairs(64))
    assert (thawed.translator.parameters[name] != start).any()


def test_what_cannot_be_frozen_is_said():
    with pytest.raises(UserError, match="no parameter “nothing” to keep frozen"):
        Training(toy_translator(), Recipe(frozen=("nothing",)))
    with pytest.raises(UserError, match="AdamW shrinks"):
        Recipe(optimiser="adamw", frozen=("source.table",), thaw=5)
    with pytest.raises(UserError, match="AdamW shrinks"):
        Recipe(optimiser="adamw", frozen=("source.table",), trained_rows=(3,))


def test_sequences_end_to_end_are_padded_to_the_longest_that_is_chosen():
    ids = _EndToEnd([np.array(each, int) for each in ([5], [6, 7, 8], [], [9, 4])])
    np.testing.assert_array_equal(ids.lengths, [1, 3, 0, 2])
    np.testing.assert_array_equal(ids.padded(np.array([3, 1, 2])), [[9, 4, PAD], [6, 7, 8], [PAD, PAD, PAD]])
    np.testing.assert_array_equal(ids.padded(np.array([0, 0])), [[5], [5]])
    assert ids.padded(np.array([2])).shape == (1, 0)
