"""Sums and products: add, scale, matmul, linear, and the look-up of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from explorer.transformer.explanation import Factor, Index, Term, cell, constant
from explorer.transformer.tape import Array, Node, Saved


def sum_to(gradient: Array, shape: tuple[int, ...]) -> Array:
    """Undo broadcasting over leading axes: what was used many times collects all of its gradients."""
    extra = gradient.ndim - len(shape)
    return gradient.sum(axis=tuple(range(extra))) if extra else gradient


def rows_of(x: Array) -> Array:
    """(…, d) → (n, d)."""
    return x.reshape(-1, x.shape[-1])


def _leading(node: Node, source: Node) -> Iterator[Index]:
    """The leading indices of `node` over which a smaller `source` was broadcast."""
    return np.ndindex(node.value.shape[: node.value.ndim - source.value.ndim])


class Add:
    """x + y; y may lack leading axes of x."""

    formula = "{0} + {1}"

    def forward(self, x: Array, y: Array) -> tuple[Array, Saved]:
        return x + y, (x.shape, y.shape)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array, Array]:
        x_shape, y_shape = saved
        return sum_to(gradient, x_shape), sum_to(gradient, y_shape)

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        for source in node.inputs:
            yield Term((cell(source, index[len(index) - source.value.ndim :]),))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        for lead in _leading(node, node.inputs[position]):
            yield (*lead, *index), ()


@dataclass(frozen=True)
class Scale:
    """x times a number; `formula` says where the number comes from, `symbol` is the number's own."""

    factor: float
    formula: str
    symbol: str = "c"

    def forward(self, x: Array) -> tuple[Array, Saved]:
        return x * x.dtype.type(self.factor), ()

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        return (gradient * gradient.dtype.type(self.factor),)

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        yield Term((cell(node.inputs[0], index), constant(self.symbol, self.factor)))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        yield index, (constant(self.symbol, self.factor),)


class MatMul:
    """x y over the last two axes; y may lack leading axes of x."""

    formula = "{0}\\,{1}"

    def forward(self, x: Array, y: Array) -> tuple[Array, Saved]:
        return x @ y, (x, y)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array, Array]:
        x, y = saved
        return gradient @ y.swapaxes(-1, -2), sum_to(x.swapaxes(-1, -2) @ gradient, y.shape)

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        x, y = node.inputs
        *lead, row, column = index
        short = lead[len(lead) + 2 - y.value.ndim :]
        for k in range(x.value.shape[-1]):
            yield Term((cell(x, (*lead, row, k)), cell(y, (*short, k, column))))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        x, y = node.inputs
        *lead, first, second = index
        if position == 0:
            short = lead[len(lead) + 2 - y.value.ndim :]
            for column in range(node.value.shape[-1]):
                yield (*lead, first, column), (cell(y, (*short, second, column)),)
        else:
            for more in _leading(node, y):
                for row in range(node.value.shape[-2]):
                    yield (*more, *lead, row, second), (cell(x, (*more, *lead, row, first)),)


class MatMulTransposed:
    """x yᵀ over the last two axes; y may lack leading axes of x."""

    formula = "{0}\\,{1}^\\top"

    def forward(self, x: Array, y: Array) -> tuple[Array, Saved]:
        return x @ y.swapaxes(-1, -2), (x, y)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array, Array]:
        x, y = saved
        if y.ndim == 2:  # one matrix for all rows: two plain products instead of one for each leading index
            rows = rows_of(gradient)
            return (rows @ y).reshape(x.shape), rows.T @ rows_of(x)
        return gradient @ y, gradient.swapaxes(-1, -2) @ x

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        x, y = node.inputs
        *lead, row, column = index
        short = lead[len(lead) + 2 - y.value.ndim :]
        for k in range(x.value.shape[-1]):
            yield Term((cell(x, (*lead, row, k)), cell(y, (*short, column, k))))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        x, y = node.inputs
        *lead, first, second = index
        if position == 0:
            short = lead[len(lead) + 2 - y.value.ndim :]
            for column in range(node.value.shape[-1]):
                yield (*lead, first, column), (cell(y, (*short, column, second)),)
        else:
            for more in _leading(node, y):
                for row in range(node.value.shape[-2]):
                    yield (*more, *lead, row, first), (cell(x, (*more, *lead, row, second)),)


class Linear:
    """x W + b with W (d_in, d_out), b (d_out,)."""

    formula = "{0}\\,{1} + {2}"

    def forward(self, x: Array, weight: Array, bias: Array) -> tuple[Array, Saved]:
        value = rows_of(x) @ weight
        value += bias
        return value.reshape(*x.shape[:-1], -1), (x, weight)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array, Array, Array]:
        x, weight = saved
        rows = rows_of(gradient)
        return (rows @ weight.T).reshape(x.shape), rows_of(x).T @ rows, rows.sum(axis=0)

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        x, weight, bias = node.inputs
        *lead, column = index
        for k in range(weight.value.shape[0]):
            yield Term((cell(x, (*lead, k)), cell(weight, (k, column))))
        yield Term((cell(bias, (column,)),))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        x, weight, _ = node.inputs
        if position == 0:
            *lead, k = index
            for column in range(weight.value.shape[1]):
                yield (*lead, column), (cell(weight, (k, column)),)
        for lead_index in np.ndindex(node.value.shape[:-1]) if position else ():
            if position == 1:
                yield (*lead_index, index[1]), (cell(x, (*lead_index, index[0])),)
            else:
                yield (*lead_index, index[0]), ()


@dataclass(frozen=True, eq=False)
class Lookup:
    """The rows `ids` (…, T) of a table (V, d): a product with one-hot rows that is never written out."""

    ids: Array
    formula = "{0}[\\mathit{{ids}}]"

    def forward(self, table: Array) -> tuple[Array, Saved]:
        return table[self.ids], (table.shape[0],)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        (size,) = saved
        ids = self.ids.ravel()
        one_hot = sparse.csr_array(
            (np.ones(ids.size, gradient.dtype), ids, np.arange(ids.size + 1)), shape=(ids.size, size)
        )
        return (one_hot.T @ rows_of(gradient),)  # a token that occurs twice collects both gradients

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        *lead, column = index
        yield Term((cell(node.inputs[0], (int(self.ids[tuple(lead)]), column)),))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        row, column = index
        for place in np.argwhere(self.ids == row):
            yield (*map(int, place), column), ()
