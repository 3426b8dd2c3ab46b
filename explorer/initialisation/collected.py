"""Which of a plan's jobs have a result, and which learning rates their search has chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from explorer.initialisation.experiment import about
from explorer.initialisation.facts import Facts, facts
from explorer.initialisation.looks import Look
from explorer.initialisation.measures import MEASURES, Measure
from explorer.initialisation.plan import Job, Plan
from explorer.initialisation.results import Result, Results
from explorer.initialisation.search import Grid, grids
from explorer.initialisation.sequential import current_look, runs_of
from explorer.texts import _


@dataclass(frozen=True)
class Collected:
    """The results there are for the jobs of a plan; those that failed are among them, with their error. Where a look
    has ended it, seeds after that look have no part in it."""

    plan: Plan
    compared: dict[Job, Result]
    searched: dict[Job, Result]  # that looked for learning rates
    missing: int  # jobs without a result
    failures: tuple[str, ...] = ()  # a sentence for each job that failed
    problems: tuple[str, ...] = ()  # a sentence for each file that was left out
    task: Facts | None = None  # where the pairs are not at hand
    look: Look | None = None  # that it has come to or is on the way to; the last one where None

    @property
    def jobs(self) -> int:
        """How many there are, as wide as the grids are by now."""
        return len(self.searched) + len(self.compared) + self.missing

    @cached_property
    def grids(self) -> dict[float, Grid]:
        """The learning rates that each size was searched with."""
        return grids(self.plan, self.searched)


def collect(plan: Plan, folder: Path) -> Collected:
    """What a folder holds of a plan. Trains nothing. Raises UserError where its task is not at hand and the folder
    keeps no facts of it, or where its vectors are not."""
    results, task = Results(folder), facts(plan, folder).covered(plan)
    searched: dict[Job, Result] = {}
    while rows := _rows(plan, jobs_to_search(plan, searched), results, task.digest):
        searched |= rows
    rates = chosen_rates(plan, searched)
    compared = _rows(plan, plan.compared(rates), results, task.digest) if rates else {}
    look, is_last = current_look(plan, searched, compared, MEASURES[task.measures[0]])
    if is_last:
        compared = runs_of(look, plan, compared)
    failures = tuple(f"{named(job)}: {row.error}" for job, row in {**searched, **compared}.items() if row.error)
    cells = len(plan.arms) * len(plan.sizes)
    seeds = look.seeds if is_last else len(plan.seeds)
    missing = len(jobs_to_search(plan, searched)) + cells * seeds - len(compared)
    return Collected(plan, compared, searched, missing, failures, tuple(results.problems), task, look)


def chosen_rates(plan: Plan, searched: Mapping[Job, Result]) -> dict[tuple[str, float], float]:
    """The learning rate of each arm and size, by `search.grids`. Empty while the search is not over."""
    found = grids(plan, searched)
    if not all(grid.best for grid in found.values()):
        return {}
    return {(arm, share): rate for share, grid in found.items() for arm, rate in grid.best.items()}


def jobs_to_search(plan: Plan, searched: Mapping[Job, Result]) -> list[Job]:
    """The jobs that the search for learning rates still needs by what it has found so far; it may need more then."""
    rates = {share: grid.rates for share, grid in grids(plan, searched).items()}
    return [job for job in plan.search(rates) if job not in searched]


def jobs_to_compare(
    plan: Plan, searched: Mapping[Job, Result], compared: Mapping[Job, Result], measure: Measure
) -> list[Job]:
    """The jobs that are still to be compared up to the next look, by what the deciding measure has shown so far."""
    look, _is_last = current_look(plan, searched, compared, measure)
    seeds = set(plan.seeds[: look.seeds])
    jobs = plan.compared(chosen_rates(plan, searched))
    return [job for job in jobs if job.seed in seeds and job not in compared]


def named(job: Job) -> str:
    """A job in words."""
    return _(
        "{arm}, {share:.0%} of the pairs, seed {seed}, rate {rate:g}",
        arm=job.arm,
        share=job.share,
        seed=job.seed,
        rate=job.rate,
    )


def _rows(plan: Plan, jobs: Iterable[Job], results: Results, data: str) -> dict[Job, Result]:
    rows = ((job, results.rows.get(about(plan, job, data)["digest"])) for job in jobs)
    return {job: replace(row, arm=job.arm) for job, row in rows if row}
