"""Which of a plan's jobs have a result, and which learning rates their search has chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from explorer.initialisation.experiment import about
from explorer.initialisation.plan import Job, Plan
from explorer.initialisation.results import Result, Results
from explorer.texts import _


@dataclass(frozen=True)
class Collected:
    """The results there are for the jobs of a plan; those that failed are among them, with their error."""

    plan: Plan
    compared: dict[Job, Result]
    searched: dict[Job, Result]  # that looked for learning rates
    missing: int  # jobs without a result
    failures: tuple[str, ...] = ()  # a sentence for each job that failed
    problems: tuple[str, ...] = ()  # a sentence for each file that was left out


def collect(plan: Plan, folder: Path) -> Collected:
    """What a folder holds of a plan. Computes nothing. Raises UserError where its task or vectors are not at hand."""
    results = Results(folder)
    searched = _rows(plan, plan.search(), results)
    rates = chosen_rates(plan, searched)
    compared = _rows(plan, plan.compared(rates), results) if rates else {}
    failures = tuple(f"{named(job)}: {row.error}" for job, row in {**searched, **compared}.items() if row.error)
    missing = plan.jobs - len(searched) - len(compared)
    return Collected(plan, compared, searched, missing, failures, tuple(results.problems))


def chosen_rates(plan: Plan, searched: Mapping[Job, Result]) -> dict[tuple[str, float], float]:
    """The learning rate of each arm and size: of those searched the one whose lowest validation loss, as a mean over
    the search's seeds, is lowest. Empty while the search is not over."""
    cells = [(arm, share) for share in plan.sizes for arm in plan.arms]
    if len(plan.rates) == 1:
        return dict.fromkeys(cells, plan.rates[0])
    if len(searched) < len(list(plan.search())):
        return {}
    losses: dict[tuple[str, float, float], list[float]] = {}
    for job, row in searched.items():
        lowest = float("inf") if row.error else min(row.validation_losses)
        losses.setdefault((job.arm, job.share, job.rate), []).append(lowest)
    return {cell: min(plan.rates, key=lambda rate: fmean(losses[*cell, rate])) for cell in cells}


def named(job: Job) -> str:
    """A job in words."""
    return _(
        "{arm}, {share:.0%} of the pairs, seed {seed}, rate {rate:g}",
        arm=job.arm,
        share=job.share,
        seed=job.seed,
        rate=job.rate,
    )


def _rows(plan: Plan, jobs: Iterable[Job], results: Results) -> dict[Job, Result]:
    rows = ((job, results.rows.get(about(plan, job)["digest"])) for job in jobs)
    return {job: replace(row, arm=job.arm) for job, row in rows if row}
