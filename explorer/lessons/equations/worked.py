"""How a line reads at the worked cell: with so many digits that a pocket calculator gives the printed result.

Documents, exercises and the answer about a cell write their lines here; `explorer.tensors` does the same in a browser.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from explorer.lessons.equations.calculator import calculated
from explorer.lessons.equations.parts import Equation, Line, Matrix, Sum
from explorer.texts import _
from explorer.writing.mathematics import plain
from explorer.writing.numbers import MINUS, TIMES, in_powers, rounded

MORE_DIGITS = 4  # that the numbers of a line may have, beyond the decimals of its result
_MOST_TERMS, _LARGEST_TERMS = 16, 4  # of a sum that is written whole; of a longer one

Place = tuple[int, int, int]  # head, row, column

# every text that a term of a sum has → the term
_TERMS: dict[str, Callable[..., float]] = {
    "{0}": lambda x: x,
    "{0}·{1}": lambda x, y: x * y,
    "({0} − {1})²": lambda x, y: (x - y) ** 2,
}


@dataclass(frozen=True, eq=False)
class Worked:
    """A number of the worked cell's way, in its `matrix` at the head, row and column of these `names`: `text` computes
    it, and it is `number`. The `sign` between them is “=” where the printed numbers give the printed result, else “≈”.
    `cells` are those that are written."""

    matrix: Matrix
    names: tuple[str, ...]
    text: str
    sign: str
    number: str
    cells: tuple[tuple[Matrix, Place], ...]

    def __str__(self) -> str:
        return f"{self.text} {self.sign} {self.number}"

    @property
    def named(self) -> str:
        """The number's letter and place, without LaTeX: “S_h [head 1, You, are]”."""
        letter = plain(self.matrix.symbol) if self.matrix.symbol else self.matrix.caption
        return f"{letter} [{', '.join(self.names)}]" if self.names else letter

    def as_json(self) -> dict[str, str]:
        return {"of": self.named, "text": self.text, "sign": self.sign, "result": self.number}


def worked(equation: Equation, line: Line, decimals: int, folded: bool = True) -> Worked:
    """The line at the equation's worked cell. Of a long sum, `folded`, the largest terms are written, and all others as
    one number. The numbers of a line have more digits than its result where it takes them."""
    text, cells = _written(equation, line, decimals, 0, folded)
    matrix, at = cells[0]
    number, sign = rounded(matrix.number(at), decimals), "≈"
    for more in range(MORE_DIGITS + 1):
        longer = _written(equation, line, decimals, more, folded)[0] if more else text
        if rounded(calculated(longer), decimals) == number:
            text, sign = longer, "="
            break
    return Worked(matrix, names_of(matrix, at), text, sign, number, tuple(cells))


def _written(
    equation: Equation, line: Line, decimals: int, more: int, folded: bool
) -> tuple[str, list[tuple[Matrix, Place]]]:
    """The left side, and the cells that it takes its numbers from, after that of the result."""
    calls: list[tuple[Matrix, Place]] = []
    sums = (slot for slot in line.slots if isinstance(slot, Sum))

    def number(matrix: Matrix, at: Place) -> str:
        calls.append((matrix, at))
        return bracketed(_with_more(matrix.number(at), decimals, more))

    def joined(texts: Sequence[str]) -> str:
        each, count = next(sums), len(texts)
        if not folded or count <= _MOST_TERMS:
            return " + ".join(texts)
        width = len(each.slots)
        own = [calls[start : start + width] for start in range(len(calls) - width * count, len(calls), width)]
        terms = [_TERMS[each.text](*(matrix.number(at) for matrix, at in cells)) for cells in own]
        largest = sorted(sorted(range(count), key=lambda k: -abs(terms[k]))[:_LARGEST_TERMS])
        calls[-width * count :] = [call for k in largest for call in own[k]]
        rest = math.fsum(term for k, term in enumerate(terms) if k not in largest)
        smaller = _(
            "{number} [{count:,} smaller terms]",
            number=bracketed(_with_more(rest, decimals, more)),
            count=count - len(largest),
        )
        return " + ".join([*(texts[k] for k in largest), smaller])

    text, _number = equation.written(
        line, number, lambda each: bracketed(constant(each.number, decimals + more)), joined
    )
    if line.is_copy and text.startswith("("):
        text = text[1:-1]  # what stands alone needs no brackets
    return text, calls


def _with_more(number: float, decimals: int, more: int) -> str:
    """A number with more digits than the decimals, where it has more."""
    text = rounded(number, decimals)
    if not more or not math.isfinite(number) or math.isclose(float(f"{number:.{decimals}f}"), number, rel_tol=1e-12):
        return text
    if TIMES not in text:
        return rounded(number, decimals + more)
    return in_powers(number, (decimals if abs(number) > 1 else 1) + more)


def names_of(matrix: Matrix, at: Place) -> tuple[str, ...]:
    """What the head, the row and the column of a place are called, where they have names."""
    head, row, column = at
    named = _("head {head}", head=matrix.heads[head]) if matrix.heads else ""
    names = (named, matrix.rows[row], matrix.columns[column])
    return tuple(name for name in names if name)


def bracketed(text: str) -> str:
    """A number as it stands among others: a minus sign or a power of ten needs brackets there."""
    return f"({text})" if text.startswith(MINUS) or TIMES in text else text


def constant(number: float, decimals: int) -> str:
    """A number that stands in no matrix, with all its digits where they are few: 3, 0.001, 1·10⁻⁵, 1.4142."""
    short = f"{number:.{decimals}g}"
    if not math.isclose(float(short), number, rel_tol=1e-12):
        return rounded(number, decimals)
    mantissa, _, exponent = short.partition("e")
    return in_powers(number, len(mantissa.partition(".")[2])) if exponent else short.replace("-", MINUS)
