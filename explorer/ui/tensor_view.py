"""Equations of tensors on a page: the reader moves the worked cell in the browser, and opens cells by Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypedDict

import streamlit as st

from explorer import tensors

SIDES = ("value", "gradient", "updated")

# A rerun with the same equations leaves what is drawn, and where the reader is in it.
_WRAPPER = """
const views = new WeakMap(); // root of an instance → its view

export default function ({ data, parentElement, setTriggerValue }) {
  const signature = JSON.stringify(data);
  let view = views.get(parentElement);
  if (view?.signature !== signature) {
    view?.stop();
    view = { signature, ...draw(parentElement, data, { onOpen: (cell) => view.open(cell) }) };
    views.set(parentElement, view);
  }
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


class Cell(TypedDict):
    """A cell that the reader opened, by the tensor's own coordinates."""

    name: str
    side: str
    index: list[int]


def tensor_view(
    equations: Sequence[dict[str, Any]], key: str, on_open: Callable[[Cell], None], stage: bool = False
) -> None:
    """Draw equations, as `explorer.lessons.equations.Equation.as_json` describes them, in one instance.

    `on_open` is called before the page runs again, with a cell that the reader activated in a matrix that is not the
    result, or in the line written out beneath.
    """

    def opened() -> None:
        cell = st.session_state[key].get("open")
        if _is_cell(cell):
            on_open(Cell(name=cell["name"], side=cell["side"], index=list(cell["index"])))

    _component(key=key, data=tensors.payload(equations, stage), on_open_change=opened)


def _is_cell(cell: Any) -> bool:
    """Whether what came from a browser is a cell; whether the tensor has it, only a lesson can say."""
    return (
        isinstance(cell, dict)
        and isinstance(cell.get("name"), str)
        and cell.get("side") in SIDES
        and isinstance(cell.get("index"), list)
        and all(type(place) is int for place in cell["index"])
    )
