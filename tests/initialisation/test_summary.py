"""Summaries of made-up results say what is true of them, against NumPy and SciPy, and no more."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as draw
from scipy import stats
from scipy.special import expit, logit

from explorer.errors import UserError
from explorer.initialisation.collected import Collected
from explorer.initialisation.measures import CURVES, MEASURES, OF_TRANSLATIONS, curve_bounds
from explorer.initialisation.results import Result
from explorer.initialisation.statistics import holm
from explorer.initialisation.strategies import Strategy
from explorer.initialisation.summary import Summary
from tests.initialisation.made_up import ARMS, collected, plan

SEEDS = range(10)


@pytest.fixture(scope="module")
def summary():
    return Summary(collected(plan(watch=("good",))))


def test_the_difference_that_was_put_in_is_found(summary):
    glove, raw, shuffled, he = summary.comparisons("loss", 0.05)
    assert glove.low < -0.5 < glove.high < 0
    assert glove.is_significant
    assert raw.low < 0.4 < raw.high
    assert not shuffled.is_significant
    assert not he.is_significant
    assert [c.arm for c in (glove, raw, shuffled, he)] == [arm for arm in ARMS if arm != "random"]


def test_differences_and_ps_are_scipys(summary):
    runs = summary.collected.compared
    loss = {(job.arm, job.seed): run.loss for job, run in runs.items() if job.share == 1.0}
    ps = []
    for comparison in summary.comparisons("loss", 1.0):
        differences = np.array([loss[comparison.arm, seed] - loss["random", seed] for seed in SEEDS])
        assert comparison.difference == pytest.approx(differences.mean())
        test = stats.permutation_test((differences,), np.mean, permutation_type="samples", n_resamples=np.inf)
        assert comparison.p == pytest.approx(test.pvalue)
        ps.append(test.pvalue)
    assert [comparison.adjusted_p for comparison in summary.comparisons("loss", 1.0)] == pytest.approx(holm(ps))


def test_measures_by_hand():
    one, options = _run(steps=(0, 10, 30), validation_losses=(5.0, 3.0, 1.0)), plan(threshold=3.0)
    assert MEASURES["area"].of(one, options) == pytest.approx((10 * 4 + 20 * 2) / 30)
    assert MEASURES["steps"].of(one, options) == 10
    assert MEASURES["steps"].of(one, plan(threshold=0.5)) == 30


def test_the_area_is_that_of_a_fine_interpolation(summary):
    of = MEASURES["area"].of
    for run in list(summary.collected.compared.values())[:3]:
        fine = np.linspace(run.steps[0], run.steps[-1], 100_001)
        assert of(run, summary.plan) == pytest.approx(
            np.interp(fine, run.steps, run.validation_losses).mean(), rel=1e-4
        )


def test_a_row_an_arm(summary):
    rows = summary.arms(0.05)
    assert [row.arm for row in rows] == list(ARMS)
    runs = [run for job, run in summary.collected.compared.items() if (job.arm, job.share) == ("glove", 0.05)]
    row = rows[1]
    assert (row.finished, row.failed, row.covered, row.words, row.rate) == (10, 0, 450, 500, 0.003)
    assert row.strategy == "pretrained wiki-en-glove, xavier, tuned"
    assert row.seconds == pytest.approx(np.mean([run.seconds for run in runs]))
    for key in ("loss", "token_accuracy", "exact", "chrf"):
        spread, numbers = row.values[key], [getattr(run, key) for run in runs]
        assert spread.mean == pytest.approx(np.mean(numbers))
        assert spread.low < spread.mean < spread.high
    assert set(row.values) == set(OF_TRANSLATIONS)


@pytest.mark.parametrize("column", CURVES)
def test_a_curve_is_the_mean_with_students_interval_on_the_scale_of_its_bounds(summary, column):
    curve = summary.curve("glove, raw", 1.0, column)
    runs = [run for job, run in summary.collected.compared.items() if (job.arm, job.share) == ("glove, raw", 1.0)]
    values = np.array([getattr(run, column) for run in runs])
    assert curve.steps == runs[0].steps
    assert curve.mean == pytest.approx(values.mean(axis=0))
    spread = values.std(axis=0) > 1e-9  # SciPy gives no interval where all seeds are alike
    mean, error = values.mean(axis=0)[spread], stats.sem(values[:, spread], axis=0)
    if curve_bounds(column)[1] == 1:
        scale, slope, back = logit(mean), 1 / (mean * (1 - mean)), expit
    else:
        scale, slope, back = np.log(mean), 1 / mean, np.exp
    low, high = stats.t.interval(0.95, 9, scale, error * slope)
    np.testing.assert_allclose(np.array(curve.low)[spread], back(low))
    np.testing.assert_allclose(np.array(curve.high)[spread], back(high))
    assert np.array(curve.low)[~spread] == pytest.approx(values.mean(axis=0)[~spread])


def test_the_headline_says_what_the_intervals_say(summary):
    assert summary.answer("loss").startswith(
        "At 5% and 100% of the pairs, 1 of 4 arms reaches a lower held-out loss than “random”, and 1 reaches a higher "
        "one. At 5% of the pairs, “glove” has the largest difference: it is lower by 0.5"
    )
    assert summary.verdict("loss").endswith("and 1 reaches a higher one.")
    assert "At 100% of the pairs, “glove” has the largest difference" in summary.details("loss")[1]


def test_few_arms_are_named():
    arms = {"random": Strategy("unit"), "he": Strategy("he"), "zeros": Strategy("zeros")}
    gains = {"he": 0.3, "zeros": -0.3}
    assert Summary(collected(plan(arms=arms, sizes=(1.0,)), gains=gains)).verdict("loss") == (
        "At 100% of the pairs, “zeros” reaches a lower held-out loss than “random”; “he” reaches a higher held-out "
        "loss than “random”."
    )


def test_the_largest_difference_has_its_interval(summary):
    glove = summary.comparisons("loss", 0.05)[0]
    assert f"by {MEASURES['loss'].amount(glove)}." in summary.answer("loss")


def test_noise_shows_nothing():
    assert Summary(collected(plan(sizes=(0.2,)), gains={})).answer("loss") == (
        "At 20% of the pairs, there is no significant difference in held-out loss between “random” and any of 4 arms."
    )


def test_two_arms_are_named():
    two = plan(arms={"random": Strategy("unit"), "he": Strategy("he")}, sizes=(1.0,))
    assert re.fullmatch(
        r"At 100% of the pairs, “he” reaches a higher held-out loss than “random”, by 0\.\d+ \(95% interval .*\)\.",
        Summary(collected(two, gains={"he": 0.3})).headline,
    )
    assert re.fullmatch(
        "At 100% of the pairs, there is no significant difference in held-out loss between “he” and “random” "
        r"\([−+]0\.\d+, 95% interval [−+]0\.\d+ to [−+]0\.\d+; p = \d\.\d{3}\)\.",
        Summary(collected(two, gains={})).headline,
    )


def test_meaning_is_told_from_scale(summary):
    assert [(c.arm, c.baseline) for c in summary.controls("loss", 1.0)] == [("glove", "glove, shuffled")]
    assert "“glove” reaches a lower held-out loss than the same vectors given to other words" in summary.meaning
    assert "what they know of the words helps" in summary.meaning
    assert [(c.arm, c.baseline) for c in summary.rescaled("loss", 1.0)] == [("glove, raw", "glove")]
    assert "“glove, raw” reaches a higher held-out loss than the same vectors rescaled" in summary.scale
    assert "rescaling helps" in summary.scale


def test_a_gain_that_the_control_shares_is_no_meaning():
    alike = Summary(collected(plan(sizes=(1.0,)), gains={"glove": -0.5, "glove, shuffled": -0.5}))
    assert "2 of 4 arms reach a lower" in alike.answer("loss")
    assert alike.meaning == (
        "At 100% of the pairs, there is no significant difference in held-out loss between “glove” and the same "
        "vectors given to other words."
    )


def test_controls_are_a_family_of_their_own():
    arms = {"random": Strategy("unit")}
    for model in ("a", "b"):
        arms |= {f"{model} {start}": Strategy(start, model, "unit") for start in ("pretrained", "shuffled", "matched")}
    arms["b pretrained, frozen"] = Strategy("pretrained", "b", "unit", "frozen")  # has no control in this plan
    summary = Summary(collected(plan(arms=arms, sizes=(1.0,))))
    controls = summary.controls("loss", 1.0)
    assert [(c.arm[0], c.baseline) for c in controls] == [
        ("a", "a shuffled"),
        ("a", "a matched"),
        ("b", "b shuffled"),
        ("b", "b matched"),
    ]
    assert [c.adjusted_p for c in controls] == holm([c.p for c in controls])
    assert summary.rescaled("loss", 1.0) == ()
    assert summary.scale == ""


def test_arms_without_a_difference_are_not_passed_over():
    arms = {"random": Strategy("unit")}
    for model in "abc":
        arms |= {f"{model} {start}": Strategy(start, model, "unit") for start in ("pretrained", "shuffled")}
    summary = Summary(collected(plan(arms=arms, sizes=(1.0,)), gains={"a pretrained": -0.5}))
    assert re.fullmatch(
        r"At 100% of the pairs, “a pretrained” reaches a lower held-out loss than the same vectors given to other "
        r"words, by 0\.\d+ \(95% interval .*\): what they know of the words helps; "
        r"for the other 2, there is no significant difference\.",
        summary.meaning,
    )


def test_sentences_are_told_size_after_size(summary):
    sentences = summary.sentences_by("chrf")
    assert len(sentences) == 2 * (4 + 1 + 1)
    assert sentences[0].startswith("Held-out chrF at 5% of the pairs: glove is better than random by")
    assert sentences[4].startswith("Held-out chrF at 5% of the pairs: glove is better than glove, shuffled by")
    assert sentences[6].startswith("Held-out chrF at 100% of the pairs:")


def test_runs_that_never_reach_the_threshold_are_named():
    slow = Summary(collected(plan(sizes=(1.0,), threshold=0.001)))
    assert set(slow.points("steps", 1.0)["glove"].values()) == {1000.0}
    sentence = slow.sentences_by("steps")[-1]
    assert "never reached a validation loss of 0.001" in sentence
    assert "“glove” (10 of 10)" in sentence
    row = slow.arms(1.0)[1]
    assert row.cell(MEASURES["steps"]) == ("not reached", "")
    assert re.fullmatch(r"\d\.\d{3} to \d\.\d{3}", row.cell(MEASURES["loss"])[1])
    reached = Summary(collected(plan(sizes=(1.0,), threshold=9.0))).arms(1.0)[1]
    assert re.fullmatch(r"[\d,]+", reached.cell(MEASURES["steps"])[0])


def test_neighbours_before_and_after(summary):
    before, after = summary.neighbours("glove", 0.05, 3, "good")
    assert [neighbour.word for neighbour in before] == ["fine", "<b>bad</b>", "great|"]
    assert [neighbour.risen for neighbour in before] == [0, 0, 0]
    assert [neighbour.risen for neighbour in after] == [3, 2, 1]
    assert summary.neighbours("glove", 0.05, 3, "bad") == ((), ())
    assert summary.neighbours("glove", 0.05, 99, "good") == ((), ())


def test_failed_runs_are_left_out_and_said():
    summary = Summary(
        collected(plan(sizes=(1.0,)), failed={("he", 1.0, 0)}, diverged={("he", 1.0, 1), ("random", 1.0, 2)})
    )
    assert summary.points("loss", 1.0)["he"].keys() == set(SEEDS) - {0, 1}
    he = summary.comparisons("loss", 1.0)[-1]
    assert (he.arm, he.seeds) == ("he", 7)
    assert (summary.arms(1.0)[-1].finished, summary.arms(1.0)[-1].failed) == (8, 2)
    assert (
        "At 100% of the pairs, 2 of 10 runs of “he” failed and are left out. This flatters the arm: "
        "the runs that remain are those that went well." in summary.cautions
    )
    assert any("1 of 10 runs of “random” failed" in caution for caution in summary.cautions)
    json.dumps(summary.as_json(), allow_nan=False)


def test_an_unfinished_run_is_summarised():
    missing = {("glove", 0.05, seed) for seed in range(9)} | {("random", 1.0, seed) for seed in SEEDS}
    summary = Summary(collected(plan(), missing=missing))
    assert summary.answer("loss").startswith("So far, with 81 of 100 runs: At 5% of the pairs, ")
    assert all(
        sentence.startswith("So far, with 81 of 100 runs: ")
        for sentence in (summary.meaning, summary.scale)
        if sentence
    )
    assert "the 3 arms that can be compared yet" in summary.answer("loss")
    assert "At 100% of the pairs, nothing can be compared yet." in summary.answer("loss")
    assert [c.arm for c in summary.comparisons("loss", 0.05)] == ["glove, raw", "glove, shuffled", "he"]
    assert summary.comparisons("loss", 1.0) == ()
    assert summary.arms(0.05)[1].values["loss"].low is None
    assert summary.cautions[0].startswith("19 of 100 runs are missing")
    assert any("common to “random” and “glove”: not compared yet" in caution for caution in summary.cautions)
    assert any("the baseline “random” has fewer than two finished runs" in caution for caution in summary.cautions)


def test_nothing_at_all_is_summarised():
    summary = Summary(Collected(plan(), {}, {}, 100))
    assert (
        summary.headline
        == summary.answer("loss")
        == ("So far, with 0 of 100 runs: At 5% and 100% of the pairs, nothing can be compared yet.")
    )
    assert summary.curve("glove", 1.0, "drifts").mean == ()
    assert summary.points("loss", 1.0) == {}
    assert summary.sentences_by("steps") == ()
    assert summary.arms(1.0)[0].rate is None
    assert (summary.meaning, summary.scale) == ("", "")
    json.dumps(summary.as_json(), allow_nan=False)


def test_rates_at_the_edge_of_the_search_are_named():
    searched = plan(sizes=(1.0,), rates=(0.001, 0.003, 0.01))
    results = collected(searched)  # all at the first, the lowest
    glove = {
        replace(job, rate=0.003) if job.arm == "glove" else job: replace(run, rate=0.003) if job.arm == "glove" else run
        for job, run in results.compared.items()
    }
    (caution,) = Summary(replace(results, compared=glove)).cautions
    assert caution == (
        "At 100% of the pairs, the learning rate of “random”, “glove, raw”, “glove, shuffled” and “he” is the lowest "
        "that was searched, 0.001: a lower rate might be better."
    )


def test_too_few_seeds_are_said_first():
    assert Summary(collected(plan(seeds=(0, 1, 2)))).cautions[0].startswith("With 3 seeds and 4 arms")


def test_the_order_of_the_results_changes_nothing(summary):
    backwards = dict(reversed(summary.collected.compared.items()))
    one, other = (
        Summary(replace(summary.collected, compared=runs)) for runs in (summary.collected.compared, backwards)
    )
    assert json.dumps(one.as_json()) == json.dumps(other.as_json())
    assert "seconds" not in json.dumps(one.as_json())


def test_a_classification_is_decided_by_its_right_answers_and_its_chance_is_said(summary):
    tagged = Summary(collected(plan(task="parts of speech", sizes=(1.0,))))
    assert (tagged.primary.key, summary.primary.key) == ("exact", "loss")
    assert tagged.measures[0] is MEASURES["exact"]
    assert {measure.key for measure in tagged.measures} == set(OF_TRANSLATIONS)
    answer = tagged.answer("exact")
    assert re.search(
        r"“glove” reaches .* held-out exact match|1 of 4 arms reaches a higher held-out exact match", answer
    )
    assert re.search(r"by \d\.\d+ points \(95% interval \d", answer)
    assert tagged.headline.startswith("Judged by held-out exact match, pre-trained vectors help, if they are used")
    assert re.fullmatch(
        r"A model that always gives the most frequent of the 5 answers .*, “\w+”, has an exact match of 23\.2% .*",
        tagged.chance,
    )
    assert summary.chance == ""
    assert "held-out loss" in tagged.answer("loss")
    assert "held-out loss" in tagged.meaning_by("loss")
    assert tagged.as_json()["deciding"] == "exact"


@pytest.mark.parametrize("seeds", [2, 3, 6, 10])
def test_no_interval_leaves_what_a_measure_can_be(seeds):
    """Losses near 0 and chrF near 100 that spread widely, and updates that reach the threshold at once or never."""
    comparison_plan = plan(seeds=tuple(range(seeds)), sizes=(1.0,), updates=100, threshold=0.05)
    near = {
        job: replace(
            run,
            loss=0.12 * 4 ** np.sin(7 * job.seed + len(job.arm)),
            chrf=100 - 6 * (job.seed % 3 == 0),
            exact=float(job.seed % 2),
            validation_losses=(5.0, 1.0, 0.2 * (job.seed % 2)),
            steps=(0, 50, 100),
        )
        for job, run in collected(comparison_plan).compared.items()
    }
    summary = Summary(Collected(comparison_plan, near, {}, 0))
    for measure in map(MEASURES.get, OF_TRANSLATIONS):
        key = measure.key
        least, greatest = measure.bounds(comparison_plan)
        spreads = {row.arm: row.values[key] for row in summary.arms(1.0)}
        at_end = {arm: replace(each, low=least, high=greatest) for arm, each in spreads.items() if each.low is None}
        assert all(each.mean in (least, greatest) for each in at_end.values())
        spreads |= at_end
        for spread in spreads.values():
            assert least <= spread.low <= spread.mean <= spread.high <= greatest
        for comparison in summary.comparisons(key, 1.0):
            assert least - greatest <= comparison.low <= comparison.difference <= comparison.high <= greatest - least
            assert spreads["random"].high + comparison.low >= least
            assert spreads[comparison.arm].high - comparison.high >= least


def test_unknown_measures_are_named():
    with pytest.raises(UserError, match="no measure “bleu”"):
        Summary(Collected(plan(), {}, {}, 100)).points("bleu", 1.0)


@settings(max_examples=25, deadline=None)
@given(
    seed=draw.integers(2, 6),
    gain=draw.floats(-0.2, 0.2),
    noise=draw.sampled_from([0.0, 0.05, 1.0]),
    gone=draw.sets(draw.tuples(draw.sampled_from(list(ARMS)), draw.just(1.0), draw.integers(0, 5)), max_size=20),
    broken=draw.sets(draw.tuples(draw.sampled_from(list(ARMS)), draw.just(1.0), draw.integers(0, 5)), max_size=8),
)
def test_nothing_is_claimed_that_the_intervals_do_not_hold(seed, gain, noise, gone, broken):
    """Whatever is missing or failed: no exception, and a difference in the headline is one that leaves zero out."""
    comparison_plan = plan(seeds=tuple(range(seed)), sizes=(1.0,), updates=100)
    summary = Summary(collected(comparison_plan, {"he": gain}, noise, missing=gone, failed=broken))
    significant = [c for c in summary.comparisons("loss", 1.0) if c.is_significant]
    assert all(c.low > 0 or c.high < 0 for c in significant)
    assert ("reach" in summary.answer("loss")) == bool(significant)
    if plain := " ".join(summary.decision("loss")):
        vectors = [c for c in significant if ARMS[c.arm].start == "pretrained"]
        assert (" better than" in plain or " worse" in plain) == bool(vectors)
    for row in summary.arms(1.0):
        assert row.finished + row.failed <= seed
        assert (row.finished == 0) == (not row.values)
    assert summary.cautions


def _run(**columns) -> Result:
    return Result("", "", "a", "", False, 1.0, 0, 0.003, **columns)


def test_runs_that_had_not_done_learning_are_named():
    results = collected(plan(sizes=(1.0,)))
    best = {
        job: replace(run, best_step=results.plan.updates) if job.seed % 2 else run
        for job, run in results.compared.items()
    }
    (caution,) = set(Summary(replace(results, compared=best)).cautions) - set(Summary(results).cautions)
    assert caution.startswith(
        f"At 100% of the pairs, {len(best) // 2} of {len(best)} runs are best at their last update"
    )
