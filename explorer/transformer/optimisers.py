"""Optimisers: how a step changes the parameters, given their gradients."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.tape import Array

_BLOCK = 1 << 15  # numbers updated at a time, few enough to stay in the processor's cache through all operations


class FlatParameters:
    """Named arrays that are views of one flat array, so that an optimiser's step is a few operations in all.

    Those in `frozen` stand at its end: the first `learnable` numbers are those that a step changes.
    """

    def __init__(self, arrays: Mapping[str, Array], frozen: Collection[str] = ()):
        arrays = dict(sorted(arrays.items(), key=lambda item: item[0] in frozen))
        self.learnable = sum(array.size for name, array in arrays.items() if name not in frozen)
        self.flat = np.concatenate([array.ravel() for array in arrays.values()])
        self.arrays: dict[str, Array] = {}
        self._places: dict[str, slice] = {}
        start = 0
        for name, array in arrays.items():
            self._places[name] = slice(start, start + array.size)
            self.arrays[name] = self.flat[self._places[name]].reshape(array.shape)
            start += array.size

    def gather(self, gradients: Mapping[str, Array], out: Array) -> None:
        """Write the gradients into `out` (learnable,), in the order of the parameters; zeros where there is none."""
        for name, place in self._places.items():
            if place.start >= self.learnable:
                break
            out[place] = gradients[name].ravel() if name in gradients else 0

    def view(self, flat: Array) -> dict[str, Array]:
        """A flat array of the same size or of the learnable numbers alone, such as Adam's m, by name."""
        return {
            name: flat[place].reshape(self.arrays[name].shape)
            for name, place in self._places.items()
            if place.stop <= flat.size
        }


@dataclass
class SGD:
    """v ← μ v + g, θ ← θ - η v (Sutskever et al. 2013, as PyTorch writes it)."""

    momentum: float = 0.0
    state: dict[str, Array] = field(default_factory=dict)

    def step(self, parameters: Array, gradient: Array, rate: float, number: int) -> None:
        """Change `parameters` (n,) in place; `number` counts the steps from 1."""
        if not self.momentum:
            parameters -= parameters.dtype.type(rate) * gradient
            return
        if not self.state:
            self.state = {"velocity": np.zeros_like(parameters)}
        velocity = self.state["velocity"]
        velocity *= parameters.dtype.type(self.momentum)
        velocity += gradient
        parameters -= parameters.dtype.type(rate) * velocity


@dataclass
class Adam:
    """Kingma & Ba 2015, algorithm 1; with `decay` AdamW, its weight decay decoupled (Loshchilov & Hutter 2019)."""

    beta1: float = 0.9
    beta2: float = 0.98
    epsilon: float = 1e-9
    decay: float = 0.0
    state: dict[str, Array] = field(default_factory=dict)

    def step(self, parameters: Array, gradient: Array, rate: float, number: int) -> None:
        """Change `parameters` (n,) in place; `number` counts the steps from 1."""
        number_of = parameters.dtype.type
        if not self.state:
            self.state = {"m": np.zeros_like(parameters), "v": np.zeros_like(parameters)}
        first, second = self.state["m"], self.state["v"]
        size = number_of(rate / (1 - self.beta1**number))
        correction = number_of(1 / math.sqrt(1 - self.beta2**number))
        scratch = np.empty((2, _BLOCK), parameters.dtype)
        for start in range(0, parameters.size, _BLOCK):
            block = slice(start, start + _BLOCK)
            theta, g, m, v = parameters[block], gradient[block], first[block], second[block]
            share, squared = scratch[:, : theta.size]
            if self.decay:
                theta *= number_of(1 - rate * self.decay)
            m *= number_of(self.beta1)
            m += np.multiply(g, number_of(1 - self.beta1), out=share)
            v *= number_of(self.beta2)
            np.multiply(g, g, out=squared)
            squared *= number_of(1 - self.beta2)
            v += squared
            denominator = np.sqrt(v, out=squared)
            denominator *= correction
            denominator += number_of(self.epsilon)
            change = np.divide(m, denominator, out=denominator)
            change *= size
            theta -= change


Optimiser = SGD | Adam
OPTIMISERS = ("sgd", "adam", "adamw")


def optimiser(name: str, momentum: float = 0.9, decay: float = 0.01) -> Optimiser:
    """The optimiser of that name. Raises UserError for another one."""
    if name == "sgd":
        return SGD(momentum)
    if name == "adam":
        return Adam()
    if name == "adamw":
        return Adam(decay=decay)
    raise UserError(
        _(
            "There is no optimiser called “{name}”. Take one of {optimisers}.",
            name=name,
            optimisers=", ".join(OPTIMISERS),
        )
    )


def warm_up(number: int, d_model: int, steps: int) -> float:
    """The rate of step `number`: rising for `steps` steps, then falling with 1/√number (Vaswani et al. 2017, eq. 3)."""
    return float(d_model**-0.5 * min(number**-0.5, number * steps**-1.5))


def clip(gradient: Array, longest: float) -> float:
    """Shorten `gradient` (n,) in place to length `longest`; give the length it had (Pascanu et al. 2013)."""
    length = math.sqrt(float(np.dot(gradient, gradient)))
    if length > longest:
        gradient *= gradient.dtype.type(longest / length)
    return length
