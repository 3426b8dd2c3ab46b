"""Two models compared: how much the neighbours of their words overlap, and where both have them on one map."""

from __future__ import annotations

import re
from html import escape
from math import ceil, floor

import plotly.graph_objects as go
import streamlit as st

from explorer.embeddings.alignment import AlignedMap, Moved
from explorer.embeddings.side_by_side import Disagreement
from explorer.palette import CATEGORICAL, GREY
from explorer.texts import _
from explorer.ui.clickable_chart import clickable_chart
from explorer.ui.parameters import Text
from explorer.ui.theme import is_dark, theme_colour

_BESIDE = 56  # pixels on each side of a map, for the labels of words at its edge
_RANGE = re.compile(r"(\d{1,6})-(\d{1,6})")  # of numbers of shared neighbours


def histogram(answer: Disagreement, shared: Text) -> tuple[int, int]:
    """A bar for each number of shared neighbours; returns the numbers, least and most, of the bars that the reader
    chose, which the address keeps in `shared`, such as 2-4."""
    figure = go.Figure(
        go.Bar(
            y=answer.histogram(),
            marker_color=theme_colour("primaryColor"),
            hovertemplate=_("shared: %{x} · words: %{y:,}<extra></extra>"),
        )
    )
    figure.update_layout(
        height=260,
        margin={"l": 0, "r": 0, "t": 10, "b": 0},
        dragmode="select",
        selectdirection="h",
        hovermode="x",  # a low bar is met above it, too
        xaxis={"title": _("of {k} neighbours the same in both", k=answer.k), "dtick": 1 if answer.k <= 30 else 10},
        yaxis={"title": _("words")},
    )

    def keep() -> None:
        selection = st.session_state["brush"]["selection"]
        boxes, clicked = selection["box"], [point["x"] for point in selection["points"]]
        chosen = sorted(boxes[0]["x"]) if boxes else sorted(clicked)
        shared.write(f"{max(0, ceil(chosen[0]))}-{min(answer.k, floor(chosen[-1]))}" if chosen else None)

    alt = _("How many words share how many of their neighbours in both models")
    clickable_chart(figure, "brush", alt, keep, {"displaylogo": False}, ("points", "box"))
    numbers = _RANGE.fullmatch(shared.text)
    least, most = sorted(min(int(number), answer.k) for number in numbers.groups()) if numbers else (0, answer.k)
    return least, most


def arrows(picture: AlignedMap) -> list[Moved]:
    """Each word where the first model has it (ring) and where the second has it (dot), joined by a line; returns those
    that the reader clicked."""
    figure = go.Figure()
    for point in picture.points:
        (x0, y0), (x1, y1) = point.first, point.second
        figure.add_scatter(x=[x0, x1], y=[y0, y1], mode="lines", line={"width": 1, "color": GREY}, hoverinfo="skip")
    blue, brown = (colour[is_dark()] for colour in CATEGORICAL[:2])
    places = ((picture.first, "first", "circle-open", blue), (picture.second, "second", "circle", brown))
    asked = [point.word == picture.word for point in picture.points]
    for model, at, symbol, colour in places:
        figure.add_scatter(
            x=[getattr(point, at)[0] for point in picture.points],
            y=[getattr(point, at)[1] for point in picture.points],
            mode="markers+text" if at == "second" else "markers",
            text=[
                f"<b>{escape(point.word)}</b>" if is_asked else escape(point.word)  # plotly takes HTML in its labels
                for point, is_asked in zip(picture.points, asked, strict=True)
            ],
            textposition=picture.sides,
            cliponaxis=False,  # labels of words at the edge reach into the margin
            textfont={"color": theme_colour("textColor"), "size": 13},
            customdata=[[place, point.similarity] for place, point in enumerate(picture.points)],
            hovertemplate=_("%{text}: cosine between the models %{customdata[1]:.3f}<extra></extra>"),
            marker={
                "size": [15 if each else 9 for each in asked],
                "symbol": symbol,
                "color": colour,
                "line": {"width": 2},
            },
            name=escape(model),
            showlegend=True,
        )
    for trace in figure.data[: len(picture.points)]:
        trace.showlegend = False
    figure.update_layout(
        height=520,
        margin={"l": _BESIDE, "r": _BESIDE, "t": 10, "b": 0},
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0.5, "xanchor": "center"},
        xaxis={"title": "", "showticklabels": False, "zeroline": False, "showgrid": False},
        yaxis={"title": "", "showticklabels": False, "zeroline": False, "showgrid": False, "scaleanchor": "x"},
    )
    alt = _("A map of the word and its neighbours in both models")
    chosen = clickable_chart(figure, "aligned", alt, "rerun", {"displaylogo": False})
    clicked = {point["customdata"][0] for point in chosen["selection"]["points"] if point.get("customdata")}
    return [picture.points[place] for place in sorted(clicked) if place < len(picture.points)]
