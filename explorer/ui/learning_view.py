"""A training on the page: its loss while it runs, then any checkpoint, with its matrices, neighbours and weights."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from explorer.errors import UserError
from explorer.lessons.learning import Learning
from explorer.lessons.lesson import Lesson, lesson
from explorer.lessons.moments import Moment
from explorer.lessons.numbers import rounded
from explorer.lessons.steps import Shown
from explorer.lessons.trainings import Watched
from explorer.palette import ROLES
from explorer.texts import _, _n
from explorer.transformer.recipe_bounds import MOST_WATCHED
from explorer.transformer.vocabulary import UNKNOWN
from explorer.translation.sentences import words_of
from explorer.ui.lesson_view.exports import figure_downloads, lesson_download
from explorer.ui.matrix_view import matrix_view, scale_limits
from explorer.ui.messages import as_label, problems_shown, say
from explorer.ui.navigation import LESSON
from explorer.ui.parameters import Choice, Number, Text
from explorer.ui.theme import is_dark, theme_colour

_TABLES = ("source.table", "target.table")
_ATTENTION = "cross_attention.weights"
_GREY = "#8a919b"  # seen in both themes
_PLAIN = {"displaylogo": False, "displayModeBar": False}
_MARGIN = {"l": 60, "r": 12, "t": 10, "b": 0}  # the same left edge for every chart of updates
_DECIMALS = 4
_SHOWN_WORDS = 8  # of a translation; an untrained model can repeat one until it has no room left
_ROWS = 8  # that are in sight, of a list that can be scrolled
_STYLE = """<style>
[data-testid="stLayoutWrapper"]:has(> .st-key-scrubber) { position: sticky; top: 3.75rem; z-index: 50; }
.st-key-scrubber {
  gap: 0.4rem; padding: 0.5rem 0 0.6rem; background: light-dark(#ffffff, #16191d);
  border-bottom: 1px solid light-dark(#c8cdd4, #4a515b);
}
</style>"""


def watch(watched: Watched) -> None:
    """Draw a training that was started: its progress while it runs, then any moment of it to look back at."""
    learning = watched.learning
    if learning.running:
        _under_way(learning)
        return
    if learning.problem:
        say(learning.problem, "problem")
    _look_back(watched)


@st.fragment(run_every=1.0)
def _under_way(learning: Learning) -> None:
    """The training while it runs; when it ends, the whole page is drawn once more."""
    learning.look()
    done = _("{step:,} of {updates:,} updates", step=learning.step, updates=learning.updates)
    st.progress(learning.step / learning.updates, _("{done}, paused", done=done) if learning.paused else done)
    with st.container(horizontal=True):
        if learning.paused:
            st.button(_("Go on"), on_click=learning.go_on)
        else:
            st.button(_("Pause"), on_click=learning.pause)
        st.button(_("Stop here"), on_click=learning.cancel)
    _says(learning, learning.moments[-1])
    _curves(learning)
    say(learning.beginning)
    _translations(learning)
    if not learning.running:
        st.rerun()


@st.fragment
def _look_back(watched: Watched) -> None:
    """Any moment: what chooses it stays in sight while what it changes is scrolled."""
    learning = watched.learning
    moments = learning.moments
    if len(moments) < 2:  # it ended before its first update
        return
    st.header(_("Look back"), anchor=False)
    moment = moments[-1]
    with problems_shown():
        moment = learning.moment(Number("moment", _("After update"), moment.step, 0, MOST_WATCHED).value or 0)
    st.session_state["moment"] = moment.step
    steps = [kept.step for kept in moments]
    st.html(_STYLE)
    with st.container(key="scrubber"):
        st.select_slider(_("After update"), steps, moment.step, key="moment", on_change=_follow_moment)
        _measured(learning, moment)
        _says(learning, moment)
    _curves(learning, moment)
    say(learning.beginning)
    st.download_button(_("Curves as CSV"), learning.curve_csv, "curves.csv", "text/csv", on_click="ignore")
    _translations(learning)
    _sentence(watched, moment)
    _words(learning, moment)
    _one_weight(learning, moment)


def _measured(learning: Learning, moment: Moment) -> None:
    values = {"loss": moment.measure.loss, "accuracy": moment.measure.accuracy}
    if learning.has_validation:
        say(
            _n(
                "After {count:,} update: validation loss {loss:.4f}, token accuracy {accuracy:.1%}.",
                "After {count:,} updates: validation loss {loss:.4f}, token accuracy {accuracy:.1%}.",
                moment.step,
                **values,
            )
        )
    else:
        say(
            _n(
                "After {count:,} update, on the training pairs: loss {loss:.4f}, token accuracy {accuracy:.1%}.",
                "After {count:,} updates, on the training pairs: loss {loss:.4f}, token accuracy {accuracy:.1%}.",
                moment.step,
                **values,
            )
        )


def _says(learning: Learning, moment: Moment) -> None:
    """What the model makes of the source at a moment; what is wrong with the source is said where it is typed."""
    source, target = (words_of(box.value) for box in _boxes(learning))
    with suppress(UserError):
        words = learning.translation_at(moment, source)
        right = " ✓" if list(words) == target else ""
        say(f"“{' '.join(source)}” → {_quoted(words)}{right}")


def _translations(learning: Learning) -> None:
    """What the model has made of the source since the beginning."""
    source, target = (words_of(box.value) for box in _boxes(learning))
    with suppress(UserError):
        said = learning.translations(source)
        st.subheader(_("“{source}” while it learns", source=as_label(" ".join(source))), anchor=False)
        columns = {
            _("after update"): [
                f"{each.first:,}"
                if each.first == each.last
                else _("{first:,} to {last:,}", first=each.first, last=each.last)
                for each in said
            ],
            _("its own translation"): [_quoted(each.words) for each in said],
            _("as in the target"): ["✓" if list(each.words) == target else "" for each in said],
        }
        st.dataframe(columns, hide_index=True, height="content" if len(said) <= _ROWS else 35 * (_ROWS + 1))


def _boxes(learning: Learning) -> list[Text]:
    """The controls of the sentence pair that is looked at."""
    first = [" ".join(words) for words in learning.first_pair()]
    return [Text(*box) for box in zip(("source", "target"), (_("Source"), _("Target")), first, strict=True)]


def _quoted(words: Sequence[str]) -> str:
    if not words:
        return _("nothing: the sentence ends at once")
    if len(words) <= _SHOWN_WORDS:
        return f"“{' '.join(words)}”"
    beginning = " ".join(words[:_SHOWN_WORDS])
    return _n("“{words} …”, {count} word", "“{words} …”, {count} words", len(words), words=beginning)


def _follow_moment() -> None:
    st.query_params["moment"] = str(st.session_state["moment"])


def _curves(learning: Learning, moment: Moment | None = None) -> None:
    """The losses, with a line where the moment is that is looked at."""
    figure = go.Figure()
    figure.add_scatter(
        y=learning.losses, x0=1, mode="lines", line={"width": 1, "color": _GREY}, name=_("training, each update")
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
        line={"color": _GREY, "dash": "dash", "width": 1.5},
        name=_("guessing: ln {words:,} = {loss:.2f}", words=learning.target_words, loss=learning.guessing),
        hoverinfo="skip",
    )
    if moment:
        _mark(figure, moment)
    figure.update_layout(
        height=300,
        margin=_MARGIN,
        hovermode="x unified",
        legend={"orientation": "h", "x": 0, "y": 1.14},
        xaxis=_along(learning),
        yaxis={"title": _("loss per token, in nats"), "rangemode": "tozero"},
    )
    st.plotly_chart(figure, key="curves", config=_PLAIN)


def _along(learning: Learning) -> dict[str, Any]:
    """The axis of updates, with room for the marks at both ends."""
    return {"title": _("update"), "range": [-0.01 * learning.updates, 1.01 * learning.updates], "showgrid": False}


def _mark(figure: go.Figure, moment: Moment) -> None:
    figure.add_vline(moment.step, line={"color": theme_colour("primaryColor"), "width": 1.5})


def _sentence(watched: Watched, moment: Moment) -> None:
    """What the model makes of a sentence pair at a moment: its attention, any other matrix, the words it would say."""
    st.header(_("A sentence at this checkpoint"), anchor=False)
    learning, asked = watched.learning, _boxes(watched.learning)
    with st.container(horizontal=True):
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
            raise UserError(_("This model has no matrix “{matrix}”. Choose one above.", matrix=matrix.value))
        tensor = told.trace[matrix.value]
        matrix_view(told.trace, [tensor], scale_limits([*told.trace, tensor]), key="moment matrix")
        likely = told.step("next.words").tables[0]
        st.subheader(_("Predicted next words"), anchor=False)
        columns = list(zip(*likely.rows, strict=True))
        st.dataframe(dict(zip(likely.columns, columns, strict=True)), hide_index=True)
        st.page_link(
            LESSON,
            label=_("This checkpoint, step by step in the lesson →"),
            query_params=_lesson_of(watched, moment, source, target),
        )
        _exports(moment, told, matrix.value)


def _lesson_of(watched: Watched, moment: Moment, source: Sequence[str], target: Sequence[str]) -> dict[str, str]:
    """The address of the lesson of a sentence pair with the weights of a moment."""
    words = {"source": ",".join(source), "target": ",".join(target)}
    return {"lesson": "checkpoint", "training": watched.key, "update": str(moment.step), **words}


def _matrix_choice(told: Lesson) -> Choice:
    """Every tensor of the pass and every parameter but the tables, the last layer's cross-attention first."""
    tensors = [*told.trace, *told.trace.parameters.values()]
    names = [tensor.name for tensor in tensors if tensor.name not in _TABLES]
    default = [name for name in names if name.endswith(_ATTENTION)][-1]
    return Choice(
        "matrix", _("Attention, or any other matrix"), [default, *(name for name in names if name != default)]
    )


@st.fragment
def _exports(moment: Moment, told: Lesson, matrix: str) -> None:
    name = f"after-{moment.step}-" + "-".join((*told.example.source, *told.example.target))[:60]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        lesson_download(told, name, None, _DECIMALS, _("This checkpoint as a lesson"))
        figure_downloads(told, Shown(matrix), _DECIMALS, _("Matrix as {form}"))


def _words(learning: Learning, moment: Moment) -> None:
    """A word's neighbours at a moment, beside where they stand and how they came there."""
    st.header(_("A word at this checkpoint"), anchor=False)
    box = _word_box(learning)
    box.draw(width=300)
    word = _word(box)
    near = learning.neighbours(word, moment)
    if not near:
        say(_("“{word}” is not one of the source words of this training.", word=word))
        return
    names = [other.word for other in near]
    listed, drawn = st.columns([5, 7], gap="medium")
    columns = {
        _("neighbour"): names,
        _("cosine"): [other.similarity for other in near],
        _("places up since the start"): [_risen(other.risen or 0) for other in near],
    }
    with listed:
        st.dataframe(columns, hide_index=True)
        say(
            _(
                "The map shows the word, its neighbours before the first update and its neighbours at the end. All "
                "checkpoints have the same axes: the first two principal components (PCA) of the vectors at the end. "
                "The neighbours at this checkpoint are in colour. A line shows how a word has moved."
            )
        )
    with drawn, problems_shown():
        _map(learning, word, names, moment)


def _word_box(learning: Learning) -> Text:
    return Text("word", _("Word"), learning.first_pair()[0][0])


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
    st.plotly_chart(figure, key="words", config=_PLAIN)


@st.fragment
def _one_weight(learning: Learning, moment: Moment) -> None:
    """A weight and Adam's two means at every moment, each on an axis of its own."""
    st.header(_("One weight, and Adam's running means for it"), anchor=False)
    translator = learning.translator_at(moment)
    tables = dict(zip(_TABLES, (translator.source.words, translator.target.words), strict=True))
    with st.container(horizontal=True):
        name = st.selectbox(_("Parameter"), list(moment.parameters), key="parameter", width=420)
        *rows, columns = moment.parameters[name].shape
        index = []
        if name in tables:
            words, word = tables[name], _word(_word_box(learning))
            start = words.index(word) if word in words else UNKNOWN
            chosen = st.selectbox(_("Word"), words, start, key=f"word of {name} {word}", width=220)
            index.append(words.index(chosen))
        elif rows:
            index.append(st.number_input(_("Row"), 1, rows[0], 1, key=f"row of {name}", width=160) - 1)
        index.append(st.number_input(_("Column"), 1, columns, 1, key=f"column of {name}", width=160) - 1)
    with problems_shown():
        points = learning.weight(name, *index)
        lines = {
            _("weight"): [point.value for point in points],
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
        figure.update_xaxes(title=_("update"), row=len(lines))
        _mark(figure, moment)
        figure.update_layout(height=460, margin=_MARGIN, showlegend=False, hovermode="x unified")
        st.plotly_chart(figure, key="weight", config=_PLAIN)
        at = next(point for point in points if point.step == moment.step)
        if at.step:
            m, v = at.corrected
            say(
                _(
                    "Update {step:,} added {change} to it: −η m̂ / (√v̂ + ε) with η = {rate:g}, m̂ = m / (1 − β₁ᵗ) = "
                    "{m} and v̂ = v / (1 − β₂ᵗ) = {v}, t = {step:,}. m is the running mean of its gradient, v the "
                    "running mean of the squared gradient.",
                    step=at.step,
                    change=rounded(at.change, 6),
                    rate=at.rate,
                    m=rounded(m, 6),
                    v=rounded(v, 6),
                )
            )
