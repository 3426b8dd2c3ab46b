"""Which arms learn faster, and which are better in the end: two questions, answered from the validation losses of all
runs at equal numbers of updates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, fields, replace
from functools import cached_property, partial
from statistics import fmean
from typing import Any

import numpy as np

from explorer.answers import Answer, Table
from explorer.initialisation.cautions import limits
from explorer.initialisation.measures import agreeing
from explorer.initialisation.results import Result
from explorer.initialisation.search import shifts
from explorer.initialisation.statistics import FEWEST_SEEDS, Comparison, compare
from explorer.initialisation.summary import Summary
from explorer.initialisation.words import arms_named, size
from explorer.texts import _, _n

SHARES = (0.1, 0.3, 1.0)  # of the updates of the longest run
MEAN = "mean"  # over all updates, beside the shares
END = f"{SHARES[-1]:.0%}"
_LOSSES = (0.0, float("inf"))
_NAMED = 3  # arms to a side; more are counted
_VERDICTS = {  # of a point and the side of a difference: where no arm, a few arms and many arms are shown
    (MEAN, -1): (
        _("No arm is shown to learn faster than “{baseline}”."),
        _("Shown to learn faster than “{baseline}”: {arms}."),
        _("Shown to learn faster than “{baseline}”: {count} of {all} arms."),
    ),
    (MEAN, 1): (
        _("No arm is shown to learn more slowly than “{baseline}”."),
        _("Shown to learn more slowly than “{baseline}”: {arms}."),
        _("Shown to learn more slowly than “{baseline}”: {count} of {all} arms."),
    ),
    (END, -1): (
        _("No arm is shown to have a lower validation loss than “{baseline}” in the end."),
        _("Shown to have a lower validation loss than “{baseline}” in the end: {arms}."),
        _("Shown to have a lower validation loss than “{baseline}” in the end: {count} of {all} arms."),
    ),
    (END, 1): (
        _("No arm is shown to have a higher validation loss than “{baseline}” in the end."),
        _("Shown to have a higher validation loss than “{baseline}” in the end: {arms}."),
        _("Shown to have a higher validation loss than “{baseline}” in the end: {count} of {all} arms."),
    ),
}


@dataclass(frozen=True)
class Row:
    """An arm with its learning rate `at` a share of the updates, or as the mean over all of them. Its difference to the
    baseline is as `statistics.Comparison` has it; None for the baseline itself."""

    size: float
    at: str
    updates: int
    arm: str
    rate: float
    loss: float
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    adjusted_p: float | None = None
    significant: bool | None = None


class EqualUpdates(Answer):
    """Every arm against the baseline at equal numbers of updates, at all chosen sizes of a summary.

    After u updates a run has the lowest validation loss that it has measured so far: that of the weights which would
    have been kept had it ended there. So a run that learns by heart later, or that its patience has ended, keeps it.
    """

    def __init__(self, summary: Summary) -> None:
        self._summary = summary

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        return tuple(row for share in self._summary.shares for at in self._points(share) for row in self._at(share, at))

    def _points(self, share: float) -> list[str]:
        """Those of a size that has finished runs."""
        return [*(f"{each:.0%}" for each in SHARES), MEAN] if self.updates(share) else []

    def updates(self, share: float) -> int:
        """How many the longest run of a size has made."""
        plan = self._summary.plan
        return max((run.steps[-1] for arm in plan.arms for run in self._summary.finished(arm, share)), default=0)

    def _measured(self, share: float, updates: float) -> int:
        """The number of updates nearest to this after which a run of a size has measured."""
        plan = self._summary.plan
        steps = {step for arm in plan.arms for run in self._summary.finished(arm, share) for step in run.steps if step}
        return min(steps, key=lambda step: (abs(step - updates), step))

    def _at(self, share: float, at: str) -> Iterator[Row]:
        summary, updates = self._summary, self.updates(share)
        of = partial(_mean, updates)
        if at != MEAN:
            updates = self._measured(share, SHARES[self._points(share).index(at)] * updates)
            of = partial(_lowest, updates)
        runs = {arm: summary.finished(arm, share) for arm in summary.plan.arms}
        points = {arm: {run.seed: of(run) for run in own} for arm, own in runs.items()}
        compared = {each.arm: each for each in self._compared(share, at, points, of)}
        for arm, numbers in points.items():
            if numbers:
                row = Row(share, at, updates, arm, runs[arm][0].rate, fmean(numbers.values()))
                yield _beside(row, compared[arm]) if arm in compared else row

    def _compared(
        self, share: float, at: str, points: Mapping[str, Mapping[int, float]], of: Callable[[Result], float]
    ) -> tuple[Comparison, ...]:
        plan, collected = self._summary.plan, self._summary.collected
        paired = {
            arm: own for arm, own in points.items() if len(own.keys() & points[plan.baseline].keys()) >= FEWEST_SEEDS
        }
        if plan.baseline not in paired:
            return ()
        moved = shifts(plan, collected.grids[share], share, collected.searched, of)
        return compare(paired, plan.baseline, at, _LOSSES, moved, self._summary.look.confidence)

    @property
    def headline(self) -> str:
        """Which arms learn faster or slower, and which are lower or higher in the end, at each size."""
        return " ".join((*self.compared, *self.higher_rates, *limits(self._summary)))

    @property
    def compared(self) -> tuple[str, ...]:
        """The same without what keeps it from being the last word, size by size."""
        return tuple(map(self._sentence, self._summary.shares))

    def _sentence(self, share: float) -> str:
        plan = self._summary.plan
        rows = [row for row in self.rows if row.size == share and row.difference is not None]
        if not rows:
            return _("At {at}, nothing can be compared yet.", at=size(share, plan))
        return " ".join(
            (
                _(
                    "At {at}, the arms are compared over the same {updates:,} updates.",
                    at=size(share, plan),
                    updates=self.updates(share),
                ),
                *(_shown(rows, at, side, plan.baseline) for at, side in _VERDICTS),
            )
        )

    def arms(self, share: float, at: str, side: int) -> list[str]:
        """The arms that are shown to be below the baseline (side −1) or above it (1), at a point of a size."""
        return _arms([row for row in self.rows if row.size == share], at, side)

    @property
    def higher_rates(self) -> tuple[str, ...]:
        """Which of the arms that learn faster also take larger steps, a sentence a size that has any."""
        plan, sentences = self._summary.plan, []
        for share in self._summary.shares:
            rates = {row.arm: row.rate for row in self.rows if row.size == share}
            if arms := [arm for arm in self.arms(share, MEAN, -1) if rates[arm] > rates[plan.baseline]]:
                sentences.append(
                    _n(
                        "At {at}, {arms} learns faster and has a higher learning rate than the baseline’s {rate:g}: "
                        "that may be why.",
                        "At {at}, {arms} learn faster and have higher learning rates than the baseline’s {rate:g}: "
                        "that may be why.",
                        len(arms),
                        at=size(share, plan),
                        arms=arms_named(arms),
                        rate=rates[plan.baseline],
                    )
                )
        return tuple(sentences)

    @property
    def sentences(self) -> tuple[str, ...]:
        return (
            _(
                "After so many updates a run has the lowest validation loss that it has measured so far, which is that "
                "of the weights that are kept. The mean over all updates says which arm learns faster. "
                "The last value says which is better in the end. A run that its patience has ended keeps its lowest "
                "loss. What the arms reach on the test part is another question."
            ),
            _(
                "Each arm has the learning rate that gave the lowest loss in the end: with another it might be faster. "
                "A difference is shown if p is below 5% after Holm’s correction for the arms of one size at one point, "
                "and the interval does not contain zero; nothing is corrected across points and sizes."
            ),
            *self._summary.cautions,
        )

    @property
    def legend(self) -> str:
        """What stands in the cells of `by_arm`."""
        return _(
            "The number is the validation loss. Beside it is the difference to the baseline with its 95% interval. "
            "■ marks a difference that is shown, ○ one that is not. After a number of updates, a shown difference says "
            "that the loss is lower or higher. As the mean over all updates, it says that the arm learns faster or "
            "slower."
        )

    def by_arm(self, share: float) -> Table:
        """The rows of a size to be read: the arms, best mean first, with their differences at each point; a mark and a
        word where one is shown, which is another over the whole than after a number of updates."""
        rows = [row for row in self.rows if row.size == share]
        order = sorted((row for row in rows if row.at == MEAN), key=lambda row: row.loss)
        cells = {(row.arm, row.at): _cell(row) for row in rows}
        updates = {row.at: _("after {count:,} updates", count=row.updates) for row in rows}
        updates[MEAN] = _("mean of the lowest so far")
        points = self._points(share)
        return Table(
            (_("arm"), _("learning rate"), *(updates[at] for at in points)),
            tuple((row.arm, f"{row.rate:g}", *(cells[row.arm, at] for at in points)) for row in order),
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self._summary.plan.name,
            "answer": self.headline,
            "rows": [asdict(row) for row in self.rows],
        }

    def table(self) -> Table:
        return Table(tuple(each.name for each in fields(Row)), tuple(map(astuple, self.rows)))


def _beside(row: Row, each: Comparison) -> Row:
    return replace(
        row,
        difference=each.difference,
        low=each.low,
        high=each.high,
        p=each.p,
        adjusted_p=each.adjusted_p,
        significant=each.is_significant,
    )


def _lowest(updates: int, run: Result) -> float:
    """The lowest validation loss that a run has measured in so many updates."""
    return min(loss for step, loss in zip(run.steps, run.validation_losses, strict=True) if step <= updates)


def _mean(updates: int, run: Result) -> float:
    """The lowest validation loss so far, as the mean over so many updates by the trapezoid rule."""
    lowest = np.minimum.accumulate(run.validation_losses)
    area = float(np.trapezoid(lowest, run.steps)) + (updates - run.steps[-1]) * float(lowest[-1])
    return area / updates


def _arms(rows: Iterable[Row], at: str, side: int) -> list[str]:
    """The arms that are shown to be to a side of the baseline at a point."""
    return [row.arm for row in rows if row.at == at and row.significant and side * (row.difference or 0) > 0]


def _shown(rows: Sequence[Row], at: str, side: int, baseline: str) -> str:
    """The same in words."""
    arms = _arms(rows, at, side)
    none, few, many = _VERDICTS[at, side]
    if not arms:
        return none.format(baseline=baseline)
    if len(arms) <= _NAMED:
        return few.format(baseline=baseline, arms=arms_named(arms))
    return many.format(baseline=baseline, count=len(arms), all=sum(row.at == at for row in rows))


def _cell(row: Row) -> str:
    """The loss, and the difference with its interval: ○ where it is not shown, else ■ and what it says."""
    loss = f"{row.loss:.3f}"
    if row.difference is None or row.low is None or row.high is None:
        return loss
    mean, low, high = agreeing([row.difference, row.low, row.high], signed=True)
    lower, higher = (_("faster"), _("slower")) if row.at == MEAN else (_("lower"), _("higher"))
    shown = f"■ {lower if row.difference < 0 else higher}" if row.significant else "○"
    return f"{loss} {shown} {mean} ({low} to {high})"
