"""What if a weight were another one? The lesson again with changed numbers, and what they change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from explorer.errors import UserError, cut
from explorer.lessons.cells import Cell
from explorer.lessons.example import Example
from explorer.lessons.lesson import Lesson, lesson
from explorer.lessons.numbers import MINUS, read
from explorer.lessons.steps import VALUE, Shown
from explorer.texts import _
from explorer.transformer.inspection import Widths, widths
from explorer.transformer.tape import Array

MOST_EDITS = 40
SIDES = ("source", "target")


@dataclass(frozen=True)
class Edit:
    """A new number for one cell of a parameter."""

    cell: Cell
    number: float

    def __str__(self) -> str:
        return f"{self.cell}={self.number!r}"


def read_number(text: str) -> float:
    """A number as a reader types it, with "." or "," before its decimals. Raises UserError for all that is none."""
    try:
        number = read(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UserError(
            _("“{text}” is not a number that a weight can be. Type one such as 0.25 or −1.5.", text=cut(text))
        )
    return number


def read_edits(text: str) -> tuple[Edit, ...]:
    """Edits as addresses have them: `source.table[4,0]=0.5;output.bias[2]=1`. Raises UserError for anything else, and
    for more than MOST_EDITS."""
    parts = [part for part in text.split(";", MOST_EDITS + 1) if part]
    if len(parts) > MOST_EDITS:
        raise UserError(_("These are more than {most} edits, but a lesson takes {most} at most.", most=MOST_EDITS))
    edits = []
    for part in parts:
        cell, _equals, number = part.partition("=")
        edits.append(Edit(Cell.parse(cell), read_number(number)))
    return tuple(edits)


def written(edits: Sequence[Edit]) -> str:
    """The edits as `read_edits` reads them; of two of the same cell the last one counts."""
    return ";".join(str(edit) for edit in {edit.cell: edit for edit in edits}.values())


def editable(before: Lesson, cell: Cell) -> Cell | None:
    """The parameter's cell that can be edited instead of this one: itself, or for a token's vector the cell of
    the embedding table that it was copied from. None for what is computed."""
    if cell.shown.side != VALUE:
        return None
    if cell.shown.name in before.trace.parameters:
        return cell
    if cell.shown.name in ("source.embedding", "target.embedding"):
        (factor,) = before.explain(cell.shown, *cell.index).terms[0].factors
        if factor.tensor and factor.index:
            return Cell(Shown(factor.tensor), factor.index)
    return None


def edited(before: Lesson, edits: Sequence[Edit]) -> Lesson:
    """The lesson once more with these numbers.

    Raises UserError for cells that are no parameter's, for too many edits, and for numbers with which the pass or its
    gradients overflow.
    """
    if len(edits) > MOST_EDITS:
        raise UserError(
            _("These are {count} edits, but a lesson takes {most} at most.", count=len(edits), most=MOST_EDITS)
        )
    parameters = dict(before.example.translator.parameters)
    for edit in edits:
        before.explain(edit.cell.shown, *edit.cell.index)  # says what is wrong with the name or the index
        if editable(before, edit.cell) != edit.cell:
            raise UserError(_("{cell} is computed: edit one of the weights that it comes from.", cell=edit.cell))
        array = parameters[edit.cell.shown.name].astype(np.float64)
        array[edit.cell.index] = edit.number
        parameters[edit.cell.shown.name] = array
    if not edits:
        return before
    numbers = [f"{edit.number:g}".replace("-", MINUS) for edit in edits]
    changes = ", ".join(f"{edit.cell.label(before)} = {number}" for edit, number in zip(edits, numbers, strict=True))
    example = replace(
        before.example,
        origin=f"{before.example.origin} {_edited_since(changes)}",
        translator=replace(before.example.translator, parameters=parameters),
    )
    try:
        with np.errstate(over="raise", invalid="raise"):
            after = lesson(example)
            assert after.chapters  # their numbers, too, must not overflow
            return after
    except (FloatingPointError, OverflowError) as error:
        raise UserError(
            _(
                "With {numbers} the pass overflows: its numbers become larger than 10³⁰⁸. Take a smaller one.",
                numbers=", ".join(numbers),
            )
        ) from error


def _edited_since(changes: str) -> str:
    return _("Edited since: {changes}.", changes=changes)


def read_sides(text: str) -> tuple[str, ...]:
    """The sides to rescale as addresses have them, `source,target`: each of them once. Raises UserError for others."""
    sides = set(filter(None, text.split(",")))
    if unknown := sorted(sides.difference(SIDES)):
        raise UserError(
            _("“{side}” is not a side of a lesson: rescale the source or the target.", side=unknown[0][:20])
        )
    return tuple(side for side in SIDES if side in sides)


def rescaled(example: Example, side: str, widths: Widths) -> Example:
    """The example with the embedding table of `source` or `target` scaled so that a token's vector is as long as its
    position. Raises UserError where the vectors are zero."""
    if not math.isfinite(widths.factor):
        raise UserError(
            _("The source vectors are all zero: no factor can make them longer.")
            if side == "source"
            else _("The target vectors are all zero: no factor can make them longer.")
        )
    parameters = dict(example.translator.parameters)
    parameters[f"{side}.table"] = parameters[f"{side}.table"].astype(np.float64) * widths.factor
    if side == "source":
        sentence = _("The source vectors were then multiplied by {factor:.3f}.", factor=widths.factor)
    else:
        sentence = _("The target vectors were then multiplied by {factor:.3f}.", factor=widths.factor)
    return replace(
        example, origin=f"{example.origin} {sentence}", translator=replace(example.translator, parameters=parameters)
    )


def with_rescaled(example: Example, sides: Sequence[str]) -> Lesson:
    """The lesson of an example with the tables of these sides rescaled, one after the other. Raises UserError as
    `rescaled`."""
    for side in sides:
        example = rescaled(example, side, widths(lesson(example).trace, side))
    return lesson(example)


def change(before: Lesson, after: Lesson, shown: Shown) -> Array:
    """What the edits changed: after minus before; 0 where both are masked."""
    old, new = before.array(shown), after.array(shown)
    return np.subtract(new, old, where=np.isfinite(old) & np.isfinite(new), out=np.zeros_like(old))
