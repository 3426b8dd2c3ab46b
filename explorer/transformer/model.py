"""The model: the passes through encoder and decoder, and the loss."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.configuration import Configuration
from explorer.transformer.layers import (
    apply,
    causal_mask,
    decoder_block,
    dropout,
    encoder_block,
    layer_norm,
    linear,
    sinusoidal_positions,
)
from explorer.transformer.operations import (
    Add,
    CrossEntropy,
    Lookup,
    MatMul,
    Mean,
    Scale,
    Softmax,
    SoftmaxCrossEntropy,
    TransposedLinear,
)
from explorer.transformer.tape import Array, Node, Tape

PAD = 0  # the id that fills up a batch's shorter sentences


def encoder(x: Node, configuration: Configuration, allowed: Array | None = None) -> Node:
    """The stack of encoder blocks over x (…, T, d)."""
    for layer in range(configuration.layers):
        with x.tape.scope(f"encoder.{layer}"):
            x = encoder_block(x, configuration, allowed)
    return layer_norm(x, "encoder.norm") if configuration.norm == "pre" else x


def decoder(
    y: Node, memory: Node | None, configuration: Configuration, causal: Array | None, allowed: Array | None = None
) -> Node:
    """The stack of decoder blocks over y (…, T, d), looking at the encoder's memory (…, S, d) where there is one."""
    for layer in range(configuration.layers):
        with y.tape.scope(f"decoder.{layer}"):
            y = decoder_block(y, memory, configuration, causal, allowed)
    return layer_norm(y, "decoder.norm") if configuration.norm == "pre" else y


_sines = lru_cache(maxsize=4)(sinusoidal_positions)  # the same for every batch


def embed(tape: Tape, side: str, ids: Array, configuration: Configuration, first: int = 0) -> Node:
    """Token ids (…, T) to vectors with positions (…, T, d), for the `source` or the `target` side (section 3.4).

    `first` is the position of the first of them.
    """
    d = configuration.d_model
    with tape.scope(side):
        table = tape.parameter("table")
        _check_ids(side, ids, table.value.shape[0], configuration.longest - first)
        x = apply(Lookup(ids), table, name="embedding")
        if configuration.width(side):
            x = apply(MatMul(), x, tape.parameter("projection"), name="projected")
        if configuration.scaled:
            x = apply(Scale(math.sqrt(d), "\\sqrt{{d}}\\,{0}", "\\sqrt{d}"), x, name="scaled_embedding")
        length = ids.shape[-1]
        if configuration.positions == "learned":
            rows = np.arange(first, first + length)
            positions = apply(Lookup(rows), tape.parameter("position_table"), name="positions")
        else:
            sines = _sines(configuration.longest, d)[first : first + length]
            positions = tape.constant(sines.astype(tape.dtype), "positions")
        return dropout(apply(Add(), x, positions, name="input"), configuration.dropout)


def transformer(tape: Tape, source: Array, target: Array, configuration: Configuration) -> Node:
    """Logits (…, T, V) for each next word, given source ids (…, S) and the target ids so far (…, T), PAD filled up."""
    return decoder_pass(tape, encoder_pass(tape, source, configuration), source, target, configuration)


def encoder_pass(tape: Tape, source: Array, configuration: Configuration) -> Node:
    """The memory (…, S, d) of source ids (…, S)."""
    return encoder(embed(tape, "source", source, configuration), configuration, key_mask(source))


def decoder_pass(
    tape: Tape, memory: Node, source: Array, target: Array, configuration: Configuration, decoded: int = 0
) -> Node:
    """Logits (…, T, V) of target ids (…, T), looking at the memory (…, S, d) of source ids (…, S).

    With a cache on the tape that holds `decoded` tokens, `target` is the one that follows them.
    """
    y = embed(tape, "target", target, configuration, first=decoded)
    causal = None if decoded else _mask(target)  # a single last token may look at all that came before it
    return output_layer(decoder(y, memory, configuration, causal, key_mask(source)), configuration)


def language_model(tape: Tape, ids: Array, configuration: Configuration) -> Node:
    """Logits (…, T, V) for each next word, given the ids so far (…, T), PAD filled up: a decoder without a memory
    (Radford et al. 2018)."""
    return output_layer(
        decoder(embed(tape, "target", ids, configuration), None, configuration, _mask(ids)), configuration
    )


def _mask(target: Array) -> Array:
    """What each token of ids (…, T) may look at: itself and real tokens before it."""
    real, causal = key_mask(target), causal_mask(target.shape[-1])
    return causal if real is None else causal & real


def output_layer(y: Node, configuration: Configuration) -> Node:
    """Logits (…, T, V): y W + b, or y Eᵀ + b with the target's embedding table E, projected where it is read so, where
    weights are tied."""
    if not configuration.tied:
        return linear(y, "output", "logits")
    tape = y.tape
    table = tape.parameter("target.table")
    if configuration.width("target"):
        table = apply(MatMul(), table, tape.parameter("target.projection"), name="projected_table")
    bias = tape.parameter("output.bias")
    if not tape.tracing:
        return apply(TransposedLinear(), y, table, bias, name="logits")
    return apply(Add(), apply(MatMul(transposed=True), y, table, name="similarities"), bias, name="logits")


def cross_entropy(logits: Node, expected: Array, smoothing: float = 0.0, counted: Array | None = None) -> Node:
    """The mean over all `counted` positions (…, T), where None all but padding, of -log p(expected word or label), for
    expected ids (…, T)."""
    counted = expected != PAD if counted is None else counted
    return apply(Mean(counted), cross_entropies(logits, expected, smoothing, counted), name="loss")


def cross_entropies(logits: Node, expected: Array, smoothing: float, counted: Array) -> Node:
    """-log p of each expected word or label (…, T)."""
    if logits.tape.tracing:
        probabilities = apply(Softmax(), logits, name="probabilities")  # (…, T, V)
        return apply(CrossEntropy(expected, counted, smoothing), probabilities, name="losses")  # (…, T)
    return apply(SoftmaxCrossEntropy(expected, counted, smoothing), logits, name="losses")  # (…, T)


def key_mask(ids: Array) -> Array | None:
    """True for real tokens, broadcastable to (…, h, T_q, T_k); None where nothing is padding."""
    real = ids != PAD
    return None if real.all() else real[..., None, None, :]


def _check_ids(side: str, ids: Array, words: int, longest: int) -> None:
    if ids.shape[-1] == 0:
        raise UserError(_("The {side} is empty: give at least one token.", side=side))
    if ids.shape[-1] > longest:
        raise UserError(
            _(
                "The {side} has {shape} tokens, but this model reads at most {longest}.",
                side=side,
                shape=ids.shape[-1],
                longest=longest,
            )
        )
    if ids.min() < 0 or ids.max() >= words:
        wrong = int(ids.min() if ids.min() < 0 else ids.max())
        raise UserError(
            _(
                "The {side} ids (shape {shape}) hold {ids}, but the vocabulary goes from 0 to {words}.",
                side=side,
                shape=ids.shape,
                ids=wrong,
                words=words - 1,
            )
        )
