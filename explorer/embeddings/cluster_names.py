"""What clusters of words are called.

A cluster is called by those of its most frequent words that are nearest to the mean of all its words, seen from the
mean of the whole vocabulary. They are of one part of speech, the commonest among the nearest, so that no markup names a
cluster: texts know no part of speech of it. No two are forms of one word. Years name a cluster of years.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from explorer.embeddings.embedding import Array, Embedding

_NAMES = 3  # words that name a cluster
_MOST = 0.5  # of the uses of a word
_EMPTY = ("X", "PUNCT", "SYM")
_JUDGED = 10  # of the nearest, by whose part of speech the others are chosen


def cluster_names(
    embedding: Embedding, rows: Array, units: Array, labels: Array, levels: Array, parents: Array
) -> Array:
    """The rows of the words that name each cluster, (C, 3) int32, −1 where there are fewer.

    `rows` (n,) are the words of the clusters, the most frequent first, `units` (n, d) their unit vectors, `labels` (n,)
    their finest clusters; `levels` (C,) and `parents` (C,) are the clusters, each behind the one around it.
    """
    from_mean = units - units.mean(axis=0)
    names = np.full((len(levels), _NAMES), -1, dtype=np.int32)
    inside = {cluster: labels == cluster for cluster in np.unique(labels).tolist()}
    for cluster in range(len(levels) - 1, -1, -1):
        mine = np.flatnonzero(inside[cluster])
        if parents[cluster] >= 0:
            above = int(parents[cluster])
            inside[above] = inside.get(above, False) | inside[cluster]
        mean = from_mean[mine].mean(axis=0)
        frequent = mine[: _looked_at(len(mine))]
        vectors = from_mean[frequent]
        closeness = (vectors @ mean) / (np.linalg.norm(vectors, axis=1) + 1e-9)
        chosen: list[int] = []
        for row in _eligible(embedding, rows[frequent[np.argsort(-closeness, kind="stable")]].tolist()):
            if not any(are_forms(embedding.words[row], embedding.words[other]) for other in chosen):
                chosen.append(row)
            if len(chosen) == _NAMES:
                break
        names[cluster, : len(chosen)] = chosen
    return names


def _looked_at(words: int) -> int:
    """How many of a cluster's most frequent words may name it."""
    return max(10, min(60, words // 8))


def _eligible(embedding: Embedding, nearest: list[int]) -> list[int]:
    """Those of the frequent words of a cluster, by their rows, the nearest to its mean first, that may name it."""
    plain = [row for row in nearest if _is_plain(embedding.words[row])]
    nearest = plain if 2 * len(plain) >= len(nearest) else nearest
    tags = {row: _use(embedding, row) for row in nearest}
    commonest = Counter(filter(None, list(tags.values())[:_JUDGED])).most_common(1)
    alike = [row for row in nearest if commonest and tags[row] == commonest[0][0]]
    return alike if len(alike) >= _NAMES else nearest


def _use(embedding: Embedding, row: int) -> str:
    """The part of speech of most uses of a word; empty where there is none, or where it says nothing."""
    tag, share = next(iter(embedding.tags(row).items()), ("", 0.0))
    return tag if share > _MOST and tag not in _EMPTY else ""


def _is_plain(word: str) -> bool:
    return len(word) > 2 and word.isalpha()


def are_forms(one: str, other: str) -> bool:
    """Whether two words look like forms of one: they begin with the same four of five letters of the shorter."""
    shorter = min(len(one), len(other))
    return one[: max(3, shorter * 4 // 5)].lower() == other[: max(3, shorter * 4 // 5)].lower()
