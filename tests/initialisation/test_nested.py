"""The whole procedure, its search included, against simulations whose truth is known; equivalence and power."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import nct, t

from explorer.initialisation import equivalence, library
from explorer.initialisation.equivalence import APART, EQUIVALENT, OPEN, Equivalences
from explorer.initialisation.numbers import Numbers
from explorer.initialisation.power import SEEDS, Powers, fewest_seeds, power_of, smallest_effect
from explorer.initialisation.results import Result
from explorer.initialisation.search import Grid, shifts
from explorer.initialisation.statistics import CERTAIN, beyond_p, compare, equivalence_p, permutation_p
from explorer.initialisation.strategies import Strategy
from explorer.initialisation.summary import Summary
from tests.initialisation.made_up import collected, plan
from tests.initialisation.simulated import RATES, comparison


def error_rates(repeats, arms, **options):
    """Of comparisons in which no arm differs, searched alike: the share of 95% intervals without zero, and of
    comparisons in which any difference is shown; the same without the search in them."""
    random, outside, shown = np.random.default_rng(8), np.zeros(2), np.zeros(2)
    for _ in range(repeats):
        numbers = Numbers(comparison(random, arms, **options))
        for way, searched in enumerate((numbers.shifts("loss", 1.0), None)):
            compared = compare(numbers.points("loss", 1.0), arms[0], "loss", shifts=searched)
            outside[way] += sum(not each.low <= 0 <= each.high for each in compared) / len(compared)
            shown[way] += any(each.is_significant for each in compared)
    return outside / repeats, shown / repeats


def test_with_the_search_in_them_intervals_and_tests_err_no_more_than_they_say():
    repeats = 40
    outside, shown = error_rates(repeats, ("a", "b", "c"))
    most = 0.05 + 3 * (0.05 * 0.95 / repeats) ** 0.5
    assert outside[0] <= most
    assert shown[0] <= most
    assert outside[1] > outside[0]  # without it they err more often


@pytest.mark.nightly
@pytest.mark.parametrize("search_seeds", [3, 5])
@pytest.mark.parametrize("curvature", [0.0, 0.02, 0.05, 0.3])
@pytest.mark.parametrize("arms", [("a", "b"), ("a", "b", "c", "d", "e")])
def test_the_procedure_errs_no_more_than_it_says_however_steep_the_learning_rate(search_seeds, curvature, arms):
    repeats = 400
    outside, shown = error_rates(repeats, arms, search_seeds=search_seeds, curvature=curvature, seeds=10)
    most = 0.05 + 3 * (0.05 * 0.95 / repeats) ** 0.5 + 0.02  # bootstrap-t intervals of ten numbers have some 94%
    assert outside[0] <= most
    assert shown[0] <= most


def test_a_search_that_chooses_the_same_rate_every_time_changes_nothing():
    random = np.random.default_rng(1)
    numbers = Numbers(comparison(random, ("a", "b"), curvature=9.0))
    points, moved = numbers.points("loss", 1.0), numbers.shifts("loss", 1.0)
    assert not any(moved.values())
    assert compare(points, "a", "loss", shifts=moved) == compare(points, "a", "loss")


def test_one_seed_of_the_search_says_nothing_of_others():
    one = plan(rates=RATES, search_seeds=1)
    assert shifts(one, Grid(RATES, dict.fromkeys(one.arms, 1.0)), 1.0, {}, lambda run: run.loss) == {}
    assert "The learning rates were chosen with one seed only" in " ".join(Summary(collected(one)).cautions)


def test_rates_with_failed_runs_are_not_chosen_in_another_search():
    two = plan(rates=(1.0, 2.0), search_seeds=2, arms={"random": Strategy("unit"), "he": Strategy("he")})
    rows = {
        job: Result("", "", job.arm, "", True, 1.0, job.seed, job.rate, loss=job.rate, validation_losses=(job.rate,))
        for job in two.search(dict.fromkeys(two.sizes, two.rates))
    }
    rows = {job: replace(row, error="diverged") if job.rate == 2.0 else row for job, row in rows.items()}
    best = Grid((1.0, 2.0), {"random": 1.0, "he": 1.0})
    assert not any(shifts(two, best, 1.0, rows, lambda run: run.loss).values())


def test_equivalence_is_shown_as_often_as_it_may_be_where_arms_differ_by_the_margin():
    random = np.random.default_rng(3)
    wrong = sum(equivalence_p(random.normal(1.0, 1.0, 10), CERTAIN, 1.0) < 0.05 for _ in range(300)) / 300
    assert wrong <= 0.05 + 3 * (0.05 * 0.95 / 300) ** 0.5
    right = sum(equivalence_p(random.normal(0.0, 0.2, 10), CERTAIN, 1.0) < 0.05 for _ in range(50)) / 50
    assert right > 0.9


def test_beyond_the_margin_is_shown_as_seldom_by_chance():
    random = np.random.default_rng(4)
    wrong = sum(beyond_p(random.normal(1.0, 1.0, 10), CERTAIN, 1.0) < 0.05 for _ in range(300)) / 300
    assert wrong <= 0.05
    assert beyond_p(random.normal(2.0, 0.2, 10), CERTAIN, 1.0) < 0.01
    assert beyond_p(random.normal(-2.0, 0.2, 10), CERTAIN, 1.0) < 0.01


def test_an_interval_beyond_the_margin_does_not_do_where_the_corrected_p_is_large(monkeypatch):
    monkeypatch.setattr(equivalence, "beyond_p", lambda *_: 0.03)  # of each of four arms
    verdicts = {row.arm: row.verdict for row in Equivalences(Summary(collected(plan(sizes=(1.0,)))), 0.1).rows}
    assert verdicts["glove"] == OPEN


def test_what_is_within_the_margin_beyond_it_and_neither_is_told_apart():
    summary = Summary(collected(plan(sizes=(1.0,))))
    answer = Equivalences(summary, 0.1)
    verdicts = {row.arm: row.verdict for row in answer.rows}
    assert verdicts == {"glove": APART, "glove, raw": APART, "glove, shuffled": EQUIVALENT, "he": EQUIVALENT}
    assert (
        "“glove, shuffled” and “he” are shown to be within 0.1 nats a token of “random” in held-out loss."
        in answer.headline
    )
    assert "Farther apart: “glove” and “glove, raw”." in answer.headline
    assert {row.verdict for row in Equivalences(summary, 0.001).rows if row.arm == "he"} == {OPEN}
    tagged = Summary(collected(plan(sizes=(1.0,), task="parts of speech")))
    shares = Equivalences(tagged, 2.0)
    assert shares.rows[0].margin == 0.02
    assert "2 percentage points" in shares.headline
    assert {row[shares.table().header.index("margin")] for row in shares.table().rows} == {2.0}  # as it was asked
    assert shares.as_json()["rows"][0]["low"] == 100 * shares.rows[0].low
    powers = Powers(tagged, 2.0, 0.8)
    assert powers.as_json() | {"effect": 2.0, "unit": "percentage points"} == powers.as_json()
    assert powers.as_json()["rows"][0]["spread"] == 100 * powers.rows[0].spread
    assert powers.as_json()["rows"][0]["smallest_effect_10"] == 100 * powers.rows[0].smallest_effects[1]


def test_empty_cells_of_power_have_their_reason():
    arms = {f"arm {number}": Strategy("unit") for number in range(12)}
    many = Powers(Summary(collected(plan(arms=arms, baseline="arm 0"))), None, 0.8)
    assert [row.smallest_effects[0] for row in many.rows] == [None] * len(many.rows)
    assert "smallest_effect_5 is empty: 5 seeds are too few" in many.sentences[2]
    assert many.sentences[3] == "seeds_needed is empty, for no effect was asked for."
    alike = Powers(library.summary("phrase-book").by("steps"), 10, 0.8)  # which no run of most arms reached
    assert alike.rows[0].smallest_effects[1:] == (0.0,) * 4
    assert [sentence for sentence in alike.sentences if "is empty" in sentence] == [
        "smallest_effect_5 is empty: 5 seeds are too few for so many arms, however large a difference is."
    ]


@pytest.mark.parametrize("seeds", [3, 10, 100])
def test_power_is_that_of_the_paired_t_test(seeds):
    limit = t.ppf(1 - 0.01 / 2, seeds - 1)
    expected = nct.sf(limit, seeds - 1, 0.5 * seeds**0.5) + nct.cdf(-limit, seeds - 1, 0.5 * seeds**0.5)
    assert power_of(0.5, 1.0, seeds, 0.01) == pytest.approx(expected)
    assert power_of(100.0, 1.0, seeds, 0.01) == pytest.approx(1)


def test_the_seeds_that_power_asks_for_show_the_effect_that_often():
    needed = fewest_seeds(1.0, 1.0, 0.05, 0.8)
    assert needed == 10  # the table of the t-test
    assert smallest_effect(1.0, needed, 0.05, 0.8) == pytest.approx(1.0, abs=0.05)
    random = np.random.default_rng(4)
    shown = np.mean([permutation_p(random.normal(1.0, 1.0, needed)) < 0.05 for _ in range(200)])
    assert shown >= 0.8 - 3 * (0.8 * 0.2 / 200) ** 0.5 - 0.03
    assert fewest_seeds(0.1, 1.0, 0.05, 0.8, search=0.1) is None  # no number of seeds undoes a coarse search
    assert smallest_effect(1.0, 5, 0.05, 0.8) is None  # five pairs have a p of 6% at least


def test_power_is_planned_from_a_pilot_arm_by_arm():
    summary = Summary(collected(plan(sizes=(1.0,))))
    asked = Powers(summary, 0.1, 0.8)
    assert [row.arm for row in asked.rows] == [arm for arm in summary.plan.arms if arm != "random"]
    assert all(row.spread_planned > row.spread for row in asked.rows)
    assert "seeds to show a difference from “random” of 0.1 nats a token in held-out loss (power 80%)" in asked.headline
    assert asked.table().header[-1] == f"smallest_effect_{SEEDS[-1]}"
    open_question = Powers(summary, None, 0.8)
    assert "ten seeds are enough to show a difference from" in open_question.headline
    assert all(row.smallest_effects[4] < row.smallest_effects[2] for row in open_question.rows)


def test_where_every_arm_is_always_right_nothing_can_be_told_by_any_of_three():
    easy = collected(plan(sizes=(1.0,), task="parts of speech"), {})
    rows = {job: replace(row, exact=1.0) for job, row in easy.compared.items()}
    summary = Summary(replace(easy, compared=rows))
    end = "too easy to tell the arms apart: every arm has 100.0%, which leaves nothing to gain."
    for answer in (Powers(summary, None, 0.8), Powers(summary, 2.0, 0.8)):
        assert answer.headline == f"At 100% of the pairs, this task is {end}"
    assert Equivalences(summary, 2.0).headline.startswith(f"At 100% of the pairs, this task is {end}")
    assert "every arm has 100.0%, which leaves nothing to gain" in summary.headline
