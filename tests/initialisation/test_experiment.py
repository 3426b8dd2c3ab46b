from dataclasses import replace

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.initialisation.experiment import TABLE, about, prepare, run
from explorer.initialisation.plan import Job
from explorer.initialisation.results import as_table
from explorer.initialisation.strategies import Strategy
from explorer.initialisation.tasks import task
from explorer.transformer.batches import Batches
from explorer.transformer.training import Training, measure
from tests.initialisation import tiny

CURVES = (
    "steps",
    "validation_losses",
    "validation_accuracies",
    "training_losses",
    "gradient_norms",
    "attention_entropies",
    "drifts",
    "vector_lengths",
    "position_lengths",
)


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    return tiny.plan(tmp_path_factory.mktemp("tiny"))


def job(strategy="unit", seed=0, rate=0.01, share=1.0, **options):
    return Job("arm", Strategy(strategy, **options), share, seed, rate)


def from_vectors(**options):
    return job("pretrained", model="wiki-en-glove", scale="xavier", **options)


def test_a_job_repeats_to_the_last_digit(plan):
    assert run(plan, from_vectors()).as_json() == run(plan, from_vectors()).as_json()


def test_pytorch_trains_as_numpy_does_and_its_rows_are_told_apart(plan):
    pytest.importorskip("torch")
    by_pytorch = replace(plan, backend="pytorch")
    ours, theirs = run(plan, from_vectors()), run(by_pytorch, from_vectors())
    np.testing.assert_allclose(theirs.training_losses, ours.training_losses, rtol=1e-5)
    np.testing.assert_allclose(theirs.validation_losses, ours.validation_losses, rtol=1e-5)
    assert theirs.digest != ours.digest
    assert theirs.as_json() == run(by_pytorch, from_vectors()).as_json()


def test_a_process_that_runs_job_after_job_keeps_nothing_of_them(plan, uncollected):
    run(plan, job())
    assert uncollected() == 0


def test_the_numbers_are_those_of_a_training_by_hand(plan):
    chosen = job(rate=0.01)
    result, prepared = run(plan, chosen), prepare(plan, chosen)
    training = Training(prepared.translator, prepared.recipe)
    first = training.translator.parameters[TABLE].copy()
    held_out = Batches(prepared.translator, prepared.task.validation, 64)
    losses, tests, drifts = [], [], []
    test = Batches(prepared.translator, prepared.task.test, 64)
    for until in (0, 2, 4, 6):
        training.run(prepared.train, cancelled=lambda until=until: training.step >= until)
        losses.append(measure(training.translator, held_out).loss)
        tests.append(measure(training.translator, test).loss)
        drifts.append(np.linalg.norm(training.translator.parameters[TABLE] - first) / np.linalg.norm(first))
    assert result.steps == (0, 2, 4, 6)
    assert result.validation_losses == pytest.approx(losses, rel=1e-12)
    assert result.drifts == pytest.approx(drifts, rel=1e-6)
    assert result.best_step == 2 * int(np.argmin(losses))
    assert result.loss == pytest.approx(tests[int(np.argmin(losses))], rel=1e-12)
    assert result.training_losses[1:] == pytest.approx(np.reshape(training.losses, (3, 2)).mean(1), rel=1e-12)


def test_arms_of_one_seed_differ_in_the_table_alone(plan):
    vectors = "wiki-en-glove"
    projected = job("pretrained", model=vectors, scale="raw", projection="learned")
    one, *others = (prepare(plan, chosen) for chosen in (job(), from_vectors(), job("zeros"), projected))
    for other in others:
        for name, array in one.translator.parameters.items():
            assert (name == TABLE) != np.array_equal(array, other.translator.parameters[name])
        assert other.train == one.train
        assert other.recipe.seed == one.recipe.seed
    assert "source.projection" in others[-1].translator.parameters


def test_another_seed_draws_everything_anew(plan):
    one, other = (prepare(plan, job(seed=seed, share=0.5)) for seed in (0, 1))
    assert not np.array_equal(one.translator.parameters["target.table"], other.translator.parameters["target.table"])
    assert set(map(str, one.train)) != set(map(str, other.train))


def test_a_frozen_table_stays_and_a_thawed_one_moves_when_it_thaws(plan):
    frozen = run(plan, job(training="frozen"))
    assert set(frozen.drifts) == {0.0}
    assert frozen.parameters - frozen.trained == frozen.words * plan.model.d_model
    thawed = run(plan, job(training="thawed", thaw=4))
    assert [drift > 0 for drift in thawed.drifts] == [False, False, False, True]
    tuned = run(plan, job())
    assert [drift > 0 for drift in tuned.drifts] == [False, True, True, True]
    assert thawed.trained == tuned.trained == tuned.parameters


def test_coverage_counts_the_words_that_have_vectors(plan):
    words = task(plan.task).source.words
    result = run(plan, from_vectors())
    assert (result.words, result.covered) == (len(words), len(words) - 4)
    assert run(plan, job()).covered == 0


def test_neighbours_before_and_after_with_the_places_they_rose(plan):
    neighbours = [each for each in run(plan, from_vectors(rate=0.1)).neighbours if each.of == "dog"]
    translator = prepare(plan, from_vectors(rate=0.1)).translator
    table, words = translator.parameters[TABLE], translator.source.words

    def cosine(word):
        a, b = (table[words.index(each)].astype(float) for each in ("dog", word))
        return float(a @ b / np.sqrt((a @ a) * (b @ b)))

    ranked = sorted((word for word in words[4:] if word != "dog"), key=lambda word: -cosine(word))
    before = [each for each in neighbours if each.when == "before"]
    after = [each for each in neighbours if each.when == "after"]
    assert [each.word for each in before] == ranked[:8]
    assert [each.cosine for each in before] == pytest.approx([cosine(word) for word in ranked[:8]], abs=1e-6)
    assert [each.risen for each in after] == [ranked.index(each.word) - rank for rank, each in enumerate(after)]
    assert any(each.risen for each in after)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_run_that_diverges_says_so_and_keeps_what_it_had(plan):
    result = run(plan, job(rate=1e30))
    assert "diverged" in result.error
    assert result.steps[0] == 0
    assert result.loss > 0


def test_every_curve_has_a_number_for_each_step_and_fits_into_a_row(plan):
    result = run(replace(plan, measured_every=4), job())
    assert result.steps == (0, 4, 6)
    assert {len(getattr(result, curve)) for curve in CURVES} == {3}
    assert as_table([result]).num_rows == 1


def test_a_share_smaller_than_a_batch_is_refused(plan):
    with pytest.raises(UserError, match="10% of the training pairs are 3, fewer than a batch of 8"):
        prepare(plan, job(share=0.1))


def test_a_row_goes_by_what_decides_its_numbers(plan):
    digest = about(plan, job())["digest"]
    assert about(replace(plan, name="other", threshold=1.0), replace(job(), arm="b", search=True))["digest"] == digest
    for other in (job(seed=1), job(rate=0.02), job(share=0.5), job(training="frozen"), from_vectors()):
        assert about(plan, other)["digest"] != digest
    for changed in (replace(plan, updates=7), replace(plan, watch=()), replace(plan, task="phrase book")):
        assert about(changed, job())["digest"] != digest
