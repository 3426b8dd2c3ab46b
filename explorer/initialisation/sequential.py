"""Whether a comparison may stop before its last seed: at the looks that its plan names, where every difference is
shown by then."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.initialisation.looks import Look
from explorer.initialisation.measures import Measure
from explorer.initialisation.plan import Job, Plan
from explorer.initialisation.results import Result
from explorer.initialisation.search import grids, shifts
from explorer.initialisation.statistics import compare


def current_look(
    plan: Plan, searched: Mapping[Job, Result], compared: Mapping[Job, Result], measure: Measure
) -> tuple[Look, bool]:
    """The look that the runs have come to or are on the way to, and whether none comes after it: it is the last, or
    everything is decided there."""
    *earlier, last = plan.schedule
    for look in earlier:
        runs = runs_of(look, plan, compared)
        if len(runs) < len(plan.arms) * len(plan.sizes) * look.seeds:
            return look, False
        if is_decided(look, plan, searched, runs, measure):
            return look, True
    return last, True


def runs_of(look: Look, plan: Plan, compared: Mapping[Job, Result]) -> dict[Job, Result]:
    """The runs of the seeds that a look has: later ones have no part in it."""
    seeds = set(plan.seeds[: look.seeds])
    return {job: row for job, row in compared.items() if job.seed in seeds}


def is_decided(
    look: Look, plan: Plan, searched: Mapping[Job, Result], runs: Mapping[Job, Result], measure: Measure
) -> bool:
    """Whether every arm is shown to differ from the baseline at every size, by the deciding measure. Never where a run
    has failed: those that remain are those that went well."""
    if any(row.error for row in runs.values()):
        return False
    known = grids(plan, searched)

    def of(run: Result) -> float:
        return measure.of(run, plan)

    for share in plan.sizes:
        numbers: dict[str, dict[int, float]] = {arm: {} for arm in plan.arms}
        for job, run in runs.items():
            if job.share == share:
                numbers[job.arm][job.seed] = of(run)
        moved = shifts(plan, known[share], share, searched, of)
        compared = compare(numbers, plan.baseline, measure.title, measure.bounds(plan), moved, look.confidence)
        if not all(each.is_significant for each in compared):
            return False
    return True
