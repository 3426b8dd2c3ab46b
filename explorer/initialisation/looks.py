"""When a comparison is looked at before its end, and what rate of error each look may spend, so that looking does not
make chance look like a difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import ndtr, ndtri

from explorer.initialisation.levels import CONFIDENCE

_FINEST = 0.001  # what 10,000 signs and resamples tell of both tails: no look tests at less


@dataclass(frozen=True)
class Look:
    """The look after so many `seeds`, numbered from 1 as the plan names them. `level` is the rate of error that it may
    spend: what is shown at it has p below `level`, and its intervals have the `confidence` that leaves."""

    number: int
    seeds: int
    level: float

    @property
    def confidence(self) -> float:
        return 1 - self.level


def schedule(seeds: Sequence[int], arms: int) -> tuple[Look, ...]:
    """The looks after these numbers of seeds, ascending, for so many arms besides the baseline.

    Each may spend what `spent` newly allows since the one before. All together spend 5%: so what is shown at any of
    them, and therefore at the one where a run stops, is an error in 5% of the comparisons at most, however the looks
    depend on each other (Bonferroni's inequality). A look at which no difference could be shown, however large,
    is left out and spends nothing. The last is never left out.
    """
    looks, before = [], 0.0
    for number, count in enumerate(seeds, start=1):
        is_last = number == len(seeds)
        level = (1 - CONFIDENCE if is_last else spent(count / seeds[-1])) - before
        if is_last or arms * max(2 / 2**count, _FINEST) < level:
            looks.append(Look(number, count, level))
            before += level
    return tuple(looks)


def spent(share: float) -> float:
    """The rate of error that may be spent by the time that a share of the seeds is there, above 0 to 1: the spending
    function of the O'Brien–Fleming kind (Lan & DeMets 1983), which leaves most of it to the end."""
    return float(2 * ndtr(-ndtri((1 + CONFIDENCE) / 2) / share**0.5))
