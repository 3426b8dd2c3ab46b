"""Taking away what all vectors share: mean-centring and all-but-the-top (Mu & Viswanath 2018, arXiv:1702.01417)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from explorer.arrays import inverse
from explorer.embeddings.embedding import Array, Embedding
from explorer.errors import UserError
from explorer.texts import _

_ROUNDING = 1e-6  # of float32, relative


def most_frequent(embedding: Embedding, n: int) -> Embedding:
    """The first `n` words as an embedding of their own, or all where there are no more; no vector is copied."""
    if n < 1:
        raise UserError(_("n is {n:,}, but must be 1 or more.", n=n))
    return embedding.subset(slice(n))


def without_zeros(embedding: Embedding) -> Embedding:
    """The words whose vectors are not all zeros; the embedding itself where none is."""
    rows = np.flatnonzero(embedding.inverse_norms)
    return embedding if len(rows) == embedding.size else embedding.subset(rows)


def centred(embedding: Embedding) -> Embedding:
    """The same words with the mean vector taken away from each; in memory, (V, d) float32."""
    return _without(embedding, np.empty((0, embedding.dimensions)), _("{name}, centred", name=embedding.name))


def all_but_the_top(embedding: Embedding, components: int | None = None) -> Embedding:
    """The same words without the mean and without the leading principal `components`; in memory, (V, d) float32.

    As many as a hundredth of the dimensions are taken away where nothing is said, as the paper does. Raises UserError
    for fewer than one or for all of them.
    """
    components = default_components(embedding) if components is None else components
    if not 1 <= components < embedding.dimensions:
        raise UserError(
            _(
                "{components:,} components cannot be taken away from vectors of {dimensions:,} dimensions: "
                "take from 1 to {most:,}.",
                components=components,
                dimensions=embedding.dimensions,
                most=embedding.dimensions - 1,
            )
        )
    axes = principal_components(embedding)[1]
    return _without(
        embedding,
        axes[:components],
        _("{name}, all but the top {components}", name=embedding.name, components=components),
    )


def default_components(embedding: Embedding) -> int:
    """d/100, and at least 1."""
    return max(1, round(embedding.dimensions / 100))


def principal_components(embedding: Embedding) -> tuple[Array, Array]:
    """The variance along each principal component, largest first, (d,), and their directions, rows of (d, d)."""
    deviations = np.asarray(embedding.vectors, dtype=np.float64) - embedding.vectors.mean(axis=0, dtype=np.float64)
    variances, axes = np.linalg.eigh(deviations.T @ deviations / embedding.size)  # ascending
    return np.maximum(variances[::-1], 0), axes.T[::-1]


def _without(embedding: Embedding, axes: Array, name: str) -> Embedding:
    vectors = embedding.vectors - embedding.vectors.mean(axis=0, dtype=np.float64)  # (V, d)
    vectors -= (vectors @ axes.T) @ axes
    norms = np.linalg.norm(vectors, axis=1)
    nothing = norms * embedding.inverse_norms <= _ROUNDING  # what is left of a vector that was all mean
    vectors[nothing] = norms[nothing] = 0
    return replace(
        embedding,
        name=name,
        vectors=vectors.astype(np.float32),
        inverse_norms=inverse(norms).astype(np.float32),
        subwords=None,  # they make vectors of the space as it was
    )
