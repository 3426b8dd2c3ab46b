"""The similarity matrix of a list of words, similar words beside one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from explorer.answers import Answer, Table
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.queries import unit_vectors
from explorer.embeddings.word_lists import notes, query_list
from explorer.palette import Scale
from explorer.writing import html_matrix


@dataclass(frozen=True)
class Matrix(Answer):
    """The cosine of each of n words with each other, the words in clustering order."""

    model: str
    words: tuple[str, ...]
    cosines: Array  # (n, n) float64
    notes: tuple[str, ...] = ()  # how vectors came that are not a word's own

    @property
    def headline(self) -> str:
        return self.model

    @property
    def sentences(self) -> tuple[str, ...]:
        return self.notes

    def as_json(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "words": list(self.words),
            "cosines": self.cosines.tolist(),
            "notes": list(self.notes),
        }

    def table(self) -> Table:
        """One column a word, and one row."""
        rows = zip(self.words, self.cosines.tolist(), strict=True)
        return Table(("", *self.words), tuple((word, *cosines) for word, cosines in rows))

    def as_html(self) -> str:
        """Each cosine in its colour, from −1 to 1."""
        return html_matrix.matrix(self.cosines.tolist(), self.words, self.words, Scale(1.0))


def matrix(embedding: Embedding, texts: Sequence[str]) -> Matrix:
    """The similarity matrix of 2 to 100 words. Raises UserError as `word_lists.query_list` does.

    They are ordered as the leaves of a dendrogram (average linkage of 1 − cosine) whose branches are turned so that
    neighbours are as similar as can be (Bar-Joseph, Gifford & Jaakkola 2001, "Fast optimal leaf ordering for
    hierarchical clustering").
    """
    queries = query_list(embedding, texts, least=2)
    units = unit_vectors(queries)  # (n, d)
    cosines = np.clip(units @ units.T, -1, 1)  # (n, n)
    distances = squareform(1 - cosines, checks=False)  # (n (n - 1) / 2,)
    order = leaves_list(linkage(distances, method="average", optimal_ordering=True))
    words = tuple(queries[row].label for row in order)
    return Matrix(embedding.name, words, cosines[np.ix_(order, order)], notes(queries))
