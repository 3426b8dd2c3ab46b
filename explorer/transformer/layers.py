"""The layers of the paper, each a function of the tape's nodes that reads like its equation."""

from __future__ import annotations

import math

import numpy as np

from explorer.transformer.operations import (
    add,
    layer_norm,
    linear,
    mask,
    matmul,
    matmul_transposed,
    merge_heads,
    relu,
    scale,
    softmax,
    split_heads,
)
from explorer.transformer.tape import Array, Node


def sinusoidal_positions(length: int, d_model: int) -> Array:
    """PE (T, d), float64: sines in even columns, cosines in odd ones (Vaswani et al. 2017, section 3.5)."""
    column = np.arange(d_model)
    angle = np.arange(length)[:, None] / 10000 ** ((column - column % 2) / d_model)
    return np.where(column % 2 == 0, np.sin(angle), np.cos(angle))


def multi_head_attention(x: Node, memory: Node, heads: int, allowed: Array | None = None) -> Node:
    """MultiHead(x, memory, memory): queries from `x`, keys and values from `memory` (section 3.2.2).

    `allowed` is a boolean mask that broadcasts to (…, h, T_q, T_k); true where a query may look.
    """
    query = split_heads(linear(x, "query", "projected_query"), heads, name="query")  # (…, h, T_q, d_k)
    key = split_heads(linear(memory, "key", "projected_key"), heads, name="key")  # (…, h, T_k, d_k)
    value = split_heads(linear(memory, "value", "projected_value"), heads, name="value")  # (…, h, T_k, d_k)
    scores = matmul_transposed(query, key, name="scores")  # (…, h, T_q, T_k)
    scaled = scale(scores, 1 / math.sqrt(query.value.shape[-1]), "\\frac{{ {0} }}{{ \\sqrt{{d_k}} }}", name="scaled")
    if allowed is not None:
        scaled = mask(scaled, allowed, name="masked")
    weights = softmax(scaled, name="weights")
    attended = matmul(weights, value, name="heads")  # (…, h, T_q, d_k)
    return linear(merge_heads(attended, name="concatenated"), "output")  # (…, T_q, d)


def feed_forward(x: Node) -> Node:
    """max(0, x W₁ + b₁) W₂ + b₂ (section 3.3)."""
    hidden = linear(x, "hidden")  # (…, T, d_ff)
    return linear(relu(hidden, name="activation"), "output")  # (…, T, d)


def add_and_norm(x: Node, sublayer: Node) -> Node:
    """LayerNorm(x + Sublayer(x)), the post-norm of section 3.1."""
    return layer_norm(add(x, sublayer, name="residual"), name="norm")


def encoder_block(x: Node, heads: int, allowed: Array | None = None) -> Node:
    """Self-attention, then feed-forward, each with its add & norm."""
    with x.tape.scope("self_attention"):
        x = add_and_norm(x, multi_head_attention(x, x, heads, allowed))
    with x.tape.scope("feed_forward"):
        return add_and_norm(x, feed_forward(x))
