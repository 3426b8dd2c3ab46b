"""Activations, dropout and layer normalisation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import ndtr

from explorer.transformer.explanation import Factor, Index, Term, cell, constant, row
from explorer.transformer.operations.products import column_sums, row_sums, rows_of
from explorer.transformer.tape import Array, Node, Saved

LAYER_NORM_EPSILON = 1e-5


class ReLU:
    """max(0, x)."""

    formula = "\\max(0, {0})"
    slope_formulas = ("{bar} \\odot [{0} > 0]",)

    def forward(self, x: Array) -> tuple[Array, Saved]:
        return np.maximum(x, 0), (x > 0,)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        return (gradient * saved[0].astype(gradient.dtype),)  # a mixed product would take twice as long

    def _open(self, node: Node, index: Index) -> Factor:
        return constant("[x > 0]", float(node.saved[0][index]))

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        yield Term((cell(node.inputs[0], index), self._open(node, index)))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        yield index, (self._open(node, index),)


class GELU:
    """x Φ(x), Φ the normal distribution function (Hendrycks & Gimpel 2016), exactly."""

    formula = "{0} \\odot \\Phi({0})"
    slope_formulas = ("{bar} \\odot (\\Phi({0}) + {0} \\odot \\varphi({0}))",)

    def forward(self, x: Array) -> tuple[Array, Saved]:
        below = ndtr(x).astype(x.dtype, copy=False)
        return x * below, (x, below)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        x, below = saved
        return (gradient * (below + x * self.density(x)),)

    @staticmethod
    def density(x: Array) -> Array:
        density: Array = np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi)
        return density.astype(x.dtype, copy=False)

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        yield Term((cell(node.inputs[0], index), constant("\\Phi(x)", node.saved[1][index])))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        x, below = node.saved
        derivative = below[index] + x[index] * self.density(x)[index]
        yield index, (constant("\\Phi(x) + x\\,\\varphi(x)", derivative),)


@dataclass(frozen=True, eq=False)
class Dropout:
    """x with the numbers that are not `kept` set to 0 and the others divided by 1 - rate (Srivastava et al. 2014)."""

    rate: float
    kept: Array  # booleans of the shape of x
    formula = "{0} \\odot B / (1 - r)"
    slope_formulas = ("{bar} \\odot B / (1 - r)",)

    @classmethod
    def of_rate(cls, rate: float, shape: tuple[int, ...], random: np.random.Generator) -> Dropout:
        """One that keeps each number with the probability 1 - rate."""
        return cls(rate, random.random(shape, dtype=np.float32) >= rate)

    def forward(self, x: Array) -> tuple[Array, Saved]:
        factor = self.kept * x.dtype.type(1 / (1 - self.rate))
        return x * factor, (factor,)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        return (gradient * saved[0],)

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        yield Term((cell(node.inputs[0], index), constant("B / (1 - r)", node.saved[0][index])))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        yield index, (constant("B / (1 - r)", node.saved[0][index]),)


class LayerNorm:
    """(x - μ) / √(σ² + ε) ⊙ γ + β over the last axis (Ba, Kiros & Hinton 2016, equation 4)."""

    formula = "\\frac{{ {0} - \\mu }}{{ \\sqrt{{ \\sigma^2 + \\varepsilon }} }} \\odot {1} + {2}"
    slope_formulas = (
        "\\mathrm{{LN}}'({bar} \\odot {1})",
        "\\textstyle\\sum_t {bar}_t \\odot \\hat x_t",
        "\\textstyle\\sum_t {bar}_t",
    )
    letters: ClassVar[dict[str, str]] = {
        "\\mathrm{LN}'": "\\mathrm{{LN}}'(G) &= \\frac{{G - a - \\hat x \\, b}}{{s}},\\quad "
        "a = \\text{{mean of }} G,\\quad b = \\text{{mean of }} G \\odot \\hat x",
        "\\hat x": "\\hat x &= \\frac{{ {0} - \\mu }}{{s}},\\quad s = \\sqrt{{ \\sigma^2 + \\varepsilon }}",
    }

    def forward(self, x: Array, gain: Array, bias: Array) -> tuple[Array, Saved]:
        mean = row_sums(x) / x.shape[-1]
        normalised = x - mean
        variance = np.einsum("...d,...d->...", normalised, normalised)[..., None] / x.shape[-1]
        inverse = 1 / np.sqrt(variance + x.dtype.type(LAYER_NORM_EPSILON))
        normalised *= inverse
        value = normalised * gain
        value += bias
        return value, (normalised, inverse, gain, mean)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array, Array, Array]:
        normalised, inverse, gain, _ = saved
        d = gain.size
        by_gain = np.einsum("nd,nd->d", rows_of(gradient), rows_of(normalised))
        by_x = gradient * gain
        along = np.einsum("...d,...d->...", by_x, normalised)[..., None] / d
        by_x -= row_sums(by_x) / d
        by_x -= normalised * along
        by_x *= inverse
        return by_x, by_gain, column_sums(rows_of(gradient))

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        x, gain, bias = node.inputs
        _, inverse, _, mean = node.saved
        *lead, column = index
        cells = row(x, lead)
        scaled = constant(_inverse_root(x.value[tuple(lead)].var()), inverse[(*lead, 0)], x, cells)
        yield Term((cell(x, index), scaled, cell(gain, (column,))))
        yield Term((constant("-\\mu", -mean[(*lead, 0)], x, cells), scaled, cell(gain, (column,))))
        yield Term((cell(bias, (column,)),))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        normalised, inverse, gain, _ = node.saved
        if position == 0:
            *lead, j = index
            d = gain.size
            x = node.inputs[0]
            scaled = constant(_inverse_root(x.value[tuple(lead)].var()), inverse[(*lead, 0)], x, row(x, lead))
            for k in range(d):
                own, other = normalised[index], normalised[(*lead, k)]
                inner = (j == k) - 1 / d - own * other / d
                symbol = (
                    f"{int(j == k)} - (1 + \\hat x_j \\hat x_k) / d = "
                    f"{int(j == k)} - (1 + ({own:.4f}) ({other:.4f})) / {d}"
                )
                yield (*lead, k), (cell(node.inputs[1], (k,)), scaled, constant(symbol, inner))
            return
        for lead_index in np.ndindex(node.value.shape[:-1]):
            where = (*lead_index, *index)
            yield where, ((constant("\\hat x", normalised[where]),) if position == 1 else ())


def _inverse_root(variance: float) -> str:
    """The symbol of one over the deviation, with the numbers that it is computed from."""
    numbers = f"\\sigma^2 = {variance:.4g},\\ \\varepsilon = {LAYER_NORM_EPSILON:.5f}"
    return f"1 / \\sqrt{{\\sigma^2 + \\varepsilon}},\\ {numbers}"
