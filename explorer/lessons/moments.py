"""What is kept of a training: its weights at some steps, in files that vanish with the last use of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from tempfile import TemporaryFile

import numpy as np

from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.tape import Array
from explorer.transformer.training import Measure, Training
from explorer.transformer.translator import Translator

MOST_KEPT = 2**29
"""Bytes of all moments of one training together."""


@dataclass(frozen=True, eq=False)
class Moment:
    """The weights after `step` updates, the optimiser's memory then (empty before the first), and what validation
    found. The arrays are read from a file when they are looked at, and cannot be changed."""

    step: int
    parameters: dict[str, Array]
    optimiser: dict[str, dict[str, Array]]
    measure: Measure

    @classmethod
    def of(cls, training: Training[Translator], measure: Measure) -> Moment:
        """A training as it is now. Raises UserError where the disk is full."""
        state = training.optimiser_state()
        try:
            parameters, *means = _on_disk([training.translator.parameters, *state.values()])
        except OSError as error:
            raise UserError(
                _(
                    "The checkpoint after update {step:,} cannot be written to the disk: {reason}. The training ends "
                    "here.",
                    step=training.step,
                    reason=error.strerror,
                )
            ) from error
        return cls(training.step, parameters, dict(zip(state, means, strict=True)), measure)


def bytes_of(parameters: Mapping[str, Array]) -> int:
    """What a moment of these weights takes: they, Adam's m and Adam's v."""
    return 3 * sum(array.nbytes for array in parameters.values())


def _on_disk(groups: list[dict[str, Array]]) -> list[dict[str, Array]]:
    """The same arrays, read from a file that has no name, so that the system removes it with the last of them.

    It is written before it is mapped: a full disk is an error then, and not the end of the process.
    """
    with TemporaryFile(prefix="explorer-") as file:
        for arrays in groups:
            for array in arrays.values():
                file.write(np.ascontiguousarray(array).data)
        file.flush()
        stored = np.memmap(file, np.uint8, "r")
    copies: list[dict[str, Array]] = []
    start = 0
    for arrays in groups:
        copies.append({})
        for name, array in arrays.items():
            copies[-1][name] = np.ndarray(array.shape, array.dtype, stored, start)
            start += array.nbytes
    return copies
