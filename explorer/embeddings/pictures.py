"""Maps and graphs with all that is known of their words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, astuple, dataclass, fields
from typing import Any

from explorer.answers import Answer, Table, csv_text
from explorer.embeddings.graph import NeighbourGraph
from explorer.embeddings.map_words import MapWord, MapWords
from explorer.embeddings.projection import Projection

_KNOWN = tuple(field.name for field in fields(MapWord) if field.name != "word")


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
        words = {row.word: asdict(row) for row in self.drawn.rows}
        points = [words[point["word"]] | point for point in answer["points"]]
        return answer | {"centre": self.drawn.centre, "notes": list(self.drawn.sentences), "points": points}

    def csv_of(self, places: Collection[int]) -> str:
        """The rows of some of the words as CSV."""
        table = self.table()
        return csv_text(table.header, [table.rows[place] for place in places])

    def table(self) -> Table:
        """One row a word: where it lies, whether to trust that, and what is known of it."""
        table = self.projection.table()
        words = {row.word: astuple(row)[1:] for row in self.drawn.rows}
        return Table((*table.header, *_KNOWN), tuple((*row, *words[row[0]]) for row in table.rows))


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
        return self.drawn.sentences

    def as_json(self) -> dict[str, Any]:
        words = [asdict(row) for row in self.drawn.rows if row.word in self.graph.places]
        return self.graph.as_json() | {
            "centre": self.drawn.centre,
            "notes": list(self.drawn.sentences),
            "words": words,
        }

    def table(self) -> Table:
        """One row an edge."""
        return self.graph.table()
