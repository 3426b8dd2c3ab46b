"""The atlas of a model: one map of all its words, with clusters that have names.

It is computed once (`placing.py`) and kept beside the model, in `atlas.npz`. Clusters are nested: each of a finer level
lies within one of the level above. A cluster is called by those of its frequent words that lie nearest to its mean.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from explorer import notebook
from explorer.answers import Answer, Table
from explorer.embeddings import catalog
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.map_words import MapWords, described
from explorer.embeddings.model_files import ATLAS
from explorer.errors import NotThere, UserError, named
from explorer.html_map import Point, drawing
from explorer.palette import PARTS_OF_SPEECH, QUIET
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.embeddings.turning import Turn

REACH = 32_767  # a place is a pair of whole numbers from −REACH to REACH; on the outside they run from −1 to 1
NOWHERE = 65_535  # the cluster of a word whose vector is all zeros: it has no place
JUDGED = 10  # neighbours of a word by which its place is judged
_PICTURED = 40  # words of a picture in a notebook
DENSITIES = 10  # how many groups words are in, by how dense the map is around them
_CELLS, _BLUR = 256, 2.0  # cells of the map on a side, and how many of them count as around a word
_ASKED = 10  # neighbours by which a word that is not on the map finds its place
_FAR = 9.0 * REACH  # further than any two places are apart
_IN_SIGHT = 0.6  # share of the words that are in sight around the asked one
_LEAST_ZOOM, _MOST_ZOOM = 5.0, 40.0  # of that view
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


@dataclass(frozen=True)
class Cluster:
    """A cluster of the map: `number` and `parent` are places in the list of all; `level` 1 is the coarsest."""

    number: int
    level: int
    parent: int | None
    name: str
    words: int
    x: float
    y: float


@dataclass(frozen=True, eq=False)
class AtlasPart(Answer):
    """Words on the map of all words of a model, and the clusters of that map. Places run from −1 to 1, upwards.

    With a `turn` the map is turned to lie over the one of another model.
    """

    most_listed = 30

    embedding: Embedding
    atlas: Atlas
    drawn: MapWords
    turn: Turn | None = None

    @property
    def headline(self) -> str:
        return _(
            "{model} · {words:,} words in {clusters:,} clusters of {levels} levels",
            model=self.embedding.name,
            words=len(self.atlas.placed),
            clusters=len(self.atlas.levels),
            levels=self.atlas.depth,
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        judged = _(
            "Of the {k} words nearest to a word on this map, {true:.1f} are among its {k} nearest in the model, on "
            "average. So the map is a hint: to be sure, ask for the neighbours of a word.",
            k=JUDGED,
            true=self.atlas.true_neighbours,
        )
        return (*self.drawn.sentences, *([self.turn.sentence] if self.turn else []), judged)

    @cached_property
    def rows(self) -> Array:
        """The rows of the words."""
        return np.array(self.embedding.rows_of(self.drawn.words), dtype=np.int64)

    @property
    def places(self) -> list[tuple[float, float]]:
        """Where the words are."""
        return self._places_of(self.atlas.positions[self.rows])

    def turned(self, positions: Array) -> Array:
        """Where positions (n, 2) of the atlas lie here, which may be turned over another map: (n, 2) float64."""
        places: Array = positions / REACH
        return places @ self.turn.matrix if self.turn else places

    def _places_of(self, positions: Array) -> list[tuple[float, float]]:
        return [(x, y) for x, y in np.round(self.turned(positions), 4).tolist()]

    @property
    def centre_place(self) -> tuple[float, float] | None:
        """Where the asked word is; one that is not on the map, where most of its neighbours are."""
        words, places = self.drawn.words, self.places
        if self.drawn.centre is None or not words:
            return None
        return places[words.index(self.drawn.centre)] if self.drawn.centre in words else _medoid(places[:_ASKED])

    @property
    def around(self) -> tuple[float, float, float] | None:
        """The middle and the zoom of a view of the asked word in which most of the other words can be seen; at zoom 1
        the whole map can. None without an asked word."""
        place = self.centre_place
        if place is None:
            return None
        reaches = sorted(np.hypot(*(np.array(self.places) - place).T).tolist())
        reach = max(0.01, reaches[int(_IN_SIGHT * len(reaches))])
        return *place, min(_MOST_ZOOM, max(_LEAST_ZOOM, 0.7 / reach))

    @cached_property
    def clusters(self) -> tuple[Cluster, ...]:
        """All clusters of the map, the coarsest first."""
        atlas = self.atlas
        words, centres = self.embedding.words, self._places_of(atlas.centres)
        levels, parents = atlas.levels.tolist(), atlas.parents.tolist()
        return tuple(
            Cluster(number, level, parent if parent >= 0 else None, atlas.name(words, number), len(rows), *centre)
            for number, (level, parent, rows, centre) in enumerate(
                zip(levels, parents, atlas.members, centres, strict=True)
            )
        )

    def as_json(self) -> dict[str, Any]:
        finest, kept = self.atlas.clusters[self.rows].tolist(), self.atlas.kept[self.rows].tolist()
        place = self.centre_place
        return {
            "model": self.embedding.name,
            "method": "t-sne",
            "perplexity": int(self.atlas.made[1]),
            "seed": int(self.atlas.made[2]),
            "k": JUDGED,
            "true_neighbours": self.atlas.true_neighbours,
            "over": self.turn.over if self.turn else None,
            "centre": {"word": self.drawn.centre, "x": place[0], "y": place[1]} if place else None,
            "notes": list(self.sentences),
            "clusters": [asdict(cluster) for cluster in self.clusters],
            "points": [
                {**point.as_json(), "x": x, "y": y, "cluster": cluster, "true_neighbours": true}
                for point, (x, y), cluster, true in zip(self.drawn.rows, self.places, finest, kept, strict=True)
            ],
        }

    def as_html(self) -> str:
        """The largest clusters and the first words as a picture, and the rows behind a line to open."""
        names = [Point(each.name, each.x, each.y, QUIET, hollow=True) for each in self.clusters if each.level == 1]
        lit = zip(self.drawn.rows[:_PICTURED], self.places[:_PICTURED], strict=True)
        words = [
            Point(row.word, *place, PARTS_OF_SPEECH.get(row.pos, PARTS_OF_SPEECH["other"]), row.pos)
            for row, place in lit
        ]
        return drawing([*words, *names], (), self.headline) + notebook.folded(_("Rows"), super().as_html())

    def table(self) -> Table:
        """One row a word: where it lies, in which cluster of each level, how many of its neighbours there are true."""
        lines = self.atlas.ancestry[self.atlas.clusters[self.rows]].tolist()
        kept = self.atlas.kept[self.rows].tolist()
        named_levels = tuple(f"cluster_{level}" for level in range(1, self.atlas.depth + 1))
        header = ("word", "x", "y", *named_levels, "true_neighbours", "pos", "count")
        points = zip(self.drawn.rows, self.places, lines, kept, strict=True)
        clusters = [cluster.name for cluster in self.clusters]
        return Table(
            header,
            tuple(
                (point.word, x, y, *(clusters[each] for each in line), true, point.pos, point.count)
                for point, (x, y), line, true in points
            ),
        )


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


def atlas_part(embedding: Embedding, words: MapWords | None = None, over: Embedding | None = None) -> AtlasPart:
    """These words on the map of all, or every one that it has; turned to lie over the map of another model where one is
    given. Raises UserError as `atlas_of` and `turning.turn` do."""
    from explorer.embeddings.turning import turn  # which needs atlases

    atlas, turned = atlas_of(embedding), turn(embedding, over) if over else None
    if words is None:
        return AtlasPart(embedding, atlas, MapWords(described(embedding, atlas.placed.tolist())), turned)
    inside = tuple(row for row in words.rows if atlas.has(embedding.rows[row.word]))
    if len(inside) == len(words.rows):
        return AtlasPart(embedding, atlas, words, turned)
    lost = named([row.word for row in words.rows if row not in inside])
    sentence = _("These words have no place on the map: {names}.", names=lost)
    return AtlasPart(embedding, atlas, MapWords(inside, words.centre, (*words.sentences, sentence)), turned)


def _medoid(places: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The place that has the others nearest: of some that are scattered, it lies where most of them are."""
    at = np.array(places)
    distances = np.sqrt(np.square(at[:, None] - at[None]).sum(axis=2))
    return places[int(distances.sum(axis=1).argmin())]
