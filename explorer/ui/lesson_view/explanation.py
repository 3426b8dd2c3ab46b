"""How a number was computed, beside the matrices: formula, numbers put in, terms, and the same for its gradient."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.errors import UserError
from explorer.lessons.cells import Cell, cells_of
from explorer.lessons.edits import Edit, editable, read_number
from explorer.lessons.lesson import Lesson
from explorer.lessons.numbers import MINUS, rounded
from explorer.lessons.steps import GRADIENT, VALUE, Shown
from explorer.lessons.verification import verify
from explorer.transformer.explanation import Explanation, Factor, Term
from explorer.transformer.notation import in_unicode
from explorer.ui.lesson_view import state
from explorer.ui.messages import problems_shown, say

_HERE = Path(__file__).parent
_explanation = st.components.v2.component(
    "explorer_explanation",
    css=(_HERE / "explanation.css").read_text(encoding="utf-8"),
    js=(_HERE / "explanation.js").read_text(encoding="utf-8"),
)
_marks = st.components.v2.component("explorer_marks", js=(_HERE / "marks.js").read_text(encoding="utf-8"))

_KEYS = (
    '<p class="explorer-hint"><kbd>←</kbd> <kbd>→</kbd> or <kbd>Page Up</kbd> <kbd>Page Down</kbd> show the step '
    "before and the next one. <kbd>Tab</kbd> leads into a matrix: there the arrow keys move from number to number, "
    "<kbd>Enter</kbd> explains a number, and <kbd>Esc</kbd> leaves the matrix.</p>"
)
_PUT_IN = 3  # terms that the sum writes out, of more than are listed
_LISTED = 6
_MOST = 200


@st.fragment(key="how")
def explanation_view(
    now: Lesson, before: Lesson | None, edits: tuple[Edit, ...], decimals: int | None, known: str
) -> None:
    """The side panel: nothing until a cell is chosen. `before` is the lesson without the edits, `known` tells lessons
    apart in what was verified."""
    marks: dict[str, Any] = {"chosen": None, "used": [], "verdicts": _verdicts(now, known)}
    with st.container(key="how"), problems_shown():
        cell = state.current_cell()
        if cell is None:
            st.html(f'<p class="explorer-hint">Click a number to see how it was computed.</p>{_KEYS}')
        else:
            explained = now.explain(cell.shown, *cell.index)
            marks |= {"chosen": _marked(cell), "used": [_marked(used) for used in dict.fromkeys(_used(explained))]}
            places = decimals or 4
            _title(now, cell, explained, places)
            _edit_box(now, before, cell, edits, places)
            st.markdown(f"$${explained.formula}$$")
            _terms(now, explained, places, "how_terms")
            _gradient(now, cell, places)
            st.button("Close", on_click=_close, type="tertiary", key="how_close")
    # Asked through a component of its own fragment, the panel alone runs anew.
    _marks(key="marks", data=marks, on_cell_change=_choose, on_verify_change=_ask_to_verify)


def _title(now: Lesson, cell: Cell, explained: Explanation, places: int) -> None:
    walked = [Cell.parse(text) for text in state.trail()]
    crumbs = [
        {"place": crumb.place, "label": crumb.label(now), "cell": str(crumb)}
        for crumb in walked
        if crumb.stands_in(now)
    ]
    number = rounded(explained.number, places)
    data = {"trail": crumbs, "place": cell.place, "title": cell.label(now), "number": number}
    _explanation(key="how_title", data=data, on_walk_change=lambda: _walk(now, "how_title"))


def _terms(now: Lesson, explained: Explanation, places: int, key: str) -> None:
    few = len(explained.terms) <= _LISTED  # these stand there as they are added, the bias of zero with them
    terms = list(explained.terms)
    if explained.operation == "given":
        say("This is an input; nothing computes it.")
        return
    if not terms:
        say("There are no terms: the loss does not depend on this number.")
        return
    zeros = 0
    if not few:
        terms.sort(key=lambda term: -abs(term.number))
        zeros = sum(term.number == 0 for term in terms[_PUT_IN:])  # they come last
        terms = terms[: len(terms) - zeros]
    kept = [_term(now, term, places) for term in terms[:_MOST]]
    beyond = [f"{len(terms) - _MOST:,} even smaller ones"] if len(terms) > _MOST else []
    beyond += [f"{zeros:,} of zero"] if zeros else []
    data = {
        "sum": _sum(terms, explained.number, places, _LISTED if few else _PUT_IN)
        if len(terms) + len(terms[0].factors) > 2
        else "",
        "terms": kept[:_LISTED],
        "rest": kept[_LISTED:],
        "folded": f"{len(kept) - _LISTED:,} smaller terms",
        "beyond": f"and {', '.join(beyond)}" if beyond else "",
    }
    _explanation(key=key, data=data, on_walk_change=lambda: _walk(now, key))


def _gradient(now: Lesson, cell: Cell, places: int) -> None:
    """The gradient of a value's cell; of a gradient's, the way to its value."""
    if cell.shown.side == GRADIENT:
        st.button("Go to the value", on_click=_turn, args=(now, cell.on(VALUE)), type="tertiary", key="how_value")
        return
    if cell.shown.side != VALUE or now.trace[cell.shown.name].gradient is None:
        return
    explained = now.explain(Shown(cell.shown.name, GRADIENT), *cell.index)
    st.html('<p class="explorer-how">Its gradient</p>')
    _explanation(key="how_slope", data={"number": rounded(explained.number, places)})
    st.markdown(f"$${explained.formula}$$")
    _terms(now, explained, places, "how_gradient")
    st.button("Go to the gradient", on_click=_turn, args=(now, cell.on(GRADIENT)), type="tertiary", key="how_back")


def _edit_box(now: Lesson, before: Lesson | None, cell: Cell, edits: tuple[Edit, ...], places: int) -> None:
    """Where the number can be changed, and what the changes so far do to the loss."""
    target = editable(now, cell)
    if target is None:
        return
    number = now.explain(target.shown, *target.index).number
    label = "Try another number" if target == cell else f"Try another number in {target.label(now)}"
    key = f"edit_{target}"
    st.text_input(label, rounded(number, places), key=key, on_change=_edit, args=(key, target, edits))
    if problem := st.session_state.pop("edit_problem", None):
        say(problem, "problem")
    if before is not None and "loss" in now.trace:
        old, new = (rounded(told.trace["loss"].value.item(), 6) for told in (before, now))
        say(f"The loss is {new} with the edit{'s' if len(edits) > 1 else ''}, {old} without.")


def _edit(key: str, target: Cell, edits: tuple[Edit, ...]) -> None:
    try:
        number = read_number(st.session_state[key])
    except UserError as error:
        st.session_state["edit_problem"] = str(error)
        return
    state.keep_edits((*edits, Edit(target, number)))
    st.rerun()


def _choose() -> None:
    asked = st.session_state["marks"].cell
    state.choose(Cell(Shown(asked["tensor"], asked["side"]), tuple(asked["index"])))


def _close() -> None:
    state.choose(None)


def _turn(now: Lesson, cell: Cell) -> None:
    if state.walk(now, cell, None):
        st.rerun("lesson")


def _walk(now: Lesson, key: str) -> None:
    asked = st.session_state[key].walk
    if asked and state.walk(now, Cell.parse(asked["cell"]), asked["trail"]):
        st.rerun("lesson")


def _ask_to_verify() -> None:
    st.session_state["asked_to_verify"] = st.session_state["marks"].verify


def _verdicts(now: Lesson, known: str) -> list[dict[str, Any]]:
    """What checks found on this lesson, and the one that was just asked for."""
    found: dict[tuple[str, str, str], Any] = st.session_state.setdefault("verdicts", {})
    if asked := st.session_state.pop("asked_to_verify", None):
        with problems_shown():
            found[known, asked["tensor"], asked["side"]] = verify(now, Shown(asked["tensor"], asked["side"]))
    return [
        {"name": name, "side": side, "sentence": verdict.sentence, "passed": verdict.passed}
        for (lesson, name, side), verdict in found.items()
        if lesson == known
    ]


def _used(explained: Explanation) -> Iterator[Cell]:
    """The cells that a number was computed from, itself left out."""
    for term in explained.terms:
        for factor in term.factors:
            yield from cells_of(factor)


def _term(now: Lesson, term: Term, places: int) -> dict[str, Any]:
    return {
        "factors": [_factor(now, factor, places) for factor in term.factors],
        "number": rounded(term.number, places),
    }


def _factor(now: Lesson, factor: Factor, places: int) -> dict[str, Any]:
    cells = cells_of(factor)
    label = cells[0].label(now) if factor.symbol is None else in_unicode(factor.symbol)
    if factor.symbol is not None and len(cells) == 1:
        label += f" of {cells[0].label(now)}"
    return {
        "label": label,
        "number": rounded(factor.number, places),
        "cell": str(cells[0]) if len(cells) == 1 else None,
    }


def _sum(terms: list[Term], number: float, places: int, most: int) -> str:
    """The first terms with their numbers put in: `(−0.55)·(−0.85) + (−0.01)·1.29 + … = 0.45`."""

    def put_in(term: Term) -> str:
        numbers = [rounded(factor.number, places) for factor in term.factors]
        return "·".join(f"({text})" if text.startswith(MINUS) else text for text in numbers)

    written = " + ".join(put_in(term) for term in terms[:most])
    return f"{written}{' + …' if len(terms) > most else ''} = {rounded(number, places)}"


def _marked(cell: Cell) -> dict[str, Any]:
    return {"tensor": cell.shown.name, "side": cell.shown.side, "index": list(cell.index)}
