"""Exact search: every row is compared. The default, and the truth that other engines are measured against.

It costs what reading the matrix costs. So a batch of queries shares one reading, and where a filter leaves few rows,
only these are read. Products in float32 choose the candidates: all rows that their rounding leaves in question. Scores
in float64 decide among these, so a query gets the same numbers to the last bit, whether it comes alone, in a batch or
with a filter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from explorer.arrays import inverse, unit
from explorer.embeddings.bounds import Metric
from explorer.embeddings.embedding import Array
from explorer.embeddings.search.highest import highest

_SCORES = 131_072  # products at once: as many as stay in the cache until they are compared,
_BLOCK = 4_096  # but those of so many rows at least, for a product of fewer takes longer a row
_QUERIES = 512  # queries at once where every row is one
_GATHERED = 2_048  # rows gathered at once, few enough to stay in the cache until they are multiplied
_FEW = 1 / 8  # the share of rows below which it is quicker to gather them than to read all
_SPARE = 10  # further candidates, among which the last nearest rows mostly are


def nearest(
    vectors: Array,
    inverse_norms: Array,
    query: Array,
    k: int,
    allowed: Array | None = None,
    metric: Metric = "cosine",
) -> tuple[Array, Array]:
    """The k ≥ 1 rows of `vectors` (V, d) nearest to `query` (d,), nearest first: rows (k,), scores (k,) float64.

    A score is the cosine or the dot product (the higher the nearer) or the Euclidean distance (the lower the nearer).
    `inverse_norms` (V,) are 1/‖row‖; `allowed` (V,) is a boolean mask, applied before the k are taken, so that asking
    for ten nouns gives ten nouns. Rows of zeros are near to nothing, and never among them. Fewer than k come back where
    fewer are allowed. Ties go to the lower row.
    """
    rows, scores = nearest_of_many(vectors, inverse_norms, np.asarray(query)[None], k, allowed, metric)
    return rows[0], scores[0]


def nearest_of_many(
    vectors: Array,
    inverse_norms: Array,
    queries: Array,
    k: int,
    allowed: Array | None = None,
    metric: Metric = "cosine",
) -> tuple[Array, Array]:
    """What `nearest` finds for each of the `queries` (Q ≥ 1, d), in one reading of the matrix: rows and scores (Q, k).

    They have fewer columns where fewer rows are allowed.
    """
    allowed = _without_zeros(inverse_norms, allowed)
    directions = _direction(queries, metric)  # (Q, d)
    count = len(vectors) if allowed is None else int(np.count_nonzero(allowed))
    most = min(k + _SPARE, count)
    best_rows, best = highest(_scored(vectors, inverse_norms, directions, allowed, metric), len(queries), most)
    nearest_rows, true_scores = _ranking(vectors, queries, best_rows, k, metric)
    for number, query in enumerate(queries if 0 < most < count else ()):
        floor = _floor_of(true_scores[number], query, inverse_norms, metric)
        if best[number, -1] >= floor:  # more rows are in question than were taken
            scored = _scored(vectors, inverse_norms, directions[number, None], allowed, metric)
            rows = np.concatenate([rows[scores[:, 0] >= floor] for rows, scores in scored])
            its_rows, its_scores = _ranking(vectors, query[None], rows[None], k, metric)
            nearest_rows[number], true_scores[number] = its_rows[0], its_scores[0]
    return nearest_rows, true_scores


def nearest_of_each(
    vectors: Array, inverse_norms: Array, k: int, progress: Callable[[float], None] = lambda share: None
) -> Array:
    """The k other rows nearest to each row of `vectors` (n, d) by cosine, nearest first, (n, k); k < n, without zeros.

    `progress` is told the share (0 to 1) that is done, and may raise to stop.
    """
    nearest = np.empty((len(vectors), k), dtype=np.int64)
    for start in range(0, len(vectors), _QUERIES):
        queries = vectors[start : start + _QUERIES]
        rows, _ = nearest_of_many(vectors, inverse_norms, queries, k + 1)
        themselves = rows == np.arange(start, start + len(queries))[:, None]
        others = np.argsort(themselves, axis=1, kind="stable")[:, :k]
        nearest[start : start + _QUERIES] = np.take_along_axis(rows, others, axis=1)
        progress((start + len(queries)) / len(vectors))
    return nearest


def _without_zeros(inverse_norms: Array, allowed: Array | None) -> Array | None:
    nonzero = inverse_norms > 0
    if nonzero.all():
        return allowed
    return nonzero if allowed is None else allowed & nonzero


def _direction(queries: Array, metric: Metric) -> Array:
    """Queries (…, d) in the type of the matrix, of length 1 for the cosine."""
    queries = np.asarray(queries, dtype=np.float32)
    return unit(queries) if metric == "cosine" else queries


def _scored(
    vectors: Array, inverse_norms: Array, directions: Array, allowed: Array | None, metric: Metric
) -> Iterator[tuple[Array, Array]]:
    """Rows and their float32 scores for directions (Q, d), of which the nearest row has the highest; −∞ where a row is
    not allowed."""
    if allowed is not None and np.count_nonzero(allowed) < _FEW * len(vectors):
        for rows in _blocks(np.flatnonzero(allowed), _GATHERED):
            scores = vectors[rows] @ directions.T  # (B, Q)
            _rescale(scores, inverse_norms[rows], metric)
            yield rows, scores
        return
    size = max(_BLOCK, _SCORES // len(directions))
    for rows in _blocks(np.arange(len(vectors)), size):
        part = slice(rows[0], rows[-1] + 1)  # is read where it lies
        scores = vectors[part] @ directions.T  # (B, Q)
        _rescale(scores, inverse_norms[part], metric)
        if allowed is not None:
            scores[~allowed[part]] = -np.inf
        yield rows, scores


def _rescale(scores: Array, inverse_norms: Array, metric: Metric) -> None:
    """Turn dot products (B, Q) with rows into what is highest for the nearest row, in place."""
    inverse_norms = inverse_norms[:, None]
    if metric == "cosine":
        scores *= inverse_norms
    if metric == "euclidean":  # ‖q − x‖² = ‖q‖² − (2 q·x − ‖x‖²)
        norms = inverse(inverse_norms)
        scores *= 2
        scores -= norms * norms


def _floor_of(scores: Array, query: Array, inverse_norms: Array, metric: Metric) -> float:
    """What the float32 score of a row reaches that could be among the nearest, whose true scores (k,) these are: the
    last of them, less what rounding makes of it. A sum of d products is off by d·ε of their lengths at most (Higham
    2002, "Accuracy and Stability of Numerical Algorithms", section 3.1)."""
    rounding = 2 * (query.size + 4) * float(np.finfo(np.float32).eps)
    last = float(scores[-1])
    if metric == "cosine":
        return last - rounding
    length, longest = float(np.linalg.norm(query)), 1 / float(inverse_norms[inverse_norms > 0].min())
    if metric == "dot":
        return last - rounding * length * longest
    return length**2 - last**2 - rounding * (2 * length + longest) * longest


def _ranking(vectors: Array, queries: Array, rows: Array, k: int, metric: Metric) -> tuple[Array, Array]:
    """The k of its own rows (Q, m) nearest to each query (Q, d), nearest first, and their scores in float64."""
    queries = np.asarray(queries, dtype=np.float64)
    scores = np.empty(rows.shape)
    for some in _blocks(np.arange(len(rows)), max(1, _BLOCK // max(1, rows.shape[1]))):
        for places in _blocks(np.arange(rows.shape[1]), _BLOCK):
            part = np.s_[some[0] : some[-1] + 1, places[0] : places[-1] + 1]
            scores[part] = _scores(vectors[rows[part]].astype(np.float64), queries[some, None], metric)
    order = np.lexsort((rows, scores if metric == "euclidean" else -scores))[:, :k]
    return np.take_along_axis(rows, order, axis=1), np.take_along_axis(scores, order, axis=1)


def _scores(rows: Array, queries: Array, metric: Metric) -> Array:
    """The scores (Q, m) of rows (Q, m, d) for queries (Q, 1, d), all in float64."""
    if metric == "euclidean":
        distances: Array = np.linalg.norm(rows - queries, axis=-1)
        return distances
    if metric == "cosine":
        rows, queries = unit(rows), unit(queries)
    # not a product of matrices, whose last bits depend on how many rows it has
    products: Array = np.einsum("qmd,qd->qm", rows, queries[:, 0])
    # rounding may leave a cosine outside of -1 to 1 by 1e-16
    return np.clip(products, -1, 1) if metric == "cosine" else products


def _blocks(rows: Array, size: int) -> Iterator[Array]:
    return (rows[start : start + size] for start in range(0, len(rows), size))
