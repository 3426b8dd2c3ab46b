"""How one number came about, as an answer: a cell with its terms and factors, a weight's step with its means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from explorer.answers import Answer, Table
from explorer.errors import UserError
from explorer.lessons.bounds import DECIMALS, GRADIENT, UPDATED, VALUE
from explorer.lessons.cells import Cell
from explorer.lessons.equations import equations_of_cell
from explorer.lessons.equations.worked import Worked, worked
from explorer.lessons.lesson import Lesson
from explorer.lessons.numbers import exact, rounded
from explorer.lessons.optimising import steepest
from explorer.lessons.steps import Shown
from explorer.lessons.update import SteppedWeight
from explorer.texts import _
from explorer.transformer.explanation import Explanation, Factor
from explorer.transformer.notation import in_unicode
from explorer.transformer.operations import Linear, MergeHeads, SplitHeads
from explorer.transformer.trace import unknown_words_warning
from explorer.writing.mathematics import mathematics, plain

_GIVEN = _("A weight, which is given.")
_NAMES = {"adam": "Adam", "sgd": "SGD"}


@dataclass(frozen=True)
class Derivation(Answer):
    """A `cell` of a lesson, how a reader calls it, and by side (value, gradient, updated) how its number came about: as
    a sum of terms, and in the `lines` of its equation, whose `formulas` are LaTeX, as the lesson writes them out."""

    cell: Cell
    label: str
    sides: dict[str, Explanation]
    formulas: dict[str, tuple[str, ...]]
    lines: dict[str, tuple[Worked, ...]]
    unknown: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        numbers = (f"{side} {rounded(explanation.number, 6)}" for side, explanation in self.sides.items())
        return f"{self.label}: {', '.join(numbers)}"

    @property
    def warnings(self) -> Sequence[str]:
        return unknown_words_warning(self.unknown)

    def table(self) -> Table:
        """A row for each factor of each term; the terms of a side add up to its number."""
        return Table(("side", "term", "product", "factor", "number"), tuple(self._rows()))

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        for side, explanation in self.sides.items():
            for place, term in enumerate(explanation.terms, start=1):
                for factor in term.factors:
                    yield side, place, _finite(term.number), _named(factor), _finite(factor.number)

    def as_text(self) -> str:
        """The formula and the lines of each side, then the rows."""
        paragraphs = []
        for side, formulas in self.formulas.items():
            lines = (*map(plain, formulas), *(f"{line.named} = {line}" for line in self.lines[side]))
            paragraphs.append("\n".join((f"{side}:", *(lines or (_GIVEN,)))))
        return "\n\n".join((*paragraphs, super().as_text()))

    def as_html(self) -> str:
        paragraphs = "".join(
            "".join(mathematics(formula, "block") for formula in formulas)
            + "".join(f"<p>{escape(line.named)} = {escape(str(line))}</p>" for line in self.lines[side])
            for side, formulas in self.formulas.items()
        )
        return f'<div class="scroll">{paragraphs}</div>{super().as_html()}'

    def as_json(self) -> dict[str, Any]:
        sides = {
            side: explanation.as_json() | {"lines": [line.as_json() for line in self.lines[side]]}
            for side, explanation in self.sides.items()
        }
        return {"cell": str(self.cell), "label": self.label, VALUE: None, GRADIENT: None} | sides


def derivation(lesson: Lesson, text: str) -> Derivation:
    """How the cell that a text names came about: its value and, where it lies on a way to the loss, its gradient; of a
    weight after the step, `updated:source.table[4,1]`, what it was and what was taken off.

    Raises UserError for what names no cell of the lesson. Runs no more than the pass, and the step where it is asked.
    """
    cell = Cell.parse(text)
    if cell.shown.side == UPDATED:
        sides = [UPDATED]
    else:
        lesson.array(Shown(cell.shown.name, cell.shown.side))
        sides = [VALUE] if lesson.trace[cell.shown.name].gradient is None else [VALUE, GRADIENT]
    explained = {side: lesson.explain(Shown(cell.shown.name, side), *cell.index) for side in sides}
    lines = {
        side: tuple(
            worked(equation, line, DECIMALS)
            for equation in equations_of_cell(lesson, cell.on(side))
            for line in equation.lines
        )
        for side in sides
    }
    formulas = {side: tuple(_formulas(lesson, cell, side, explained[side])) for side in sides}
    return Derivation(cell, cell.on(VALUE).label(lesson), explained, formulas, lines, lesson.trace.unknown)


def _formulas(lesson: Lesson, cell: Cell, side: str, explanation: Explanation) -> Iterator[str]:
    """That of the operation, after that of what its equation contains; none of a weight, which is given."""
    node = lesson.trace[cell.shown.name].node
    if side == VALUE and node.name in lesson.trace.parameters:
        return
    if side == VALUE and isinstance(node.operation, (SplitHeads, Linear)):
        inner = node.inputs[0]
        if isinstance(inner.operation, Linear if isinstance(node.operation, SplitHeads) else MergeHeads):
            yield lesson.trace[inner.name].formula
    yield explanation.formula


@dataclass(frozen=True)
class WeightUpdate(Answer):
    """What one step of the optimiser did to a weight, and to the loss of the same pair."""

    cell: Cell
    label: str
    optimiser: str
    rate: float
    weight: SteppedWeight
    loss_before: float
    loss_after: float
    unknown: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        return _(
            "{label}: one step of {optimiser} with the learning rate {rate}",
            label=self.label,
            optimiser=_NAMES[self.optimiser],
            rate=exact(self.rate),
        )

    @property
    def warnings(self) -> Sequence[str]:
        return unknown_words_warning(self.unknown)

    def table(self) -> Table:
        losses = ((_("the loss before"), self.loss_before), (_("the loss after"), self.loss_after))
        return Table(("quantity", "number"), (*self.weight.rows, *losses))

    def as_json(self) -> dict[str, Any]:
        return {
            "cell": str(self.cell),
            "label": self.label,
            "optimiser": self.optimiser,
            "rate": self.rate,
            **self.weight.as_json(),
            "loss_before": self.loss_before,
            "loss_after": self.loss_after,
        }


def weight_update(lesson: Lesson, text: str | None = None) -> WeightUpdate:
    """The step of the weight that a text names; if it names none, that of the steepest gradient in the table that
    is read.

    Raises UserError for what is no weight of the model.
    """
    cell = (
        Cell.parse(text)
        if text
        else Cell(Shown(lesson.example.translator.table), steepest(lesson.example, lesson.trace))
    )
    if cell.shown.name not in lesson.trace.parameters:
        raise UserError(_("{name} is not a parameter, so the optimiser does not change it.", name=cell.shown.name))
    lesson.trace.explain(cell.shown.name, *cell.index)  # says what is wrong with the index
    update, before = lesson.update, float(lesson.trace["loss"].value)
    weight = update.weight(cell.shown.name, *cell.index)
    label = cell.on(VALUE).label(lesson)
    return WeightUpdate(cell, label, update.optimiser, update.rate, weight, before, update.loss, lesson.trace.unknown)


def _named(factor: Factor) -> str:
    """A cell's name, or the symbol of what is none."""
    if factor.tensor is None or factor.index is None:
        return in_unicode(factor.symbol or "")
    return str(Cell(Shown(factor.tensor, GRADIENT if factor.gradient else VALUE), factor.index))


def _finite(number: float) -> float | None:
    return number if np.isfinite(number) else None
