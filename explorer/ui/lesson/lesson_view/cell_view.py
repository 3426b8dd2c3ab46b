"""The number that a reader opened: how one came to it, what it would be otherwise, and the way to its gradient."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.errors import UserError
from explorer.lessons.cells import Cell
from explorer.lessons.edits import Edit, editable, read_number
from explorer.lessons.equations import equations_of_cell
from explorer.lessons.equations.worked import worked
from explorer.lessons.lesson import Lesson
from explorer.lessons.numbers import rounded
from explorer.lessons.steps import GRADIENT, VALUE
from explorer.texts import _, _n
from explorer.ui.dom import script
from explorer.ui.lesson.lesson_view import state
from explorer.ui.messages import problems_shown, say
from explorer.ui.tensor_view import cell_of
from explorer.ui.turns import turn

_HERE = Path(__file__).parent
_trail = st.components.v2.component(
    "explorer_trail",
    css=(_HERE / "trail.css").read_text(encoding="utf-8"),
    js=script(_HERE / "trail.js"),
)


_WALKED = "walked"  # to another cell: what shows it has to follow


@st.fragment
@turn()
def cell_view(now: Lesson, before: Lesson | None, edits: tuple[Edit, ...], decimals: int) -> None:
    """A strip above the equations, where a cell is open. `before` is the lesson without the edits.

    A fragment of its own: to open the cell that is worked out already, or to close it, leaves the equations as they
    are.
    """
    if st.session_state.pop(_WALKED, False):
        st.rerun()
    asked = cell = None
    with suppress(UserError):  # the lesson says what is wrong with the address
        asked = state.current_cell()
    with problems_shown():
        if asked:
            now.explain(asked.shown, *asked.index)  # raises UserError where there is no such cell
            cell = asked
    with st.container(key="how" if cell else "how_closed", gap="small"):
        _title(now, cell, decimals)
        if cell is None:
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _edit_box(now, cell, edits, decimals)
            if cell.shown.side == GRADIENT:
                st.button(_("Go to the value"), on_click=_turn, args=(now, cell.on(VALUE)), key="how_value")
            elif cell.shown.side == VALUE and now.trace[cell.shown.name].gradient is not None:
                st.button(_("Go to the gradient"), on_click=_turn, args=(now, cell.on(GRADIENT)), key="how_back")
            st.button(_("Close"), on_click=state.close, type="tertiary", key="how_close")
        if problem := st.session_state.pop("edit_problem", None):
            say(problem, "problem")
        if before is not None and "loss" in now.trace:
            old, new = (rounded(lesson.trace["loss"].value.item(), 6) for lesson in (before, now))
            say(
                _n(
                    "The loss is {new} with the edit, {old} without.",
                    "The loss is {new} with the edits, {old} without.",
                    len(edits),
                    new=new,
                    old=old,
                )
            )


def open_cell(now: Lesson, cell: Cell, origin: Cell | None) -> None:
    """Open a cell that stands in an equation of another one, the `origin`, or that cell itself."""
    if cell.stands_in(now):
        state.walk(now, cell, None, origin)


def _title(now: Lesson, cell: Cell | None, decimals: int) -> None:
    """What the cell is called, and the trail to it. Without a cell it waits for the one that a reader opens."""
    data: dict[str, Any] = {"texts": {"trail": _("Trail"), "copied": _("Copied from {cell}")}}
    if cell is not None:
        walked = [Cell.parse(text) for text in state.trail()]
        data["trail"] = [
            {"place": crumb.place, "label": crumb.label(now), "cell": str(crumb)}
            for crumb in walked
            if crumb.stands_in(now)
        ]
        number = rounded(now.array(cell.shown)[cell.index].item(), decimals)
        data |= {"place": cell.place, "title": cell.label(now), "number": number} | _origin(now, cell, decimals)
    _trail(key="how_title", data=data, on_walk_change=lambda: _walk(now), on_open_change=lambda: _open(now))


def _origin(now: Lesson, cell: Cell, decimals: int) -> dict[str, Any]:
    """How the number was computed, as its equation, which may stand far below, ends; or the cell that it is a copy of.
    Nothing of a weight, which is given."""
    drawn = equations_of_cell(now, cell, decimals)
    if not drawn:
        return {}
    line = drawn[-1].lines[-1]
    written = worked(drawn[-1], line, decimals)
    if not line.is_copy:
        return {"line": f"{written.sign} {written.text}"}
    _result, (matrix, at) = written.cells
    assert matrix.tensor is not None
    source = Cell(matrix.tensor, matrix.index(at))
    return {"source": {"cell": str(source), "label": source.label(now)}}


def _edit_box(now: Lesson, cell: Cell, edits: tuple[Edit, ...], decimals: int) -> None:
    """Where the number can be changed."""
    target = editable(now, cell)
    if target is None:
        return
    number = rounded(now.array(target.shown)[target.index].item(), decimals)
    label = _("Try another number") if target == cell else _("Try another number in {cell}", cell=target.label(now))
    key = f"edit_{target}"
    if target not in [edit.cell for edit in edits] and "edit_problem" not in st.session_state:
        st.session_state[key] = number  # of an edit that was taken back, too
    st.text_input(label, key=key, on_change=_edit, args=(key, target, edits), width=260)


def _edit(key: str, target: Cell, edits: tuple[Edit, ...]) -> None:
    try:
        number = read_number(st.session_state[key])
    except UserError as error:
        st.session_state["edit_problem"] = str(error)
        return
    state.keep_edits((*edits, Edit(target, number)))
    st.rerun()


def _turn(now: Lesson, cell: Cell) -> None:
    state.walk(now, cell, None)
    st.session_state[_WALKED] = True


def _walk(now: Lesson) -> None:
    if asked := st.session_state["how_title"].walk:
        state.walk(now, Cell.parse(asked["cell"]), asked["trail"])
        st.session_state[_WALKED] = True


def _open(now: Lesson) -> None:
    cell = cell_of(st.session_state["how_title"].get("open"))
    if cell and cell.stands_in(now):
        state.walk(now, cell, None)
