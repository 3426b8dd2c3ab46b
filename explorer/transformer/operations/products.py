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


def row_sums(x: Array) -> Array:
    """Sums over the last axis, kept: (…, d) → (…, 1). A product with ones: NumPy's own sum is slow for short rows."""
    return (rows_of(x) @ np.ones(x.shape[-1], x.dtype)).reshape(*x.shape[:-1], 1)


def row_maxima(x: Array) -> Array:
    """The highest number of each row: (…, d) → (…, 1). Short rows go by columns: NumPy's `max` takes long for many."""
    rows = rows_of(x)
    highest: Array = rows.max(axis=1) if rows.shape[1] > 32 else np.ascontiguousarray(rows.T).max(axis=0)
    return highest.reshape(*x.shape[:-1], 1)


def column_sums(rows: Array) -> Array:
    """Sums over the rows: (n, d) → (d,). A product with ones, too."""
    return np.ones(len(rows), rows.dtype) @ rows


def transpose(x: Array) -> Array:
    """(…, m, n) → (…, n, m)."""
    return x.swapaxes(-1, -2)


def _leading(node: Node, source: Node) -> Iterator[Index]:
    """The leading indices of `node` over which a smaller `source` was broadcast."""
    return np.ndindex(node.value.shape[: node.value.ndim - source.value.ndim])


class Add:
    """x + y; y may lack leading axes of x."""

    formula = "{0} + {1}"
    slope_formulas = ("{bar}", "{bar}")

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

    @property
    def slope_formulas(self) -> tuple[str, ...]:
        return (self.formula.replace("{0}", "{bar}"),)

    def forward(self, x: Array) -> tuple[Array, Saved]:
        return x * x.dtype.type(self.factor), ()

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        return (gradient * gradient.dtype.type(self.factor),)

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        yield Term((cell(node.inputs[0], index), constant(self.symbol, self.factor)))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        yield index, (constant(self.symbol, self.factor),)


@dataclass(frozen=True)
class MatMul:
    """x y, or x yᵀ where `transposed`, over the last two axes; y may lack leading axes of x."""

    transposed: bool = False

    @property
    def formula(self) -> str:
        return "{0}\\,{{{1}}}^\\top" if self.transposed else "{0}\\,{1}"

    @property
    def slope_formulas(self) -> tuple[str, ...]:
        if self.transposed:
            return "{bar}\\,{1}", "{{{bar}}}^\\top\\,{0}"
        return "{bar}\\,{{{1}}}^\\top", "{{{0}}}^\\top\\,{bar}"

    def forward(self, x: Array, y: Array) -> tuple[Array, Saved]:
        matrix = transpose(y) if self.transposed else y
        if y.ndim == 2:  # one matrix for all rows: a plain product instead of one for each leading index
            return (rows_of(x) @ matrix).reshape(*x.shape[:-1], -1), (x, y)
        return x @ matrix, (x, y)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array, Array]:
        x, y = saved
        shape = x.shape
        if y.ndim == 2:
            x, gradient = rows_of(x), rows_of(gradient)
        by_x = gradient @ (y if self.transposed else transpose(y))
        by_y = transpose(gradient) @ x if self.transposed else transpose(x) @ gradient
        return by_x.reshape(shape), sum_to(by_y, y.shape)

    def _place(self, inner: int, column: int) -> Index:
        """Where y holds the factor of the inner index k and the column of the value."""
        return (column, inner) if self.transposed else (inner, column)

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        x, y = node.inputs
        *lead, row, column = index
        short = lead[len(lead) + 2 - y.value.ndim :]
        for k in range(x.value.shape[-1]):
            yield Term((cell(x, (*lead, row, k)), cell(y, (*short, *self._place(k, column)))))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        x, y = node.inputs
        *lead, first, second = index
        if position == 0:
            short = lead[len(lead) + 2 - y.value.ndim :]
            for column in range(node.value.shape[-1]):
                yield (*lead, first, column), (cell(y, (*short, *self._place(second, column))),)
        else:
            inner, column = self._place(first, second)
            for more in _leading(node, y):
                for row in range(node.value.shape[-2]):
                    yield (*more, *lead, row, column), (cell(x, (*more, *lead, row, inner)),)


class Linear:
    """x W + b with W (d_in, d_out), b (d_out,)."""

    formula = "{0}\\,{1} + {2}"
    slope_formulas = ("{bar}\\,{{{1}}}^\\top", "{{{0}}}^\\top\\,{bar}", "\\textstyle\\sum_t {bar}_t")

    def forward(self, x: Array, weight: Array, bias: Array) -> tuple[Array, Saved]:
        value = rows_of(x) @ weight
        value += bias
        return value.reshape(*x.shape[:-1], -1), (x, weight)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array, Array, Array]:
        x, weight = saved
        rows = rows_of(gradient)
        return (rows @ weight.T).reshape(x.shape), rows_of(x).T @ rows, column_sums(rows)

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


class TransposedLinear:
    """x Wᵀ + b with W (d_out, d_in): `MatMul` and `Add` in one step, for training, where nobody reads the product."""

    formula = "{0}\\,{{{1}}}^\\top + {2}"
    slope_formulas = ("{bar}\\,{1}", "{{{bar}}}^\\top\\,{0}", "\\textstyle\\sum_t {bar}_t")

    def forward(self, x: Array, weight: Array, bias: Array) -> tuple[Array, Saved]:
        value = rows_of(x) @ weight.T
        value += bias
        return value.reshape(*x.shape[:-1], -1), (x, weight)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array, Array, Array]:
        x, weight = saved
        rows = rows_of(gradient)
        return (rows @ weight).reshape(x.shape), rows.T @ rows_of(x), column_sums(rows)

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        x, weight, bias = node.inputs
        *lead, row = index
        for k in range(weight.value.shape[1]):
            yield Term((cell(x, (*lead, k)), cell(weight, (row, k))))
        yield Term((cell(bias, (row,)),))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        x, weight, _ = node.inputs
        if position == 0:
            *lead, k = index
            for row in range(weight.value.shape[0]):
                yield (*lead, row), (cell(weight, (row, k)),)
        for lead_index in np.ndindex(node.value.shape[:-1]) if position else ():
            factors = (cell(x, (*lead_index, index[1])),) if position == 1 else ()
            yield (*lead_index, index[0]), factors


@dataclass(frozen=True, eq=False)
class Lookup:
    """The rows `ids` (…, T) of a table (V, d): a product with one-hot rows that is never written out."""

    ids: Array
    formula = "{0}[\\mathit{{ids}}]"
    slope_formulas = ("\\textstyle\\sum_{{t:\\, \\mathit{{id}}_t = i}} {bar}_t",)

    def forward(self, table: Array) -> tuple[Array, Saved]:
        return table[self.ids], (table.shape[0],)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        (size,) = saved
        ids = self.ids.ravel()
        one_hot = sparse.csc_array(
            (np.ones(ids.size, gradient.dtype), ids, np.arange(ids.size + 1)), shape=(size, ids.size)
        )
        return (one_hot @ rows_of(gradient),)  # a token that occurs twice collects both gradients

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        *lead, column = index
        yield Term((cell(node.inputs[0], (int(self.ids[tuple(lead)]), column)),))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        row, column = index
        for place in np.argwhere(self.ids == row):
            yield (*map(int, place), column), ()
