"""Equations of tensors, drawn in a browser: one script and one stylesheet for pages, documents, notebooks and talks.

The script takes numbers from the arrays that it is handed and writes them into templates. It computes none but to see
whether a line is true as it is printed: then “=” stands before the result, else “≈”. An equation is JSON:

- `title`; `parts` from left to right; `result`, the id of the part that is computed; `worked`, the cell that is open at
  first, as [head, row, column] of the result; `lines`, how that cell came about. Without lines no cell is open.
- A part is an operator, `{"kind": "operator", "text": "·"}`, or a matrix, `{"kind": "matrix"}`, with its `id`; `name`
  (of the tensor, null for numbers that have none) and `side`; `symbol` (MathML), `caption`, `shape` and `left_out` in
  words; `role`; `heads` (names, or null), `rows`, `columns`; `transposed`, `rowPlaces` and `columnPlaces`
  (of what is drawn, in the tensor); `bands` and `bandsOf` (columns or rows that
  belong to heads); `limit`, `probabilities` and `decimals` (of scale and digits); `key`, whether the scale stands
  below; `blanks`, flat place → number of a blank, in whose cell stands what the caller makes; `float64`, the numbers
  (heads, rows, columns) as base64 of little-endian floats.
- A line says what stands before its result: `part` and `at` name the number, `text` has a place for each of
  `slots`. A slot is a number of a matrix (`part`, `at`), a constant (`number`, `symbol`), or a sum over k: `over` (how
  many), `text`, `slots`. Of two texts the columns take turns: a sine, a cosine.
- `at` is [head, row, column]. Each is a number, one of "h", "i", "j" (the worked cell's) and "k" (the sum's), or
  `{"by": "j", "table": [2, 0, 1]}`, what stands in a table there; two letters look up a table of tables.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from explorer import palette
from explorer.texts import _

_HERE = Path(__file__).parent
_FILES = (
    "draw",
    "equation",
    "layout",
    "matrix",
    "table",
    "painting",
    "heat",
    "colours",
    "lines",
    "calculator",
    "elements",
)  # of the script
TEXTS = {  # of the script, which fills in {cell}, {number}, {tensor}, {head}, {count}, {low} and {high}
    "lines": _("How {cell} came about"),
    "copied": _("{number} is copied from {cell}"),
    "head": _("head {head}"),
    "tensor_head": _("{tensor}, head {head}"),
    "head_of": _("head {head} of {count}"),
    "next_head": _("The next head: key h. A head: keys 1 to 9"),
    "smaller": _("… {count} smaller terms"),
    "more_rows": _("… {count} more rows"),
    "scale": _("Colours from {low} to {high}"),
    "zoom_in": _("Zoom in"),
    "zoom_out": _("Zoom out"),
    "digits": _("digits"),
    "show_digits": _("Show digits"),
    "all": _("all"),
    "show_all": _("Show all"),
}

# The page's own colours, where there is no page of the program around: those of explorer.palette.
_ALONE = f""":host {{
  color-scheme: light dark;
  --st-text-color: light-dark({palette.INK[0]}, {palette.INK[1]});
  --st-background-color: light-dark({palette.PAPER[0]}, {palette.PAPER[1]});
  --st-primary-color: light-dark(#1f5f99, #7cb3e8);
  --st-link-color: light-dark(#1f5f99, #8fc0ee);
  --st-font: "Source Sans 3", "Source Sans Pro", "Segoe UI", system-ui, sans-serif;
  background: var(--st-background-color);
}}
"""

# A page may hold several fragments, and the script once for each: whichever runs first draws all that stand there.
_START = """
for (const host of document.querySelectorAll("[data-explorer-tensors]:not([data-drawn])")) {
  host.dataset.drawn = "";
  const data = JSON.parse(host.querySelector("script[type='application/json']").textContent);
  const style = document.createElement("style");
  style.textContent = STYLE;
  const shadow = host.attachShadow({ mode: "open" });
  shadow.append(style);
  const onOpen = (cell) => host.dispatchEvent(new CustomEvent("cell", { detail: cell, bubbles: true }));
  draw(shadow, data, { onOpen });
}
"""


@functools.cache
def writing() -> str:
    """JavaScript that writes numbers as `explorer.writing.numbers` does; scripts that draw stand behind it."""
    return (_HERE / "writing.js").read_text(encoding="utf-8")


@functools.cache
def script() -> str:
    """The ES module: it exports `draw(element, data, {onOpen, onWorked})`."""
    return writing() + "\n".join((_HERE / f"{name}.js").read_text(encoding="utf-8") for name in _FILES)


@functools.cache
def stylesheet() -> str:
    """CSS for a shadow root that `draw` draws in: the scales, the colours of roles and heads, and how it looks."""
    heads = "".join(f"--head-{n}:light-dark({light},{dark});" for n, (light, dark) in enumerate(palette.CATEGORICAL))
    return f"{palette.stylesheet()}\n:host {{{heads}}}\n{(_HERE / 'tensors.css').read_text(encoding='utf-8')}"


def payload(equations: Sequence[dict[str, Any]], stage: bool = False) -> dict[str, Any]:
    """What `draw` is handed: the equations, the steps of the scales, and what is said beside the numbers."""
    return {"equations": list(equations), "levels": palette.LEVELS, "texts": TEXTS, "stage": stage}


def standalone(equations: Sequence[dict[str, Any]], stage: bool = False, with_script: bool = True) -> str:
    """HTML of equations that needs nothing else: in a file, a notebook or a talk, without a network.

    The first fragment of a document brings the script along for all that come `with_script=False` before it or after.
    """
    fragment = (
        f'<div data-explorer-tensors><script type="application/json">{_safe(payload(equations, stage))}</script></div>'
    )
    return f"{fragment}\n{standalone_script()}" if with_script else fragment


def standalone_script() -> str:
    """The script that draws all fragments of a document; it stands at its end. A number of a tensor that a reader opens
    is an event of its fragment, "cell", whose detail has the tensor's `name`, its `side` and the `index`."""
    return f'<script type="module">\n{script()}\nconst STYLE = {_safe(alone())};\n{_START}</script>'


def alone() -> str:
    """The stylesheet of a shadow root on a page that is not the program's."""
    return _ALONE + stylesheet()


def _safe(value: object) -> str:
    """JSON that no word of it can end the script in which it stands."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028")
