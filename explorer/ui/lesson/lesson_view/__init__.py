"""A lesson on the page: on the left the step in words, beside it its equations, each with one cell worked out."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.lessons.bounds import DECIMALS
from explorer.lessons.cells import Cell
from explorer.lessons.code import AS_NUMPY, numpy_of
from explorer.lessons.edits import Edit
from explorer.lessons.equations import Equation, counts, equations
from explorer.lessons.equations.difference import difference
from explorer.lessons.equations.sampling import sampling
from explorer.lessons.flow import flow
from explorer.lessons.glossary import NAMES, TERMS, terms_of
from explorer.lessons.lesson import Lesson
from explorer.lessons.numbers import rounded, whole_or_rounded
from explorer.lessons.prose import spans
from explorer.lessons.steps import UPDATED, Step, Table
from explorer.lessons.verification import verify
from explorer.texts import _
from explorer.ui.dom import script
from explorer.ui.lesson.exercise_view import VARIANT, exercise_switch, exercise_view, is_tried
from explorer.ui.lesson.lesson_view import state
from explorer.ui.lesson.lesson_view.cell_view import cell_view, open_cell
from explorer.ui.lesson.lesson_view.exports import exports_view
from explorer.ui.lesson.lesson_view.pictures import (
    CONTROLS,
    TEMPERATURE,
    TOP_K,
    TOP_P,
    chapter_summary,
    has_lines,
    is_long,
    is_overview,
    lines_view,
    overview_view,
    step_pictures,
    step_tables,
    talk_picture,
)
from explorer.ui.messages import problems_shown, say
from explorer.ui.parameters import Tabs
from explorer.ui.tensor_view import tensor_view
from explorer.ui.turns import turn
from explorer.writing.documents import literal

_HERE = Path(__file__).parent
STYLE = _HERE / "page.css"
STAGE_STYLE = _HERE / "stage.css"
"""What a talk leaves out of the page, and how large the rest is."""


def _component(name: str) -> Any:
    css = (_HERE / f"{name}.css").read_text(encoding="utf-8")
    return st.components.v2.component(f"explorer_{name}", css=css, js=script(_HERE / f"{name}.js"))


_guide, _contents = _component("guide"), _component("contents")

_GUIDE_TEXTS = {  # of the scripts, which fill in {place} and {count}
    "place": _("{place} of {count}"),
    "previous": _("← Previous"),
    "next": _("Next →"),
    "keys_back": _("Arrow left, or Page Up"),
    "keys_on": _("Arrow right, or Page Down"),
    "talk": _("Large"),
    "leave": _("Leave the large view"),
    "keys_talk": _("Key s: one equation at a time, large enough for the last row"),
    "steps": _("Steps"),
    "keys": _("Keys"),
    "letters": _("Single-letter keys"),
}
_KEYS = (  # and what they do; those of one letter can be switched off
    (("→", _("Page Down"), "n"), _("the next step; in the large view the next equation")),
    (("←", _("Page Up")), _("the step before")),
    (("s",), _("the large view: one equation at a time, for the last row; once more leaves it")),
    (("h", "1 … 9"), _("in the large view: the next head, or head 1 to 9")),
    (("Tab",), _("into the matrices, where arrows then move the worked cell and Enter opens it")),
    (("Esc",), _("out of a matrix: the arrows turn the steps again")),
    (("Space",), _("in the overview: plays the whole picture, or stops it")),
    (("?",), _("these keys")),
)
_CONTENTS_TEXTS = {
    "contents": _("Contents"),
    "diagram": _("Diagram"),
    "overview": _("Overview"),
    "whole": _("The whole pass"),
}

_AS_LINES = _("As lines")
_SAMPLED = ("probabilities", "next.words")
_SCOPE = Tabs("scope", _("Equations of"), ["step", "chapter"])
KNOWN = (_SCOPE, VARIANT, *CONTROLS, *state.NAMES)
"""What the address may say of where a reader is in a lesson, and of what each step is drawn with."""
SETTINGS = "settings"
"""The key of the page's fold of settings, which closes when a reader walks on."""
_WHOLE_PAGE = "whole page"  # what stands outside of the fragment has to follow
_FIRST = 2  # equations of a chapter that are sent before the others
_DECIMALS_ON_STAGE = 2  # four do not fit beside each other in 28 pixels
NOW, BOTH, CHANGE = "now", "both", "change"
COMPARED = {NOW: _("As edited"), BOTH: _("Old and new"), CHANGE: _("Change")}
_SCOPES = {"step": _("This step"), "chapter": _("The whole chapter")}


@st.fragment(key="lesson")
@turn()
def lesson_view(
    now: Lesson,
    decimals: int | None,
    known: str,
    before: Lesson | None = None,
    edits: tuple[Edit, ...] = (),
    compared: str = NOW,
) -> None:
    """Draw the step that the URL names, and below it what can be taken along of it. `before` is the lesson without the
    `edits`, `known` tells lessons apart."""
    if st.session_state.pop(_WHOLE_PAGE, False):
        st.rerun()
    if is_overview():
        overview_view(now, _go)
        return
    places = decimals or (_DECIMALS_ON_STAGE if state.on_stage() else DECIMALS)
    step = None
    with problems_shown():
        step = state.current_step(now)
    shown = step or now.steps[0]
    cell, drawn, place = None, [], 0
    with problems_shown():
        cell = state.current_cell() if step else None
        worked = cell or (state.worked_cell() if step else None)
        drawn = _drawn(now, before, shown, places, NOW if state.on_stage() else compared, worked)
        place = _on_stage(now, shown, drawn, worked) if state.on_stage() else 0
    left, right = st.columns([25, 75], gap="medium")
    with left, st.container(key="words"):
        part = (drawn[place].title if place < len(drawn) else _AS_LINES) if drawn and state.on_stage() else ""
        _words(now, shown, place, part)
        st.markdown("\n\n".join(f"$${formula}$$" for formula in shown.formulas))
        if step is not None:
            chapter_summary(now, step)
        _overview(now, shown)
    if step is None:
        exports_view(now, shown, places)
        return
    with right, st.container(key="worked"):
        cell_view(now, before, edits, places)
        if state.on_stage():
            if place < len(drawn):
                tensor_view(
                    [replace(drawn[place], title="").as_json()], "equations", partial(open_cell, now), stage=True
                )
            else:
                with problems_shown():
                    if step.key == "update.loss":
                        _fallen_loss(now, places)
                    elif not talk_picture(now, step, _go):
                        _tables(step.tables, None, places)
            return
        if has_lines(now, step) and is_long(now, step):
            lines_view(now, step, _go)
        if is_tried(drawn):
            exercise_view(now, step, places, known)
        else:
            first = _FIRST if _SCOPE.value == "chapter" else len(drawn)
            for key, some in (("equations", drawn[:first]), ("more equations", drawn[first:])):
                if some:
                    tensor_view([equation.as_json() for equation in some], key, partial(open_cell, now))
            _numpy(now, step)
        _below(now, step, known, drawn)
        step_pictures(now, step, _go)
        with problems_shown():
            old = step_tables(before, before.step(step.key)) if before and compared != NOW else None
            _tables(step_tables(now, step), old, places)
        if step.key in _SAMPLED:
            _sampling(now, places)
    exports_view(now, step, places)


def _drawn(
    now: Lesson, before: Lesson | None, step: Step, decimals: int, compared: str, cell: Cell | None
) -> list[Equation]:
    """The equations of the step, or of its whole chapter; beside those without the edits, or what these changed."""
    whole = _SCOPE.value == "chapter" and not state.on_stage()
    return [
        equation
        for each in (now.chapter(step).steps if whole else (step,))
        if each.shown
        for equation in _compared(now, before, each, decimals, compared, cell, whole)
    ]


def _on_stage(now: Lesson, step: Step, drawn: list[Equation], cell: Cell | None) -> int:
    """Which view of a step a talk shows: the equation of the open cell, else what the address says."""
    places = [place for place, each in enumerate(drawn) if cell and each.result.tensor == cell.shown]
    return places[0] if places else state.equation(len(drawn) + has_lines(now, step))


def views(now: Lesson) -> tuple[int, ...]:
    """Of each step how many views a talk has: its equations, and the lines of an attention."""
    return tuple(count + has_lines(now, step) for count, step in zip(counts(now), now.steps, strict=True))


def _compared(
    now: Lesson, before: Lesson | None, step: Step, decimals: int, compared: str, cell: Cell | None, is_titled: bool
) -> list[Equation]:
    drawn = list(equations(now, step, decimals, cell))
    if before is not None and compared == CHANGE:
        drawn = [difference(before, now, shown, decimals) for shown in step.shown]
    elif before is not None and compared == BOTH:
        old = [replace(equation, title=_("Before")) for equation in equations(before, step, decimals, cell)]
        drawn = [*old, *(replace(equation, title=_("Now")) for equation in drawn)]
    if is_titled:
        drawn[0] = replace(drawn[0], title=step.title)
    return drawn


def _below(now: Lesson, step: Step, known: str, drawn: list[Equation]) -> None:
    """What else there is: the equations of the whole chapter, a check of the step's numbers by another way of computing
    them, and an exercise on it."""
    if not any(other.shown for other in now.chapter(step).steps):
        return
    verdicts: dict[tuple[str, str], list[str]] = st.session_state.setdefault("verdicts", {})
    with st.container(horizontal=True, vertical_alignment="center"):
        _SCOPE.draw(show=_SCOPES.__getitem__)
        asked = bool(step.shown) and st.button(_("Verify this step"), key=f"verify {step.key}")
        if drawn:
            key = _(
                "Blue is above 0, orange below, violet a share; the stronger the colour, the further the number is "
                "from 0."
            )
            st.html(f'<p class="explorer-key">{escape(key)}</p>')
        exercise_switch(drawn)
    if asked:
        with problems_shown():
            verdicts[known, step.key] = [
                f"{shown.name}: {verify(now, shown).sentence}" for shown in step.shown if shown.side != UPDATED
            ]
    for sentence in verdicts.get((known, step.key), ()):
        say(sentence)


def _numpy(now: Lesson, step: Step) -> None:
    """The same in code, folded: most readers have a question about a number first."""
    if program := numpy_of(now, step):
        st.html(
            f'<details class="explorer-numpy"><summary>{escape(AS_NUMPY)}</summary>'
            f'<pre tabindex="0"><code>{escape(program)}</code></pre></details>'
        )


def _words(now: Lesson, step: Step, equation: int, part: str) -> None:
    keys = [other.key for other in now.steps]
    data = {
        "steps": keys,
        "current": keys.index(step.key),
        "chapter": now.chapter(step).title,
        "title": step.title,
        "part": part,
        "stage": state.on_stage(),
        "equation": equation,
        "counts": views(now) if state.on_stage() else None,
        "spans": [asdict(span) for span in spans(step.prose)],
        "terms": {term: [NAMES[term], TERMS[term]] for term in terms_of(step.prose)},
        "keys": _KEYS,
        "texts": _GUIDE_TEXTS,
    }
    _guide(
        key="guide",
        data=data,
        on_step_change=partial(_go, "guide"),
        on_stage_change=_turn_stage,
    )


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
        "texts": _CONTENTS_TEXTS,
    }
    _contents(key="contents", data=data, on_step_change=partial(_go, "contents"))


def _go(key: str) -> None:
    step, _, *equation = st.session_state[key]["step"]
    state.go_to(step, *equation)
    if st.session_state.get(SETTINGS):
        st.session_state[SETTINGS] = False
        st.session_state[_WHOLE_PAGE] = True


def _turn_stage() -> None:
    state.turn_stage()
    st.session_state[_WHOLE_PAGE] = True


def _fallen_loss(now: Lesson, places: int) -> None:
    """What all steps of a talk lead to: the loss before the optimiser's step and after it, as large as the window."""
    before, after = (escape(rounded(loss, places)) for loss in (now.trace["loss"].value.item(), now.update.loss))
    name = escape(_("loss"))
    st.html(
        f'<div class="explorer-loss"><p class="name">{name}</p>'
        f'<p class="fall"><span>{before}</span> → <b>{after}</b></p></div>'
    )


def _tables(tables: tuple[Table, ...], before: tuple[Table, ...] | None, places: int) -> None:
    """The tables of a step, each below what it was `before`, where that is to be compared."""
    for number, table in enumerate(tables):
        if before is None:
            _table(table, places)
        elif table == before[number]:
            _table(replace(table, title=_("{title}, unchanged", title=table.title)), places)
        else:
            _table(replace(before[number], title=_("{title}, before", title=table.title)), places)
            _table(replace(table, title=_("{title}, now", title=table.title)), places)


def _table(table: Table, places: int) -> None:
    def line(cells: tuple[str, ...]) -> str:
        return f"| {' | '.join(cells)} |"

    numbers = [all(not isinstance(row[place], str) for row in table.rows) for place in range(len(table.columns))]
    rows = [
        line(tuple(literal(whole_or_rounded(cell, places, digits)) for cell in row))
        for row, digits in table.with_digits
    ]
    rule = line(tuple("--:" if number else "---" for number in numbers))
    st.markdown(f"**{literal(table.title)}**\n\n" + "\n".join([line(table.columns), rule, *rows]))


@st.fragment
def _sampling(now: Lesson, decimals: int) -> None:
    """The probabilities as sampling would take them; a move of a slider sends this matrix alone."""
    say(_("Sampling draws the next word from these probabilities, after temperature, top-k and top-p."))
    with st.container(horizontal=True):
        TEMPERATURE.draw(width=150)
        TOP_K.draw(width=150)
        TOP_P.draw(width=150)
    with problems_shown():
        drawn = sampling(now, TEMPERATURE.value, TOP_K.value or 0, TOP_P.value, decimals)
        tensor_view([drawn.as_json()], "sampling", partial(open_cell, now))
