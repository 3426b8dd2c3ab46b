"""What the results of a plan are in numbers: means of each arm, differences to the baseline, curves, neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from itertools import zip_longest
from statistics import fmean

import numpy as np

from explorer.answers import Table
from explorer.errors import UserError
from explorer.initialisation.collected import Collected
from explorer.initialisation.facts import Facts
from explorer.initialisation.measures import MEASURES, Measure, curve_bounds
from explorer.initialisation.results import Neighbour, Result
from explorer.initialisation.search import shifts
from explorer.initialisation.statistics import (
    CERTAIN,
    FEWEST_SEEDS,
    Bounds,
    Comparison,
    Shifts,
    compare,
    curve_interval,
    holm,
    interval,
    is_at_end,
)
from explorer.texts import _
from explorer.transformer.confusion import Confusion
from explorer.transformer.tape import Array


@dataclass(frozen=True)
class Spread:
    """A mean over seeds and its 95% interval; None where one seed has no spread, nor seeds that all reach the end of
    what a measure can be, such as 100%."""

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class ArmRow:
    """An arm at one size. Runs that failed count in `failed` alone; `rate` is None before one was chosen."""

    arm: str
    strategy: str
    rate: float | None
    finished: int
    improving: int  # of them those whose last measurement was their best
    at_ceiling: int  # of them those that the plan's last update ended, before their patience or without any
    failed: int
    covered: int  # words that the vectors cover, of `words`
    words: int
    parameters: int
    trained: int
    seconds: float  # of a run, mean; the one number that does not repeat
    values: dict[str, Spread]  # by the key of a measure; empty before a run has finished
    unreached: int = 0  # of the finished those that never had the threshold's validation loss

    def cell(self, measure: Measure) -> tuple[str, str]:
        """What a table has of a measure: the mean over the runs, and its interval; empty where there is none."""
        spread = self.values.get(measure.key)
        if spread is None:
            return "–", ""
        if measure.key == "steps" and self.unreached == self.finished:
            return _("not reached"), ""
        mean = measure.number(spread.mean)
        if spread.low is None or spread.high is None:
            return mean, ""
        return mean, _("{low} to {high}", low=measure.number(spread.low), high=measure.number(spread.high))


@dataclass(frozen=True)
class Curve:
    """The mean over an arm's finished runs at each measured update, and its 95% interval there, by
    `statistics.curve_interval`.

    With one run the interval is the mean itself; without any all are empty.
    """

    steps: tuple[int, ...] = ()
    mean: tuple[float, ...] = ()
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


class Numbers:
    """The numbers of a plan's results, finished or not. The same results give the same numbers, in whatever order they
    came; runs that failed are left out."""

    def __init__(self, collected: Collected) -> None:
        self.plan, self.collected = collected.plan, collected
        self.task = collected.task or Facts.of(collected.plan)
        self.measures = tuple(MEASURES[key] for key in self.task.measures)
        self.primary = self.measures[0]
        self.look = collected.look or self.plan.schedule[-1]
        self._runs: dict[tuple[str, float], list[Result]] = {}
        for job, result in sorted(collected.compared.items(), key=lambda item: item[0].seed):
            self._runs.setdefault((job.arm, job.share), []).append(result)
        self._comparisons: dict[tuple[str, float], tuple[Comparison, ...]] = {}
        self._shifts: dict[tuple[str, float], dict[str, Shifts]] = {}
        self._arms: dict[float, tuple[ArmRow, ...]] = {}

    @property
    def ended_early(self) -> bool:
        """Whether it has ended, at a look before its last seed."""
        return not self.collected.missing and self.look.seeds < len(self.plan.seeds)

    def arms(self, share: float) -> tuple[ArmRow, ...]:
        """A row an arm, in the order of the plan."""
        if share not in self._arms:
            self._arms[share] = tuple(self._row(arm, share) for arm in self.plan.arms)
        return self._arms[share]

    def _row(self, arm: str, share: float) -> ArmRow:
        runs, finished = self._runs.get((arm, share), []), self.finished(arm, share)
        one = next(iter(finished or runs), None)
        return ArmRow(
            arm,
            self.plan.arms[arm].name,
            rate=one.rate if one else None,
            finished=len(finished),
            improving=sum(run.best_step == run.steps[-1] for run in finished),
            at_ceiling=sum(run.steps[-1] == self.plan.updates and not self._has_stalled(run) for run in finished),
            failed=len(runs) - len(finished),
            covered=one.covered if one else 0,
            words=one.words if one else 0,
            parameters=one.parameters if one else 0,
            trained=one.trained if one else 0,
            seconds=fmean(run.seconds for run in finished) if finished else 0.0,
            values={
                measure.key: _spread(
                    [measure.of(run, self.plan) for run in finished],
                    measure.bounds(self.plan),
                    self.shifts(measure.key, share).get(arm, CERTAIN),
                    self.look.confidence,
                )
                for measure in self.measures
                if finished
            },
            unreached=sum(min(run.validation_losses) > self.plan.threshold for run in finished),
        )

    def _has_stalled(self, run: Result) -> bool:
        patience = self.plan.patience * self.plan.measured_every
        return bool(patience) and run.steps[-1] - run.best_step >= patience

    def edge(self, arm: str, share: float) -> str:
        """ "lowest" or "highest" where an arm's learning rate ends the grid that was searched; else empty."""
        rate = next((row.rate for row in self.arms(share) if row.arm == arm), None)
        return "" if rate is None else self.collected.grids[share].at_edge(rate)

    def points(self, measure: str, share: float) -> dict[str, dict[int, float]]:
        """Arm → seed → number, of the runs that finished; arms without one are left out."""
        of = self.measure_of(measure).of
        points = {arm: {run.seed: of(run, self.plan) for run in self.finished(arm, share)} for arm in self.plan.arms}
        return {arm: numbers for arm, numbers in points.items() if numbers}

    def shifts(self, measure: str, share: float) -> dict[str, Shifts]:
        """How each arm's number would move with another search for its learning rate, by `search.shifts`."""
        if (measure, share) not in self._shifts:
            plan, collected, of = self.plan, self.collected, self.measure_of(measure).of
            self._shifts[measure, share] = shifts(
                plan, collected.grids[share], share, collected.searched, lambda run: of(run, plan)
            )
        return self._shifts[measure, share]

    def comparisons(self, measure: str, share: float) -> tuple[Comparison, ...]:
        """Every arm against the baseline, by `statistics.compare`; Holm's correction is for the arms of this measure
        and this size. Arms with fewer than two finished seeds in common with the baseline are left out."""
        if (measure, share) not in self._comparisons:
            points, baseline = self.points(measure, share), self.plan.baseline
            paired = {
                arm: numbers
                for arm, numbers in points.items()
                if arm == baseline or len(numbers.keys() & points.get(baseline, {}).keys()) >= FEWEST_SEEDS
            }
            named = self.measure_of(measure)
            self._comparisons[measure, share] = (
                compare(
                    paired,
                    baseline,
                    named.title,
                    named.bounds(self.plan),
                    self.shifts(measure, share),
                    self.look.confidence,
                )
                if baseline in paired
                else ()
            )
        return self._comparisons[measure, share]

    def paired(self, measure: str, share: float, arm: str) -> tuple[Array, Shifts]:
        """The differences of an arm to the baseline, one for each seed that both have finished, and how another search
        would move them."""
        points, moved = self.points(measure, share), self.shifts(measure, share)
        own, other = points[arm], points[self.plan.baseline]
        shifted = moved.get(arm, CERTAIN) - moved.get(self.plan.baseline, CERTAIN)
        return np.array([own[seed] - other[seed] for seed in sorted(own.keys() & other.keys())]), shifted

    def controls(self, measure: str, share: float) -> tuple[Comparison, ...]:
        """Every pre-trained arm against its controls in the plan: the same vectors given to other words ("shuffled"),
        and random numbers as wide ("matched"). These are a family of their own for Holm's correction."""
        return self._pairs(measure, share, self._controls)

    def rescaled(self, measure: str, share: float) -> tuple[Comparison, ...]:
        """Every pre-trained arm at another scale against the same one at Xavier's, which tells whether vectors lose for
        being too wide (Kim, Balasubramanian & Kang 2024). A family of their own for Holm's correction."""
        return self._pairs(measure, share, self._scales)

    @property
    def _controls(self) -> list[tuple[str, str]]:
        """Pre-trained arms, each with those that differ from it in their start alone."""
        return [
            (arm, other)
            for arm, own in self.plan.arms.items()
            for other, control in self.plan.arms.items()
            if own.start == "pretrained"
            and control.start in ("shuffled", "matched")
            and replace(control, start=own.start) == own
        ]

    @property
    def _scales(self) -> list[tuple[str, str]]:
        """Pre-trained arms at other scales than Xavier's, each with the one that differs from it in that alone."""
        return [
            (arm, other)
            for arm, own in self.plan.arms.items()
            for other, rescaled in self.plan.arms.items()
            if own.start == "pretrained" and own.scale != "xavier" and replace(own, scale="xavier") == rescaled
        ]

    def _pairs(self, measure: str, share: float, pairs: Sequence[tuple[str, str]]) -> tuple[Comparison, ...]:
        points, named = self.points(measure, share), self.measure_of(measure)
        compared = [
            compare(
                {other: points[other], arm: points[arm]},
                other,
                named.title,
                named.bounds(self.plan),
                self.shifts(measure, share),
                self.look.confidence,
            )[0]
            for arm, other in pairs
            if len(points.get(arm, {}).keys() & points.get(other, {}).keys()) >= FEWEST_SEEDS
        ]
        adjusted = holm([comparison.p for comparison in compared])
        return tuple(replace(each, adjusted_p=p) for each, p in zip(compared, adjusted, strict=True))

    def curve(self, arm: str, share: float, column: str) -> Curve:
        """One of CURVES for an arm, over the finished runs that have it, which those of earlier versions may not. A run
        that has stopped before others keeps its last number."""
        runs = [run for run in self.finished(arm, share) if getattr(run, column)]
        if not runs:
            return Curve()
        longest = max(runs, key=lambda run: len(run.steps))
        numbers = [getattr(run, column) for run in runs]
        values = np.array(
            [(*each, *each[-1:] * (len(longest.steps) - len(each))) for each in numbers]
        )  # (seeds, steps)
        bands = (values.mean(axis=0), *curve_interval(values, curve_bounds(column), self.look.confidence))
        return Curve(longest.steps, *(tuple(each.tolist()) for each in bands))

    def neighbours(
        self, arm: str, share: float, seed: int, word: str
    ) -> tuple[tuple[Neighbour, ...], tuple[Neighbour, ...]]:
        """The nearest words of a watched one before training, and after it with the places they rose; both empty where
        the run has not finished, or does not know the word."""
        near = [n for run in self.finished(arm, share) if run.seed == seed for n in run.neighbours if n.of == word]
        before, after = (tuple(n for n in near if n.when == when) for when in ("before", "after"))
        return before, after

    def neighbours_by_rank(
        self, arm: str, share: float, seed: int, word: str
    ) -> tuple[tuple[int, Neighbour | None, Neighbour | None], ...]:
        """`neighbours` side by side: a rank, from 1, with its word before and after training."""
        pairs = zip_longest(*self.neighbours(arm, share, seed, word))
        return tuple((rank, before, after) for rank, (before, after) in enumerate(pairs, start=1))

    def watched(self, arm: str, share: float) -> list[str]:
        """The watched words that have neighbours in a run of an arm."""
        near = {neighbour.of for run in self.finished(arm, share) for neighbour in run.neighbours}
        return [word for word in self.plan.watch if word in near]

    def confusion(self, arm: str, share: float) -> Confusion:
        """Which labels the finished runs of an arm gave to which, all runs together; of labelled texts alone."""
        runs = [run.confusion for run in self.finished(arm, share)]
        return Confusion.of(np.sum(runs, axis=0).tolist() if runs else [0] * len(self.task.classes) ** 2)

    def labels(self, arm: str, share: float) -> Table:
        """How well an arm tells each label apart, over all its finished runs, in shares from 0 to 1: of the texts that
        were given the label, how many have it (precision); of those that have it, how many were given it (recall)."""
        by_label = self.confusion(arm, share).by_label
        rows = ((name, *astuple(of_label)) for name, of_label in zip(self.task.classes, by_label, strict=True))
        return Table(("label", "texts", "precision", "recall", "f1"), tuple(rows))

    def finished(self, arm: str, share: float) -> list[Result]:
        """The runs of an arm at a size that did not fail, by their seeds."""
        return [run for run in self._runs.get((arm, share), []) if not run.error]

    def measure_of(self, key: str) -> Measure:
        """A measure by its key. Raises UserError for one that the task does not have."""
        if key not in self.task.measures:
            measures = ", ".join(self.task.measures)
            raise UserError(_("There is no measure “{key}”. Take one of {measures}.", key=key, measures=measures))
        return MEASURES[key]


def _spread(numbers: list[float], bounds: Bounds, shifts: Shifts, confidence: float) -> Spread:
    values = np.array(numbers)
    if len(values) == 1 or (is_at_end(values, bounds) and not shifts):
        return Spread(numbers[0], None, None)
    return Spread(float(values.mean()), *interval(values, bounds, shifts, confidence))
