"""What arms are compared by: numbers of a run, each with its unit, its bounds, and which side of it is better."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the declarations of questions read this module, and must not wait for NumPy
    from explorer.initialisation.plan import Plan
    from explorer.initialisation.results import Result
    from explorer.initialisation.statistics import Bounds, Comparison

_MOST_DECIMALS = 6

AGAINST = {
    "baseline": "the baseline",
    "controls": "the same vectors for other words, or matched noise",
    "rescaled": "the same vectors, rescaled",
}
"""What arms are compared with."""


@dataclass(frozen=True)
class Measure:
    """One number of a run, of at least 0."""

    key: str
    title: str
    noun: str  # in a sentence: "a lower held-out loss"
    unit: str
    points: str  # the unit of its differences
    lower_is_better: bool
    of: Callable[[Result, Plan], float]
    most: Callable[[Plan], float] = lambda plan: math.inf
    decimals: int = 3
    percent: bool = False  # whether it is a share, which is written in per cent
    curve: str = "validation_losses"  # of CURVES, the one that shows how it comes about

    @property
    def sides(self) -> tuple[str, str]:
        """What lies to the left of an axis of differences, and what to the right."""
        return ("better", "worse") if self.lower_is_better else ("worse", "better")

    @property
    def axis(self) -> str:
        """The name of an axis of single numbers."""
        return f"{self.title}, {self.unit}; {'lower' if self.lower_is_better else 'higher'} is better"

    @property
    def difference_axis(self) -> str:
        return f"difference in {self.noun}, {self.points}"

    def bounds(self, plan: Plan) -> Bounds:
        return 0.0, self.most(plan)

    def scaled(self, number: float) -> float:
        """A number or a difference in the unit that it is read in."""
        return 100 * number if self.percent else number

    def number(self, number: float) -> str:
        """A number as tables have it: as many decimals for all."""
        return _signs(f"{self.scaled(number):,.{self.decimals}f}{'%' if self.percent else ''}")

    def best_first(self, differences: Sequence[Comparison]) -> list[Comparison]:
        return sorted(differences, key=lambda each: each.difference, reverse=not self.lower_is_better)

    def difference(self, comparison: Comparison) -> tuple[str, str, str]:
        """A difference and the ends of its interval, signed, with decimals that agree."""
        numbers = (comparison.difference, comparison.low, comparison.high)
        mean, low, high = agreeing([self.scaled(number) for number in numbers], signed=True)
        return mean, low, high

    def amount(self, comparison: Comparison) -> str:
        """How large a significant difference is, its interval on the same side: "0.31 (95% interval 0.25 to 0.37)"."""
        ends = sorted(abs(end) for end in (comparison.low, comparison.high))
        numbers = (abs(comparison.difference), *ends)
        mean, low, high = agreeing([self.scaled(number) for number in numbers])
        return f"{mean}{self._spoken} (95% interval {low} to {high})"

    def amounts(self, comparisons: Sequence[Comparison]) -> str:
        """From the smallest to the largest of several differences."""
        means = sorted(abs(self.scaled(comparison.difference)) for comparison in comparisons)
        least, greatest = agreeing([means[0], means[-1]])
        return f"{least} to {greatest}{self._spoken}"

    def sentence(self, comparison: Comparison, at: str = "") -> str:
        """What may be said of a comparison, and no more; `at` names the size."""
        (mean, low, high), title = self.difference(comparison), f"{self.title}{at and f' at {at}'}"
        interval = f"95% interval {low} to {high}, {comparison.seeds} seeds"
        p = f"p = {comparison.adjusted_p:.3f} after Holm's correction"
        arm, baseline = comparison.arm, comparison.baseline
        if not comparison.is_significant:
            return (
                f"{title}: no significant difference between {arm} and {baseline} (mean {mean}{self._spoken}; "
                f"{interval}; {p})."
            )
        better = (comparison.difference < 0) == self.lower_is_better
        return (
            f"{title}: {arm} is {'better' if better else 'worse'} than {baseline} by "
            f"{mean.lstrip(_SIGNS)}{self._spoken} ({interval}; {p})."
        )

    @property
    def _spoken(self) -> str:
        """The unit after a number in a sentence; a loss has none that is spoken."""
        return "" if self.points == _NATS else f" {self.points.removeprefix('percentage ')}"


_NATS = "nats a token"
_SIGNS = "+\N{MINUS SIGN}"


def agreeing(numbers: Sequence[float], signed: bool = False) -> list[str]:
    """A mean and the ends of its interval with as many decimals each: those that leave its width two digits that count,
    and more where an end would read as zero that is none."""
    width = max(numbers) - min(numbers)
    least = min((abs(number) for number in numbers if number), default=1.0)
    decimals = 1 - math.floor(math.log10(width)) if width else 2 - math.floor(math.log10(least))
    while decimals < _MOST_DECIMALS and least < 0.5 * 10**-decimals:
        decimals += 1
    decimals = min(max(decimals, 0), _MOST_DECIMALS)
    return [_signs(f"{number:{'+' if signed else ''},.{decimals}f}") for number in numbers]


def _signs(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")


def _area(result: Result, plan: Plan) -> float:
    """The validation loss, averaged over all updates by the trapezoid rule."""
    import numpy as np

    first, last = result.steps[0], result.steps[-1]
    return float(np.trapezoid(result.validation_losses, result.steps)) / (last - first)


def _steps(result: Result, plan: Plan) -> float:
    """The first measured update at which the validation loss is at most the threshold; the last if there is none."""
    reached = (s for s, loss in zip(result.steps, result.validation_losses, strict=True) if loss <= plan.threshold)
    return float(next(reached, result.steps[-1]))


_ACCURACIES = "validation_accuracies"
MEASURES = {
    measure.key: measure
    for measure in (
        Measure("loss", "Held-out loss", "held-out loss", _NATS, _NATS, True, lambda result, plan: result.loss),
        Measure(
            "token_accuracy", "Held-out token accuracy", "held-out token accuracy", "% of the tokens",
            "percentage points", False, lambda result, plan: result.token_accuracy, lambda plan: 1.0, 1, True,
            _ACCURACIES,
        ),
        Measure(
            "exact", "Held-out exact match", "held-out exact match", "% of the answers",
            "percentage points", False, lambda result, plan: result.exact, lambda plan: 1.0, 1, True, _ACCURACIES,
        ),
        Measure(
            "chrf", "Held-out chrF", "held-out chrF", "points of 100", "points", False,
            lambda result, plan: result.chrf, lambda plan: 100.0, 1, curve=_ACCURACIES,
        ),
        Measure(
            "area", "Mean validation loss over all updates", "mean validation loss", _NATS, _NATS, True, _area,
        ),
        Measure(
            "steps", "Updates to the threshold", "number of updates to the threshold", "updates", "updates", True,
            _steps, lambda plan: float(plan.updates), 0,
        ),
    )
}  # fmt: skip
"""What arms can be compared by; which of them decides, a task knows."""

CURVES = {
    "validation_losses": "Validation loss",
    "validation_accuracies": "Validation token accuracy",
    "training_losses": "Training loss",
    "gradient_norms": "Gradient norm",
    "attention_entropies": "Entropy of attention, bits",
    "drifts": "Drift of the embeddings, ‖E − E₀‖ / ‖E₀‖",
    "vector_lengths": "Length of the scaled embeddings, ‖√d E‖",
    "position_lengths": "Length of the positional encodings, ‖PE‖",
}
"""Columns of a result that are measured along the training → what they are called."""

_CURVE_UNITS = {
    "validation_losses": f"{_NATS}; lower is better",
    "validation_accuracies": "share of the tokens; higher is better",
    "training_losses": f"{_NATS}; lower is better",
}


def curve_axis(column: str) -> str:
    """The name of one of CURVES with its unit, and the better side where there is one."""
    return ", ".join(filter(None, (CURVES[column], _CURVE_UNITS.get(column))))


def curve_bounds(column: str) -> Bounds:
    return 0.0, 1.0 if column == "validation_accuracies" else math.inf
