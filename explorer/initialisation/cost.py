"""What a plan will take, from a few updates of its first job: said before the first run."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from threadpoolctl import threadpool_limits

from explorer.initialisation import experiment
from explorer.initialisation.plan import Job, Plan
from explorer.texts import _, _n
from explorer.transformer.batches import Batches
from explorer.transformer.training import Training, measure

_TIMED = 8  # updates, after one that warms up
_LONGEST = 2.0  # seconds, after which no further update is timed
_HOUR = 3600  # seconds, from which on it is said what would fit


@dataclass(frozen=True)
class Cost:
    """`seconds` on so many `workers`, an estimate; `runs` trainings of `updates` each, `most` if every grid of learning
    rates is widened as far as it may be."""

    runs: int
    updates: int
    workers: int
    seconds: float
    most: int = 0

    @property
    def sentence(self) -> str:
        """Such as "39 runs of 900 updates each: about 5 minutes with 2 processes."."""
        values = {"runs": self.runs, "updates": self.updates, "time": _time(self.seconds)}
        estimate = _n(
            "{runs:,} runs of {updates:,} updates each: about {time} with {count} process.",
            "{runs:,} runs of {updates:,} updates each: about {time} with {count} processes.",
            self.workers,
            **values,
        )
        if self.most > self.runs:
            estimate += " " + _(
                "Where the best learning rate lies at an end of those searched, more are tried: {most:,} runs at most.",
                most=self.most,
            )
        return f"{estimate} {self._fits}" if self.seconds > _HOUR else estimate

    @property
    def _fits(self) -> str:
        """How many runs an hour and a night are enough for, where they are enough for any."""
        one = self.seconds / -(-self.runs // self.workers)
        hour, night = (min(self.runs, self.workers * int(hours * _HOUR / one)) for hours in (1, 10))
        sentences = [_("One run takes about {one}.", one=_time(one))]
        if hour:
            sentences.append(_("An hour is enough for {hour:,} of them.", hour=hour))
        if night == self.runs:
            sentences.append(_("A night of ten hours is enough for all of them."))
        elif night:
            sentences.append(_("A night of ten hours is enough for {night:,} of them.", night=night))
        sentences.append(_("For less time, take fewer seeds or arms, fewer texts, or a plan with fewer updates."))
        sentences.append(_("What has finished is kept when you stop."))
        return " ".join(sentences)


def cost(plan: Plan, workers: int) -> Cost:
    """Train a few updates and measure once. Raises UserError as `experiment.prepare`."""
    arm, strategy = list(plan.arms.items())[-1]
    with threadpool_limits(1):
        prepared = experiment.prepare(plan, Job(arm, strategy, max(plan.sizes), plan.seeds[0], plan.rates[0]))
        training = Training(prepared.translator, prepared.recipe)
        batches = Batches(prepared.translator, prepared.train, plan.batch_size).shuffled(0, 0)
        training.update(batches[0])
        begun, timed = time.perf_counter(), 0
        while timed < _TIMED and time.perf_counter() - begun < _LONGEST:
            training.update(batches[timed % len(batches)])
            timed += 1
        update = (time.perf_counter() - begun) / timed
        begun = time.perf_counter()
        measure(training.translator, prepared.held_out())
        measured = time.perf_counter() - begun
    run = plan.updates * update + plan.updates / plan.measured_every * measured
    return Cost(plan.jobs, plan.updates, workers, run * -(-plan.jobs // workers), plan.most_jobs)


def cores() -> int:
    """How many this process may use: as many runs go side by side where nothing else is said."""
    return len(os.sched_getaffinity(0))


def _time(seconds: float) -> str:
    if seconds < 90:
        return _n("{count} second", "{count} seconds", max(round(seconds), 1))
    if seconds < 5400:
        return _("{minutes:.0f} minutes", minutes=seconds / 60)
    if seconds < 48 * _HOUR:
        return _("{hours:.1f} hours", hours=seconds / _HOUR)
    return _("{days:,.0f} days", days=seconds / (24 * _HOUR))
