"""A matrix as an HTML table: numbers in the colours of their scale, what is masked hatched, all digits in titles.

The classes are those of `explorer.palette` and of `tables.css`; lessons as pages and notebooks share them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from html import escape

from explorer.palette import Scale
from explorer.writing.numbers import rounded


def matrix(
    values: Sequence[Sequence[float | None]],
    rows: Sequence[str],
    columns: Sequence[str],
    scale: Scale,
    caption: str = "",
    decimals: int = 4,
    all_digits: bool = True,
    lit: Collection[tuple[int, int]] = (),
) -> str:
    """The numbers (R, C) with the names of their rows and columns; an empty name leaves its place empty, and None
    stands for numbers that are left out. Those in the rows and columns of `lit` are framed."""
    about = f"<caption>{escape(caption)}</caption>" if caption else ""
    header = "".join(heading(column) for column in columns)
    lines = "".join(
        f"<tr>{heading(name, 'row')}"
        + "".join(_cell(x, scale, decimals, all_digits, (row, column) in lit) for column, x in enumerate(numbers))
        + "</tr>\n"
        for row, (name, numbers) in enumerate(zip(rows, values, strict=True))
    )
    return f'<div class="scroll matrix"><table>{about}\n<tr><td></td>{header}</tr>\n{lines}</table></div>'


def heading(name: str, scope: str = "col", above_numbers: bool = False) -> str:
    """The name of a column or of a row."""
    kind = ' class="number"' if above_numbers else ""
    return f'<th scope="{scope}"{kind}>{escape(name)}</th>' if name else "<td></td>"


def _cell(number: float | None, scale: Scale, decimals: int, all_digits: bool, is_lit: bool) -> str:
    if number is None:
        return '<td class="gap">…</td>'
    level = scale.level(number) if math.isfinite(number) else "masked"
    title = f' title="{number!r}"' if all_digits else ""
    return f'<td class="{level}"{title}{" data-lit" * is_lit}>{rounded(number, decimals)}</td>'
