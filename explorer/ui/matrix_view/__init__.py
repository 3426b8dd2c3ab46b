"""Tensors as matrices one can read: a row a token, a cell a number, its colour from the scale of its kind."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from explorer import palette
from explorer.texts import _
from explorer.transformer.tape import Array
from explorer.transformer.trace import Tensor, Trace
from explorer.ui.dom import script

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "explorer_matrix_view",
    css=palette.stylesheet() + (_HERE / "matrix.css").read_text(encoding="utf-8"),
    js=script(_HERE / "matrix.js"),
)

_PROBABILITIES = {"weights"}
_WORDS_A_POSITION = 6
_AXES = {"source": "token", "target": "token"}
TEXTS = {  # of the script, which fills in {tensor} and {head}
    "digits": _("Show digits"),
    "colours": _("Show colours only"),
    "head": _("head {head}"),
    "tensor_head": _("{tensor}, head {head}"),
    "scale": _("One scale for all tensors of this kind on the page"),
}


def scale_limits(tensors: Iterable[Tensor]) -> dict[str, float]:
    """Role → the largest finite magnitude among its tensors: the end of the scale they share on the page."""
    limits: dict[str, float] = {}
    for tensor in tensors:
        if tensor.role in _PROBABILITIES:
            limits[tensor.role] = 1.0
        else:
            magnitudes = np.abs(tensor.value[np.isfinite(tensor.value)])
            limits[tensor.role] = max(limits.get(tensor.role, 0.0), float(magnitudes.max(initial=0.0)))
    return limits


def matrix_view(trace: Trace, tensors: Sequence[Tensor], limits: dict[str, float], key: str) -> None:
    """Draw tensors of a trace, two axes as a matrix, three as a matrix a head, side by side.

    Of a row of words the likeliest stand there, by `Trace.likeliest_words`.

    `limits` are those of `scale_limits`.
    """
    payloads = [_payload(trace, tensor, limits) for tensor in tensors]
    _draw(key, tensors=payloads)


def encoded(values: Array) -> str:
    """Numbers as the browser reads them, every bit of them."""
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f8").tobytes()).decode()


def labelled_matrix(
    title: str, shape: str, values: Array, rows: Sequence[str], columns: Sequence[str], limit: float, key: str
) -> None:
    """Draw a matrix of no trace, such as similarities: `values` (rows, columns), coloured from -limit to `limit`;
    `shape` says in words what stands in it."""
    matrix = {
        "name": title,
        "role": "embedding",
        "shape": shape,
        "heads": None,
        "rows": rows,
        "columns": columns,
        "numbered": False,
        "limit": limit,
        "probabilities": False,
        "float64": encoded(values),
    }
    _draw(key, tensors=[matrix])


def _draw(key: str, **data: Any) -> None:
    _component(key=key, data={"levels": palette.LEVELS, "texts": TEXTS} | data)


def _payload(trace: Trace, tensor: Tensor, limits: dict[str, float]) -> dict[str, Any]:
    labels, value = list(trace.labels(tensor.name)), tensor.value
    if tensor.axes[-1:] == ("word",):  # a vocabulary is too wide to read: the words that could come next
        likeliest = trace.likeliest_words(_WORDS_A_POSITION)
        labels[-1], value = tuple(labels[-1][word] for word in likeliest), value[..., likeliest]
    while len(labels) < 2:  # a loss a position, and the loss alone, stand as a column
        labels, value = [*labels, ("",)], value[..., np.newaxis]
    *heads, rows, columns = labels
    counts = zip(tensor.shape, tensor.axes, strict=True)
    return {
        "name": tensor.name,
        "role": tensor.role,
        "shape": " × ".join(f"{count} {_AXES.get(axis, axis)}{'' if count == 1 else 's'}" for count, axis in counts),
        "heads": heads[0] if heads else None,
        "rows": rows,
        "columns": columns,
        "numbered": tensor.axes[-1:] == ("feature",),
        "limit": limits[tensor.role],
        "probabilities": tensor.role in _PROBABILITIES,
        "float64": encoded(value),
    }
