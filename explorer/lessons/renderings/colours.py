"""The colour of a number in an export: on the scale that its kind of tensor has in the whole lesson."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer import palette
from explorer.lessons.lesson import Lesson
from explorer.lessons.steps import GRADIENT, Shown

_LIGHT = 0
_STOPS = {"n": palette.NEGATIVE[_LIGHT], "p": palette.POSITIVE[_LIGHT], "s": palette.WEIGHTS[_LIGHT]}


@dataclass(frozen=True)
class Scale:
    """From zero, which has no colour, to `limit` on both sides; shares, such as attention weights, have one side."""

    limit: float
    shares: bool

    def level(self, number: float) -> str:
        """The palette's class: n32 … n0 below zero, p0 … p32 above, s0 … s32 for shares. For finite numbers."""
        reach = min(1.0, abs(number) / self.limit) if self.limit else 0.0
        return f"{'s' if self.shares else 'n' if number < 0 else 'p'}{round(reach * palette.LEVELS)}"

    def colour(self, number: float) -> str:
        """The same level on white paper, as #rrggbb."""
        level = self.level(number)
        return palette.colour(_STOPS[level[0]], int(level[1:]) / palette.LEVELS)


class Scales:
    """The scales of a lesson, one for each kind of tensor in the whole of it, as on the page; `scales.of(shown)` is
    that of what a step shows. Gradients have their own; a weight after the step has that of weights."""

    def __init__(self, lesson: Lesson):
        self._lesson = lesson
        self._limits: dict[tuple[str, bool], float] = {}
        for tensor in (*lesson.trace, *lesson.trace.parameters.values()):
            for gradient, numbers in ((False, tensor.value), (True, tensor.gradient)):
                if numbers is not None:
                    largest = float(np.abs(numbers[np.isfinite(numbers)]).max(initial=0.0))
                    kind = tensor.role, gradient
                    self._limits[kind] = max(largest, self._limits.get(kind, 0.0))

    def of(self, shown: Shown) -> Scale:
        role, gradient = self._lesson.trace[shown.name].role, shown.side == GRADIENT
        shares = role == "weights" and not gradient
        return Scale(1.0 if shares else self._limits.get((role, gradient), 0.0), shares)


def text_on(background: str) -> str:
    """Black or white, whichever is easier to read there."""
    return palette.text_on(background)


def stylesheet() -> str:
    """The palette as CSS of a whole page."""
    return palette.stylesheet().replace(":host", ":root")
