"""A chart of which a click or a finger selects a point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import plotly.graph_objects as go
import streamlit as st

Way = Literal["points", "box", "lasso"]
CLICK: tuple[Way, ...] = ("points",)
CLICK_AND_DRAG: tuple[Way, ...] = ("points", "box", "lasso")

# Where dragging selects, Streamlit sets every chart so that a click selects nothing. Plotly selects what was pointed at
# before the button was down: a finger points at nothing before, so that it would select what the last one met; and
# where a mouse moved within 50 ms before, Plotly forgets the point. So here it looks when the button goes down, and no
# more until it is up. Two clicks at two places are no double click, which would show all again.
_CLICKABLE = """
const DOUBLE_CLICK = 6; // pixels between the two, at most
const charts = new WeakSet(); // of which the listener is set
let under = null; // the chart under a button that is down
let before = [0, 0]; // where the button went down before
window.addEventListener("pointerdown", ({ target, button, isPrimary, clientX, clientY }) => {
  const chart = target.closest("[class*='st-key-clickable'] .js-plotly-plot");
  if (button || !isPrimary || !chart?._fullLayout) return;
  chart._fullLayout.clickmode = "event+select";
  if (!charts.has(chart)) chart.on("plotly_beforehover", () => under !== chart);
  charts.add(chart);
  if (Math.hypot(clientX - before[0], clientY - before[1]) > DOUBLE_CLICK) chart._mouseDownTime = 0;
  before = [clientX, clientY];
  target.dispatchEvent(new MouseEvent("mousemove", { clientX, clientY, bubbles: true }));
  under = chart;
}, true);
for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => { under = null; }, true);

export default () => {};
"""
_CSS = """
/* The component is its script, and has nothing to see. */
[class*="st-key-clicks"] { display: none; }
"""
_clickable = st.components.v2.component("explorer_clickable", css=_CSS, js=_CLICKABLE, isolate_styles=False)


def clickable_chart(
    figure: go.Figure,
    key: str,
    alt: str,
    on_select: Callable[[], None] | Literal["rerun"],
    config: dict[str, Any],
    by: Sequence[Way] = CLICK,
) -> Any:
    """Draw a figure, and return what is selected: `by` a click on a point, or also by dragging over points or around
    them."""
    with st.container(key=f"clickable-{key}"):
        selected = st.plotly_chart(figure, key=key, on_select=on_select, selection_mode=by, config=config, alt=alt)
        _clickable(key=f"clicks-{key}")
    return selected
