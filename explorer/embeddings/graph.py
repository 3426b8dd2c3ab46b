"""Words as a graph: an edge joins two words whose cosine is high enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any

import networkx
import numpy as np

from explorer.embeddings.comparison import unit_rows
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.tables import csv_text
from explorer.errors import UserError

MOST_NODES = 200


@dataclass(frozen=True)
class Edge:
    first: str
    second: str
    similarity: float


@dataclass(frozen=True)
class NeighbourGraph:
    """Words, where a force-directed drawing puts them (from -1 to 1), and the edges at or above the threshold."""

    model: str
    threshold: float
    places: dict[str, tuple[float, float]]
    edges: tuple[Edge, ...]

    @property
    def degrees(self) -> dict[str, int]:
        """How many edges each word has."""
        ends = Counter(word for edge in self.edges for word in (edge.first, edge.second))
        return {word: ends[word] for word in self.places}

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def as_csv(self) -> str:
        """One line an edge."""
        return csv_text(("first", "second", "similarity"), (astuple(edge) for edge in self.edges))


def neighbour_graph(
    embedding: Embedding, words: Sequence[str], threshold: float = 0.6, seed: int = 0
) -> NeighbourGraph:
    """The graph of words that the model holds, with an edge for each cosine of `threshold` or more.

    It is drawn by springs that pull with the cosine (Fruchterman & Reingold 1991, as networkx has it); the same seed
    draws the same picture. Raises UserError for fewer than two words, too many, or a threshold that is no cosine.
    """
    if not -1 <= threshold <= 1:
        raise UserError(f"The threshold is {threshold:g}, but a cosine lies from −1 to 1.")
    if not 2 <= len(words) <= MOST_NODES:
        raise UserError(f"These are {len(words):,} words, but a graph has from 2 to {MOST_NODES}.")
    units = unit_rows(embedding, words)
    cosines = np.clip(units @ units.T, -1, 1)
    rows, columns = np.nonzero(np.triu(cosines >= threshold, k=1))
    edges = tuple(
        Edge(words[i], words[j], float(cosines[i, j]))
        for i, j in sorted(zip(rows.tolist(), columns.tolist(), strict=True), key=lambda pair: -cosines[pair])
    )
    graph = networkx.Graph()
    graph.add_nodes_from(words)
    graph.add_weighted_edges_from((edge.first, edge.second, max(edge.similarity, 0.0)) for edge in edges)
    places = networkx.spring_layout(graph, seed=seed, k=1.6 / np.sqrt(len(words)), iterations=100)
    return NeighbourGraph(
        embedding.name, threshold, {word: (float(x), float(y)) for word, (x, y) in places.items()}, edges
    )
