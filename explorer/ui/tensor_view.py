"""Equations of tensors, and single matrices, on a page: the reader moves in them in the browser, and opens cells by
Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from explorer import tensors
from explorer.lessons.bounds import SIDES
from explorer.lessons.cells import Cell
from explorer.lessons.equations.parts import Equation, Matrix
from explorer.lessons.steps import Shown
from explorer.transformer.tape import Array

_DECIMALS = 3  # of cosines and the like

# A rerun with the same equations leaves what is drawn, and where the reader is in it.
_WRAPPER = """
const views = new WeakMap(); // root of an instance → its view

// The cell that a reader clicked stands in the address, so that Back comes to it. A key that is held down moves many
// times a second, and browsers write an address less often.
let kept = null;

function keepCell({ cell }) {
  clearTimeout(kept?.timer);
  kept = { cell, search: location.search, timer: setTimeout(writeCell, 200) };
}

function writeCell() {
  const { cell, search, timer } = kept ?? {};
  kept = null;
  clearTimeout(timer);
  const url = new URL(location.href);
  if (!cell || search !== location.search || !url.searchParams.has("step")) return;
  url.searchParams.set("worked", `${cell.side === "value" ? "" : `${cell.side}:`}${cell.name}[${cell.index}]`);
  history.replaceState(history.state, "", url);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const worked = data.equations.map((equation) => equation.worked);
  const signature = JSON.stringify(data, (key, value) => (key === "worked" ? null : value));
  let view = views.get(parentElement);
  if (view?.signature !== signature) {
    const before = view;
    before?.stop();
    const report = { onOpen: (cell) => view.open(cell), onWorked: keepCell };
    view = { signature, worked, ...draw(parentElement, data, report) };
    views.set(parentElement, view);
    if (before) view.show();
  }
  worked.forEach((at, number) => String(at) === String(view.worked[number]) || view.work(number, at));
  view.worked = worked;
  view.open = (cell) => {
    writeCell();
    // The worked cell needs no other equations: who tells of the open cell may take it, with less to send.
    const { from, ...own } = cell;
    const isWorked = JSON.stringify(own) === JSON.stringify(from);
    const event = new CustomEvent("explorer-open", { detail: own, cancelable: true });
    if (!isWorked || document.dispatchEvent(event)) setTriggerValue("open", cell);
  };
  return () => {
    view.stop();
    views.delete(parentElement);
  };
}
"""

_component = st.components.v2.component(
    "explorer_tensor_view", css=tensors.stylesheet(), js=tensors.script() + _WRAPPER
)


def tensor_view(
    equations: Sequence[dict[str, Any]],
    key: str,
    on_open: Callable[[Cell, Cell | None], None] | None = None,
    stage: bool = False,
) -> None:
    """Draw equations, as `explorer.tensors` describes them, in one instance.

    `on_open` is called before the page runs again, with a cell that the reader activated in a matrix that is not the
    result, in the line written out beneath, or the worked cell once more; and with the worked cell, if it has a name
    and its lines take that number.
    """

    def opened() -> None:
        sent = st.session_state[key].get("open")
        if on_open and (cell := cell_of(sent)):
            on_open(cell, cell_of(sent.get("from")))

    _component(key=key, data=tensors.payload(equations, stage), on_open_change=opened)


def matrix_view(matrix: Matrix, key: str) -> None:
    """Draw one matrix, with the scale of its colours."""
    with_scale = replace(matrix, key=True)
    tensor_view([Equation("", (with_scale,), with_scale, ()).as_json()], key)


def labelled_matrix(
    title: str, about: str, values: Array, rows: Sequence[str], columns: Sequence[str], limit: float, key: str
) -> None:
    """Draw a matrix (R, C) that is no tensor of a model, such as similarities, coloured from -limit to `limit`; `about`
    says what stands in it."""
    names = tuple(rows), tuple(columns)
    matrix = Matrix(values[None], "", title, *names, role="embedding", limit=limit, shape=about, decimals=_DECIMALS)
    matrix_view(matrix, key)


def cell_of(sent: Any) -> Cell | None:
    """The cell that came from a browser, if it is one; whether the tensor has it, only a lesson can say."""
    is_cell = (
        isinstance(sent, dict)
        and isinstance(sent.get("name"), str)
        and sent.get("side") in SIDES
        and isinstance(sent.get("index"), list)
        and all(type(place) is int for place in sent["index"])
    )
    return Cell(Shown(sent["name"], sent["side"]), tuple(sent["index"])) if is_cell else None
