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

_BLOCK = 16_384  # rows that a batch of queries is multiplied with at once
_QUERIES = 512  # queries at once where every row is one
_FEW_QUERIES = 32  # up to so many, it is quicker to transpose them and their products than the rows
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
    """The k rows of `vectors` (V, d) nearest to `query` (d,), nearest first: rows (k,), scores (k,) float64.

    A score is the cosine or the dot product (the higher the nearer) or the Euclidean distance (the lower the nearer).
    `inverse_norms` (V,) are 1/‖row‖; `allowed` (V,) is a boolean mask, applied before the k are taken, so that asking
    for ten nouns gives ten nouns. Rows of zeros are near to nothing, and never among them. Fewer than k come back where
    fewer are allowed. Ties go to the lower row.
    """
    allowed = _without_zeros(inverse_norms, allowed)
    direction = _direction(query, metric)  # (d,)
    rows = None if allowed is None else np.flatnonzero(allowed)
    if rows is None:
        scores = vectors @ direction  # (V,)
    elif len(rows) < _FEW * len(vectors):
        scores = np.concatenate([direction[:0], *(vectors[block] @ direction for block in _blocks(rows, _GATHERED))])
    else:
        scores = (vectors @ direction)[rows]
    _rescale(scores, inverse_norms if rows is None else inverse_norms[rows], metric)
    best = _highest(scores, k + _SPARE)
    answer = _ranking(vectors, query, best if rows is None else rows[best], k, metric)
    if len(best) < len(scores) and scores[best[-1]] >= (floor := _floor_of(answer[1], query, inverse_norms, metric)):
        best = np.flatnonzero(scores >= floor)
        answer = _ranking(vectors, query, best if rows is None else rows[best], k, metric)
    return answer


def nearest_of_many(
    vectors: Array,
    inverse_norms: Array,
    queries: Array,
    k: int,
    allowed: Array | None = None,
    metric: Metric = "cosine",
) -> tuple[Array, Array]:
    """What `nearest` finds for each of the `queries` (Q, d), in one reading of the matrix: rows, scores, both (Q, k).

    They have fewer columns where fewer rows are allowed.
    """
    allowed = _without_zeros(inverse_norms, allowed)
    directions = _direction(queries, metric)  # (Q, d)
    rows = np.arange(len(vectors)) if allowed is None else np.flatnonzero(allowed)
    most = k + _SPARE
    numbers = np.arange(len(queries))[:, None]
    best_rows = np.empty((len(queries), 0), dtype=np.int64)
    best = np.empty((len(queries), 0), dtype=np.float32)
    for block in _blocks(rows, _BLOCK):
        # a slice is read where it lies, an array of rows is copied first
        part = slice(block[0], block[-1] + 1) if allowed is None else block
        scores = _products(directions, vectors[part])  # (Q, B)
        _rescale(scores, inverse_norms[part], metric)
        query_numbers, column = np.nonzero(scores >= _floor(best, scores, most))
        count = min(most, best.shape[1] + len(block))
        # what was best before and what this block adds, sorted by query, then score, then row
        all_numbers = np.concatenate([np.broadcast_to(numbers, best.shape).ravel(), query_numbers])
        all_rows = np.concatenate([best_rows.ravel(), block[column]])
        all_scores = np.concatenate([best.ravel(), scores[query_numbers, column]])
        order = np.lexsort((all_rows, -all_scores, all_numbers))
        taken = order[np.searchsorted(all_numbers[order], numbers) + np.arange(count)]  # (Q, kept)
        best_rows, best = all_rows[taken], all_scores[taken]
    answers = [_ranking(vectors, query, its, k, metric) for query, its in zip(queries, best_rows, strict=True)]
    if best_rows.shape[1] < len(rows):
        for number, (query, (_rows, its_scores)) in enumerate(zip(queries, answers, strict=True)):
            if best[number, -1] >= _floor_of(its_scores, query, inverse_norms, metric):
                answers[number] = nearest(vectors, inverse_norms, query, k, allowed, metric)
    return np.array([its for its, _ in answers]), np.array([scores for _, scores in answers])


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


def _products(directions: Array, rows: Array) -> Array:
    """The dot products (Q, B) of queries (Q, d) with rows (B, d)."""
    if len(directions) > _FEW_QUERIES:
        return directions @ rows.T
    return np.ascontiguousarray((rows @ directions.T).T)  # BLAS copies what is transposed: the few, not the matrix


def _rescale(scores: Array, inverse_norms: Array, metric: Metric) -> None:
    """Turn dot products (…, B) with rows into what is highest for the nearest row, in place."""
    if metric == "cosine":
        scores *= inverse_norms
    if metric == "euclidean":  # ‖q − x‖² = ‖q‖² − (2 q·x − ‖x‖²)
        norms = inverse(inverse_norms)
        scores *= 2
        scores -= norms * norms


def _highest(scores: Array, k: int) -> Array:
    """Where the k highest of the scores (n,) stand, highest first; all n where there are fewer than k."""
    k = min(k, len(scores))
    if k == 0:
        return np.empty(0, dtype=np.int64)
    # The k-th highest maximum of some stretches is a floor that at least k scores reach, and few others do. Without it,
    # a partition of all scores takes long where many are alike.
    stretch = max(1, len(scores) // (4 * k))
    maxima = np.maximum.reduceat(scores, np.arange(0, len(scores), stretch))
    candidates = np.flatnonzero(scores >= np.partition(maxima, -k)[-k])
    best: Array = candidates[np.argsort(-scores[candidates], kind="stable")[:k]]
    return best


def _floor(best: Array, scores: Array, most: int) -> Array | float:
    """What a score must reach to be among the `most` highest of its query: (Q, 1)."""
    if best.shape[1] == most:
        return best[:, -1:]
    if scores.shape[1] >= most:
        floor: Array = np.partition(scores, -most, axis=1)[:, -most, None]
        return floor
    return -np.inf


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


def _ranking(vectors: Array, query: Array, rows: Array, k: int, metric: Metric) -> tuple[Array, Array]:
    """The k of some rows (m,) nearest to the query (d,), nearest first, and their scores in float64."""
    query = np.asarray(query, dtype=np.float64)
    blocks = [_scores(vectors[block].astype(np.float64), query, metric) for block in _blocks(rows, _BLOCK)]
    scores = np.concatenate([np.empty(0), *blocks])  # (m,)
    order = np.lexsort((rows, scores if metric == "euclidean" else -scores))[:k]
    return rows[order], scores[order]


def _scores(rows: Array, query: Array, metric: Metric) -> Array:
    """The scores (m,) of rows (m, d), all in float64."""
    if metric == "euclidean":
        distances: Array = np.linalg.norm(rows - query, axis=1)
        return distances
    if metric == "cosine":
        rows, query = unit(rows), unit(query)
    # not a product of matrices, whose last bits depend on how many rows it has
    products: Array = np.einsum("md,d->m", rows, query)
    # rounding may leave a cosine outside of -1 to 1 by 1e-16
    return np.clip(products, -1, 1) if metric == "cosine" else products


def _blocks(rows: Array, size: int) -> Iterator[Array]:
    return (rows[start : start + size] for start in range(0, len(rows), size))
