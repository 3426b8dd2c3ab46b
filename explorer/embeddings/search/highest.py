"""The highest of many scores that come block by block, of several queries at once.

Most scores are never looked at one by one: rows are compared in groups by their highest score, and only groups that
reach what enough others have reached are looked through.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from explorer.embeddings.embedding import Array

_GROUP = 64  # rows at most
_MOST_CANDIDATES = 1_000_000  # above so many, those that others surpass are left out
_LOWEST = np.finfo(np.float32).min

Scored = Iterator[tuple[Array, Array]]
"""Rows (B,) and their scores (B, Q), block by block; −∞ for a row that does not count."""


class Candidates(NamedTuple):
    """Rows that may be among the highest of a query, each of these (n,)."""

    queries: Array
    rows: Array
    scores: Array

    def and_others(self, others: Candidates) -> Candidates:
        return Candidates(*(np.concatenate(both) for both in zip(self, others, strict=True)))

    def highest(self, most: int) -> Candidates:
        """At most so many of each query, ordered by query, then score, then row."""
        order = np.lexsort((self.rows, -self.scores, self.queries))
        ordered = self.queries[order]
        place = np.arange(len(order)) - np.searchsorted(ordered, ordered)  # among those of its query
        return Candidates(*(each[order[place < most]] for each in self))


_NONE = Candidates(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))


def highest(scored: Scored, queries: int, most: int) -> tuple[Array, Array]:
    """The rows with the `most` highest scores of each of Q queries, highest first, and these scores: both (Q, most).

    There must be so many rows that count. Ties go to the lower row.
    """
    if not most:
        return np.empty((queries, 0), dtype=np.int64), np.empty((queries, 0), dtype=np.float32)
    floor = np.full(queries, _LOWEST)  # what a score must reach to be among them
    maxima = np.empty((0, queries), dtype=np.float32)  # of groups
    candidates = _NONE
    for rows, scores in scored:
        size = max(1, min(_GROUP, len(rows) // (4 * most)))
        # a group has every len(rows) // size-th row, for neighbours in memory are compared at once
        groups = scores[: len(rows) // size * size].reshape(size, -1, queries)
        its_maxima = groups.max(axis=0)  # (groups, Q)
        maxima = np.concatenate([maxima, its_maxima])
        if len(maxima) >= most:  # each is the score of another row, so `most` rows reach the lowest of them
            maxima = np.partition(maxima, -most, axis=0)[-most:]
            floor = np.maximum(floor, maxima[0])
        candidates = candidates.and_others(_reaching(floor, rows, scores, groups, its_maxima))
        if len(candidates.rows) > _MOST_CANDIDATES:
            candidates = candidates.highest(most)
    candidates = candidates.highest(most)
    return candidates.rows.reshape(queries, most), candidates.scores.reshape(queries, most)


def _reaching(floor: Array, rows: Array, scores: Array, groups: Array, maxima: Array) -> Candidates:
    """The rows (B,) of which some score (B, Q) reaches the floor (Q,) of its query. The groups are scores as well, but
    for the last rows; `maxima` (groups, Q) are theirs."""
    group, query = np.nonzero(maxima >= floor)
    member, which = np.nonzero(groups[:, group, query] >= floor[query])
    rest = groups.shape[0] * groups.shape[1]
    place, its_query = np.nonzero(scores[rest:] >= floor)
    places = np.concatenate([member * groups.shape[1] + group[which], rest + place])
    queries = np.concatenate([query[which], its_query])
    return Candidates(queries, rows[places], scores[places, queries])
