"""The sheets of a spreadsheet: where each matrix of a lesson stands, and the formula of each cell that is computed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

from explorer.errors import UserError
from explorer.lessons.equations import equations_of
from explorer.lessons.equations.forward import FORWARD
from explorer.lessons.equations.matrices import Draughtsman
from explorer.lessons.equations.parts import Constant, Equation, Line, Matrix
from explorer.lessons.lesson import Lesson
from explorer.lessons.renderings.parts import number_of
from explorer.lessons.steps import GRADIENT, VALUE, Chapter, Shown, Step, is_given
from explorer.texts import _
from explorer.transformer.tape import Node

_MOST_CELLS = 200_000  # numbers and formulas; a spreadsheet opens so many within seconds
_MOST_COLUMNS = 16_384  # of a sheet, in the format
_LONGEST_TITLE = 31  # of a sheet, in the format
_IN_FULL = 12  # terms of a sum that are written out
ABOUT = "About"
_HEADINGS = 3  # rows above the numbers of a matrix: its caption, its tensor, the names of its columns
_REFERENCE = re.compile(r"\b[A-Z]{1,3}[0-9]+\b")
_FUNCTION = re.compile(r"\b(exp|ln|sin|cos|Φ) ('[^']*'![A-Z]+[0-9]+|[A-Z]+[0-9]+)")
_FUNCTIONS = {
    "exp": "EXP({})",
    "ln": "LN({})",
    "sin": "SIN({})",
    "cos": "COS({})",
    "Φ": "_xlfn.NORM.S.DIST({},TRUE)",
}
_SIGNS = {"·": "*", "−": "-", "²": "^2", "√(": "SQRT(", "max(": "MAX("}

# What no line of an equation gives, by symbol: {0} is the same cell of the operation's input, {row} its row, {mask}
# that of the mask.
_DERIVED = {
    "\\max": "MAX({row})",
    "\\ln p": "LN({0})",
    "\\varphi": "EXP(-0.5*{0}*{0})/SQRT(2*PI())",
    "[x > 0]": "IF({0}>0,1,0)",
    "[M = 0]": "IF({mask}=0,1,0)",
}

HOW = (
    _("Blue numbers are given: weights, masks, counts. Change one, and all that depends on it is computed again."),
    _("All other numbers are formulas. A number that was computed on another step is a reference to it."),
    _("The box beside the formula bar lists every tensor by name; gradient. is before that of its gradient."),
    _(
        "Colours: blue above zero, orange below, violet for shares; the darkest is the largest number of the lesson's "
        "own."
    ),
    _("Minus infinity of the mask stands here as −10⁹, since a spreadsheet has no infinity: exp makes 0 of both."),
)
FIRST_CONSTANT = len(HOW) + 6  # the row of About

At = tuple[int, int, int]
Key = Shown | tuple[str, str]  # a tensor; or what lies inside an operation, by the node's name and the symbol


class _Whole(Draughtsman):
    """Draws all words of a vocabulary: a formula needs every number that it sums."""

    def _places(self, axis: str, names: Sequence[str]) -> Sequence[int]:
        return range(len(names))


@dataclass(eq=False)
class Block:
    """A matrix on a sheet; its first number stands at `row` and `column`, both from 1, and head follows head downwards.
    `content` gives the formula of a cell; of given numbers it is None."""

    matrix: Matrix
    sheet: str
    row: int
    column: int
    content: Callable[[At], str] | None = None

    def at(self, at: At) -> str:
        """The address of a number on its own sheet."""
        head, row, column = at
        return f"{_letters(self.column + column)}{self.row + head * len(self.matrix.rows) + row}"

    def from_elsewhere(self, at: At) -> str:
        return f"'{self.sheet}'!{self.at(at)}"

    def row_of(self, at: At) -> str:
        head, row, _ = at
        return f"{self.at((head, row, 0))}:{self.at((head, row, len(self.matrix.columns) - 1))}"

    def turned(self, at: At, matrix: Matrix) -> At:
        """Where another drawing of the same tensor has what stands at this place here."""
        return (at[0], at[2], at[1]) if matrix.transposed != self.matrix.transposed else at

    @property
    def range(self) -> str:
        """All of its numbers, by an address that holds on every sheet."""
        heads, rows, columns = self.matrix.values.shape
        first, last = self.row, self.row + heads * rows - 1
        return f"'{self.sheet}'!${_letters(self.column)}${first}:${_letters(self.column + columns - 1)}${last}"


@dataclass(eq=False)
class Sheet:
    """What stands on a sheet, and where."""

    title: str
    chapter: str
    blocks: list[Block] = field(default_factory=list)
    operators: list[tuple[int, int, str]] = field(default_factory=list)
    steps: list[tuple[int, Step]] = field(default_factory=list)
    next_row: int = 3


class Plan:
    """Where each number stands and how it is computed. A tensor is computed once, where a step first needs it."""

    def __init__(self, lesson: Lesson, decimals: int = 4) -> None:
        self.lesson = lesson
        self.draughtsman = _Whole(lesson, decimals)
        self.sheets: list[Sheet] = []
        self.constants: dict[Constant, str] = {}  # and the address of each
        self.homes: dict[Key, Block] = {}
        self._placed: dict[Matrix, Block] = {}
        self._awaited: set[Shown] = set()  # gradients that are computed on a step after the first that needs them
        self._cells = 0

    def draw(self, chapters: Sequence[Chapter] | None) -> None:
        """Lay out all steps up to the last of these, and further while they take a gradient that comes later, as those
        of a table do that is used twice. Raises UserError where they have too many cells."""
        last = self.lesson.steps[-1].key if chapters is None else chapters[-1].steps[-1].key
        is_last = False
        for chapter in self.lesson.chapters:
            sheet = Sheet(_title(number_of(self.lesson, chapter), chapter.title), chapter.title)
            for step in chapter.steps:
                if step.shown:
                    self._step(sheet, step)
                is_last = is_last or step.key == last
                if is_last and self._awaited <= self.homes.keys():
                    break
            if sheet.blocks:
                self.sheets.append(sheet)
            if is_last and self._awaited <= self.homes.keys():
                return

    def _step(self, sheet: Sheet, step: Step) -> None:
        sheet.steps.append((sheet.next_row, step))
        sheet.next_row += 2
        for equation, node in equations_of(self.draughtsman, step):
            self._equation(sheet, equation, node)

    def _equation(self, sheet: Sheet, equation: Equation, node: Node | None) -> None:
        row, column = sheet.next_row + _HEADINGS, 1
        here: dict[Matrix, Block] = {}
        for part in equation.parts:
            if isinstance(part, str):
                sheet.operators.append((row, column, part))
                column += 1
                continue
            column += part.rows != ("",)  # room for their names
            block = here[part] = Block(part, sheet.title, row, column)
            sheet.blocks.append(block)
            column += len(part.columns) + 1
            self._cells += part.values.size
            if self._cells > _MOST_CELLS or column > _MOST_COLUMNS:
                if self._cells > _MOST_CELLS:
                    size = _(
                        "As xlsx this lesson has more than {most:,} numbers and formulas, too many for a spreadsheet.",
                        most=_MOST_CELLS,
                    )
                else:
                    size = _(
                        "As xlsx this lesson has more than {most:,} columns on a sheet, too many for a spreadsheet.",
                        most=_MOST_COLUMNS,
                    )
                remedy = _(
                    "Take one of its first chapters alone, a smaller d_model, fewer layers, shorter sentences, or a "
                    "model with fewer words."
                )
                raise UserError(f"{size} {remedy}")
        sheet.next_row = row + max(matrix.values.shape[0] * len(matrix.rows) for matrix in here) + 1
        for block in here.values():
            self._fill(block, equation, node, here)
        for block in here.values():
            self._settle(block, equation, node)

    def _fill(self, block: Block, equation: Equation, node: Node | None, here: dict[Matrix, Block]) -> None:
        """Say how the numbers of a block come about: by a reference, a line, a formula of their own, or not at all."""
        matrix, tensor, trace = block.matrix, block.matrix.tensor, self.lesson.trace
        home = self._placed.get(matrix) or self._home(matrix, node)
        line = next((line for line in equation.lines if line.number.matrix is matrix), None)
        if home is not None:
            block.content = lambda at: home.from_elsewhere(home.turned(at, matrix))
        elif line is not None:
            block.content = self._by_line(equation, line, here)
        elif tensor is not None and tensor.side == GRADIENT:
            self._awaited.add(tensor)
            block.content = lambda at: self.homes[tensor].from_elsewhere(self.homes[tensor].turned(at, matrix))
        elif tensor is not None and not is_given(
            trace, trace[tensor.name].node
        ):  # no step has an equation of its own for it
            inner = trace[tensor.name].node
            equation = FORWARD[type(inner.operation)](self.draughtsman, inner)
            block.content = self._by_line(equation, equation.lines[-1], here)
        elif node is not None and matrix.symbol in _DERIVED:
            block.content = self._by_symbol(matrix.symbol, node, here)

    def _home(self, matrix: Matrix, node: Node | None) -> Block | None:
        if matrix.tensor is not None:
            return self.homes.get(matrix.tensor)
        return self.homes.get((node.name, matrix.symbol)) if node is not None and matrix.symbol else None

    def _settle(self, block: Block, equation: Equation, node: Node | None) -> None:
        """This is where later equations find these numbers, unless they stood elsewhere before or are only awaited."""
        matrix = block.matrix
        self._placed.setdefault(matrix, block)
        if matrix.tensor is not None:
            if equation.result is matrix or matrix.tensor.side == VALUE:
                self.homes.setdefault(matrix.tensor, block)
        elif node is not None and matrix.symbol:
            self.homes.setdefault((node.name, matrix.symbol), block)

    def _by_line(self, equation: Equation, line: Line, here: dict[Matrix, Block]) -> Callable[[At], str]:
        def number(matrix: Matrix, at: At) -> str:
            return self._address(matrix, at, here)

        def content(at: At) -> str:
            text, _ = equation.at(*at).written(line, number, self._constant, _sum)
            return _formula(text)

        return content

    def _by_symbol(self, symbol: str, node: Node, here: dict[Matrix, Block]) -> Callable[[At], str]:
        source = Shown(node.inputs[0].name)
        block = next((block for block in here.values() if block.matrix.tensor == source), self.homes.get(source))
        mask = self.homes.get((node.name, "M"))
        assert block is not None

        def content(at: At) -> str:
            own = block.at(at) if block in here.values() else block.from_elsewhere(at)
            return _DERIVED[symbol].format(own, row=block.row_of(at), mask=mask and mask.from_elsewhere(at))

        return content

    def _address(self, matrix: Matrix, at: At, here: dict[Matrix, Block]) -> str:
        """A number of a matrix: in this equation, where it stands there, or else where it was computed."""
        if block := here.get(matrix):
            return block.at(at)
        for block in here.values():
            if matrix.tensor is not None and block.matrix.tensor == matrix.tensor:
                return block.at(block.turned(at, matrix))
        assert matrix.tensor is not None
        home = self.homes[matrix.tensor]
        return home.from_elsewhere(home.turned(at, matrix))

    def _constant(self, constant: Constant) -> str:
        return self.constants.setdefault(constant, f"{ABOUT}!$B${len(self.constants) + FIRST_CONSTANT}")


def _title(number: int, chapter: str) -> str:
    """What the sheet of a chapter is called: briefly, and without signs that have a meaning in formulas."""
    brief = chapter.replace(", layer", "").replace("-attention", "")
    words = re.sub(r"[\[\]:*?/\\']", "", f"{number} {brief}")
    return words if len(words) <= _LONGEST_TITLE else words[: _LONGEST_TITLE + 1].rpartition(" ")[0]


def _sum(terms: Sequence[str]) -> str:
    """Few terms as they are, many by ranges."""
    if len(terms) <= _IN_FULL:
        return "+".join(terms)
    ends = list(zip(*(_REFERENCE.findall(term) for term in (terms[0], terms[-1])), strict=True))
    if any(first != last and _size(first, last) != len(terms) for first, last in ends):
        return "+".join(terms)
    ranges = [first if first == last else f"{first}:{last}" for first, last in ends]
    places = iter(ranges)
    text = _REFERENCE.sub(lambda _: next(places), terms[0])
    if text == ranges[0]:
        return f"SUM({text})"
    if text == "·".join(ranges) and _is_row(ranges[0]) and not _is_row(ranges[1]):
        return f"MMULT({','.join(ranges)})"
    return f"SUMPRODUCT({text})"


def _size(first: str, last: str) -> int:
    (column, row), (last_column, last_row) = map(_place, (first, last))
    return (last_row - row + 1) * (last_column - column + 1)


def _is_row(cells: str) -> bool:
    first, last = cells.split(":")
    return _place(first)[1] == _place(last)[1]


def _place(address: str) -> tuple[int, int]:
    from openpyxl.utils.cell import column_index_from_string, coordinate_from_string

    letters, row = coordinate_from_string(address)
    return column_index_from_string(letters), row


@cache
def _letters(column: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(column))


def _formula(text: str) -> str:
    """The text of a line as a spreadsheet reads it."""
    text = _FUNCTION.sub(lambda match: _FUNCTIONS[match[1]].format(match[2]), text)
    for sign, written in _SIGNS.items():
        text = text.replace(sign, written)
    return text
