"""How similar two words are, for one pair or many."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from explorer.answers import Answer, Table
from explorer.embeddings import as_high
from explorer.embeddings.bounds import MOST_PAIRS
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.percentiles import percentile
from explorer.embeddings.queries import Query, resolve
from explorer.embeddings.word_lists import cosine, is_unknown, notes
from explorer.errors import UserError, cut
from explorer.texts import _

_HINTED = 20  # unknown words of a batch that get suggestions, for finding them takes a while
_LINE_END = re.compile(r"\r\n?|\n")
_COLUMNS = re.compile(r"[\t,;]")


@dataclass(frozen=True)
class Pair(Answer):
    """Two words as the vocabulary has them, or phrases, and the cosine of their vectors, None where one of these is all
    zeros; `notes` say how they came."""

    model: str
    first: str
    second: str
    similarity: float | None
    notes: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        return self.model

    @property
    def sentences(self) -> tuple[str, ...]:
        return self.notes

    @property
    def rows(self) -> tuple[Compared, ...]:
        """The one row that a batch would have of it."""
        return (Compared(self.first, self.second, self.similarity, " ".join(self.notes)),)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def table(self) -> Table:
        return Table(("first", "second", "similarity"), ((self.first, self.second, self.similarity),))


@dataclass(frozen=True)
class Compared:
    """One pair of a batch: its cosine, or None; `note` says why there is none, or how the vectors came. `percentile` is
    the share (0 to 1) of so many `random_pairs` of words as frequent whose cosine is lower than that of two words."""

    first: str
    second: str
    similarity: float | None
    note: str = ""
    percentile: float | None = None
    random_pairs: int | None = None

    @property
    def above(self) -> str:
        """How many of so many random pairs are as high; empty where that is not known."""
        return "" if self.percentile is None else as_high.short(self.percentile, self.random_pairs or 0)


@dataclass(frozen=True)
class Batch(Answer):
    """Many pairs, in the order they were asked."""

    model: str
    rows: tuple[Compared, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """How vectors came that are not a word's own, each once."""
        return tuple(dict.fromkeys(row.note for row in self.rows if row.note and row.similarity is not None))

    @property
    def headline(self) -> str:
        return self.model

    def as_json(self) -> dict[str, Any]:
        return {"model": self.model, "pairs": [asdict(row) for row in self.rows]}

    def table(self) -> Table:
        """One row a pair."""
        rows = tuple((row.first, row.second, row.similarity, row.note, row.percentile) for row in self.rows)
        return Table(("first", "second", "similarity", "note", "percentile"), rows)

    def text_of(self, column: str, value: Any) -> str:
        if column == "percentile" and value is not None:
            return next(row.above for row in self.rows if row.percentile == value)
        return super().text_of(column, value)


def similarity(embedding: Embedding, first: str, second: str) -> Pair:
    """The cosine of what two words or phrases stand for, see `queries.resolve`, which says what it raises."""
    one, other = resolve(embedding, first), resolve(embedding, second)
    return Pair(embedding.name, one.label, other.label, cosine(one.vector, other.vector), notes((one, other)))


def similarities(embedding: Embedding, pairs: Sequence[tuple[str, str]]) -> Batch:
    """The similarity of each pair; one with an unknown word says so and stops no other.

    Raises UserError for no pairs and for more than 1,000.
    """
    if not pairs:
        raise UserError(_("There are no pairs: give one a line, such as king, queen."))
    if len(pairs) > MOST_PAIRS:
        raise UserError(
            _(
                "These are {pairs:,} pairs, but {most_pairs:,} can be asked at once: leave some out.",
                pairs=len(pairs),
                most_pairs=MOST_PAIRS,
            )
        )
    queries: dict[str, Query] = {}
    problems: dict[str, str] = {}
    for text in dict.fromkeys(side for pair in pairs for side in pair):
        try:
            if len(problems) >= _HINTED and is_unknown(embedding, text):
                problems[text] = _(
                    "“{asked}” is not among the {size:,} words of {name}.",
                    asked=text,
                    size=embedding.size,
                    name=embedding.name,
                )
            else:
                queries[text] = resolve(embedding, text)
        except UserError as error:
            problems[text] = str(error)

    def compared(first: str, second: str) -> Compared:
        if first in problems or second in problems:
            return Compared(first, second, None, problems.get(first) or problems[second])
        one, other = queries[first], queries[second]
        similarity = cosine(one.vector, other.vector)
        note = " ".join(notes((one, other)))
        if similarity is not None and {one.kind, other.kind} <= {"word", "variant"} and embedding.size > 1:
            among = percentile(embedding, one.label, other.label)
            return Compared(one.label, other.label, similarity, note, among.share, among.pairs)
        return Compared(one.label, other.label, similarity, note)

    return Batch(embedding.name, tuple(compared(*pair) for pair in pairs))


def read_pairs(text: str) -> list[tuple[str, str]]:
    """The pairs of a list with one a line: two words with a tab, a comma or a semicolon between them, or a space.

    Where a tab stands between them, words may hold the others, and spaces at their ends. Empty lines are passed over.
    Raises UserError with the number of a line that is no pair.
    """
    pairs = []
    for number, line in enumerate(_LINE_END.split(text), start=1):
        if not line.strip():
            continue
        if line.count("\t") == 1:
            fields = line.split("\t")
        elif _COLUMNS.search(line):
            fields = [field.strip() for field in _COLUMNS.split(line.strip())]
        else:
            fields = line.split()
        if len(fields) != 2 or not all(fields):
            echo = cut(line.strip())
            raise UserError(
                _(
                    "Line {number}, “{echo}”, is no pair: write two words with a comma between them.",
                    number=number,
                    echo=echo,
                )
            )
        pairs.append((fields[0], fields[1]))
    return pairs
