"""The model: its configuration, its parameters, and the stack of blocks that they drive."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.errors import UserError
from explorer.transformer.layers import encoder_block
from explorer.transformer.tape import Array, Node


@dataclass(frozen=True)
class Configuration:
    """The sizes of a transformer. Raises UserError where they do not fit together."""

    d_model: int
    heads: int = 2
    layers: int = 2
    d_ff: int | None = None  # 4 d_model, as in the paper, where None

    def __post_init__(self) -> None:
        for name, size in (("d_model", self.d_model), ("heads", self.heads), ("layers", self.layers)):
            if size < 1:
                raise UserError(f"{name} is {size}, but must be at least 1.")
        if self.d_ff is not None and self.d_ff < 1:
            raise UserError(f"d_ff is {self.d_ff}, but must be at least 1.")
        if self.d_model % self.heads:
            divisors = [n for n in range(1, min(self.d_model, 16) + 1) if self.d_model % n == 0]
            raise UserError(
                f"{self.heads} heads do not divide d_model = {self.d_model} evenly. "
                f"Take a number of heads that does: {', '.join(map(str, divisors))}."
            )

    @property
    def hidden(self) -> int:
        """The width of the feed-forward layer."""
        return 4 * self.d_model if self.d_ff is None else self.d_ff


def parameter_shapes(configuration: Configuration) -> dict[str, tuple[int, ...]]:
    """Every parameter's name and shape, in the order of use; weights are (d_in, d_out)."""
    d, hidden = configuration.d_model, configuration.hidden
    shapes: dict[str, tuple[int, ...]] = {}

    def linear(name: str, d_in: int, d_out: int) -> None:
        shapes[f"{name}.weight"] = (d_in, d_out)
        shapes[f"{name}.bias"] = (d_out,)

    def norm(name: str) -> None:
        shapes[f"{name}.gain"] = shapes[f"{name}.bias"] = (d,)

    for layer in range(configuration.layers):
        attention = f"encoder.{layer}.self_attention"
        for role in ("query", "key", "value", "output"):
            linear(f"{attention}.{role}", d, d)
        norm(f"{attention}.norm")
        feed_forward = f"encoder.{layer}.feed_forward"
        linear(f"{feed_forward}.hidden", d, hidden)
        linear(f"{feed_forward}.output", hidden, d)
        norm(f"{feed_forward}.norm")
    return shapes


def initial_parameters(configuration: Configuration, seed: int) -> dict[str, Array]:
    """Float64 parameters: weights from Xavier's uniform distribution (Glorot & Bengio 2010, equation 16), biases 0,
    gains 1."""
    random = np.random.default_rng(seed)
    parameters: dict[str, Array] = {}
    for name, shape in parameter_shapes(configuration).items():
        if name.endswith(".weight"):
            bound = np.sqrt(6 / sum(shape))
            parameters[name] = random.uniform(-bound, bound, shape)
        else:
            parameters[name] = np.full(shape, 1.0 if name.endswith(".gain") else 0.0)
    return parameters


def encoder(x: Node, configuration: Configuration, allowed: Array | None = None) -> Node:
    """The stack of encoder blocks over x (…, T, d)."""
    for layer in range(configuration.layers):
        with x.tape.scope(f"encoder.{layer}"):
            x = encoder_block(x, configuration.heads, allowed)
    return x
