"""Charts along the updates of a training: its losses, and what all such charts share."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from explorer.lessons.learning import Learning
from explorer.lessons.moments import Moment
from explorer.palette import GREY, ROLES
from explorer.texts import _
from explorer.ui.theme import is_dark, theme_colour

PLAIN = {"displaylogo": False, "displayModeBar": False}
MARGIN = {"l": 60, "r": 12, "t": 10, "b": 0}  # the same left edge for every chart of updates


def curves(learning: Learning, moment: Moment | None = None) -> None:
    """The losses, with a line where the moment is that is looked at."""
    figure = go.Figure()
    figure.add_scatter(
        y=learning.losses, x0=1, mode="lines", line={"width": 1, "color": GREY}, name=_("training, each update")
    )
    moments = learning.moments
    figure.add_scatter(
        x=[kept.step for kept in moments],
        y=[kept.measure.loss for kept in moments],
        mode="lines+markers",
        line={"color": ROLES["loss"][is_dark()]},
        marker={"size": 5},
        name=_("validation") if learning.has_validation else _("all training pairs"),
        customdata=[kept.measure.accuracy for kept in moments],
        hovertemplate=_("loss %{y:.3f}, token accuracy %{customdata:.1%}"),
    )
    figure.add_scatter(
        x=[0, learning.updates],
        y=[learning.guessing] * 2,
        mode="lines",
        line={"color": GREY, "dash": "dash", "width": 1.5},
        name=_("guessing: ln {words:,} = {loss:.2f}", words=learning.target_words, loss=learning.guessing),
        hoverinfo="skip",
    )
    if moment:
        mark(figure, moment)
    figure.update_layout(
        height=300,
        margin=MARGIN,
        hovermode="x unified",
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},  # upwards, where it takes several lines
        xaxis=along(learning),
        yaxis={"title": _("loss per token, in nats"), "rangemode": "tozero"},
    )
    st.plotly_chart(figure, key="curves", config=PLAIN)


def along(learning: Learning) -> dict[str, Any]:
    """The axis of updates, with room for the marks at both ends."""
    return {"title": _("update"), "range": [-0.01 * learning.updates, 1.01 * learning.updates], "showgrid": False}


def mark(figure: go.Figure, moment: Moment) -> None:
    """A line where the moment is."""
    figure.add_vline(moment.step, line={"color": theme_colour("primaryColor"), "width": 1.5})
