"""The steps of a lesson as equations: what each was made of stands beside it, and one cell is worked out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from explorer.lessons.bounds import DECIMALS
from explorer.lessons.cells import Cell
from explorer.lessons.equations.backward import backward_equations
from explorer.lessons.equations.forward import forward_equations
from explorer.lessons.equations.matrices import CUT, Draughtsman
from explorer.lessons.equations.parts import Equation as Equation
from explorer.lessons.equations.update import update_equation
from explorer.lessons.lesson import Lesson
from explorer.lessons.steps import GRADIENT, UPDATED, Shown, Step, is_given, unshown
from explorer.transformer.tape import Node


def equations(lesson: Lesson, step: Step, decimals: int = DECIMALS, cell: Cell | None = None) -> tuple[Equation, ...]:
    """How everything that a step shows came about, in the order in which it is computed. Numbers are the trace's own;
    a vocabulary is cut to the words that count, as in `grids`. A `cell` is worked out where the step shows it; one that
    the lesson does not have is none."""
    if cell and not cell.stands_in(lesson):
        cell = None
    drawn = tuple(equation for equation, _node in equations_of(Draughtsman(lesson, decimals, _row(lesson, cell)), step))
    if len(drawn) > 1:
        drawn = tuple(replace(equation, title=_sentence(equation.result.caption)) for equation in drawn)
    return tuple(_worked(lesson, equation, cell) for equation in drawn)


def equations_of_cell(lesson: Lesson, cell: Cell, decimals: int = DECIMALS) -> tuple[Equation, ...]:
    """The equations that compute one number, open at it: one, or one for each use of what was used several times and
    one for their sum. None of a weight, which is given. Raises UserError for no such cell."""
    lesson.explain(cell.shown, *cell.index)  # says what is wrong with the index
    draw, node = Draughtsman(lesson, decimals, _row(lesson, cell)), lesson.trace[cell.shown.name].node
    if cell.shown.side == UPDATED:
        drawn: tuple[Equation, ...] = (update_equation(draw, node),)
    elif cell.shown.side == GRADIENT:
        drawn = backward_equations(draw, node)
    elif is_given(lesson.trace, node):
        return ()
    else:
        drawn = forward_equations(draw, (node,))
    place = drawn[-1].cell_of(cell.index)
    assert place is not None
    return tuple(each.at(*place) for each in drawn)


@lru_cache(maxsize=4)  # a talk counts them at each step
def counts(lesson: Lesson) -> tuple[int, ...]:
    """Of each step how many equations it has."""
    return tuple(len(equations(lesson, step)) if step.shown else 0 for step in lesson.steps)


def _row(lesson: Lesson, cell: Cell | None) -> tuple[str, int] | None:
    """The axis and the place of a cell on it, where that axis is cut: a vocabulary, the positions of a table."""
    if cell is None:
        return None
    axes = lesson.trace[cell.shown.name].axes
    return next(((axis, place) for axis, place in zip(axes, cell.index, strict=True) if axis in CUT), None)


def _worked(lesson: Lesson, equation: Equation, cell: Cell | None) -> Equation:
    """With the asked cell open; or else, from the logits to the probabilities, with that of the first right word, whose
    loss the next steps compute."""
    tensor, place = equation.result.tensor, None
    if cell and tensor == cell.shown:
        place = equation.cell_of(cell.index)
    elif tensor in _OF_NEXT_WORDS and "losses" in lesson.trace:
        operation: Any = lesson.trace["losses"].node.operation
        place = equation.cell_of((0, int(operation.targets[0])))
    return equation.at(*place) if place else equation


_OF_NEXT_WORDS = tuple(Shown(name) for name in ("similarities", "logits", "probabilities"))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def equations_of(draw: Draughtsman, step: Step) -> Iterator[tuple[Equation, Node | None]]:
    """The equations of a step, each with the node whose operation it tells of; the optimiser's, and the sum of the
    gradients of several uses, tell of none."""
    trace = draw.lesson.trace
    nodes = [trace[shown.name].node for shown in step.shown]
    sides = {shown.side for shown in step.shown}
    if UPDATED in sides:
        for shown in step.shown:
            if shown.side == UPDATED:
                yield update_equation(draw, trace[shown.name].node), None
    elif GRADIENT in sides:
        inside = [source for node in nodes for source in unshown(node) if source.gradient is not None]
        computed = [node for node in nodes if node.name not in trace.parameters]
        parameters = [node for node in nodes if node.name in trace.parameters]
        for node in (*computed, *inside, *parameters):
            yield from zip_longest(backward_equations(draw, node), [user for user, *_use in trace.uses(node)])
    else:
        for equation in forward_equations(draw, nodes):
            assert equation.result.tensor is not None
            yield equation, trace[equation.result.tensor.name].node
