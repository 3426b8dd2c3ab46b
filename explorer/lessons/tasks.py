"""Tasks of an exercise: a step's equation with blanks, what is given for them, and how each comes about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from explorer.lessons.cells import Cell
from explorer.lessons.equations import Equation
from explorer.lessons.equations.parts import Constant, Line, Matrix, Number, Slot, Sum
from explorer.lessons.equations.worked import Worked, constant, worked
from explorer.lessons.numbers import MOST, rounded
from explorer.lessons.steps import Chapter, Step
from explorer.texts import _

Place = tuple[int, int, int]
"""A head, a row and a column of a matrix."""
_MOST_NAMES = 16  # rows, or columns, of a matrix that a reader gets whole


@dataclass(frozen=True, eq=False)
class Blank:
    """A number that is to be computed. `equation` is that of its step, with this cell as the one worked out; `number`
    counts the blanks of an exercise from 1; `cell` is its name in the lesson, None for what no tensor holds."""

    number: int
    equation: Equation
    label: str
    cell: Cell | None

    @property
    def value(self) -> float:
        return self.equation.result.number(self.equation.worked)

    @property
    def solution(self) -> str:
        """The number as it is printed."""
        return rounded(self.value, self.equation.result.decimals)

    @cached_property
    def lines(self) -> tuple[Worked, ...]:
        """How the number comes about, line by line in the order of computing. The last line is that of the number
        itself."""
        result = self.equation.result
        return tuple(worked(self.equation, line, result.decimals, folded=False) for line in self.equation.lines)

    @cached_property
    def takes(self) -> dict[Matrix, set[Place]]:
        """Of each matrix of the lines the cells that the number is computed from, those that lie on the way, and its
        own: a share of a softmax takes every exponential of its row, and so every score."""
        cells: dict[Matrix, set[Place]] = {}
        ways = {line.number.matrix: line for line in self.equation.lines}

        def number(matrix: Matrix, at: Place) -> str:
            is_new = at not in cells.setdefault(matrix, set())
            if is_new and all(place < size for place, size in zip(at, matrix.values.shape, strict=True)):
                cells[matrix].add(at)
                if matrix in ways and matrix is not self.equation.result:
                    self.equation.at(*at).written(ways[matrix], number, _nothing)
            return ""

        for line in self.equation.lines:
            self.equation.written(line, number, _nothing)
        return cells

    @property
    def hint(self) -> str:
        """Which rows, columns and single numbers it is computed from, in a sentence."""
        places = {
            matrix: _place_in_words(matrix, self.takes[matrix])
            for matrix in given(self.equation)
            if matrix in self.takes
        }
        if product := _product(self.equation.lines):
            row, column = (places.pop(matrix) for matrix in product)
            words = _("Multiply {row} by {column}, number by number, and add up the products.", row=row, column=column)
            return f"{words} {_needed(places)}".rstrip()
        return _needed(places)

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "cell": self.cell and str(self.cell),
            "label": self.label,
            "at": list(self.equation.worked),
            "solution": self.solution,
            "value": self.value,
            "lines": [line.as_json() for line in self.lines],
        }


@dataclass(frozen=True, eq=False)
class Task:
    """A step's equation, of whose result some cells are blank."""

    chapter: Chapter
    step: Step
    equation: Equation
    blanks: tuple[Blank, ...]

    @property
    def given(self) -> tuple[Matrix, ...]:
        """What the blanks are computed from."""
        return given(self.equation)

    @property
    def constants(self) -> tuple[Constant, ...]:
        """The numbers that stand in no matrix, such as √d_k."""
        slots = (slot for line in self.equation.lines for slot in line.slots)
        return tuple(dict.fromkeys(slot for slot in slots if isinstance(slot, Constant)))

    @cached_property
    def used(self) -> dict[Matrix, set[Place]]:
        """Of each matrix of the lines, the cells that the blanks take, and the blanks themselves."""
        cells: dict[Matrix, set[Place]] = {}
        for blank in self.blanks:
            for matrix, places in blank.takes.items():
                cells.setdefault(matrix, set()).update(places)
        return cells

    @property
    def constants_in_words(self) -> str:
        """A sentence with the numbers that stand in no matrix; empty where there are none."""
        constants = ", ".join(f"{each.symbol} = {constant(each.number, MOST)}" for each in self.constants)
        return _("With {constants}.", constants=constants) if constants else ""

    @cached_property
    def cuts(self) -> dict[Matrix, Cut]:
        """What a reader sees of each matrix that is given, and of the result."""
        return {matrix: Cut.of(matrix, self.used[matrix]) for matrix in (*self.given, self.equation.result)}

    @cached_property
    def unsolved(self) -> Equation:
        """The equation as a reader gets it: without lines, and with NaN in the result where it is blank. What
        lies on the way to the result would give it away: it is left out, and the operators with it."""
        result = self.equation.result
        cut = self.cuts[result]
        values = cut.matrix.values.copy()
        for blank in self.blanks:
            values[cut.at(blank.equation.worked)] = np.nan
        seen = {matrix: cut.matrix for matrix, cut in self.cuts.items()} | {result: replace(cut.matrix, values=values)}
        parts: list[str | Matrix] = []
        way = "→"
        for part in self.equation.parts:
            if isinstance(part, Matrix) and part not in seen:
                way = (
                    "=" if parts[-1:] == ["="] else way
                )  # the result shows the same numbers once more, such as one head's
                break
            parts.append(seen[part] if isinstance(part, Matrix) else part)
        if seen[result] not in parts:
            while parts and isinstance(parts[-1], str):
                parts.pop()
            if not all(seen[matrix] in parts for matrix in self.given):
                parts = [part for matrix in self.given for part in (",", seen[matrix])][1:]
                way = "→"
            parts += [way, seen[result]]
        return Equation(self.equation.title, tuple(parts), seen[result], ())

    def as_json(self) -> dict[str, Any]:
        """`equation` is the payload that `explorer.tensors` draws, and `given` are the ids of its parts that the reader
        sees; the others but for the result would give the answers away."""
        places = {part: place for place, part in enumerate(self.equation.parts)}
        return {
            "chapter": self.chapter.title,
            "step": self.step.key,
            "title": self.step.title,
            "formulas": list(self.step.formulas),
            "equation": self.equation.as_json(),
            "given": [places[matrix] for matrix in self.given],
            "blanks": [blank.as_json() for blank in self.blanks],
        }


@dataclass(frozen=True, eq=False)
class Cut:
    """Of a large matrix the heads, rows and columns that the blanks take, by their places in the whole; of a small one
    all."""

    matrix: Matrix
    kept: tuple[Sequence[int], Sequence[int], Sequence[int]]

    @classmethod
    def of(cls, whole: Matrix, used: set[Place]) -> Cut:
        heads, rows, columns = (
            range(size) if size <= _MOST_NAMES else sorted({place[axis] for place in used})
            for axis, size in enumerate(whole.values.shape)
        )
        more = [
            words.format(count=size - len(kept))
            for words, size, kept in ((_ROWS, len(whole.rows), rows), (_COLUMNS, len(whole.columns), columns))
            if len(kept) < size
        ]
        places = whole.places and (
            tuple(whole.places[0][row] for row in rows),
            tuple(whole.places[1][column] for column in columns),
        )
        matrix = replace(
            whole,
            values=whole.values[np.ix_(heads, rows, columns)],
            heads=whole.heads and tuple(whole.heads[head] for head in heads),
            rows=tuple(whole.rows[row] for row in rows),
            columns=tuple(whole.columns[column] for column in columns),
            places=places,
            bands=whole.bands and tuple(whole.bands[column] for column in columns),
            left_out=", ".join(filter(None, (whole.left_out, *more))),
        )
        return cls(matrix, (heads, rows, columns))

    def at(self, place: Place) -> Place:
        """Where a cell of the whole stands in what is kept."""
        head, row, column = (kept.index(number) for kept, number in zip(self.kept, place, strict=True))
        return head, row, column


_ROWS, _COLUMNS = _("{count:,} more rows"), _("{count:,} more columns")


def given(equation: Equation) -> tuple[Matrix, ...]:
    """What a result is computed from: the equation's matrices but for the result, for what lies on the way to it, and
    for what shows the same numbers once more."""
    computed = {line.number.matrix for line in equation.lines}
    used = {slot.matrix for line in equation.lines for slot in _numbers(line.slots)}
    return tuple(matrix for matrix in dict.fromkeys(equation.matrices) if matrix in used - computed)


def is_computed(equation: Equation) -> bool:
    """Whether its numbers come from others, so that they can be left blank."""
    return any(line.slots for line in equation.lines)


def _product(lines: Sequence[Line]) -> tuple[Matrix, Matrix] | None:
    """The matrices of which a row and a column are multiplied, where a single line does that."""
    sums = [slot for line in lines for slot in line.slots if isinstance(slot, Sum)]
    if len(sums) == 1 and sums[0].text == "{0}·{1}" and len(lines) == 1:
        first, second = sums[0].slots
        if isinstance(first, Number) and isinstance(second, Number) and first.matrix is not second.matrix:
            return first.matrix, second.matrix
    return None


def _needed(places: dict[Matrix, str]) -> str:
    return _("You need {places}.", places="; ".join(places.values())) if places else ""


def _place_in_words(matrix: Matrix, cells: set[Place]) -> str:
    """A row, a column, a number of a matrix, or all of it, as a sentence names it."""
    name = matrix.caption
    if matrix.heads and len(matrix.heads) > 1 and len({head for head, _row, _column in cells}) == 1:
        (head,) = {head for head, _row, _column in cells}
        name = _("{tensor}, head {head}", tensor=name, head=matrix.heads[head])
    rows, columns = ({place[axis] for place in cells} for axis in (1, 2))
    row, column = matrix.rows[min(rows)], matrix.columns[min(columns)]
    if len(cells) == 1:
        place = ", ".join(filter(None, (row, column)))
        return _("[{place}] of “{matrix}”", place=place, matrix=name) if place else f"“{name}”"
    if len(rows) == 1 and row:
        return _("row “{row}” of “{matrix}”", row=row, matrix=name)
    if len(columns) == 1 and column:
        return _("column “{column}” of “{matrix}”", column=column, matrix=name)
    return _("the numbers of “{matrix}”", matrix=name)


def _numbers(slots: Sequence[Slot]) -> Iterator[Number]:
    for slot in slots:
        if isinstance(slot, Sum):
            yield from _numbers(slot.slots)
        elif isinstance(slot, Number):
            yield slot


def _nothing(constant: Constant) -> str:
    """How a constant reads to who looks for the numbers of matrices alone."""
    return ""
