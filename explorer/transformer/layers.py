"""The layers of the paper, each a function of the tape's nodes that reads like its equation.

Vaswani et al. 2017, "Attention is all you need"; sections are its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from explorer.transformer.configuration import Configuration
from explorer.transformer.operations import (
    GELU,
    Add,
    Append,
    Attention,
    Dropout,
    LayerNorm,
    Linear,
    Mask,
    MatMul,
    MergeHeads,
    ReLU,
    Scale,
    Softmax,
    SplitHeads,
)
from explorer.transformer.tape import Array, Node, Operation


def apply(operation: Operation, *inputs: Node, name: str) -> Node:
    return inputs[0].tape.apply(operation, *inputs, name=name)


def linear(x: Node, parameters: str, name: str = "") -> Node:
    """x W + b with the parameters of that name."""
    weight, bias = x.tape.parameter(f"{parameters}.weight"), x.tape.parameter(f"{parameters}.bias")
    return apply(Linear(), x, weight, bias, name=name or parameters)


def layer_norm(x: Node, parameters: str = "norm", name: str = "") -> Node:
    gain, bias = x.tape.parameter(f"{parameters}.gain"), x.tape.parameter(f"{parameters}.bias")
    return apply(LayerNorm(), x, gain, bias, name=name or parameters)


def dropout(x: Node, rate: float) -> Node:
    """Dropout while training, x itself otherwise (section 5.4)."""
    random = x.tape.random
    return x if random is None or not rate else apply(Dropout.of_rate(rate, x.value.shape, random), x, name="dropout")


def sinusoidal_positions(length: int, d_model: int) -> Array:
    """PE (T, d), float64: sines in even columns, cosines in odd ones (section 3.5)."""
    column = np.arange(d_model)
    angle = np.arange(length)[:, None] / 10000 ** ((column - column % 2) / d_model)
    return np.where(column % 2 == 0, np.sin(angle), np.cos(angle))


def causal_mask(length: int) -> Array:
    """True where a position may look: at itself and at what came before it. (T, T), section 3.2.3."""
    return np.tri(length, dtype=bool)


def multi_head_attention(x: Node, memory: Node, heads: int, allowed: Array | None = None) -> Node:
    """MultiHead(x, memory, memory): queries from `x`, keys and values from `memory` (section 3.2.2).

    `allowed` is a boolean mask that broadcasts to (…, h, T_q, T_k); true where a query may look.
    """
    query = apply(SplitHeads(heads), linear(x, "query", "projected_query"), name="query")  # (…, h, T_q, d_k)
    key = _cached(x, memory, heads, "key")  # (…, h, T_k, d_k)
    value = _cached(x, memory, heads, "value")  # (…, h, T_k, d_k)
    attended = attention(query, key, value, allowed)  # (…, h, T_q, d_k)
    return linear(apply(MergeHeads(), attended, name="concatenated"), "output")  # (…, T_q, d)


def attention(query: Node, key: Node, value: Node, allowed: Array | None) -> Node:
    """softmax(Q Kᵀ / √d_k + M) V (equation 1). With a trace, each step is recorded."""
    if not query.tape.tracing:
        return apply(Attention(allowed), query, key, value, name="heads")
    scores = apply(MatMul(transposed=True), query, key, name="scores")  # (…, h, T_q, T_k)
    scaled = apply(_one_over_root(query.value.shape[-1]), scores, name="scaled")
    if allowed is not None:
        scaled = apply(Mask(allowed), scaled, name="masked")
    weights = apply(Softmax(), scaled, name="weights")
    return apply(MatMul(), weights, value, name="heads")


def _cached(x: Node, memory: Node, heads: int, role: str) -> Node:
    """Keys or values of `memory`; while decoding with a cache those of the source stay, those of the target grow."""
    tape, name = x.tape, x.tape.full_name(role)
    past = None if tape.cache is None else tape.cache.get(name)
    if past is not None and memory is not x:
        return tape.constant(past, role)
    node = apply(
        SplitHeads(heads), linear(memory, role, f"projected_{role}"), name=role if past is None else f"next_{role}"
    )
    if past is not None:
        node = apply(Append(past), node, name=role)
    if tape.cache is not None:
        tape.cache[name] = node.value
    return node


def _one_over_root(d_k: int) -> Scale:
    return Scale(1 / math.sqrt(d_k), "\\frac{{ {0} }}{{ \\sqrt{{d_k}} }}", "1 / \\sqrt{d_k}")


def feed_forward(x: Node, activation: str) -> Node:
    """max(0, x W₁ + b₁) W₂ + b₂ (section 3.3), or with GELU in place of the maximum."""
    hidden = linear(x, "hidden")  # (…, T, d_ff)
    operation = ReLU() if activation == "relu" else GELU()
    return linear(apply(operation, hidden, name="activation"), "output")  # (…, T, d)


def sublayer(x: Node, function: Callable[[Node], Node], configuration: Configuration) -> Node:
    """LayerNorm(x + f(x)), the post-norm of section 3.1; or x + f(LayerNorm(x)), the pre-norm of Xiong et al. 2020."""
    if configuration.norm == "pre":
        return apply(
            Add(), x, dropout(function(layer_norm(x, name="normalised")), configuration.dropout), name="residual"
        )
    return layer_norm(apply(Add(), x, dropout(function(x), configuration.dropout), name="residual"))


def encoder_block(x: Node, configuration: Configuration, allowed: Array | None = None) -> Node:
    """Self-attention, then feed-forward."""
    with x.tape.scope("self_attention"):
        x = sublayer(x, lambda y: multi_head_attention(y, y, configuration.heads, allowed), configuration)
    with x.tape.scope("feed_forward"):
        return sublayer(x, lambda y: feed_forward(y, configuration.activation), configuration)


def decoder_block(
    x: Node, memory: Node | None, configuration: Configuration, causal: Array | None, allowed: Array | None = None
) -> Node:
    """Masked self-attention, cross-attention to the encoder's `memory`, then feed-forward.

    `causal` masks the target's own positions, `allowed` those of the source. A language model has no memory, and no
    cross-attention.
    """
    with x.tape.scope("self_attention"):
        x = sublayer(x, lambda y: multi_head_attention(y, y, configuration.heads, causal), configuration)
    if memory is not None:
        with x.tape.scope("cross_attention"):
            x = sublayer(x, lambda y: multi_head_attention(y, memory, configuration.heads, allowed), configuration)
    with x.tape.scope("feed_forward"):
        return sublayer(x, lambda y: feed_forward(y, configuration.activation), configuration)
