"""A step of the pass on the page: on the left what happens and its formula, on the right the matrices."""

from __future__ import annotations

import streamlit as st

from explorer.lessons.glossary import plain
from explorer.lessons.steps import Chapter, Step
from explorer.transformer.trace import Trace
from explorer.ui.matrix_view import matrix_view


def chapter_view(trace: Trace, chapter: Chapter, limits: dict[str, float]) -> None:
    """A heading, then the chapter's steps from top to bottom."""
    st.header(chapter.title)
    for step in chapter.steps:
        _step_view(trace, step, limits)


@st.fragment  # so that a click on a cell sends this step's numbers alone
def _step_view(trace: Trace, step: Step, limits: dict[str, float]) -> None:
    told, shown = st.columns([3, 7], gap="large")
    formulas = "\n\n".join(f"$${formula}$$" for formula in step.formulas)
    told.markdown(f"### {step.title}\n\n{plain(step.prose)}\n\n{formulas}", anchors=False)
    with shown:
        matrix_view(trace, [trace[shown.name] for shown in step.shown], limits, key=step.key)
