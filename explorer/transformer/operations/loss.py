"""From probabilities to one number: cross-entropy at each position, and its mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from explorer.transformer.explanation import Factor, Index, Term, cell, constant
from explorer.transformer.tape import Array, Node, Saved


@dataclass(frozen=True, eq=False)
class CrossEntropy:
    """-Σ q log p at each position, for probabilities (…, T, V) and `targets` (…, T).

    q is 1 at the target, or with label smoothing 1 - ε there and ε/V on every word (Szegedy et al. 2016, section 7).
    A position where `counted` (…, T) is false gives 0: padding is left out.
    """

    targets: Array
    counted: Array
    smoothing: float = 0.0
    formula = "-\\log {0}_{{t, y_t}}"

    def forward(self, probabilities: Array) -> tuple[Array, Saved]:
        floor = np.finfo(probabilities.dtype).tiny
        places = self.targets[..., None]
        at_target = np.maximum(np.take_along_axis(probabilities, places, axis=-1), floor)
        losses = -np.log(at_target[..., 0])
        if self.smoothing:
            everywhere = -np.log(np.maximum(probabilities, floor)).mean(axis=-1)
            losses = (1 - self.smoothing) * losses + self.smoothing * everywhere
        return (losses * self.counted).astype(probabilities.dtype, copy=False), (probabilities,)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        (probabilities,) = saved
        floor = np.finfo(probabilities.dtype).tiny
        places = self.targets[..., None]
        gradient = (gradient * self.counted)[..., None]
        if self.smoothing:
            by = -gradient * (self.smoothing / probabilities.shape[-1]) / np.maximum(probabilities, floor)
        else:
            by = np.zeros_like(probabilities)
        at_target = np.maximum(np.take_along_axis(probabilities, places, axis=-1), floor)
        share = np.take_along_axis(by, places, axis=-1) - (1 - self.smoothing) * gradient / at_target
        np.put_along_axis(by, places, share.astype(by.dtype, copy=False), axis=-1)
        return (by,)

    def _weight(self, index: Index, words: int) -> float:
        """q of one word at one position."""
        *lead, word = index
        if not self.counted[tuple(lead)]:
            return 0.0
        return self.smoothing / words + (1 - self.smoothing) * float(word == self.targets[tuple(lead)])

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        (probabilities,) = node.inputs
        words = probabilities.value.shape[-1]
        for word in range(words) if self.smoothing else (int(self.targets[index]),):
            where = (*index, word)
            logarithm = np.log(probabilities.value[where])
            yield Term((constant("-q", -self._weight(where, words)), constant("\\log p", logarithm)))

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        *lead, _ = index
        probabilities = node.inputs[0].value
        weight = self._weight(index, probabilities.shape[-1])
        if weight:
            yield tuple(lead), (constant("-q", -weight), constant("1 / p", 1 / probabilities[index]))


@dataclass(frozen=True, eq=False)
class SoftmaxCrossEntropy:
    """`CrossEntropy` of `Softmax` in one step, for training, where nobody reads the probabilities in between.

    The gradient by a logit is p - q, which takes one pass over the vocabulary instead of five.
    """

    targets: Array
    counted: Array
    smoothing: float = 0.0
    formula = "-\\log \\mathrm{{softmax}}({0})_{{t, y_t}}"

    def forward(self, logits: Array) -> tuple[Array, Saved]:
        shifted = logits - logits.max(axis=-1, keepdims=True)
        score = np.take_along_axis(shifted, self.targets[..., None], axis=-1)[..., 0]
        if self.smoothing:
            score = (1 - self.smoothing) * score + self.smoothing * shifted.mean(axis=-1)
        np.exp(shifted, out=shifted)
        total = shifted.sum(axis=-1)
        losses = (np.log(total) - score) * self.counted
        return losses.astype(logits.dtype, copy=False), (shifted, total)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array]:
        exponentials, total = saved
        gradient = (gradient * self.counted)[..., None]
        by = exponentials * (gradient / total[..., None])
        if self.smoothing:
            by -= gradient * gradient.dtype.type(self.smoothing / by.shape[-1])
        places = self.targets[..., None]
        share = np.take_along_axis(by, places, axis=-1) - gradient * gradient.dtype.type(1 - self.smoothing)
        np.put_along_axis(by, places, share, axis=-1)
        return (by,)

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        raise NotImplementedError("A trace has Softmax and CrossEntropy apart; this is for training alone.")

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        raise NotImplementedError("A trace has Softmax and CrossEntropy apart; this is for training alone.")


@dataclass(frozen=True, eq=False)
class Mean:
    """The mean of the counted positions."""

    counted: Array
    formula = "\\frac{{1}}{{n}} \\sum_t {0}_t"

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
