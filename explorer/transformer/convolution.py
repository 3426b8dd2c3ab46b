"""The convolutional network of Kim 2014 ("Convolutional neural networks for sentence classification"), which is no
transformer: filters over windows of 3, 4 and 5 words, ReLU, the maximum over the text, dropout, and a layer of labels.

It stands here because it is trained by the same tape; comparisons of initialisations run it beside the transformer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.configuration import Configuration
from explorer.transformer.explanation import Factor, Index, Term
from explorer.transformer.layers import apply, dropout, linear
from explorer.transformer.model import PAD
from explorer.transformer.operations import Lookup, MatMul
from explorer.transformer.operations.products import rows_of
from explorer.transformer.reader import Batch, LabelReader
from explorer.transformer.tape import Array, Node, Saved, Tape
from explorer.transformer.vocabulary import Vocabulary

WINDOWS = (3, 4, 5)  # words
FILTERS = 100  # of each window
LONGEST = 3.0  # that a label's weights may be (the l2 constraint of section 2.1)


@dataclass(frozen=True, eq=False)
class Features:
    """max over t of max(0, x_{t:t+w} W + b), of the filters of each window w side by side: x (…, S, d) and for each
    window W (w d, F), b (F,) → (…, 1, F · windows).

    Words that are not `real` (…, S) are zeros. A text has w − 1 zeros before it and after it, so that each of its words
    stands at each place of a window, and the shortest text has a window (the wide convolution of Kalchbrenner et al.
    2014). One operation rather than many: only the window of the maximum has a gradient.
    """

    windows: tuple[int, ...]
    real: Array
    formula = "\\max_t \\max(0, {0}_{{t:t+w}}\\,{1} + {2})"
    slope_formulas = (
        "\\textstyle\\sum_w {bar}\\,[{out} > 0]\\,{{{1}}}^\\top",
        "{{{0}}}_{{t^*:t^*+w}}^\\top\\,({bar}\\,[{out} > 0])",
        "{bar}\\,[{out} > 0]",
    )

    def forward(self, x: Array, *parameters: Array) -> tuple[Array, Saved]:
        x = x * self.real[..., None]
        matrices = [self._columns(w, matrix) for w, matrix in zip(self.windows, parameters[::2], strict=True)]
        together = np.concatenate(matrices, axis=1)  # (d, Σ w F)
        products = rows_of(x) @ together
        words = self.real.sum(axis=-1)
        values, places, first = [], [], 0
        for w, columns, bias in zip(self.windows, matrices, parameters[1::2], strict=True):
            of_window = products[:, first : first + columns.shape[1]].reshape(*x.shape[:-1], w, -1)  # (…, S, w, F)
            first += columns.shape[1]
            sums = np.zeros((*x.shape[:-2], x.shape[-2] + w - 1, len(bias)), x.dtype)  # (…, S + w − 1, F)
            for place in range(w):
                self._moved(sums, w, place)[...] += of_window[..., place, :]
            beyond = np.arange(sums.shape[-2]) >= (words + w - 1)[..., None]  # windows without a word
            sums[beyond] = -np.inf
            best = sums.argmax(axis=-2)[..., None, :]  # (…, 1, F)
            values.append(np.take_along_axis(sums, best, axis=-2) + bias)
            places.append(best)
        value = np.maximum(np.concatenate(values, axis=-1), 0)
        return value, (x, together, places, value > 0)

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array, ...]:
        x, together, places, is_open = saved
        gradient = gradient * is_open
        n, length = len(rows_of(x)), x.shape[-2]
        texts = np.arange(0, n, length)[:, None]  # each text's first row
        rows, columns, numbers, of_biases, first, column = [], [], [], [], 0, 0
        for w, best in zip(self.windows, places, strict=True):
            filters = best.shape[-1]
            own = rows_of(gradient[..., first : first + filters])  # (B, F)
            first += filters
            of_biases.append(own.sum(axis=0))
            for place in range(w):
                word = rows_of(best) + place - (w - 1)
                counts = (own != 0) & (word >= 0) & (word < length)
                rows.append((texts + word)[counts])
                columns.append(np.nonzero(counts)[1] + column)
                numbers.append(own[counts])
                column += filters
        entries = (np.concatenate(numbers), (np.concatenate(rows), np.concatenate(columns)))
        by_product = sparse.csr_array(entries, shape=(n, column))  # (n, Σ w F): few windows are the highest of a text
        by_x = (by_product @ together.T).reshape(x.shape) * self.real[..., None]
        by_matrix = (by_product.T @ rows_of(x)).T  # (d, Σ w F)
        gradients, first = [by_x], 0
        for w, of_bias in zip(self.windows, of_biases, strict=True):
            count = w * len(of_bias)
            own = by_matrix[:, first : first + count].reshape(len(by_matrix), w, -1).swapaxes(0, 1)
            first += count
            gradients += [own.reshape(w * len(by_matrix), -1), of_bias]
        return tuple(gradients)

    @staticmethod
    def _columns(w: int, matrix: Array) -> Array:
        """(w d, F) → (d, w F): the filters' weights for each place of a window side by side."""
        d = len(matrix) // w
        return matrix.reshape(w, d, -1).swapaxes(0, 1).reshape(d, -1)

    @staticmethod
    def _moved(sums: Array, w: int, place: int) -> Array:
        """The windows (…, S, F) in which each word stands at a place."""
        start = w - 1 - place
        return sums[..., start : start + sums.shape[-2] - w + 1, :]

    def terms(self, node: Node, index: Index) -> Iterator[Term]:
        raise NotImplementedError("No lesson walks through a convolution; this is for training alone.")

    def slopes(self, node: Node, position: int, index: Index) -> Iterator[tuple[Index, tuple[Factor, ...]]]:
        raise NotImplementedError("No lesson walks through a convolution; this is for training alone.")


def convolution(tape: Tape, source: Array, configuration: Configuration) -> Node:
    """Logits (…, 1, C) of the labels, given source ids (…, S), PAD filled up."""
    with tape.scope("source"):
        x = apply(Lookup(source), tape.parameter("table"), name="embedding")  # (…, S, d)
        if configuration.source_width:
            x = apply(MatMul(), x, tape.parameter("projection"), name="projected")
    with tape.scope("convolution"):
        filters = [tape.parameter(f"{w}.{name}") for w in WINDOWS for name in ("weight", "bias")]
        features = apply(Features(WINDOWS, source != PAD), x, *filters, name="features")  # (…, 1, 300)
        features = dropout(features, configuration.dropout)
    with tape.scope("labels"):
        return linear(features, "output", "logits")  # (…, 1, C)


def filter_shapes(configuration: Configuration) -> dict[str, tuple[int, ...]]:
    """Every parameter's name and shape, in the order of use; weights are (d_in, d_out)."""
    d, width = configuration.d_model, configuration.source_width
    shapes: dict[str, tuple[int, ...]] = {"source.table": (configuration.source_words, width or d)}
    if width:
        shapes["source.projection"] = (width, d)
    for w in WINDOWS:
        shapes |= {f"convolution.{w}.weight": (w * d, FILTERS), f"convolution.{w}.bias": (FILTERS,)}
    labels = configuration.labels
    return shapes | {"labels.output.weight": (len(WINDOWS) * FILTERS, labels), "labels.output.bias": (labels,)}


@dataclass(frozen=True, eq=False)
class ConvolutionalClassifier(LabelReader):
    """Kim's network with its parameters, the words that it reads and the labels that it gives. Of its configuration it
    takes d_model, which is the width of a word's vector, and dropout."""

    def __post_init__(self) -> None:
        shapes = {name: array.shape for name, array in self.parameters.items()}
        if shapes != filter_shapes(self.configuration):
            raise UserError(
                _(
                    "The parameters have the shapes {shapes}, but this network needs {needed}.",
                    shapes=shapes,
                    needed=filter_shapes(self.configuration),
                )
            )

    @classmethod
    def fresh(
        cls,
        configuration: Configuration,
        source: Vocabulary,
        labels: Sequence[str],
        seed: int,
        table: Array,
        dtype: type[np.floating[Any]] = np.float64,
    ) -> ConvolutionalClassifier:
        """A network with the `table` given and all else drawn from `seed`: weights from Xavier's uniform distribution
        (Glorot & Bengio 2010), biases 0."""
        configuration = replace(configuration, source_words=len(source), target_words=0, labels=len(labels))
        random, parameters = np.random.default_rng(seed), {}
        apart = np.random.default_rng([seed, 0, 4])  # with a projection, all others are the same as without
        for name, shape in filter_shapes(configuration).items():
            if name == "source.table":
                drawn = table
            elif name.endswith(".bias"):
                drawn = np.zeros(shape)
            else:
                bound = np.sqrt(6 / sum(shape))
                drawn = (apart if name == "source.projection" else random).uniform(-bound, bound, shape)
            parameters[name] = drawn.astype(dtype)
        return cls(configuration, parameters, source, tuple(labels))

    def logits(self, tape: Tape, batch: Batch) -> Node:
        return convolution(tape, batch.source, self.configuration)

    def constrain(self) -> None:
        """Shorten the weights of a label that are longer than LONGEST."""
        weight = self.parameters["labels.output.weight"]
        lengths = np.linalg.norm(weight, axis=0)
        weight *= (LONGEST / np.maximum(lengths, LONGEST)).astype(weight.dtype)
