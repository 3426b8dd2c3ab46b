"""Comparisons that are drawn, search and looks included, so that the truth about them is known.

python -m tests.initialisation.simulated           prints what looking costs and saves, in some minutes
python -m tests.initialisation.simulated errors    prints how often a difference is shown where there is none
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from explorer.initialisation import statistics
from explorer.initialisation.collected import Collected, chosen_rates
from explorer.initialisation.facts import Facts
from explorer.initialisation.measures import MEASURES
from explorer.initialisation.numbers import Numbers
from explorer.initialisation.plan import Job, Plan
from explorer.initialisation.results import Result
from explorer.initialisation.sequential import current_look, runs_of
from explorer.initialisation.strategies import Strategy

RATES = (1.0, 2.0, 3.0, 4.0, 5.0)
ONE_RATE = (3.0,)
NOISE = 0.1  # of a run, beside what its seed gives all arms
_FACTS = Facts("", "", ("loss",))


def comparison(
    random: np.random.Generator,
    arms: Sequence[str],
    seeds: int = 8,
    looks: tuple[int, ...] = (),
    gain: float = 0.0,
    rates: tuple[float, ...] = RATES,
    search_seeds: int = 3,
    curvature: float = 0.05,
    best: float = 3.0,
) -> Collected:
    """One that has ended, by the project's own search and looks; the first arm is the baseline. The true loss of an arm
    is curved in the rate, with its minimum at `best`, and lower by `gain` for all arms but the baseline."""
    plan = Plan(
        "x",
        {name: Strategy("unit") for name in arms},
        arms[0],
        seeds=tuple(range(seeds)),
        looks=looks,
        rates=rates,
        search_seeds=search_seeds,
        widenings=0,
    )
    of_seed = random.normal(0, 1, seeds)

    def row(job: Job, shared: float) -> Result:
        truth = curvature * (job.rate - best) ** 2 - gain * (job.arm != arms[0])
        loss = 10 + truth + shared + NOISE * random.normal()
        return Result("", "", job.arm, "", job.search, 1.0, job.seed, job.rate, loss=loss, validation_losses=(loss,))

    searched = {job: row(job, 0.0) for job in plan.search()}
    compared = {job: row(job, of_seed[job.seed]) for job in plan.compared(chosen_rates(plan, searched))}
    look, _is_last = current_look(plan, searched, compared, MEASURES["loss"])
    return Collected(plan, runs_of(look, plan, compared), searched, 0, task=_FACTS, look=look)


def outcomes(
    repeats: int, seed: int = 8, arms: Sequence[str] = ("a", "b", "c"), **options: Any
) -> tuple[float, float, float]:
    """Of so many comparisons: the share in which any difference is shown, that in which all are, and the mean number of
    seeds at which they ended."""
    random, every = np.random.default_rng(seed), []
    for _ in range(repeats):
        numbers = Numbers(comparison(random, arms, **options))
        significant = [each.is_significant for each in numbers.comparisons("loss", 1.0)]
        every.append((any(significant), all(significant), numbers.look.seeds))
    any_shown, all_shown, seeds = np.mean(every, axis=0).tolist()
    return any_shown, all_shown, seeds


def lines(repeats: int) -> Iterator[str]:
    """A table of three arms and twenty seeds; gains are in standard deviations of a paired difference."""
    yield "| true gain | looks after | any shown | all shown | seeds, mean |"
    yield "| --- | --- | --- | --- | --- |"
    for gain in (0.0, 0.75, 1.5, 3.0):
        for looks in ((20,), (10, 20), (12, 16, 20)):
            any_shown, all_shown, seeds = outcomes(
                repeats, seeds=20, looks=looks, gain=gain * NOISE * 2**0.5, rates=ONE_RATE
            )
            after = ", ".join(map(str, looks))
            yield f"| {gain:g} | {after} | {any_shown:.1%} | {all_shown:.1%} | {seeds:.1f} |"


DESIGNS: tuple[tuple[int, tuple[int, ...], int], ...] = (
    (1, (6,), 3),
    (2, (7,), 3),
    (2, (10,), 3),
    (4, (10,), 3),
    (2, (10, 20), 3),
    (4, (10, 20), 3),
    (4, (10, 20), 5),
)
"""Arms besides the baseline, the seeds after which it is looked, seeds of the search."""
CURVATURES = (0.0, 0.1, 0.15, 0.3)
"""How much more a rate beside the best one loses, where the noise of a run is NOISE."""


def errors(repeats: int) -> Iterator[str]:
    """A table of the share of comparisons that show any difference, where no arm differs; with a fifth of the resamples
    that a comparison draws, to be quick."""
    statistics._RESAMPLES //= 5
    beside = " | ".join(f"{curvature / NOISE:g}" for curvature in CURVATURES)
    yield f"| arms besides the baseline | looks after | search seeds | {beside} |"
    yield "| --- | --- | --- |" + " --- |" * len(CURVATURES)
    for others, looks, search_seeds in DESIGNS:
        options = {"seeds": looks[-1], "looks": looks, "search_seeds": search_seeds}
        shares = (
            outcomes(repeats, arms="abcdef"[: others + 1], curvature=curvature, **options)[0]
            for curvature in CURVATURES
        )
        cells = " | ".join(f"{share:.1%}" for share in shares)
        yield f"| {others} | {', '.join(map(str, looks))} | {search_seeds} | {cells} |"


if __name__ == "__main__":
    for line in errors(300) if sys.argv[1:] == ["errors"] else lines(500):
        print(line, flush=True)
