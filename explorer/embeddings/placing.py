"""Computes the map of all words of a model, and the clusters on it.

Words are placed by t-SNE (van der Maaten & Hinton 2008, with the interpolation of Linderman et al. 2019) from their
exact nearest neighbours by cosine. It begins from the first two principal components, so that regions keep their places
(Kobak & Berens 2019), and ends with a little exaggeration, which sets groups apart.

Small patches of the map, which k-means finds, are joined by Ward's method on the mean vectors of their words, but only
with patches beside them. So a cluster is one piece of the map, and its words are near in the space as well.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.spatial import Delaunay, QhullError, cKDTree
from sklearn.cluster import AgglomerativeClustering, MiniBatchKMeans
from sklearn.decomposition import PCA

from explorer.embeddings import catalog
from explorer.embeddings.atlas import JUDGED, LAYOUT, NOWHERE, REACH, Atlas, checksum
from explorer.embeddings.bounds import FEWEST_PLACED, MOST_PLACED
from explorer.embeddings.cluster_names import cluster_names
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.model_files import ATLAS
from explorer.embeddings.search.exact import nearest_of_each
from explorer.errors import UserError
from explorer.files import write_file
from explorer.texts import _n

Progress = Callable[[str, float], None]

_LEVELS = (16, 90, 450)  # how many clusters each level has, of a model with words for so many
_PATCH = 50  # words of a patch, on average
_MOST_PATCHES = 1_500
_FEWEST_WORDS = 12  # of a cluster, on average
_DIRECTIONS = 50  # principal components by which patches are compared
_EARLY, _LATE = 250, 500  # iterations with strong exaggeration, and after it
_EXAGGERATION = 1.5
_EVERY = 5  # iterations between two reports
_BLOCK = 512  # words whose distances to their neighbours are computed at once
_SHARES = {"neighbours": 0.3, "placing": 0.65, "clustering": 0.05}  # of the time that each part takes


@dataclass(frozen=True, eq=False)
class _Space:
    """The unit vectors of the words that have a direction, and the rows of these words."""

    rows: Array  # (n,)
    units: Array  # (n, d) float32


def place_all(
    embedding: Embedding, perplexity: int, seed: int, progress: Progress = lambda doing, share: None
) -> Atlas:
    """Compute the atlas of a model; the same seed gives the same map. An exception raised by `progress` stops it.

    Raises UserError for a model of too few words.
    """
    size = min(embedding.size, MOST_PLACED)
    rows = np.flatnonzero(embedding.inverse_norms[:size])
    if len(rows) < FEWEST_PLACED:
        raise UserError(
            _n(
                "{name} has {count:,} word with a vector, but a map of all words needs {fewest:,}.",
                "{name} has {count:,} words with a vector, but a map of all words needs {fewest:,}.",
                len(rows),
                name=embedding.name,
                fewest=FEWEST_PLACED,
            )
        )
    space = _Space(rows, np.ascontiguousarray(embedding.units(rows)))

    def tell(part: str, share: float) -> None:
        parts = list(_SHARES)
        before = sum(_SHARES[each] for each in parts[: parts.index(part)])
        progress(part, before + share * _SHARES[part])

    k = max(JUDGED, min(3 * perplexity, (len(rows) - 1) // 2))
    near = nearest_of_each(
        space.units, np.ones(len(rows), np.float32), k, lambda share: tell("neighbours", share)
    )  # (n, k)
    places = _whole_numbers(_placed(space, near, perplexity, seed, lambda share: tell("placing", share)))  # (n, 2)
    tell("clustering", 0)
    levels, parents, labels = _clusters(space, places, seed)
    tell("clustering", 0.7)
    names = cluster_names(embedding, space.rows, space.units, labels, levels, parents)
    atlas = Atlas(
        positions=_of_all(places, size, rows, 0),
        clusters=_of_all(labels.astype(np.uint16), size, rows, NOWHERE),
        kept=_of_all(_kept(places, near), size, rows, 0),
        levels=levels,
        parents=parents,
        names=names,
        made=np.array([checksum(embedding, size), perplexity, seed], dtype=np.int64),
    )
    progress("clustering", 1)
    return atlas


def write_atlas(embedding: Embedding, atlas: Atlas) -> int:
    """Keep an atlas beside its model; how many bytes it takes. Raises UserError where it cannot be written."""
    content = io.BytesIO()
    np.savez_compressed(content, **{name: getattr(atlas, name) for name in LAYOUT})
    write_file(catalog.folder(embedding.name) / ATLAS, content.getvalue())
    return len(content.getvalue())


def _of_all(values: Array, size: int, rows: Array, otherwise: int) -> Array:
    """Values of some rows as values of all rows."""
    whole = np.full((size, *values.shape[1:]), otherwise, dtype=values.dtype)
    whole[rows] = values
    return whole


def _placed(space: _Space, near: Array, perplexity: int, seed: int, progress: Callable[[float], None]) -> Array:
    """Where t-SNE puts the words, (n, 2)."""
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    units = space.units
    distances = np.empty(near.shape)
    for start in range(0, len(units), _BLOCK):
        block = slice(start, start + _BLOCK)
        distances[block] = 1 - np.einsum("qd,qkd->qk", units[block], units[near[block]])
    affinities = PerplexityBasedNN(
        perplexity=min(perplexity, near.shape[1] / 3),
        knn_index=PrecomputedNeighbors(near, np.maximum(distances, 0)),
        n_jobs=1,
        random_state=seed,
    )
    start_places = PCA(2, svd_solver="randomized", random_state=seed).fit_transform(units)
    start_places *= 1e-4 / (start_places[:, 0].std() or 1)
    done = 0

    def report(_iteration: int, _error: float, _places: Array) -> None:
        nonlocal done
        done += _EVERY
        progress(min(1.0, done / (_EARLY + _LATE)))

    t_sne = TSNEEmbedding(
        start_places.astype(np.float64),
        affinities,
        negative_gradient_method="fft",
        ints_in_interval=2,  # a grid half as fine: five times as fast, and the gradient differs by less than 1%
        n_jobs=1,
        random_state=seed,
        callbacks=report,
        callbacks_every_iters=_EVERY,
    )
    for iterations, exaggeration, momentum in ((_EARLY, 12, 0.5), (_LATE, _EXAGGERATION, 0.8)):
        t_sne = t_sne.optimize(iterations, exaggeration=exaggeration, momentum=momentum, propagate_exception=True)
    return np.asarray(t_sne, dtype=np.float64)


def _whole_numbers(places: Array) -> Array:
    """The places as whole numbers from −REACH to REACH, with one scale for both axes: (n, 2) int16."""
    low, high = places.min(axis=0), places.max(axis=0)
    scale = 2 * REACH / (float((high - low).max()) or 1.0)
    whole: Array = np.round((places - (low + high) / 2) * scale).astype(np.int16)
    return whole


def _clusters(space: _Space, places: Array, seed: int) -> tuple[Array, Array, Array]:
    """The level of each cluster (C,) uint8, the cluster around it (C,) int32, and the finest one of each word (n,)."""
    count = max(2, min(_MOST_PATCHES, len(places) // _PATCH))
    means = MiniBatchKMeans(count, random_state=seed, n_init=3, batch_size=10_000).fit(places.astype(np.float64))
    _used, patches = np.unique(means.labels_, return_inverse=True)
    count = len(_used)
    directions = PCA(min(_DIRECTIONS, *space.units.shape), svd_solver="randomized", random_state=seed)
    described = directions.fit_transform(space.units)
    members = coo_matrix((np.ones(len(patches)), (patches, np.arange(len(patches)))), shape=(count, len(patches)))
    sizes = np.bincount(patches, minlength=count)
    vectors = (members @ described) / sizes[:, None]
    centres = (members @ places.astype(np.float64)) / sizes[:, None]
    merges = (
        AgglomerativeClustering(n_clusters=1, linkage="ward", connectivity=_beside(centres), compute_full_tree=True)
        .fit(vectors)
        .children_
    )
    wanted = [min(level, max(1, len(places) // _FEWEST_WORDS), count) for level in _LEVELS]
    cuts = [_cut(merges, count, level) for level in dict.fromkeys(wanted)]
    levels, parents, first = [], [], 0
    for level, cut in enumerate(cuts, start=1):
        above = cuts[level - 2] if level > 1 else None
        for number in range(cut.max() + 1):
            levels.append(level)
            parents.append(-1 if above is None else first + int(above[np.argmax(cut == number)]))
        if above is not None:
            first += int(above.max()) + 1
    return np.array(levels, np.uint8), np.array(parents, np.int32), len(levels) - cuts[-1].max() - 1 + cuts[-1][patches]


def _beside(centres: Array) -> coo_matrix:
    """Which patches touch each other: the edges of the Delaunay triangulation of their centres."""
    count = len(centres)
    try:
        triangles = Delaunay(centres).simplices
    except (QhullError, ValueError):  # too few of them, or all on one line
        return coo_matrix(np.ones((count, count)))
    ends = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    return coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(count, count))


def _cut(merges: Array, count: int, clusters: int) -> Array:
    """The cluster of each patch (count,) after so many of the merges that there are that many clusters."""
    root = np.arange(count + len(merges))
    for number, pair in enumerate(merges[: count - clusters], start=count):
        root[pair] = number
    for number in range(len(root) - 1, -1, -1):  # what a merge made stands behind what it merged
        root[number] = root[root[number]]
    _roots, cut = np.unique(root[:count], return_inverse=True)
    return cut


def _kept(places: Array, near: Array) -> Array:
    """How many of the JUDGED nearest of each word on the map are among its JUDGED nearest in the space, (n,) uint8."""
    tree = cKDTree(places)
    _distances, beside = tree.query(places, JUDGED + 1)
    themselves = beside == np.arange(len(places))[:, None]
    others = np.take_along_axis(beside, np.argsort(themselves, axis=1, kind="stable")[:, :JUDGED], axis=1)
    true = (others[:, :, None] == near[:, None, :JUDGED]).any(axis=2)
    count: Array = true.sum(axis=1).astype(np.uint8)
    return count
