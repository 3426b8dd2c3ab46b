"""What a document prints of a lesson's equations: which matrix stands where, and how the worked cell is written out.

A matrix stands where it is met first; later equations name it and the step where it stands. Of a large one the part
that the worked cell needs is printed, and of a large lesson each kind of layer once: `twins` says of the steps of the
others where. All renderings draw what `displays` gives, so that they print the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from explorer.lessons.equations import Equation, equations
from explorer.lessons.equations.parts import Matrix
from explorer.lessons.equations.worked import Place, Worked, worked
from explorer.lessons.lesson import Lesson
from explorer.lessons.renderings.parts import numbers_of_steps
from explorer.lessons.steps import Chapter, Shown, Step
from explorer.texts import _, _n

_MOST_ROWS, _MOST_COLUMNS, _MOST_CELLS = 40, 32, 1000  # of a matrix that is printed whole …
_MOST_OF_LARGE = 16  # … and its rows or columns where the weights are too large for that
_KEPT = 5  # rows or columns of a matrix that is not printed whole, with those that the worked cell needs, or more
_MOST_NUMBERS = 3000  # of an equation that a page draws with all of its numbers
_LAYER = re.compile(r"(encoder|decoder)\.\d+\.")
GAP = "…"
LIKE = _("This step is computed as step {number} is, with the weights and the numbers of this layer.")
MOST_ACROSS = 10  # columns that have room beside each other on paper


@dataclass(frozen=True, eq=False)
class Extract:
    """The part of a `matrix` that is printed, by place; None stands for all others. The worked cell takes the numbers
    that are `named`."""

    matrix: Matrix
    heads: tuple[int, ...]
    rows: tuple[int | None, ...]
    columns: tuple[int | None, ...]
    named: frozenset[Place]

    @property
    def size(self) -> int:
        return len(self.heads) * len(self.rows) * len(self.columns)

    @property
    def row_names(self) -> tuple[str, ...]:
        return tuple(GAP if row is None else self.matrix.rows[row] for row in self.rows)

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(GAP if column is None else self.matrix.columns[column] for column in self.columns)

    def head_name(self, head: int) -> str:
        return self.matrix.heads[head] if self.matrix.heads else ""

    def numbers(self, head: int) -> list[list[float | None]]:
        """The numbers of a head, row by row."""
        return [
            [
                None if row is None or column is None else self.matrix.number((head, row, column))
                for column in self.columns
            ]
            for row in self.rows
        ]

    def lit(self, head: int) -> set[tuple[int, int]]:
        """Which rows and columns of what is printed of a head hold numbers that the worked cell takes."""
        return {(self.rows.index(row), self.columns.index(column)) for h, row, column in self.named if h == head}

    @property
    def left_out(self) -> str:
        """In words, and empty where all of the tensor stands here."""
        matrix = self.matrix
        axes = ((matrix.heads or ("",), self.heads), (matrix.rows, self.rows), (matrix.columns, self.columns))
        heads, rows, columns = (len(names) - sum(place is not None for place in kept) for names, kept in axes)
        cut = (
            _n("{count:,} more head", "{count:,} more heads", heads) if heads else "",
            _n("{count:,} more row", "{count:,} more rows", rows) if rows else "",
            _n("{count:,} more column", "{count:,} more columns", columns) if columns else "",
        )
        words = ", ".join(filter(None, (*cut, matrix.left_out)))
        return _("{words} in the JSON", words=words) if words and matrix.tensor else words


@dataclass(frozen=True, eq=False)
class Display:
    """An equation in a document: what of its matrices stands in it, and at which step, by its number, the others do."""

    equation: Equation
    here: dict[Matrix, Extract]
    elsewhere: dict[Matrix, tuple[str, str]]  # the step's number and key
    lines: tuple[Worked, ...]

    @property
    def is_small(self) -> bool:
        """Whether a page has room to draw all of its numbers, as numbers."""
        matrices = self.equation.matrices
        return sum(matrix.values.size for matrix in matrices) <= _MOST_NUMBERS and all(
            len(matrix.rows) <= _MOST_ROWS and len(matrix.columns) <= _MOST_COLUMNS for matrix in matrices
        )


def displays(
    lesson: Lesson, chapters: Sequence[Chapter] | None = None, decimals: int = 4
) -> Mapping[str, Sequence[Display]]:
    """The equations of each step, by its key, in a document of the whole lesson or of some of its chapters."""
    return _displays(lesson, lesson.chapters if chapters is None else tuple(chapters), decimals)[0]


def twins(
    lesson: Lesson, chapters: Sequence[Chapter] | None = None, decimals: int = 4
) -> Mapping[str, tuple[str, str]]:
    """The steps of a large lesson that are computed as the same step of a layer that the document told before, by their
    keys: the number and the key of that step. Their own equations are not printed."""
    return _displays(lesson, lesson.chapters if chapters is None else tuple(chapters), decimals)[1]


def blocks(count: int, most: int = MOST_ACROSS) -> list[slice]:
    """Rows or columns, as many at a time as a page has room for."""
    return [slice(start, start + most) for start in range(0, count, most)]


def how_to_read(printed: Mapping[str, Sequence[Display]], twins: Mapping[str, tuple[str, str]]) -> str:
    """What a reader with a pencil should know; empty where there is no equation."""
    every = list(chain.from_iterable(printed.values()))
    if not every:
        return ""
    is_cut = any(extract.left_out for display in every for extract in display.here.values())
    sentences = [
        _("Under each equation one number of its result is worked out."),
        _("A matrix is printed at the step that needs it first; later equations name that step."),
        _("Of a large matrix, the rows and columns are printed that the worked number needs, or the first ones.")
        if is_cut
        else "",
        _(
            "Layers of one kind are computed alike, so their equations are printed once: a step of another layer says "
            "what its numbers are, and names the step with the equation."
        )
        if twins
        else "",
        _("Every number that is left out here stands in this lesson as JSON.") if is_cut else "",
        _(
            "All numbers were rounded after the computation. Where the digits of the matrices would not give the "
            "printed result, the numbers of a worked line have more; where it would take too many, “≈” stands before "
            "the result."
        ),
    ]
    return " ".join(filter(None, sentences))


def printed_numbers(lesson: Lesson, chapters: Sequence[Chapter] | None = None) -> int:
    """How many numbers of matrices such a document prints."""
    every = chain.from_iterable(displays(lesson, chapters).values())
    return sum(extract.size for display in every for extract in display.here.values())


@lru_cache(maxsize=2)  # what is counted is written next
def _displays(
    lesson: Lesson, chapters: tuple[Chapter, ...], decimals: int
) -> tuple[dict[str, tuple[Display, ...]], dict[str, tuple[str, str]]]:
    document = _Document(lesson, decimals)
    printed = {step.key: tuple(document.displays(step)) for chapter in chapters for step in chapter.steps}
    return printed, document.twins


class _Document:
    """What stands in a document so far."""

    def __init__(self, lesson: Lesson, decimals: int) -> None:
        self._lesson, self._decimals = lesson, decimals
        self._numbers = numbers_of_steps(lesson)
        self._places: dict[object, tuple[str, str]] = {}
        self._kinds: dict[object, tuple[str, str]] = {}
        self.twins: dict[str, tuple[str, str]] = {}
        weights = lesson.trace.parameters.values()
        self._is_large = any(max(tensor.value.shape, default=0) > _MOST_ROWS for tensor in weights)

    def displays(self, step: Step) -> Iterator[Display]:
        drawn = equations(self._lesson, step, self._decimals) if step.shown else ()
        own = (self._numbers[step.key], step.key)
        if self._is_large and (kind := _kind(step, drawn)) and (twin := self._kinds.setdefault(kind, own)) != own:
            self.twins[step.key] = twin
            return
        for equation in drawn:
            lines = tuple(worked(equation, line, self._decimals) for line in equation.lines)
            named = {cell for line in lines for cell in line.cells}
            printed: dict[Matrix, Extract] = {}
            elsewhere: dict[Matrix, tuple[str, str]] = {}
            for matrix in dict.fromkeys(equation.matrices):
                if place := self._places.get(_identity(matrix)):
                    elsewhere[matrix] = place
                    continue
                printed[matrix] = _extract(matrix, [at for other, at in named if other is matrix], self._is_large)
                self._places[_identity(matrix)] = own
            yield Display(equation, printed, elsewhere, lines)


def _kind(step: Step, drawn: Sequence[Equation]) -> object:
    """What tells how a step of a layer is computed, the same in every layer of a stack; None outside of layers."""
    kind, count = _LAYER.subn(r"\1.", step.key)
    parts = tuple(part if isinstance(part, str) else part.caption for equation in drawn for part in equation.parts)
    return (kind, parts) if count and parts else None


def _identity(matrix: Matrix) -> Shown | tuple[object, ...]:
    """A tensor is itself, also transposed; other numbers are the same where they have the same letter."""
    if matrix.tensor:
        return matrix.tensor
    return (matrix.symbol, matrix.values.shape, matrix.values.tobytes()) if matrix.symbol else (matrix,)


# ------------------------------------------------------------------------------------------------ what has room


def _extract(matrix: Matrix, named: Sequence[Place], is_large: bool) -> Extract:
    """All of a small matrix; of a large one the cells that are `named` and the first ones. In a large lesson nobody
    computes everything by hand: the head of the worked cell is enough."""
    most_rows, most_columns = (_MOST_OF_LARGE, _MOST_OF_LARGE) if is_large else (_MOST_ROWS, _MOST_COLUMNS)
    few = _KEPT
    if is_large and len(matrix.columns) > most_columns:  # of rows that are cut, those that are needed are enough
        most_rows, few = 0, 1
    heads = tuple(range(len(matrix.values)))
    if is_large or matrix.values.size > _MOST_CELLS:
        heads = tuple(sorted({head for head, _, _ in named})) or heads[:1]
    return Extract(
        matrix,
        heads,
        _kept(len(matrix.rows), most_rows, {row for _, row, _ in named}, few),
        _kept(len(matrix.columns), most_columns, {column for _, _, column in named}),
        frozenset(named),
    )


def _kept(count: int, most: int, named: set[int], few: int = _KEPT) -> tuple[int | None, ...]:
    if count <= max(most, len(named) + 1):
        return tuple(range(count))
    first = [place for place in range(few) if place not in named]
    return (*sorted(named | set(first[: max(0, few - len(named))])), None)
