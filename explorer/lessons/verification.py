"""Is that number right? Values computed again from their terms, gradients by finite differences."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from explorer.lessons.lesson import Lesson
from explorer.lessons.numbers import in_powers, rounded
from explorer.lessons.steps import GRADIENT, VALUE, Shown
from explorer.texts import _
from explorer.transformer.replay import replay

_STEP = 1e-5  # of the finite differences
_RELATIVE = {True: 1e-6, False: 1e-9}  # of a gradient, of a value: of the tensor's largest number, what may differ …
_ROUNDING = {True: 1e-9, False: 1e-12}  # … on top of what rounding does to numbers that ought to be zero


_FROM_TERMS = _("{checked:,} of {cells:,} numbers were computed once more, each from its terms.")
_BY_DIFFERENCES = _(
    "{checked:,} of {cells:,} gradients were computed in another way: the number was moved by ±10⁻⁵, and the change of "
    "the loss was divided by the move (finite differences)."
)
_DRAWN = _("A check takes {checked:,} at most, drawn at random, so that it is fast.")
_AGREE = _("The results agree with the lesson: the largest difference is {difference}, the largest number {largest}.")
_DIFFER = _("The results differ from the lesson: the largest difference is {difference}, the largest number {largest}.")


@dataclass(frozen=True)
class Verdict:
    """What a check found: its `method` in a sentence, how many cells it looked at, of how many, the tensor's largest
    number, and the largest difference."""

    method: str
    checked: int
    cells: int
    largest: float
    difference: float
    passed: bool

    @property
    def sentence(self) -> str:
        if not self.checked:
            return _("There is nothing to check: it was computed from no other tensor.")
        difference = in_powers(self.difference) if self.difference else "0"
        how = self.method.format(checked=self.checked, cells=self.cells)
        if self.checked < self.cells:
            how = f"{how} {_DRAWN.format(checked=self.checked)}"
        verdict = _AGREE if self.passed else _DIFFER
        return f"{how} {verdict.format(difference=difference, largest=rounded(self.largest))}"


def verify(lesson: Lesson, shown: Shown, most: int = 60, seed: int = 0) -> Verdict:
    """Check up to `most` cells of what a step shows, drawn by the seed.

    A value, or a weight after the optimiser's step, is added up from its terms; a gradient is compared with the
    difference that moving the number by ±10⁻⁵ makes to the loss, everything behind it computed again. What was computed
    from nothing, such as a weight, passes without a check. Raises UserError for what the lesson does not hold.
    """
    array = lesson.array(shown)
    gradient = shown.side == GRADIENT
    largest = float(np.abs(array[np.isfinite(array)]).max(initial=0.0))
    finite = np.argwhere(np.isfinite(array))
    chosen = finite
    if len(finite) > most:
        chosen = finite[np.sort(np.random.default_rng(seed).choice(len(finite), most, replace=False))]
    method = _BY_DIFFERENCES if gradient else _FROM_TERMS
    if shown.side == VALUE and lesson.trace[shown.name].node.operation is None:
        return Verdict(method, 0, len(finite), largest, 0.0, True)
    difference = 0.0
    for index in map(tuple, chosen.tolist()):
        again = _by_difference(lesson, shown.name, index) if gradient else lesson.explain(shown, *index).total
        difference = max(difference, abs(again - float(array[index])))
    passed = math.isfinite(difference) and difference <= _RELATIVE[gradient] * largest + _ROUNDING[gradient]
    return Verdict(method, len(chosen), len(finite), largest, difference, passed)


def _by_difference(lesson: Lesson, name: str, index: tuple[int, ...]) -> float:
    losses = []
    for step in (_STEP, -_STEP):
        changed = lesson.trace[name].value.copy()
        changed[index] += step
        losses.append(float(replay(lesson.trace, {name: changed}).get("loss", lesson.trace["loss"].value)))
    return (losses[0] - losses[1]) / (2 * _STEP)
