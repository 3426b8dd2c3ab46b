"""How sharp the loss of a model is, and what each of its sublayers adds to what enters it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

from explorer.initialisation.experiment import probed
from explorer.initialisation.tasks import Task
from explorer.transformer.model import cross_entropy
from explorer.transformer.reader import Batch, Reader
from explorer.transformer.tape import Array, Tape

_STEP = 1e-8  # along a direction of length 1, to each side: so short that no ReLU turns on the way
_CLOSE = 0.02  # share by which the eigenvalue may be wrong
_MOST = 40  # restarts of Lanczos' method
_SUBLAYERS = ("self_attention", "feed_forward")


@dataclass(frozen=True)
class Sublayer:
    """What a sublayer adds to the residual stream of the side that is read: mean lengths over the probed tokens."""

    arm: str
    moment: str
    layer: int  # from 1
    sublayer: str
    stream: float  # ‖x‖, what enters
    added: float  # ‖f(x)‖

    @property
    def share(self) -> float | None:
        """The latter over the former; None where nothing enters."""
        return self.added / self.stream if self.stream else None


def sharpness(model: Reader, batch: Batch, kept: Collection[str] = ()) -> float | None:
    """The largest eigenvalue of the Hessian of a batch's loss by all parameters but those that are `kept`; None where
    it is not found.

    By Lanczos' method; a product of the Hessian with a direction is the central difference of two gradients
    (Pearlmutter 1994 has the exact one). Gradient descent is stable where the rate is below two over it (Cohen et al.
    2021).
    """
    start = {name: array.astype(np.float64) for name, array in model.parameters.items()}
    names = [name for name in start if name not in kept]
    ends = np.cumsum([start[name].size for name in names])

    def gradient(direction: Array, step: float) -> Array:
        parts = np.split(direction, ends[:-1])
        moved = {
            name: start[name] + step * part.reshape(start[name].shape) for name, part in zip(names, parts, strict=True)
        }
        tape = Tape(start | moved, tracing=False)
        loss = cross_entropy(model.logits(tape, batch), batch.expected, counted=model.counted(batch))
        by_name = tape.backward(loss)
        return np.concatenate([by_name.get(name, np.zeros(start[name].shape)).ravel() for name in names])

    def product(direction: Array) -> Array:
        direction = direction.ravel() / np.linalg.norm(direction)
        return (gradient(direction, _STEP) - gradient(direction, -_STEP)) / (2 * _STEP)

    size = int(ends[-1])
    hessian = LinearOperator((size, size), matvec=lambda x: product(x) * np.linalg.norm(x), dtype=np.float64)
    first = np.random.default_rng(0).normal(size=size)
    try:
        return float(eigsh(hessian, 1, which="LA", v0=first, tol=_CLOSE, maxiter=_MOST, return_eigenvectors=False)[0])
    except ArpackNoConvergence:
        return None


def sublayers(arm: str, moment: str, model: Reader, data: Task) -> list[Sublayer]:
    """Those of the encoder, or of a language model's decoder, in their order."""
    stack = "encoder" if model.side == "source" else "decoder"
    lengths: dict[tuple[int, str], list[tuple[float, float]]] = {}
    for trace in probed(model, data):
        for layer in range(model.configuration.layers):
            for sublayer in _SUBLAYERS:
                entering, added = trace[f"{stack}.{layer}.{sublayer}.residual"].node.inputs
                pair = _length(entering.value), _length(added.value)
                lengths.setdefault((layer + 1, sublayer), []).append(pair)
    return [Sublayer(arm, moment, *place, *map(fmean, zip(*pairs, strict=True))) for place, pairs in lengths.items()]


def _length(rows: Array) -> float:
    return float(np.linalg.norm(rows, axis=-1).mean())
