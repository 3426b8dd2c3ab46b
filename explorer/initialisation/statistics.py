"""What may be concluded from paired runs: differences to a baseline, with intervals, tests, and words.

A run of one arm and a run of another are paired by their seed: all but the embedding table is the same. What is left
is the difference, one a seed, and every statement here is about the mean of those.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

import numpy as np
from scipy.special import stdtrit

from explorer.errors import UserError
from explorer.transformer.tape import Array

CONFIDENCE = 0.95
FEWEST_SEEDS = 2
_RESAMPLES = 10_000
_EXACT = 13  # pairs up to which every combination of signs is tried
_ENOUGH = 0.99  # share of the resamples that have to spread
_SOME = 1e-12  # below this share of the numbers, a spread is rounding


@dataclass(frozen=True)
class Comparison:
    """One arm against the baseline on one measure.

    `difference` is the mean over the seeds of arm - baseline, `low` and `high` its 95% interval, `p` that of the paired
    permutation test, `adjusted_p` the same after Holm's correction for all arms of the comparison, `effect` the mean
    difference in standard deviations of the differences (Hedges' correction for few pairs), None where they do not
    spread.
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
    def shown(self) -> bool:
        """Whether a difference is shown: Holm's correction leaves p below 5%, and the interval leaves zero out, which
        a few pairs that disagree much on how large it is may not."""
        return self.adjusted_p < 1 - CONFIDENCE and not self.low <= 0 <= self.high

    def sentence(self, lower_is_better: bool) -> str:
        """What may be said, and no more."""
        interval = f"95% interval {_signed(self.low)} to {_signed(self.high)}, {self.seeds} seeds"
        if not self.shown:
            return (
                f"{self.measure}: no difference shown between {self.arm} and {self.baseline} "
                f"(mean {_signed(self.difference)}; {interval}; p = {self.adjusted_p:.3f} after Holm's correction)."
            )
        better = (self.difference < 0) == lower_is_better
        return (
            f"{self.measure}: {self.arm} is {'better' if better else 'worse'} than {self.baseline} by "
            f"{abs(self.difference):.4g} ({interval}; p = {self.adjusted_p:.3f} after Holm's correction)."
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"shown": self.shown}


def compare(results: Mapping[str, Mapping[int, float]], baseline: str, measure: str) -> tuple[Comparison, ...]:
    """Every arm against the baseline, from `results`: arm → seed → number. Only seeds that both have are paired.

    Raises UserError for a baseline that is not among the arms, or an arm with fewer than two seeds in common with it.
    """
    if baseline not in results:
        raise UserError(f"There is no arm “{baseline}” to compare with. There are: {', '.join(results)}.")
    arms = [arm for arm in results if arm != baseline]
    paired = {}
    for arm in arms:
        seeds = sorted(results[arm].keys() & results[baseline].keys())
        if len(seeds) < FEWEST_SEEDS:
            raise UserError(
                f"{arm} and {baseline} have {len(seeds)} finished seeds in common, but a comparison needs two. "
                "Let more runs finish, or plan more seeds."
            )
        paired[arm] = np.array([results[arm][seed] - results[baseline][seed] for seed in seeds])
    ps = [permutation_p(differences) for differences in paired.values()]
    adjusted = holm(ps)
    return tuple(
        Comparison(arm, baseline, measure, len(d), float(d.mean()), *interval(d), p, a, effect_size(d))
        for (arm, d), p, a in zip(paired.items(), ps, adjusted, strict=True)
    )


def interval(differences: Array, seed: int = 0) -> tuple[float, float]:
    """The 95% bootstrap-t interval of the mean of `differences` (n,): resampled means are studentised, which keeps the
    coverage near 95% for ten pairs, where percentiles of plain means have about 90% (Efron & Tibshirani 1993, 12.5).

    Up to four pairs, or where most differences are the same number, too many resamples are one pair again and again,
    and the interval is Student's t: for two pairs the bootstrap's would be a point.
    """
    n, mean = len(differences), float(differences.mean())
    error = float(differences.std(ddof=1) / np.sqrt(n))
    if error <= _SOME * max(abs(mean), 1e-300):
        return mean, mean
    draws = differences[np.random.default_rng(seed).integers(0, n, (_RESAMPLES, n))]
    errors = draws.std(axis=1, ddof=1) / np.sqrt(n)
    spread = errors > error * 1e-3  # a resample of one number again and again says nothing about the spread
    if spread.mean() < _ENOUGH:
        half = error * float(stdtrit(n - 1, (1 + CONFIDENCE) / 2))
        return mean - half, mean + half
    t = (draws.mean(axis=1)[spread] - mean) / errors[spread]
    low, high = np.quantile(t, [(1 + CONFIDENCE) / 2, (1 - CONFIDENCE) / 2])
    return float(mean - low * error), float(mean - high * error)


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


def _signed(number: float) -> str:
    return f"{number:+.4g}".replace("-", "\N{MINUS SIGN}")
