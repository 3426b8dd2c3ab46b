"""Approximate search: of the most likely words the cosines, in place of those of all words.

The vectors are turned into the directions in which they differ most, cut there, parted into cells (IVF) and coded with
four bits for each number (product quantisation: Jégou, Douze & Schmid 2011; in registers: André, Kermarrec & Le
Scouarnec 2015). The cells nearest to a query are looked through by their codes; of what seems nearest, the model's own
vectors decide. A graph of neighbours (HNSW) takes longer to build, and holds all vectors again; what was measured is in
docs/benchmarks.md.

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

DIRECTIONS = 160  # that are kept
CELLS = 1.6  # times the square root of the number of words
PROBED = 96  # cells that are looked through
CANDIDATES = 300  # whose true cosines are computed, or four times as many as are asked for
TRAINING = 100_000  # words by which cells and codes are chosen
FEWEST_WORDS = 256  # for less, there is nothing to choose
PROBES = 200  # words on which the recall is measured
NEIGHBOURS = 10  # of each of them
_BLOCK = 5_000
_SEED = 1


@dataclass(frozen=True, eq=False)
class Approximate:
    """An index over the unit vectors of a model, and its recall: the share of the true 10 nearest that it finds."""

    embedding: Embedding
    index: Any  # faiss.IndexPreTransform
    recall: float = 0.0

    def nearest(self, query: Array, k: int) -> tuple[Array, Array]:
        """About the k rows nearest to `query` (d,) by cosine, nearest first: rows (k,) and cosines (k,)."""
        direction = np.ascontiguousarray(unit(query), dtype=np.float32)  # (d,)
        _closeness, found = self.index.search(direction[None], min(max(CANDIDATES, 4 * k), self.embedding.size))
        rows = np.sort(found[0][found[0] >= 0])  # fewer may be found
        cosines = self.embedding.units(rows) @ direction
        best = np.argsort(-cosines, kind="stable")[:k]
        return rows[best], np.clip(cosines[best], -1, 1)


def build(embedding: Embedding, cache: Path, progress: Callable[[float], None] = lambda share: None) -> Approximate:
    """Build the index of a model, measure its recall and keep both in `cache`.

    `progress` is called with the fraction done (0 to 1): half of it is choosing cells and codes. Raises UserError where
    faiss is not installed, or the cache cannot be written.
    """
    faiss = _faiss()
    index = _empty(embedding, faiss)
    progress(0.5)
    for start in range(0, embedding.size, _BLOCK):
        index.add(embedding.units(slice(start, start + _BLOCK)))
        progress(min(1.0, 0.5 + 0.5 * (start + _BLOCK) / embedding.size))
    recall = measured_recall(Approximate(embedding, index))
    path = _path(embedding, cache)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with whole(path.with_suffix(".recall")) as draft:  # before the index, which never stands without it
            draft.write_text(repr(recall), encoding="ascii")
        with whole(path) as draft:
            faiss.write_index(index, str(draft))
    except (OSError, RuntimeError) as error:
        raise UserError(
            _(
                "The index of {name} cannot be written to {cache}: {error}. Free some space.",
                name=embedding.name,
                cache=cache,
                error=error,
            )
        ) from error
    return Approximate(embedding, index, recall)


def _empty(embedding: Embedding, faiss: Any) -> Any:
    """The index without the words, of which some chose its directions, cells and codes."""
    d, size = embedding.dimensions, embedding.size
    chosen = np.random.default_rng(_SEED).choice(size, min(TRAINING, size), replace=False)
    sample = embedding.units(np.sort(chosen))  # (n, d)
    _lengths, directions = np.linalg.eigh(sample.T @ sample)  # the last has most of the lengths
    turned = min(DIRECTIONS, d)
    turning = faiss.LinearTransform(d, turned, False)
    faiss.copy_array_to_vector(np.ascontiguousarray(directions[:, ::-1][:, :turned].T).ravel(), turning.A)
    turning.is_trained = True
    if size < FEWEST_WORDS:
        return faiss.IndexPreTransform(turning, faiss.IndexFlatIP(turned))
    cells = int(CELLS * size**0.5)
    index = faiss.index_factory(turned, f"IVF{cells},PQ{turned}x4fs", faiss.METRIC_INNER_PRODUCT)
    index.cp.min_points_per_centroid = index.pq.cp.min_points_per_centroid = 1
    index.nprobe = PROBED
    whole_index = faiss.IndexPreTransform(turning, index)
    whole_index.train(sample)
    return whole_index


def opened(embedding: Embedding, cache: Path) -> Approximate | None:
    """The index of a model, read into memory, or None where none has been built. Raises UserError for a damaged one."""
    path = _path(embedding, cache)
    if not path.exists():
        return None
    faiss = _faiss()
    try:
        index = faiss.read_index(str(path))
        return Approximate(embedding, index, float(path.with_suffix(".recall").read_text(encoding="ascii")))
    except (OSError, RuntimeError, ValueError) as error:
        raise UserError(
            _("The index {path} cannot be read: {error}. Delete it and build it anew.", path=path, error=error)
        ) from error


def measured_recall(index: Approximate) -> float:
    """The share (0 to 1) of the true 10 nearest of random words that the index finds."""
    embedding = index.embedding
    probes = np.random.default_rng(_SEED).choice(embedding.size, min(PROBES, embedding.size), replace=False)
    queries = np.asarray(embedding.vectors[np.sort(probes)])
    k = max(1, min(NEIGHBOURS, int(np.count_nonzero(embedding.inverse_norms))))  # rows of zeros are near to nothing
    true, _ = nearest_of_many(embedding.vectors, embedding.inverse_norms, queries, k)
    rows = [index.nearest(query, k)[0].tolist() for query in queries]
    return float(np.mean([len(set(t) & set(f)) / k for t, f in zip(true.tolist(), rows, strict=True)]))


def _path(embedding: Embedding, cache: Path) -> Path:
    """Named after the model and the state of its vectors, so that other vectors have another index."""
    if embedding not in _states:
        settings = (embedding.vectors.shape, DIRECTIONS, CELLS, PROBED, TRAINING)
        own = repr(settings).encode() + embedding.inverse_norms.tobytes()
        _states[embedding] = hashlib.sha256(own).hexdigest()[:12]
    return cache / f"{embedding.name}-{_states[embedding]}.ivf"


_states: WeakKeyDictionary[Embedding, str] = WeakKeyDictionary()


def _faiss() -> Any:
    try:
        import faiss
    except ImportError:
        raise UserError(_("The approximate index needs faiss: pip install faiss-cpu.")) from None
    faiss.omp_set_num_threads(1)  # on a shared machine, threads that wait for each other take longer
    return faiss
