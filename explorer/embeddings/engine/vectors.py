"""The vectors of a model in an engine, in the place of an array: rows are fetched, the nearest are found there.

What needs every vector at once, such as a mean over all words, says that it needs the model on this machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

from explorer.arrays import Array, unit
from explorer.embeddings.engine.connection import ANSWERING, Engine
from explorer.embeddings.engine.entries import AT_ENGINE, Entry
from explorer.errors import UserError
from explorer.texts import _

_WIDTH, _WIDTH_FILTERED = 256, 1_024  # ef of HNSW: candidates in view while searching; filters cut paths off
_FETCHED = 16_000_000  # bytes of vectors at once
_MOST_FETCHED = 20_000  # vectors for one question
_MOST_NAMED = 10_000  # rows that one search names
_MOST_FOUND = 16_384  # rows that Milvus finds at once


class RemoteVectors:
    """Vectors (V, d) float32 in an engine. Indexing fetches rows; other arithmetic raises UserError."""

    dtype = np.dtype(np.float32)
    ndim = 2
    nbytes = 0  # in the memory of this machine

    def __init__(self, engine: Engine, entry: Entry, inverse_norms: Array) -> None:
        self.engine, self.entry = engine, entry
        self.shape = (entry.words, entry.dimensions)
        self._nonzero = inverse_norms > 0  # (V,)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Array:
        """The vectors of some rows, and of these the dimensions that a second index names. Raises UserError."""
        key, *rest = key if isinstance(key, tuple) else (key,)
        rows = np.arange(len(self))[key]  # as an array understands it, with its errors
        vectors = self._fetched(np.atleast_1d(rows)).reshape(*np.shape(rows), self.shape[1])
        return vectors[(..., *rest)] if rest else vectors

    def nearest(self, query: Array, k: int, allowed: Array | None, conditions: str | None) -> tuple[Array, Array]:
        """The k rows nearest to `query` (d,) by cosine, nearest first: rows (k,) and cosines (k,).

        `allowed` (V,) says which rows pass; `conditions` say the same in Milvus's language, where that is possible. As
        in the exact search rows of zeros are never among them, and the filters apply before the k are taken.
        """
        zeros = "" if self._nonzero.all() else "inverse_norm > 0"
        if allowed is None:
            return self._found(query, k, zeros, None)
        allowed = allowed & self._nonzero
        if not allowed.any():
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        if conditions is not None:
            return self._found(query, k, " and ".join(filter(None, (conditions, zeros))), allowed)
        excluded = np.flatnonzero(~allowed)
        if len(excluded) <= _MOST_NAMED:
            return self._found(query, k, f"row not in {excluded.tolist()}" if len(excluded) else "", allowed)
        rows = np.flatnonzero(allowed)
        parts = [rows[start : start + _MOST_NAMED] for start in range(0, len(rows), _MOST_NAMED)]
        found = [self._found(query, k, f"row in {part.tolist()}", allowed) for part in parts]
        return _best(np.concatenate([rows for rows, _cosines in found]), np.concatenate([c for _rows, c in found]), k)

    def nearest_of_many(
        self, queries: Array, k: int, conditions: str = "", timeout: float = ANSWERING
    ) -> tuple[Array, Array]:
        """What `nearest` finds for each of the `queries` (Q, d), in one request; fewer than k are padded by row -1."""
        answers = self.engine.ask(
            "search",
            self.entry.collection,
            data=list(np.ascontiguousarray(unit(np.asarray(queries, dtype=np.float32)))),
            anns_field="vector",
            timeout=timeout,
            limit=min(k, _MOST_FOUND),
            filter=conditions,
            output_fields=["row"],
            search_params={
                "metric_type": "COSINE",
                "params": {"ef": max(k, _WIDTH_FILTERED if conditions else _WIDTH)},
            },
        )
        rows, cosines = np.full((len(queries), k), -1), np.zeros((len(queries), k), dtype=np.float32)
        for query, hits in enumerate(answers):
            rows[query, : len(hits)] = [hit.get("row", hit.get("id")) for hit in hits]
            cosines[query, : len(hits)] = [hit["distance"] for hit in hits]
        return rows, np.clip(cosines, -1, 1)

    def _found(self, query: Array, k: int, conditions: str, allowed: Array | None) -> tuple[Array, Array]:
        rows, cosines = self.nearest_of_many(query[None], k, conditions)
        passing = rows[0] >= 0
        if allowed is not None:
            passing &= allowed[rows[0]]
        return _best(rows[0][passing], cosines[0][passing], k)

    def _fetched(self, rows: Array) -> Array:
        if len(rows) > _MOST_FETCHED:
            self.refuse()
        vectors = np.empty((len(rows), self.shape[1]), dtype=np.float32)
        wanted, places = np.unique(rows, return_inverse=True)
        unique = np.empty((len(wanted), self.shape[1]), dtype=np.float32)
        step = max(1, min(_MOST_NAMED, _FETCHED // (4 * self.shape[1])))
        for start in range(0, len(wanted), step):
            some = wanted[start : start + step]
            records = self.engine.ask("get", self.entry.collection, ids=some.tolist(), output_fields=["vector"])
            if len(records) != len(some):
                raise UserError(
                    _("The engine has lost vectors of {name}: push it to another engine.", name=self.entry.name)
                )
            unique[np.searchsorted(wanted, [each["row"] for each in records])] = [each["vector"] for each in records]
        vectors[:] = unique[places]
        return vectors

    def refuse(self, *_values: Any, **_named: Any) -> NoReturn:
        """Raise UserError: what is asked needs them all."""
        raise UserError(
            _(
                "This needs every vector of {name}, and the engine has them. Ask a model on this machine, or ask about "
                "fewer words.",
                name=self.entry.name + AT_ENGINE,
            )
        )

    __array__ = __matmul__ = __rmatmul__ = __mul__ = __rmul__ = __sub__ = __rsub__ = __truediv__ = __iter__ = refuse

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        self.refuse()


def _best(rows: Array, cosines: Array, k: int) -> tuple[Array, Array]:
    """The k highest; ties go to the lower row, as in the exact search."""
    order: Sequence[int] | Array = np.lexsort((rows, -cosines))[:k]
    return rows[order], cosines[order]
