"""Looking into a pass: what each layer would say, where the heads look, how large everything is."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.arrays import unit
from explorer.texts import _
from explorer.transformer.tape import Array
from explorer.transformer.trace import Trace
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import MARKS

_WEIGHTS = re.compile(r"^(encoder|decoder)\.(\d+)\.(self_attention|cross_attention)\.weights$")


@dataclass(frozen=True)
class Nearest:
    """A word near to a state, by cosine, and how many places it has risen since the layer before (None: it is new)."""

    word: str
    similarity: float
    risen: int | None


@dataclass(frozen=True)
class Layer:
    """What stands for each token after a layer: its nearest words in the model's own vocabulary, nearest first."""

    name: str
    tokens: tuple[str, ...]
    nearest: tuple[tuple[Nearest, ...], ...]  # a tuple of words for each token


_INPUTS = {"source": _("source input"), "target": _("target input")}
_LAYERS = {"encoder": _("encoder layer {layer}"), "decoder": _("decoder layer {layer}")}


def through_the_layers(translator: Translator, trace: Trace, side: str, n: int = 5) -> tuple[Layer, ...]:
    """For each token of the `source` or the `target`, the words of the model's table on that side to which the token's
    state is nearest by cosine: at the input and after each layer (nostalgebraist 2020, "the logit lens", with the
    embedding table in place of the output layer, so that it goes for the encoder too)."""
    stack, tokens = ("encoder", trace.token_names) if side == "source" else ("decoder", trace.target_names)
    words = translator.vocabulary(side).words
    table = translator.vectors(side).astype(np.float64)
    states = [(_INPUTS[side], trace[f"{side}.input"].value)]
    states += [
        (_LAYERS[stack].format(layer=layer), trace[name].value)
        for layer, name in enumerate(_block_outputs(trace, stack), start=1)
    ]
    layers: list[Layer] = []
    before: list[dict[str, int]] = [{} for _ in tokens]
    for name, state in states:
        cosines = unit(state) @ unit(table).T  # (T, V)
        cosines[:, : len(MARKS)] = -np.inf
        nearest = []
        for position in range(len(tokens)):
            order = np.argsort(-cosines[position], kind="stable")
            ranks = {words[row]: rank for rank, row in enumerate(order[: 20 * n].tolist())}
            nearest.append(
                tuple(
                    Nearest(
                        words[row],
                        float(cosines[position, row]),
                        before[position][words[row]] - rank if words[row] in before[position] else None,
                    )
                    for rank, row in enumerate(order[:n].tolist())
                    if np.isfinite(cosines[position, row])
                )
            )
            before[position] = ranks
        layers.append(Layer(name, tuple(tokens), tuple(nearest)))
    return tuple(layers)


def nearest_in_table(table: Array, words: tuple[str, ...], word: str, n: int) -> list[tuple[str, float]]:
    """The `n` words, marks left out, whose rows of an embedding table (V, d) are nearest to a word's by cosine.

    A row of zeros has no direction, and a word that is not in the vocabulary no row: neither has neighbours.
    """
    lengths = np.linalg.norm(table, axis=1)
    if word not in words or not lengths[words.index(word)]:
        return []
    own = words.index(word)
    cosines = np.divide(table @ table[own], lengths * lengths[own], where=lengths > 0, out=np.full(len(table), -np.inf))
    cosines[[own, *range(len(MARKS))]] = -np.inf
    order = [int(i) for i in np.argsort(-cosines, kind="stable")[:n] if np.isfinite(cosines[i])]
    return [(words[i], float(cosines[i])) for i in order]


def _block_outputs(trace: Trace, stack: str) -> Sequence[str]:
    """The name of what each block of a stack hands on: its last norm, or its last residual where norms come first."""
    names, layer = [], 0
    while f"{stack}.{layer}.feed_forward.residual" in trace:
        normed = f"{stack}.{layer}.feed_forward.norm"
        names.append(normed if normed in trace else f"{stack}.{layer}.feed_forward.residual")
        layer += 1
    return names


@dataclass(frozen=True)
class Head:
    """A head of one attention. `entropy` is the mean over its rows, in bits: 0 looks at one token, log2(n) at all n
    alike; `norm` the mean length of what the head hands on to a token."""

    attention: str  # such as "encoder.0.self_attention"
    head: int  # counted from 1
    entropy: float
    norm: float


def heads(trace: Trace) -> tuple[Head, ...]:
    """The entropy and the norm of every head of a pass, in the order they were computed."""
    rows = []
    for tensor in trace:
        if _WEIGHTS.match(tensor.name):
            scope = tensor.name.removesuffix(".weights")
            mixed = np.linalg.norm(trace[f"{scope}.heads"].value, axis=-1).mean(axis=-1)  # (h,)
            weights = tensor.value  # (h, T_q, T_k)
            logarithms = np.log2(weights, where=weights > 0, out=np.zeros_like(weights))
            entropies = -(weights * logarithms).sum(axis=-1).mean(axis=-1)  # (h,)
            rows += [
                Head(scope, number, float(entropy), float(norm))
                for number, (entropy, norm) in enumerate(zip(entropies, mixed, strict=True), start=1)
            ]
    return tuple(rows)


@dataclass(frozen=True)
class Widths:
    """Mean lengths of a side's vectors as they are added up (√d E where the model scales) and of its positions.

    Where vectors are much the longer, the order of the words drowns (Kim, Balasubramanian & Kang 2024). `factor` is
    what the table would have to be multiplied by for both to be equally long.
    """

    vectors: float
    positions: float

    @property
    def factor(self) -> float:
        return self.positions / self.vectors if self.vectors else math.inf


def widths(trace: Trace, side: str) -> Widths:
    """‖√d E‖ against ‖PE‖ on the `source` or the `target` side, over the tokens of this pass."""
    steps = (f"{side}.{name}" for name in ("scaled_embedding", "projected", "embedding"))
    vectors = trace[next(name for name in steps if name in trace)].value
    positions = trace[f"{side}.positions"].value
    return Widths(*(float(np.linalg.norm(rows, axis=-1).mean()) for rows in (vectors, positions)))
