"""A vector to read and to take along: its numbers as bars and as a list."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from explorer.embeddings.queries import Vector
from explorer.questions.words import Vector as VectorQuestion
from explorer.texts import _
from explorer.ui.action_bar import action_bar
from explorer.ui.theme import theme_colour


def vector_view(question: VectorQuestion, answer: Vector) -> None:
    """Draw a bar a dimension, and beneath all numbers, each to its last digit, with the ways to take them along."""
    numbers = answer.query.vector
    figure = go.Figure(
        go.Bar(
            y=numbers,
            hovertemplate=_("dimension %{x}: %{y:.4f}<extra></extra>"),
            marker={"color": theme_colour("primaryColor"), "line_width": 0},
        )
    )
    figure.update_layout(height=220, margin={"l": 0, "r": 0, "t": 10, "b": 0}, dragmode=False, bargap=0.15)
    figure.update_xaxes(title=_("dimension"))
    figure.update_yaxes(title=_("value"))
    st.plotly_chart(figure, key="vector chart", config={"displayModeBar": False}, alt=_("The value of each dimension"))
    length = answer.as_json()["length"]
    st.markdown(
        _("{dimensions} numbers; the length of the vector is {length:.4f}.", dimensions=len(numbers), length=length)
    )
    st.code(f"[{', '.join(map(str, numbers))}]", None, wrap_lines=True, height=130)
    action_bar(question, download=question, key="vector_bar", in_talk=False)
