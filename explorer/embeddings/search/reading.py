"""Questions of several threads about one model, which share a reading of its vectors.

To read the matrix takes most of the time of a question, and to multiply it with many queries hardly more than with one.
So who comes while it is read waits, and the next reading answers all who wait (flat combining: Hendler, Incze, Shavit &
Tzafrir 2010, "Flat Combining and the Synchronization-Parallelism Tradeoff"). Nobody waits for others to come.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from explorer.embeddings.embedding import Array
from explorer.embeddings.search import exact


@dataclass
class _Inquiry:
    query: Array  # (d,)
    k: int
    answer: Future[tuple[Array, Array]] = field(default_factory=Future)


class Reading:
    """The vectors (V, d) of a model, and who waits for them."""

    def __init__(self, vectors: Array, inverse_norms: Array):
        self._matrix = vectors, inverse_norms
        self._turn = Lock()
        self._waiting: deque[_Inquiry] = deque()

    def nearest(self, query: Array, k: int) -> tuple[Array, Array]:
        """What `exact.nearest` finds by cosine among all rows: rows (k,), scores (k,)."""
        return self.nearest_of_many([(query, k)])[0]

    def nearest_of_many(self, queries: Iterable[tuple[Array, int]]) -> list[tuple[Array, Array]]:
        """The same for several queries (d,), each with its k."""
        inquiries = [_Inquiry(query, k) for query, k in queries]
        self._waiting.extend(inquiries)
        with self._turn:
            if not all(inquiry.answer.done() for inquiry in inquiries):  # by who had the turn before
                self._answer([self._waiting.popleft() for _ in range(len(self._waiting))])
        return [inquiry.answer.result() for inquiry in inquiries]

    def _answer(self, inquiries: list[_Inquiry]) -> None:
        try:
            queries = np.array([inquiry.query for inquiry in inquiries], dtype=np.float64)  # (Q, d)
            answers = exact.nearest_of_many(*self._matrix, queries, max(inquiry.k for inquiry in inquiries))
        except BaseException as error:
            for inquiry in inquiries:
                inquiry.answer.set_exception(error)
            return
        for inquiry, rows, scores in zip(inquiries, *answers, strict=True):
            inquiry.answer.set_result((rows[: inquiry.k], scores[: inquiry.k]))
