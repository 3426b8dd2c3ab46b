"""Rows of numbers and their lengths; a row of zeros has no direction and stays one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def unit(vectors: Array) -> Array:
    """Vectors (…, d) scaled to length 1, in their own type; those of zeros stay zeros."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    units: Array = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return units


def inverse(lengths: Array) -> Array:
    """1/length of each, and 0 for a length of 0."""
    inverses: Array = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return inverses
