"""Why are two words similar? The share of each dimension in their cosine, and the neighbours they have in common."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

import numpy as np

from explorer.answers import Answer, Table
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.lookup import find
from explorer.embeddings.search.nearest import nearest, reliance
from explorer.errors import UserError
from explorer.texts import _

ENDS_AMONG = 20_000  # the most frequent words, among which a dimension's extremes are looked for: known, and quick
_ENDS = 5
_NEIGHBOURS = 50


@dataclass(frozen=True)
class Dimension:
    """One dimension (from 0): the coordinates of both unit vectors, their product, and the words at its two ends."""

    index: int
    first: float
    second: float
    share: float
    lowest: tuple[str, ...]
    highest: tuple[str, ...]


@dataclass(frozen=True)
class SharedNeighbour:
    """A word among the 50 nearest of both, with its cosine to each."""

    word: str
    to_first: float
    to_second: float

    @property
    def lower(self) -> float:
        """The lower of its two cosines: how near it is to both."""
        return min(self.to_first, self.to_second)


@dataclass(frozen=True)
class Contributions(Answer):
    """What a cosine is made of.

    `shares` (d,) add up to `similarity`; `largest` are those of the greatest size, whichever sign they have; `shared`
    the common neighbours, those nearest to both first, of the `looked_at` nearest of each.
    """

    model: str
    first: str
    second: str
    similarity: float
    shares: tuple[float, ...]
    largest: tuple[Dimension, ...]
    shared: tuple[SharedNeighbour, ...]
    looked_at: int
    notes: tuple[str, ...] = ()  # how far an engine that found the shared ones can be trusted

    @property
    def headline(self) -> str:
        parts = len(self.shares)
        return _(
            "{first} · {second} · {similarity:.4f}, the sum of {parts} products · {model}",
            first=self.first,
            second=self.second,
            similarity=self.similarity,
            parts=parts,
            model=self.model,
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        words = ", ".join(neighbour.word for neighbour in self.shared)
        shared = _(
            "{shared} of the {looked_at} nearest words of each are shared",
            shared=len(self.shared),
            looked_at=self.looked_at,
        )
        return (f"{shared}{': ' * bool(words)}{words}.", *self.notes)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def table(self) -> Table:
        """One row for each of the largest shares."""
        rows = ((d.index, d.share, d.first, d.second, ", ".join(d.lowest), ", ".join(d.highest)) for d in self.largest)
        return Table(("dimension", "share", "first", "second", "lowest", "highest"), tuple(rows))


def contributions(embedding: Embedding, first: str, second: str, n: int = 10) -> Contributions:
    """What the cosine of two words is made of, with the `n` largest shares in detail.

    Raises WordNotFound for a word the model lacks, UserError for n below 1 or a vector of zeros.
    """
    if n < 1:
        raise UserError(_("n is {n:,}, but must be 1 or more.", n=n))
    first, second = find(embedding, first), find(embedding, second)
    a, b = _unit(embedding, first), _unit(embedding, second)  # (d,)
    shares = a * b
    largest = np.argsort(-np.abs(shares), kind="stable")[:n]
    return Contributions(
        model=embedding.name,
        first=first,
        second=second,
        similarity=min(1.0, max(-1.0, math.fsum(shares))),
        shares=tuple(float(share) for share in shares),
        largest=tuple(
            Dimension(int(index), float(a[index]), float(b[index]), float(shares[index]), lowest, highest)
            for index, (lowest, highest) in zip(largest, _ends(embedding, largest), strict=True)
        ),
        shared=_shared(embedding, first, second),
        looked_at=_NEIGHBOURS,
        notes=reliance(embedding),
    )


def _unit(embedding: Embedding, word: str) -> Array:
    vector = embedding.vector(word).astype(np.float64)
    length = np.linalg.norm(vector)
    if not length:
        raise UserError(
            _(
                "The vector of “{word}” in {name} is all zeros: it has no cosine with any word. Take another.",
                word=word,
                name=embedding.name,
            )
        )
    unit: Array = vector / length
    return unit


def _ends(embedding: Embedding, dimensions: Array) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """For each dimension the frequent words whose unit vectors reach furthest down, and furthest up; furthest first."""
    frequent = embedding.vectors[:ENDS_AMONG, dimensions] * embedding.inverse_norms[:ENDS_AMONG, None]  # (words, n)
    return [(_lowest(embedding, along), _lowest(embedding, -along)) for along in frequent.T]


def _lowest(embedding: Embedding, numbers: Array) -> tuple[str, ...]:
    """The `_ENDS` words whose numbers (words,) are the lowest, ascending; of equal ones the more frequent."""
    last = min(_ENDS, len(numbers)) - 1
    rows = np.flatnonzero(numbers <= np.partition(numbers, last)[last])
    return tuple(embedding.words[row] for row in rows[np.argsort(numbers[rows], kind="stable")][:_ENDS])


def _shared(embedding: Embedding, first: str, second: str) -> tuple[SharedNeighbour, ...]:
    near_first, near_second = (_neighbours(embedding, word, {first, second}) for word in (first, second))
    shared = [SharedNeighbour(word, near_first[word], near_second[word]) for word in near_first if word in near_second]
    return tuple(sorted(shared, key=lambda neighbour: -neighbour.lower))


def _neighbours(embedding: Embedding, word: str, without: set[str]) -> dict[str, float]:
    rows, cosines = nearest(embedding, embedding.vector(word), _NEIGHBOURS + len(without))
    near = {embedding.words[row]: float(cosine) for row, cosine in zip(rows, cosines, strict=True)}
    return dict(islice(((word, cosine) for word, cosine in near.items() if word not in without), _NEIGHBOURS))
