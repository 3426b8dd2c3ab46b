"""A matrix as an HTML table: numbers in the colours of their scale, what is masked hatched, all digits in titles.

The classes are those of `explorer.palette` and of `tables.css`; lessons as pages and notebooks share them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from explorer.numbers import rounded
from explorer.palette import Scale


def matrix(
    values: Sequence[Sequence[float]],
    rows: Sequence[str],
    columns: Sequence[str],
    scale: Scale,
    caption: str = "",
    decimals: int = 4,
) -> str:
    """The numbers (R, C) with the names of their rows and columns; an empty name leaves its place empty."""
    about = f"<caption>{escape(caption)}</caption>" if caption else ""
    header = "".join(heading(column) for column in columns)
    lines = "".join(
        f"<tr>{heading(name, 'row')}{''.join(_cell(number, scale, decimals) for number in numbers)}</tr>\n"
        for name, numbers in zip(rows, values, strict=True)
    )
    return f'<div class="scroll matrix"><table>{about}\n<tr><td></td>{header}</tr>\n{lines}</table></div>'


def heading(name: str, scope: str = "col", above_numbers: bool = False) -> str:
    """The name of a column or of a row."""
    kind = ' class="number"' if above_numbers else ""
    return f'<th scope="{scope}"{kind}>{escape(name)}</th>' if name else "<td></td>"


def _cell(number: float, scale: Scale, decimals: int) -> str:
    level = scale.level(number) if math.isfinite(number) else "masked"
    return f'<td class="{level}" title="{number!r}">{rounded(number, decimals)}</td>'
