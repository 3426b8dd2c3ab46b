"""Exact search: every row is compared. The default, and the truth that other engines are measured against."""

import numpy as np

from explorer.embeddings.embedding import Array


def nearest(vectors: Array, inverse_norms: Array, query: Array, k: int, allowed: Array) -> tuple[Array, Array]:
    """The k rows of `vectors` (V, d) nearest to `query` (d,) by cosine, nearest first: rows, similarities.

    `inverse_norms` (V,) are 1/‖row‖; `allowed` (V,) is a boolean mask, applied before the k are taken, so that
    asking for ten nouns gives ten nouns. Fewer than k come back where fewer are allowed. Ties go to the lower row.
    """
    length = np.linalg.norm(query)
    similarities = vectors @ (query / length if length else query)  # (V,)
    similarities *= inverse_norms
    similarities[~allowed] = -np.inf
    k = min(k, int(np.count_nonzero(allowed)))
    if k == 0:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=similarities.dtype)
    rows = np.flatnonzero(similarities >= np.partition(similarities, -k)[-k])  # more than k where there are ties
    rows = rows[np.argsort(-similarities[rows], kind="stable")[:k]]
    return rows, similarities[rows]
