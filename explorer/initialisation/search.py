"""The search for learning rates: the grid that all arms of a size are tried with, and the rate that each arm takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from explorer.initialisation.plan import Job, Plan
from explorer.initialisation.results import Result
from explorer.initialisation.statistics import Shifts

_DRAWS = 3_000


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


def shifts(
    plan: Plan, grid: Grid, share: float, searched: Mapping[Job, Result], of: Callable[[Result], float]
) -> dict[str, Shifts]:
    """How the number `of` each arm's runs would move with the learning rate that other search seeds would choose.

    The seeds of the search are drawn with replacement, the same for all arms; each draw chooses a rate as the search
    did. Its shift is the mean of the number with that rate, against the rate that was chosen, over a second draw of the
    search's runs: what another rate would give is known from few runs, and that of the chosen one is flattered by the
    choice. Drawn from few seeds, shifts are too small by √((S − 1) / S), which is made good (Rao & Wu 1988). Empty
    where nothing was searched, or on one seed.
    """
    seeds = plan.search_seeds
    if len(grid.rates) == 1 or seeds == 1 or not grid.best:
        return {}
    rows = {(job.arm, job.rate, job.seed): row for job, row in searched.items() if job.share == share}
    numbers = sorted({seed for _, _, seed in rows})
    choices, curves = np.random.default_rng(0).integers(0, seeds, (2, _DRAWS, seeds))
    moved = {}
    for arm, best in grid.best.items():
        found = {rate: [rows[arm, rate, seed] for seed in numbers] for rate in grid.rates}
        rates = [rate for rate, runs in found.items() if not any(run.error for run in runs)]
        if best not in rates:
            continue
        losses = np.array([[min(run.validation_losses) for run in found[rate]] for rate in rates])  # (rates, seeds)
        values = np.array([[of(run) for run in found[rate]] for rate in rates])
        chosen = losses[:, choices].mean(axis=2).argmin(axis=0)
        means = values[:, curves].mean(axis=2)  # (rates, draws)
        each = means[chosen, range(_DRAWS)] - means[rates.index(best)]  # exactly 0 where no draw chooses another
        each -= each.mean()
        moved[arm] = Shifts(tuple((each * np.sqrt(seeds / (seeds - 1))).tolist()), seeds)
    return moved
