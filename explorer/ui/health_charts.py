"""The measures of a model drawn: a row of small charts for each model, one for each of its spaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from explorer.embeddings.evaluation import Scores
from explorer.embeddings.health import Examination, Health
from explorer.embeddings.histogram import Histogram
from explorer.palette import CATEGORICAL
from explorer.texts import _
from explorer.ui.theme import is_dark, theme_colour

SPACES = ("as it is", "centred", "all but the top")
_ROW = 210  # pixels of the height of a row of charts
_BAR = 18  # pixels of a horizontal bar


def hubness_chart(examined: Mapping[str, Examination]) -> None:
    """How many words stand in how many lists of nearest neighbours."""

    def draw(space: Health) -> list[go.Bar]:
        words = space.hubness.histogram
        return [_bars(list(range(len(words))), words, _("%{y:,} words are in %{x} lists"), width=1)]

    _small_charts(examined, draw, _("lists a word is in"), "words", "hubness", log=True)


def cosines_chart(examined: Mapping[str, Examination]) -> None:
    """The cosines of random pairs of words."""

    def draw(space: Health) -> list[go.Bar]:
        return [_histogram(space.anisotropy.histogram)]

    _small_charts(examined, draw, _("cosine of random pairs"), "pairs", "cosines")


def variance_chart(examined: Mapping[str, Examination]) -> None:
    """How much of the variance the leading principal components take."""

    def draw(space: Health) -> list[go.Bar]:
        shares = space.anisotropy.variance
        return [_bars(_numbers(shares), shares, "component %{x}: %{y:.2%}")]

    _small_charts(examined, draw, _("principal component"), "variance", "variance", percent=True)


def bands_chart(examined: Mapping[str, Examination]) -> None:
    """How many of a word's neighbours are of its own decile by frequency, from the most frequent on."""

    def draw(space: Health) -> list[go.Bar | go.Scatter]:
        deciles = _numbers(space.frequency.by_band)
        chance = go.Scatter(
            x=[0.5, len(deciles) + 0.5],
            y=[space.frequency.chance] * 2,
            mode="lines",
            line={"color": theme_colour("textColor"), "dash": "dot", "width": 1.5},
            hovertemplate=_("by chance %{y:.1%}<extra></extra>"),
        )
        return [_bars(deciles, space.frequency.by_band, "decile %{x}: %{y:.1%}"), chance]

    _small_charts(examined, draw, _("decile by frequency"), _("in the same decile"), "bands", percent=True)


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
    _finish(
        figure, 90 + len(names) * _BAR * (0.6 + 0.6 * len(scores)), _("The scores as bars; the table has the numbers")
    )


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
    figure.update_xaxes(title_text=x_title, row=len(examined), col=2)  # once: on a phone there is room for one
    figure.update_yaxes(title_text=y_title, col=1)
    if log:
        figure.update_yaxes(type="log", dtick=1)
    if percent:
        figure.update_yaxes(tickformat=".2~%")
    figure.update_annotations(font_size=14, font_color=theme_colour("textColor"))
    _finish(
        figure,
        70 + _ROW * len(examined),
        _("{vertical} by {horizontal}; the table has the measures", vertical=y_title, horizontal=x_title),
        key,
    )


def _histogram(pairs: Histogram) -> go.Bar:
    return _bars(pairs.middles, pairs.counts, "%{y:,} pairs near %{x:.2f}", width=pairs.width)


def _numbers(values: Sequence[Any]) -> list[int]:
    """1, 2, … for each of the values."""
    return [place for place, _ in enumerate(values, start=1)]


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
