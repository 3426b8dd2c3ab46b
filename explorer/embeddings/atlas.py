"""The atlas of a model: one map of all its words, with clusters that have names.

It is computed once (`placing.py`) and kept beside the model, in `atlas.npz`. Clusters are nested: each of a finer level
lies within one of the level above. A cluster is called by those of its frequent words that lie nearest to its mean.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np

from explorer.embeddings import catalog
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.model_files import ATLAS
from explorer.errors import NotThere, UserError
from explorer.texts import _

REACH = 32_767  # a place is a pair of whole numbers from −REACH to REACH; on the outside they run from −1 to 1
NOWHERE = 65_535  # the cluster of a word whose vector is all zeros: it has no place
JUDGED = 10  # neighbours of a word by which its place is judged
DENSITIES = 10  # how many groups words are in, by how dense the map is around them
_CELLS, _BLUR = 256, 2.0  # cells of the map on a side, and how many of them count as around a word
_FAR = 9.0 * REACH  # further than any two places are apart
_DAMAGE = (OSError, ValueError, EOFError, KeyError, zlib.error)
LAYOUT = {
    "positions": ("int16", 2), "clusters": ("uint16", 1), "kept": ("uint8", 1),
    "levels": ("uint8", 1), "parents": ("int32", 1), "names": ("int32", 2), "made": ("int64", 1),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Atlas:
    """Where the N most frequent words of a model lie, and the C clusters there, the coarsest first.

    The finest clusters alone have words; a cluster of a coarser level has those of the clusters below it.
    """

    positions: Array  # (N, 2) int16
    clusters: Array  # (N,) uint16: the finest cluster of each word
    kept: Array  # (N,) uint8: how many of its JUDGED nearest on the map are among its JUDGED nearest in the space
    levels: Array  # (C,) uint8: 1 is the coarsest
    parents: Array  # (C,) int32: the cluster around each, −1 for the coarsest
    names: Array  # (C, 3) int32: rows of the words that name it, −1 where there are fewer
    made: Array  # (3,) int64: the checksum of the words, the perplexity, the seed

    @property
    def size(self) -> int:
        """N, how many words it has."""
        return len(self.positions)

    @property
    def placed(self) -> Array:
        """The rows of the words that have a place."""
        return np.flatnonzero(self.clusters != NOWHERE)

    def has(self, row: int) -> bool:
        """Whether the word of a row of the model has a place."""
        return row < self.size and bool(self.clusters[row] != NOWHERE)

    @property
    def depth(self) -> int:
        """How many levels of clusters there are."""
        return int(self.levels.max(initial=0))

    @property
    def true_neighbours(self) -> float:
        """How many of its JUDGED nearest on the map are true neighbours, for a word on average."""
        return float(self.kept[self.placed].mean())

    @cached_property
    def density(self) -> Array:
        """For each placed word how dense the map is around it: 0 for the tenth of the words where it is sparsest, 9
        for the tenth where it is densest, (placed,) uint8."""
        from scipy.ndimage import gaussian_filter  # which only who asks for it waits for

        places = (self.positions[self.placed].astype(np.float64) / REACH + 1) / 2  # (placed, 2), 0 to 1
        across, down = np.minimum((places * _CELLS).astype(int), _CELLS - 1).T
        cells = np.zeros((_CELLS, _CELLS))
        np.add.at(cells, (across, down), 1)
        around = gaussian_filter(cells, _BLUR)[across, down]
        return (np.argsort(np.argsort(around, kind="stable")) * DENSITIES // len(around)).astype(np.uint8)

    @cached_property
    def ancestry(self) -> Array:
        """For each cluster the one of each level that it lies in, itself among them, −1 below it: (C, levels)."""
        lines = np.full((len(self.levels), self.depth), -1, dtype=np.int32)
        for cluster, (level, parent) in enumerate(zip(self.levels.tolist(), self.parents.tolist(), strict=True)):
            if parent >= 0:  # which stands before it
                lines[cluster] = lines[parent]
            lines[cluster, level - 1] = cluster
        return lines

    @cached_property
    def members(self) -> tuple[Array, ...]:
        """The rows of each cluster's words, the most frequent first."""
        rows = self.placed
        lines = self.ancestry[self.clusters[rows]]  # (placed, levels)
        members = []
        for cluster, level in enumerate(self.levels.tolist()):
            members.append(rows[lines[:, level - 1] == cluster])
        return tuple(members)

    @cached_property
    def centres(self) -> Array:
        """Where the name of each cluster stands: on its word that is nearest to the median of all, (C, 2) int16."""
        centres = np.zeros((len(self.levels), 2), dtype=np.int16)
        for cluster, rows in enumerate(self.members):
            places = self.positions[rows].astype(np.float64)
            centres[cluster] = places[np.square(places - np.median(places, axis=0)).sum(axis=1).argmin()]
        return centres

    def colours_apart(self, count: int) -> dict[int, int]:
        """One of so many colours for each of the coarsest clusters, so that those beside each other differ: each takes
        the colour whose nearest owner is furthest away."""
        apart: dict[int, int] = {}

        def room(colour: int, cluster: int) -> float:
            owners = [other for other, taken in apart.items() if taken == colour]
            away = self.centres[owners].astype(np.float64) - self.centres[cluster]  # (owners, 2)
            return float(np.hypot(*away.T).min(initial=_FAR))

        for cluster in np.flatnonzero(self.levels == 1).tolist():
            apart[cluster] = max(range(count), key=lambda colour: room(colour, cluster))
        return apart

    def name(self, words: Sequence[str], cluster: int) -> str:
        """What a cluster is called."""
        return ", ".join(words[row] for row in self.names[cluster].tolist() if row >= 0)


def atlas_of(embedding: Embedding) -> Atlas:
    """The atlas that was computed for a model. Raises NotThere where there is none, UserError for one that is damaged
    or of other words."""
    if embedding.remote:
        embedding.remote.refuse()
    atlas = read_atlas(catalog.folder(embedding.name) / ATLAS)
    if atlas is None:
        raise NotThere(
            _(
                "{name} has no map of all its words yet. Compute it: `explorer project {name}`.",
                name=embedding.name,
            )
        )
    if atlas.size > embedding.size or int(atlas.made[0]) != checksum(embedding, atlas.size):
        raise UserError(
            _("{atlas} of {name} is of another vocabulary. Compute it anew.", atlas=ATLAS, name=embedding.name)
        )
    return atlas


def has_atlas(name: str) -> bool:
    """Whether a map of all words was computed for a model."""
    return name in catalog.names() and (catalog.folder(name) / ATLAS).exists()


def checksum(embedding: Embedding, size: int) -> int:
    """Of the first words of a model, by which an atlas knows that it is theirs."""
    known = _checksums.setdefault(embedding, {})
    if size not in known:
        known[size] = zlib.crc32("\n".join(embedding.words[:size]).encode())
    return known[size]


_checksums: WeakKeyDictionary[Embedding, dict[int, int]] = WeakKeyDictionary()


def read_atlas(path: Path) -> Atlas | None:
    """The atlas in a file; None where there is none. Raises UserError for one that cannot be read."""
    try:
        state = path.stat().st_mtime_ns
    except OSError:
        return None
    return _read(path, state)


@lru_cache(maxsize=8)
def _read(path: Path, state: int) -> Atlas:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            atlas = Atlas(**{name: arrays[name] for name in LAYOUT})
        _check(atlas)
    except _DAMAGE as error:
        reason = str(error).rstrip(".")
        raise UserError(
            _("The map {path} cannot be read: {reason}. Compute it anew, or delete it.", path=path, reason=reason)
        ) from error
    return atlas


def _check(atlas: Atlas) -> None:
    """Raises ValueError for arrays that `placing` would not have written."""
    for name, (dtype, axes) in LAYOUT.items():
        array = getattr(atlas, name)
        if array.dtype != dtype or array.ndim != axes:
            raise ValueError(_("{name} is not {dtype} with {axes} axes", name=name, dtype=dtype, axes=axes))
    words, count = len(atlas.positions), len(atlas.levels)
    shapes = {"positions": (words, 2), "clusters": (words,), "kept": (words,), "made": (3,)}
    shapes |= {"parents": (count,), "names": (count, 3)}
    if any(getattr(atlas, name).shape != shape for name, shape in shapes.items()) or not count:
        raise ValueError(_("its arrays do not go together"))
    own = np.arange(count)
    levels_above = np.where(atlas.parents >= 0, atlas.levels[np.maximum(atlas.parents, 0)], 0)
    if (
        (atlas.parents >= own).any()
        or (atlas.parents < -1).any()
        or (atlas.levels != levels_above + 1).any()
        or not (atlas.clusters != NOWHERE).any()
        or atlas.clusters[atlas.clusters != NOWHERE].max() >= count
        or not ((atlas.names >= -1) & (atlas.names < words)).all()
        or any(not len(rows) for rows in atlas.members)
    ):
        raise ValueError(_("its clusters do not go together"))
