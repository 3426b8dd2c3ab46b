"""Equations of tensors, drawn in a browser: one script and one stylesheet for pages, documents, notebooks and talks.

The script takes numbers from the arrays that it is handed and writes them into templates; it computes none.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from explorer import palette

_HERE = Path(__file__).parent

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
  draw(shadow, data);
}
"""


@functools.cache
def script() -> str:
    """The ES module: it exports `draw(element, data, {onOpen, onWorked})`."""
    return (_HERE / "tensors.js").read_text(encoding="utf-8")


@functools.cache
def stylesheet() -> str:
    """CSS for a shadow root that `draw` draws in: the scales, the colours of roles and heads, and how it looks."""
    heads = "".join(f"--head-{n}:light-dark({light},{dark});" for n, (light, dark) in enumerate(palette.CATEGORICAL))
    return f"{palette.stylesheet()}\n:host {{{heads}}}\n{(_HERE / 'tensors.css').read_text(encoding='utf-8')}"


def payload(equations: Sequence[dict[str, Any]], stage: bool = False) -> dict[str, Any]:
    """What `draw` is handed: equations as `explorer.lessons.equations` describes them, and the steps of the scales."""
    return {"equations": list(equations), "levels": palette.LEVELS, "stage": stage}


def standalone(equations: Sequence[dict[str, Any]], stage: bool = False, with_script: bool = True) -> str:
    """HTML of equations that needs nothing else: in a file, a notebook or a talk, without a network.

    The first fragment of a document brings the script along for all that come `with_script=False` before it or after.
    """
    fragment = (
        f'<div data-explorer-tensors><script type="application/json">{_safe(payload(equations, stage))}</script></div>'
    )
    return f"{fragment}\n{standalone_script()}" if with_script else fragment


def standalone_script() -> str:
    """The script that draws all fragments of a document; it stands at its end."""
    return f'<script type="module">\n{script()}\nconst STYLE = {_safe(_ALONE + stylesheet())};\n{_START}</script>'


def _safe(value: object) -> str:
    """JSON that no word of it can end the script in which it stands."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028")
