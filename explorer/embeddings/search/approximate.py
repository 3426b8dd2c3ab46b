"""Approximate search: a graph of neighbours (HNSW: Malkov & Yashunin 2018, arXiv:1603.09320) in place of every row.

It pays above some hundred thousand words, needs `pip install faiss-cpu`, and is built once a model into the cache. It
knows cosines and no filters: whatever else is asked is searched exactly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from explorer.arrays import unit
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.search.exact import nearest_of_many
from explorer.errors import UserError
from explorer.files import whole
from explorer.texts import _

LINKS = 16  # M of the paper: links a node
WIDTH_BUILDING = 100  # candidates that are kept in view while building,
WIDTH = 128  # and while searching: the wider, the slower and the truer
PROBES = 200  # words on which the recall is measured
NEIGHBOURS = 10  # of each of them
_BLOCK = 5_000
_SEED = 1


@dataclass(frozen=True, eq=False)
class Approximate:
    """An index over the unit vectors of a model, and its recall: the share of the true 10 nearest that it finds."""

    index: Any  # faiss.IndexHNSWFlat
    recall: float

    def nearest(self, query: Array, k: int) -> tuple[Array, Array]:
        """About the k rows nearest to `query` (d,) by cosine, nearest first: rows (k,) and cosines (k,)."""
        rows, cosines = _search(self.index, query[None], k)
        places = rows[0] >= 0  # fewer than k may be found
        return rows[0][places], np.clip(cosines[0][places], -1, 1)


def build(embedding: Embedding, cache: Path, progress: Callable[[float], None] = lambda share: None) -> Approximate:
    """Build the index of a model, measure its recall and keep both in `cache`.

    `progress` is called with the fraction done (0 to 1). Raises UserError where faiss is not installed, or the
    cache cannot be written.
    """
    faiss = _faiss()
    index = faiss.IndexHNSWFlat(embedding.dimensions, LINKS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction, index.hnsw.efSearch = WIDTH_BUILDING, WIDTH
    for start in range(0, embedding.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        index.add(embedding.units(block))
        progress(min(1.0, (start + _BLOCK) / embedding.size))
    recall = measured_recall(embedding, index)
    path = _path(embedding, cache)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with whole(path) as draft:
            faiss.write_index(index, str(draft))
            path.with_suffix(".recall").write_text(repr(recall), encoding="ascii")
    except (OSError, RuntimeError) as error:
        raise UserError(
            _(
                "The index of {name} cannot be written to {cache}: {error}. Free some space.",
                name=embedding.name,
                cache=cache,
                error=error,
            )
        ) from error
    return Approximate(index, recall)


def opened(embedding: Embedding, cache: Path) -> Approximate | None:
    """The index of a model, mapped, or None where none has been built. Raises UserError for one that is damaged."""
    path = _path(embedding, cache)
    if not path.exists():
        return None
    faiss = _faiss()
    try:
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        return Approximate(index, float(path.with_suffix(".recall").read_text(encoding="ascii")))
    except (OSError, RuntimeError, ValueError) as error:
        raise UserError(
            _("The index {path} cannot be read: {error}. Delete it and build it anew.", path=path, error=error)
        ) from error


def measured_recall(embedding: Embedding, index: Any) -> float:
    """The share (0 to 1) of the true 10 nearest of random words that the index finds."""
    probes = np.random.default_rng(_SEED).choice(embedding.size, min(PROBES, embedding.size), replace=False)
    queries = np.asarray(embedding.vectors[np.sort(probes)])
    k = max(1, min(NEIGHBOURS, int(np.count_nonzero(embedding.inverse_norms))))  # rows of zeros are near to nothing
    true, _ = nearest_of_many(embedding.vectors, embedding.inverse_norms, queries, k)
    rows, _ = _search(index, queries, k)
    return float(np.mean([len(set(t) & set(f)) / k for t, f in zip(true.tolist(), rows.tolist(), strict=True)]))


def _search(index: Any, queries: Array, k: int) -> tuple[Array, Array]:
    cosines, rows = index.search(np.ascontiguousarray(unit(queries), dtype=np.float32), k)
    return rows, cosines


def _path(embedding: Embedding, cache: Path) -> Path:
    """Named after the model and the state of its vectors, so that other vectors have another index."""
    if embedding not in _states:
        settings = (embedding.vectors.shape, LINKS, WIDTH_BUILDING, WIDTH)
        own = repr(settings).encode() + embedding.inverse_norms.tobytes()
        _states[embedding] = hashlib.sha256(own).hexdigest()[:12]
    return cache / f"{embedding.name}-{_states[embedding]}.hnsw"


_states: WeakKeyDictionary[Embedding, str] = WeakKeyDictionary()


def _faiss() -> Any:
    try:
        import faiss
    except ImportError:
        raise UserError(_("The approximate index needs faiss: pip install faiss-cpu.")) from None
    faiss.omp_set_num_threads(1)  # on a shared machine, threads that wait for each other take longer
    return faiss
