"""From probabilities to one number: cross-entropy at each position, and its mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.explanation import Factor, Index, Term, cell, constant
from explorer.transformer.operations.products import row_maxima, row_sums, rows_of
from explorer.transformer.tape import Array, Node, Saved


class TooUnlikely(UserError):
    """The probability of the right word is too small for a number. `word` is its id, `position` where it should come;
    `named` gives the error in a reader's words."""

    def __init__(self, position: int, word: int, named: str = ""):
        self.position, self.word = position, word
        super().__init__(
            _(
                "The probability of {named} is too small for a number: the "
                "logits lie too far apart for −ln p. Take smaller weights.",
                named=named or _("word {word} at position {position}", word=word, position=position),
            )
        )


@dataclass(frozen=True, eq=False)
class CrossEntropy:
    """-Σ q ln p at each position, for probabilities (…, T, V) and `targets` (…, T).

    q is 1 at the target, or with label smoothing 1 - ε there and ε/V on every word (Szegedy et al. 2016, section 7).
    A position where `counted` (…, T) is false gives 0: padding is left out. Raises TooUnlikely where a probability that
    counts is too small for a number; `SoftmaxCrossEntropy` has no such limit, but no probabilities either.
    """

    targets: Array
    counted: Array
    smoothing: float = 0.0
    formula = "-\\ln {0}_{{t, y_t}}"
    slope_formulas = ("-{bar}_t\\, q_t / {0}_t",)
    letters: ClassVar[dict[str, str]] = {" q_t": "q_{{t, i}} &= 1 \\text{{ where }} i = y_t, \\text{{ or else }} 0"}

    def __post_init__(self) -> None:
        if self.smoothing:  # every word counts
            q = f"\\frac{{{{{self.smoothing:g}}}}}{{{{V}}}}"
            others = f"1 - {self.smoothing:g} + {q} \\text{{{{ where }}}} i = y_t, \\text{{{{ or else }}}} {q}"
            object.__setattr__(self, "formula", "-\\textstyle\\sum_i q_{{t, i}} \\ln {0}_{{t, i}}")
            object.__setattr__(self, "letters", {" q_t": f"q_{{{{t, i}}}} &= {others}"})

    def forward(self, probabilities: Array) -> tuple[Array, Saved]:
        weights = self._weights(probabilities)
        too_small = (weights > 0) & (probabilities < np.finfo(probabilities.dtype).tiny)  # 1 / p would overflow
        if too_small.any():
            *lead, word = map(int, np.argwhere(too_small)[0])
            raise TooUnlikely(lead[-1] if lead else 0, word)
        logarithms = np.log(probabilities, where=weights > 0, out=np.zeros_like(probabilities))
        return -(weights * logarithms).sum(axis=-1), (probabilities, weights)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        probabilities, weights = saved
        return (
            np.divide(weights, probabilities, where=weights > 0, out=np.zeros_like(weights)) * -gradient[..., None],
        )

    def _weights(self, probabilities: Array) -> Array:
        """q (…, T, V), and 0 where a position does not count."""
        weights = np.full_like(probabilities, self.smoothing / probabilities.shape[-1])
        at_target = np.take_along_axis(weights, self.targets[..., None], axis=-1) + (1 - self.smoothing)
        np.put_along_axis(weights, self.targets[..., None], at_target.astype(weights.dtype, copy=False), axis=-1)
        return weights * self.counted[..., None]

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        probabilities, weights = node.saved
        for (word,) in np.argwhere(weights[index]):
            at = (*index, int(word))
            logarithm = constant("\\ln p", np.log(probabilities[at]), node.inputs[0], (at,))
            yield Term((constant("-q", -weights[at]), logarithm))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        probabilities, weights = node.saved
        if weights[index]:
            share = constant("1 / p", 1 / probabilities[index], node.inputs[0], (index,))
            yield index[:-1], (constant("-q", -weights[index]), share)


@dataclass(frozen=True, eq=False)
class SoftmaxCrossEntropy:
    """`CrossEntropy` of `Softmax` in one step, for training, where nobody reads the probabilities in between.

    The gradient by a logit is p - q, which takes one pass over the vocabulary instead of five.
    """

    targets: Array
    counted: Array
    smoothing: float = 0.0
    formula = "-\\ln \\mathrm{{softmax}}({0})_{{t, y_t}}"
    slope_formulas = ("{bar}_t\\, (\\mathrm{{softmax}}({0})_t - q_t)",)
    letters: ClassVar[dict[str, str]] = CrossEntropy.letters

    def forward(self, logits: Array) -> tuple[Array, Saved]:
        shifted = logits - row_maxima(logits)
        score = rows_of(shifted)[self._places()].reshape(self.targets.shape)
        if self.smoothing:
            score = (1 - self.smoothing) * score + self.smoothing * shifted.mean(axis=-1)
        np.exp(shifted, out=shifted)
        total = row_sums(shifted)[..., 0]
        losses = (np.log(total) - score) * self.counted
        return losses.astype(logits.dtype, copy=False), (shifted, total)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        exponentials, total = saved
        gradient = (gradient * self.counted)[..., None]
        by = exponentials * (gradient / total[..., None])
        if self.smoothing:
            by -= gradient * gradient.dtype.type(self.smoothing / by.shape[-1])
        rows_of(by)[self._places()] -= gradient.ravel() * gradient.dtype.type(1 - self.smoothing)
        return (by,)

    def _places(self) -> tuple[Array, Array]:
        """Row and column of each target among the rows of the logits."""
        return np.arange(self.targets.size), self.targets.ravel()

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        raise NotImplementedError("A trace has Softmax and CrossEntropy apart; this is for training alone.")

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        raise NotImplementedError("A trace has Softmax and CrossEntropy apart; this is for training alone.")


@dataclass(frozen=True, eq=False)
class Mean:
    """The mean of the counted positions."""

    counted: Array
    formula = "\\frac{{1}}{{n}} \\sum_t {0}_t"
    slope_formulas = ("{bar} / n",)

    def forward(self, losses: Array) -> tuple[Array, Saved]:
        return np.asarray(losses[self.counted].sum() / losses.dtype.type(self.counted.sum())), ()

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        return ((gradient / gradient.dtype.type(self.counted.sum())) * self.counted,)

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        share = constant("1/n", 1 / self.counted.sum())
        for where in np.argwhere(self.counted):
            yield Term((cell(node.inputs[0], tuple(map(int, where))), share))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        if self.counted[index]:
            yield (), (constant("1/n", 1 / self.counted.sum()),)
