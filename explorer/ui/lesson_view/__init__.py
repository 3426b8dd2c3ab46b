"""A lesson on the page: on the left the step in words, in the middle its matrices, on the right how a number came."""

from __future__ import annotations

import functools
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.documents import literal
from explorer.lessons.edits import Edit
from explorer.lessons.flow import flow
from explorer.lessons.glossary import TERMS, terms_of
from explorer.lessons.grids import reshaped_grid
from explorer.lessons.lesson import Lesson
from explorer.lessons.numbers import whole_or_rounded
from explorer.lessons.prose import spans
from explorer.lessons.steps import GRADIENT, Step, Table
from explorer.ui.lesson_view import state
from explorer.ui.lesson_view.explanation import explanation_view
from explorer.ui.lesson_view.exports import exports_view
from explorer.ui.lesson_view.matrices import NOW, Scales, grid_payload, payloads
from explorer.ui.lesson_view.pictures import (
    TEMPERATURE,
    TOP_K,
    TOP_P,
    chapter_summary,
    has_picture_alone,
    is_overview,
    overview_view,
    step_pictures,
)
from explorer.ui.matrix_view import matrices_view
from explorer.ui.messages import problems_shown, say
from explorer.ui.parameters import Tabs

_HERE = Path(__file__).parent
STYLE = _HERE / "page.css"


def _component(name: str) -> Any:
    css, js = ((_HERE / f"{name}.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    return st.components.v2.component(f"explorer_{name}", css=css, js=js)


_told, _contents = _component("told"), _component("contents")

_SAMPLED = ("probabilities", "next.words")
_SCOPE = Tabs("scope", "Matrices of", ["step", "chapter"])
SETTINGS = "settings"
"""The key of the page's fold of settings, which closes when a reader walks on."""
_FOLD = "fold settings"
_SCOPES = {"step": "This step", "chapter": "The whole chapter"}


@st.fragment(key="lesson")
def lesson_view(
    now: Lesson,
    ends: Scales,
    decimals: int | None,
    known: str,
    before: Lesson | None = None,
    edits: tuple[Edit, ...] = (),
    compared: str = NOW,
) -> None:
    """Draw the step that the URL names, and below it what can be taken along of it. `before` is the lesson without the
    `edits`, `known` tells lessons apart."""
    if st.session_state.pop(_FOLD, False):
        st.rerun()
    if is_overview():
        overview_view(now, _go)
        return
    step = None
    with problems_shown():
        step = state.current_step(now)
    shown = step or now.steps[0]
    is_wide = has_picture_alone(shown)
    left, middle, *right = st.columns([25, 75] if is_wide else [25, 52, 23], gap="medium")
    with left, st.container(key="words"):
        _words(now, shown)
        st.markdown("\n\n".join(f"$${formula}$$" for formula in shown.formulas))
        if step is not None:
            chapter_summary(now, step)
        _overview(now, shown)
    if step is None:
        exports_view(now, shown, decimals or 4)
        return
    with middle, st.container(key=_SCOPE.value):
        chapter = now.chapter(step)
        steps = [step]
        if any(other.shown for other in chapter.steps):
            _SCOPE.draw(show=_SCOPES.__getitem__)
            steps = list(chapter.steps) if _SCOPE.value == "chapter" else steps
        drawn = payloads(now, before, steps, ends, decimals, compared)
        if drawn:
            folded = "Intermediate results of this step" if _is_back(step) else "The weights of this step"
            matrices_view(drawn, "matrices", folded, step.key if len(steps) > 1 else "")
        step_pictures(now, step, _go)
        _tables(step.tables, before.step(step.key).tables if before and compared != NOW else None, decimals or 4)
        if step.key in _SAMPLED:
            _sampling(now, decimals)
    for column in right:
        with column:
            explanation_view(now, before, edits, decimals, known)
    exports_view(now, step, decimals or 4)


def _words(now: Lesson, step: Step) -> None:
    keys = [other.key for other in now.steps]
    data = {
        "steps": keys,
        "current": keys.index(step.key),
        "chapter": now.chapter(step).title,
        "title": step.title,
        "spans": [asdict(span) for span in spans(step.prose)],
        "terms": {term: TERMS[term] for term in terms_of(step.prose)},
    }
    _told(key="told", data=data, on_step_change=functools.partial(_go, "told"))


def _overview(now: Lesson, step: Step) -> None:
    drawn = flow(now)
    data = {
        "chapters": [
            {"title": chapter.title, "steps": [{"key": other.key, "title": other.title} for other in chapter.steps]}
            for chapter in now.chapters
        ],
        "boxes": [asdict(box) for box in drawn.boxes],
        "edges": drawn.edges,
        "current": step.key,
    }
    _contents(key="contents", data=data, on_step_change=functools.partial(_go, "contents"))


def _is_back(step: Step) -> bool:
    return any(shown.side == GRADIENT for shown in step.shown)


def _go(key: str) -> None:
    step, _ = st.session_state[key]["step"]
    state.go_to(step)
    if st.session_state.get(SETTINGS):
        st.session_state[SETTINGS] = False
        st.session_state[_FOLD] = True  # it stands outside of this fragment


def _tables(tables: tuple[Table, ...], before: tuple[Table, ...] | None, places: int) -> None:
    """The tables of a step, each below what it was `before`, where that is to be compared."""
    for number, table in enumerate(tables):
        if before is None:
            _table(table, places)
        elif table == before[number]:
            _table(replace(table, title=f"{table.title}, unchanged"), places)
        else:
            _table(replace(before[number], title=f"{table.title}, before"), places)
            _table(replace(table, title=f"{table.title}, now"), places)


def _table(table: Table, places: int) -> None:
    def line(cells: tuple[str, ...]) -> str:
        return f"| {' | '.join(cells)} |"

    numbers = [all(not isinstance(row[place], str) for row in table.rows) for place in range(len(table.columns))]
    rows = [line(tuple(literal(whole_or_rounded(cell, places)) for cell in row)) for row in table.rows]
    rule = line(tuple("--:" if number else "---" for number in numbers))
    st.markdown(f"**{literal(table.title)}**\n\n" + "\n".join([line(table.columns), rule, *rows]))


@st.fragment
def _sampling(now: Lesson, decimals: int | None) -> None:
    """The probabilities as sampling would take them; a move of a slider sends this matrix alone."""
    say(
        "Sampling draws the next word from these probabilities, after temperature, top-k and top-p. To see how a "
        "probability was computed, click its number in the matrix above."
    )
    with st.container(horizontal=True):
        TEMPERATURE.draw(width=150)
        TOP_K.draw(width=150)
        TOP_P.draw(width=150)
    with problems_shown():
        grid = reshaped_grid(now, TEMPERATURE.value, TOP_K.value or 0, TOP_P.value)
        drawn = [grid_payload("probabilities", "to sample from", grid, decimals)]
        matrices_view(drawn, "sampling")
