"""What arms are compared by: numbers of a run, each with its unit, its bounds, and which side of it is better."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.initialisation.words import p_value
from explorer.texts import _

if TYPE_CHECKING:  # the declarations of questions read this module, and must not wait for NumPy
    from explorer.initialisation.plan import Plan
    from explorer.initialisation.results import Result
    from explorer.initialisation.statistics import Bounds, Comparison

_MOST_DECIMALS = 6
_ROUNDING = 1e-9  # of an interval's width: less is what sums of floats leave of a difference that is none

AGAINST = {
    "baseline": _("the baseline"),
    "controls": _("the same vectors for other words, or matched noise"),
    "rescaled": _("the same vectors, rescaled"),
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
        if self.lower_is_better:
            return _("{title}, {unit}; lower is better", title=self.title, unit=self.unit)
        return _("{title}, {unit}; higher is better", title=self.title, unit=self.unit)

    @property
    def difference_axis(self) -> str:
        return _("difference in {noun}, {points}", noun=self.noun, points=self.points)

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
        return _("{mean}{spoken} (95% interval {low} to {high})", mean=mean, spoken=self._spoken, low=low, high=high)

    def amounts(self, comparisons: Sequence[Comparison]) -> str:
        """From the smallest to the largest of several differences."""
        means = sorted(abs(self.scaled(comparison.difference)) for comparison in comparisons)
        least, greatest = agreeing([means[0], means[-1]])
        return f"{least} to {greatest}{self._spoken}"

    def sentence(self, comparison: Comparison, at: str = "") -> str:
        """What may be said of a comparison, and no more; `at` names the size."""
        (mean, low, high), title = self.difference(comparison), f"{self.title}{at and f' at {at}'}"
        interval = _("95% interval {low} to {high}, {seeds} seeds", low=low, high=high, seeds=comparison.seeds)
        p = _("{p} after Holm's correction", p=p_value(comparison.adjusted_p))
        arm, baseline = comparison.arm, comparison.baseline
        if not comparison.is_significant:
            return _(
                "{title}: no significant difference between {arm} and {baseline} (mean {mean}{spoken}; "
                "{interval}; {p}).",
                title=title,
                arm=arm,
                baseline=baseline,
                mean=mean,
                spoken=self._spoken,
                interval=interval,
                p=p,
            )
        better = (comparison.difference < 0) == self.lower_is_better
        values = {"title": title, "arm": arm, "baseline": baseline, "interval": interval, "p": p}
        amount = f"{mean.lstrip(_SIGNS)}{self._spoken}"
        if better:
            return _("{title}: {arm} is better than {baseline} by {amount} ({interval}; {p}).", amount=amount, **values)
        return _("{title}: {arm} is worse than {baseline} by {amount} ({interval}; {p}).", amount=amount, **values)

    @property
    def _spoken(self) -> str:
        """The unit after a number in a sentence; a loss has none that is spoken."""
        return "" if self.points.startswith("nats") else f" {self.points.removeprefix('percentage ')}"


_NATS = _("nats a token")
_SIGNS = "+\N{MINUS SIGN}"


def agreeing(numbers: Sequence[float], signed: bool = False) -> list[str]:
    """A mean and the ends of its interval with as many decimals each: those that leave its width two digits that count,
    and more where an end would read as zero that is none; beside a zero at least one, for it is measured as well."""
    width = max(numbers) - min(numbers)
    numbers = [number if abs(number) > _ROUNDING * width else 0.0 for number in numbers]
    least = min((abs(number) for number in numbers if number), default=1.0)
    decimals = 1 - math.floor(math.log10(width)) if width else 2 - math.floor(math.log10(least))
    while decimals < _MOST_DECIMALS and least < 0.5 * 10**-decimals:
        decimals += 1
    decimals = min(max(decimals, 1 if 0.0 in numbers else 0), _MOST_DECIMALS)
    return [_signs(f"{number:{'+' if signed else ''},.{decimals}f}") for number in numbers]


def _signs(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")


def _area(result: Result, plan: Plan) -> float:
    """The validation loss, averaged over all updates by the trapezoid rule; for those that a run with patience does not
    make, it counts as the lowest that it has found, which are the weights that are kept."""
    import numpy as np

    first, last = result.steps[0], result.steps[-1]
    area = float(np.trapezoid(result.validation_losses, result.steps))
    if plan.patience:
        area += (plan.updates - last) * min(result.validation_losses)
        last = plan.updates
    return area / (last - first)


def _steps(result: Result, plan: Plan) -> float:
    """The first measured update at which the validation loss is at most the threshold; the last that a run may make if
    there is none."""
    reached = (s for s, loss in zip(result.steps, result.validation_losses, strict=True) if loss <= plan.threshold)
    return float(next(reached, plan.updates if plan.patience else result.steps[-1]))


_ACCURACIES = "validation_accuracies"
MEASURES = {
    measure.key: measure
    for measure in (
        Measure("loss", _("Held-out loss"), _("held-out loss"), _NATS, _NATS, True, lambda result, plan: result.loss),
        Measure(
            "token_accuracy", _("Held-out token accuracy"), _("held-out token accuracy"), _("% of the tokens"),
            _("percentage points"), False, lambda result, plan: result.token_accuracy, lambda plan: 1.0, 1, True,
            _ACCURACIES,
        ),
        Measure(
            "exact", _("Held-out exact match"), _("held-out exact match"), _("% of the answers"),
            _("percentage points"), False, lambda result, plan: result.exact, lambda plan: 1.0, 1, True, _ACCURACIES,
        ),
        Measure(
            "chrf", _("Held-out chrF"), _("held-out chrF"), _("points of 100"), "points", False,
            lambda result, plan: result.chrf, lambda plan: 100.0, 1, curve=_ACCURACIES,
        ),
        Measure(
            "accuracy", _("Accuracy"), _("accuracy"), _("% of the test texts"), _("percentage points"), False,
            lambda result, plan: result.exact, lambda plan: 1.0, 1, True, _ACCURACIES,
        ),
        Measure(
            "macro_f1", _("Macro-F1"), _("macro-F1"), _("% as the mean of all labels"), _("percentage points"), False,
            lambda result, plan: result.macro_f1, lambda plan: 1.0, 1, True, _ACCURACIES,
        ),
        Measure(
            "calibration_error", _("Calibration error"), _("calibration error"), _("% of probability"),
            _("percentage points"), True, lambda result, plan: result.calibration_error, lambda plan: 1.0, 1, True,
        ),
        Measure(
            "label_loss", _("Loss of the labels"), _("loss of the labels"), _("nats a text"), _("nats a text"), True,
            lambda result, plan: result.loss,
        ),
        Measure(
            "perplexity", _("Perplexity"), _("perplexity"), _("of a token"), _("points"), True,
            lambda result, plan: math.exp(min(result.loss, 700)), decimals=1,
        ),
        Measure(
            "area", _("Mean validation loss over all updates"), _("mean validation loss"), _NATS, _NATS, True, _area,
        ),
        Measure(
            "steps", _("Updates to the threshold"), _("number of updates to the threshold"), "updates", "updates", True,
            _steps, lambda plan: float(plan.updates), 0,
        ),
    )
}  # fmt: skip
"""What arms can be compared by; which of them a task has, and which decides, it knows."""

OF_LABELS = ("accuracy", "macro_f1", "calibration_error", "label_loss")
"""What is measured of texts with labels."""
OF_LANGUAGE = ("perplexity", "loss", "token_accuracy", "area")
"""What is measured of a language model."""
OF_TRANSLATIONS = tuple(key for key in MEASURES if key not in (*OF_LABELS, "perplexity"))
"""What is measured where answers are words, a token each."""

CURVES = {
    "validation_losses": _("Validation loss"),
    "validation_accuracies": _("Validation accuracy"),
    "training_losses": _("Training loss"),
    "gradient_norms": _("Gradient norm"),
    "attention_entropies": _("Entropy of attention, bits"),
    "drifts": _("Drift of the embeddings, ‖E − E₀‖ / ‖E₀‖"),
    "vector_lengths": _("Length of the scaled embeddings, ‖√d E‖"),
    "position_lengths": _("Length of the positional encodings, ‖PE‖"),
}
"""Columns of a result that are measured along the training → what they are called."""

_CURVE_UNITS = {
    "validation_losses": _("{nats}; lower is better", nats=_NATS),
    "validation_accuracies": _("share that is right; higher is better"),
    "training_losses": _("{nats}; lower is better", nats=_NATS),
}


def curve_axis(column: str) -> str:
    """The name of one of CURVES with its unit, and the better side where there is one."""
    return ", ".join(filter(None, (CURVES[column], _CURVE_UNITS.get(column))))


def curve_bounds(column: str) -> Bounds:
    return 0.0, 1.0 if column == "validation_accuracies" else math.inf
