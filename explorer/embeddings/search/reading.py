"""Questions of several threads about one model, which share a reading of its vectors.

To read the matrix takes most of the time of a question, and to multiply it with many queries hardly more than with one.
So who comes while it is read waits, and the next reading answers all who wait (flat combining: Hendler, Incze, Shavit &
Tzafrir 2010, "Flat Combining and the Synchronization-Parallelism Tradeoff"). Nobody waits for others to come.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from explorer.embeddings.embedding import Array
from explorer.embeddings.search import exact


@dataclass
class _Asked:
    query: Array  # (d,)
    k: int
    answer: Future[tuple[Array, Array]] = field(default_factory=Future)


class Reading:
    """The vectors (V, d) of a model, and who waits for them."""

    def __init__(self, vectors: Array, inverse_norms: Array):
        self._matrix = vectors, inverse_norms
        self._turn = Lock()
        self._waiting: deque[_Asked] = deque()

    def nearest(self, query: Array, k: int) -> tuple[Array, Array]:
        """What `exact.nearest` finds by cosine among all rows: rows (k,), scores (k,)."""
        asked = _Asked(query, k)
        self._waiting.append(asked)
        with self._turn:
            if not asked.answer.done():  # by who had the turn before
                self._answer([self._waiting.popleft() for _ in range(len(self._waiting))])
        return asked.answer.result()

    def _answer(self, all_asked: list[_Asked]) -> None:
        try:
            if len(all_asked) == 1:
                answers = [exact.nearest(*self._matrix, all_asked[0].query, all_asked[0].k)]
            else:
                queries = np.array([asked.query for asked in all_asked], dtype=np.float64)  # (Q, d)
                found = exact.nearest_of_many(*self._matrix, queries, max(asked.k for asked in all_asked))
                answers = list(zip(*found, strict=True))
        except BaseException as error:
            for asked in all_asked:
                asked.answer.set_exception(error)
            return
        for asked, (rows, scores) in zip(all_asked, answers, strict=True):
            asked.answer.set_result((rows[: asked.k], scores[: asked.k]))
