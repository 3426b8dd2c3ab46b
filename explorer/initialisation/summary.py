"""What the results of a plan say: numbers for each arm, differences to the baseline, and what may be concluded."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from statistics import fmean
from typing import Any

import numpy as np

from explorer.errors import UserError
from explorer.initialisation.found import Found
from explorer.initialisation.measures import MEASURES, Measure, curve_bounds
from explorer.initialisation.results import Neighbour, Result
from explorer.initialisation.statistics import FEWEST_SEEDS, Bounds, Comparison, compare, curve_interval, holm, interval
from explorer.initialisation.tasks import task


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


_Way = tuple[str, list[Comparison]]  # "lower" or "higher", and the comparisons of which that is shown


class Summary:
    """What may be said of a plan's results, finished or not. The same results give the same numbers, in whatever order
    they came. Runs that failed are left out of every number, and `cautions` says so."""

    def __init__(self, found: Found):
        self.plan, self.found = found.plan, found
        self.task = task(found.plan.task)
        self.primary = MEASURES[self.task.deciding]
        self.measures = (self.primary, *(measure for measure in MEASURES.values() if measure is not self.primary))
        self._runs: dict[tuple[str, float], list[Result]] = {}
        for job, result in sorted(found.compared.items(), key=lambda item: item[0].seed):
            self._runs.setdefault((job.arm, job.share), []).append(result)
        self._comparisons: dict[tuple[str, float], tuple[Comparison, ...]] = {}
        self._arms: dict[float, tuple[ArmRow, ...]] = {}

    def arms(self, share: float) -> tuple[ArmRow, ...]:
        """A row an arm, in the order of the plan."""
        if share not in self._arms:
            self._arms[share] = tuple(self._row(arm, share) for arm in self.plan.arms)
        return self._arms[share]

    def _row(self, arm: str, share: float) -> ArmRow:
        runs, finished = self._runs.get((arm, share), []), self._finished(arm, share)
        one = next(iter(finished or runs), None)
        return ArmRow(
            arm,
            self.plan.arms[arm].name,
            rate=one.rate if one else None,
            finished=len(finished),
            failed=len(runs) - len(finished),
            covered=one.covered if one else 0,
            words=one.words if one else 0,
            parameters=one.parameters if one else 0,
            trained=one.trained if one else 0,
            seconds=fmean(run.seconds for run in finished) if finished else 0.0,
            values={
                key: _spread([measure.of(run, self.plan) for run in finished], measure.bounds(self.plan))
                for key, measure in MEASURES.items()
                if finished
            },
        )

    def points(self, measure: str, share: float) -> dict[str, dict[int, float]]:
        """Arm → seed → number, of the runs that finished; arms without one are left out."""
        of = _measure(measure).of
        points = {arm: {run.seed: of(run, self.plan) for run in self._finished(arm, share)} for arm in self.plan.arms}
        return {arm: numbers for arm, numbers in points.items() if numbers}

    def comparisons(self, measure: str, share: float) -> tuple[Comparison, ...]:
        """Every arm against the baseline, by `statistics.compare`; Holm's correction is for the arms of this measure
        and this size. Arms with fewer than two finished seeds in common with the baseline are left out."""
        if (measure, share) not in self._comparisons:
            points, baseline = self.points(measure, share), self.plan.baseline
            told = {
                arm: numbers
                for arm, numbers in points.items()
                if arm == baseline or len(numbers.keys() & points.get(baseline, {}).keys()) >= FEWEST_SEEDS
            }
            asked = _measure(measure)
            self._comparisons[measure, share] = (
                compare(told, baseline, asked.title, asked.bounds(self.plan)) if baseline in told else ()
            )
        return self._comparisons[measure, share]

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
        points, asked = self.points(measure, share), _measure(measure)
        found = [
            compare({other: points[other], arm: points[arm]}, other, asked.title, asked.bounds(self.plan))[0]
            for arm, other in pairs
            if len(points.get(arm, {}).keys() & points.get(other, {}).keys()) >= FEWEST_SEEDS
        ]
        adjusted = holm([comparison.p for comparison in found])
        return tuple(replace(each, adjusted_p=p) for each, p in zip(found, adjusted, strict=True))

    def curve(self, arm: str, share: float, column: str) -> Curve:
        """One of CURVES for an arm; gradients and the like of runs that failed are left out, too."""
        runs = self._finished(arm, share)
        if not runs:
            return Curve()
        values = np.array([getattr(run, column) for run in runs])  # (seeds, steps)
        bands = (values.mean(axis=0), *curve_interval(values, curve_bounds(column)))
        return Curve(runs[0].steps, *(tuple(each.tolist()) for each in bands))

    def neighbours(
        self, arm: str, share: float, seed: int, word: str
    ) -> tuple[tuple[Neighbour, ...], tuple[Neighbour, ...]]:
        """The nearest words of a watched one before training, and after it with the places they rose; both empty where
        the run has not finished, or does not know the word."""
        near = [n for run in self._finished(arm, share) if run.seed == seed for n in run.neighbours if n.of == word]
        before, after = (tuple(n for n in near if n.when == when) for when in ("before", "after"))
        return before, after

    @cached_property
    def headline(self) -> str:
        """What the deciding measure shows at each size, and no more."""
        return self.answer(self.primary.key)

    def answer(self, measure: str) -> str:
        """What one measure shows at each size."""
        return self._so_far(" ".join(self._told(_measure(measure), share) for share in self.plan.sizes))

    @property
    def so_far(self) -> str:
        """How many of the runs there are while some are missing, such as "5 of 12 runs"; empty when all have ended."""
        missing, jobs = self.found.missing, self.plan.jobs
        return f"{jobs - missing:,} of {jobs:,} runs" if missing else ""

    def _so_far(self, told: str) -> str:
        return f"So far, with {self.so_far}: {told}" if told and self.so_far else told

    @property
    def chance(self) -> str:
        """Of a classification, how often guessing is right, in a sentence; else empty."""
        if not self.task.labels:
            return ""
        return (
            f"Who always answers “{' '.join(self.task.commonest)}”, the commonest of the {len(self.task.labels)} "
            f"answers in training, is right in {self.task.chance:.1%} of the test part."
        )

    def _told(self, asked: Measure, share: float) -> str:
        compared, at, baseline = self.comparisons(asked.key, share), size(share), f"“{self.plan.baseline}”"
        if not compared:
            return f"At {at} nothing can be compared yet."
        (way, better), (other_way, worse) = _ways(asked, compared)
        if len(self.plan.arms) == 2:
            (only,) = compared
            if not only.shown:
                return f"At {at} no difference in {asked.noun} is shown between “{only.arm}” and {baseline}."
            way = way if better else other_way
            return f"At {at} “{only.arm}” reaches a {way} {asked.noun} than {baseline}, by {asked.amount(only)}."
        others = len(self.plan.arms) - 1
        arms = f"{others} arms" if len(compared) == others else f"the {len(compared)} arms that can be compared yet"
        if not (better or worse):
            return f"At {at} no difference in {asked.noun} is shown between {baseline} and any of {arms}."
        count = f"{len(better) or 'none'} of {arms} {'reaches' if len(better) < 2 else 'reach'}"
        rest = f", and {len(worse)} {'reaches' if len(worse) == 1 else 'reach'} a {other_way} one" if worse else ""
        told = f"At {at} {count} a {way} {asked.noun} than {baseline}{rest}."
        if better:
            best = max(better, key=lambda c: abs(c.difference))
            told += f" Furthest {'below' if way == 'lower' else 'above'} is “{best.arm}”, by {asked.amount(best)}."
        return told

    @cached_property
    def meaning(self) -> str:
        """`meaning_by` the deciding measure."""
        return self.meaning_by(self.primary.key)

    @cached_property
    def scale(self) -> str:
        """`scale_by` the deciding measure."""
        return self.scale_by(self.primary.key)

    def meaning_by(self, measure: str) -> str:
        """Whether what the vectors know of words helps, or their mere distribution: one measure of pre-trained arms
        against the same vectors given to other words. Empty where nothing of it can be compared."""
        shuffled = {other for _, other in self._controls if self.plan.arms[other].start == "shuffled"}
        return self._against(
            _measure(measure),
            {share: [c for c in self.controls(measure, share) if c.baseline in shuffled] for share in self.plan.sizes},
            "the same vectors given to other words",
            "what they know of the words helps",
            "what they know of the words harms",
        )

    def scale_by(self, measure: str) -> str:
        """Whether vectors lose for being too wide: one measure of pre-trained arms as they are, or at length 1,
        against the same rescaled to Xavier's spread. Empty where nothing of it can be compared."""
        return self._against(
            _measure(measure),
            {share: self.rescaled(measure, share) for share in self.plan.sizes},
            "the same vectors rescaled to Xavier’s spread",
            "rescaling harms",
            "rescaling helps",
        )

    def _against(
        self, asked: Measure, families: Mapping[float, Sequence[Comparison]], what: str, helps: str, harms: str
    ) -> str:
        sentences = []
        for share, compared in families.items():
            parts = []
            for (way, found), moral in zip(_ways(asked, compared), (helps, harms), strict=True):
                if found:
                    who = f"{len(found)} of {len(compared)} pre-trained arms reach"
                    who = f"“{found[0].arm}” reaches" if len(found) == 1 else who
                    by = asked.amount(found[0]) if len(found) == 1 else asked.amounts(found)
                    parts.append(f"{who} a {way} {asked.noun} than {what}, by {by}: {moral}")
            if parts and (rest := sum(not comparison.shown for comparison in compared)):
                parts.append(f"for the other {rest} no difference is shown")
            if compared and not parts:
                who = f"“{compared[0].arm}”" if len(compared) == 1 else f"any of {len(compared)} pre-trained arms"
                parts = [f"no difference in {asked.noun} is shown between {who} and {what}"]
            if parts:
                sentences.append(f"At {size(share)} {'; '.join(parts)}.")
        return self._so_far(" ".join(sentences))

    def sentences(self, measure: str) -> tuple[str, ...]:
        """What may be said of each arm by one measure, size after size: against the baseline, pre-trained arms against
        their controls, and against themselves rescaled."""
        asked = _measure(measure)
        said: list[str] = []
        for share in self.plan.sizes:
            for family in (self.comparisons, self.controls, self.rescaled):
                said += [asked.sentence(comparison, size(share)) for comparison in family(measure, share)]
            if measure == "steps":
                said += self._never_reached(share)
        return tuple(said)

    def _never_reached(self, share: float) -> list[str]:
        never = {}
        for arm in self.plan.arms:
            runs = self._finished(arm, share)
            if count := sum(min(run.validation_losses) > self.plan.threshold for run in runs):
                never[arm] = f"“{arm}” ({count} of {len(runs)})"
        if not never:
            return []
        return [
            f"At {size(share)} some runs never reached a validation loss of {self.plan.threshold:g} and count as the "
            f"last update, {self.plan.updates:,}, though they would have taken longer: {_and(list(never.values()))}."
        ]

    @cached_property
    def cautions(self) -> tuple[str, ...]:
        """What weakens the conclusions, a sentence each."""
        said = [self.plan.too_few_seeds] if self.plan.too_few_seeds else []
        if self.found.missing:
            said.append(
                f"{self.found.missing:,} of {self.plan.jobs:,} runs are missing: what is said here is provisional. "
                "Stopping when it looks good would favour chance."
            )
        for share in self.plan.sizes:
            said += self._left_out(share)
        if broken := sum(bool(result.error) for result in self.found.searched.values()):
            said.append(
                f"{broken:,} of {len(self.found.searched):,} runs that looked for a learning rate failed: "
                "their rates were not chosen."
            )
        return (*said, *self._rates(), *self._unfinished())

    def _unfinished(self) -> list[str]:
        """Where half of the runs or more are best at their last update."""
        said = []
        for share in self.plan.sizes:
            runs = [run for arm in self.plan.arms for run in self._finished(arm, share)]
            if runs and 2 * (count := sum(run.best_step == self.plan.updates for run in runs)) >= len(runs):
                said.append(
                    f"At {size(share)} {count} of {len(runs)} runs are best at their last update: they had not done "
                    "learning, and longer ones may differ less, or otherwise."
                )
        return said

    def _left_out(self, share: float) -> list[str]:
        rows, at, baseline = self.arms(share), size(share), self.plan.baseline
        said = [
            f"At {at} {row.failed} of {row.failed + row.finished} runs of “{row.arm}” failed and are left out, "
            "which flatters it: those that remain are the ones that went well."
            for row in rows
            if row.failed
        ]
        seeds = {arm: numbers.keys() for arm, numbers in self.points(self.primary.key, share).items()}
        if len(seeds.get(baseline, ())) < FEWEST_SEEDS:
            return [*said, f"At {at} the baseline “{baseline}” has fewer than two finished runs: nothing is compared."]
        few = [arm for arm in self.plan.arms if len(seeds.get(arm, {}.keys()) & seeds[baseline]) < FEWEST_SEEDS]
        if few:
            said.append(
                f"At {at} fewer than two finished seeds are common to “{baseline}” and {_arms(few)}: not compared yet."
            )
        return said

    def _rates(self) -> list[str]:
        """Where the best learning rate may lie outside the searched ones."""
        rates = sorted(self.plan.rates)
        if len(rates) == 1:
            return [
                f"All arms have the learning rate {rates[0]:g}, none was searched: "
                "arms that another would suit better are at a disadvantage."
            ]
        said = []
        for share in self.plan.sizes:
            for edge, extreme, beyond in ((rates[0], "lowest", "lower"), (rates[-1], "highest", "higher")):
                if arms := [row.arm for row in self.arms(share) if row.rate == edge]:
                    whose = "every arm" if len(arms) == len(self.plan.arms) else _arms(arms)
                    said.append(
                        f"At {size(share)} the learning rate of {whose} is the {extreme} that was searched, "
                        f"{edge:g}: a {beyond} one might suit better."
                    )
        return said

    def as_json(self) -> dict[str, Any]:
        """All that repeats: everything but seconds, to the last digit."""
        return {
            "plan": tomllib.loads(self.plan.as_toml()),
            "origin": self.task.description,
            "deciding": self.primary.key,
            "headline": self.headline,
            "meaning": self.meaning,
            "scale": self.scale,
            "cautions": list(self.cautions),
            "missing": self.found.missing,
            "failures": list(self.found.failures),
            "problems": list(self.found.problems),
            "sentences": {key: list(self.sentences(key)) for key in MEASURES},
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
                name: {key: [comparison.as_json() for comparison in family(key, share)] for key in MEASURES}
                for name, family in families.items()
            }
            | {"points": {key: _text_keys(self.points(key, share)) for key in MEASURES}}
        )

    def _finished(self, arm: str, share: float) -> list[Result]:
        return [run for run in self._runs.get((arm, share), []) if not run.error]


def summarise(found: Found) -> Summary:
    """What the results there are say, be they all or not."""
    return Summary(found)


def size(share: float) -> str:
    """A share of the training pairs in words, "5% of the pairs"."""
    return f"{100 * share:g}% of the pairs"


def _measure(key: str) -> Measure:
    if key not in MEASURES:
        raise UserError(f"There is no measure “{key}”. Take one of {', '.join(MEASURES)}.")
    return MEASURES[key]


def _spread(numbers: list[float], bounds: Bounds) -> Spread:
    if len(numbers) == 1:
        return Spread(numbers[0], None, None)
    return Spread(float(np.mean(numbers)), *interval(np.array(numbers), bounds))


def _ways(asked: Measure, compared: Iterable[Comparison]) -> tuple[_Way, _Way]:
    """Those that are shown to be better, and those that are worse, each with the word for it."""
    shown = [comparison for comparison in compared if comparison.shown]
    lower = "lower", [comparison for comparison in shown if comparison.difference < 0]
    higher = "higher", [comparison for comparison in shown if comparison.difference > 0]
    return (lower, higher) if asked.lower_is_better else (higher, lower)


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _arms(names: Sequence[str]) -> str:
    return _and([f"“{name}”" for name in names])


def _text_keys(points: dict[str, dict[int, float]]) -> dict[str, dict[str, float]]:
    return {arm: {str(seed): number for seed, number in numbers.items()} for arm, numbers in points.items()}
