"""The operations a transformer is made of: each one's forward, vector-Jacobian product and formula.

Shapes: B sentences, h heads, T tokens, d features. Every operation takes any number of leading axes, so that one
sentence (T, d) and a batch (B, T, d) go the same way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.transformer.tape import Array, Node, Saved

LAYER_NORM_EPSILON = 1e-5


def add(x: Node, y: Node, name: str) -> Node:
    """x + y; the smaller one is broadcast over leading axes."""
    return x.tape.apply(Add(), x, y, name=name)


def matmul(x: Node, y: Node, name: str) -> Node:
    """x y over the last two axes."""
    return x.tape.apply(MatMul(), x, y, name=name)


def matmul_transposed(x: Node, y: Node, name: str) -> Node:
    """x yᵀ over the last two axes."""
    return x.tape.apply(MatMulTransposed(), x, y, name=name)


def linear(x: Node, name: str, output: str = "") -> Node:
    """x W + b with the parameters `name.weight` (d_in, d_out) and `name.bias` (d_out,)."""
    weight, bias = x.tape.parameter(f"{name}.weight"), x.tape.parameter(f"{name}.bias")
    return x.tape.apply(Linear(), x, weight, bias, name=output or name)


def scale(x: Node, factor: float, formula: str, name: str) -> Node:
    """x times a number; `formula` says where the number comes from."""
    return x.tape.apply(Scale(factor, formula), x, name=name)


def split_heads(x: Node, heads: int, name: str) -> Node:
    """(…, T, d) → (…, h, T, d / h)."""
    return x.tape.apply(SplitHeads(heads), x, name=name)


def merge_heads(x: Node, name: str) -> Node:
    """(…, h, T, d_k) → (…, T, h d_k)."""
    return x.tape.apply(MergeHeads(), x, name=name)


def mask(x: Node, allowed: Array, name: str) -> Node:
    """x where `allowed` is true, minus infinity elsewhere."""
    return x.tape.apply(Mask(allowed), x, name=name)


def softmax(x: Node, name: str) -> Node:
    """Softmax over the last axis; a row that is masked throughout becomes zeros."""
    return x.tape.apply(Softmax(), x, name=name)


def relu(x: Node, name: str) -> Node:
    """max(0, x)."""
    return x.tape.apply(ReLU(), x, name=name)


def layer_norm(x: Node, name: str) -> Node:
    """Normalise the last axis with the parameters `name.gain` and `name.bias`, both (d,)."""
    gain, bias = x.tape.parameter(f"{name}.gain"), x.tape.parameter(f"{name}.bias")
    return x.tape.apply(LayerNorm(), x, gain, bias, name=name)


def _sum_to(gradient: Array, shape: tuple[int, ...]) -> Array:
    """Undo broadcasting over leading axes: what was used many times collects all of its gradients."""
    extra = gradient.ndim - len(shape)
    return gradient.sum(axis=tuple(range(extra))) if extra else gradient


def _rows(x: Array) -> Array:
    return x.reshape(-1, x.shape[-1])


class Add:
    formula = "{0} + {1}"

    def forward(self, x: Array, y: Array) -> tuple[Array, Saved]:
        return x + y, (x.shape, y.shape)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array, Array]:
        x_shape, y_shape = saved
        return _sum_to(gradient, x_shape), _sum_to(gradient, y_shape)


class MatMul:
    formula = "{0}\\,{1}"

    def forward(self, x: Array, y: Array) -> tuple[Array, Saved]:
        return x @ y, (x, y)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array, Array]:
        x, y = saved
        return gradient @ y.swapaxes(-1, -2), _sum_to(x.swapaxes(-1, -2) @ gradient, y.shape)


class MatMulTransposed:
    formula = "{0}\\,{1}^\\top"

    def forward(self, x: Array, y: Array) -> tuple[Array, Saved]:
        return x @ y.swapaxes(-1, -2), (x, y)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array, Array]:
        x, y = saved
        return gradient @ y, _sum_to(gradient.swapaxes(-1, -2) @ x, y.shape)


class Linear:
    formula = "{0}\\,{1} + {2}"

    def forward(self, x: Array, weight: Array, bias: Array) -> tuple[Array, Saved]:
        value = _rows(x) @ weight
        value += bias
        return value.reshape(*x.shape[:-1], -1), (x, weight)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array, Array, Array]:
        x, weight = saved
        rows = _rows(gradient)
        return (rows @ weight.T).reshape(x.shape), _rows(x).T @ rows, rows.sum(axis=0)


@dataclass(frozen=True)
class Scale:
    factor: float
    formula: str

    def forward(self, x: Array) -> tuple[Array, Saved]:
        return x * x.dtype.type(self.factor), ()

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        return (gradient * gradient.dtype.type(self.factor),)


@dataclass(frozen=True)
class SplitHeads:
    heads: int
    formula = "\\mathrm{{split}}({0})"

    def forward(self, x: Array) -> tuple[Array, Saved]:
        return x.reshape(*x.shape[:-1], self.heads, -1).swapaxes(-2, -3), ()

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        joined = gradient.swapaxes(-2, -3)
        return (joined.reshape(*joined.shape[:-2], -1),)


class MergeHeads:
    formula = "\\mathrm{{concat}}({0})"

    def forward(self, x: Array) -> tuple[Array, Saved]:
        joined = x.swapaxes(-2, -3)
        return joined.reshape(*joined.shape[:-2], -1), (x.shape[-3],)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        (heads,) = saved
        return (gradient.reshape(*gradient.shape[:-1], heads, -1).swapaxes(-2, -3),)


@dataclass(frozen=True)
class Mask:
    allowed: Array
    formula = "{0} + M"

    def forward(self, x: Array) -> tuple[Array, Saved]:
        return np.where(self.allowed, x, x.dtype.type(-np.inf)), ()

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        return (np.where(self.allowed, gradient, gradient.dtype.type(0)),)


class Softmax:
    formula = "\\mathrm{{softmax}}({0})"

    def forward(self, x: Array) -> tuple[Array, Saved]:
        highest = x.max(axis=-1, keepdims=True)
        exponentials = np.exp(x - np.where(np.isfinite(highest), highest, 0))
        total = exponentials.sum(axis=-1, keepdims=True)
        value = np.divide(exponentials, total, out=exponentials, where=total > 0)
        return value, (value,)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        (value,) = saved
        shared = (gradient * value).sum(axis=-1, keepdims=True)
        return (value * (gradient - shared),)


class ReLU:
    formula = "\\max(0, {0})"

    def forward(self, x: Array) -> tuple[Array, Saved]:
        return np.maximum(x, 0), (x > 0,)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        (positive,) = saved
        return (gradient * positive,)


class LayerNorm:
    """Ba, Kiros & Hinton 2016, equation 4, over the last axis."""

    formula = "\\frac{{ {0} - \\mu }}{{ \\sqrt{{ \\sigma^2 + \\varepsilon }} }} \\odot {1} + {2}"

    def forward(self, x: Array, gain: Array, bias: Array) -> tuple[Array, Saved]:
        centred = x - x.mean(axis=-1, keepdims=True)
        variance = np.mean(centred * centred, axis=-1, keepdims=True)
        inverse = 1 / np.sqrt(variance + x.dtype.type(LAYER_NORM_EPSILON))
        normalised = centred * inverse
        return normalised * gain + bias, (normalised, inverse, gain)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array, Array, Array]:
        normalised, inverse, gain = saved
        inner = gradient * gain
        along = np.mean(inner * normalised, axis=-1, keepdims=True)
        by_x = inverse * (inner - inner.mean(axis=-1, keepdims=True) - normalised * along)
        return by_x, _rows(gradient * normalised).sum(axis=0), _rows(gradient).sum(axis=0)
