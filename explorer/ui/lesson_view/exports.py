"""What stands on the page, to take along: the lesson or a part of it in any format, a matrix as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from explorer.errors import UserError
from explorer.lesson.lesson import Lesson
from explorer.lesson.renderings import render
from explorer.lesson.renderings.figures import figure
from explorer.lesson.renderings.parts import part
from explorer.lesson.steps import Chapter, Shown
from explorer.ui.lesson_view import state

_FORMATS = {
    "html": ("HTML, one file", "text/html"),
    "md": ("Markdown with LaTeX", "text/markdown"),
    "tex": ("LaTeX", "application/x-tex"),
    "ipynb": ("Jupyter notebook", "application/x-ipynb+json"),
    "json": ("JSON, all digits", "application/json"),
}
_PARTS = {"lesson": "the whole lesson", "chapter": "this chapter", "step": "this step"}
_SIDES = {"value": "", "gradient": ", its gradient", "updated": ", after the step"}


@st.fragment
def exports_view(lesson: Lesson, decimals: int) -> None:
    """Controls that make a file when it is asked for, not before."""
    try:
        here = state.current_step(lesson)
    except UserError:  # the page says what is wrong with the step
        here = lesson.steps[0]
    name = "-".join((*lesson.example.source, *lesson.example.target)).lower()[:60]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which = st.selectbox("Take along", list(_PARTS), format_func=_PARTS.__getitem__, width=190, key="export part")
        chapters = {"lesson": None, "chapter": (lesson.chapter(here),), "step": part(lesson, step=here.key)}
        lesson_download(lesson, name, chapters[which], decimals)
        if here.shown:
            shown = st.selectbox("A matrix", here.shown, format_func=_named, width=330, key=f"figure of {here.key}")
            figure_downloads(lesson, shown, decimals)


def lesson_download(
    lesson: Lesson, name: str, chapters: Sequence[Chapter] | None, decimals: int, label: str = "as"
) -> None:
    """A box to choose the format and a button that makes the file `name`, of these chapters or of all."""
    form = st.selectbox(label, list(_FORMATS), format_func=lambda f: _FORMATS[f][0], width=230, key="export form")
    st.download_button(
        "Download",
        partial(render, lesson, form, chapters, decimals),
        f"{name}.{form}",
        _FORMATS[form][1],
        on_click="ignore",
        key="export",
    )


def figure_downloads(lesson: Lesson, shown: Shown, decimals: int, label: str = "") -> None:
    """A button for a matrix as SVG and one as PDF."""
    for kind, mime in (("svg", "image/svg+xml"), ("pdf", "application/pdf")):
        st.download_button(
            label + kind.upper(),
            partial(figure, lesson, shown, kind, decimals),
            f"{shown.name}.{kind}",
            mime,
            on_click="ignore",
            key=f"figure {kind}",
        )


def _named(shown: Shown) -> str:
    return shown.name + _SIDES[shown.side]
