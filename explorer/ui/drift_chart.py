"""How near words are to one word from model to model: a line a word, the nearest at the top."""

from __future__ import annotations

from html import escape
from math import ceil, log10

import plotly.graph_objects as go
import streamlit as st

from explorer.embeddings.drift import Drift
from explorer.palette import CATEGORICAL, GREY
from explorer.texts import _
from explorer.ui.theme import is_dark, theme_colour

_HEIGHT, _APART = 420, 19  # pixels of the chart, and between the names of two lines


def drift_chart(answer: Drift) -> None:
    """Draw it: each line has its word at its end; what rose and what fell most has a colour."""
    figure, ends = go.Figure(), {}
    changes = answer.changes
    marked = {}
    if changes and changes[0].rise > 1:
        marked[changes[0].word] = CATEGORICAL[0][is_dark()]
    if changes and changes[-1].rise < 1:
        marked[changes[-1].word] = CATEGORICAL[1][is_dark()]
    models = list(map(escape, answer.models))
    for word, row in zip(answer.words, answer.ranks, strict=True):
        colour = marked.get(word, GREY)
        figure.add_scatter(
            x=models, y=row, mode="lines+markers", name=escape(word), connectgaps=True,
            line={"color": colour, "width": 3 if word in marked else 1.5}, marker={"size": 7},
            customdata=["" if rank is None else _("rank {rank:,}", rank=rank) for rank in row],
            hovertemplate="%{fullData.name}: %{customdata}<extra></extra>",
        )  # fmt: skip
        if ranks := [rank for rank in row if rank is not None]:
            ends[word] = -log10(ranks[-1])
    furthest = max((rank for row in answer.ranks for rank in row if rank is not None), default=10)
    span = max(1.0, log10(furthest))
    for word, height in _apart(ends, span * _APART / (_HEIGHT - 90)).items():
        figure.add_annotation(
            x=1, xref="paper", xanchor="left", xshift=8, y=-height, yanchor="middle", showarrow=False,
            text=f"<b>{escape(word)}</b>" if word in marked else escape(word),
            font={"size": 14, "color": marked.get(word, theme_colour("textColor"))},
        )  # fmt: skip
    figure.update_xaxes(type="category", range=[-0.05, len(models) - 0.95], tickfont={"size": 14}, showgrid=True)
    figure.update_yaxes(
        title=_("rank among the neighbours of “{word}”", word=escape(answer.asked)), zeroline=False, type="log",
        range=[span * 1.04, -0.04 * span], tickvals=[10**power for power in range(ceil(span) + 1)], tickformat=",",
    )  # fmt: skip
    widest = max(map(len, ends), default=0)
    figure.update_layout(height=_HEIGHT, margin={"l": 0, "r": 24 + 9 * widest, "t": 10, "b": 0}, showlegend=False)
    st.plotly_chart(
        figure, key="drift", config={"displayModeBar": False}, alt=_("Ranks from model to model; CSV has them all")
    )


def _apart(ends: dict[str, float], gap: float) -> dict[str, float]:
    """The heights of names, from above, none nearer to the one before than a line of text."""
    heights, above = {}, float("inf")
    for word in sorted(ends, key=lambda word: -ends[word]):
        heights[word] = above = min(ends[word], above - gap)
    return heights
