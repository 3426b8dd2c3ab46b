"""Bars of equal width on an axis, and a line across them: a chart that stands there as soon as its numbers do, without
the library that larger charts need, which takes a browser longer to load than to draw these."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.ui.dom import script

_HERE = Path(__file__).parent
BARS = _HERE / "bars.js"
"""The script of `barChart`, which draws `data`; STYLE belongs to it."""
STYLE = (_HERE / "chart.css").read_text(encoding="utf-8")
_component = st.components.v2.component("explorer_bar_chart", css=STYLE, js=script(BARS, _HERE / "chart.js"))


def bar_chart(key: str, bars: dict[str, Any]) -> None:
    """Draw the `data` of a chart."""
    _component(key=key, data=bars)


def data(
    values: Sequence[float],
    *,
    start: float,
    width: float,
    labels: tuple[str, str],
    bar: str,
    alt: str,
    line: tuple[float, str] | None = None,
) -> dict[str, Any]:
    """A bar for each of the `values`, the first in the middle of `start`, each `width` farther on.

    `labels` are those of the axes; `bar` says what is pointed at, with {x} and {y} filled in where it is drawn; `line`
    is where a line stands across, and its name.
    """
    return {
        "values": [float(value) for value in values],
        "start": float(start),
        "width": float(width),
        "line": None if line is None else {"at": float(line[0]), "name": line[1]},
        "texts": {"x": labels[0], "y": labels[1], "bar": bar, "alt": alt},
    }
