"""What a notebook shows of an answer: a fragment of HTML with its own style, and neither script nor anything to load.

The style holds within the fragment alone, stands above that of Jupyter, and follows its theme, light or dark: the one
colour of text is the notebook's, and a coloured cell brings both its colours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from typing import Any

from explorer import palette
from explorer.answers import Table, is_number, written
from explorer.texts import _n
from explorer.writing.html_matrix import heading

TABLES = Path(__file__).with_name("tables.css")
_STYLE = Path(__file__).with_name("notebook.css")
_MOST_ROWS = 200
_LIGHT, _DARK = 0, 1
_LINK = "light-dark(#0a5fa8, #7ab8ff)"
# How JupyterLab, Notebook 7, Visual Studio Code and Colab say which theme is on; others say it to the whole page.
_THEMES = (
    '[data-jp-theme-light="true"] .explorer, [data-vscode-theme-kind="vscode-light"] .explorer {color-scheme: light}',
    '[data-jp-theme-light="false"] .explorer, [data-vscode-theme-kind="vscode-dark"] .explorer,'
    ' html[theme="dark"] .explorer {color-scheme: dark}',
)
_LEVEL = re.compile(r'class="([nps]\d+)"')

Cell = Callable[[str, Any], str]  # the HTML of what stands in a column


def output(body: str, headline: str = "", sentences: Iterable[str] = ()) -> str:
    """The fragment: a headline, the body, which is HTML, and what is to be said below it.

    MathJax, which looks for dollar signs in all a notebook shows, is kept from the words.
    """
    above = f'<p class="headline" dir="auto">{escape(headline)}</p>' if headline else ""
    below = "".join(f'<p class="quiet" dir="auto">{escape(sentence)}</p>' for sentence in sentences)
    return (
        f'<div class="explorer tex2jax_ignore mathjax_ignore"><style>{_style(body)}</style>\n{above}{body}{below}</div>'
    )


def table(rows: Table, cell: Cell | None = None, caption: str = "") -> str:
    """A table, its first rows where it is very long; `cell` draws what stands in it, otherwise it is written."""
    draw = cell or (lambda _, value: escape(written(value)))
    numeric = [all(is_number(row[place]) for row in rows.rows) for place in range(len(rows.header))]
    head = "".join(
        heading(name, "col", above_numbers) for name, above_numbers in zip(rows.header, numeric, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{_KINDS[right]}>{draw(name, value)}</td>"
            for name, right, value in zip(rows.header, numeric, row, strict=True)
        )
        + "</tr>\n"
        for row in rows.rows[:_MOST_ROWS]
    )
    about = f"<caption>{escape(caption)}</caption>" if caption else ""
    more = len(rows.rows) - _MOST_ROWS
    others = escape(_n("… and {count} more row.", "… and {count:,} more rows.", more))
    rest = f'<p class="quiet">{others}</p>' if more > 0 else ""
    return (
        f'<div class="scroll"><table>{about}<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>{rest}'
    )


def bar(share: float) -> str:
    """A short bar for a number from −1 to 1, to stand before it."""
    side = ' class="below"' if share < 0 else ""
    return f'<span class="share" aria-hidden="true"><i{side} style="width:{100 * min(1, abs(share)):.1f}%"></i></span>'


def folded(summary: str, body: str, is_open: bool = False) -> str:
    """What stands behind a line that one may open."""
    return f"<details{' open' * is_open}><summary>{escape(summary)}</summary>{body}</details>"


_KINDS = {True: ' class="number"', False: ' dir="auto"'}


def _style(body: str) -> str:
    """The style of a fragment, with the colours that it has."""
    above, below = (
        f"light-dark({stops[_LIGHT][1]}, {stops[_DARK][1]})" for stops in (palette.POSITIVE, palette.NEGATIVE)
    )
    properties = f"--above: {above}; --below: {below}; --link: {_LINK};" + palette.role_properties()
    sheets = [path.read_text(encoding="utf-8") for path in (TABLES, _STYLE)]
    levels = palette.rules(sorted(set(_LEVEL.findall(body))))
    return "\n".join([".explorer.explorer.explorer {", properties, *sheets, *levels, "}", *_THEMES])
