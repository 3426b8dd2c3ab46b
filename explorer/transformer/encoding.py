"""One sentence's vectors through the encoder, with every number on the trace."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.configuration import Configuration
from explorer.transformer.layers import apply, sinusoidal_positions
from explorer.transformer.model import encoder
from explorer.transformer.operations import Add, MatMul
from explorer.transformer.parameters import initial_parameters
from explorer.transformer.tape import Array, Tape
from explorer.transformer.trace import Trace


def random_projection(dimensions: int, d_model: int, seed: int) -> Array:
    """A matrix (dimensions, d_model) of normal numbers, scaled to keep lengths as they are on average (Johnson &
    Lindenstrauss 1984)."""
    return np.random.default_rng([seed, d_model]).normal(0, 1 / np.sqrt(d_model), (dimensions, d_model))


def encode(
    tokens: Sequence[str],
    vectors: Array,
    *,
    layers: int = 2,
    heads: int = 2,
    d_ff: int | None = None,
    d_model: int | None = None,
    seed: int = 0,
) -> Trace:
    """Encode `vectors` (T, d), one row a token, with weights drawn from `seed`, in float64.

    `d_model` smaller than d sends the vectors through a random projection first, drawn from the same seed.
    Raises UserError for sizes that do not fit, no tokens, or vectors that hold no numbers.
    """
    vectors = np.asarray(vectors, dtype=np.float64)
    if not tokens:
        raise UserError(_("There is nothing to encode: give at least one word."))
    if not np.isfinite(vectors).all():
        raise UserError(
            _("The vectors (shape {shape}) hold NaN or infinite values; an encoder needs numbers.", shape=vectors.shape)
        )
    if seed < 0:
        raise UserError(_("The seed is {seed}, but must be 0 or more.", seed=seed))
    dimensions = vectors.shape[1]
    d_model = dimensions if d_model is None else d_model
    configuration = Configuration(d_model=d_model, heads=heads, layers=layers, d_ff=d_ff)
    if d_model > dimensions:
        raise UserError(
            _(
                "d_model is {d_model}, but the vectors have {dimensions} dimensions. "
                "Give a d_model from 1 to {dimensions}.",
                d_model=d_model,
                dimensions=dimensions,
            )
        )
    parameters = initial_parameters(configuration, seed)
    if d_model < dimensions:
        parameters["projection"] = random_projection(dimensions, d_model, seed)

    tape = Tape(parameters)
    x = tape.constant(vectors, "embedding")
    if "projection" in parameters:
        x = apply(MatMul(), x, tape.parameter("projection"), name="projected")
    positions = tape.constant(sinusoidal_positions(len(tokens), d_model), "positions")
    encoder(apply(Add(), x, positions, name="input"), configuration)
    return Trace(tape, tokens)
