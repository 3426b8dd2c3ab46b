"""The steps of a lesson as equations: what each was made of stands beside it, and one cell is worked out."""

from __future__ import annotations

from explorer.lessons.equations.backward import backward_equations
from explorer.lessons.equations.forward import forward_equations
from explorer.lessons.equations.matrices import Draughtsman
from explorer.lessons.equations.parts import Equation
from explorer.lessons.equations.update import update_equation
from explorer.lessons.lesson import Lesson
from explorer.lessons.steps import GRADIENT, UPDATED, VALUE, Step, unshown


def equations(lesson: Lesson, step: Step, decimals: int = 4) -> tuple[Equation, ...]:
    """How everything that a step shows came about, in the order in which it is computed. Numbers are the trace's own;
    a vocabulary is cut to the words that count, as in `grids`."""
    draw = Draughtsman(lesson, decimals)
    if any(shown.side == UPDATED for shown in step.shown):
        return tuple(update_equation(draw, lesson.trace[each.name].node) for each in step.shown if each.side == UPDATED)
    nodes = [lesson.trace[shown.name].node for shown in step.shown]
    if any(shown.side == GRADIENT for shown in step.shown):
        inside = [source for node in nodes for source in unshown(node) if source.gradient is not None]
        arrived = [node for node in nodes if node.name not in lesson.trace.parameters]
        used = [node for node in nodes if node.name in lesson.trace.parameters]
        return tuple(each for node in (*arrived, *inside, *used) for each in backward_equations(draw, node))
    return forward_equations(draw, nodes)


__all__ = ["GRADIENT", "UPDATED", "VALUE", "Equation", "equations"]
