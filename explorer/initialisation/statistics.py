"""What may be concluded from paired runs: differences to a baseline, with intervals and tests.

A run of one arm and a run of another are paired by their seed: all but the embedding table is the same. What is left
is the difference, one a seed, and every statement here is about the mean of those.

The learning rates of both arms are random as well, for a search on other seeds might have chosen others. So there are
two levels of seeds, and both are drawn anew: what a mean would be with other searches, and with other compared seeds
(a nested bootstrap; why both count: Dodge et al. 2019, Bouthillier et al. 2021).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import product
from math import inf
from typing import Any

import numpy as np
from scipy.special import expit, logit, stdtrit

from explorer.errors import UserError
from explorer.initialisation.levels import CONFIDENCE
from explorer.texts import _
from explorer.transformer.tape import Array

FEWEST_SEEDS = 2
_RESAMPLES = 10_000
_EXACT = 13  # pairs up to which every combination of signs is tried
_RESAMPLED = 5  # numbers from which on resamples are drawn
_SPREADS = 0.1  # share of the numbers' own spread below which a resample's says nothing
_ENOUGH = 0.99  # share of the resamples that have to spread
_SOME = 1e-12  # below this share of the numbers, a spread is rounding

Bounds = tuple[float, float]
"""The least and the greatest that a measure can be, infinite where there is none."""
ANY: Bounds = (-inf, inf)


@dataclass(frozen=True)
class Shifts:
    """How a mean would move had its learning rate been searched for on other seeds: a number for each time that the
    `seeds` of the search were drawn with replacement, around 0. None where nothing was searched, or on one seed
    alone."""

    numbers: tuple[float, ...] = ()
    seeds: int = 0

    def __sub__(self, other: Shifts) -> Shifts:
        """Of a difference: both arms are searched for on the same seeds."""
        if not (self and other):
            return self or Shifts(tuple(-number for number in other.numbers), other.seeds)
        return Shifts(tuple(a - b for a, b in zip(self.numbers, other.numbers, strict=True)), self.seeds)

    def __bool__(self) -> bool:
        return any(self.numbers)

    def drawn(self, count: int, seed: int) -> Array:
        """So many of them, (count,). Few seeds understate how much they spread, so the shifts have the tails of
        Student's t with one degree of freedom less than there are seeds."""
        random = np.random.default_rng([seed, 1])
        degrees = self.seeds - 1
        return random.choice(self.numbers, count) * np.sqrt(degrees / random.chisquare(degrees, count))


CERTAIN = Shifts()
"""Of what no search has a part in."""


@dataclass(frozen=True)
class Comparison:
    """One arm against the baseline on one measure.

    `difference` is the mean over the seeds of arm - baseline, `low` and `high` its 95% interval, which goes no further
    than the measure can. `p` is that of the paired permutation test, or `nested_p` where that is larger, `weighted`;
    `adjusted_p` the same after Holm's correction for all arms of the comparison; `effect` the mean difference in
    standard deviations of the differences (Hedges' correction for few pairs), None where they do not spread.
    """

    arm: str
    baseline: str
    measure: str
    seeds: int
    difference: float
    low: float
    high: float
    p: float
    adjusted_p: float
    effect: float | None

    @property
    def is_significant(self) -> bool:
        """Whether Holm's correction leaves p below 5%, and the interval leaves zero out: that of a few pairs which
        disagree much on the size of the difference may hold zero."""
        return self.adjusted_p < 1 - CONFIDENCE and not self.low <= 0 <= self.high

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"shown": self.is_significant}


def compare(
    results: Mapping[str, Mapping[int, float]],
    baseline: str,
    measure: str,
    bounds: Bounds = ANY,
    shifts: Mapping[str, Shifts] | None = None,
    confidence: float = CONFIDENCE,
) -> tuple[Comparison, ...]:
    """Every arm against the baseline, from `results`: arm → seed → number. Only seeds that both have are paired; what
    another search would change is in `shifts`, arm by arm; `confidence` is that of the look at which it is asked.

    Raises UserError for a baseline that is not among the arms, or an arm with fewer than two seeds in common with it.
    """
    if baseline not in results:
        raise UserError(
            _(
                "There is no arm “{baseline}” to compare with. There are: {results}.",
                baseline=baseline,
                results=", ".join(results),
            )
        )
    arms = [arm for arm in results if arm != baseline]
    paired = {}
    for arm in arms:
        seeds = sorted(results[arm].keys() & results[baseline].keys())
        if len(seeds) < FEWEST_SEEDS:
            raise UserError(
                _(
                    "{arm} and {baseline} have {seeds} finished seeds in common, but a comparison needs two. "
                    "Let more runs finish, or plan more seeds.",
                    arm=arm,
                    baseline=baseline,
                    seeds=len(seeds),
                )
            )
        own, other = (np.array([results[each][seed] for seed in seeds]) for each in (arm, baseline))
        moved, beside = ((shifts or {}).get(each, CERTAIN) for each in (arm, baseline))
        paired[arm] = own - other, paired_interval(own, other, bounds, moved, beside, confidence), moved - beside
    ps = [
        weighted(max(permutation_p(differences), nested_p(differences, moved)), confidence)
        for differences, _, moved in paired.values()
    ]
    return tuple(
        Comparison(arm, baseline, measure, len(d), float(d.mean()), *ends, p, adjusted, effect_size(d))
        for (arm, (d, ends, _)), p, adjusted in zip(paired.items(), ps, holm(ps), strict=True)
    )


def weighted(p: float, confidence: float) -> float:
    """The p of a look whose intervals have this confidence, so that below 5% it is below what the look may spend: a
    weighted Bonferroni correction over the looks (Genovese et al. 2006)."""
    return min(1.0, p * ((1 - CONFIDENCE) / (1 - confidence)))


def interval(
    numbers: Array, bounds: Bounds = ANY, shifts: Shifts = CERTAIN, confidence: float = CONFIDENCE, seed: int = 0
) -> Bounds:
    """The bootstrap-t interval of the mean of `numbers` (n,), which never leaves what a measure can be.

    How many standard errors it reaches to each side is read off studentised resamples, which keeps the coverage near
    95% for ten numbers, where percentiles of plain means have about 90% (Efron & Tibshirani 1993, 12.5). They are taken
    on a scale without ends, the logarithm above a lower bound or the logit between two, for a bootstrap-t interval
    respects no bounds of itself (the same, 12.6).

    Up to four numbers, or where most are nearly alike, too many resamples are one number again and again, and the
    interval is Student's t on that scale: for two numbers the bootstrap's would be a point.

    What another search would change is drawn beside what other seeds would, and widens the interval.
    """
    return _interval(tuple(numbers.tolist()), bounds, shifts, confidence, seed)


@lru_cache(maxsize=4096)  # a baseline's is asked for with each arm
def _interval(values: tuple[float, ...], bounds: Bounds, shifts: Shifts, confidence: float, seed: int) -> Bounds:
    numbers = np.array(values)
    n, mean = len(numbers), float(numbers.mean())
    error = float(numbers.std(ddof=1) / np.sqrt(n))
    if shifts:
        up, down = np.quantile(_deviations(numbers, shifts, seed), [(1 - confidence) / 2, (1 + confidence) / 2])
        steps = np.array([-down, -up])
    elif error <= _SOME * max(abs(mean), 1e-300):
        return mean, mean
    else:
        steps = np.array(_reach(numbers, error, confidence, seed)) * error
    low, high = _moved(np.array([mean, mean]), steps, bounds).tolist()
    return low, high


def paired_interval(
    own: Array,
    other: Array,
    bounds: Bounds = ANY,
    own_shifts: Shifts = CERTAIN,
    other_shifts: Shifts = CERTAIN,
    confidence: float = CONFIDENCE,
) -> Bounds:
    """The interval of the mean of `own` − `other` (n,), pair by pair, of a measure with such bounds.

    It goes no further than the two means can: were the other's mean at the upper end of its own interval, this one's
    could be at its lower bound at most. Towards both ends it is taken on the logit scale, as in `interval`; where pairs
    are many or agree, the ends are far and change nothing. Swapping the two turns its sign alone.
    """
    low, high = bounds if is_at_end(own, bounds) else interval(own, bounds, own_shifts, confidence)
    other_low, other_high = bounds if is_at_end(other, bounds) else interval(other, bounds, other_shifts, confidence)
    least, greatest = bounds
    ends = -min(other_high - least, greatest - low), min(high - least, greatest - other_low)
    return interval(own - other, ends, own_shifts - other_shifts, confidence)


def is_at_end(numbers: Array, bounds: Bounds) -> bool:
    """Whether all numbers are the least or the greatest that a measure can be: they do not spread, for they can go no
    further, which says nothing of how far the truth is from there."""
    return bool(np.ptp(numbers) == 0 and numbers[0] in bounds)


def curve_interval(values: Array, bounds: Bounds = ANY, confidence: float = CONFIDENCE) -> tuple[Array, Array]:
    """Student's interval of the mean of each column of `values` (n, columns), on the scale of `interval`; the mean
    itself where there is one row."""
    n, mean = len(values), values.mean(axis=0)
    if n == 1:
        return mean, mean
    step = values.std(axis=0, ddof=1) / np.sqrt(n) * _students_t(n, confidence)
    step[step <= _SOME * np.abs(mean)] = 0  # rounding
    return _moved(mean, -step, bounds), _moved(mean, step, bounds)


def _reach(numbers: Array, error: float, confidence: float, seed: int) -> tuple[float, float]:
    """How many standard errors lie between the mean and the lower and the upper end of its interval."""
    t = _studentised(numbers, error, seed)
    if t is None:
        reach = _students_t(len(numbers), confidence)
        return -reach, reach
    up, down = np.quantile(t, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(-down), float(-up)


def _studentised(numbers: Array, error: float, seed: int) -> Array | None:
    """How many of their own standard errors the means of resamples lie from the mean; None where they say nothing."""
    n = len(numbers)
    if n < _RESAMPLED:
        return None
    draws = numbers[_resamples(n, seed)]
    errors = draws.std(axis=1, ddof=1) / np.sqrt(n)
    spread = errors > error * _SPREADS
    if spread.mean() < _ENOUGH:
        return None
    return (draws.mean(axis=1)[spread] - numbers.mean()) / errors[spread]  # type: ignore[no-any-return]


def _deviations(numbers: Array, shifts: Shifts, seed: int = 0) -> Array:
    """How far the mean of such numbers may lie from the truth, drawn over both levels of seeds."""
    n = len(numbers)
    error = float(numbers.std(ddof=1) / np.sqrt(n))
    t = _studentised(numbers, error, seed) if error else np.zeros(_RESAMPLES)
    if t is None:
        shares = (np.random.default_rng(seed).permutation(_RESAMPLES) + 0.5) / _RESAMPLES
        t = stdtrit(n - 1, shares)
    return t * error + (shifts.drawn(len(t), seed) if shifts else 0.0)


def nested_p(differences: Array, shifts: Shifts) -> float:
    """The two-sided p of a mean difference when the search is drawn anew beside the seeds; 0 where it has no part."""
    if not shifts:
        return 0.0
    drawn = np.abs(_deviations(differences, shifts))
    return float(((drawn >= abs(differences.mean())).sum() + 1) / (len(drawn) + 1))


def equivalence_p(differences: Array, shifts: Shifts, margin: float) -> float:
    """The p of two one-sided tests (Schuirmann 1987): the larger of those that the mean difference is at least
    `margin`, or at most −`margin`. Small where the truth lies between."""
    mean, drawn = float(differences.mean()), _deviations(differences, shifts)
    return float((max((drawn <= mean - margin).sum(), (drawn >= mean + margin).sum()) + 1) / (len(drawn) + 1))


def beyond_p(differences: Array, shifts: Shifts, margin: float) -> float:
    """The two-sided p of a mean difference whose truth is at most `margin` away from zero. Small where it is beyond."""
    beyond = abs(float(differences.mean())) - margin
    drawn = np.abs(_deviations(differences, shifts))
    return float(((drawn >= beyond).sum() + 1) / (len(drawn) + 1))


def _students_t(n: int, confidence: float) -> float:
    """How many standard errors Student's interval of a mean of n numbers reaches to each side."""
    return float(stdtrit(n - 1, (1 + confidence) / 2))


@lru_cache(maxsize=8)
def _resamples(n: int, seed: int) -> Array:
    """Which of n numbers each resample draws, (resamples, n)."""
    return np.random.default_rng(seed).integers(0, n, (_RESAMPLES, n))


def _moved(mean: Array, step: Array, bounds: Bounds) -> Array:
    """Numbers moved by `step`, on a scale that the bounds are infinitely far away on and that is as fine as the plain
    one where each number stands. One that stands on a bound has no place on that scale: it moves on the plain one."""
    least, greatest = bounds
    if least == -inf and greatest == inf:
        return mean + step
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if greatest == inf:
            moved = least + (mean - least) * np.exp(step / (mean - least))
        else:
            width = greatest - least
            share = (mean - least) / width
            moved = least + width * expit(logit(share) + step / (width * share * (1 - share)))
    moved = np.where((mean == least) | (mean == greatest), np.clip(mean + step, least, greatest), moved)
    return np.where(step == 0, mean, moved)


def permutation_p(differences: Array, seed: int = 0) -> float:
    """The two-sided p of the paired permutation test: how often random signs give a mean so far from zero
    (Fisher 1935).

    Exact up to 13 pairs, else from 10,000 drawn signs, the observed ones counted among them (Phipson & Smyth 2010).
    """
    n = len(differences)
    observed = abs(float(differences.mean()))
    if n <= _EXACT:
        signs = np.array(list(product((1.0, -1.0), repeat=n)))
        extreme = np.abs(signs @ differences / n) >= observed * (1 - _SOME)
        return float(extreme.mean())
    signs = np.random.default_rng(seed).choice((1.0, -1.0), (_RESAMPLES, n))
    extreme = np.abs(signs @ differences / n) >= observed * (1 - _SOME)
    return float((extreme.sum() + 1) / (_RESAMPLES + 1))


def holm(ps: Sequence[float]) -> list[float]:
    """p values corrected for their number, the smallest most (Holm 1979)."""
    order = np.argsort(ps, kind="stable")
    adjusted, highest = [0.0] * len(ps), 0.0
    for place, number in enumerate(order.tolist()):
        highest = max(highest, min(1.0, ps[number] * (len(ps) - place)))
        adjusted[number] = highest
    return adjusted


def effect_size(differences: Array) -> float | None:
    """The mean difference in standard deviations of the differences, with Hedges' correction for small n (1981)."""
    spread = float(differences.std(ddof=1))
    if spread <= _SOME * max(abs(float(differences.mean())), 1e-300):
        return None
    degrees = len(differences) - 1
    return float(differences.mean()) / spread * (1 - 3 / (4 * degrees - 1))
