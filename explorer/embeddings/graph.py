"""Words as a graph: an edge joins two words whose cosine is high enough, or each word to its nearest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, astuple, dataclass, fields
from typing import Any

import networkx
import numpy as np

from explorer.answers import Answer, Table
from explorer.embeddings.bounds import MOST_NODES
from explorer.embeddings.embedding import Array, Embedding
from explorer.errors import UserError
from explorer.texts import _, _n

JOINED = 3  # words that the one in the centre is joined to, however low the cosine
_ROUNDING = 1e-6  # of cosines of float32 vectors: that of two equal ones is 1, whatever the digits say


@dataclass(frozen=True)
class Edge:
    """Two words and their cosine; `below` where it is lower than the threshold, as that of a word in the centre may
    be."""

    first: str
    second: str
    similarity: float
    below: bool = False


@dataclass(frozen=True)
class NeighbourGraph(Answer):
    """Words, where a force-directed drawing puts them (from -1 to 1), and the edges at or above the threshold; those of
    the word in the `centre` to its nearest besides. Without a threshold, the edges of each word to its `nearest`."""

    model: str
    threshold: float | None
    places: dict[str, tuple[float, float]]
    edges: tuple[Edge, ...]
    centre: str | None = None
    nearest: int | None = None

    @property
    def rule(self) -> str:
        """Which words are joined."""
        if self.threshold is None:
            return _n(
                "A line joins each word to the one that is nearest to it among these.",
                "A line joins each word to the {count} that are nearest to it among these.",
                self.nearest or 1,
            )
        return _("A line joins two words whose cosine is {threshold:g} or more.", threshold=self.threshold)

    @property
    def sentences(self) -> tuple[str, ...]:
        if not any(edge.below for edge in self.edges):
            return ()
        return (
            _(
                "“{centre}” is joined to its {joined} nearest, although their cosines are lower than {threshold:g}.",
                centre=self.centre,
                joined=JOINED,
                threshold=self.threshold,
            ),
        )

    @property
    def degrees(self) -> dict[str, int]:
        """How many edges each word has."""
        ends = Counter(word for edge in self.edges for word in (edge.first, edge.second))
        return {word: ends[word] for word in self.places}

    @property
    def alone(self) -> int:
        """How many words have no edge."""
        return list(self.degrees.values()).count(0)

    def edges_of(self, words: Collection[str]) -> tuple[Edge, ...]:
        """The edges that have one of the words at an end."""
        return tuple(edge for edge in self.edges if edge.first in words or edge.second in words)

    @property
    def weakest(self) -> float:
        """The cosine of the thinnest line: the threshold, or the lowest there is."""
        lowest = min((edge.similarity for edge in self.edges), default=0.0)
        return lowest if self.threshold is None else self.threshold

    def strength(self, edge: Edge) -> float:
        """How high the cosine of an edge is, from 0, the `weakest`, to 1."""
        return max(0.0, edge.similarity - self.weakest) / ((1 - self.weakest) or 1)

    def bands(self, count: int) -> list[list[Edge]]:
        """The edges by their cosine, in so many bands of one width from the weakest to 1, the weakest first."""
        limits = np.linspace(self.weakest, 1, count + 1)[1:-1]
        bands = np.digitize([edge.similarity for edge in self.edges], limits).tolist()
        return [[edge for edge, its in zip(self.edges, bands, strict=True) if its == band] for band in range(count)]

    @property
    def headline(self) -> str:
        edges = _n("{count} edge", "{count:,} edges", len(self.edges))
        return _(
            "{model} · {places:,} words · {edges}. {rule}",
            model=self.model,
            places=len(self.places),
            edges=edges,
            rule=self.rule,
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def table(self) -> Table:
        """One row an edge."""
        return Table(tuple(each.name for each in fields(Edge)), tuple(astuple(edge) for edge in self.edges))


def neighbour_graph(
    embedding: Embedding,
    words: Sequence[str],
    threshold: float = 0.6,
    seed: int = 0,
    centre: str | None = None,
    nearest: int | None = None,
) -> NeighbourGraph:
    """The graph of words that the model holds, with an edge for each cosine of `threshold` or more. The word in the
    `centre` is joined to its nearest in any case: a graph around a word has that word in it. Where `nearest` is given,
    each word is joined to so many of its nearest instead, whatever their cosines; of equal ones the first in the list.

    What hangs together is drawn by springs that pull with the cosine (Fruchterman & Reingold 1991, as networkx has it),
    one part beside the other, so that parts that nothing joins do not push each other out of sight. The same seed draws
    the same picture. Raises UserError for fewer than two words, too many, or a threshold that is no cosine.
    """
    if not -1 <= threshold <= 1:
        raise UserError(_("The threshold is {threshold:g}, but a cosine lies from −1 to 1.", threshold=threshold))
    if not 2 <= len(words) <= MOST_NODES:
        raise UserError(
            _n(
                "This is {count} word, but a graph has from 2 to {most_nodes}.",
                "These are {count:,} words, but a graph has from 2 to {most_nodes}.",
                len(words),
                most_nodes=MOST_NODES,
            )
        )
    units = embedding.units(embedding.rows_of(words))
    for word, unit in zip(words, units, strict=True):
        if not unit.any():
            raise UserError(_("The vector of “{word}” is all zeros: nothing is near to it. Leave it out.", word=word))
    cosines = np.clip(units @ units.T, -1, 1)
    if nearest is None:
        are_joined = cosines >= threshold - _ROUNDING
        if centre in words:
            middle = words.index(centre)
            beside = _nearest_in(cosines[[middle]], [middle], JOINED)[0]
            are_joined[middle, beside] = are_joined[beside, middle] = True
    else:
        everyone = np.arange(len(words))
        are_joined = np.zeros(cosines.shape, dtype=bool)
        are_joined[everyone[:, None], _nearest_in(cosines, everyone, nearest)] = True
        are_joined |= are_joined.T
    rows, columns = np.nonzero(np.triu(are_joined, k=1))
    edges = tuple(
        Edge(words[i], words[j], float(cosines[i, j]), nearest is None and bool(cosines[i, j] < threshold - _ROUNDING))
        for i, j in sorted(zip(rows.tolist(), columns.tolist(), strict=True), key=lambda pair: -cosines[pair])
    )
    graph = networkx.Graph()
    graph.add_nodes_from(words)
    graph.add_weighted_edges_from((edge.first, edge.second, max(edge.similarity, 0.0)) for edge in edges)
    least = threshold if nearest is None else None
    return NeighbourGraph(embedding.name, least, _placed(graph, seed), edges, centre, nearest)


def _nearest_in(cosines: Array, themselves: Array | list[int], count: int) -> Array:
    """The places of the `count` highest in each row of cosines (r, n), without that of the word itself: (r, count)."""
    others = cosines.copy()
    others[np.arange(len(others)), themselves] = -np.inf
    return np.argsort(-others, axis=1, kind="stable")[:, : min(count, others.shape[1] - 1)]


def _placed(graph: networkx.Graph, seed: int) -> dict[str, tuple[float, float]]:
    """Where each word stands, from -1 to 1: the connected parts in squares on shelves, the largest first."""
    parts = sorted(networkx.connected_components(graph), key=len, reverse=True)
    width = max(len(parts[0]) ** 0.5, 1.2 * len(graph) ** 0.5)
    places: dict[str, Array] = {}
    x = y = shelf = 0.0
    for part in parts:
        side = len(part) ** 0.5
        if x + side > width:
            x, y, shelf = 0.0, y + shelf, 0.0
        shelf = max(shelf, side)
        members = [word for word in graph if word in part]
        ordered = networkx.Graph()  # a `subgraph` has its words in an order that differs from process to process
        ordered.add_nodes_from(members)
        ordered.add_edges_from(edge for edge in graph.edges(data=True) if edge[0] in part)
        springs = networkx.spring_layout(ordered, seed=seed, k=1.6 / side, iterations=100)
        inside = _stretched(np.array([springs[word] for word in members]))  # (n, 2)
        corner = np.array([x, y]) + 0.15
        places.update(zip(members, corner + inside * (side - 0.3), strict=True))
        x += side
    across, down = (2 * _stretched(np.array([places[word] for word in graph])) - 1).T.tolist()
    return {word: (x, -y) for word, x, y in zip(graph, across, down, strict=True)}


def _stretched(points: Array) -> Array:
    """The points (n, 2) so that they reach from 0 to 1 along each axis; 0.5 where they do not differ."""
    spread = np.ptp(points, axis=0)
    return np.where(spread > 0, (points - points.min(axis=0)) / np.where(spread > 0, spread, 1), 0.5)
