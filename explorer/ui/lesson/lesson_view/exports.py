"""What stands on the page, to take along: the lesson or a part of it in any format, a matrix as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from explorer.lessons.lesson import Lesson
from explorer.lessons.renderings import check_size, render
from explorer.lessons.renderings.figures import figure
from explorer.lessons.renderings.parts import number_of, part
from explorer.lessons.steps import Chapter, Shown, Step
from explorer.texts import _
from explorer.ui.messages import problems_shown

_FORMATS = {
    "html": (_("HTML, one file"), "text/html"),
    "md": (_("Markdown with LaTeX"), "text/markdown"),
    "tex": ("LaTeX", "application/x-tex"),
    "ipynb": (_("Jupyter notebook"), "application/x-ipynb+json"),
    "json": (_("JSON, all digits"), "application/json"),
    "xlsx": (
        _("Spreadsheet with live formulas"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}
_PARTS = {"lesson": _("the whole lesson"), "chapter": _("this chapter"), "step": _("this step")}
_FILES = {"value": "", "gradient": "-gradient", "updated": "-after-the-step"}
_SIDES = {"value": "{name}", "gradient": _("{name}, its gradient"), "updated": _("{name}, after the step")}


@st.fragment
def exports_view(lesson: Lesson, here: Step, decimals: int) -> None:
    """Controls that make a file of the lesson or of the step that is `here`, when it is asked for, not before."""
    name = "-".join(" ".join(lesson.example.sides).split()).lower()[:60]
    chapter = lesson.chapter(here)
    parts = {
        "lesson": (name, None),
        "chapter": (f"{name}-chapter-{number_of(lesson, chapter)}", (chapter,)),
        "step": (f"{name}-{here.key}", part(lesson, step=here.key)),
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which = st.selectbox(_("Export"), list(_PARTS), format_func=_PARTS.__getitem__, width=190, key="export part")
        with problems_shown():
            lesson_download(lesson, *parts[which], decimals)
        if here.shown:
            shown = st.selectbox(_("A matrix"), here.shown, format_func=_named, width=330, key=f"figure of {here.key}")
            figure_downloads(lesson, shown, decimals)


def lesson_download(
    lesson: Lesson, name: str, chapters: Sequence[Chapter] | None, decimals: int, label: str = _("as")
) -> None:
    """A box to choose the format and a button that makes the file `name`, of these chapters or of all. Raises UserError
    instead of the button where the file would become too large."""
    form = st.selectbox(label, list(_FORMATS), format_func=lambda f: _FORMATS[f][0], width=230, key="export form")
    check_size(lesson, form, chapters)
    st.download_button(
        _("Download"),
        partial(render, lesson, form, chapters, decimals),
        f"{name}.{form}",
        _FORMATS[form][1],
        on_click="ignore",
        key="export",
    )


def figure_downloads(lesson: Lesson, shown: Shown, decimals: int, label: str = "{form}") -> None:
    """A button for a matrix as SVG and one as PDF; the `label` has a place for the `form`."""
    for kind, mime in (("svg", "image/svg+xml"), ("pdf", "application/pdf")):
        st.download_button(
            label.format(form=kind.upper()),
            partial(figure, lesson, shown, kind, decimals),
            f"{shown.name}{_FILES[shown.side]}.{kind}",
            mime,
            on_click="ignore",
            key=f"figure {kind}",
        )


def _named(shown: Shown) -> str:
    return _SIDES[shown.side].format(name=shown.name)
