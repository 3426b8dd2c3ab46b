"""The model: its configuration, its parameters, and the passes through encoder and decoder."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.bounds import NORMS, POOLINGS
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
from explorer.transformer.recipe_bounds import MOST_D_FF, MOST_D_MODEL, MOST_HEADS, MOST_LABELS, MOST_LAYERS
from explorer.transformer.tape import Array, Node, Tape

PAD = 0  # the id that fills up a batch's shorter sentences


@dataclass(frozen=True)
class Configuration:
    """The sizes and switches of a transformer. Raises UserError where they do not fit together."""

    d_model: int  # numbers in the vector of a token
    heads: int = 2  # of each attention, which share the numbers of a vector
    layers: int = 2  # encoder blocks, and as many decoder blocks
    d_ff: int | None = None  # width of the feed-forward layers; 4 d_model, as in the paper, where None
    norm: str = "post"  # whether a sublayer is normalised after it is added, or "pre", before
    activation: str = "relu"  # of the feed-forward layers; or "gelu"
    positions: str = "sinusoidal"  # the encodings of places; or "learned"
    scaled: bool = False  # whether token embeddings are multiplied by √d_model (section 3.4)
    tied: bool = False  # whether the output layer's weights are the target's embedding table
    dropout: float = 0.0  # the share of the numbers that an update leaves out
    source_words: int = 0  # sizes of the vocabularies; 0 where vectors come from outside
    target_words: int = 0
    longest: int = 64  # tokens a sentence may have
    source_width: int = (
        0  # columns of the table that is read where a projection brings them to d_model; 0 is without one
    )
    labels: int = 0  # how many a classifier tells apart; 0 is a translator
    pooling: str = "mean"  # what makes one vector of a classifier's text; or "first", or "attention"

    def __post_init__(self) -> None:
        for name, most in _MOST.items():
            size = getattr(self, name)
            least = 0 if name.startswith(("source", "target", "labels")) else 1
            if name == "d_ff" and size is None:
                continue
            if not isinstance(size, int) or isinstance(size, bool) or not least <= size <= most:
                raise UserError(
                    _(
                        "{name} is {size}, but must be a whole number from {least} to {most:,}.",
                        name=name,
                        size=size,
                        least=least,
                        most=most,
                    )
                )
        if self.d_model % self.heads:
            divisors = [n for n in range(1, min(self.d_model, 16) + 1) if self.d_model % n == 0]
            raise UserError(
                _(
                    "{heads} heads do not divide d_model = {d_model} evenly. Take a number of heads that does: {map}.",
                    heads=self.heads,
                    d_model=self.d_model,
                    map=", ".join(map(str, divisors)),
                )
            )
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise UserError(
                    _(
                        "{name} is “{value}”, but must be {choices}.",
                        name=name,
                        value=getattr(self, name),
                        choices=" or ".join(choices),
                    )
                )
        if not (isinstance(self.dropout, (int, float)) and 0 <= self.dropout < 1):
            raise UserError(_("dropout is {dropout}, but must be at least 0 and less than 1.", dropout=self.dropout))

    @property
    def hidden(self) -> int:
        """The width of the feed-forward layer."""
        return 4 * self.d_model if self.d_ff is None else self.d_ff

    @property
    def is_language_model(self) -> bool:
        """Whether there is nothing but a target: a decoder alone, whose words follow from those before them."""
        return self.target_words > 0 and not self.source_words

    def width(self, side: str) -> int:
        """Columns of a side's table where a projection brings them to d_model, 0 where none does: that of the source,
        or of a language model's only table."""
        return self.source_width if side == "source" or self.is_language_model else 0


_MOST = {
    "d_model": MOST_D_MODEL,
    "heads": MOST_HEADS,
    "layers": MOST_LAYERS,
    "d_ff": MOST_D_FF,
    "longest": 4096,
    "source_words": 1_000_000,
    "target_words": 1_000_000,
    "source_width": MOST_D_MODEL,
    "labels": MOST_LABELS,
}
_CHOICES = {
    "norm": NORMS,
    "activation": ("relu", "gelu"),
    "positions": ("sinusoidal", "learned"),
    "pooling": POOLINGS,
}


def parameter_shapes(configuration: Configuration) -> dict[str, tuple[int, ...]]:
    """Every parameter's name and shape, in the order of use; weights are (d_in, d_out).

    Without vocabularies these are the encoder's alone; with a target's alone, those of a language model.
    """
    d, hidden = configuration.d_model, configuration.hidden
    shapes: dict[str, tuple[int, ...]] = {}

    def linear_layer(name: str, d_in: int, d_out: int) -> None:
        shapes[f"{name}.weight"] = (d_in, d_out)
        shapes[f"{name}.bias"] = (d_out,)

    def norm_layer(name: str) -> None:
        shapes[f"{name}.gain"] = shapes[f"{name}.bias"] = (d,)

    def stack(name: str, attentions: tuple[str, ...]) -> None:
        for layer in range(configuration.layers):
            for attention in attentions:
                for role in ("query", "key", "value", "output"):
                    linear_layer(f"{name}.{layer}.{attention}.{role}", d, d)
                norm_layer(f"{name}.{layer}.{attention}.norm")
            linear_layer(f"{name}.{layer}.feed_forward.hidden", d, hidden)
            linear_layer(f"{name}.{layer}.feed_forward.output", hidden, d)
            norm_layer(f"{name}.{layer}.feed_forward.norm")
        if configuration.norm == "pre":
            norm_layer(f"{name}.norm")

    def embedding(name: str, words: int) -> None:
        width = configuration.width(name)
        shapes[f"{name}.table"] = (words, width or d)
        if width:
            shapes[f"{name}.projection"] = (width, d)
        if configuration.positions == "learned":
            shapes[f"{name}.position_table"] = (configuration.longest, d)

    if configuration.source_words:
        embedding("source", configuration.source_words)
    if not configuration.is_language_model:
        stack("encoder", ("self_attention",))
    if configuration.target_words:
        embedding("target", configuration.target_words)
        stack("decoder", ("self_attention", *([] if configuration.is_language_model else ["cross_attention"])))
        if configuration.tied:
            shapes["output.bias"] = (configuration.target_words,)
        else:
            linear_layer("output", d, configuration.target_words)
    if configuration.labels:
        if configuration.pooling == "attention":
            shapes["pooling.query"] = (1, d)
        linear_layer("labels.output", d, configuration.labels)
    return shapes


def initial_parameters(
    configuration: Configuration,
    seed: int,
    tables: Mapping[str, Array] | None = None,
    dtype: type[np.floating[Any]] = np.float64,
) -> dict[str, Array]:
    """Parameters drawn from `seed`, but for the `tables` that are given by name: weights from Xavier's uniform
    distribution (Glorot & Bengio 2010, equation 16), biases 0, gains 1, embedding tables and learned positions from a
    normal distribution of variance 1/d.

    With a projection of the source all others are the same as without.
    """
    shapes = parameter_shapes(configuration)
    others = parameter_shapes(replace(configuration, source_width=0))
    random = np.random.default_rng(seed)
    parameters = {name: _initial(name, shape, configuration.d_model, random) for name, shape in others.items()}
    apart = np.random.default_rng([seed, 0, 4])  # a stream that nothing else draws from
    drawn = {
        name: parameters[name] if others.get(name) == shape else _initial(name, shape, configuration.d_model, apart)
        for name, shape in shapes.items()
    }
    return {name: array.astype(dtype) for name, array in (drawn | dict(tables or {})).items()}


def _initial(name: str, shape: tuple[int, ...], d_model: int, random: np.random.Generator) -> Array:
    if name.endswith((".weight", ".projection")):
        bound = np.sqrt(6 / sum(shape))
        return random.uniform(-bound, bound, shape)
    if name.endswith("table"):
        return random.normal(0, d_model**-0.5, shape)
    return np.full(shape, 1.0 if name.endswith(".gain") else 0.0)


def parameter_count(configuration: Configuration) -> int:
    """How many numbers a model learns."""
    return sum(math.prod(shape) for shape in parameter_shapes(configuration).values())


def check_parameters(configuration: Configuration, parameters: Mapping[str, Array]) -> None:
    """Raise UserError naming the first tensor that is missing, left over, of another shape, or not finite."""
    shapes = parameter_shapes(configuration)
    for name, shape in shapes.items():
        if name not in parameters:
            raise UserError(
                _(
                    "The parameter {name} is missing; the configuration needs it with shape {shape}.",
                    name=name,
                    shape=shape,
                )
            )
        if parameters[name].dtype.kind != "f":
            raise UserError(
                _(
                    "The parameter {name} holds {dtype} numbers; it needs floating-point ones.",
                    name=name,
                    dtype=parameters[name].dtype,
                )
            )
        actual = parameters[name].shape
        if actual != shape:
            raise UserError(
                _(
                    "The parameter {name} has shape {actual}, but the configuration needs {shape}.",
                    name=name,
                    actual=actual,
                    shape=shape,
                )
            )
        if not np.isfinite(parameters[name]).all():
            raise UserError(
                _("The parameter {name} (shape {shape}) holds NaN or infinite values.", name=name, shape=shape)
            )
    left_over = [name for name in parameters if name not in shapes]
    if left_over:
        raise UserError(_("The configuration has no parameter called {left_over}.", left_over=left_over[0]))


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
            positions = tape.constant(sines.astype(x.value.dtype), "positions")
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
