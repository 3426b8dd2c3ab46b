"""The published table of Kim 2014 beside our runs: a picture of the gains, the numbers, and what they say."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from explorer.initialisation.plan_checks import CNN, TRANSFORMER
from explorer.initialisation.published import ARMS, HERE, KIM, NOT_SHOWN, BesidePublished, Row
from explorer.palette import CATEGORICAL
from explorer.texts import _
from explorer.ui.initialisation.comparison_charts import PLAIN, letters
from explorer.ui.messages import say
from explorer.ui.theme import is_dark, theme_colour

_ROW = 64  # pixels of a data set
_LINES = {CNN: (0.0, "square"), TRANSFORMER: (0.27, "circle")}  # of each network: how far below, and its mark
_PUBLISHED = -0.27


def published_view(answer: BesidePublished) -> None:
    """Draw it."""
    say(answer.headline, "answer")
    st.markdown(
        _(
            "What pre-trained vectors gain over random ones (rand), on the seven data sets of Kim 2014. **Static** "
            "vectors stay as they are, **non-static** ones are trained along. **◇** is the published gain; the other "
            "marks are ours, each with its 95% interval. **■ ● filled**: a difference to random vectors is shown. "
            "**□ ○ open**: none is shown; p after Holm’s correction may be too high although an interval leaves out 0."
        ),
        width=960,
    )
    _chart(answer)
    beside = answer.beside()
    st.table([dict(zip(beside.header, row, strict=True)) for row in beside.rows])
    st.markdown(_("Bold: shown to differ from rand. In brackets: the 95% interval of the mean."))
    st.markdown("\n".join(f"- {sentence}" for sentence in answer.sentences), width=960)


def _chart(answer: BesidePublished) -> None:
    figure = make_subplots(1, 2, shared_yaxes=True, subplot_titles=ARMS[1:], horizontal_spacing=0.03)
    figure.update_annotations(font=letters())
    sets = {name: place for place, name in enumerate(KIM)}
    for column, arm in enumerate(ARMS[1:], start=1):
        gains = {row.set: row.gain_published for row in answer.rows if row.arm == arm}
        figure.add_scatter(
            x=list(gains.values()), y=[sets[name] + _PUBLISHED for name in gains], mode="markers",
            name=_("published"), legendgroup="published", showlegend=column == 1, row=1, col=column,
            marker={"symbol": "diamond-open", "size": 11, "color": theme_colour("textColor"), "line_width": 2},
            text=list(gains), hovertemplate=_("%{text}, published: %{x:+.1f} points<extra></extra>"),
        )  # fmt: skip
        for (network, (below, symbol)), colours in zip(_LINES.items(), CATEGORICAL, strict=False):
            rows = [row for row in answer.rows if (row.network, row.arm) == (network, arm)]
            places = [sets[row.set] + below for row in rows]
            for trace in _gains(rows, places, network, symbol, colours[is_dark()]):
                figure.add_trace(trace.update(showlegend=trace.mode == "markers" and column == 1), 1, column)
        figure.add_vline(0, line_color=theme_colour("textColor"), line_width=1.5, row=1, col=column)
    figure.update_yaxes(
        tickvals=list(sets.values()), ticktext=list(sets), range=[len(sets) - 0.4, -0.6], tickfont=letters(),
        showgrid=False, zeroline=False, ticklabelstandoff=8,
    )  # fmt: skip
    figure.update_xaxes(
        zeroline=False, matches="x", title_text=_("gain over rand,<br>percentage points"), title_font=letters()
    )
    figure.update_layout(
        height=170 + _ROW * len(sets), margin={"l": 10, "r": 10, "t": 90, "b": 10}, dragmode=False,
        legend={"orientation": "h", "y": 1.07, "yanchor": "bottom", "x": 0, "font": letters()},
    )  # fmt: skip
    st.plotly_chart(figure, key="published", config=PLAIN, alt=answer.headline)


def _gains(
    rows: Sequence[Row], places: Sequence[float], network: str, symbol: str, colour: str
) -> tuple[go.Scatter, go.Scatter]:
    """The intervals of a network's gains here, and its marks: open where nothing is shown."""
    intervals = go.Scatter(
        x=[end for row in rows for end in (row.gain_low, row.gain_high, None)],
        y=[place for place in places for _end in range(3)],
        mode="lines",
        line={"color": colour, "width": 1.5},
        legendgroup=network,
        hoverinfo="skip",
    )
    marks = go.Scatter(
        x=[row.gain for row in rows],
        y=places,
        mode="markers",
        name=HERE[network],
        legendgroup=network,
        marker={
            "symbol": [f"{symbol}-open" if row.verdict == NOT_SHOWN else symbol for row in rows],
            "size": 11,
            "color": colour,
            "line_width": 2,
        },
        customdata=[[row.set, row.gain_low, row.gain_high, row.verdict] for row in rows],
        hovertemplate=_(
            "%{{customdata[0]}}, {called}: %{{x:+.1f}} points<br>95% interval %{{customdata[1]:+.1f}} to "
            "%{{customdata[2]:+.1f}}: %{{customdata[3]}}<extra></extra>",
            called=HERE[network],
        ),
    )
    return intervals, marks
