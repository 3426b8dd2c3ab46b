"""Words on the map of all words of a model: the answer to where they lie, and among which clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from explorer.answers import Answer, Table
from explorer.embeddings.atlas import JUDGED, REACH, Atlas, atlas_of
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.map_words import MapWords, described
from explorer.embeddings.turning import Turn, turn
from explorer.errors import named
from explorer.palette import PARTS_OF_SPEECH, QUIET
from explorer.texts import _
from explorer.writing import notebook
from explorer.writing.html_map import Point, drawing

_PICTURED = 40  # words of a picture in a notebook
_ASKED = 10  # neighbours by which a word that is not on the map finds its place
_IN_SIGHT = 0.6  # share of the words that are in sight around the asked one
_LEAST_ZOOM, _MOST_ZOOM = 5.0, 40.0  # of that view


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
            "average. Treat the map as a hint: to be sure, ask for the neighbours of a word.",
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


def atlas_part(embedding: Embedding, words: MapWords | None = None, over: Embedding | None = None) -> AtlasPart:
    """These words on the map of all, or every one that it has; turned to lie over the map of another model where one is
    given. Raises UserError as `atlas_of` and `turning.turn` do."""
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
