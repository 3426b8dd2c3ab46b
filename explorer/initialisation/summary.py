"""What the results of a plan say in numbers: means of each arm, differences to the baseline, curves, neighbours."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import asdict, astuple, dataclass, replace
from itertools import zip_longest
from statistics import fmean
from typing import Any, Self

import numpy as np

from explorer.answers import Answer, Table
from explorer.errors import NotThere, UserError
from explorer.initialisation import wording
from explorer.initialisation.cautions import cautions, limits
from explorer.initialisation.collected import Collected
from explorer.initialisation.decision import decision
from explorer.initialisation.facts import Facts
from explorer.initialisation.measures import AGAINST, MEASURES, Measure, curve_bounds
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
)
from explorer.texts import _
from explorer.transformer.confusion import Confusion
from explorer.transformer.tape import Array


@dataclass(frozen=True)
class Spread:
    """A mean over seeds and its 95% interval, None where one seed has no spread."""

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


_HEADER = (
    "size", "arm", "learning_rate", "runs", "still_improving", "mean", "low", "high", "baseline", "difference",
    "difference_low", "difference_high", "p", "adjusted_p", "effect", "significant",
)  # fmt: skip
"""The columns of a summary's table: means and differences with their 95% intervals."""


class Summary(Answer):
    """What may be said of a plan's results, finished or not. The same results give the same numbers, in whatever order
    they came. Runs that failed are left out of every number, and `cautions` says so.

    As an answer it has the arms by one measure, the deciding one, at all sizes; `by` gives it with another choice.
    """

    headings_are_data = True

    def __init__(self, collected: Collected):
        self.plan, self.collected = collected.plan, collected
        self.task = collected.task or Facts.of(collected.plan.data)
        self.measures = tuple(MEASURES[key] for key in self.task.measures)
        self.primary = self.measures[0]
        self.measure, self.against, self.shares = self.primary, "baseline", self.plan.sizes
        self._runs: dict[tuple[str, float], list[Result]] = {}
        for job, result in sorted(collected.compared.items(), key=lambda item: item[0].seed):
            self._runs.setdefault((job.arm, job.share), []).append(result)
        self._comparisons: dict[tuple[str, float], tuple[Comparison, ...]] = {}
        self._shifts: dict[tuple[str, float], dict[str, Shifts]] = {}
        self._arms: dict[float, tuple[ArmRow, ...]] = {}

    def by(self, measure: str | None = None, against: str = "baseline", size: float | None = None) -> Self:
        """The same summary with the arms by a measure (the deciding one where None), compared with what AGAINST names,
        at one size or all. Raises UserError for what the comparison does not have."""
        if against not in AGAINST:
            raise UserError(
                _(
                    "Nothing is compared with “{against}”. Take one of {known}.",
                    against=against,
                    known=", ".join(AGAINST),
                )
            )
        if size is not None and size not in self.plan.sizes:
            raise NotThere(
                _(
                    "The comparison “{name}” has no size {size:g}. Take one of {sizes}.",
                    name=self.plan.name,
                    size=size,
                    sizes=", ".join(f"{share:g}" for share in self.plan.sizes),
                )
            )
        view = copy(self)
        view.measure = self._measure(measure) if measure else self.primary
        view.against, view.shares = against, self.plan.sizes if size is None else (size,)
        return view

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
                )
                for measure in self.measures
                if finished
            },
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
        of = self._measure(measure).of
        points = {arm: {run.seed: of(run, self.plan) for run in self.finished(arm, share)} for arm in self.plan.arms}
        return {arm: numbers for arm, numbers in points.items() if numbers}

    def shifts(self, measure: str, share: float) -> dict[str, Shifts]:
        """How each arm's number would move with another search for its learning rate, by `search.shifts`."""
        if (measure, share) not in self._shifts:
            plan, collected, of = self.plan, self.collected, self._measure(measure).of
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
            named = self._measure(measure)
            self._comparisons[measure, share] = (
                compare(paired, baseline, named.title, named.bounds(self.plan), self.shifts(measure, share))
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
        points, named = self.points(measure, share), self._measure(measure)
        compared = [
            compare(
                {other: points[other], arm: points[arm]},
                other,
                named.title,
                named.bounds(self.plan),
                self.shifts(measure, share),
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
        bands = (values.mean(axis=0), *curve_interval(values, curve_bounds(column)))
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

    @property
    def headline(self) -> str:
        """What the chosen measure shows at the chosen sizes, and no more: in plain words against a random baseline."""
        if self.against == "baseline" and (plainly := self.decision(self.measure.key)):
            return " ".join((*plainly, *self.limits))
        return wording.answer(self, self.measure)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a reader should know beside the headline and the table."""
        return tuple(filter(None, (*self.shown, self.chance, *self.cautions)))

    @property
    def shown(self) -> tuple[str, ...]:
        """What the chosen measure shows in numbers: which arms differ, by how much, and by which of their properties.
        Without what the headline has said."""
        key = self.measure.key
        if self.against == "baseline" and self.decision(key):
            return (self.verdict(key), *self.details(key))
        return tuple(filter(None, (self.meaning_by(key), self.scale_by(key))))

    def decision(self, measure: str) -> tuple[str, ...]:
        """What one measure says to a person who decides, the answer first, by `decision.decision`; empty where it says
        nothing of pre-trained vectors against random ones."""
        return decision(self, self._measure(measure))

    def answer(self, measure: str) -> str:
        """What one measure shows at each size, and what keeps it from being the last word."""
        return wording.answer(self, self._measure(measure))

    def verdict(self, measure: str) -> str:
        """What one measure shows at each size, and no more."""
        return wording.verdict(self, self._measure(measure))

    def details(self, measure: str) -> tuple[str, ...]:
        """What there is to say of one measure besides its verdict."""
        return wording.details(self, self._measure(measure))

    @property
    def limits(self) -> tuple[str, ...]:
        """What keeps an answer from being the last word."""
        return tuple(limits(self))

    @property
    def so_far(self) -> str:
        """How many of the runs there are while some are missing, such as "5 of 12 runs"; empty when all have ended."""
        missing, jobs = self.collected.missing, self.collected.jobs
        return _("{ended:,} of {jobs:,} runs", ended=jobs - missing, jobs=jobs) if missing else ""

    @property
    def chance(self) -> str:
        """Of a classification, how often guessing is right, in a sentence; else empty."""
        return wording.chance(self)

    @property
    def meaning(self) -> str:
        """`meaning_by` the deciding measure."""
        return self.meaning_by(self.primary.key)

    @property
    def scale(self) -> str:
        """`scale_by` the deciding measure."""
        return self.scale_by(self.primary.key)

    def meaning_by(self, measure: str) -> str:
        """Whether what the vectors know of words helps, by `wording.meaning`."""
        return wording.meaning(self, self._measure(measure))

    def scale_by(self, measure: str) -> str:
        """Whether vectors lose for being too wide, by `wording.scale`."""
        return wording.scale(self, self._measure(measure))

    def sentences_by(self, measure: str) -> tuple[str, ...]:
        """What may be said of each arm by one measure, by `wording.each_arm`."""
        return tuple(wording.each_arm(self, self._measure(measure)))

    @property
    def cautions(self) -> tuple[str, ...]:
        """What weakens the conclusions, a sentence each."""
        return tuple(cautions(self))

    def table(self) -> Table:
        """The arms by the chosen measure, best first at each size, with their differences to what they are compared
        with; None where nothing is. Shares are from 0 to 1."""
        return Table(_HEADER, tuple(row for share in self.shares for row in self._table_rows(share)))

    def _table_rows(self, share: float) -> Iterator[tuple[Any, ...]]:
        key = self.measure.key
        compared: dict[str, list[Comparison]] = {}
        for comparison in self._family(self.against)(key, share):
            compared.setdefault(comparison.arm, []).append(comparison)
        rows = [row for row in self.arms(share) if row.arm in compared or self.against == "baseline"]
        sign = 1 if self.measure.lower_is_better else -1
        rows.sort(key=lambda row: sign * row.values[key].mean if row.values else np.inf)
        for row in rows:
            spread = row.values[key] if row.values else None
            mean = (spread.mean, spread.low, spread.high) if spread else (None, None, None)
            for each in compared.get(row.arm, ()):
                yield (
                    share, row.arm, row.rate, row.finished, row.improving, *mean, each.baseline, each.difference,
                    each.low, each.high, each.p, each.adjusted_p, each.effect, each.is_significant,
                )  # fmt: skip
            if row.arm not in compared:
                yield share, row.arm, row.rate, row.finished, row.improving, *mean, *[None] * 8

    def _family(self, against: str) -> Callable[[str, float], tuple[Comparison, ...]]:
        return {"baseline": self.comparisons, "controls": self.controls, "rescaled": self.rescaled}[against]

    def as_json(self) -> dict[str, Any]:
        """All that repeats: everything but seconds, to the last digit. `rows` has the table."""
        table, whole = self.table(), self.by()
        return {
            "name": self.plan.name,
            "measure": self.measure.key,
            "against": self.against,
            "answer": self.headline,
            "rows": [dict(zip(table.header, row, strict=True)) for row in table.rows],
            "plan": tomllib.loads(self.plan.public.as_toml()),
            "origin": self.task.description,
            "deciding": self.primary.key,
            "headline": whole.headline,
            "meaning": whole.meaning,
            "scale": whole.scale,
            "cautions": list(whole.cautions),
            "missing": self.collected.missing,
            "failures": list(self.collected.failures),
            "problems": list(self.collected.problems),
            "sentences": {each.key: list(whole.sentences_by(each.key)) for each in self.measures},
            "sizes": [self._as_json(share) for share in self.plan.sizes],
        }

    def _as_json(self, share: float) -> dict[str, Any]:
        arms = [asdict(row) for row in self.arms(share)]
        for row in arms:
            del row["seconds"]
        families = {"comparisons": self.comparisons, "controls": self.controls, "rescaled": self.rescaled}
        return (
            {"share": share, "arms": arms}
            | {
                name: {key: [comparison.as_json() for comparison in family(key, share)] for key in self.task.measures}
                for name, family in families.items()
            }
            | ({"labels": self._labels_as_json(share)} if self.task.classes else {})
            | {"points": {key: _text_keys(self.points(key, share)) for key in self.task.measures}}
        )

    def _labels_as_json(self, share: float) -> dict[str, Any]:
        """Of each arm with a finished run the confusion matrix, a row for each true label, and its labels."""
        answer = {}
        for arm in filter(lambda arm: self.finished(arm, share), self.plan.arms):
            table, counts = self.labels(arm, share), self.confusion(arm, share).counts
            by_label = [dict(zip(table.header, row, strict=True)) for row in table.rows]
            answer[arm] = {"confusion": counts.tolist(), "by_label": by_label}
        return answer

    def finished(self, arm: str, share: float) -> list[Result]:
        """The runs of an arm at a size that did not fail, by their seeds."""
        return [run for run in self._runs.get((arm, share), []) if not run.error]

    def _measure(self, key: str) -> Measure:
        if key not in self.task.measures:
            measures = ", ".join(self.task.measures)
            raise UserError(_("There is no measure “{key}”. Take one of {measures}.", key=key, measures=measures))
        return MEASURES[key]


def _spread(numbers: list[float], bounds: Bounds, shifts: Shifts) -> Spread:
    if len(numbers) == 1:
        return Spread(numbers[0], None, None)
    return Spread(float(np.mean(numbers)), *interval(np.array(numbers), bounds, shifts))


def _text_keys(points: dict[str, dict[int, float]]) -> dict[str, dict[str, float]]:
    return {arm: {str(seed): number for seed, number in numbers.items()} for arm, numbers in points.items()}
