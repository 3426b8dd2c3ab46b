"""What attention adds to products: heads split and merged, the mask, the softmax."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.transformer.explanation import Factor, Index, Term, cell, constant, row
from explorer.transformer.operations.products import row_maxima, row_sums, transpose
from explorer.transformer.tape import Array, Node, Saved


@dataclass(frozen=True)
class SplitHeads:
    """(…, T, d) → (…, h, T, d / h)."""

    heads: int
    formula = "\\mathrm{{split}}({0})"
    slope_formulas = ("\\mathrm{{concat}}({bar})",)

    def forward(self, x: Array) -> tuple[Array, Saved]:
        return x.reshape(*x.shape[:-1], self.heads, -1).swapaxes(-2, -3), ()

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        joined = gradient.swapaxes(-2, -3)
        return (joined.reshape(*joined.shape[:-2], -1),)

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        *lead, head, token, feature = index
        yield Term((cell(node.inputs[0], (*lead, token, head * node.value.shape[-1] + feature)),))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        *lead, token, feature = index
        head, within = divmod(feature, node.value.shape[-1])
        yield (*lead, head, token, within), ()


class MergeHeads:
    """(…, h, T, d_k) → (…, T, h d_k)."""

    formula = "\\mathrm{{concat}}({0})"
    slope_formulas = ("\\mathrm{{split}}({bar})",)

    def forward(self, x: Array) -> tuple[Array, Saved]:
        joined = x.swapaxes(-2, -3)
        return joined.reshape(*joined.shape[:-2], -1), (x.shape[-3],)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        (heads,) = saved
        return (gradient.reshape(*gradient.shape[:-1], heads, -1).swapaxes(-2, -3),)

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        *lead, token, feature = index
        head, within = divmod(feature, node.inputs[0].value.shape[-1])
        yield Term((cell(node.inputs[0], (*lead, head, token, within)),))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        *lead, head, token, feature = index
        yield (*lead, token, head * node.inputs[0].value.shape[-1] + feature), ()


@dataclass(frozen=True, eq=False)
class Mask:
    """x where `allowed` is true, minus infinity elsewhere."""

    allowed: Array
    formula = "{0} + M"
    slope_formulas = ("{bar} \\odot [M = 0]",)

    def forward(self, x: Array) -> tuple[Array, Saved]:
        return np.where(self.allowed, x, x.dtype.type(-np.inf)), ()

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        return (gradient * self.allowed,)

    def _allows(self, node: Node, index: Index) -> bool:
        return bool(np.broadcast_to(self.allowed, node.value.shape)[index])

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        yield Term((cell(node.inputs[0], index),))
        yield Term((constant("M", 0.0 if self._allows(node, index) else -np.inf),))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        if self._allows(node, index):
            yield index, ()


@dataclass(frozen=True, eq=False)
class Append:
    """x (…, h, T, d_k) behind `past` (…, h, P, d_k): the keys or values of tokens that were decoded before."""

    past: Array
    formula = "[\\mathit{{past}};\\ {0}]"
    slope_formulas = ("{bar}_{{\\mathit{{last}}}}",)

    def forward(self, x: Array) -> tuple[Array, Saved]:
        return np.concatenate([self.past, x], axis=-2), ()

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        return (gradient[..., self.past.shape[-2] :, :],)

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        *lead, token, feature = index
        before = self.past.shape[-2]
        if token < before:
            yield Term((constant("\\mathit{past}", self.past[index]),))
        else:
            yield Term((cell(node.inputs[0], (*lead, token - before, feature)),))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        *lead, token, feature = index
        yield (*lead, token + self.past.shape[-2], feature), ()


class Softmax:
    """exp(x) / Σ exp(x) over the last axis; a row that is masked throughout becomes zeros."""

    formula = "\\mathrm{{softmax}}({0})"
    slope_formulas = ("{out} \\odot \\left( {bar} - \\mathrm{{rowsum}}({bar} \\odot {out}) \\right)",)

    def forward(self, x: Array) -> tuple[Array, Saved]:
        highest = np.maximum(row_maxima(x), np.finfo(x.dtype).min)
        exponentials = x - highest
        np.exp(exponentials, out=exponentials)
        total = row_sums(exponentials)
        total[total == 0] = 1
        exponentials /= total
        return exponentials, (exponentials, highest, total)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        value = saved[0]
        by_x = gradient * value
        by_x -= value * row_sums(by_x)
        return (by_x,)

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        _, highest, total = node.saved
        *lead, _ = index
        x = node.inputs[0]
        power = constant("e^{x_j - m}", np.exp(x.value[index] - highest[(*lead, 0)]), x, (index,))
        yield Term((power, constant("1 / \\sum_k e^{x_k - m}", 1 / total[(*lead, 0)], x, row(x, lead))))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        *lead, j = index
        own = cell(node, index)
        for k in range(node.value.shape[-1]):
            delta = 1 if j == k else 0
            yield (*lead, k), (cell(node, (*lead, k)), constant(f"{delta} - p_j", delta - own.number))


@dataclass(frozen=True, eq=False)
class Attention:
    """softmax(Q Kᵀ / √d_k + M) V (Vaswani et al. 2017, equation 1) for queries (…, h, T_q, d_k), keys and values
    (…, h, T_k, d_k): products, scale, `Mask` and `Softmax` in one step, where nobody reads the numbers in between.

    `allowed` is true where M is 0; None masks nothing. In the slopes P are the weights, and G is the gradient by what
    the softmax takes.
    """

    allowed: Array | None
    formula = "\\mathrm{{softmax}}\\left(\\frac{{ {0}\\,{{{1}}}^\\top }}{{ \\sqrt{{d_k}} }} + M\\right) {2}"
    slope_formulas = (
        "\\frac{{ G\\,{1} }}{{ \\sqrt{{d_k}} }}",
        "\\frac{{ G^\\top\\,{0} }}{{ \\sqrt{{d_k}} }}",
        "P^\\top\\,{bar}",
    )

    def forward(self, query: Array, key: Array, value: Array) -> tuple[Array, Saved]:
        scores = query @ transpose(key)  # (…, h, T_q, T_k)
        scores *= self._scale(query)
        if self.allowed is not None:
            np.copyto(scores, -np.inf, where=~self.allowed)
        weights, _ = Softmax().forward(scores)
        return weights @ value, (query, key, value, weights)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array, Array, Array]:
        query, key, value, weights = saved
        (by_scores,) = Softmax().vjp((weights,), gradient @ transpose(value))
        by_scores *= self._scale(query)
        return by_scores @ key, transpose(by_scores) @ query, transpose(weights) @ gradient

    @staticmethod
    def _scale(query: Array) -> Any:
        return query.dtype.type(1 / math.sqrt(query.shape[-1]))

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        raise NotImplementedError("A trace has the steps of attention apart; this is for passes without one.")

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        raise NotImplementedError("A trace has the steps of attention apart; this is for passes without one.")
