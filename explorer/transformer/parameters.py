"""The parameters of a transformer: their names and shapes, how they are drawn, and whether given ones fit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.configuration import Configuration
from explorer.transformer.tape import Array


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
