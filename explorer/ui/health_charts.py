"""The measures of a model drawn: a row of small charts for each model, one for each of its spaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from explorer.embeddings.contributions import Contributions
from explorer.embeddings.diagnostics import Percentile
from explorer.embeddings.evaluation import Scores
from explorer.embeddings.health import Examination, Health
from explorer.palette import CATEGORICAL
from explorer.palette import GREY as _QUIET
from explorer.ui.theme import is_dark, theme_colour

SPACES = ("as it is", "centred", "all but the top")
_ROW = 210  # pixels of the height of a row of charts
_BAR = 18  # pixels of a horizontal bar


def hubness_chart(examined: Mapping[str, Examination]) -> None:
    """How many words stand in how many lists of nearest neighbours."""

    def draw(space: Health) -> list[go.Bar]:
        words = np.bincount(space.hubness.occurrences)
        return [_bars(np.arange(len(words)), words, "%{y:,} words are in %{x} lists", width=1)]

    _small_charts(examined, draw, "lists a word is in", "words", "hubness", log=True)


def cosines_chart(examined: Mapping[str, Examination]) -> None:
    """The cosines of random pairs of words."""

    def draw(space: Health) -> list[go.Bar]:
        pairs, edges = np.histogram(space.anisotropy.cosines, bins=50, range=(-1, 1))
        return [_bars((edges[:-1] + edges[1:]) / 2, pairs, "%{y:,} pairs near %{x:.2f}", width=edges[1] - edges[0])]

    _small_charts(examined, draw, "cosine of random pairs", "pairs", "cosines")


def variance_chart(examined: Mapping[str, Examination]) -> None:
    """How much of the variance the leading principal components take."""

    def draw(space: Health) -> list[go.Bar]:
        shares = space.anisotropy.variance
        return [_bars(np.arange(1, len(shares) + 1), shares, "component %{x}: %{y:.2%}")]

    _small_charts(examined, draw, "principal component", "variance", "variance", percent=True)


def bands_chart(examined: Mapping[str, Examination]) -> None:
    """How many of a word's neighbours are of its own tenth by frequency, from the most frequent tenth on."""

    def draw(space: Health) -> list[go.Bar | go.Scatter]:
        tenths = np.arange(1, len(space.frequency.by_band) + 1)
        chance = go.Scatter(
            x=[0.5, len(tenths) + 0.5],
            y=[space.frequency.chance] * 2,
            mode="lines",
            line={"color": theme_colour("textColor"), "dash": "dot", "width": 1.5},
            hovertemplate="by chance %{y:.1%}<extra></extra>",
        )
        return [_bars(tenths, space.frequency.by_band, "tenth %{x}: %{y:.1%}"), chance]

    _small_charts(examined, draw, "tenth by frequency", "in the same tenth", "bands", percent=True)


def percentile_chart(answer: Percentile) -> None:
    """A cosine among those of random pairs."""
    pairs, edges = np.histogram(answer.random, bins=80, range=(min(-0.4, float(answer.random[0])), 1))
    bars = _bars((edges[:-1] + edges[1:]) / 2, pairs, "%{y:,} pairs near %{x:.2f}", width=edges[1] - edges[0])
    figure = go.Figure(bars)
    words = f"{escape(answer.first)} · {escape(answer.second)}"
    figure.add_vline(answer.similarity, line_color=theme_colour("textColor"), line_width=2)
    side = "right" if answer.similarity > 0.4 else "left"
    figure.add_annotation(
        x=answer.similarity, y=1, yref="paper", yanchor="top", xanchor=side, showarrow=False, text=f" {words} "
    )
    _finish(figure, 220, "The cosine of the two words among those of random pairs")


def shares_chart(answer: Contributions) -> None:
    """The share of every dimension, in the model's order."""
    figure = go.Figure(_bars(np.arange(len(answer.shares)), answer.shares, "dimension %{x}: %{y:.4f}"))
    figure.update_xaxes(title_text="dimension")
    figure.update_yaxes(title_text="share of the cosine", zerolinecolor=_QUIET)
    _finish(figure, 240, "The share of each dimension; the table has the largest")


def benchmarks_chart(scores: Mapping[str, Scores], labels: Mapping[str, str]) -> None:
    """Every benchmark and section as a bar under its label, with a colour for each model."""
    names = list(next(iter(scores.values())).by_name)
    figure = go.Figure()
    for (title, known), colour in zip(scores.items(), CATEGORICAL, strict=False):
        values = [known.by_name[name].value if name in known.by_name else None for name in names]
        figure.add_bar(
            x=values,
            y=[labels.get(name, name) for name in names],
            orientation="h",
            name=escape(title),
            marker_color=colour[is_dark()],
            hovertemplate="%{y}: %{x:.4f}",
        )
    figure.update_yaxes(autorange="reversed", tickfont_color=theme_colour("textColor"))
    figure.update_xaxes(range=[0, 1], side="top")
    figure.update_layout(
        barmode="group", showlegend=len(scores) > 1, legend={"orientation": "h", "traceorder": "normal"}
    )
    _finish(figure, 90 + len(names) * _BAR * (0.6 + 0.6 * len(scores)), "The scores as bars; the table has the numbers")


def _small_charts(
    examined: Mapping[str, Examination],
    draw: Callable[[Health], list[Any]],
    x_title: str,
    y_title: str,
    key: str,
    log: bool = False,
    percent: bool = False,
) -> None:
    """A row of charts for each model, by title, on the same axes, so that they compare."""
    titles = [escape(f"{title}: {name}" if len(examined) > 1 else name) for title in examined for name in SPACES]
    figure = make_subplots(
        len(examined), len(SPACES), shared_xaxes="all", shared_yaxes="all", subplot_titles=titles,
        horizontal_spacing=0.03, vertical_spacing=0.28 / len(examined),
    )  # fmt: skip
    for row, spaces in enumerate(examined.values(), start=1):
        for column, space in enumerate(spaces, start=1):
            for trace in draw(space):
                figure.add_trace(trace, row, column)
    figure.update_xaxes(title_text=x_title, row=len(examined))
    figure.update_yaxes(title_text=y_title, col=1)
    if log:
        figure.update_yaxes(type="log", dtick=1)
    if percent:
        figure.update_yaxes(tickformat=".2~%")
    figure.update_annotations(font_size=14, font_color=theme_colour("textColor"))
    _finish(figure, 70 + _ROW * len(examined), f"{y_title} by {x_title}; the table has the measures", key)


def _bars(x: Any, y: Any, hover: str, width: float | None = None) -> go.Bar:
    return go.Bar(
        x=x,
        y=y,
        width=width,
        marker={"color": theme_colour("primaryColor"), "line_width": 0},
        hovertemplate=f"{hover}<extra></extra>",
    )


def _finish(figure: go.Figure, height: float, alt: str, key: str | None = None) -> None:
    figure.update_layout(height=int(height), margin={"l": 10, "r": 10, "t": 40, "b": 10}, dragmode=False, bargap=0.15)
    if figure.layout.showlegend is None:
        figure.update_layout(showlegend=False)
    st.plotly_chart(figure, key=key, config={"displayModeBar": False}, alt=alt)
