"""Words on semantic axes: along one as a line a word, on two as points of a plane."""

from __future__ import annotations

from html import escape

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from scipy.spatial.distance import cdist

from explorer.embeddings.axes import Placement
from explorer.embeddings.embedding import Array
from explorer.palette import GREY as _ZERO
from explorer.texts import _
from explorer.ui.theme import theme_colour

_LINE = 26  # pixels of a word on a single axis
_PLANE = 560  # pixels of the height of two
_FRAME = {"l": 90, "r": 20, "t": 20, "b": 80}


def axes_chart(placement: Placement, key: str) -> None:
    """Draw the words by the first axis, and by the second where there is one; the ends of the axes are labelled."""
    names = [escape(word) for word in placement.words]  # plotly takes HTML in its labels
    x, *others = placement.positions.T.tolist()
    text, accent = (theme_colour(name) for name in ("textColor", "primaryColor"))
    marks = {"marker": {"size": 9, "color": accent}, "textfont": {"size": 14, "color": text}}
    figure = go.Figure()
    if others:
        hover = "%{text}: %{x:.4f}, %{y:.4f}<extra></extra>"
        figure.add_scatter(x=x, y=others[0], text=names, mode="markers+text", hovertemplate=hover, **marks)
        figure.update_traces(textposition=_away_from_the_nearest(placement.positions[:, :2]))
        height = _PLANE
    else:
        figure.add_scatter(x=x, y=names, mode="markers", hovertemplate="%{y}: %{x:.4f}<extra></extra>", **marks)
        figure.update_yaxes(type="category")
        height = _LINE * len(names) + _FRAME["t"] + _FRAME["b"]
    for axis, upright in zip(placement.axes, (False, True), strict=False):
        _label_ends(figure, escape(", ".join(axis.start)), escape(", ".join(axis.end)), upright, text)
    figure.update_xaxes(zeroline=True, zerolinecolor=_ZERO, showgrid=True, tickfont_color=text)
    figure.update_yaxes(zeroline=True, zerolinecolor=_ZERO, showgrid=True, tickfont_color=text)
    figure.update_layout(height=height, margin=_FRAME, dragmode=False, showlegend=False)
    st.plotly_chart(
        figure, key=key, config={"displayModeBar": False}, alt=_("Words on semantic axes; the table has the numbers")
    )


def _away_from_the_nearest(points: Array) -> list[str]:
    """Where each of the points (n, 2) has its label: below it where the nearest other one lies above."""
    spread = np.ptp(points, axis=0)
    scaled = points / np.where(spread > 0, spread, 1)
    distances = cdist(scaled, scaled)
    np.fill_diagonal(distances, np.inf)
    above = scaled[distances.argmin(axis=1), 1] > scaled[:, 1]
    return ["bottom center" if there else "top center" for there in above]


def _label_ends(figure: go.Figure, start: str, end: str, upright: bool, colour: str) -> None:
    """The words at both ends of an axis, outside its tick labels."""
    for place, label, side in ((0, f"← {start}", "left"), (1, f"{end} →", "right")):
        where = (
            {"x": 0, "y": place, "xshift": -70, "yanchor": {"left": "bottom", "right": "top"}[side], "textangle": -90}
            if upright
            else {"x": place, "y": 0, "yshift": -58, "xanchor": side}
        )
        font = {"size": 15, "color": colour}
        figure.add_annotation(text=f"<b>{label}</b>", xref="paper", yref="paper", showarrow=False, font=font, **where)
