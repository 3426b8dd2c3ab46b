"""The matrices of an equation, from a lesson's trace: names of rows and columns, what has room, scale and colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from explorer.lessons.bounds import DECIMALS
from explorer.lessons.equations.parts import Matrix
from explorer.lessons.grids import more, places_of
from explorer.lessons.lesson import Lesson
from explorer.lessons.steps import GRADIENT, UPDATED, VALUE, Shown
from explorer.texts import _
from explorer.transformer import notation
from explorer.transformer.tape import Array, Node

_SYMBOLS = {VALUE: "{}", GRADIENT: "\\overline{{{}}}", UPDATED: "{{{}}}'"}
_ENDINGS = {  # of a name → what a reader calls it
    "embedding": _("embedding"),
    "projected": _("projected embedding"),
    "projection": _("projection"),
    "scaled_embedding": _("scaled embedding"),
    "positions": _("positions"),
    "input": _("input"),
    "query": _("queries"),
    "projected_query": _("queries of all heads"),
    "key": _("keys"),
    "projected_key": _("keys of all heads"),
    "value": _("values"),
    "projected_value": _("values of all heads"),
    "scaled": _("scaled scores"),
    "masked": _("masked scores"),
    "weights": _("attention weights"),
    "heads": _("weighted values"),
    "concatenated": _("heads joined"),
    "normalised": _("norm"),
    "table": _("embedding table"),
    "position_table": _("position table"),
    "weight": _("weights"),
    "losses": _("losses"),
    "scores": _("scores"),
    "norm": _("norm"),
    "residual": _("residual"),
    "hidden": _("hidden layer"),
    "activation": _("activation"),
    "output": _("output"),
    "dropout": _("dropout"),
    "similarities": _("similarities"),
    "logits": _("logits"),
    "probabilities": _("probabilities"),
    "loss": _("loss"),
    "shift": _("shift"),
    "queries": _("the text's query"),
    "pooled": _("the text's vector"),
    "pooling.weights": _("weights of the words"),
}


@dataclass(frozen=True)
class Draughtsman:
    """Draws the tensors of a `lesson` as matrices, with numbers of so many `decimals`. Of an axis that is CUT one place
    more than has room may be asked for, `besides`: the axis and the place."""

    lesson: Lesson
    decimals: int = DECIMALS
    besides: tuple[str, int] | None = None

    def tensor(self, node: Node, side: str = VALUE, transposed: bool = False, whole: bool = False) -> Matrix:
        """A tensor of the trace; of a vocabulary what has room, or all of it. One number a position stands as a
        column, as do the numbers of all sums of a row."""
        trace, name = self.lesson.trace, node.name
        array = self.lesson.array(Shown(name, side))
        axes, labels = list(trace[name].axes), [tuple(names) for names in trace.labels(name)]
        heads = labels.pop(0) if array.ndim == 3 else None
        if heads:
            axes.pop(0)
        places = [
            tuple(range(len(names)) if whole else self._places(axis, names))
            for axis, names in zip(axes, labels, strict=True)
        ]
        cut = array if array.ndim == 0 else _taken(array, places)
        left_out = ", ".join(
            more(axis, len(names) - len(kept))
            for axis, names, kept in zip(axes, labels, places, strict=True)
            if len(kept) < len(names)
        )
        names = [tuple(own[place] for place in kept) for own, kept in zip(labels, places, strict=True)]
        if array.ndim == 1:  # a bias is a row, one number a token a column
            as_row = axes[0] not in ("source", "target")
            names = [("",), names[0]] if as_row else [names[0], ("",)]
            places = [(0,), places[0]] if as_row else [places[0], (0,)]
        elif array.ndim == 0:
            names, places = [("",), ("",)], [(0,), (0,)]
        values = cut.reshape(len(heads or ("",)), len(names[0]), len(names[1]))
        if transposed:
            values, names, places = values.swapaxes(1, 2), names[::-1], places[::-1]
        symbol = _SYMBOLS[side].format(notation.symbol(name))
        shares = side == VALUE and trace[name].role == "weights"  # as `Trace.scale` says, which looks at every tensor
        return Matrix(
            values,
            f"{{{symbol}}}^\\top" if transposed else symbol,
            caption(name, side),
            names[0],
            names[1],
            Shown(name, side),
            (places[0], places[1]),
            trace[name].role,
            heads,
            transposed=transposed,
            left_out=left_out,
            limit=1.0 if shares else reach(values),
            shares=shares,
            shape=_shape(heads, names[0], names[1]),
            decimals=self.decimals,
        )

    def like(self, matrix: Matrix, values: Array, symbol: str, caption: str, shares: bool = False) -> Matrix:
        """Numbers that lie between two tensors, with the rows and columns of one of them, or a single row or column."""
        values = np.broadcast_to(values, (matrix.values.shape[0], *values.shape[-2:]))
        rows = matrix.rows if values.shape[1] == len(matrix.rows) else ("",)
        columns = matrix.columns if values.shape[2] == len(matrix.columns) else ("",)
        return replace(
            matrix,
            values=values,
            symbol=symbol,
            caption=caption,
            rows=rows,
            columns=columns,
            tensor=None,
            places=None,
            transposed=False,
            bands=None,
            limit=1.0 if shares else reach(values),
            shares=shares,
            shape=_shape(matrix.heads, rows, columns),
        )

    def apart(
        self, values: Array, symbol: str, caption: str, rows: Sequence[str] = ("",), columns: Sequence[str] = ("",)
    ) -> Matrix:
        """Numbers (R, C) or (h, R, C) of no tensor's shape."""
        values = values.reshape(-1, len(rows), len(columns))
        heads = tuple(str(head + 1) for head in range(len(values))) if len(values) > 1 else None
        return Matrix(
            values, symbol, caption, tuple(rows), tuple(columns), heads=heads, limit=reach(values),
            shape=_shape(heads, rows, columns), decimals=self.decimals,
        )  # fmt: skip

    def _places(self, axis: str, names: Sequence[str]) -> Sequence[int]:
        if axis not in CUT:
            return range(len(names))
        if axis == "position":  # of a learned table the rows of this sentence
            longest = max(len(self.lesson.trace.tokens), len(self.lesson.trace.target))
            places: Sequence[int] = range(min(len(names), longest))
        else:
            places = places_of(self.lesson, axis, names)
        if self.besides and self.besides[0] == axis:
            places = sorted({*places, self.besides[1]})
        return places


CUT = ("word", "source word", "position")


def caption(name: str, side: str = VALUE) -> str:
    """What a tensor is called in words."""
    last = name.rsplit(".", 1)[-1]
    if name.endswith("norm.bias"):
        last = "shift"
    if name == "pooling.weights":
        last = name
    words = _ENDINGS.get(last, last.replace("_", " "))
    if last in ("weight", "bias", "gain"):
        words = {"weight": _("weights"), "bias": _("bias"), "gain": _("scale")}[last]
    return {VALUE: words, GRADIENT: _("gradient, {name}", name=words), UPDATED: _("{name}, updated", name=words)}[side]


def _taken(array: Array, places: Sequence[Sequence[int]]) -> Array:
    for axis, kept in enumerate(reversed(places), start=1):
        array = array.take(list(kept), axis=-axis)
    return array


def taken(array: Array, matrix: Matrix) -> Array:
    """Of other numbers of a tensor's shape those that its matrix shows, one head after the other."""
    assert matrix.places is not None
    rows, columns = matrix.places
    while array.ndim < 2:
        array = array[:, None] if matrix.columns == ("",) and array.ndim else array[None]
    return array.take(list(rows), axis=-2).take(list(columns), axis=-1)


def reach(values: Array) -> float:
    """The largest finite number, without its sign: the end of a scale of colours."""
    finite = values[np.isfinite(values)]
    return float(np.abs(finite).max(initial=0.0))


def _shape(heads: Sequence[str] | None, rows: Sequence[str], columns: Sequence[str]) -> str:
    return " × ".join(str(len(axis)) for axis in (heads or (), rows, columns) if axis)
