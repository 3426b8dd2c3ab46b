"""Maps and graphs with all that is known of their words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from html import escape
from typing import Any

from explorer.answers import Answer, Table, csv_text
from explorer.embeddings.graph import NeighbourGraph
from explorer.embeddings.label_sides import SMALL, label_sides
from explorer.embeddings.map_words import MapWord, MapWords
from explorer.embeddings.projection import TRUSTED, Projection
from explorer.palette import PARTS_OF_SPEECH
from explorer.texts import _
from explorer.writing import notebook
from explorer.writing.html_map import Line, Point, drawing

_KNOWN = tuple(field.name for field in fields(MapWord) if field.name not in ("word", "columns"))


@dataclass(frozen=True)
class Place:
    """Where a word is drawn, and the one of SIDES at which its label covers the least."""

    word: str
    x: float
    y: float
    side: str


@dataclass(frozen=True, eq=False)
class WordMap(Answer):
    """A projection, and the words that it shows."""

    most_listed = 30

    projection: Projection
    drawn: MapWords

    @property
    def headline(self) -> str:
        return self.projection.headline

    @property
    def sentences(self) -> tuple[str, ...]:
        return (*self.drawn.sentences, *self.projection.sentences)

    def as_json(self) -> dict[str, Any]:
        answer = self.projection.as_json()
        words = {row.word: row.as_json() for row in self.drawn.rows}
        points = [words[point["word"]] | point for point in answer["points"]]
        return answer | {"centre": self.drawn.centre, "notes": list(self.drawn.sentences), "points": points}

    @property
    def places(self) -> tuple[Place, ...]:
        """The words on the first two axes, from 0 to 1 and to the bottom right, with one scale for both."""
        at = self.projection.coordinates[:, :2]
        low, high = at.min(axis=0), at.max(axis=0)
        x, y = ((at - (low + high) / 2) / (float((high - low).max()) or 1.0)).T
        words = self.projection.words
        sides = label_sides(at, words, square=True, area=SMALL)
        return tuple(
            Place(word, round(0.5 + right, 4), round(0.5 - up, 4), side)
            for word, right, up, side in zip(words, x.tolist(), y.tolist(), sides, strict=True)
        )

    def csv_of(self, places: Collection[int]) -> str:
        """The rows of some of the words as CSV."""
        table = self.table()
        return csv_text(table.header, [table.rows[place] for place in places])

    def table(self) -> Table:
        """One row a word: where it lies, whether to trust that, and what is known of it."""
        table = self.projection.table()
        words = {row.word: (*(getattr(row, name) for name in _KNOWN), *row.columns.values()) for row in self.drawn.rows}
        header = (*table.header, *_KNOWN, *self.drawn.columns)
        return Table(header, tuple((*row, *words[row[0]]) for row in table.rows))

    def as_html(self) -> str:
        """The first two axes as a picture, and the rows behind a line to open."""
        shares = self.projection.kept.tolist()
        words = {row.word: row for row in self.drawn.rows}
        points = [
            _point(
                words[word],
                at,
                self.drawn.centre,
                _(
                    "{share:.0f} of its {k} nearest on the map are true",
                    share=share * self.projection.k,
                    k=self.projection.k,
                ),
                hollow=share < TRUSTED,
            )
            for word, at, share in zip(self.projection.words, self.projection.coordinates.tolist(), shares, strict=True)
        ]
        more = [Point(_("fewer than half of its nearest words are true"), 0, 0, PARTS_OF_SPEECH["other"], hollow=True)]
        legend = _legend(self.drawn, points) + more * any(point.hollow for point in points)
        picture = drawing(points, (), self.headline, legend)
        if self.projection.coordinates.shape[1] > 2:
            beyond = _("The third axis stands in the rows alone.")
            picture += f'<p class="quiet">{escape(beyond)}</p>'
        return picture + notebook.folded(_("Rows"), super().as_html())


@dataclass(frozen=True, eq=False)
class WordGraph(Answer):
    """A graph of neighbours, and its words."""

    most_listed = 30

    graph: NeighbourGraph
    drawn: MapWords

    @property
    def headline(self) -> str:
        return self.graph.headline

    @property
    def sentences(self) -> tuple[str, ...]:
        return (*self.drawn.sentences, *self.graph.sentences)

    def as_json(self) -> dict[str, Any]:
        words = [row.as_json() for row in self.drawn.rows if row.word in self.graph.places]
        return self.graph.as_json() | {
            "centre": self.drawn.centre,
            "notes": list(self.sentences),
            "words": words,
        }

    def table(self) -> Table:
        """One row an edge."""
        return self.graph.table()

    def as_html(self) -> str:
        """The graph as a picture, and its edges behind a line to open."""
        degrees = self.graph.degrees
        points = [
            _point(row, self.graph.places[row.word], self.drawn.centre, _("{degrees} edges", degrees=degrees[row.word]))
            for row in self.drawn.rows
            if row.word in self.graph.places
        ]
        numbers = {point.word: number for number, point in enumerate(points)}
        least = min((edge.similarity for edge in self.graph.edges), default=0.0)
        lines = [
            Line(numbers[edge.first], numbers[edge.second], (edge.similarity - least) / max(1 - least, 1e-9))
            for edge in self.graph.edges
        ]
        picture = drawing(points, lines, self.headline, _legend(self.drawn, points))
        return picture + notebook.folded(_("Edges"), super().as_html())


def _point(row: MapWord, at: Sequence[float], centre: str | None, about: str, hollow: bool = False) -> Point:
    return Point(row.word, at[0], at[1], _colour(row), about, hollow, is_centre=row.word == centre)


def _colour(row: MapWord) -> tuple[str, str]:
    """The colour of its part of speech."""
    return PARTS_OF_SPEECH.get(row.pos, PARTS_OF_SPEECH["other"])


def _legend(words: MapWords, points: Sequence[Point]) -> list[Point]:
    """The parts of speech of the points, in the palette's order."""
    their = {row.pos if row.pos in PARTS_OF_SPEECH else "other" for row in words.rows}
    return [Point(name, 0, 0, colour) for name, colour in PARTS_OF_SPEECH.items() if name in their] * bool(points)
