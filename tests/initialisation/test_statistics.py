"""The statistics, against scipy, and against simulations whose truth is known."""

import numpy as np
import pytest
from scipy import stats

from explorer.errors import UserError
from explorer.initialisation.measures import MEASURES, agreeing
from explorer.initialisation.statistics import (
    Shifts,
    compare,
    effect_size,
    holm,
    interval,
    is_at_end,
    paired_interval,
    permutation_p,
)


@pytest.mark.parametrize("n", [2, 5, 10])
def test_the_permutation_test_is_scipys(n):
    differences = np.random.default_rng(n).normal(0.4, 1, n)
    expected = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=np.inf, alternative="two-sided"
    )
    assert permutation_p(differences) == pytest.approx(expected.pvalue)


def test_many_pairs_are_sampled_and_agree_with_the_t_test():
    differences = np.random.default_rng(0).normal(0.3, 1, 40)
    assert permutation_p(differences) == pytest.approx(stats.ttest_1samp(differences, 0).pvalue, abs=0.02)
    assert permutation_p(differences) == permutation_p(differences)


def test_the_interval_holds_the_truth_as_often_as_it_says():
    """Ten pairs, as in the full protocol: over 400 simulated comparisons, 95% within three standard errors."""
    random = np.random.default_rng(1)
    for draw in (random.normal, lambda mean, spread, n: mean + spread * (random.exponential(1, n) - 1)):
        held = 0
        for _ in range(400):
            low, high = interval(draw(0.5, 2.0, 10))
            held += low <= 0.5 <= high
        assert 0.95 - 3 * (0.95 * 0.05 / 400) ** 0.5 - 0.03 <= held / 400 <= 1


SKEWED = {
    "a loss": ((0, np.inf), 0.2, lambda random, n: 0.2 * np.exp(0.6 * random.normal(size=n) - 0.18)),
    "chrF near its top": ((0, 100), 97, lambda random, n: 100 * random.beta(19.4, 0.6, n)),
    "a share near zero": ((0, 1), 0.02, lambda random, n: random.beta(0.8, 39.2, n)),
}


@pytest.mark.parametrize("name", SKEWED)
@pytest.mark.parametrize("n", [3, 6, 10])
def test_a_bounded_interval_stays_within_and_holds_the_truth_as_often_as_it_says(name, n):
    bounds, truth, draw = SKEWED[name]
    random, held = np.random.default_rng(5), 0
    for _ in range(300):
        numbers = draw(random, n)
        low, high = interval(numbers, bounds)
        assert bounds[0] <= low <= numbers.mean() <= high <= bounds[1]
        held += low <= truth <= high
    assert held / 300 >= 0.95 - 3 * (0.95 * 0.05 / 300) ** 0.5 - 0.04


@pytest.mark.parametrize("n", [3, 6, 10])
@pytest.mark.parametrize(
    ("bounds", "draw", "truth"),
    [
        ((0, np.inf), lambda random, n: np.exp(0.5 * random.normal(size=(2, n)) - 0.125) * [[0.1], [0.2]], -0.1),
        (
            (0, np.inf),
            lambda random, n: 3 + random.normal(0, 0.5, n) + [[0.5], [0]] + random.normal(0, 0.05, (2, n)),
            0.5,
        ),
        ((0, 1), lambda random, n: np.array([random.beta(92, 8, n), random.beta(24, 76, n)]), 0.68),
        ((0, 1), lambda random, n: np.array([random.beta(20, 180, n), np.zeros(n)]), 0.1),
        ((0, 100), lambda random, n: 100 * np.array([random.beta(99, 1, n), random.beta(97, 3, n)]), 2),
    ],
)
def test_the_interval_of_a_bounded_difference_does_too(n, bounds, draw, truth):
    random, held = np.random.default_rng(6), 0
    for number in range(200):
        own, other = draw(random, n)
        low, high = paired_interval(own, other, bounds)
        assert bounds[0] - bounds[1] <= low <= (own - other).mean() <= high <= bounds[1] - bounds[0]
        held += low <= truth <= high
        if number < 50:
            assert paired_interval(other, own, bounds) == pytest.approx((-high, -low), rel=0.2, abs=0.02 * abs(truth))
    assert held / 200 >= 0.95 - 3 * (0.95 * 0.05 / 200) ** 0.5 - 0.04


def test_far_from_its_bounds_an_interval_is_what_it_would_be_without():
    random = np.random.default_rng(7)
    own, other = 3 + random.normal(0, 0.01, (2, 10))
    assert paired_interval(own, other, (0, np.inf)) == pytest.approx(paired_interval(own, other), abs=1e-4)


def test_an_estimate_and_its_interval_have_digits_that_agree():
    assert agreeing([0.11, 0.0317, 0.189]) == ["0.11", "0.03", "0.19"]
    assert agreeing([-0.5, -0.5423, -0.4612], signed=True) == ["−0.500", "−0.542", "−0.461"]
    assert agreeing([57.6, 55.13, 60.09]) == ["57.6", "55.1", "60.1"]
    assert agreeing([1234.5, 1000.0, 1500.0]) == ["1,234", "1,000", "1,500"]
    assert agreeing([0.11, 0.0004, 0.22]) == ["0.1100", "0.0004", "0.2200"]  # an end that is not zero does not read so
    assert agreeing([-1e-17, -10.831673, 11.065766], signed=True) == ["+0.0", "−10.8", "+11.1"]
    assert agreeing([0.25, 0.25, 0.25]) == ["0.250", "0.250", "0.250"]
    assert agreeing([0.0, 0.0, 0.0]) == ["0.00", "0.00", "0.00"]


def test_two_or_three_pairs_have_wide_intervals():
    random = np.random.default_rng(4)
    for n in (2, 3):
        intervals = [interval(random.normal(0.5, 2.0, n)) for _ in range(400)]
        held = sum(low <= 0.5 <= high for low, high in intervals) / 400
        assert abs(held - 0.95) < 3 * (0.95 * 0.05 / 400) ** 0.5
    differences = np.array([1.0, 2.0])
    expected = stats.t.interval(0.95, 1, differences.mean(), stats.sem(differences))
    assert interval(differences) == pytest.approx(expected)


def test_differences_that_are_mostly_alike_have_an_interval_on_both_sides():
    low, high = interval(np.array([0.0] * 9 + [150.0]))
    assert low < 0 < 15 < high


def test_a_difference_is_shown_only_where_the_interval_says_so_too():
    """One pair far from the others: all have the same sign, and yet the mean may as well be zero."""
    baseline = dict.fromkeys(range(7), 0.0)
    outlier = dict(enumerate([0.1, 0.2, 0.1, 0.3, 0.2, 0.1, 90.0]))
    (comparison,) = compare({"a": baseline, "b": outlier}, "a", "loss")
    assert comparison.adjusted_p < 0.05
    assert comparison.low < 0
    assert not comparison.is_significant


def test_nothing_is_found_where_there_is_nothing():
    """Four arms that are all the baseline: in at most about one comparison in twenty is any difference shown."""
    random = np.random.default_rng(2)
    false = 0
    for _ in range(200):
        noise = random.normal(0, 1, (5, 9))
        results = {f"arm {i}": dict(enumerate(row)) for i, row in enumerate(noise)}
        false += any(comparison.is_significant for comparison in compare(results, "arm 0", "loss"))
    assert false / 200 <= 0.05 + 3 * (0.05 * 0.95 / 200) ** 0.5


def test_a_difference_that_is_there_is_found():
    random = np.random.default_rng(3)
    seeds = random.normal(0, 5, 10)
    results = {
        "random": dict(enumerate(seeds)),
        "same": dict(enumerate(seeds + random.normal(0, 0.1, 10))),
        "lower": dict(enumerate(seeds - 1 + random.normal(0, 0.1, 10))),
    }
    same, lower = compare(results, "random", "loss")
    assert not same.is_significant
    loss, share = MEASURES["loss"], MEASURES["exact"]
    assert "no significant difference" in loss.sentence(same)
    assert lower.is_significant
    assert lower.low < -1 < lower.high
    assert "lower is better than random by" in loss.sentence(lower)
    assert "lower is worse than random by" in share.sentence(lower)


def test_holms_correction_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []


def test_the_effect_is_hedges_g_of_the_differences():
    differences = np.array([1.0, 2.0, 3.0, 6.0])
    d = differences.mean() / differences.std(ddof=1)
    assert effect_size(differences) == pytest.approx(d * (1 - 3 / (4 * 3 - 1)))
    assert effect_size(np.ones(4)) is None
    assert interval(np.ones(4)) == (1, 1)


def test_only_common_seeds_are_paired():
    results = {"a": {0: 1.0, 1: 2.0, 2: 9.0}, "b": {0: 2.0, 1: 4.0, 3: 0.0}}
    (comparison,) = compare(results, "a", "loss")
    assert comparison.seeds == 2
    assert comparison.difference == pytest.approx(1.5)
    with pytest.raises(UserError, match="no arm “c”"):
        compare(results, "c", "loss")
    with pytest.raises(UserError, match="1 finished seeds in common"):
        compare({"a": {0: 1.0}, "b": {0: 2.0}}, "a", "loss")


def test_a_mean_on_a_bound_has_an_interval_that_another_search_can_move():
    shifts = Shifts((-0.001, -0.001, 0.002), 3)
    low, high = interval(np.zeros(10), (0.0, 1.0), shifts)
    assert low == 0.0
    assert 0.0 < high < 0.1
    low, high = interval(np.zeros(10), (0.0, float("inf")), shifts)
    assert low == 0.0
    assert 0.0 < high < 0.1


def test_an_arm_that_is_always_right_is_not_known_to_be():
    differences = paired_interval(np.ones(6), np.array([1.0, 1.0, 1.0, 0.88, 0.95, 0.6]), (0.0, 1.0))
    assert differences[0] < 0 < differences[1]
    assert is_at_end(np.ones(6), (0.0, 1.0))
    assert not is_at_end(np.full(6, 0.5), (0.0, 1.0))
