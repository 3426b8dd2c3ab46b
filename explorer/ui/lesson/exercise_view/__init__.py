"""A step of the lesson to try oneself: its equation with blanks, each judged by the core while a reader types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import streamlit as st

from explorer import tensors
from explorer.lessons.equations import Equation
from explorer.lessons.exercises import Exercise, exercise
from explorer.lessons.lesson import Lesson
from explorer.lessons.marking import check
from explorer.lessons.steps import Step
from explorer.lessons.tasks import Blank, Task, is_computed
from explorer.questions.lessons import Exercise as Asked
from explorer.texts import _, _n
from explorer.ui.declared import control
from explorer.ui.messages import problems_shown, say

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "explorer_exercise_view",
    css=tensors.stylesheet() + (_HERE / "exercise.css").read_text(encoding="utf-8"),
    js=tensors.script() + (_HERE / "exercise.js").read_text(encoding="utf-8"),
)
VARIANT = control(Asked, "variant", name="exercise", default=0)
_SWITCH, _ANSWERS, _LAST = "try it", "exercise answers", "exercise variant"  # in the session
_LONGEST = 60  # characters of an answer
_BEGINNINGS = " +-−.,"  # of a number: no answer yet
_TEXTS = {  # of the script, which fills in {number} and {cell}
    "blank": _("Blank {number}: {cell}"),
    "of": _("Blank {number}, {cell}:"),
    "how": _("Show what to compute"),
    "status": _("What is said of your answer"),
}

Answers = dict[int, str]


def is_tried(drawn: Sequence[Equation]) -> bool:
    """Whether the reader wants an exercise in place of the equations, and one can be made of them."""
    return VARIANT.is_set and any(is_computed(equation) for equation in drawn)


def exercise_switch(drawn: Sequence[Equation]) -> None:
    """The switch between equations and an exercise, where one can be made of them."""
    if any(is_computed(equation) for equation in drawn):
        st.session_state[_SWITCH] = VARIANT.is_set
        st.toggle(_("Try it yourself"), key=_SWITCH, on_change=_turn)


@st.fragment
def exercise_view(lesson: Lesson, step: Step, decimals: int, known: str) -> None:
    """An exercise on a step. What was answered is kept as long as the visit; `known` tells lessons apart."""
    with problems_shown():
        made = exercise(lesson, step=step.key, variant=VARIANT.value, decimals=decimals)
        (task,) = made.tasks
        key = f"exercise {known} {step.key} {made.variant}"
        answers: Answers = st.session_state.setdefault(_ANSWERS, {}).setdefault(key, {})
        instruction = _(
            "Compute the numbers that are blank, with {decimals} decimals. Each answer is checked while you type.",
            decimals=decimals,
        )
        say(f"{instruction} {task.constants_in_words}".rstrip())
        numbers = [blank.number for blank in task.blanks]
        _component(key=key, data=_payload(task, answers), on_answers_change=lambda: _keep(key, numbers, answers))
        _below(made, answers)


def _payload(task: Task, answers: Answers) -> dict[str, Any]:
    """The equation to draw, its blanks, and what the core says of each answer."""
    equation = task.unsolved
    ids = {matrix: place for place, matrix in enumerate(equation.parts) if not isinstance(matrix, str)}
    drawn = equation.as_json()
    cut = task.cuts[task.equation.result]
    drawn["parts"][ids[equation.result]]["blanks"] = {
        _flat(cut.matrix.values.shape, cut.at(blank.equation.worked)): blank.number for blank in task.blanks
    }
    parts = {matrix: ids[task.cuts[matrix].matrix] for matrix in task.given}

    def takes(blank: Blank) -> list[tuple[int, int]]:
        """The cells to light, as the id of a part and the place in it."""
        return [
            (parts[matrix], _flat(cut.matrix.values.shape, cut.at(place)))
            for matrix, cut in task.cuts.items()
            if matrix in parts
            for place in sorted(blank.takes.get(matrix, ()))
        ]

    return {
        "drawn": tensors.payload([drawn]),
        "blanks": [{"number": blank.number, "label": blank.label, "takes": takes(blank)} for blank in task.blanks],
        "answers": answers,
        "verdicts": {
            blank.number: {"text": text, **asdict(check(blank, text))}
            for blank in task.blanks
            if (text := answers.get(blank.number, "")).strip(_BEGINNINGS)
        },
        "longest": _LONGEST,
        "texts": _TEXTS,
    }


def _flat(shape: tuple[int, ...], place: tuple[int, int, int]) -> int:
    head, row, column = place
    return (head * shape[1] + row) * shape[2] + column


def _below(made: Exercise, answers: Answers) -> None:
    """How many answers are right, other blanks, and the sheet to print."""
    right = sum(check(blank, answers.get(blank.number, "")).right for blank in made.blanks)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(_("Other numbers"), on_click=_go_to, args=(made.variant + 1,))
        name = f"exercise-{made.tasks[0].step.key}-{made.variant}.html"
        sheet = made.sheet("html")
        st.download_button(_("A sheet to print"), lambda: sheet.content, name, "text/html", on_click="ignore")
        score = _n("{right} of {count} number right", "{right} of {count} numbers right", len(made.blanks), right=right)
        st.markdown(score)


def _keep(key: str, numbers: Sequence[int], answers: Answers) -> None:
    """Take over what the browser sent for the blanks of these numbers; nothing in it is certain."""
    sent = st.session_state[key].get("answers")
    if isinstance(sent, dict):
        answers.update({number: str(sent.get(str(number), ""))[:_LONGEST] for number in numbers})


def _turn() -> None:
    """Follow the switch. It is called too where the switch comes back with a step, and nobody has turned it."""
    if st.session_state[_SWITCH] != VARIANT.is_set:
        _go_to(st.session_state.get(_LAST, 0) if st.session_state[_SWITCH] else None)


def _go_to(variant: int | None) -> None:
    if variant is None:
        st.query_params.pop(VARIANT.name, None)
    else:
        st.session_state[_LAST] = variant
        st.query_params[VARIANT.name] = str(variant)
