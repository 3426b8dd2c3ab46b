"""A vector to read and to take along: its numbers as bars and as a list."""

from __future__ import annotations

import streamlit as st

from explorer.embeddings.queries import Vector
from explorer.questions.words import Vector as VectorQuestion
from explorer.texts import _
from explorer.ui import bar_chart
from explorer.ui.action_bar import action_bar


def vector_view(question: VectorQuestion, answer: Vector) -> None:
    """Draw a bar a dimension, and beneath all numbers, each to its last digit, with the ways to take them along."""
    numbers = answer.query.vector
    bars = bar_chart.data(
        numbers.tolist(),
        start=0,
        width=1,
        labels=(_("dimension"), _("value")),
        bar=_("dimension {x}: {y}"),
        alt=_("The value of each dimension"),
    )
    bar_chart.bar_chart("vector_chart", bars)
    length = answer.as_json()["length"]
    st.markdown(
        _("{dimensions} numbers; the length of the vector is {length:.4f}.", dimensions=len(numbers), length=length)
    )
    st.code(f"[{', '.join(map(str, numbers))}]", None, wrap_lines=True, height=130)
    action_bar(question, download=question, key="vector_bar", in_talk=False)
