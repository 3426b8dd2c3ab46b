"""What an equation is made of: matrices and operators from left to right, and lines that say how a cell came about.

`Equation.as_json` is the payload that `explorer.tensors` draws. No line is computed here: it names the cells whose
numbers it takes, so that a browser, a document and a spreadsheet write the same sum.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from explorer.lessons.bounds import DECIMALS
from explorer.lessons.steps import VALUE, Shown
from explorer.transformer.tape import Array
from explorer.writing.mathematics import mathematics

_PLACE = re.compile(r"\{(\d+)\}")


@dataclass(frozen=True)
class By:
    """A place that is looked up: `table[j]` by "j", `table[h][j]` by ("h", "j")."""

    letters: str | tuple[str, ...]
    table: tuple[Any, ...]

    def at(self, letters: dict[str, int]) -> Any:
        table: Any = self.table
        for letter in (self.letters,) if isinstance(self.letters, str) else self.letters:
            table = table[letters[letter]]
        return table

    def as_json(self) -> dict[str, Any]:
        return {"by": self.letters, "table": self.table}


# a number, or a letter: the worked cell's head "h", row "i" and column "j", and "k", over which a sum goes
Place = int | str | By
At = tuple[Place, Place, Place]
HERE: At = ("h", "i", "j")


@dataclass(frozen=True, eq=False)
class Matrix:
    """Numbers (heads or 1, R, C) as they are drawn, with the names of their rows and columns, [""] where these have
    none. `tensor` is what it shows, None for what lies between two tensors, such as the exponentials of a softmax;
    `places` are the tensor's own numbers of the rows and columns drawn. `bands` are the heads that its columns belong
    to. `symbol` is LaTeX. With a `key` the scale of its colours stands below."""

    values: Array
    symbol: str
    caption: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    tensor: Shown | None = None
    places: tuple[tuple[int, ...], tuple[int, ...]] | None = None
    role: str = "parameter"
    heads: tuple[str, ...] | None = None
    transposed: bool = False
    left_out: str = ""
    bands: tuple[int, ...] | None = None
    limit: float = 0.0
    shares: bool = False
    shape: str = ""
    decimals: int = DECIMALS
    key: bool = False

    def __post_init__(self) -> None:
        assert self.values.shape == (len(self.heads or ("",)), len(self.rows), len(self.columns))

    def number(self, at: tuple[int, int, int]) -> float:
        return float(self.values[at])

    def index(self, at: tuple[int, int, int]) -> tuple[int, ...]:
        """Where its `tensor` has the number that stands at a head, row and column."""
        assert self.places is not None
        head, row, column = at
        own = [self.places[0][row]] * (self.rows != ("",)) + [self.places[1][column]] * (self.columns != ("",))
        return (*[head] * bool(self.heads), *(reversed(own) if self.transposed else own))

    def as_json(self, id_: int) -> dict[str, Any]:
        rows, columns = self.places or (range(len(self.rows)), range(len(self.columns)))
        return {
            "kind": "matrix",
            "id": id_,
            "name": self.tensor and self.tensor.name,
            "side": self.tensor.side if self.tensor else VALUE,
            "symbol": mathematics(self.symbol) if self.symbol else "",
            "caption": self.caption,
            "shape": self.shape,
            "role": self.role,
            "heads": self.heads,
            "rows": self.rows,
            "columns": self.columns,
            "transposed": self.transposed,
            "rowPlaces": list(rows),
            "columnPlaces": list(columns),
            "left_out": self.left_out,
            "bands": self.bands,
            "bandsOf": "columns" if self.bands else None,
            "limit": self.limit,
            "probabilities": self.shares,
            "decimals": self.decimals,
            "key": self.key,
            "float64": base64.b64encode(np.ascontiguousarray(self.values, "<f8").tobytes()).decode(),
        }


@dataclass(frozen=True)
class Number:
    """A number of a matrix."""

    matrix: Matrix
    at: At = HERE


@dataclass(frozen=True)
class Constant:
    """A number that stands in no matrix, such as √d_k; `symbol` says which."""

    number: float
    symbol: str = ""


@dataclass(frozen=True)
class Sum:
    """Terms for k = 0 … `over` − 1, joined by plus signs."""

    over: int
    text: str
    slots: tuple[Number | Constant, ...]


Slot = Number | Constant | Sum


@dataclass(frozen=True)
class Line:
    """How a number came about: `text`, with {0}, {1} … for its slots, stands before “= number”. Of two texts, such as
    sine and cosine, the even columns have the first and the odd ones the second."""

    number: Number
    text: str | tuple[str, str]
    slots: tuple[Slot, ...]

    @property
    def is_copy(self) -> bool:
        """Whether nothing is computed: the number is that of its only slot."""
        return self.text == "{0}" and isinstance(self.slots[0], Number)

    def text_of(self, column: int) -> str:
        return self.text if isinstance(self.text, str) else self.text[column % 2]


@dataclass(frozen=True, eq=False)
class Equation:
    """Operators (text) and matrices from left to right; `result` is one of them, `worked` its cell that is open at
    first, `lines` say how the worked cell came about."""

    title: str
    parts: tuple[str | Matrix, ...]
    result: Matrix
    lines: tuple[Line, ...]
    worked: tuple[int, int, int] = (0, 0, 0)

    @cached_property
    def matrices(self) -> tuple[Matrix, ...]:
        return tuple(part for part in self.parts if isinstance(part, Matrix))

    def at(self, *worked: int) -> Equation:
        """The same with another worked cell."""
        head, row, column = worked
        return replace(self, worked=(head, row, column))

    def at_last_row(self) -> Equation:
        """The same, open in the row of the last word: the text follows this word, and the first one's position is 0."""
        return self.at(0, len(self.result.rows) - 1, 0)

    def at_largest(self, values: Array) -> Equation:
        """The same, open where the `values`, of the result's shape, are furthest from 0."""
        return self.at(*(int(place) for place in np.unravel_index(np.abs(values).argmax(), values.shape)))

    def of_row(self) -> Equation:
        """The same of the worked row alone: matrices from which the lines take this row have no other, those from which
        they take all rows, such as weights, stay whole. The first and the result name the row. Itself where a line
        needs the row's number for more than that."""
        numbers = [number for line in self.lines for number in (line.number, *_numbers(line.slots))]
        elsewhere = {number.matrix for number in numbers if number.at[1] != "i"}
        if self.result in elsewhere or any(_needs_row(number.at, number.matrix in elsewhere) for number in numbers):
            return self
        head, row, column = self.worked
        drawn = {
            part: part
            if part in elsewhere or part.rows != self.result.rows
            else _row_of(part, row, named=part in (self.matrices[0], self.result))
            for part in self.matrices
        }
        return self._with(drawn, (head, 0, column))

    def _with(self, drawn: dict[Matrix, Matrix], worked: tuple[int, int, int]) -> Equation:
        """The same with other matrices drawn."""
        parts = tuple(drawn[part] if isinstance(part, Matrix) else part for part in self.parts)
        lines = tuple(
            Line(_drawn(line.number, drawn), line.text, tuple(_drawn(slot, drawn) for slot in line.slots))
            for line in self.lines
        )
        return Equation(self.title, parts, drawn[self.result], lines, worked)

    def cell_of(self, index: Sequence[int]) -> tuple[int, int, int] | None:
        """Where the result shows a number of its tensor, by the tensor's own index; None where it has no room."""
        result, own = self.result, list(index)
        head = own.pop(0) if result.heads else 0
        if result.transposed:
            own.reverse()
        row = own.pop(0) if own and result.rows != ("",) else 0
        column = own.pop(0) if own and result.columns != ("",) else 0
        rows, columns = result.places or (range(len(result.rows)), range(len(result.columns)))
        return (head, rows.index(row), columns.index(column)) if row in rows and column in columns else None

    def written(
        self,
        line: Line,
        number: Callable[[Matrix, tuple[int, int, int]], str],
        constant: Callable[[Constant], str],
        joined: Callable[[Sequence[str]], str] = " + ".join,
    ) -> tuple[str, str]:
        """Both sides of a line at the worked cell. `number` writes the number of a matrix at a place, `constant` what
        stands in none, `joined` the terms of a sum."""
        letters = dict(zip("hij", self.worked, strict=True))

        def placed(slot: Number, letters: dict[str, int]) -> str:
            return number(slot.matrix, _resolved(slot.at, letters))

        def filled(text: str, slots: Sequence[Slot], letters: dict[str, int]) -> str:
            return _PLACE.sub(lambda match: slot_text(slots[int(match[1])], letters), text)

        def slot_text(slot: Slot, letters: dict[str, int]) -> str:
            if isinstance(slot, Constant):
                return constant(slot)
            if isinstance(slot, Sum):
                return joined([filled(slot.text, slot.slots, letters | {"k": k}) for k in range(slot.over)])
            return placed(slot, letters)

        result = number(line.number.matrix, _resolved(line.number.at, letters))
        return filled(line.text_of(letters["j"]), line.slots, letters), result

    def as_json(self) -> dict[str, Any]:
        ids = {part: place for place, part in enumerate(self.parts) if isinstance(part, Matrix)}
        return {
            "title": self.title,
            "parts": [
                part.as_json(place) if isinstance(part, Matrix) else {"kind": "operator", "text": part}
                for place, part in enumerate(self.parts)
            ],
            "result": ids[self.result],
            "worked": self.worked,
            "lines": [
                {
                    "part": ids[line.number.matrix],
                    "at": _at_json(line.number.at),
                    "text": line.text,
                    "slots": list(_slots_json(line.slots, ids)),
                }
                for line in self.lines
            ],
        }


def _resolved(at: At, letters: dict[str, int]) -> tuple[int, int, int]:
    head, row, column = (
        place.at(letters) if isinstance(place, By) else letters[place] if isinstance(place, str) else place
        for place in at
    )
    return head, row, column


def _at_json(at: At) -> list[Any]:
    return [place.as_json() if isinstance(place, By) else place for place in at]


def _slots_json(slots: Sequence[Slot], ids: dict[Matrix, int]) -> Iterator[dict[str, Any]]:
    for slot in slots:
        if isinstance(slot, Constant):
            yield {"number": slot.number, "symbol": slot.symbol}
        elif isinstance(slot, Sum):
            yield {"over": slot.over, "text": slot.text, "slots": list(_slots_json(slot.slots, ids))}
        else:
            yield {"part": ids[slot.matrix], "at": _at_json(slot.at)}


def _row_of(matrix: Matrix, row: int, named: bool) -> Matrix:
    rows, columns = matrix.places or (tuple(range(len(matrix.rows))), tuple(range(len(matrix.columns))))
    name, places = (matrix.rows[row] if named else "",), ((rows[row],), columns)
    return replace(matrix, values=matrix.values[:, row : row + 1], rows=name, places=places)


def _needs_row(at: At, whole: bool) -> bool:
    """Whether a number's place follows the worked row in another way than by standing in it; of a matrix that stays
    `whole`, in any way."""
    return any(
        (place == "i" and (whole or axis != 1)) or (isinstance(place, By) and "i" in place.letters)
        for axis, place in enumerate(at)
    )


def _numbers(slots: Sequence[Slot]) -> Iterator[Number]:
    """The numbers of matrices among slots, those of sums too."""
    for slot in slots:
        if isinstance(slot, Sum):
            yield from _numbers(slot.slots)
        elif isinstance(slot, Number):
            yield slot


def _drawn(slot: Any, drawn: dict[Matrix, Matrix]) -> Any:
    """A slot that takes its numbers from the matrices drawn instead."""
    if isinstance(slot, Sum):
        return replace(slot, slots=tuple(_drawn(each, drawn) for each in slot.slots))
    return replace(slot, matrix=drawn[slot.matrix]) if isinstance(slot, Number) else slot
