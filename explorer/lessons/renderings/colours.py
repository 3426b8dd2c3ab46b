"""The colour of a number in an export: on the scale that its kind of tensor has in the whole lesson."""

from __future__ import annotations

from explorer import palette
from explorer.lessons.lesson import Lesson
from explorer.lessons.steps import GRADIENT, Shown
from explorer.palette import Scale


def scale_of(lesson: Lesson, shown: Shown) -> Scale:
    """The scale of what a step shows. Gradients have their own; a weight after the step has that of weights."""
    return lesson.trace.scale(shown.name, gradient=shown.side == GRADIENT)


def stylesheet() -> str:
    """The palette as CSS of a whole page."""
    return palette.stylesheet().replace(":host", ":root")
