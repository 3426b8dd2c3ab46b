"""Where a reader is in a lesson: the step, the chosen cell and the edits stand in the URL, the trail in the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from explorer.errors import UserError
from explorer.lessons.cells import Cell, behind, home
from explorer.lessons.edits import Edit, written
from explorer.lessons.lesson import Lesson
from explorer.lessons.steps import Step

NAMES = STEP, CELL, WORKED, EDITS, STAGE, EQUATION = "step", "cell", "worked", "edits", "stage", "equation"


def current_step(lesson: Lesson) -> Step:
    """The step that the URL names, the first where it names none. Raises UserError for one that is not there."""
    return lesson.step(st.query_params.get(STEP, lesson.steps[0].key))


def current_cell() -> Cell | None:
    """The chosen cell. Raises UserError for what is no cell's name."""
    return _cell(CELL)


def worked_cell() -> Cell | None:
    """The cell that a reader clicked, without opening it: the browser writes it into its address. Raises UserError for
    what is no cell's name."""
    return _cell(WORKED)


def _cell(name: str) -> Cell | None:
    text = st.query_params.get(name)
    return Cell.parse(text) if text else None


def go_to(step: str, equation: int = 0) -> None:
    """Another step, or with an empty one the whole; a step that Back takes back. In a talk one of its equations."""
    _write({STEP: step or None, CELL: None, WORKED: None, EQUATION: str(equation) if equation else None})


def equation(count: int) -> int:
    """Which of so many equations a talk shows: the first, where the address names none that is there."""
    number = st.query_params.get(EQUATION, "0")
    return int(number) if number.isdecimal() and len(number) < 4 and int(number) < count else 0


def close() -> None:
    """Leave the open cell, and the trail that led to it; it stays worked out."""
    st.session_state["trail"] = []
    _write({CELL: None, WORKED: st.query_params.get(CELL)})


def walk(lesson: Lesson, cell: Cell, place: int | None, origin: Cell | None = None) -> None:
    """Go on to a cell, from the `origin` if that is another one than the trail's last, or back to the one at a `place`
    of the trail."""
    links = trail()
    if origin and origin != cell and links[-1:] != [str(origin)]:
        links = [str(origin)]
    elif links[-1:] == [str(cell)]:
        links = links[:-1]
    st.session_state["trail"] = [*links, str(cell)] if place is None else links[: place + 1]
    try:
        here = current_step(lesson)
        stays = cell.shown in here.shown or cell.shown in behind(lesson, here)
    except UserError:
        stays = False
    there = None if stays else home(lesson, cell.shown)
    _write({CELL: str(cell), WORKED: None, EQUATION: None} | ({STEP: there.key} if there else {}))


def trail() -> list[str]:
    """The cells that led to the chosen one, itself last. After a step through the history it ends where one came to."""
    links: list[str] = st.session_state.get("trail", [])
    cell = st.query_params.get(CELL, "")
    if cell not in links:
        return [cell] if cell else []
    return links[: len(links) - links[::-1].index(cell)]


def on_stage() -> bool:
    """Whether the lesson is shown as in a talk: a step and its equations alone. The whole picture stays on its page."""
    return st.query_params.get(STAGE) == "1" and STEP in st.query_params


def turn_stage() -> None:
    _write({STAGE: None if on_stage() else "1", EQUATION: None})


def keep_edits(edits: Sequence[Edit]) -> None:
    _write({EDITS: written(edits) or None})


def _write(changes: Mapping[str, str | None]) -> None:
    """All changes at once: a single step of the browser's history."""
    after: dict[str, str | None] = {**st.query_params.to_dict(), **changes}
    st.query_params.from_dict({name: text for name, text in after.items() if text is not None})
