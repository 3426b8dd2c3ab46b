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

export default function ({ data, parentElement, setTriggerValue }) {
  const worked = data.equations.map((equation) => equation.worked);
  const signature = JSON.stringify(data, (key, value) => (key === "worked" ? null : value));
  let view = views.get(parentElement);
  if (view?.signature !== signature) {
    const before = view;
    before?.stop();
    view = { signature, worked, ...draw(parentElement, data, { onOpen: (cell) => view.open(cell) }) };
    views.set(parentElement, view);
    if (before) view.show();
  }
  worked.forEach((at, number) => String(at) === String(view.worked[number]) || view.work(number, at));
  view.worked = worked;
  view.open = (cell) => setTriggerValue("open", cell);
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
    result, in the line written out beneath, or the worked cell once more; and with the worked cell, if it has a name.
    """

    def opened() -> None:
        cell = st.session_state[key].get("open")
        if on_open and _is_cell(cell):
            on_open(_cell(cell), _cell(cell["from"]) if _is_cell(cell.get("from")) else None)

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


def _cell(sent: dict[str, Any]) -> Cell:
    return Cell(Shown(sent["name"], sent["side"]), tuple(sent["index"]))


def _is_cell(cell: Any) -> bool:
    """Whether what came from a browser is a cell; whether the tensor has it, only a lesson can say."""
    return (
        isinstance(cell, dict)
        and isinstance(cell.get("name"), str)
        and cell.get("side") in SIDES
        and isinstance(cell.get("index"), list)
        and all(type(place) is int for place in cell["index"])
    )
