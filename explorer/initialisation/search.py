"""The search for learning rates: the grid that all arms of a size are tried with, and the rate that each arm takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from explorer.initialisation.plan import Job, Plan
from explorer.initialisation.results import Result


@dataclass(frozen=True)
class Grid:
    """The learning rates of a size, ascending, and the best of them for each arm: that whose lowest validation loss, as
    a mean over the search's seeds, is lowest. `best` is empty while runs of the grid are missing."""

    rates: tuple[float, ...]
    best: Mapping[str, float]

    def at_edge(self, rate: float) -> str:
        """ "lowest" or "highest" where a rate ends the grid, so that one beyond it might be better; else empty."""
        if len(self.rates) == 1:
            return ""
        return {self.rates[0]: "lowest", self.rates[-1]: "highest"}.get(rate, "")


def grids(plan: Plan, searched: Mapping[Job, Result]) -> dict[float, Grid]:
    """The grid of each size, as wide as the runs that were `searched` so far have made it.

    A grid with a single rate is not searched. It is continued by its own factor wherever the best rate of an arm is at
    its end, for all arms: their budgets stay alike.
    """
    losses: dict[tuple[str, float, float], list[float]] = {}
    for job, row in searched.items():
        lowest = float("inf") if row.error else min(row.validation_losses)
        losses.setdefault((job.arm, job.share, job.rate), []).append(lowest)
    return {share: _grid(plan, share, losses) for share in plan.sizes}


def _grid(plan: Plan, share: float, losses: Mapping[tuple[str, float, float], list[float]]) -> Grid:
    rates, below, above = sorted(plan.rates), plan.widenings, plan.widenings
    if len(rates) == 1:
        return Grid(tuple(rates), dict.fromkeys(plan.arms, rates[0]))
    while True:
        best = {}
        for arm in plan.arms:
            found = {rate: losses.get((arm, share, rate), []) for rate in rates}
            if all(len(each) == plan.search_seeds for each in found.values()):
                best[arm] = min(rates, key=lambda rate, found=found: fmean(found[rate]))  # type: ignore[misc]
        if len(best) < len(plan.arms):
            return Grid(tuple(rates), {})
        lower, higher = rates[0] in best.values() and below > 0, rates[-1] in best.values() and above > 0
        if not (lower or higher):
            return Grid(tuple(rates), best)
        below, above = below - lower, above - higher
        rates = [_beyond(rates[0], rates[1])] * lower + rates + [_beyond(rates[-1], rates[-2])] * higher


def _beyond(end: float, beside: float) -> float:
    """The rate beyond the end of a grid, as far as the one beside it."""
    return float(f"{end * end / beside:.3g}")
