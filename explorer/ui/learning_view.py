"""A training on the page: its loss while it runs, then any checkpoint, with its matrices, neighbours and weights."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from explorer.errors import UserError
from explorer.lessons.learning import Learning, Moment
from explorer.lessons.lesson import Lesson, lesson
from explorer.lessons.numbers import rounded
from explorer.lessons.steps import Shown
from explorer.palette import ROLES
from explorer.transformer.recipe_bounds import MOST_WATCHED
from explorer.transformer.vocabulary import UNKNOWN
from explorer.translation.sentences import words_of
from explorer.ui.lesson_view.exports import figure_downloads, lesson_download
from explorer.ui.matrix_view import matrix_view, scale_limits
from explorer.ui.messages import problems_shown, say
from explorer.ui.parameters import Choice, Number, Text
from explorer.ui.theme import is_dark, theme_colour

_TABLES = ("source.table", "target.table")
_ATTENTION = "cross_attention.weights"
_GREY = "#8a919b"  # seen in both themes
_PLAIN = {"displaylogo": False, "displayModeBar": False}
_MARGIN = {"l": 60, "r": 12, "t": 10, "b": 0}  # the same left edge for every chart of updates
_DECIMALS = 4


def watch(learning: Learning) -> None:
    """Draw a training that was started: its progress while it runs, then any moment of it to look back at."""
    if learning.running:
        _under_way(learning)
        return
    if learning.problem:
        say(learning.problem, "problem")
    _look_back(learning)


@st.fragment(run_every=1.0)
def _under_way(learning: Learning) -> None:
    """The training while it runs; when it ends, the whole page is drawn once more."""
    learning.look()
    done = f"{learning.step:,} of {learning.updates:,} updates"
    st.progress(learning.step / learning.updates, f"{done}, paused" if learning.paused else done)
    with st.container(horizontal=True):
        if learning.paused:
            st.button("Go on", on_click=learning.go_on)
        else:
            st.button("Pause", on_click=learning.pause)
        st.button("Stop here", on_click=learning.cancel)
    _curves(learning)
    if not learning.running:
        st.rerun()


@st.fragment
def _look_back(learning: Learning) -> None:
    moments = learning.moments
    if len(moments) < 2:  # it ended before its first update
        return
    st.header("Look back", anchor=False)
    moment = moments[-1]
    with problems_shown():
        moment = learning.moment(Number("moment", "After update", moment.step, 0, MOST_WATCHED).value or 0)
    st.session_state["moment"] = moment.step
    steps = [kept.step for kept in moments]
    st.select_slider("After update", steps, moment.step, key="moment", on_change=_follow_moment)
    _curves(learning, moment)
    measured_on = "" if learning.has_validation else ", on the training pairs"
    loss = "validation loss" if learning.has_validation else "loss"
    say(
        f"After {_updates(moment.step)}{measured_on}: {loss} {moment.measure.loss:.4f}, "
        f"token accuracy {moment.measure.accuracy:.1%}."
    )
    st.download_button("Curves as CSV", learning.curve_csv, "curves.csv", "text/csv", on_click="ignore")
    _sentence(learning, moment)
    _words(learning, moment)
    _one_weight(learning, moment)


def _follow_moment() -> None:
    st.query_params["moment"] = str(st.session_state["moment"])


def _updates(step: int) -> str:
    return f"{step:,} update{'' if step == 1 else 's'}"


def _curves(learning: Learning, moment: Moment | None = None) -> None:
    """The losses, with a line where the moment is that is looked at."""
    figure = go.Figure()
    figure.add_scatter(
        y=learning.losses, x0=1, mode="lines", line={"width": 1, "color": _GREY}, name="training, each update"
    )
    moments = learning.moments
    figure.add_scatter(
        x=[kept.step for kept in moments],
        y=[kept.measure.loss for kept in moments],
        mode="lines+markers",
        line={"color": ROLES["loss"][is_dark()]},
        marker={"size": 5},
        name="validation" if learning.has_validation else "all training pairs",
        customdata=[kept.measure.accuracy for kept in moments],
        hovertemplate="loss %{y:.3f}, token accuracy %{customdata:.1%}",
    )
    if moment:
        _mark(figure, moment)
    figure.update_layout(
        height=300,
        margin=_MARGIN,
        hovermode="x unified",
        legend={"orientation": "h", "x": 0, "y": 1.14},
        xaxis=_along(learning),
        yaxis={"title": "loss per token, in nats", "rangemode": "tozero"},
    )
    st.plotly_chart(figure, key="curves", config=_PLAIN)


def _along(learning: Learning) -> dict[str, Any]:
    """The axis of updates, with room for the marks at both ends."""
    return {"title": "update", "range": [-0.01 * learning.updates, 1.01 * learning.updates], "showgrid": False}


def _mark(figure: go.Figure, moment: Moment) -> None:
    figure.add_vline(moment.step, line={"color": theme_colour("primaryColor"), "width": 1.5})


def _sentence(learning: Learning, moment: Moment) -> None:
    """What the model makes of a sentence pair at a moment: its attention, any other matrix, the words it would say."""
    st.header("A sentence at this checkpoint", anchor=False)
    first = [" ".join(words) for words in learning.first_pair()]
    with st.container(horizontal=True):
        asked = [Text(*box) for box in zip(("source", "target"), ("Source", "Target"), first, strict=True)]
        for box in asked:
            box.draw(width=300)
        place = st.empty()
    with problems_shown():
        source, target = (words_of(box.value) for box in asked)
        told = lesson(learning.example_at(moment, source, target))
        for sentence in told.warnings:
            say(sentence)
        matrix = _matrix_choice(told)
        with place:
            matrix.draw(width=420)
        if matrix.value not in matrix.options:
            raise UserError(f"This model has no matrix “{matrix.value}”. Choose one above.")
        tensor = told.trace[matrix.value]
        matrix_view(told.trace, [tensor], scale_limits([*told.trace, tensor]), key="moment matrix")
        likely = told.step("next.words").tables[0]
        st.subheader("Predicted next words", anchor=False)
        columns = list(zip(*likely.rows, strict=True))
        st.dataframe(dict(zip(likely.columns, columns, strict=True)), hide_index=True)
        _exports(moment, told, matrix.value)


def _matrix_choice(told: Lesson) -> Choice:
    """Every tensor of the pass and every parameter but the tables, the last layer's cross-attention first."""
    tensors = [*told.trace, *told.trace.parameters.values()]
    names = [tensor.name for tensor in tensors if tensor.name not in _TABLES]
    default = [name for name in names if name.endswith(_ATTENTION)][-1]
    return Choice("matrix", "Attention, or any other matrix", [default, *(name for name in names if name != default)])


@st.fragment
def _exports(moment: Moment, told: Lesson, matrix: str) -> None:
    name = f"after-{moment.step}-" + "-".join((*told.example.source, *told.example.target))[:60]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        lesson_download(told, name, None, _DECIMALS, "This checkpoint as a lesson")
        figure_downloads(told, Shown(matrix), _DECIMALS, "Matrix as ")


def _words(learning: Learning, moment: Moment) -> None:
    """A word's neighbours at a moment, beside where they stand and how they came there."""
    st.header("A word at this checkpoint", anchor=False)
    box = _word_box(learning)
    box.draw(width=300)
    word = _word(box)
    near = learning.neighbours(word, moment)
    if not near:
        say(f"“{word}” is not one of the source words of this training.")
        return
    names = [other.word for other in near]
    listed, drawn = st.columns([5, 7], gap="medium")
    columns = {
        "neighbour": names,
        "cosine": [other.similarity for other in near],
        "places up since the start": [_risen(other.risen or 0) for other in near],
    }
    with listed:
        st.dataframe(columns, hide_index=True)
        say(
            "The map shows the word, its neighbours before the first update and its neighbours at the end. All "
            "checkpoints have the same axes: the first two principal components (PCA) of the vectors at the end. The "
            "neighbours at this checkpoint are in colour. A line shows how a word has moved."
        )
    with drawn, problems_shown():
        _map(learning, word, names, moment)


def _word_box(learning: Learning) -> Text:
    return Text("word", "Word", learning.first_pair()[0][0])


def _word(box: Text) -> str:
    return box.text.strip().lower()


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
            line={"width": 1, "color": _GREY},
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
            "color": [primary if other == word or other in near else _GREY for other in words],
        },
        hoverinfo="skip",
        cliponaxis=False,
    )
    ends = [(min(p[:, axis].min() for p in places), max(p[:, axis].max() for p in places)) for axis in (0, 1)]
    axes = [
        {
            "title": f"principal component {axis + 1}",
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
    st.plotly_chart(figure, key="words", config=_PLAIN)


@st.fragment
def _one_weight(learning: Learning, moment: Moment) -> None:
    """A weight and Adam's two means at every moment, each on an axis of its own."""
    st.header("One weight, and Adam's running means for it", anchor=False)
    translator = learning.translator_at(moment)
    tables = dict(zip(_TABLES, (translator.source.words, translator.target.words), strict=True))
    with st.container(horizontal=True):
        name = st.selectbox("Parameter", list(moment.parameters), key="parameter", width=420)
        *rows, columns = moment.parameters[name].shape
        index = []
        if name in tables:
            words, word = tables[name], _word(_word_box(learning))
            start = words.index(word) if word in words else UNKNOWN
            chosen = st.selectbox("Word", words, start, key=f"word of {name} {word}", width=220)
            index.append(words.index(chosen))
        elif rows:
            index.append(st.number_input("Row", 0, rows[0] - 1, 0, key=f"row of {name}", width=160))
        index.append(st.number_input("Column", 0, columns - 1, 0, key=f"column of {name}", width=160))
    with problems_shown():
        points = learning.weight(name, *index)
        lines = {
            "weight": [point.value for point in points],
            "m": [point.m for point in points],
            "√v": [point.size for point in points],
        }
        figure = make_subplots(len(lines), 1, shared_xaxes=True, vertical_spacing=0.06)
        for row, (title, values) in enumerate(lines.items(), start=1):
            figure.add_scatter(
                x=[point.step for point in points],
                y=values,
                mode="lines+markers",
                line={"color": ROLES["parameter"][is_dark()]},
                marker={"size": 5},
                name=title,
                row=row,
                col=1,
            )
            figure.update_yaxes(title=title, row=row, col=1)
        figure.update_xaxes(_along(learning) | {"title": ""})
        figure.update_xaxes(title="update", row=len(lines))
        _mark(figure, moment)
        figure.update_layout(height=460, margin=_MARGIN, showlegend=False, hovermode="x unified")
        st.plotly_chart(figure, key="weight", config=_PLAIN)
        at = next(point for point in points if point.step == moment.step)
        if at.step:
            m, v = at.corrected
            say(
                f"Update {at.step:,} added {rounded(at.change, 6)} to it: −η m̂ / (√v̂ + ε) with η = {at.rate:g}, "
                f"m̂ = m / (1 − β₁ᵗ) = {rounded(m, 6)} and v̂ = v / (1 − β₂ᵗ) = {rounded(v, 6)}, t = {at.step:,}. "
                "m is the running mean of its gradient, v the running mean of the squared gradient."
            )
