"""A comparison on labelled texts, from the plan to the sentence."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.initialisation.causes import size_of
from explorer.initialisation.collected import collect
from explorer.initialisation.cost import Cost, cost
from explorer.initialisation.experiment import about, prepare
from explorer.initialisation.measures import OF_LABELS
from explorer.initialisation.plan import PlanError, parse
from explorer.initialisation.report import report
from explorer.initialisation.runner import run
from explorer.initialisation.summary import Summary
from explorer.transformer.configuration import Configuration
from explorer.transformer.confusion import Confusion
from tests.initialisation import tiny
from tests.initialisation.texts import plan, reviews, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("labelled")


@pytest.fixture(scope="module")
def outcome(folder):
    return run(plan(write(folder / "reviews.csv", reviews())), folder / "results", workers=1)


def test_a_comparison_on_labels_is_measured_by_labels(outcome, folder):
    summary = Summary(outcome)
    assert [measure.key for measure in summary.measures] == list(OF_LABELS)
    assert summary.primary.key == "accuracy"
    for row in outcome.compared.values():
        confusion = Confusion.of(row.confusion)
        assert confusion.counts.sum() == 16
        assert row.exact == confusion.accuracy
        assert row.macro_f1 == confusion.macro_f1
        assert 0 <= row.calibration_error <= 1
        assert row.validation_accuracies[0] <= 1
        assert not row.error
    assert "in accuracy between “vectors” and “random”" in summary.verdict("accuracy")
    assert summary.chance == (
        "Always guessing the most frequent label in training, “good”, is right for 50.0% of the test texts."
    )
    assert any("tested on the same 16 texts, of which one is 6.25%" in caution for caution in summary.cautions)
    assert summary.as_json()["sizes"][0]["points"].keys() == set(OF_LABELS)
    with pytest.raises(UserError, match=r"no measure “chrf”\. Take one of accuracy"):
        summary.by("chrf")
    counts = summary.confusion("vectors", 1.0).counts
    assert counts.sum() == 2 * 16
    assert [row[:2] for row in summary.labels("vectors", 1.0).rows] == [("bad", 16), ("good", 16)]
    assert summary.as_json()["sizes"][0]["labels"]["vectors"]["confusion"] == counts.tolist()
    again = collect(outcome.plan, folder / "results")
    assert {row.digest: row for row in again.compared.values()} == {r.digest: r for r in outcome.compared.values()}


def test_a_plan_of_texts_survives_its_file_and_its_options_decide_the_numbers(outcome):
    texts = outcome.plan
    assert parse(texts.as_toml()) == texts
    assert 'pooling = "mean"' in texts.as_toml()
    attention = replace(texts, model=replace(texts.model, pooling="attention"))
    assert parse(attention.as_toml()) == attention
    job = next(texts.search())
    digests = {about(each, job)["digest"] for each in (texts, attention, replace(texts, folds=4))}
    assert len(digests) == 3


def test_runs_of_one_seed_are_pairs_and_seeds_test_other_folds(outcome):
    folded = replace(outcome.plan, folds=4)
    jobs = list(folded.compared({(arm, 1.0): 0.003 for arm in folded.arms}))
    (random, vectors), (other, _) = ([prepare(folded, job) for job in jobs if job.seed == seed] for seed in (0, 1))
    assert random.train == vectors.train != other.train
    assert random.task.test == vectors.task.test != other.task.test
    for name, array in random.translator.parameters.items():
        assert np.array_equal(array, vectors.translator.parameters[name]) == (name != "source.table")


def test_the_report_says_what_was_trained_and_tested(outcome, folder):
    text = report(Summary(outcome), "md").decode()
    assert "an encoder of d\\_model 16, 2 heads, 1 layer, the text's vector by mean pooling" in text
    assert "All runs have the same validation and test pairs" in text
    folded = Summary(collect(replace(outcome.plan, folds=4), folder / "none"))
    assert "each seed tests another of 4 folds, and none is tested twice" in report(folded, "md").decode()
    assert "searched for on texts that are the test texts of some seeds" in report(folded, "md").decode()
    assert not replace(folded.plan, rates=(0.003,)).searched_on_tests
    assert not outcome.plan.searched_on_tests


def test_the_cost_is_said_and_what_would_fit(outcome):
    estimate = cost(outcome.plan, workers=2)
    assert (estimate.runs, estimate.updates, estimate.workers) == (outcome.plan.jobs, 12, 2)
    assert estimate.seconds > 0
    assert Cost(42, 900, 2, 300).sentence == "42 runs of 900 updates each: about 5 minutes with 2 processes."
    assert Cost(42, 900, 1, 300).sentence == "42 runs of 900 updates each: about 5 minutes with 1 process."
    assert "about 4 days with 2 processes. One run" in Cost(42, 900, 2, 360_000).sentence


@pytest.mark.parametrize(
    ("hours", "fits"),
    [
        (1, ""),
        (2, "6 minutes. An hour is enough for 20 of them. A night of ten hours is enough for all of them."),
        (12, "34 minutes. An hour is enough for 2 of them. A night of ten hours is enough for 34 of them."),
        (100, "4.8 hours. A night of ten hours is enough for 4 of them."),
        (300, "14.3 hours."),
    ],
)
def test_an_hour_and_a_night_are_enough_for_no_more_runs_than_there_are(hours, fits):
    _, _, said = Cost(42, 900, 2, hours * 3600).sentence.partition(" One run takes about ")
    assert said.partition(" For less time")[0] == fits


def test_translations_keep_their_plans_and_measures(tmp_path):
    translations = tiny.plan(tmp_path)
    assert "pooling" not in translations.as_toml()
    assert "folds" not in translations.as_toml()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"label": ""}, "needs both columns, text and label"),
        ({"text": "", "label": "", "folds": 5}, "part and folds are for it alone"),
        ({"folds": 2}, "folds are 2, but must be from 3 to 20"),
        ({"folds": 5, "part": "split"}, "without a column of parts"),
        ({"folds": 3, "seeds": (0, 1, 2, 3)}, "seeds 0 and 3 test the same one of 3 folds.* Take 3 seeds at most"),
    ],
)
def test_columns_that_do_not_go_together_are_said(changes, message, outcome):
    with pytest.raises(PlanError, match=message):
        replace(outcome.plan, **changes)


def test_kims_network_is_compared_by_the_same_runner(folder):
    """Its arms differ in the table alone, and what only a transformer has is left empty."""
    texts = plan(
        write(folder / "cnn.csv", reviews()),
        name="cnn",
        network="cnn",
        model=Configuration(16, dropout=0.5),
        rates=(0.003,),
    )
    assert parse(texts.as_toml()) == texts
    assert "heads" not in texts.as_toml()
    summary = Summary(run(texts, folder / "cnn", workers=1))
    assert not summary.collected.failures
    for row in summary.collected.compared.values():
        assert row.attention_entropies == row.position_lengths == ()
        assert len(row.drifts) == len(row.steps)
    text = report(summary, "html").decode()
    assert "the convolutional network of Kim 2014 (windows of 3, 4 and 5 words with 100 filters each" in text
    assert "small convolutional network" in summary.headline
    job = next(texts.compared(dict.fromkeys(product(texts.arms, (1.0,)), 0.003)))
    digests = {about(each, job)["digest"] for each in (texts, replace(texts, network="transformer"))}
    assert len(digests) == 2
    for changes, message in (
        ({"network": "rnn"}, "must be transformer or cnn"),
        ({"text": "", "label": ""}, "columns"),
    ):
        with pytest.raises(PlanError, match=message):
            replace(texts, **changes)
    with pytest.raises(UserError, match="no position vectors, with which this question"):
        size_of(texts, None)
    with pytest.raises(PlanError, match=r"no option “heads”\. There are: d_model, dropout"):
        parse(texts.as_toml().replace("[model]\n", "[model]\nheads = 2\n"))
