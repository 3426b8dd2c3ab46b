"""One weight of a training: its value and Adam's two means at every checkpoint, each on an axis of its own."""

from __future__ import annotations

import streamlit as st
from plotly.subplots import make_subplots

from explorer.lessons.learning import Learning
from explorer.lessons.moments import Moment
from explorer.lessons.numbers import rounded
from explorer.palette import ROLES
from explorer.texts import _
from explorer.transformer.vocabulary import UNKNOWN
from explorer.ui.lesson.learning_view.curves import MARGIN, PLAIN, along, mark
from explorer.ui.lesson.learning_view.word import chosen_word
from explorer.ui.messages import problems_shown, say
from explorer.ui.theme import is_dark

_TABLES = ("source.table", "target.table")


@st.fragment
def one_weight(learning: Learning, moment: Moment) -> None:
    """A weight and Adam's two means at every moment, each on an axis of its own."""
    st.header(_("One weight, and Adam's running means for it"), anchor=False)
    tables = dict(zip(_TABLES, map(learning.words, ("source", "target")), strict=True))
    with st.container(horizontal=True):
        name = st.selectbox(_("Parameter"), list(learning.shapes), key="parameter", width=420)
        *rows, columns = learning.shapes[name]
        index = []
        if name in tables:
            words, word = tables[name], chosen_word(learning)
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
        figure.update_xaxes(along(learning) | {"title": ""})
        figure.update_xaxes(title=_("update"), row=len(lines))
        mark(figure, moment)
        figure.update_layout(height=460, margin=MARGIN, showlegend=False, hovermode="x unified")
        st.plotly_chart(figure, key="weight", config=PLAIN)
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
