"""A word at a checkpoint: its neighbours, beside where they stand and how they came there."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from explorer.lessons.learning import Learning
from explorer.lessons.moments import Moment
from explorer.lessons.numbers import rounded
from explorer.palette import GREY
from explorer.texts import _
from explorer.ui.lesson.learning_view.curves import PLAIN
from explorer.ui.messages import problems_shown, say
from explorer.ui.parameters import Text
from explorer.ui.theme import theme_colour


def neighbourhood(learning: Learning, moment: Moment) -> None:
    """A list of a word's neighbours at a moment, and a map of them."""
    st.header(_("A word at this checkpoint"), anchor=False)
    box = _box(learning)
    box.draw(width=300)
    word = chosen_word(learning)
    near = learning.neighbours(word, moment)
    if not near:
        say(_("“{word}” is not one of the source words of this training.", word=word))
        return
    names = [other.word for other in near]
    listed, drawn = st.columns([5, 7], gap="medium")
    cosine = _("cosine")
    columns = {
        _("neighbour"): names,
        cosine: [rounded(other.similarity, 4) for other in near],
        _("places up since the start"): [_risen(other.risen or 0) for other in near],
    }
    with listed:
        right = {cosine: st.column_config.TextColumn(alignment="right")}
        st.dataframe(columns, hide_index=True, column_config=right)
        say(
            _(
                "The map shows the word, its neighbours before the first update and its neighbours at the end. All "
                "checkpoints have the same axes: the first two principal components (PCA) of the vectors at the end. "
                "The neighbours at this checkpoint are in colour. A line shows how a word has moved."
            )
        )
    with drawn, problems_shown():
        _map(learning, word, names, moment)


def chosen_word(learning: Learning) -> str:
    """The word that is looked at."""
    return _box(learning).text.strip().lower()


def _box(learning: Learning) -> Text:
    return Text("word", _("Word"), learning.pair[0][0])


def _risen(places: int) -> str:
    """How far a rank has risen, as an arrow."""
    return f"{'↑' if places > 0 else '↓'} {abs(places)}" if places else "·"


def _map(learning: Learning, word: str, near: list[str], moment: Moment) -> None:
    """Where a word and those around it stand at a moment and the way each has come; `near` are its neighbours then."""
    words = learning.around(word)
    places = learning.embedding_map(words)
    primary = theme_colour("primaryColor")
    now = [kept.step for kept in learning.moments].index(moment.step)
    figure = go.Figure()
    for row in range(len(places[0])):
        way = [place[row] for place in places[: now + 1]]
        figure.add_scatter(
            x=[x for x, _ in way],
            y=[y for _, y in way],
            mode="lines",
            line={"width": 1, "color": GREY},
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=places[now][:, 0],
        y=places[now][:, 1],
        mode="markers+text",
        text=[f"<b>{words[0]}</b>", *words[1:]],
        textposition="top center",
        textfont={"color": theme_colour("textColor"), "size": 13},
        marker={
            "size": [11] + [7] * (len(words) - 1),
            "color": [primary if other == word or other in near else GREY for other in words],
        },
        hoverinfo="skip",
        cliponaxis=False,
    )
    ends = [(min(p[:, axis].min() for p in places), max(p[:, axis].max() for p in places)) for axis in (0, 1)]
    axes = [
        {
            "title": _("principal component {axis}", axis=axis + 1),
            "showticklabels": False,
            "zeroline": False,
            "showgrid": False,
            "range": [low - 0.08 * (high - low), high + 0.08 * (high - low)],  # the same at every moment
        }
        for axis, (low, high) in enumerate(ends)
    ]
    figure.update_layout(
        height=400,
        margin={"l": 40, "r": 40, "t": 24, "b": 34},  # for labels at the edge, and the names of the axes
        showlegend=False,
        xaxis=axes[0],
        yaxis=axes[1] | {"scaleanchor": "x"},
    )
    st.plotly_chart(figure, key="words", config=PLAIN)
