"""From a text to a label: the encoder, one vector for the whole text, and a layer that weighs the labels.

Every pooling is a weighted mean of the words that are there: M is what the encoder hands on, (S, d), a its weights,
(1, S), and aM the text's vector. They differ in the weights alone.
"""

from __future__ import annotations

import math

import numpy as np

from explorer.transformer.configuration import Configuration
from explorer.transformer.layers import apply, dropout, linear
from explorer.transformer.model import PAD, cross_entropies, encoder_pass, key_mask
from explorer.transformer.operations import Lookup, Mask, MatMul, Mean, Scale, Softmax
from explorer.transformer.tape import Array, Node, Tape


def classifier(tape: Tape, source: Array, configuration: Configuration) -> Node:
    """Logits (…, 1, C) of the labels, given source ids (…, S), PAD filled up."""
    memory = encoder_pass(tape, source, configuration)  # (…, S, d)
    with tape.scope("pooling"):
        weights = pooling_weights(memory, source, configuration)  # (…, 1, S)
        pooled = apply(MatMul(), weights, memory, name="pooled")  # (…, 1, d)
        pooled = dropout(pooled, configuration.dropout)
    with tape.scope("labels"):
        return linear(pooled, "output", "logits")  # (…, 1, C)


def label_loss(logits: Node, expected: Array) -> Node:
    """The mean over all texts of -log p(label), for the labels' numbers (…, 1)."""
    counted = np.ones(expected.shape, dtype=bool)
    with logits.tape.scope("labels"):
        losses = cross_entropies(logits, expected, 0.0, counted)
    return apply(Mean(counted), losses, name="loss")


def pooling_weights(memory: Node, source: Array, configuration: Configuration) -> Node:
    """How much each word counts for the text, (…, 1, S): 1/n for each of n words ("mean"), 1 for the first alone
    ("first", Devlin et al. 2019), or softmax(qMᵀ/√d) ("attention": a single query that is learned, Lee et al. 2019).

    The query starts at 0, so that attention starts as the mean.
    """
    real = source != PAD  # (…, S)
    if configuration.pooling == "attention":
        return _attention(memory, source, configuration.d_model)
    weights = real / real.sum(axis=-1, keepdims=True)
    if configuration.pooling == "first":
        weights = np.broadcast_to(np.arange(source.shape[-1]) == 0, source.shape)
    return memory.tape.constant(weights[..., None, :].astype(memory.tape.dtype), "weights")


def _attention(memory: Node, source: Array, d_model: int) -> Node:
    tape = memory.tape
    everywhere = np.zeros((*source.shape[:-1], 1), dtype=np.int64)  # each text asks with the same query
    query = apply(Lookup(everywhere), tape.parameter("query"), name="queries")  # (…, 1, d)
    scores = apply(MatMul(transposed=True), query, memory, name="scores")  # (…, 1, S)
    root = Scale(1 / math.sqrt(d_model), "\\frac{{ {0} }}{{ \\sqrt{{d}} }}", "1 / \\sqrt{d}")
    scaled = apply(root, scores, name="scaled")
    real = key_mask(source)  # (…, 1, 1, S), which has an axis of heads
    if real is not None:
        scaled = apply(Mask(real[..., 0, :, :]), scaled, name="masked")
    return apply(Softmax(), scaled, name="weights")
