"""How often numbers fall into bins, as charts and answers have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.embeddings.embedding import Array


@dataclass(frozen=True)
class Histogram:
    """`counts[i]` numbers lie from `edges[i]` to `edges[i + 1]`; the last bin has its upper edge too."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]

    @property
    def middles(self) -> tuple[float, ...]:
        """The middle of each bin."""
        return tuple((low + high) / 2 for low, high in zip(self.edges, self.edges[1:], strict=False))

    @property
    def width(self) -> float:
        """The width of a bin; all have the same."""
        return self.edges[1] - self.edges[0]

    def as_json(self) -> dict[str, Any]:
        return {"edges": list(self.edges), "counts": list(self.counts)}


def histogram(numbers: Array, bins: int, least: float, most: float) -> Histogram:
    """The numbers (n,) in bins of one width from `least` to `most`."""
    counts, edges = np.histogram(np.asarray(numbers, dtype=np.float64), bins=bins, range=(least, most))
    return Histogram(tuple(edges.tolist()), tuple(counts.tolist()))
